"""What a file is taken for, in plain text; of an unknown one a mapping to edit, and what nobody should guess."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from feedback.errors import ReadError
from feedback.pipeline import Score
from feedback.privacy import redact_text
from feedback.read import times
from feedback.read.answers import names_people
from feedback.read.assemble import filled, first
from feedback.read.cells import Cells, Opened, safe
from feedback.read.derivation import derived_cells
from feedback.read.draft import Draft, lines, shown
from feedback.read.format import Format, Names, Roles
from feedback.read.identity import is_contact, is_personal
from feedback.read.packed import File
from feedback.read.proposal import Question, propose, questions, without_answer

_COLUMN_ROLES = (
    "text", "title", "id", "created_at", "updated_at", "author", "language", "product", "location", "channel", "url",
    "reply", "thread", "parent", "repost", "extra",
)  # fmt: skip
_SHOWN_ROLES = ("text", "title", "question", "id", "created_at", "language", "product", "location", "channel")
_PREVIEW = 5
_LONGEST = 60
_UTC = ZoneInfo("UTC")
NOT_SHOWN = "(not shown)"
NO_HEADER = "the header seems to be missing: write the names of the columns into a first row"


class Explained(NamedTuple):
    """What is said of a file, and for an unknown one the mapping proposed."""

    file: File
    text: str
    draft: Draft | None


def explain_opened(file: File, opened: Opened, found: Format | None, cells: Cells) -> Explained:
    """The explanation of a file that could be opened, with its first records."""
    n = len(cells.table.columns)
    head = f"{safe(file.name)}: {opened.shape}, {n} {'column' if n == 1 else 'columns'}"
    said, draft = (_known(found, cells.table), None) if found else _unknown(cells)
    return Explained(file, "\n".join([head, *said]), draft)


def explain_unread(file: File, error: ReadError) -> Explained:
    """The explanation of a file that could not be opened."""
    return Explained(file, f"{safe(file.name)}: {error}", None)


def _known(found: Format, table: pd.DataFrame) -> list[str]:
    roles = found.roles(table)
    plays = {name: role for role in reversed(_COLUMN_ROLES) for name in getattr(roles, role)}
    plays |= {s.column: f"score ({s.metric}, {s.min:g} to {s.max:g})" for s in roles.scores}
    plays |= {name: "what is no feedback" for name in roles.set_aside if name not in plays}
    plays = {name: plays[d.name] for d in roles.derived if d.name in plays for name in d.of} | plays
    width = max((len(name) for name in table.columns), default=0)
    said = [f"recognised as {found.name} ({found.kind})"]
    if not found.verified:
        said.append("its headings are known from memory only: check the roles below, and correct them in a `mapping`")
    if found.refuse:
        said.append(f"it is not read: {found.refuse}")
    if roles.heading:
        said.append(f"{roles.heading} rows under the header are headings")
    if roles.zone:
        said.append(f"times without offset are in {roles.zone}")
    said += [f"  {shown(name):<{width}}  {plays.get(name, '—')}" for name in table.columns]
    return said if found.refuse else [*said, *_known_rows(roles, table)]


def _known_rows(roles: Roles, table: pd.DataFrame) -> list[str]:
    cells = filled(derived_cells(table.iloc[roles.heading :], roles.derived), roles.missing)
    cells = cells.set_axis(cells.index - roles.heading)
    dates = () if roles.time_format else roles.created_at[:1]
    asked = questions(cells, [name for name in dates if name in cells], [s for s in roles.scores if s.column in cells])
    open_ones = [q for q in asked if q.about != "timezone" or roles.zone is None]
    shows = [("text", (name,)) for name in roles.text]
    shows += [(role, getattr(roles, role)) for role in _SHOWN_ROLES[1:]]
    return [*_rows(cells, shows, roles.scores, open_ones), *_asked(open_ones)]


def _unknown(cells: Cells) -> tuple[list[str], Draft | None]:
    table = filled(cells.table, ())
    if table.dropna(how="all").empty:
        nothing = [f"no row can be read; row {r.row}: {r.reason}" for r in cells.refused[:1]]
        return nothing or ["the file holds no rows"], None
    if any(map(is_contact, table.columns)):
        return [f"not recognised; {NO_HEADER}"], None
    proposed, scores = propose(table)
    asked = questions(table, [p.column for p in proposed if p.role == "created_at"], scores)
    draft = Draft(proposed, scores, asked, without_answer(table, proposed))
    names = {name: shown(name) for name in table.columns}
    width = max(map(len, names.values()), default=0)
    said = ["not recognised; its columns and their first values:"]
    said += [f"  {names[name]:<{width}}  {_first_value(table[name], draft)}" for name in table.columns]
    said += ["", "What they seem to be:"]
    said += [f"  {names[found.column]:<{width}}  {found.role}: {found.sure}, {found.why}" for found in proposed]
    said += [
        f"  {names[s.column]:<{width}}  score ({s.metric}, {s.min:g} to {s.max:g}): likely, check its scale"
        for s in scores
    ]
    shows = [(p.role, (p.column,)) for p in proposed if p.role in _SHOWN_ROLES]
    said += ["", *_rows(table, shows, scores, asked), *_asked(asked)]
    said += ["", "How it would be read:", "mapping:", *(f"  {line}" for line in lines(draft))]
    return said, draft


def _asked(asked: Iterable[Question]) -> list[str]:
    return [f"QUESTION: {shown(one.text)} Answer it in the mapping with `{one.about}`: {one.answer}." for one in asked]


def _rows(
    table: pd.DataFrame, shows: Iterable[tuple[str, Names]], scores: Iterable[Score], asked: list[Question]
) -> list[str]:
    """The first rows by role; texts redacted, people not shown, times as they are understood."""
    head = table.head(_PREVIEW)
    parts = [(role, _values(table, role, names, asked)) for role, names in shows if set(names) & set(table.columns)]
    parts += [(f"{s.metric} (of {s.max:g})", first(head, (s.column,)).map(_short)) for s in scores if s.column in head]
    said = [f"The first rows as they would be read (at most {_PREVIEW}):"]
    for row in head.index:
        told = [f"{role} {values[row]}" for role, values in parts if isinstance(values[row], str)]
        said.append(f"  row {row}: {'; '.join(told) or 'nothing'}")
    return said


def _values(table: pd.DataFrame, role: str, names: Names, asked: list[Question]) -> pd.Series[str]:
    values = first(table.head(_PREVIEW), names)
    if role == "created_at":
        return _moments(values, first(table, names), unclear=any(q.about == "first" for q in asked))
    if role == "id":
        return values.map(lambda value: NOT_SHOWN if is_personal(value) else _short(value), na_action="ignore")
    return values.map(_short, na_action="ignore")


def _moments(values: pd.Series[str], column: pd.Series[str], *, unclear: bool) -> pd.Series[str]:
    """Times as they are understood, in whatever zone they are; as they stand, with a mark, where that is asked."""
    if unclear:
        return values.map(lambda value: f"{_short(value)} (?)", na_action="ignore")
    before = times.month_first(times.order(column)[0], _UTC)
    found = times.to_utc(values, _UTC, month_before_day=before)
    clock = found.dt.strftime("%Y-%m-%d %H:%M").str.removesuffix(" 00:00")
    return clock.fillna(values.map(lambda value: f"{_short(value)} (no time)", na_action="ignore"))


def _short(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return "(contact data)" if is_contact(value) else shown(redact_text(value))[:_LONGEST]


def _first_value(column: pd.Series[str], draft: Draft) -> str:
    author = any(p.column == column.name and p.role == "author" for p in draft.roles)
    texts = any(p.column == column.name and p.role in ("text", "title") for p in draft.roles)
    if author or (not texts and names_people(column)):
        return NOT_SHOWN
    return _short(next(iter(column.dropna()), ""))[:40]
