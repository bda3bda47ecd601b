"""The records of a source on their way from cells to tables: who they are, when they were written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback.read import identity, times
from feedback.read.assemble import Origin, assemble, filled, first, rejects_of, set_aside, submission_ids, when
from feedback.read.cells import BATCH, Cells, Refused, excerpt
from feedback.read.derivation import derived_cells
from feedback.read.editions import Met, keys_of
from feedback.read.format import Names, Roles
from feedback.tables import COMMENTS, SCORES, SUBMISSIONS, Tables, empty

_WHY = {
    "again": ("read again: a later or equal edit stands elsewhere", "nothing to do; the last edit counts"),
    "other": (
        "another record has the same id and is counted instead",
        "map `id` to a column that differs from record to record, or to none; or `updated_at` to the time of last edit",
    ),
}


class Batch(NamedTuple):
    """Records of one file with their ids, and those refused; `alone` are the roles that they show by themselves."""

    table: pd.DataFrame
    ids: pd.Series[str]
    roles: Roles
    origin: Origin
    refused: list[Refused]
    alone: Roles


def identified(
    batches: Iterator[Cells], roles: Roles, origin: Origin, look: Callable[[pd.DataFrame], Roles] | None
) -> Iterator[Batch]:
    """Batches without heading rows and records set aside, each record with its id; `look` finds roles in a table."""
    seen, heading, top = Met(), None, pd.DataFrame()
    for table, refused in batches:
        alone = roles
        if heading is None:
            heading = int(table.index[: roles.heading].max()) if roles.heading and len(table) else 0
            top = table[table.index <= heading]
        elif look is not None:
            alone = look(pd.concat([top, table]) if heading else table)
        body = table[table.index > heading].set_axis(table.index[table.index > heading] - heading)
        moved = [_moved(r, heading) for r in refused]
        cells = filled(derived_cells(body, roles.derived), roles.missing)
        reasons = set_aside(cells, roles)
        aside = cells[reasons.notna()]
        remedy = "nothing to do; it is counted apart"
        moved += [
            Refused(int(row), reason, remedy, text)
            for row, reason, text in zip(aside.index, reasons.dropna(), _excerpts(aside, roles), strict=True)
        ]
        kept = cells[reasons.isna()]
        ids = submission_ids(kept, body[reasons.isna()], roles, seen)
        yield Batch(kept, ids, roles, origin, moved, alone)


def _moved(refused: Refused, heading: int) -> Refused:
    """A refusal numbered like the records; one of a row before them is a note."""
    if refused.row is None or refused.row > heading:
        return refused._replace(row=refused.row and refused.row - heading)
    reason = f"note: row {refused.row} under the names, which is no record: {refused.reason}"
    return refused._replace(row=None, reason=reason)


def _excerpts(table: pd.DataFrame, roles: Roles) -> list[str | None]:
    return [excerpt(text) if isinstance(text, str) else None for text in first(table, roles.text)]


class Dates:
    """What the dates of a source prove about the order of day and month, and the first that could be either."""

    def __init__(self) -> None:
        self._proof = False, False
        self._doubtful: tuple[Origin, str, int, str] | None = None

    def look(self, batch: Batch) -> None:
        """Look through the dates of a batch that have no format of their own."""
        if batch.roles.time_format is not None or batch.roles.month_first is not None:
            return
        for name in dict.fromkeys((*batch.roles.created_at, *batch.roles.updated_at)):
            if name in batch.table:
                proof, doubtful = times.order(batch.table[name])
                self._proof = self._proof[0] or proof[0], self._proof[1] or proof[1]
                if self._doubtful is None and doubtful is not None:
                    self._doubtful = (batch.origin, name, *doubtful)

    def add(self, other: Dates) -> None:
        """Take in what another file's dates prove."""
        self._proof = self._proof[0] or other._proof[0], self._proof[1] or other._proof[1]
        self._doubtful = self._doubtful or other._doubtful

    def told(self, batch: Batch) -> Batch:
        """The batch with the order of its dates."""
        said = batch.roles.month_first
        first = times.month_first(self._proof, batch.origin.zone) if said is None else said
        return batch._replace(origin=replace(batch.origin, month_first=first))

    def notes(self) -> dict[str, list[Refused]]:
        """By file a note about dates whose order nothing proves."""
        if any(self._proof) or self._doubtful is None:
            return {}
        origin, name, row, value = self._doubtful
        month_first = times.month_first(self._proof, origin.zone)
        taken = "month" if month_first else "day"
        reason = (
            f"note: nothing shows whether dates such as {value.split()[0]} in row {row} begin with the day"
            f" or the month; the {taken} is assumed"
        )
        remedy = f'say it in the mapping of the source, as created_at: {{column: "{name}", first: {taken}}}'
        return {origin.file: [Refused(None, reason, remedy)]}


def readings(batch: Batch, which: NDArray[np.bool_], place: int) -> pd.DataFrame:
    """Some records of a batch as `Editions` takes them; `place` is their file's."""
    roles, table, ids = batch.roles, batch.table[which], batch.ids[which]
    updated = when(table, roles.updated_at, roles, batch.origin)
    created = when(table, roles.created_at, roles, batch.origin)
    speaking = (*roles.text, *roles.title, *(score.column for score in roles.scores))
    return pd.DataFrame(
        {
            "key": keys_of(ids),
            "edited": updated.fillna(created),
            "updated": updated.notna(),
            "content": identity.numbers(identity.contents(table)),
            "said": identity.numbers(_said(table, speaking)),
            "file": place,
            "row": ids.index,
        },
        index=ids.index,
    )


def _said(table: pd.DataFrame, names: Names) -> list[str]:
    """A digest of each row's filled cells in these columns, whatever the columns are called."""
    rows = table[[name for name in dict.fromkeys(names) if name in table]].to_numpy().tolist()
    return [identity.digest(*(cell for cell in row if isinstance(cell, str))) for row in rows]


def shared_id(n: int, row: int) -> Refused:
    """A note about the records that are left out because another one has their id."""
    return Refused(
        None, f"note: left out because another record has the same id: {n}, the first in row {row}", _WHY["other"][1]
    )


def sized(batch: Batch, why: pd.Series[str], notes: list[Refused]) -> Iterator[Tables]:
    """The tables of a batch in parts of at most 10,000 comments; what was refused comes with the first."""
    left = batch.table[why.notna()]
    out = zip(left.index, why.dropna(), _excerpts(left, batch.roles), strict=True)
    refused = [*notes, *batch.refused, *(Refused(int(row), *_WHY[reason], text) for row, reason, text in out)]
    table, ids = batch.table[why.isna()], batch.ids[why.isna()]
    size = max(BATCH // max(len(batch.roles.text), 1), 1)
    for start in range(0, max(len(table), 1), size):
        part = slice(start, start + size)
        if len(table):
            tables, found = assemble(table.iloc[part], ids.iloc[part], batch.roles, batch.origin)
        else:
            tables, found = Tables(empty(SUBMISSIONS), empty(SCORES), empty(COMMENTS), pd.DataFrame()), []
        yield tables._replace(rejects=rejects_of([*refused, *found], batch.origin.file))
        refused = []
