"""The straight line, from a pipeline file to a stored run with its report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from feedback import (
    abstention,
    cache,
    clean,
    corrections,
    encode,
    export,
    head,
    inbox,
    language,
    lock,
    mapping,
    migrate,
    parse,
    privacy,
    read,
    record,
    resume,
    sentiment,
    settle,
    split,
    store,
    tables,
    topics,
    weeks,
    workspace,
)
from feedback import journey as journeys
from feedback import pipeline as pipelines
from feedback.errors import FileError, nearest
from feedback.tables import Tables

if TYPE_CHECKING:
    from spacy.tokens import Doc

BATCH = 2_000
# What topics and friction need of segments.
CONCLUDED = (
    "segment_id", "comment_id", "text", "sentiment", "sentiment_score", "assignment", "stage", "touchpoint",
)  # fmt: skip
STEPS = (
    "look", "read", "load models", "clean", "language", "parse", "redact", "split", "encode", "sentiment", "map",
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
    thresholds: abstention.Cutoffs
    corrected: pd.DataFrame


class Tagged(NamedTuple):
    """A tagged batch: its tables, its segments, what the encoder made of them and their probabilities by row."""

    tables: Tables
    segments: pd.DataFrame
    encoded: encode.Encoded
    probabilities: head.Probabilities
    redacted: Counter[str]


class Plan(NamedTuple):
    """What a run would do: each source with its files, submissions, those without a date, and rejects; the weeks."""

    sources: list[tuple[str, int, int, int, int]]
    weeks: list[str]


class Steps:
    """Runs the steps of the line, says the name of each, and keeps the seconds that it took and the rows it made."""

    def __init__(self, say: Callable[[str], None] = lambda _: None) -> None:
        self.say = say
        self.seconds: dict[str, float] = {}
        self.rows: dict[str, int] = {}

    def __call__(self, name: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function as the named step."""
        self.say(name)
        start = time.perf_counter()
        try:
            result = function(*args, **kwargs)
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
        rows = _rows(result)
        if rows is not None:
            self.rows[name] = self.rows.get(name, 0) + rows
        return result

    def record(self) -> dict[str, dict[str, Any]]:
        """The seconds and the rows of each step so far, for run.json."""
        return {"seconds": {name: round(s, 3) for name, s in self.seconds.items()}, "rows": dict(self.rows)}

    def clear(self) -> None:
        """Begin anew, for the next week."""
        self.seconds.clear()
        self.rows.clear()


class Job(NamedTuple):
    """What the runs of one command share."""

    root: Path
    pipeline: pipelines.Pipeline
    journey: journeys.Journey
    line: Line
    steps: Steps


def _rows(result: object) -> int | None:
    """The rows of a table or array, the comments of a batch, the rows of the first of several; else None."""
    if isinstance(result, Tables):
        return len(result.comments)
    if isinstance(result, tuple):
        return _rows(result[0])
    return len(result) if isinstance(result, pd.DataFrame | np.ndarray) else None


def run(
    path: Path,
    *,
    week: str | None = None,
    span: str | None = None,
    everything: bool = False,
    steps: Steps | None = None,
) -> list[store.Run]:
    """Run a pipeline for one week, a span of weeks, or everything at once; by default for the newest complete week.

    Returns the stored runs in order. Raises FeedbackError when the pipeline, the journey or the input is unfit, or
    another process is writing the workspace.
    """
    steps = steps or Steps()
    weeks.asked(week, span)  # a slip is told before the files are read
    root, pipeline, journey = prepare(path)
    doing = f"run {path.name}"
    with lock.held(root, doing) as now:
        migrate.migrate(root)
        seen = steps("look", inbox.look, pipeline, root)
        chosen = inbox.choose(seen, pipeline, root, week=week, span=span, everything=everything)
        now(f"{doing}, {', '.join(chosen)}")
        store.refuse_others(root, chosen, pipeline.pipeline)
        raw = steps("read", inbox.gather, pipeline, root, seen, chosen)
        line = steps("load models", load_line, pipeline, journey, root)
        job = Job(root, pipeline, journey, line, steps)
        taken = _by_week(raw, chosen, job)
        del raw  # memory holds the rows of a week until it is tagged, and no longer
        return [_run_week(name, taken.pop(0), seen, job) for name in chosen]


