"""Small workspaces: the sample's with a few rows a file, or one of reviews written on the spot; and tiny models."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from feedback import encode, store
from feedback.journey import Journey

ROOT = Path(__file__).parents[1]
OFFLINE = Path(__file__).parent / "offline"
TINY = {"encoder": "models/encoder", "sentiment": "models/classifier", "report": {"languages": []}, "exports": []}

JOURNEY = {
    "journey": "shop",
    "version": 1,
    "title": "Shop",
    "stages": [
        {"id": "buy", "name": "Buying", "touchpoints": [{"id": "fees", "name": {"en": "Fees", "fr": "Frais"}}]},
        {"id": "attend", "name": "Attending", "touchpoints": [{"id": "gate", "name": {"en": "Gate", "fr": "Porte"}}]},
    ],
}

Arrange = Callable[[list[Any]], list[Any]]


def save(folder: Path, tables: Mapping[str, pd.DataFrame], journey: Journey, told: dict[str, Any]) -> None:
    """Store tables as those of a run; what its words were does not matter."""
    rest = {name: table for name, table in tables.items() if name != "segments"}
    store.save(
        folder,
        rest,
        [tables["segments"].fillna({"text": "", "tagged_by": "model", "model_version": "none"}).assign(lemmas="")],
        journey,
        told,
    )


def info(week: str = "2026-W46", **more: Any) -> dict[str, Any]:
    """What a stored run must say of itself."""
    return {
        "week": week,
        "pipeline": "weekly",
        "journey": {"version": 1},
        "models": {"encoder": "e1", "sentiment": "s1", "mapping": "m1", "spacy": {}},
        "thresholds": {"touchpoint": 0.5, "stage": 0.6, "min_count": 10},
        "inputs": {},
        "resolved": {"report": {"languages": []}},
    } | more


def cut(
    root: Path,
    *,
    rows: int = 8,
    weeks: Sequence[str] = ("46", "47"),
    arrange: Arrange = lambda records: records,
    rename: Callable[[str], str] = lambda name: name,
    **settings: Any,
) -> Path:
    """The sample workspace with the first rows of each export, arranged anew if asked; returns the pipeline's path."""
    shutil.copytree(ROOT / "data/journeys", root / "data/journeys")
    for week in weeks:
        for path in sorted((ROOT / "data/inbox").rglob(f"*W{week}.*")):
            folder = root / path.parent.relative_to(ROOT)
            folder.mkdir(parents=True, exist_ok=True)
            cutters[path.parent.name](path, folder / rename(path.name), rows, arrange)
    return pipeline(root, yaml.safe_load((ROOT / "pipelines/weekly.yaml").read_text("utf-8")), **settings)


def pipeline(root: Path, written: dict[str, Any], **settings: Any) -> Path:
    """Write a pipeline file with some keys set; returns its path."""
    path = root / "pipelines/weekly.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(written | settings, allow_unicode=True), encoding="utf-8")
    return path


def shuffled(seed: int) -> Arrange:
    """An arrangement that shuffles records."""
    return lambda records: random.Random(seed).sample(records, len(records))


def _cut_csv(path: Path, out: Path, rows: int, arrange: Arrange, heading: int = 1) -> None:
    wide = path.read_bytes().startswith(codecs.BOM_UTF16_LE)
    with path.open(encoding="utf-16" if wide else "utf-8-sig", newline="") as file:
        records = list(csv.reader(file))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([*records[:heading], *arrange(records[heading : heading + rows])])
    data = text.getvalue()
    out.write_bytes(codecs.BOM_UTF16_LE + data.encode("utf-16-le") if wide else data.encode("utf-8"))


def _cut_survey(path: Path, out: Path, rows: int, arrange: Arrange) -> None:
    _cut_csv(path, out, rows, arrange, heading=3)


