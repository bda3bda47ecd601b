"""`feedback forget`: a person's comments, tags, vectors, corrections and quotes leave every run and report.

Whom to forget is noted first (feedback.forgotten), then what holds them is made anew from what stays, oldest run first,
without any model: corrections and reviews, runs and their reports, vectors. If that is stopped, forgetting again
finishes it: whatever is still to do follows from the note.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import ValidationError

from feedback import (
    cache,
    corrections,
    forgotten,
    inbox,
    lock,
    migrate,
    output,
    privacy,
    purge,
    run,
    settle,
    store,
    tables,
    topics,
    traces,
    workspace,
)
from feedback import pipeline as pipelines
from feedback.errors import FeedbackError, StoreError, UsageError
from feedback.export import targets
from feedback.forgotten import UNIT, Forgotten
from feedback.tables import Tables

MADE = ("data/runs/", "data/cache/", "data/learned/", "reports/")
NAMELESS = 16  # hexadecimal digits of an author's hash, as stored


class Person(NamedTuple):
    """Who is to be forgotten: their marks, their texts, ids that give them away, and their name if it was given."""

    marks: frozenset[str]
    texts: frozenset[str]
    ids: frozenset[str]
    name: str


class Done(NamedTuple):
    """What went: how many of each, the weeks made anew, journeys whose lessons went; and the files that still tell.

    `exports` says how many rows of each file of the sources are theirs; `elsewhere` are other files of the workspace.
    """

    submissions: int
    comments: int
    corrections: int
    reviewed: int
    vectors: int
    weeks: list[str]
    unlearned: list[str]
    exports: dict[str, int]
    elsewhere: list[Path]


NOTHING = Done(0, 0, 0, 0, 0, [], [], {}, [])


def forget(
    path: Path, *, author: str | None = None, comment: str | None = None, source: str | None = None,
    steps: run.Steps | None = None,
) -> Done:  # fmt: skip
    """Forget an author, or the one submission that a comment belongs to, in the workspace of a pipeline.

    `author` is written as in the export, or as the hash that the tables hold; `source` limits it to one source. With
    neither author nor comment, what was stopped before is finished. Raises UsageError for a comment that no run holds,
    StoreError when a run is damaged, cannot be written, or is none that counts, or another process is writing.
    """
    if author is not None and comment is not None:
        raise UsageError("--author and --comment exclude each other", remedy="give one of them")
    steps = steps or run.Steps()
    pipeline, root = pipelines.load(path), workspace.around(path)
    with lock.held(root, f"forget {path.name}"):
        known = forgotten.load(root)
        if author is None and comment is None and not known.unfinished:
            return NOTHING
        migrate.migrate(root)
        _refuse_unread(root)
        known = known._replace(salt=known.salt or workspace.salt(root))
        stored = store.history(root, whole=True)
        person = steps("look", _person, stored, known, author, comment, source)
        known = known._replace(marks=known.marks | person.marks)
        known = known._replace(unfinished=known.unfinished | {one.week for one in _touched(stored, known)})
        forgotten.save(root, known)
        done = _comply(root, known, steps)
        forgotten.save(root, known._replace(unfinished=frozenset()))
        exports = steps("read", _exports, pipeline, root)
        return done._replace(exports=exports, elsewhere=_elsewhere(root, person, exports))


def _refuse_unread(root: Path) -> None:
    """Raise StoreError when a week has runs of which none is the current one: whom these hold is not known."""
    for week in store.stored_weeks(root):
        folder = store.runs_folder(root) / week
        whole = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        if whole and store.current(root, week) is None:
            raise StoreError(
                "no run of this week is the current one, so whom it holds is not known", where=str(folder),
                got=", ".join(whole), remedy="run the week again or delete this folder, then forget again",
            )  # fmt: skip


def _person(
    stored: Sequence[store.Run], known: Forgotten, author: str | None, comment: str | None, source: str | None
) -> Person:
    """Who is meant. Raises UsageError for a comment that no run holds."""
    people = _all(stored, "submissions", [*UNIT, "author"])
    said = _all(stored, "comments", ["comment_id", "text", *UNIT])
    marks: set[str] = set()
    if author is not None:
        hashes = _hashes(author, known.salt)
        marks = {known.author(one, source or "") for one in hashes}
    if comment is not None:
        asked = said[said["comment_id"] == comment]
        if asked.empty:
            remedy = "take the id from the tables or an export; a run that is gone holds nothing of it"
            raise UsageError("no stored run holds this comment", got=comment, remedy=remedy)
        marks = {known.submission(*row) for row in asked[UNIT].itertuples(index=False, name=None)}
    mine = people[known._replace(marks=known.marks | marks).among(people)]
    keys = frozenset(mine[UNIT].itertuples(index=False, name=None))
    belongs = [key in keys for key in said[UNIT].itertuples(index=False, name=None)]
    theirs = said[pd.Series(belongs, index=said.index, dtype="bool")]
    return Person(
        marks=frozenset(marks | {known.submission(*key) for key in keys}),
        texts=frozenset(theirs["text"]),
        ids=frozenset({*theirs["comment_id"], *mine["submission_id"], *mine["author"].dropna()}),
        name=author or "",
    )


def _all(stored: Sequence[store.Run], name: str, columns: list[str]) -> pd.DataFrame:
    """Some columns of a table of all runs."""
    none = tables.empty(tables.SCHEMAS[name])[columns]
    return pd.concat([none, *(one.table(name, columns) for one in stored)], ignore_index=True)


def _hashes(author: str, salt: bytes | None) -> list[str]:
    """The hashes that an author may have: of the name, and the hash itself where one is given.

    Raises UsageError for a name that stands for nobody.
    """
    hashed = privacy.hashed(pd.Series([author], dtype="str"), salt).dropna().tolist()
    if not author.strip() or not hashed:
        raise UsageError("this name stands for nobody", got=author, remedy="give the --comment instead")
    is_hash = len(author) == NAMELESS and set(author) <= set("0123456789abcdef")
    return [*hashed, *([author] if is_hash else [])]


def _touched(stored: Sequence[store.Run], known: Forgotten) -> list[store.Run]:
    """The runs that hold something forgotten, and of the same pipelines those after them, which are compared with them.

    A run is one of them as soon as its rejects have excerpts, since nothing tells whose these are.
    """
    found: list[store.Run] = []
    begun: set[Any] = set()
    for one in stored:
        name = one.info.get("pipeline")
        if name in begun or one.week in known.unfinished or _holds(one, known):
            begun.add(name)
            found.append(one)
    return found


def _holds(one: store.Run, known: Forgotten) -> bool:
    if not known.marks:
        return False
    if known.among(one.table("submissions", [*UNIT, "author"])).any():
        return True
    return bool(one.table("rejects", ["excerpt"])["excerpt"].notna().any())


def _comply(root: Path, known: Forgotten, steps: run.Steps) -> Done:
    """Make a workspace hold nothing of those whom it has noted as forgotten."""
    stored = store.history(root, whole=True)
    gone = [_gone(one, known) for one in stored]
    comments = frozenset[str]().union(*(found for _, found in gone))
    corrected, unlearned = purge.lessons(root, comments)
    reviewed = purge.reviews(root, comments)
    weeks = [one.week for one in _touched(stored, known)]
    for one in stored:
        if one.week in weeks:
            _made_anew(root, one, known, steps)
    for week in store.stored_weeks(root):
        now = store.current(root, week)
        store.prune(store.runs_folder(root) / week, now.folder.name if now else None)
    texts = _all(store.history(root, whole=True), "segments", ["text"])["text"]
    return Done(
        submissions=len(set().union(*(keys for keys, _ in gone))),
        comments=len(comments),
        corrections=corrected,
        reviewed=reviewed,
        vectors=cache.keep_only(root, texts),
        weeks=weeks,
        unlearned=unlearned,
        exports={},
        elsewhere=[],
    )


def _gone(one: store.Run, known: Forgotten) -> tuple[set[tuple[str, str]], set[str]]:
    """The forgotten submissions (UNIT) that a run still holds, and their comments."""
    people, said = one.table("submissions", [*UNIT, "author"]), one.table("comments", ["comment_id", *UNIT])
    keys = set(people.loc[known.among(people), UNIT].itertuples(index=False, name=None))
    mine = [key in keys for key in said[UNIT].itertuples(index=False, name=None)]
    return keys, set(said.loc[mine, "comment_id"])


def _made_anew(root: Path, one: store.Run, known: Forgotten, steps: run.Steps) -> store.Run:
    """A run without those forgotten, its figures and topics from what stays, its reports and exports written again."""
    held, pipeline = one.tables(), _pipeline(one)
    batch = Tables(held["submissions"], held["scores"], held["comments"], held["rejects"])
    removed = batch.comments
    batch = forgotten.without(batch, known.among(batch.submissions), known)
    removed = removed[~removed["comment_id"].isin(batch.comments["comment_id"])]
    comments = run.mark_duplicates(batch, store.earlier(root, one.week, pipeline.pipeline))
    segments = held["segments"][held["segments"]["comment_id"].isin(comments["comment_id"])].reset_index(drop=True)
    segments = store.with_lemmas(segments, one)
    found = topics.described_again(segments, comments, pipeline.languages)
    info = {**one.info, "counts": _recounted(one.info.get("counts", {}), removed)}
    again = store.rerun_reason(root, one.week)
    folder = output.folder(root, one.week)
    for left in folder.glob(".*"):
        purge.leftover(left)
    basis = settle.Basis(root, _as_written(pipeline, folder), one.journey, corrections.latest(root), steps)
    stored = settle.settle(one.week, batch._replace(comments=comments), segments, found, info, basis)
    done = settle.publish(stored, info, basis)
    if again:
        store.mark_for_rerun(root, one.week, again)
    return done


def _pipeline(one: store.Run) -> pipelines.Pipeline:
    """The pipeline of a run, as it was then. Raises StoreError when this version does not know it."""
    try:
        return pipelines.Pipeline.model_validate(one.info["resolved"])
    except ValidationError as error:
        what = "the run's settings are of another version of feedback"
        raise StoreError(what, where=str(one.folder), remedy="run its week again, then forget again") from error


def _as_written(pipeline: pipelines.Pipeline, folder: Path) -> pipelines.Pipeline:
    """The pipeline with the languages and exports that lie in the week's folder, whoever asked for them."""
    pages = [code for code in output.LANGUAGES if (folder / f"report.{code}.html").is_file()]
    exports = [name for name in targets() if name in pipeline.exports or (folder / name).is_dir()]
    languages = list(dict.fromkeys([*pipeline.report.languages, *pages]))
    report = pipeline.report.model_copy(update={"languages": languages})
    return pipeline.model_copy(update={"report": report, "exports": exports})


