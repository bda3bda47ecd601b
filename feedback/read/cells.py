"""What every kind of file is turned into before its columns get a meaning: tables of text cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, time
from itertools import repeat
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from feedback.read import limits

BATCH = 10_000
_TEXT = pd.Series(dtype="str").dtype
_LONGEST = 2_000
_SURROGATE = re.compile("[\ud800-\udfff\0]")


class Refused(NamedTuple):
    """A record that could not be read; `row` is null when the whole file is meant."""

    row: int | None
    reason: str
    remedy: str
    excerpt: str | None = None


class Cells(NamedTuple):
    """Up to 10,000 records as text cells, indexed by their 1-based number in the file, and those refused."""

    table: pd.DataFrame
    refused: list[Refused]


Unfold = Callable[[Any], Iterable[dict[str, Any] | Refused | str]]
"""From one JSON value to its records; a refusal instead of one is of that item, a text of the whole value."""


class Opened(NamedTuple):
    """A file whose kind is known.

    `header` and `rows` show its first records when it is a table, `value` its first JSON value
    otherwise; `cells` reads it from the beginning.
    """

    shape: str
    header: tuple[str, ...]
    rows: pd.DataFrame
    value: Any
    cells: Callable[[Unfold | None], Iterator[Cells]]


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names without blanks at the ends, none empty, none twice.

    >>> unique_names(["Comment", " Comment ", ""])
    ['Comment', 'Comment (2)', 'column 3']
    """
    found: dict[str, None] = {}
    taken = {name.strip() for name in names}
    numbers: dict[str, int] = {}
    for place, raw in enumerate(names, start=1):
        name = stem = raw.strip().removeprefix("\ufeff").strip() or f"column {place}"
        number = numbers.get(stem, 1)
        while name in found or (number > 1 and name in taken):
            number += 1
            name = f"{stem} ({number})"
        numbers[stem] = number
        found[name] = None
    return list(found)


def table_of(rows: Sequence[Sequence[str | None]], header: Sequence[str], numbers: Sequence[int]) -> pd.DataFrame:
    """A table of text cells indexed by record number; missing cells are null."""
    columns = zip(*rows, strict=True) if rows else repeat((), len(header))
    made = {
        place: pd.arrays.ArrowStringArray(pa.chunked_array([pa.array(cells, pa.large_string())]), dtype=_TEXT)  # type: ignore[call-arg]
        for place, cells in enumerate(columns)
    }
    table = pd.DataFrame(made, index=pd.Index(list(numbers), dtype="int64"), copy=False)
    return table.set_axis(pd.Index(list(header), dtype="str"), axis=1)


def batched(records: Iterable[tuple[int, list[Any] | Refused]], header: Sequence[str]) -> Iterator[Cells]:
    """Numbered rows and refusals as tables; at least one, so that a file without rows keeps its header."""
    first = True
    for chunk in chunks(records):
        first = False
        kept = [(n, r) for n, r in chunk if not isinstance(r, Refused)]
        refused = [r._replace(row=n) for n, r in chunk if isinstance(r, Refused)]
        yield Cells(table_of([r for _, r in kept], header, [n for n, _ in kept]), refused)
    if first:
        yield Cells(table_of([], header, []), [])


def chunks(
    records: Iterable[tuple[int, list[str | None] | Refused]],
) -> Iterator[list[tuple[int, list[str | None] | Refused]]]:
    """Numbered rows in parts of at most 10,000, fewer of wide and of long ones; those with too long a cell refused."""
    chunk: list[tuple[int, list[str | None] | Refused]] = []
    cells = size = 0
    for number, row in records:
        lengths = [] if isinstance(row, Refused) else [len(cell) for cell in row if cell]
        chunk.append((number, too_long() if lengths and max(lengths) >= limits.CELL else row))
        cells, size = cells + len(row), size + sum(lengths)
        if len(chunk) >= BATCH or cells >= limits.BATCH_CELLS or size >= limits.BATCH_TEXT:
            yield chunk
            chunk, cells, size = [], 0, 0
    if chunk:
        yield chunk


def too_long(shown: str | None = None) -> Refused:
    """The refusal of a record, still without its number, with a cell that is too long to be a comment."""
    reason = f"a cell of {limits.CELL:,} characters or more"
    return Refused(None, reason, "correct the cell, or export it again", shown)


def text_of(value: object) -> str:
    """A typed cell as text: whole numbers without a point, times in ISO 8601.

    >>> [text_of(value) for value in (9.0, 0.5, True, date(2026, 11, 16))]
    ['9', '0.5', 'true', '2026-11-16']
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    return safe(str(value))


def safe(text: str) -> str:
    """The text with lone surrogates and NULs as U+FFFD, so that it can be stored."""
    return _SURROGATE.sub("\ufffd", text)


def excerpt(value: object) -> str:
    """The beginning of a record, for the table of rejects: more than is kept, since it is redacted before it is cut."""
    return safe(str(value)[:_LONGEST])
