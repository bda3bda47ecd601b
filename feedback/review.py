"""What to label next: segments of the stored runs as a sheet that people fill in and `feedback correct` takes.

Most rows are those whose labels would teach most (feedback.active). The others are a simple random sample of all
segments that nobody has labelled yet: only these tell how often the tags are right (feedback.audit).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml

from feedback import active, corrections, lock, mapping, remap, run, sheet, store
from feedback.active import Floats
from feedback.errors import UsageError
from feedback.journey import RESERVED, Journey, in_language
from feedback.report.figures import percent, typeset
from feedback.tables import Tables

RANDOM_SHARE = 0.2
POOL_PER_TOUCHPOINT = 500
UNSURE = 0.3  # below this a segment is not chosen for doubt, but for a touchpoint with few labels
FOLDER = "reports"
CONTEXT = ("comment_id", "text", "source", "language", "created_at")


class Reviewed(NamedTuple):
    """What was written: where, how many rows that would teach most, how many drawn at random."""

    path: Path
    chosen: int
    random: int


class Pool(NamedTuple):
    """Segments that nobody has labelled, in the order of their ids, and `p` (rows, targets and none of them)."""

    segments: pd.DataFrame
    p: Floats


def review(
    path: Path, *, n: int = 50, out: Path | None = None, week: str | None = None, steps: run.Steps | None = None
) -> Reviewed:
    """Write the n segments of a pipeline's stored runs, or of one week's, that should be labelled next.

    Raises UsageError when there is no run, nothing left to label, or a file in the way, which may have been filled in;
    StoreError when another process is writing the workspace.
    """
    root, pipeline, journey = run.prepare(path)
    with lock.held(root, f"review {path.name}"):
        steps = steps or run.Steps()
        salt = _salt(root)
        out = out or root / FOLDER / f"review-{salt}.xlsx"
        _refuse(n, out)
        stored = _stored(root, pipeline.pipeline, week)
        line = steps("load models", run.load_line, pipeline, journey, root)
        job = run.Job(root, pipeline, journey, line, steps)
        pool = _pool(stored, job)
        if pool.segments.empty:
            raise UsageError("every segment is labelled already", got=path, remedy="run a new week, or another one")
        random = active.drawn(
            pool.segments["segment_id"].tolist(), salt, min(n, max(1, round(n * RANDOM_SHARE)))
        ).tolist()
        taught = steps("choose", _taught, pool, random, n - len(random), job)
        language = next(iter(pipeline.report.languages), "en")
        table = _table(pool, taught, random, salt, line.targets, language)
        table["date"] = table["date"].dt.tz_convert(pipeline.zone).dt.strftime("%Y-%m-%d")
        table = table.astype("str")
        mixed = active.drawn(table["segment_id"].tolist(), f"{salt}/order", len(table))
        out.parent.mkdir(parents=True, exist_ok=True)
        sheet.write(table.iloc[mixed], places(journey, language), out, words(language))
        return Reviewed(out, len(taught), len(random))


@cache
def words(language: str) -> dict[str, Any]:
    """All texts of a review in a language, "en" or "fr"."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))[language]
    return typeset(loaded) if language == "fr" else loaded


def _salt(root: Path) -> str:
    """Eight digits that stay until somebody corrects something: a review asked for again is the same one."""
    return sha256("\n".join(corrections.load(root)["id"].fillna("")).encode()).hexdigest()[:8]


def _refuse(n: int, out: Path) -> None:
    """Refuse what cannot be written, before any work."""
    if n < 1:
        raise UsageError("a review has at least one row", got=n, remedy="ask for more with --n")
    if out.suffix not in sheet.SUFFIXES:
        raise UsageError("unknown kind of output", got=out.name, allowed=sheet.SUFFIXES)
    if out.exists():
        remedy = f"give it to `feedback correct {out}` when it is filled in, or name another file with --out"
        raise UsageError("this review is written already, and somebody may have filled it in", got=out, remedy=remedy)


