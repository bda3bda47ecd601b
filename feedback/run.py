"""The straight line, from a pipeline file to a stored run with its report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from feedback import (
    clean,
    encode,
    export,
    friction,
    language,
    mapping,
    output,
    parse,
    privacy,
    read,
    record,
    sentiment,
    split,
    store,
    tables,
    topics,
    weeks,
    workspace,
)
from feedback import journey as journeys
from feedback import pipeline as pipelines
from feedback.errors import FeedbackError, FileError, UsageError, nearest
from feedback.tables import Tables

BATCH = 10_000
STEPS = (
    "read", "load models", "clean", "language", "parse", "redact", "split", "encode", "sentiment", "map",
    "duplicates", "topics", "friction", "store", "report",
)  # fmt: skip
P = ParamSpec("P")
R = TypeVar("R")


class Line(NamedTuple):
    """Everything that tagging needs, loaded once."""

    languages: tuple[str, ...]
    declared: dict[str, str | None]
    spacy: dict[str, str]
    keep: tuple[str, ...]
    salt: bytes | None
    encoder: encode.Encoder
    sentiment: sentiment.SentimentModel
    targets: mapping.Targets
    thresholds: pipelines.Thresholds


class Tagged(NamedTuple):
    """A tagged batch: its tables, its segments, and their vectors and probabilities by row."""

    tables: Tables
    segments: pd.DataFrame
    vectors: encode.Vectors
    probabilities: mapping.Probabilities
    redacted: Counter[str]


class Plan(NamedTuple):
    """What a run would do: each source with its files, submissions and rejects, and the weeks."""

    sources: list[tuple[str, int, int, int]]
    weeks: list[str]


class Steps:
    """Runs the steps of the line, keeps the seconds that each took since the last run was stored, and says its name."""

    def __init__(self, say: Callable[[str], None] = lambda _: None) -> None:
        self.say = say
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function as the named step."""
        self.say(name)
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def run(
    path: Path,
    *,
    week: str | None = None,
    span: str | None = None,
    everything: bool = False,
    steps: Steps | None = None,
) -> list[store.Run]:
    """Run a pipeline for one week, a span of weeks, or everything at once; by default for the newest complete week.

    Returns the stored runs in order. Raises FeedbackError when the pipeline, the journey or the input is unfit.
    """
    steps = steps or Steps()
    weeks.asked(week, span)  # a slip is told before the files are read
    root, pipeline, journey = prepare(path)
    raw, files = steps("read", gather, pipeline, root)
    chosen = choose(raw, pipeline, week=week, span=span, everything=everything)
    line = steps("load models", load_line, pipeline, journey, root)
    return [_run_week(name, raw, files, line, root, pipeline, journey, steps) for name in chosen]


def plan(path: Path, *, week: str | None = None, span: str | None = None, everything: bool = False) -> Plan:
    """What `run` would do with the same arguments; nothing is written."""
    weeks.asked(week, span)
    root, pipeline, _ = prepare(path)
    raw, _ = gather(pipeline, root)
    sources = []
    for source in pipeline.sources:
        files = pipelines.files_of(source, root)
        names = {file.relative_to(root).as_posix() for file in files}
        submissions = int((raw.submissions["source"] == source.name).sum())
        sources.append((source.name, len(files), submissions, int(raw.rejects["file"].isin(names).sum())))
    return Plan(sources, choose(raw, pipeline, week=week, span=span, everything=everything))


def prepare(path: Path) -> tuple[Path, pipelines.Pipeline, journeys.Journey]:
    """The workspace, the pipeline and the journey of a pipeline file, and whether its models are there."""
    pipeline = pipelines.load(path)
    root = workspace.find(path.parent)
    if root is None:
        raise UsageError("the pipeline lies in no workspace", got=path, remedy="make one with `feedback init DIR`")
    journey = journeys.load(pipelines.inside(pipeline.journey, root, f"{path}, journey"))
    parse.check(_spacy(pipeline, root))
    for target in pipeline.exports:
        if target not in export.targets():
            hint = nearest(target, export.targets())
            raise FileError("unknown export", where=str(path), got=target, allowed=export.targets(), remedy=hint)
    return root, pipeline, journey


def gather(pipeline: pipelines.Pipeline, root: Path) -> tuple[Tables, list[Path]]:
    """Everything that the sources hold, unredacted and in memory only, and the files read."""
    found_batches: list[Tables] = []
    files: list[Path] = []
    for source in pipeline.sources:
        found = pipelines.files_of(source, root)
        files += found
        found_batches += list(read.read(source, found, zone=pipeline.zone, root=root))
    if not files:
        globs = ", ".join(g for s in pipeline.sources for g in s.files)
        raise FeedbackError(
            "no files to read", where=str(root), got=globs, remedy="drop exports there, or edit `files`"
        )
    parts = (
        zip(*found_batches, strict=True)
        if found_batches
        else ([tables.empty(s)] for s in list(tables.SCHEMAS.values())[:4])
    )
    return Tables(*(pd.concat(part, ignore_index=True) for part in parts)), files


