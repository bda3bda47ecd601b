"""The committed sample report tells the story that its three weeks were written for."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "reports/sample"
MODELS = {"encoder": "encoder.safetensors", "sentiment": "encoder.safetensors", "mapping": "mapping.json"}
NAMES = {
    "en": {"encoder": "encoder", "sentiment": "sentiment", "mapping": "mapping", "shipped": "shipped"},
    "fr": {"encoder": "encodeur", "sentiment": "sentiment", "mapping": "rattachement", "shipped": "fourni"},
}


class Blocks(HTMLParser):
    """The touchpoints that each block of the first screen links to, in order, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.linked: dict[str, list[str]] = {}
        self.kind: str | None = None
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "section":
            kind = re.fullmatch(r"block (\w+)", given.get("class") or "")
            self.kind = kind[1] if kind else None
            if self.kind:
                self.linked[self.kind] = []
        elif tag == "a" and self.kind:
            self.linked[self.kind].append((given.get("href") or "").removeprefix("#at-"))

    def handle_endtag(self, tag):
        if tag == "section":
            self.kind = None

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module", params=["en", "fr"])
def sample(request):
    return request.param, Blocks((SAMPLE / f"report.{request.param}.html").read_text(encoding="utf-8"))


def test_the_first_screen_tells_the_story(sample):
    _, page = sample
    assert page.linked["worse"][0] == "qr-gate"
    assert "email-delivery" in page.linked["better"]
    assert "fees" in page.linked["same"]


def test_the_models_are_the_shipped_ones(sample):
    language, page = sample
    manifest = json.loads((ROOT / "models/weights/manifest.json").read_text(encoding="utf-8"))
    text, names = " ".join(" ".join(page.text).split()), NAMES[language]
    for model, file in MODELS.items():
        assert f"{names[model]} {names['shipped']} {manifest[file]['sha256'][:12]}" in text
