"""Who asked to be forgotten: salted hashes in data/forgotten.json, so that an export read again brings nobody back.

A hash is over the workspace's salt and either an author's hash, in all sources or one, or a submission's source and id.
From the file alone nobody can be told; with the salt one can test whether somebody known is among them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from feedback import atomic, privacy, tables, weeks, workspace
from feedback.errors import StoreError
from feedback.tables import Tables

REASON = "not feedback: forgotten on request"
REMEDY = "delete the row from the export, which still holds it"
UNIT = ["source", "submission_id"]


class Forgotten(NamedTuple):
    """The hashes of all who were forgotten, and the weeks whose runs and reports are still to be made anew."""

    salt: bytes | None
    marks: frozenset[str] = frozenset()
    unfinished: frozenset[str] = frozenset()

    def author(self, author: str, source: str = "") -> str:
        """The hash of an author, who is known by their own salted hash, in one source or in all."""
        return self._mark("author", source, author)

    def submission(self, source: str, submission_id: str) -> str:
        """The hash of a submission."""
        return self._mark("submission", source, submission_id)

    def _mark(self, *parts: str) -> str:
        return sha256((self.salt or b"") + "\x1f".join(("forgotten", *parts)).encode("utf-8", "replace")).hexdigest()

    def _marks_of(self, source: str, identifier: str, author: object) -> Iterator[str]:
        yield self.submission(source, identifier)
        if isinstance(author, str):
            yield from (self.author(author), self.author(author, source))

    def among(self, submissions: pd.DataFrame) -> pd.Series[bool]:
        """Which rows (source, submission_id, author hashed) are of somebody forgotten."""
        rows = zip(submissions["source"], submissions["submission_id"], submissions["author"], strict=True)
        found = [not self.marks.isdisjoint(self._marks_of(*row)) for row in rows]
        return pd.Series(found, index=submissions.index, dtype="bool")


def file(root: Path) -> Path:
    """Where a workspace keeps whom it has forgotten."""
    return root / "data" / "forgotten.json"


def load(root: Path) -> Forgotten:
    """Whom a workspace has forgotten.

    Raises StoreError when the file is damaged, or when the salt is not the one that its hashes were made with.
    """
    path = file(root)
    if not path.is_file():
        return Forgotten(None)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        marks, unfinished, proof = frozenset(told["marks"]), frozenset(told["unfinished"]), told["salt"]
    except (ValueError, KeyError, TypeError):
        remedy = "restore it from a backup: without it, exports read again bring back who was forgotten"
        raise StoreError("the list of who was forgotten is damaged", where=str(path), remedy=remedy) from None
    salt = workspace.salt(root) if (root / "data" / "salt").is_file() else b""
    if _proof(salt) != proof:
        remedy = "restore data/salt from a backup: with another one nobody who was forgotten is known again"
        raise StoreError("the workspace's salt is not the one of this list", where=str(path), remedy=remedy)
    return Forgotten(salt, marks, unfinished)


def save(root: Path, known: Forgotten) -> None:
    """Keep whom a workspace has forgotten, at once or not at all. Raises StoreError when it cannot be written."""
    path = file(root)
    told = {"salt": _proof(known.salt or b""), "marks": sorted(known.marks), "unfinished": sorted(known.unfinished)}
    try:
        with atomic.replacing(path) as part:
            part.write_text(json.dumps(told, indent=1) + "\n", encoding="ascii")
    except OSError as error:
        what = f"the list of who was forgotten cannot be written: {error.strerror or error}"
        raise StoreError(what, where=str(path), remedy="free space or give write access, then forget again") from error


def is_unfinished(root: Path) -> bool:
    """Whether something that was to be forgotten may still stand in a run or a report. Raises StoreError."""
    return bool(load(root).unfinished)


def _proof(salt: bytes) -> str:
    return sha256(salt + b"\x1fsalt of the forgotten").hexdigest()


def leave_out(batch: Tables, known: Forgotten) -> Tables:
    """A batch as read, authors in the clear, without those who were forgotten: a reject stands for each submission."""
    if not known.marks:
        return batch
    hashed = batch.submissions.assign(author=privacy.hashed(batch.submissions["author"], known.salt))
    return without(batch, known.among(hashed), known)


def without(batch: Tables, gone: pd.Series[bool], known: Forgotten) -> Tables:
    """A batch without some submissions, for each of which a reject stands.

    Ids of forgotten submissions that others answer become null. Nothing tells whose an excerpt of a reject is, so that
    none is kept.
    """
    kept = weeks.keep(batch, batch.submissions[~gone])
    left = batch.submissions.loc[gone, ["file", "row"]].assign(reason=REASON, remedy=REMEDY)
    rejects = pd.concat([batch.rejects.assign(excerpt=None), left], ignore_index=True)
    own = set(batch.submissions.loc[gone, UNIT].itertuples(index=False, name=None))
    comments = kept.comments.assign(
        **{name: _cut(kept.comments, name, own, known) for name in ("thread_id", "parent_id")}
    )
    return kept._replace(comments=comments, rejects=tables.conform(rejects, tables.REJECTS))


def _cut(comments: pd.DataFrame, name: str, own: set[tuple[str, str]], known: Forgotten) -> pd.Series[str]:
    """A column of ids without those of forgotten submissions."""
    pairs = zip(comments["source"], comments[name], strict=True)
    kept = [None if isinstance(i, str) and _is_gone(source, i, own, known) else i for source, i in pairs]
    return pd.Series(kept, index=comments.index, dtype="str")


def _is_gone(source: str, identifier: str, own: Iterable[tuple[str, str]], known: Forgotten) -> bool:
    return (source, identifier) in own or known.submission(source, identifier) in known.marks
