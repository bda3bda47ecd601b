"""What the sources hold, and which weeks of it a run takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from feedback import forgotten, read, seal, store, weeks
from feedback import pipeline as pipelines
from feedback.errors import FeedbackError, ReadError
from feedback.read.assemble import untimed
from feedback.tables import Tables
from feedback.weeks import ALL


class Seen(NamedTuple):
    """Everything that the sources hold, without its texts.

    `submissions`: source, submission_id, file, week (null without a date). `rejects`: the table of the contract,
    unredacted. `files`: those of each source. `inputs`: the SHA-256 of each file by its path in the workspace.
    """

    submissions: pd.DataFrame
    rejects: pd.DataFrame
    files: Mapping[str, Sequence[Path]]
    inputs: Mapping[str, str]


def look(pipeline: pipelines.Pipeline, root: Path) -> Seen:
    """See what there is. Raises FeedbackError when there is no file at all."""
    files = {source.name: pipelines.files_of(source, root) for source in pipeline.sources}
    if not any(files.values()):
        globs = ", ".join(g for s in pipeline.sources for g in s.files)
        remedy = "drop exports there, or edit `files`"
        raise FeedbackError("no files to read", where=str(root), got=globs, remedy=remedy)
    keys, rejects = [], []
    for batch in _batches(pipeline, root, files):
        week = weeks.of(batch.submissions["created_at"], pipeline.zone)
        keys.append(batch.submissions[["source", "submission_id", "file"]].assign(week=week))
        rejects.append(batch.rejects)
    paths = sorted({path for found in files.values() for path in found})
    inputs = {read.named(path, root): seal.digest(path) for path in paths}
    return Seen(pd.concat(keys, ignore_index=True), pd.concat(rejects, ignore_index=True), files, inputs)


def gather(pipeline: pipelines.Pipeline, root: Path, seen: Seen, chosen: Sequence[str] = (ALL,)) -> Tables:
    """The submissions of some weeks and those without a date, unredacted and in memory only."""
    there = seen.submissions
    taken = there["week"].isna() | there["week"].isin(list(chosen))
    only = None if ALL in chosen else frozenset(there.loc[taken, "file"])
    parts = [_of_weeks(batch, chosen, pipeline) for batch in _batches(pipeline, root, seen.files, only)]
    return Tables(*(pd.concat(part, ignore_index=True) for part in zip(*parts, strict=True)))


def _batches(
    pipeline: pipelines.Pipeline,
    root: Path,
    files: Mapping[str, Sequence[Path]],
    only: frozenset[str] | None = None,
) -> Iterator[Tables]:
    """What the files hold but for those who were forgotten."""
    known = forgotten.load(root)
    for source in pipeline.sources:
        for batch in read.read(source, files[source.name], zone=pipeline.zone, root=root, only=only):
            yield forgotten.leave_out(batch, known)


def _of_weeks(batch: Tables, chosen: Sequence[str], pipeline: pipelines.Pipeline) -> Tables:
    if ALL in chosen:
        return batch
    week = weeks.of(batch.submissions["created_at"], pipeline.zone)
    return weeks.keep(batch, batch.submissions[week.isna() | week.isin(list(chosen))])


def choose(
    seen: Seen, pipeline: pipelines.Pipeline, root: Path, *, week: str | None, span: str | None, everything: bool
) -> list[str]:
    """The weeks to run, oldest first. Raises FeedbackError when none of them has feedback."""
    if seen.submissions.empty:
        raise _nothing(seen.rejects)
    if everything:
        return [ALL]
    found = sorted(seen.submissions["week"].dropna().unique())
    wanted = weeks.asked(week, span)
    if not wanted:
        newest = weeks.newest_complete(found, datetime.now(pipeline.zone))
        if newest is None:
            raise _undated(seen.rejects)
        return [newest]
    present = [w for w in wanted if w in found]
    if not found and _unclaimed(seen, pipeline, root, wanted[0]):
        return wanted[:1]
    if not present:
        known = f"{found[0]} to {found[-1]}" if found else "none"
        raise FeedbackError("no feedback in this week", got=span or week, allowed=known, remedy="see --all")
    return present


def _unclaimed(seen: Seen, pipeline: pipelines.Pipeline, root: Path, week: str) -> bool:
    """Whether some of the undated submissions belong to no other week's run."""
    there = set(zip(seen.submissions["source"], seen.submissions["submission_id"], strict=True))
    return bool(there - store.undated_elsewhere(root, week, pipeline.pipeline))


def _undated(rejects: pd.DataFrame) -> FeedbackError:
    """Why no submission has a date: the first note about dates that are none, if there is one."""
    what, remedy = "no submission has a date", "say with --week which week they belong to, or run all with --all"
    for note in untimed(rejects).to_dict("records"):
        told = f"{what}: {note['reason'].removeprefix('note: ')}"
        return FeedbackError(told, where=note["file"], remedy=f"{note['remedy']}; or {remedy}")
    return FeedbackError(what, remedy=remedy)


def _nothing(rejects: pd.DataFrame) -> FeedbackError:
    """Why there is no submission in any file: the first reason, those of broken files and rows before others."""
    aside = rejects["reason"].str.startswith(("note: ", "not feedback: "))
    reasons = pd.concat([rejects[~aside], rejects[aside]])
    if reasons.empty:
        return ReadError("the files hold no rows", remedy="export them again, with their answers")
    first = reasons.iloc[0]
    where = first["file"] if pd.isna(first["row"]) else f"{first['file']}, row {first['row']}"
    return ReadError(f"nothing could be read: {first['reason']}", where=where, remedy=first["remedy"])