def _recounted(counts: dict[str, Any], removed: pd.DataFrame) -> dict[str, Any]:
    """The counts of run.json without what was redacted in the comments that went."""
    found = removed["text"].str.extractall(r"<([A-Z]+)>")[0].map("<{}>".format).value_counts()
    left = {kind: n - int(found.get(kind, 0)) for kind, n in counts.get("redacted", {}).items()}
    return {**counts, "redacted": {kind: n for kind, n in left.items() if n > 0}}


def _exports(pipeline: pipelines.Pipeline, root: Path) -> dict[str, int]:
    """How many rows of each file of the sources are of people who were forgotten."""
    try:
        rejects = inbox.look(pipeline, root).rejects
    except FeedbackError:  # no files, or none that can be read
        return {}
    theirs = rejects.loc[rejects["reason"] == forgotten.REASON, "file"]
    return {str(name): int(n) for name, n in theirs.value_counts(sort=False).sort_index().items()}


def _elsewhere(root: Path, person: Person, exports: dict[str, int]) -> list[Path]:
    """Further files of a workspace that hold a person's words, beside those named already and what others said too.

    Of the sources' files these hold rows that were read from another one too, or that could not be read.
    """
    said = "\n".join(_all(store.history(root, whole=True), "comments", ["text"])["text"])
    words = {person.name, *person.ids, *(text for text in person.texts if text not in said)}
    found = [path.relative_to(root) for path in traces.holding(root, words)]
    # A short name stands by chance in what runs made, which was made anew from what stays.
    short = [path.relative_to(root) for path in traces.holding(root, [], [person.name])]
    found += [path for path in short if not path.as_posix().startswith(MADE)]
    named = {str(parent) for name in exports for parent in (Path(name), *Path(name).parents)}
    return sorted({path for path in found if path.as_posix() not in named})
