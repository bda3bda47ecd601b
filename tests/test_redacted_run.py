"""What a run leaves on the disk: nothing personal of any kind, in any field and any file, unless it is to be kept."""

import html
import json
import zipfile
from pathlib import Path
from typing import get_args

import pandas as pd
import pyarrow.parquet as pq
import pytest
import small
import yaml

from feedback import pipeline, privacy, run

# By kind: what is said, and what must not be found of it.
PLANTED = {
    "PERSON": ("Merci à Wiktor Brzezina pour son aide", ["Wiktor", "Brzezina"]),
    "EMAIL": ("écrivez à sofia.k@boite.example svp", ["sofia.k", "boite.example"]),
    "PHONE": ("rappelez au 06 39 98 12 45 ce soir", ["06 39 98 12 45", "0639981245"]),
    "ADDRESS": ("livré au 14 bis rue des Acacias, 69003 Lyon hier", ["Acacias", "69003"]),
    "IBAN": ("remboursez sur FR76 3000 6000 0112 3456 7890 189 vite", ["3000 6000 0112"]),
    "CARD": ("la carte 4242.4242.4242.4242 est refusée", ["4242.4242"]),
    "REFERENCE": ("la commande n° 48213377 est perdue", ["48213377"]),
    "ID": ("mon numéro de sécu 1 84 12 76 451 089 46 est faux", ["84 12 76 451"]),
    "BIRTHDATE": ("je suis née le 4 juillet 1990 à Brest", ["juillet 1990"]),
    "PLATE": ("ma voiture FB-482-KD est rayée", ["FB-482-KD"]),
    "HANDLE": ("voir @nounou_du_13 sur le réseau", ["nounou_du_13"]),
    "URL": ("suivi https://trk.example/c?id=88213XZ cassé", ["88213XZ"]),
}
COLUMNS = ("id", "date", "author", "text", "reply", "place", "url", "note")
ROLES = {
    "text": "text", "id": "id", "created_at": "date", "author": "author", "reply": "reply", "location": "place",
    "url": "url", "extra": ["note"],
}  # fmt: skip


def planted(root: Path, models: Path, policy: dict[str, str] | None = None) -> Path:
    """A workspace whose export holds every kind in comments, replies, places and extras; returns its pipeline."""
    reviews = small.Reviews(root, models)
    reviews.columns = COLUMNS
    rows = [
        (f"r{i}", "2026-11-10", said, f"{said}, bonne soirée.", f"Bonjour, {said}", f"Quimper: {said}",
         "https://x.com/bob_the_first/status/1?s=20", said)
        for i, (said, _) in enumerate(PLANTED.values())
    ]  # fmt: skip
    whole = ("w", "2026-11-11", "", "Sortie rapide et propre", "", "Quimper Locmaria", "", "")
    broken = ("b", "2026-11-10", *(said for said, _ in PLANTED.values()))
    reviews.drop("export.csv", *rows, whole, broken)
    written = yaml.safe_load(reviews.pipeline.read_text("utf-8"))
    written["sources"][0]["mapping"] = ROLES
    shown = {"report": {"languages": ["en", "fr"]}, "exports": ["csv", "mermaid", "parquet", "xlsx"]}
    return small.pipeline(root, written | shown | {"privacy": {"policy": policy or {}}})


def left(root: Path) -> dict[str, str]:
    """Every file of the workspace that no person put there: its bytes, and what is packed in them, as text."""
    given = ("data/inbox", "data/journeys", "models/", "pipelines")
    files = {p.relative_to(root).as_posix(): p for p in sorted(root.rglob("*")) if p.is_file()}
    return {name: _content(path) for name, path in files.items() if not name.startswith(given)}


def _content(path: Path) -> str:
    text = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
        cells = [str(cell) for column in table for cell in table[column].dropna()]
        text = "\n".join([text, str(pq.read_schema(path).metadata), *cells])
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            text += "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return html.unescape(text) + json.dumps(text, ensure_ascii=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory, models) -> dict[str, str]:
    root = tmp_path_factory.mktemp("planted")
    run.run(planted(root, models), week="2026-W46")
    return left(root)


def test_a_run_leaves_nothing_personal_of_any_kind_in_any_file(files):
    assert {Path(name).suffix for name in files} >= {".parquet", ".json", ".html", ".csv", ".xlsx", ".mmd"}
    secrets = [secret for _, fragments in PLANTED.values() for secret in fragments] + ["bob_the_first"]
    assert [(secret, name) for secret in secrets for name, text in files.items() if secret in text] == []


def test_every_kind_was_read_and_replaced(files):
    stored = "\n".join(text for name, text in files.items() if name.endswith("comments.parquet"))
    assert [kind for kind in PLANTED if f"<{kind}>" not in stored] == []
    assert any("Sortie rapide et propre" in text for text in files.values())


def test_a_kind_that_the_pipeline_keeps_stays_and_the_others_go(tmp_path, models):
    run.run(planted(tmp_path, models, {"PLATE": "keep", "REFERENCE": "keep", "EMAIL": "mask"}), week="2026-W46")
    stored = "\n".join(text for name, text in left(tmp_path).items() if name.endswith("comments.parquet"))
    assert "FB-482-KD" in stored
    assert "48213377" in stored
    for kind, (_, fragments) in PLANTED.items():
        if kind not in ("PLATE", "REFERENCE"):
            assert [secret for secret in fragments if secret in stored] == []


def test_reports_have_no_figure_of_a_place(files):
    """Were there one, a place with few customers would have to be left out of it."""
    shown = {name: text for name, text in files.items() if Path(name).suffix in (".html", ".mmd")}
    assert shown
    assert [name for name, text in shown.items() if "Quimper" in text] == []


def test_a_policy_can_be_given_for_every_kind_and_for_no_other():
    assert set(get_args(pipeline.Personal)) == set(privacy.ORDER)
    assert PLANTED.keys() == set(privacy.ORDER)