def plan(path: Path, *, week: str | None = None, span: str | None = None, everything: bool = False) -> Plan:
    """What `run` would do with the same arguments; nothing is written."""
    weeks.asked(week, span)
    root, pipeline, _ = prepare(path)
    seen = inbox.look(pipeline, root)
    chosen = inbox.choose(seen, pipeline, root, week=week, span=span, everything=everything)
    store.refuse_others(root, chosen, pipeline.pipeline)
    sources = []
    for name, files in seen.files.items():
        names = {read.named(file, root) for file in read.inside(files)}
        found = seen.submissions.loc[seen.submissions["source"] == name, "week"]
        rejects = int(seen.rejects["file"].isin(names).sum())
        sources.append((name, len(files), len(found), int(found.isna().sum()), rejects))
    return Plan(sources, chosen)


def prepare(path: Path) -> tuple[Path, pipelines.Pipeline, journeys.Journey]:
    """The workspace, the pipeline and the journey of a pipeline file, and whether its models are there."""
    pipeline = pipelines.load(path)
    root = workspace.around(path)
    journey = journeys.load(pipelines.inside(pipeline.journey, root, f"{path}, journey"))
    parse.check(_spacy(pipeline, root))
    for target in pipeline.exports:
        if target not in export.targets():
            hint = nearest(target, export.targets())
            raise FileError("unknown export", where=str(path), got=target, allowed=export.targets(), remedy=hint)
    return root, pipeline, journey


def load_line(pipeline: pipelines.Pipeline, journey: journeys.Journey, root: Path | None) -> Line:
    """Load every model that a pipeline names, and place the journey among the encoder's vectors.

    `root` is the workspace that folders of models are relative to and whose salt hashes authors, or None.
    """
    encoder = encode.load(pipeline.encoder, root)
    encoder = cache.kept(encoder, root) if root else encoder
    spacy = _spacy(pipeline, root)
    learned = head.load(root, journey.journey, encoder.version) if root else None
    targets = mapping.place(journey, encoder, spacy, learned)
    rests_on = abstention.resting_on(f"{encoder.version}/{mapping.version(targets)}", targets.ids)
    own = abstention.load(root, journey.journey, rests_on) if root else None
    return Line(
        languages=tuple(pipeline.languages),
        declared={s.name: s.language for s in pipeline.sources},
        spacy=spacy,
        keep=pipeline.privacy.kept,
        salt=workspace.salt(root) if root else None,
        encoder=encoder,
        sentiment=sentiment.load(pipeline.sentiment, root, encoder=encoder),
        targets=targets,
        thresholds=abstention.cutoffs(pipeline.thresholds, own),
        corrected=corrections.latest(root) if root else corrections.none(),
    )


def _spacy(pipeline: pipelines.Pipeline, root: Path | None) -> dict[str, str]:
    return {code: workspace.place_of(pipeline.spacy[code], root) for code in pipeline.languages}


def tag(raw: Tables, line: Line, steps: Steps) -> Tagged:
    """Tag one batch: repaired, redacted, split, encoded, with sentiment, mapped to the journey."""
    batch, docs, spans = redacted(
        raw, steps, declared=line.declared, spacy=line.spacy, languages=line.languages, keep=line.keep, salt=line.salt
    )
    segments = steps("split", split.split, batch.comments, docs, spans)
    encoded = steps("encode", line.encoder.encode, segments["text"].tolist())
    segments = steps("sentiment", sentiment.score, segments, encoded, line.sentiment)
    segments, p = steps("map", mapping.map_to_journey, segments, encoded.vectors, batch, line.targets, line.thresholds)
    segments = segments.assign(tagged_by="model", model_version=version(line))
    segments = corrections.apply(segments, line.corrected, line.targets.journey)
    return Tagged(batch, segments, encoded, p, Counter(span.placeholder for row in spans for span in row))


def version(line: Line) -> str:
    """The versions of the models behind a tag."""
    return f"{line.encoder.version}/{line.sentiment.version}/{mapping.version(line.targets)}"


def redacted(
    raw: Tables,
    steps: Steps,
    *,
    declared: Mapping[str, str | None],
    spacy: Mapping[Any, str],
    languages: tuple[str, ...],
    keep: tuple[str, ...] = (),
    salt: bytes | None = None,
) -> tuple[Tables, list[tuple[Doc, ...]], list[list[privacy.Span]]]:
    """The head of the line: a batch repaired and redacted, its parsed texts, and what was replaced in them."""
    batch = steps("clean", clean.clean, raw)
    comments = steps("language", language.detect, batch.comments, declared, languages)
    docs = steps("parse", parse.parse, comments, spacy)
    batch, spans = steps("redact", privacy.redact, batch._replace(comments=comments), docs, keep, salt)
    return batch, docs, spans


