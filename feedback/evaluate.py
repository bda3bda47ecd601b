"""How often the tags are right: tags compared with people's labels, span by span."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from feedback import journey as journeys
from feedback import run, stats, tables
from feedback.errors import FileError, UsageError, nearest
from feedback.tables import SENTIMENTS
from feedback.tag import line_for

NEEDED = ("comment_id", "text", "touchpoint")
OPTIONAL = ("start", "end", "language", "sentiment")
SCHEMA = "see `feedback schema gold`"
_TEXT = dict.fromkeys(("comment_id", "text", "language", "touchpoint", "stage", "sentiment"), "str")
_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": lambda path: pd.read_csv(path, dtype=_TEXT, keep_default_na=False, na_values={"start": "", "end": ""}),
    ".jsonl": lambda path: pd.read_json(path, lines=True, dtype=False),
    ".parquet": pd.read_parquet,
}


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
    points = [target.id for _, target in journeys.load(journey).targets()]
    labels = read_gold(gold, [*points, *journeys.RESERVED])
    line = steps("load models", line_for, journey)
    texts = labels.drop_duplicates("text").reset_index(drop=True)
    keys = [f"{i:08d}" for i in range(len(texts))]
    raw = tables.of_texts(texts["text"].set_axis(keys), "gold", texts["language"])
    tagged = [run.tag(part, line, steps) for part in run.batches(raw)]
    stored = pd.concat([part.tables.comments for part in tagged]).set_index("comment_id")["text"]
    labels = labels.assign(key=labels["text"].map(pd.Series(keys, index=texts["text"])))
    labels = _moved(labels, labels["key"].map(stored).fillna(""))
    found = _matched(labels, pd.concat([part.segments for part in tagged]))
    return Card(gold.name, len(found), _per_label(found, points), _figures(found))


def read_gold(path: Path, known: Sequence[str]) -> pd.DataFrame:
    """The rows of a gold file, each with its span in code points; `known` are the touchpoints that may be named.

    Raises UsageError when it does not exist, FileError with the row when it breaks the contract.
    """
    if not path.is_file():
        raise UsageError("no such file", got=path, remedy="check the path")
    if path.suffix not in _READERS:
        raise UsageError("unknown kind of gold file", got=path.name, allowed=_READERS)
    try:
        table = _READERS[path.suffix](path)
    except (ValueError, OSError) as error:
        raise FileError(f"the file cannot be read: {error}", where=str(path), remedy=SCHEMA) from None
    missing = [c for c in NEEDED if c not in table]
    if missing:
        allowed = ", ".join(map(str, table.columns))
        raise FileError(f"the column {missing[0]!r} is missing", where=str(path), got=allowed, remedy=SCHEMA)
    if table.empty:
        raise FileError("no row is labelled", where=str(path), remedy=SCHEMA)
    return _checked(table, path, known)


def _checked(table: pd.DataFrame, path: Path, known: Sequence[str]) -> pd.DataFrame:
    table = table.reindex(columns=list(dict.fromkeys([*NEEDED, *OPTIONAL, *table.columns]))).reset_index(drop=True)
    text = table["text"].astype("str").fillna("")
    _refuse(path, text, text != "", "no text")
    _refuse(path, table["touchpoint"], table["touchpoint"].isin(known), "unknown touchpoint", known)
    felt = table["sentiment"].astype("str").fillna("").isin(["", *SENTIMENTS])
    _refuse(path, table["sentiment"], felt, "unknown sentiment", SENTIMENTS)
    whole = table["start"].isna() & table["end"].isna()
    start = pd.to_numeric(table["start"].mask(whole, 0), errors="coerce").astype("float64")
    end = pd.to_numeric(table["end"].mask(whole, text.str.len()), errors="coerce").astype("float64")
    spans = table["start"].astype("str") + " to " + table["end"].astype("str")
    _refuse(path, spans, (start >= 0) & (start < end) & (end <= text.str.len()), "this span is none of the text")
    language = table["language"].astype("str").replace("", None)
    return table.assign(text=text, language=language, start=start.astype("int64"), end=end.astype("int64"))


def _refuse(path: Path, values: pd.Series, fine: pd.Series, what: str, allowed: Sequence[str] = ()) -> None:
    """Raise FileError for the first value that is not fine."""
    if not fine.all():
        row = int(fine.argmin())
        got = str(values.iloc[row])
        where = f"{path}, row {row + 1}"
        raise FileError(what, where=where, got=got, allowed=allowed, remedy=nearest(got, allowed) or SCHEMA)


def _moved(labels: pd.DataFrame, stored: pd.Series) -> pd.DataFrame:
    """The labels with start and end in the text as it is stored, repaired and redacted; empty where nothing is left."""
    spans = zip(labels["text"], stored, labels["start"], labels["end"], strict=True)
    starts, ends = zip(*(_place(*span) for span in spans), strict=True)
    return labels.assign(start=starts, end=ends)


def _place(raw: str, stored: str, start: int, end: int) -> tuple[int, int]:
    """A span of one text in the other, aligned by the fewest edits; where it touches a change it takes all of it."""
    from rapidfuzz.distance import Levenshtein

    kept = Levenshtein.opcodes(raw, stored).as_matching_blocks()
    first = max((b + min(start - a, size) for a, b, size in kept if a <= start), default=0)
    return first, min(b + max(end - a, 0) for a, b, size in kept if a + size >= end)


def _matched(labels: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Each labelled span with the tags of the segment that it shares most with; unassigned where it shares none."""
    spans = labels.reset_index(names="span")[["span", "key", "language", "start", "end", "touchpoint", "sentiment"]]
    columns = ["comment_id", "start", "end", "assignment", "touchpoint", "sentiment"]
    pairs = spans.merge(segments[columns], left_on="key", right_on="comment_id", suffixes=("", "_tag"), how="left")
    low, high = pairs[["start", "start_tag"]].max(axis=1), pairs[["end", "end_tag"]].min(axis=1)
    pairs["shared"] = (high - low).astype("float64").fillna(0)
    best = pairs.sort_values(["span", "shared", "start_tag"], ascending=[True, False, True]).drop_duplicates("span")
    shares = best["shared"] > 0
    given = best["touchpoint_tag"].where(best["assignment"] == "touchpoint", best["assignment"])
    given = given.where(shares & (given != "stage"), "unassigned").fillna("unassigned")
    return best.assign(given=given, sentiment_tag=best["sentiment_tag"].where(shares))


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
