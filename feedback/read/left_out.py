"""Columns of running text that a format does not take for comments: told, so that nobody misses what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import NamedTuple

from feedback.privacy import redact_text
from feedback.read.answers import is_running_text
from feedback.read.batches import Batch
from feedback.read.cells import Refused
from feedback.read.format import Roles

_SHOWN = 200
_NAMED = 10
_LONGEST = 80
_REMEDY = "if they hold comments, name all columns of comments under `text` in a mapping of the source"
_COLUMNS = tuple(f.name for f in fields(Roles) if f.type == "Names" and f.name != "missing")


class Column(NamedTuple):
    """A column of one file of a format."""

    format: str
    file: str
    name: str


class LeftOut:
    """The columns of running text met so far that play no role, file by file."""

    def __init__(self) -> None:
        self._found: dict[Column, None] = {}

    def look(self, batch: Batch) -> None:
        """Look through the columns of a batch that its format says nothing about."""
        claimed = _claimed(batch.roles)
        for name in batch.table.columns:
            column = Column(batch.origin.format, batch.origin.file, name)
            if name not in claimed and column not in self._found:
                answers = batch.table[name].dropna().head(_SHOWN)
                if len(answers) and is_running_text(answers):
                    self._found[column] = None

    def notes(self, taken: Callable[[Column], bool]) -> dict[str, list[Refused]]:
        """By file a note about such columns; not about those `taken` for comments because another file shows them."""
        names: dict[str, list[str]] = {}
        for column in self._found:
            if not taken(column):
                names.setdefault(column.file, []).append(column.name)
        return {file: [_note(found)] for file, found in names.items()}


def _claimed(roles: Roles) -> set[str]:
    named = {name for role in _COLUMNS for name in getattr(roles, role)}
    derived = {name for d in roles.derived for name in (*d.of, d.name, d.equals, *d.when) if name}
    return named | derived | {score.column for score in roles.scores} | set(roles.set_aside)


def _note(names: list[str]) -> Refused:
    shown = ", ".join(repr(redact_text(name)[:_LONGEST]) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return Refused(None, f"note: columns with running text that are not read as comments: {shown}{more}", _REMEDY)