def _cut_x(path: Path, out: Path, rows: int, arrange: Arrange) -> None:
    page = json.loads(path.read_text("utf-8").splitlines()[0])
    out.write_text(json.dumps(page | {"data": arrange(page["data"][:rows])}), encoding="utf-8")


def _cut_tickets(path: Path, out: Path, rows: int, arrange: Arrange) -> None:
    found = json.loads(path.read_text("utf-8"))
    out.write_text(json.dumps({"tickets": arrange(found["tickets"][:rows])}), encoding="utf-8")


cutters = {"survey": _cut_survey, "trustpilot": _cut_csv, "play": _cut_csv, "x": _cut_x, "zendesk": _cut_tickets}


class Reviews:
    """A workspace whose only source is CSV files of reviews, mapped by hand, tagged by the tiny models."""

    columns = ("id", "date", "author", "stars", "text")

    def __init__(self, root: Path, models: Path) -> None:
        self.root = root
        shutil.copytree(models, root / "models")
        (root / "data/journeys").mkdir(parents=True)
        (root / "data/journeys/shop.yaml").write_text(yaml.safe_dump(JOURNEY), encoding="utf-8")
        stars = {"column": "stars", "metric": "stars", "min": 1, "max": 5}
        roles = {"text": "text", "id": "id", "created_at": "date", "author": "author", "scores": [stars]}
        source = {"name": "reviews", "kind": "review", "files": ["data/inbox/*.csv"], "mapping": roles}
        self.pipeline = pipeline(
            root,
            {"pipeline": "reviews", "timezone": "Europe/Paris", "journey": "data/journeys/shop.yaml",
             "sources": [source], **TINY},
        )  # fmt: skip

    def drop(self, name: str, *rows: tuple[str, ...]) -> None:
        """Put an export into the inbox."""
        path = self.root / "data/inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([self.columns, *rows])


class Remembering:
    """The shipped encoder, which works once for each text of a session."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.version = encode.load().version

    def encode(self, texts: Sequence[str]) -> encode.Encoded:
        """The rows of texts, new or known."""
        new = sorted(set(texts) - self.known.keys())
        encoded = encode.load().encode(new)
        self.known.update({text: encoded.at(i) for i, text in enumerate(new)})
        rows = [self.known[text] for text in texts]
        return encode.Encoded(*map(np.stack, zip(*rows, strict=True))) if rows else encoded


@cache
def encoder() -> Remembering:
    """The one of the session."""
    return Remembering()


def offline(**more: str) -> dict[str, str]:
    """The environment of a subprocess without network."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "HF_HUB_OFFLINE")}
    path = os.pathsep.join([*([more.pop("PYTHONPATH")] if "PYTHONPATH" in more else []), str(OFFLINE)])
    return kept | {"PYTHONPATH": path} | more


def models(folder: Path) -> Path:
    """Write a tiny sentence-transformers encoder and a tiny sequence classifier with random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertForSequenceClassification, BertModel

    torch.manual_seed(0)
    tokenizer = _tokenizer()
    shape = {"vocab_size": len(tokenizer), "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 64, "max_position_embeddings": 66}  # fmt: skip
    bare = folder / "bare"
    tokenizer.save_pretrained(bare)
    BertModel(BertConfig(**shape)).save_pretrained(bare)
    SentenceTransformer(modules=[Transformer(str(bare)), Pooling(32)]).save(str(folder / "encoder"))
    shutil.rmtree(bare)
    labels = {0: "Positive", 1: "negative", 2: "NEUTRAL"}
    # Far apart, so that texts differ and the label is not a matter of rounding.
    config = BertConfig(**shape, id2label=labels, label2id={v: k for k, v in labels.items()}, initializer_range=0.5)
    BertForSequenceClassification(config).save_pretrained(folder / "classifier")
    tokenizer.save_pretrained(folder / "classifier")
    return folder


def _tokenizer():
    """A tokenizer of single characters."""
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from transformers import PreTrainedTokenizerFast

    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'-"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters)]
    made = Tokenizer(WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=64, **special)
