"""What a file was taken for, in plain text; for an unknown one a mapping to start from."""

from __future__ import annotations

import pandas as pd

from feedback.errors import ReadError
from feedback.pipeline import Score
from feedback.privacy import redact_text
from feedback.read.assemble import filled
from feedback.read.cells import Cells, Opened, safe
from feedback.read.format import Format
from feedback.read.identity import is_contact
from feedback.read.packed import File
from feedback.read.proposal import Proposed, propose, questions

_COLUMN_ROLES = (
    "text", "title", "id", "created_at", "updated_at", "author", "language", "product", "location", "channel", "url",
    "reply", "thread", "parent", "repost", "extra",
)  # fmt: skip

_PREVIEW = 5


def explain_opened(path: File, opened: Opened, found: Format | None, cells: Cells) -> str:
    """The explanation of a file that could be opened, with its first records."""
    n = len(cells.table.columns)
    head = f"{safe(path.name)}: {opened.shape}, {n} {'column' if n == 1 else 'columns'}"
    return "\n".join([head, *(_known(found, cells.table) if found else _unknown(cells))])


def explain_unread(path: File, error: ReadError) -> str:
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
    proposed, scores = propose(table)
    lines += ["", "What they seem to be:"]
    lines += [f"  {found.column:<{width}}  {found.role}: {found.sure}, {found.why}" for found in proposed]
    lines += [
        f"  {s.column:<{width}}  score ({s.metric}, {s.min:g} to {s.max:g}): likely, check its scale" for s in scores
    ]
    lines += ["", f"The first rows as they would be read (at most {_PREVIEW}):", *_preview(table, proposed, scores)]
    lines += [f"To be answered: {question}." for question in questions(table, proposed)]
    lines += ["", "To read it, give its source in the pipeline a mapping, for example:"]
    return [*lines, *_mapping(proposed, scores)]


def _preview(table: pd.DataFrame, proposed: list[Proposed], scores: list[Score]) -> list[str]:
    """The first rows by role; texts redacted, people not shown."""
    shown = [p for p in proposed if p.role not in ("author", "reply")]
    lines = []
    for row, cells in table.head(_PREVIEW).iterrows():
        parts = [f"{p.role} {_short(cells[p.column])}" for p in shown if isinstance(cells[p.column], str)]
        parts += [f"{s.metric} {_short(cells[s.column])}" for s in scores if isinstance(cells[s.column], str)]
        lines.append(f"  row {row}: {'; '.join(parts) or 'nothing'}")
    return lines


def _short(value: str) -> str:
    return "(contact data)" if is_contact(value) else " ".join(redact_text(value).split())[:60]


def _first_value(column: pd.Series[str]) -> str:
    value = next(iter(column.dropna()), "")
    return "(contact data, not shown)" if is_contact(value) else _short(value)[:40]


def _mapping(proposed: list[Proposed], scores: list[Score]) -> list[str]:
    """The proposed mapping as YAML."""
    texts = [_quoted(p.column) for p in proposed if p.role == "text"]
    lines = ["mapping:", f"  text: {texts[0] if len(texts) == 1 else '[' + ', '.join(texts) + ']'}"]
    lines += [f"  {p.role}: {_quoted(p.column)}" for p in proposed if p.role != "text"]
    if not scores:
        return [*lines, "  # scores: [{column: NAME, metric: nps, min: 0, max: 10}]"]
    shown = [
        f"    - {{column: {_quoted(s.column)}, metric: {s.metric}, min: {s.min:g}, max: {s.max:g}}}" for s in scores
    ]
    return [*lines, "  scores:", *shown]


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
