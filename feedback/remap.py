"""Stored runs brought to the journey and the corrections as they are now: nothing is read, parsed or encoded anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from feedback import corrections, lock, mapping, migrate, record, run, sentiment, settle, store, topics
from feedback.errors import StoreError, UsageError
from feedback.journey import Journey
from feedback.pipeline import Pipeline
from feedback.tables import Tables
from feedback.weeks import ALL

MADE_ONCE = ("encoder", "sentiment")


def remap(path: Path, *, steps: run.Steps | None = None) -> list[store.Run]:
    """Map the stored runs of a pipeline to its journey as it is now, oldest first, and write their reports again.

    Runs up to the first that rests on another journey, model, threshold or correction are left alone; those after it
    are compared with it, and made anew too. The vectors come from the workspace's cache, which encodes again what it
    has lost. Returns the new runs.

    Raises UsageError when there is no run, StoreError when a run was tagged by another encoder or sentiment model, or
    another process is writing the workspace.
    """
    root, pipeline, journey = run.prepare(path)
    with lock.held(root, f"remap {path.name}"):
        migrate.migrate(root)
        return _remap(path, root, pipeline, journey, steps or run.Steps())


def _remap(path: Path, root: Path, pipeline: Pipeline, journey: Journey, steps: run.Steps) -> list[store.Run]:
    stored = store.history(root, pipeline=pipeline.pipeline, whole=True)
    if not stored:
        raise UsageError("this pipeline has no run yet", got=path, remedy=f"make one with `feedback run {path}`")
    job = run.Job(root, pipeline, journey, steps("load models", run.load_line, pipeline, journey, root), steps)
    settings = record.settings(pipeline, journey, job.line, root)
    late = next((place for place, one in enumerate(stored) if _behind(one, settings, job)), len(stored))
    _refuse_others(stored[late:], settings["models"])
    return [_remapped(one, settings, job) for one in stored[late:]]


def _behind(one: store.Run, settings: Mapping[str, Any], job: run.Job) -> bool:
    """Whether a run rests on another journey, model or threshold, or lacks a correction."""
    if one.journey != job.journey or store.changed(one, settings, job.journey):
        return True
    comments = one.table("comments", ["comment_id"])["comment_id"]
    known: list[str] = one.info.get("corrections", [])
    return known != corrections.of(job.line.corrected, comments)


def _refuse_others(runs: Sequence[store.Run], models: Mapping[str, str]) -> None:
    """Refuse, before any work, runs whose vectors or feelings another model made."""
    for one in runs:
        for kind in MADE_ONCE:
            if (made_by := one.info["models"].get(kind)) != models[kind]:
                again = f"feedback run PIPELINE {'--all' if one.week == ALL else f'--week {one.week}'}"
                raise StoreError(
                    f"another {kind} model tagged this run, and mapping it again does not change that",
                    where=str(one.folder),
                    got=made_by,
                    allowed=models[kind],
                    remedy=f"read and tag it again: `{again}`",
                )


def _remapped(stored: store.Run, settings: Mapping[str, Any], job: run.Job) -> store.Run:
    """A stored run mapped anew; what else was found stays, and so does the note that its week should run again."""
    kept: dict[str, Any] = {name: stored.info[name] for name in ("counts", "inputs", "remapped") if name in stored.info}
    if stored.journey != job.journey:
        kept["remapped"] = {"on": f"{datetime.now(UTC):%Y-%m-%d}", "from_version": stored.info["journey"]["version"]}
    again = store.rerun_reason(job.root, stored.week)
    info = {**settings, **kept}
    done = settle.publish(_stored(stored, info, job), info, run.basis(job))
    if again:
        store.mark_for_rerun(job.root, stored.week, again)
    return done


def _stored(stored: store.Run, info: Mapping[str, Any], job: run.Job) -> store.Run:
    """The tables of a stored run with its segments mapped anew, stored."""
    held = stored.tables()
    batch = Tables(held["submissions"], held["scores"], held["comments"], held["rejects"])
    segments = store.with_lemmas(held["segments"], stored)
    segments = pd.concat([_mapped(part, batch, job) for part in parts(segments)], ignore_index=True)
    found = topics.summed(held["topics"], segments, batch.comments)
    segments = segments.assign(model_version=run.version(job.line))
    return settle.settle(stored.week, batch, segments, found, info, run.basis(job))


def parts(segments: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Segments in parts of so many comments, so that their vectors need not lie in memory all at once."""
    number = pd.factorize(segments["comment_id"])[0] // run.BATCH
    for place in range(int(number.max(initial=0)) + 1):
        yield segments[number == place]


def _mapped(part: pd.DataFrame, batch: Tables, job: run.Job) -> pd.DataFrame:
    """Some segments mapped anew; where a person had said the sentiment, it is the model's again until corrected."""
    line, steps = job.line, job.steps
    encoded = steps("encode", line.encoder.encode, part["text"].tolist())
    by_hand = (part["tagged_by"] == "human").to_numpy()
    if by_hand.any():
        felt = sentiment.score(part[by_hand], encoded.at(by_hand), line.sentiment)
        part = pd.concat([part[~by_hand], felt]).loc[part.index]
    mapped = steps("map", mapping.map_to_journey, part, encoded.vectors, batch, line.targets, line.thresholds)[0]
    return corrections.apply(mapped.assign(tagged_by="model"), line.corrected, job.journey)