def _stored(root: Path, pipeline: str, week: str | None) -> list[store.Run]:
    """A pipeline's current runs, newest first, or that of one week."""
    stored = store.history(root, pipeline=pipeline, whole=True)
    found = [one for one in reversed(stored) if week in (None, one.week)]
    if not found:
        known = ", ".join(one.week for one in stored) or "none yet"
        raise UsageError("no run to review", got=week or root, allowed=known, remedy="make one with `feedback run`")
    return found


def _pool(stored: Sequence[store.Run], job: run.Job) -> Pool:
    """The segments of comments that count, mapped to the journey as it is now; vectors come from the cache."""
    parts = list(_mapped(stored, job))
    table = pd.concat([table for table, _ in parts], ignore_index=True)
    p = np.concatenate([p for _, p in parts])
    order = np.argsort(table["segment_id"].to_numpy(dtype=object), kind="stable")
    order = order[~(table["corrected"].to_numpy(dtype=bool))[order]]
    return Pool(table.iloc[order].reset_index(drop=True), p[order])


def _mapped(stored: Sequence[store.Run], job: run.Job) -> Iterator[tuple[pd.DataFrame, Floats]]:
    """Part by part: segments with their comment and whether a place was said of them, and their probabilities."""
    line, steps = job.line, job.steps
    said = line.corrected[line.corrected[["touchpoint", "stage"]].notna().any(axis=1)]
    seen: set[str] = set()
    for one in stored:
        held = one.tables()
        batch = Tables(held["submissions"], held["scores"], held["comments"], held["rejects"])
        counts = batch.comments[batch.comments["duplicate_of"].isna() & ~batch.comments["is_repost"]]
        segments = held["segments"].merge(one.table("lemmas"), on="segment_id")
        fresh = segments["comment_id"].isin(counts["comment_id"]) & ~segments["segment_id"].isin(seen)
        segments = segments[fresh & (segments["text"] != "")]
        seen.update(segments["segment_id"])
        context = counts[list(CONTEXT)].rename(columns={"text": "comment"})
        for part in remap.parts(segments):
            vectors = steps("encode", line.encoder.encode, part["text"].tolist()).vectors
            mapped, p = steps("map", mapping.map_to_journey, part, vectors, batch, line.targets, line.thresholds)
            by_hand = corrections.apply(mapped.assign(tagged_by="model"), said, job.journey)["tagged_by"] == "human"
            rest = np.clip(1 - p.sum(axis=1, keepdims=True), 0, 1)
            yield mapped.assign(corrected=by_hand).merge(context, on="comment_id"), np.hstack([p, rest])


def _taught(pool: Pool, random: list[int], n: int, job: run.Job) -> list[int]:
    """The places of the segments that would teach most, none of a comment that is in the random sample."""
    segments, ids = pool.segments, job.line.targets.ids[: len(job.line.targets.stages)]
    apart = segments["comment_id"].isin(segments["comment_id"].iloc[random])
    doubt = pd.Series(active.uncertainty(pool.p)).where(~apart)
    rank = doubt.groupby(pool.p.argmax(axis=1)).rank(ascending=False, method="first")
    rows = np.flatnonzero(rank <= POOL_PER_TOUCHPOINT)
    said = job.line.corrected
    place = said["touchpoint"].fillna(said["stage"]).dropna()
    labelled = place.value_counts().reindex(ids, fill_value=0).tolist()
    encode = job.line.encoder.encode
    found = active.chosen(
        encode(segments["text"].iloc[rows].tolist()).vectors, pool.p[rows],
        pd.factorize(segments["comment_id"].iloc[rows])[0], n,
        labelled=np.array([*labelled, int(place.isin(RESERVED).sum())]),
        known=encode(said["text"].loc[place.index].tolist()).vectors,
    )  # fmt: skip
    return [int(rows[place]) for place in found]


