"""An inventory of labels as a journey file for the moment, and texts under it, each as one segment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from feedback import head, mapping, parse, split, tables
from feedback.encode import Vectors
from feedback.journey import Journey
from feedback.pipeline import SPACY
from feedback.tables import Tables
from models import data
from models.unseen import Inventory

Floats = NDArray[np.float64]


class Texts(NamedTuple):
    """Texts made ready for the mapping, once for every journey that they are put to."""

    spans: pd.DataFrame
    vectors: Vectors
    batch: Tables


@cache
def described() -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """By inventory, label and language what a journey file would say: description, terms."""
    written: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("unseen.yaml").read_text(encoding="utf-8"))
    return written


def journey(inventory: Inventory, language: str, examples: Sequence[list[str]] = ()) -> Journey:
    """All that is known of an inventory, one stage with a touchpoint a label: t000, t001 … in their order."""
    known = described().get(inventory.name, {})
    points = []
    for place, label in enumerate(inventory.labels):
        said = known.get(label, {}).get(language, {})
        more = {name: {language: said[name]} for name in ("description", "terms") if name in said}
        point = {"id": f"t{place:03}", "name": {"en": label}, **more}
        points.append(point | ({"examples": {language: examples[place]}} if examples else {}))
    stages = [{"id": "all", "name": "All", "touchpoints": points}]
    return Journey.model_validate({"journey": "temporary", "version": 1, "title": inventory.name, "stages": stages})


def in_both(points: pd.DataFrame) -> Journey:
    """A journey of one stage from a table of touchpoints in both languages: names and descriptions."""
    said = [
        {"id": f"t{place:03}"}
        | {part: {code: row[f"{part}_{code}"] for code in data.FAMILIAR} for part in ("name", "description")}
        for place, row in points.iterrows()
    ]
    stages = [{"id": "all", "name": "All", "touchpoints": said}]
    return Journey.model_validate({"journey": "temporary", "version": 1, "title": "Temporary", "stages": stages})


def sampled(inventory: Inventory, a_label: int, seed: int) -> list[list[int]]:
    """For each label so many rows that have it, no row twice; labels with few rows choose first."""
    random = np.random.default_rng(seed)
    taken: set[int] = set()
    found: list[list[int]] = [[] for _ in inventory.labels]
    for label in np.argsort(inventory.right.sum(axis=0), kind="stable"):
        rows = [int(row) for row in random.permutation(np.flatnonzero(inventory.right[:, label])) if row not in taken]
        found[label] = rows[:a_label]
        taken.update(found[label])
    return found


def prepared(texts: Sequence[str], language: str) -> Texts:
    """Parse and encode texts of one language; vectors are kept in models/work."""
    ids = [f"{i:06}" for i in range(len(texts))]
    comments = pd.DataFrame({"comment_id": ids, "text": list(texts), "language": language})
    segments = split.split(comments, parse.parse(comments, SPACY), [[]] * len(comments))
    lemmas = segments.groupby("comment_id")["lemmas"].agg(" ".join).reindex(ids)
    spans = comments.assign(segment_id=comments["comment_id"] + ":0", start=0, end=comments["text"].str.len())
    batch = tables.of_texts(comments["text"].set_axis(ids), "temporary", comments["language"])
    return Texts(spans.assign(lemmas=lemmas.to_numpy()), data.encoder().encode(list(texts)).vectors, batch)


def utilities(texts: Texts, made: Journey) -> Floats:
    """What the shared weights say, (texts, touchpoints, then general, then none of these)."""
    targets = mapping.place(made, data.encoder(), SPACY)
    return head.utilities(mapping.evidence(*texts, targets)[0])
