"""The records of a source on their way from cells to tables: who they are, which reading of each counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from feedback.read import identity, times
from feedback.read.assemble import Origin, assemble, filled, first, rejects_of, set_aside, submission_ids, when
from feedback.read.cells import BATCH, Cells, Refused, excerpt
from feedback.read.derivation import derived_cells
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
    """Records of one file with their ids, digests of all they hold and of what they say, and those refused."""

    table: pd.DataFrame
    ids: pd.Series[str]
    content: pd.Series[str]
    said: pd.Series[str]
    roles: Roles
    origin: Origin
    refused: list[Refused]

    def narrow(self) -> Batch:
        """The batch with the columns of its times alone."""
        names = dict.fromkeys((*self.roles.created_at, *self.roles.updated_at))
        return self._replace(table=self.table[[name for name in names if name in self.table]])


def identified(batches: Iterator[Cells], roles: Roles, origin: Origin) -> Iterator[Batch]:
    """Batches without heading rows and records set aside, each record with its id and digests."""
    seen: Counter[str] = Counter()
    speaking = (*roles.text, *roles.title, *(score.column for score in roles.scores))
    for table, refused in batches:
        body = table[table.index > roles.heading].set_axis(table.index[table.index > roles.heading] - roles.heading)
        moved = [r._replace(row=r.row - roles.heading) for r in refused if r.row is not None]
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
        content = pd.Series(identity.contents(kept), index=kept.index, dtype="str")
        yield Batch(kept, ids, content, _said(kept, speaking), roles, origin, moved)


def _excerpts(table: pd.DataFrame, roles: Roles) -> list[str | None]:
    return [excerpt(text) if isinstance(text, str) else None for text in first(table, roles.text)]


def _said(table: pd.DataFrame, names: Names) -> pd.Series[str]:
    """A digest of each row's filled cells in these columns, whatever the columns are called."""
    rows = table[[name for name in dict.fromkeys(names) if name in table]].to_numpy().tolist()
    digests = [identity.digest(*(cell for cell in row if isinstance(cell, str))) for row in rows]
    return pd.Series(digests, index=table.index, dtype="str")


def dated(batches: list[Batch]) -> tuple[list[Batch], dict[str, list[Refused]]]:
    """A source's batches with the one order of day and month that its dates prove, and by file a note without proof."""
    written = {
        (place, name): batch.table[name]
        for place, batch in enumerate(batches)
        if batch.roles.time_format is None
        for name in batch.narrow().table
    }
    dates = pd.concat(written) if written else pd.Series(dtype="str")
    orders = {zone: times.month_first(dates, zone) for zone in {batch.origin.zone for batch in batches}}
    told = [batch._replace(origin=replace(batch.origin, month_first=orders[batch.origin.zone])) for batch in batches]
    doubtful = times.doubtful(dates)
    if doubtful.empty:
        return told, {}
    place, name, row = doubtful.index[0]
    origin = told[place].origin
    taken = "month" if origin.month_first else "day"
    reason = (
        f"note: nothing shows whether dates such as {doubtful.iloc[0].split()[0]} in row {row} begin with the day"
        f" or the month; the {taken} is assumed"
    )
    pattern = "%m/%d/%Y" if origin.month_first else "%d/%m/%Y"
    remedy = f'say it in the mapping of the source, as created_at: {{column: {name}, format: "{pattern}"}}'
    return told, {origin.file: [Refused(None, reason, remedy)]}


def readings(batches: Iterable[Batch]) -> pd.DataFrame:
    """One row per record, as `identity.editions` takes them, with its file and row."""
    return pd.concat([_reading(batch) for batch in batches], ignore_index=True)


def _reading(batch: Batch) -> pd.DataFrame:
    updated = when(batch.table, batch.roles.updated_at, batch.roles, batch.origin)
    created = when(batch.table, batch.roles.created_at, batch.roles, batch.origin)
    return pd.DataFrame(
        {
            "submission_id": batch.ids,
            "edited": updated.fillna(created),
            "updated": updated.notna(),
            "content": batch.content,
            "said": batch.said,
            "file": batch.origin.file,
            "row": batch.ids.index,
        }
    )


def shared_ids(found: pd.DataFrame, why: pd.Series[str]) -> dict[str, list[Refused]]:
    """By file a note about the records that are left out because another one has their id."""
    others = found[why == "other"].groupby("file")["row"].agg(["size", "min"])
    return {
        str(file): [
            Refused(None, f"note: left out because another record has the same id: {n}, the first in row {row}",
                    _WHY["other"][1])
        ]
        for file, n, row in others.itertuples(name=None)
    }  # fmt: skip


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
