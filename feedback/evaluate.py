"""How often the tags are right: tags compared with people's labels, span by span."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from feedback import run, stats, tables
from feedback.errors import FileError, UsageError, nearest
from feedback.tables import SENTIMENTS, Tables
from feedback.tag import line_for

SUFFIXES = (".csv", ".jsonl", ".parquet")
NEEDED = ("comment_id", "text", "start", "end", "touchpoint")


class Card(NamedTuple):
    """Accuracy against labels. `per_label`: touchpoint, n, precision, recall, f1. Shares are 0–1 with Wilson 95 %.

    `assigned` is how often a touchpoint given is right, `coverage` how often one is given where people gave one,
    `figures` the same per language and over all: name, n, value, low, high.
    """

    gold: str
    spans: int
    per_label: pd.DataFrame
    figures: pd.DataFrame


def evaluate(gold: Path, journey: Path, steps: run.Steps) -> Card:
    """Tag the texts of a gold file and compare. Raises UsageError or FileError when the file is unfit."""
    labels = read_gold(gold)
    line = steps("load models", line_for, journey)
    known = [*line.targets.ids, "unassigned"]
    for row, name in enumerate(labels["touchpoint"], start=2):
        if name not in known:
            where = f"{gold}, row {row}"
            raise FileError("unknown touchpoint", where=where, got=name, allowed=known, remedy=nearest(name, known))
    texts = labels.drop_duplicates("text").reset_index(drop=True)
    segments = pd.concat([run.tag(part, line, steps).segments for part in run.batches(_tables_of(texts))])
    key = pd.Series([f"{i:08d}" for i in range(len(texts))], index=texts["text"])
    found = _matched(labels.assign(key=labels["text"].map(key)), segments)
    return Card(gold.name, len(found), _per_label(found, known[:-2]), _figures(found))


def read_gold(path: Path) -> pd.DataFrame:
    """The rows of a gold file. Raises UsageError when it does not exist, FileError when columns are missing."""
    if not path.is_file():
        raise UsageError("no such file", got=path, remedy="check the path")
    if path.suffix not in SUFFIXES:
        raise UsageError("unknown kind of gold file", got=path.name, allowed=SUFFIXES)
    if path.suffix == ".csv":
        text = dict.fromkeys(("comment_id", "text", "touchpoint", "stage", "sentiment"), "str")
        table = pd.read_csv(path, dtype=text, keep_default_na=False, na_values={"start": "", "end": ""})
    else:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_json(path, lines=True, dtype=False)
    missing = [c for c in NEEDED if c not in table]
    if missing:
        raise FileError(f"the column {missing[0]!r} is missing", where=str(path), remedy="see `feedback schema gold`")
    whole = table["start"].isna()
    start = table["start"].where(~whole, 0).astype("int64")
    end = table["end"].where(~whole, table["text"].str.len()).astype("int64")
    language = table["language"] if "language" in table else pd.Series(None, index=table.index, dtype="str")
    sentiment = table["sentiment"] if "sentiment" in table else pd.Series(None, index=table.index, dtype="str")
    return table.assign(start=start, end=end, language=language, sentiment=sentiment).reset_index(drop=True)


def _tables_of(texts: pd.DataFrame) -> Tables:
    ids = [f"{i:08d}" for i in range(len(texts))]
    shared = pd.DataFrame({"submission_id": ids, "source": "gold", "file": "", "row": range(1, len(ids) + 1)})
    comments = shared.assign(
        comment_id=ids, field_id="text", text=texts["text"], language=texts["language"], is_repost=False
    )
    return Tables(
        tables.conform(shared.assign(source_kind="survey", has_text=True), tables.SUBMISSIONS),
        tables.empty(tables.SCORES),
        tables.conform(comments, tables.COMMENTS),
        tables.empty(tables.REJECTS),
    )


def _matched(labels: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Each labelled span with the tags of the segment that it shares most with; without one, unassigned."""
    spans = labels.reset_index(names="span")[["span", "key", "language", "start", "end", "touchpoint", "sentiment"]]
    columns = ["comment_id", "start", "end", "assignment", "touchpoint", "sentiment"]
    pairs = spans.merge(segments[columns], left_on="key", right_on="comment_id", suffixes=("", "_tag"), how="left")
    low, high = pairs[["start", "start_tag"]].max(axis=1), pairs[["end", "end_tag"]].min(axis=1)
    pairs["shared"] = (high - low).astype("float64").fillna(0)
    best = pairs.sort_values(["span", "shared", "start_tag"], ascending=[True, False, True]).drop_duplicates("span")
    given = best["touchpoint_tag"].where(best["assignment"] == "touchpoint", best["assignment"])
    given = given.where(given != "stage", "unassigned").fillna("unassigned")
    return best.assign(given=given)


def _per_label(found: pd.DataFrame, points: list[str]) -> pd.DataFrame:
    rows = []
    for name in [*points, "general"]:
        truth, given = found["touchpoint"] == name, found["given"] == name
        hit = int((truth & given).sum())
        precision = hit / given.sum() if given.any() else np.nan
        recall = hit / truth.sum() if truth.any() else np.nan
        f1 = 2 * hit / (truth.sum() + given.sum()) if (truth | given).any() else np.nan
        rows.append((name, int(truth.sum()), int(given.sum()), precision, recall, f1))
    return pd.DataFrame(rows, columns=["touchpoint", "n", "given", "precision", "recall", "f1"])


def _figures(found: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name in ("all", *sorted(found["language"].dropna().unique())):
        part = found if name == "all" else found[found["language"] == name]
        on_point = ~part["touchpoint"].isin(("general", "unassigned"))
        tagged = ~part["given"].isin(("general", "unassigned"))
        felt = part["sentiment"].isin(SENTIMENTS)
        right = part["given"] == part["touchpoint"]
        rows += [
            _share(f"right among the assigned, {name}", right[tagged]),
            _share(f"assigned where people name a touchpoint, {name}", tagged[on_point]),
            _share(f"general found, {name}", right[part["touchpoint"] == "general"]),
            _share(f"sentiment right, {name}", (part["sentiment_tag"] == part["sentiment"])[felt]),
        ]
    return pd.DataFrame(rows, columns=["figure", "n", "value", "low", "high"])


def _share(name: str, hits: pd.Series) -> tuple[str, int, float, float, float]:
    n, k = len(hits), int(hits.sum())
    low, high = stats.wilson(k, n)
    return name, n, k / n if n else float("nan"), float(low), float(high)


def as_text(card: Card) -> str:
    """The card as lines for the terminal."""
    lines = [f"{card.gold}: {card.spans:,} labelled spans", ""]
    lines += [f"{r.touchpoint:<28} n {r.n:>4}  precision {r.precision:5.2f}  recall {r.recall:5.2f}  F1 {r.f1:5.2f}"
              for r in card.per_label.itertuples()]  # fmt: skip
    points = card.per_label[(card.per_label["touchpoint"] != "general") & (card.per_label["n"] > 0)]
    lines += ["", f"macro-F1 over {len(points)} touchpoints: {points['f1'].mean():.3f}"]
    lines += [f"{r.figure}: {r.value:.3f} [{r.low:.3f} to {r.high:.3f}], n = {r.n}" for r in card.figures.itertuples()]
    return "\n".join(lines)
