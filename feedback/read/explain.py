"""What a file was taken for, in plain text; for an unknown one a mapping to start from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from feedback.errors import ReadError
from feedback.read.assemble import filled
from feedback.read.cells import Cells, Opened, safe
from feedback.read.format import Format, normal
from feedback.read.identity import is_contact

_COLUMN_ROLES = (
    "text", "title", "id", "created_at", "updated_at", "author", "language", "product", "location", "channel", "url",
    "reply", "thread", "parent", "repost", "extra",
)  # fmt: skip

_REPLIES = {"reply", "response", "réponse"}
_HINTS = {
    "id": {"id", "identifiant", "ref"},
    "created_at": {"date", "time", "timestamp", "created", "horodateur"},
    "language": {"language", "langue", "lang", "locale"},
}


def explain_opened(path: Path, opened: Opened, found: Format | None, cells: Cells) -> str:
    """The explanation of a file that could be opened, with its first records."""
    n = len(cells.table.columns)
    head = f"{safe(path.name)}: {opened.shape}, {n} {'column' if n == 1 else 'columns'}"
    return "\n".join([head, *(_known(found, cells.table) if found else _unknown(cells))])


def explain_unread(path: Path, error: ReadError) -> str:
    """The explanation of a file that could not be opened."""
    return f"{safe(path.name)}: {error}"


def _known(found: Format, table: pd.DataFrame) -> list[str]:
    roles = found.roles(table)
    plays = {name: role for role in reversed(_COLUMN_ROLES) for name in getattr(roles, role)}
    plays |= {s.column: f"score ({s.metric}, {s.min:g} to {s.max:g})" for s in roles.scores}
    plays |= {name: "what is no feedback" for name in roles.set_aside if name not in plays}
    plays = {name: plays[d.name] for d in roles.derived if d.name in plays for name in d.of} | plays
    width = max((len(name) for name in table.columns), default=0)
    lines = [f"recognised as {found.name} ({found.kind})"]
    if not found.verified:
        lines.append("its headings are known from memory only: check the roles below, and correct them in a `mapping`")
    if found.refuse:
        lines.append(f"it is not read: {found.refuse}")
    if roles.heading:
        lines.append(f"{roles.heading} rows under the header are headings")
    if roles.zone:
        lines.append(f"times without offset are in {roles.zone}")
    return lines + [f"  {name:<{width}}  {plays.get(name, '—')}" for name in table.columns]


def _unknown(cells: Cells) -> list[str]:
    table = filled(cells.table, ())
    if table.dropna(how="all").empty:
        return [f"no row can be read; row {r.row}: {r.reason}" for r in cells.refused[:1]] or ["the file holds no rows"]
    width = max((len(name) for name in table.columns), default=0)
    lines = ["not recognised; its columns and their first values:"]
    lines += [f"  {name:<{width}}  {_first_value(table[name])}" for name in table.columns]
    return [*lines, "", "To read it, give its source in the pipeline a mapping, for example:", *_skeleton(table)]


def _first_value(column: pd.Series[str]) -> str:
    value = next(iter(column.dropna()), "")
    return "(contact data, not shown)" if is_contact(value) else " ".join(value.split())[:40]


def _skeleton(table: pd.DataFrame) -> list[str]:
    """A mapping whose text is the column with the longest values, a company's replies aside."""
    words = {name: set(normal(name).split()) for name in table.columns}
    lengths = {name: table[name].str.len().mean() for name in table.columns if not words[name] & _REPLIES}
    text = max(lengths, key=lambda name: lengths[name] if pd.notna(lengths[name]) else -1, default="")
    guesses = {
        role: next((name for name in table.columns if name != text and words[name] & hints), None)
        for role, hints in _HINTS.items()
    }
    lines = ["mapping:", f"  text: {_quoted(text)}"]
    lines += [f"  {role}: {_quoted(name)}" for role, name in guesses.items() if name]
    return [*lines, "  # scores: [{column: NAME, metric: nps, min: 0, max: 10}]"]


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
