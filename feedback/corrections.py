"""Tags that people have corrected: appended to one file, never changed, and stronger than the model for ever.

data/corrections.jsonl has a line for each: when, by whom, of which segment (its comment, its place and its words as
they are stored, redacted), what it says (touchpoint, or `general` or `unassigned`; else the stage; the sentiment), and
where it was read; of a segment drawn at random also the sample, and what the tagger had given (feedback.audit). The
last one of a segment counts; the others stay as evidence of how people agree.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from feedback import atomic, labels, store
from feedback.errors import UsageError, nearest
from feedback.journey import RESERVED, Journey
from feedback.tables import SENTIMENTS

KEY = ["comment_id", "start", "end", "text"]
LABELS = list(labels.LABELS)
MARKS = list(labels.MARKS)
FIELDS = ["id", "at", "by", *KEY, *LABELS, "journey", "version", "file", "row", *MARKS]
SURE = 1.0


class Refused(NamedTuple):
    """A row that was not taken, why, and what to do."""

    row: int
    reason: str
    remedy: str


class Taken(NamedTuple):
    """What a file of corrections came to: new ones, those known already, rows that change nothing, rows refused."""

    new: pd.DataFrame
    known: int
    unchanged: int
    refused: list[Refused]


def file(root: Path) -> Path:
    """Where a workspace keeps its corrections."""
    return root / "data" / "corrections.jsonl"


def take(path: Path, root: Path, journey: Journey, by: str) -> Taken:
    """Read a file of corrections and append those that are new; the rows that cannot be taken are listed.

    `by` is who says so where the file does not tell. Raises UsageError or FileError when the file is none.
    """
    said = labels.read(path)
    segments = _stored(root)
    if segments.empty:
        raise UsageError("no run to correct", got=root, remedy="make one with `feedback run PIPELINE`")
    fine, refused = _checked(said, segments.index, journey)
    both = fine.join(segments.add_prefix("was_"), on="segment_id")
    both, idle = _changes(both)
    both = both.assign(by=both["by"].fillna(by))
    both, clashing = _apart(both)
    new = _dated(both, path.name, journey)
    added = append(root, new)
    return Taken(added, len(new) - len(added), idle, sorted([*refused, *clashing]))


def _stored(root: Path) -> pd.DataFrame:
    """The segments of all current runs by segment_id: KEY, LABELS and assignment."""
    columns = ["segment_id", *KEY, *LABELS, "assignment"]
    parts = [run.table("segments", columns) for run in store.history(root, whole=True)]
    table = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    return table.drop_duplicates("segment_id", keep="last").set_index("segment_id")


def _checked(said: pd.DataFrame, known: pd.Index[str], journey: Journey) -> tuple[pd.DataFrame, list[Refused]]:
    """The rows that name a known segment and known labels, and the others."""
    stages, points = journey_ids(journey)
    allowed = {"touchpoint": [*points, *RESERVED], "stage": stages, "sentiment": list(SENTIMENTS)}
    refused: dict[int, Refused] = {}
    for place, row in enumerate(said.to_dict("records")):
        number, identifier = int(row["row"]), row["segment_id"]
        if not isinstance(identifier, str):
            refused[place] = Refused(number, "no segment_id", "keep the column segment_id as it was exported")
        elif identifier not in known:
            what = f"the segment {identifier[:60]!r} is in no stored run"
            refused[place] = Refused(
                number, what, "its comment was edited or its run removed; label it in a new export"
            )
        for name, names in allowed.items():
            if place not in refused and isinstance(row[name], str) and row[name] not in names:
                hint = nearest(row[name], names) or f"allowed: {', '.join(names)}"
                refused[place] = Refused(number, f"unknown {name} {row[name][:60]!r}", hint)
    fine = np.array([place not in refused for place in range(len(said))], dtype=bool)
    return said[fine], list(refused.values())


def journey_ids(journey: Journey) -> tuple[list[str], list[str]]:
    """The ids of a journey's stages and of its touchpoints."""
    return [s.id for s in journey.stages], [p.id for s in journey.stages for p in s.touchpoints]