def batches(raw: Tables) -> Iterator[Tables]:
    """A week in batches of at most 2,000 submissions in identity order; the rejects go with the first."""
    submissions = raw.submissions.sort_values(["source", "submission_id"])
    for start in range(0, max(len(submissions), 1), BATCH):
        part = weeks.keep(raw, submissions.iloc[start : start + BATCH])
        yield part if start == 0 else part._replace(rejects=tables.empty(tables.REJECTS))


def _by_week(raw: Tables, chosen: Sequence[str], job: Job) -> list[Tables]:
    """The rows of each week; those without a date are of the first, but for those that other weeks' runs hold."""
    found, gone = [], frozenset[tuple[str, str]]()
    for week in chosen:
        apart = store.undated_elsewhere(job.root, week, job.pipeline.pipeline) | gone
        taken = weeks.within(raw, week, job.pipeline.zone, apart)
        undated = taken.submissions[taken.submissions["created_at"].isna()]
        gone |= set(zip(undated["source"], undated["submission_id"], strict=True))
        found.append(taken)
    return found


def _run_week(week: str, taken: Tables, seen: inbox.Seen, job: Job) -> store.Run:
    """Tag a week batch by batch, then draw its conclusions."""
    line, steps = job.line, job.steps
    earlier = store.earlier(job.root, week, job.pipeline.pipeline)
    taken = taken._replace(rejects=record.news(seen, taken, earlier))
    settings = record.settings(job.pipeline, job.journey, line, job.root)
    rests_on = [settings, line.corrected["id"].tolist(), line.salt]

    def tagged(part: Tables) -> Path:
        return resume.taken_up(job.root, week, part, rests_on, lambda raw: _kept(tag(raw, line, steps)))

    folders = [tagged(part) for part in batches(taken)]
    late = store.late(earlier, seen.submissions)
    counts = record.counts(seen, taken, resume.redacted(folders), late)
    del taken
    info = {**settings, "counts": counts, "inputs": seen.inputs}
    done = settle.publish(_stored(week, folders, earlier, info, job), info, basis(job))
    for one in late:
        submissions = "submission" if one["n"] == 1 else "submissions"
        store.mark_for_rerun(job.root, one["week"], f"{one['n']:,} {submissions} of this week arrived late")
    return done


def _stored(
    week: str, folders: Sequence[Path], earlier: Sequence[store.Run], info: Mapping[str, Any], job: Job
) -> store.Run:
    """A week's tagged batches as a stored run: duplicates, topics and friction over all of them."""
    line, steps = job.line, job.steps
    batch = Tables(*(resume.table(folders, name) for name in Tables._fields))
    batch = batch._replace(comments=steps("duplicates", mark_duplicates, batch, earlier))
    segments, found = steps(
        "topics", topics.find, resume.table(folders, "segments", CONCLUDED), batch.comments,
        lambda texts: line.encoder.encode(texts).vectors, week=week, languages=line.languages,
    )  # fmt: skip
    segments = segments.drop(columns=["segment_id", "text"])  # from here on they are stored only
    return settle.settle(week, batch, segments, found, info, basis(job), parts=_in_full(folders, segments))


def _in_full(folders: Sequence[Path], segments: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The segments of each batch with all columns, and with the topics found over all of them."""
    start = 0
    for folder in folders:
        part = resume.table([folder], "segments")
        found = segments[["topic_id", "topic_score"]].iloc[start : start + len(part)].reset_index(drop=True)
        start += len(part)
        yield part.assign(topic_id=found["topic_id"], topic_score=found["topic_score"])


def basis(job: Job) -> settle.Basis:
    """What the conclusions of the weeks of a job are drawn on."""
    return settle.Basis(job.root, job.pipeline, job.journey, job.line.corrected, job.steps)


def mark_duplicates(batch: Tables, earlier: Sequence[store.Run]) -> pd.DataFrame:
    """The comments of a batch with `duplicate_of`, which may name a comment of an earlier run."""
    comments, submissions = batch.comments, batch.submissions
    if earlier:
        known, authors = store.spoken(earlier)
        known = known[~known["comment_id"].isin(comments["comment_id"])]
        comments = pd.concat([known, comments[known.columns]], ignore_index=True)
        submissions = pd.concat([authors, submissions[authors.columns]], ignore_index=True)
    marked = clean.mark_duplicates(comments, submissions)["duplicate_of"].tail(len(batch.comments))
    return batch.comments.assign(duplicate_of=marked.set_axis(batch.comments.index))


def _kept(part: Tagged) -> resume.Kept:
    """What a run keeps in memory of a batch: without vectors, of which the workspace has a copy."""
    return part.tables, part.segments, part.redacted
