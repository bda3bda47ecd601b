"""Exports to read in tests, and the tables that reading makes of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from feedback import read
from feedback.pipeline import Source
from feedback.tables import Tables

CASES = Path(__file__).parent / "cases"


def joined(batches) -> Tables:
    return Tables(*(pd.concat(parts, ignore_index=True) for parts in zip(*batches, strict=True)))


def case(name: str) -> Tables:
    return joined(read.read_any([CASES / name], root=CASES))


def mapped(path: Path, mapping=None, **source) -> Tables:
    made = Source(name="drop", files=[], mapping=mapping or {"text": "text"}, **source)
    return joined(read.read(made, [path], root=path.parent))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def texts(tables: Tables) -> dict[tuple[str, str], str]:
    rows = tables.comments[["submission_id", "field_id", "text"]].itertuples(index=False)
    return {(i, f): text for i, f, text in rows}