def choose(
    raw: Tables, pipeline: pipelines.Pipeline, *, week: str | None, span: str | None, everything: bool
) -> list[str]:
    """The weeks to run, oldest first. Raises FeedbackError when none of them has feedback."""
    found = weeks.of(raw.submissions["created_at"], pipeline.zone).dropna().unique().tolist()
    if everything:
        return [weeks.ALL]
    if week is None and span is None:
        newest = weeks.newest_complete(found, datetime.now(pipeline.zone))
        if newest is None:
            raise FeedbackError("no submission has a date", remedy="run everything at once with --all")
        return [newest]
    wanted = weeks.asked(week, span)
    present = [w for w in wanted if w in found]
    if not present:
        known = f"{min(found)} to {max(found)}" if found else "none"
        raise FeedbackError("no feedback in this week", got=span or week, allowed=known, remedy="see --all")
    return present


def load_line(pipeline: pipelines.Pipeline, journey: journeys.Journey, root: Path | None) -> Line:
    """Load every model that a pipeline names, and place the journey among the encoder's vectors.

    `root` is the workspace that folders of models are relative to and whose salt hashes authors, or None.
    """
    encoder = encode.load(pipeline.encoder, root)
    spacy = _spacy(pipeline, root)
    return Line(
        languages=tuple(pipeline.languages),
        declared={s.name: s.language for s in pipeline.sources},
        spacy=spacy,
        keep=tuple(pipeline.privacy.keep),
        salt=workspace.salt(root) if root else None,
        encoder=encoder,
        sentiment=sentiment.load(pipeline.sentiment, root, encoder=pipeline.encoder),
        targets=mapping.place(journey, encoder, spacy),
        thresholds=pipeline.thresholds,
    )


def _spacy(pipeline: pipelines.Pipeline, root: Path | None) -> dict[str, str]:
    return {code: workspace.place_of(pipeline.spacy[code], root) for code in pipeline.languages}


def tag(raw: Tables, line: Line, steps: Steps) -> Tagged:
    """Tag one batch: repaired, redacted, split, encoded, with sentiment, mapped to the journey."""
    batch = steps("clean", clean.clean, raw)
    comments = steps("language", language.detect, batch.comments, line.declared, line.languages)
    docs = steps("parse", parse.parse, comments, line.spacy)
    batch, spans = steps("redact", privacy.redact, batch._replace(comments=comments), docs, line.keep, line.salt)
    segments = steps("split", split.split, batch.comments, docs, spans)
    vectors = steps("encode", line.encoder.encode, segments["text"].tolist())
    segments = steps("sentiment", sentiment.score, segments, vectors, line.sentiment)
    segments, p = steps("map", mapping.map_to_journey, segments, vectors, batch, line.targets, line.thresholds)
    version = f"{line.encoder.version}/{line.sentiment.version}/{mapping.version()}"
    segments = segments.assign(tagged_by="model", model_version=version)
    redacted = Counter(span.placeholder for row in spans for span in row)
    return Tagged(batch, segments, vectors, p, redacted)


def batches(raw: Tables) -> Iterator[Tables]:
    """A week in batches of at most 10,000 submissions in identity order; the rejects go with the first."""
    submissions = raw.submissions.sort_values(["source", "submission_id"])
    for start in range(0, max(len(submissions), 1), BATCH):
        part = weeks.keep(raw, submissions.iloc[start : start + BATCH])
        yield part if start == 0 else part._replace(rejects=tables.empty(tables.REJECTS))


def _run_week(
    week: str,
    raw: Tables,
    files: Sequence[Path],
    line: Line,
    root: Path,
    pipeline: pipelines.Pipeline,
    journey: journeys.Journey,
    steps: Steps,
) -> store.Run:
    """Tag a week, find its topics and friction, store it whole, then write its report and exports."""
    taken = weeks.within(raw, week, pipeline.zone, store.undated_elsewhere(root, week))
    batch, segments, vectors, redacted = _joined([tag(part, line, steps) for part in batches(taken)])
    comments = steps("duplicates", clean.mark_duplicates, batch.comments, batch.submissions)
    submissions = mapping.personas(batch.submissions, journey)
    segments, found = steps("topics", topics.find, segments, comments, vectors, week=week, languages=line.languages)
    previous = store.previous(root, week)
    ranking = steps(
        "friction", friction.rank, segments, comments, submissions, batch.scores, journey,
        thresholds=pipeline.thresholds, weights=pipeline.friction,
        previous=previous.table("friction") if previous else None, previous_week=previous.week if previous else None,
    )  # fmt: skip
    results = (submissions, batch.scores, comments, segments, batch.rejects, found, ranking)
    kept = {
        schema.name: tables.conform(table, schema)
        for schema, table in zip(tables.SCHEMAS.values(), results, strict=True)
    }
    counts = record.counts(raw, taken, redacted, store.late(root, raw, week, pipeline.zone))
    info = record.info(week, previous, pipeline, journey, line, files, root, counts, steps.seconds)
    with store.writing(root, week) as folder:
        steps("store", store.save, folder, kept, journey, info)
    steps.seconds.clear()
    stored = store.find(root, week)
    steps("report", output.write, stored, root, pipeline.report.languages, pipeline.exports)
    return stored


def _joined(parts: list[Tagged]) -> tuple[Tables, pd.DataFrame, encode.Vectors, Counter[str]]:
    """The batches of a week as one, and how many words of each kind were redacted."""
    batch = Tables(*(pd.concat(column, ignore_index=True) for column in zip(*(p.tables for p in parts), strict=True)))
    segments = pd.concat([p.segments for p in parts], ignore_index=True)
    return batch, segments, np.vstack([p.vectors for p in parts]), sum((p.redacted for p in parts), Counter())
