"""Which columns of a source hold comments: those that any part of any of its files shows to, for all of them."""

from __future__ import annotations

import re
from dataclasses import replace

from feedback.read.batches import Batch
from feedback.read.left_out import Column

_UNNAMED = re.compile(r"column \d+")


class Fields:
    """The columns of comments met so far, by format, each with its field and question.

    Whether answers read like text depends on the rows that stand together; which of them are comments must not.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[str, str]] = {}

    def look(self, batch: Batch) -> None:
        """Take in the columns that a batch by itself shows to hold comments."""
        roles = batch.alone
        for name in roles.text:
            pair = roles.fields.get(name, name), roles.questions.get(name, name)
            self._found.setdefault((_scope(batch, name), name), pair)

    def add(self, other: Fields) -> None:
        """Take in what another file shows."""
        self._found = other._found | self._found

    def taken(self, column: Column) -> bool:
        """Whether a column of a file is one of comments, for all that the files show."""
        return any((scope, column.name) in self._found for scope in (column.file, f"format {column.format}"))

    def told(self, batch: Batch) -> Batch:
        """The batch with the columns of comments of its source; a field that it has already is not given twice."""
        roles, names = batch.roles, list(batch.table.columns)
        own = {roles.fields.get(name, name) for name in roles.text if name in names}
        barred = {*roles.text, *(score.column for score in roles.scores)}
        found = {name: self._found.get((_scope(batch, name), name)) for name in names if name not in barred}
        added = {name: pair for name, pair in found.items() if pair is not None and pair[0] not in own}
        if not added:
            return batch
        text = (*roles.text, *added)
        if not roles.title:  # a title belongs to the first
            text = tuple(sorted(text, key=lambda name: names.index(name) if name in names else len(names)))
        fields = {**roles.fields, **{name: field for name, (field, _) in added.items()}}
        questions = {**roles.questions, **{name: question for name, (_, question) in added.items()}}
        return batch._replace(roles=replace(roles, text=text, fields=fields, questions=questions))


def _scope(batch: Batch, name: str) -> str:
    """Where a column's name means the same: in all files of a format, or in its own file if it has only a number."""
    return batch.origin.file if _UNNAMED.fullmatch(name) else f"format {batch.origin.format}"