def _changes(both: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The rows that say something new of their segment, each with only what it changes, and how many do not."""
    was = both["was_touchpoint"].where(both["was_assignment"] == "touchpoint", both["was_assignment"])
    told = both.assign(was_touchpoint=was.where(was != "stage", None))
    for name in LABELS:
        same = told[name] == told[f"was_{name}"]
        told[name] = told[name].mask(same & ~told["explicit"], None)
    # A touchpoint says its stage; the stage beside it was the tagger's.
    told["stage"] = told["stage"].where(told["touchpoint"].isna(), None)
    says = told[LABELS].notna().any(axis=1)
    return told[says], int((~says).sum())


def _apart(both: pd.DataFrame) -> tuple[pd.DataFrame, list[Refused]]:
    """Rows without those by which one person says different things of one segment in one file."""
    told = both[LABELS].fillna("").agg("|".join, axis=1) if len(both) else pd.Series(dtype="str")
    kinds = told.groupby([both["segment_id"], both["by"]]).transform("nunique")
    clashing = [
        Refused(int(row), f"this file says different things of the segment {identifier!r}", "leave one of the rows")
        for row, identifier in both.loc[kinds > 1, ["row", "segment_id"]].itertuples(index=False)
    ]
    return both[kinds <= 1].drop_duplicates(["segment_id", "by"]), clashing


def _dated(both: pd.DataFrame, name: str, journey: Journey) -> pd.DataFrame:
    table = both[["by", *LABELS, *MARKS, "row", *(f"was_{key}" for key in KEY)]].rename(
        columns=lambda c: c.removeprefix("was_")
    )
    return table.assign(
        at=datetime.now(UTC).isoformat(timespec="seconds"), journey=journey.journey, version=journey.version, file=name
    )


def append(root: Path, new: pd.DataFrame) -> pd.DataFrame:
    """Append corrections, in one piece and under a lock, but those that the same person has said last; returns them.

    What was said before is kept again where it is now of a random sample. A line that a crash left unfinished is ended
    first; it was never acknowledged, and reading skips it.
    """
    from filelock import FileLock

    path = file(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        last = load(root).drop_duplicates([*KEY, "by"], keep="last")
        before = _plain(last[[*KEY, "by", *LABELS, "sample"]])
        said = {(*row, mark) for *row, sample in before for mark in (None, sample)}
        lines = []
        kept = []
        for row in new.to_dict("records"):
            entry = {key: _json(value) for key, value in row.items()}
            if tuple(entry[key] for key in (*KEY, "by", *LABELS, "sample")) in said:
                continue
            entry["id"] = sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:16]
            kept.append(entry)
            lines.append(json.dumps({key: entry[key] for key in FIELDS}, ensure_ascii=False) + "\n")
        with path.open("ab+") as out:
            if out.tell() and (out.seek(-1, os.SEEK_END), out.read(1))[1] != b"\n":
                lines.insert(0, "\n")
            out.write("".join(lines).encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
    return pd.DataFrame(kept, columns=FIELDS)


def remove(root: Path, comments: frozenset[str]) -> pd.DataFrame:
    """Remove the corrections of some comments, and lines that a crash left unfinished; returns what was removed."""
    from filelock import FileLock

    path = file(root)
    if not path.is_file():
        return none()
    with FileLock(path.with_suffix(".lock")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        parsed = [_parsed(line) for line in lines]
        gone = [row for row in parsed if row is not None and row["comment_id"] in comments]
        kept = [line for line, row in zip(lines, parsed, strict=True) if row and row["comment_id"] not in comments]
        with atomic.replacing(path) as part:
            part.write_text("".join(kept), encoding="utf-8")
    return _typed(pd.DataFrame(gone, columns=FIELDS))


def _plain(table: pd.DataFrame) -> list[list[Any]]:
    return [[_json(value) for value in row] for row in table.itertuples(index=False)]


def _json(value: Any) -> Any:
    """A cell as JSON holds it."""
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def load(root: Path) -> pd.DataFrame:
    """Every correction of a workspace in the order in which they were made: FIELDS."""
    path = file(root)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    rows = [row for line in lines if (row := _parsed(line)) is not None]
    return _typed(pd.DataFrame(rows, columns=FIELDS))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    numbers = {"start": "Int64", "end": "Int64", "row": "Int64", "version": "Int64"}
    return table.astype({name: numbers.get(name, "str") for name in FIELDS})


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and {*KEY, *LABELS} <= row.keys() else None


def none() -> pd.DataFrame:
    """No correction."""
    return _typed(pd.DataFrame(columns=FIELDS))


def of(known: pd.DataFrame, comments: pd.Series[str]) -> list[str]:
    """The ids of the corrections of these comments, sorted."""
    return sorted(known.loc[known["comment_id"].isin(comments), "id"].dropna())


def latest(root: Path) -> pd.DataFrame:
    """What counts: of each segment the last word on its touchpoint or stage, and the last on its sentiment.

    A row has the fields of the last correction of its segment.
    """
    table = load(root)
    last = table.drop_duplicates(KEY, keep="last").drop(columns=LABELS)
    place = table[table["touchpoint"].notna() | table["stage"].notna()].drop_duplicates(KEY, keep="last")
    felt = table[table["sentiment"].notna()].drop_duplicates(KEY, keep="last")
    both = last.merge(place[[*KEY, "touchpoint", "stage"]], on=KEY, how="left")
    return _typed(both.merge(felt[[*KEY, "sentiment"]], on=KEY, how="left")[FIELDS])


def apply(segments: pd.DataFrame, known: pd.DataFrame, journey: Journey) -> pd.DataFrame:
    """The segments with the tags that people gave them: tagged_by is `human`, reason `correction`, confidence 1.

    A correction holds for the segment of its comment that has its words; where none has, for the one that shares most
    with its place, if the words still stand there. One whose touchpoint the journey no longer has, rests.
    """
    if known.empty:
        return segments
    stages, points = journey_ids(journey)
    stage_of = {point.id: stage.id for stage, point in journey.targets()}
    found = placed(segments, known)
    told = known.reindex(found["correction"]).set_axis(found.index)
    on_point = told["touchpoint"].isin(points)
    on_stage = told["touchpoint"].isna() & told["stage"].isin(stages)
    apart = told["touchpoint"].isin(RESERVED)
    located = on_point | on_stage | apart
    result = segments.copy()
    rows = found.index[located]
    assignment = told["touchpoint"].where(apart, None).mask(on_point, "touchpoint").mask(on_stage, "stage")
    stage = told["touchpoint"].map(stage_of).where(on_point, told["stage"].where(on_stage, None))
    for name, values in (
        ("assignment", assignment), ("stage", stage), ("touchpoint", told["touchpoint"].where(on_point, None)),
        ("reason", pd.Series("correction", index=told.index)), ("reason_start", result["start"].reindex(found.index)),
        ("reason_end", result["end"].reindex(found.index)), ("stage_confidence", pd.Series(SURE, index=told.index)),
        ("touchpoint_confidence", pd.Series(SURE, index=told.index)),
    ):  # fmt: skip
        result.loc[rows, name] = values[located].astype(result[name].dtype)
    felt = told["sentiment"].isin(SENTIMENTS)
    for number, name in enumerate(SENTIMENTS):
        result.loc[found.index[felt], f"p_{name}"] = (told.loc[felt, "sentiment"] == name).astype(float)
        result.loc[found.index[felt & (told["sentiment"] == name)], "sentiment_score"] = float(number - 1)
    result.loc[found.index[felt], "sentiment"] = told.loc[felt, "sentiment"].astype(result["sentiment"].dtype)
    result.loc[found.index[located | felt], "tagged_by"] = "human"
    return result


def placed(segments: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Which correction (its place in `known`) holds for which segment (the index): one column, correction."""
    rows = segments[["comment_id", "start", "end", "text"]].reset_index(names="segment")
    near = known[KEY].reset_index(names="correction").merge(rows, on="comment_id", suffixes=("", "_here"))
    same = near["text"] == near["text_here"]
    gone = ~near["correction"].isin(near.loc[same, "correction"])
    shared = near[["end", "end_here"]].min(axis=1) - near[["start", "start_here"]].max(axis=1)
    kept = [a in b or b in a for a, b in zip(near["text"], near["text_here"], strict=True)]
    near = near[same | (gone & (shared > 0).fillna(False) & np.array(kept, dtype=bool))]
    near = near.assign(shared=shared.reindex(near.index), same=same.reindex(near.index))
    best = near.sort_values(["same", "shared"], ascending=False, kind="stable")
    best = best[best["same"] | ~best["correction"].duplicated()]
    return best.drop_duplicates("segment").set_index("segment")[["correction"]].sort_index()