def _table(
    pool: Pool, taught: Sequence[int], random: list[int], salt: str, targets: mapping.Targets, language: str
) -> pd.DataFrame:
    """The rows of the sheet with sheet.COLUMNS, those that teach first."""
    rows = np.array([*taught, *random], dtype=np.int64)
    is_random = np.arange(len(rows)) >= len(taught)
    segments, p = pool.segments.iloc[rows].reset_index(drop=True), pool.p[rows]
    said = [_proposed(row, own, targets) for row, own in zip(segments.to_dict("records"), p, strict=True)]
    shown = pd.DataFrame([_shown(place, own, targets, language) for place, own in zip(said, p, strict=True)])
    why = [_why(own, chance, targets, language) for own, chance in zip(p, is_random, strict=True)]
    blank = dict.fromkeys(("ok", "touchpoint", "stage", "sentiment"))
    table = segments[["segment_id", "text", "comment", "language", "source"]].assign(
        date=segments["created_at"], model_sentiment=segments["sentiment"], why=why, **blank
    )
    given = [_given(row, targets) for row in segments.to_dict("records")]
    table["sample"] = pd.Series(salt, index=table.index, dtype="object").where(is_random)
    table["given"] = pd.Series(given, index=table.index, dtype="object").where(is_random)
    return table.join(shown)[[*sheet.COLUMNS]]


def _given(row: Mapping[Any, Any], targets: mapping.Targets) -> str | None:
    """What the tagger has assigned: a touchpoint, a stage that has none, or general; None where nothing."""
    if row["assignment"] == "general":
        return "general"
    place = row["touchpoint"] if row["assignment"] == "touchpoint" else row["stage"]
    return str(place) if place in targets.ids else None


def _proposed(row: Mapping[Any, Any], p: Floats, targets: mapping.Targets) -> str:
    """What a plain `ok` confirms: what is assigned, or else the likeliest target."""
    return _given(row, targets) or targets.ids[int(p[:-1].argmax())]


def _shown(place: str, p: Floats, targets: mapping.Targets, language: str) -> dict[str, str | None]:
    """The proposal and the two next likeliest, as people read them."""
    order = [int(t) for t in np.argsort(-p[:-1], kind="stable") if targets.ids[t] != place]
    others = [f"{_name(t, targets, language)} ({targets.ids[t]}), {percent(p[t], language)}" for t in order[:2]]
    second, third = [*others, None, None][:2]
    at = targets.ids.index(place)
    own_stage = place in targets.stages
    return {
        "model_touchpoint": None if own_stage else place,
        "model_stage": place if own_stage else targets.stages[at] if at < len(targets.stages) else None,
        "name": words(language)["general"] if place == "general" else _name(at, targets, language),
        "confidence": percent(p[at], language) if at < len(targets.stages) else None,
        "second": second,
        "third": third,
    }


def _name(target: int, targets: mapping.Targets, language: str) -> str:
    return targets.journey.name_of(targets.ids[target], language)


def _why(p: Floats, is_random: bool, targets: mapping.Targets, language: str) -> str:
    """Why a segment is in the sheet, in words."""
    texts = words(language)["why"]
    if is_random:
        return str(texts["random"])
    first, second = np.argsort(-p, kind="stable")[:2]
    none = len(p) - 1
    if none in (first, second):
        key, names = "none", [_name(int(t), targets, language) for t in (first, second) if t != none]
    else:
        key, names = "unsure", [_name(int(t), targets, language) for t in (first, second)]
    if active.uncertainty(p[None])[0] < UNSURE:
        key, names = ("rest", []) if first == none else ("rare", [_name(int(first), targets, language)])
    return str(texts[key].format(*names))


def places(journey: Journey, language: str) -> pd.DataFrame:
    """What can be chosen: id (null where a stage has no touchpoints), stage, name, description; RESERVED come last."""
    texts = words(language)
    rows = [
        (
            None if point is stage else point.id, stage.id, in_language(point.name, language),
            in_language(point.description or {"*": ""}, language),
        )
        for stage, point in journey.targets()
    ]  # fmt: skip
    ends = [(name, None, texts[name], texts["about"][name]) for name in RESERVED]
    return pd.DataFrame([*rows, *ends], columns=["id", "stage", "name", "description"])
