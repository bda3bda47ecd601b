"""CSV and its relatives: the delimiter found, quotes and line breaks in cells kept, broken rows set aside."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain, islice

from feedback.errors import ReadError
from feedback.read import encoding as encodings
from feedback.read import limits
from feedback.read.cells import Cells, Opened, Refused, Unfold, batched, excerpt, table_of, too_long, unique_names
from feedback.read.packed import File

DELIMITERS = (",", ";", "\t", "|")
LONGEST = 2_000
"""Lines that one record may span; more means that a quote was opened and never closed."""
_UNUSED = "\x1f"
_ABOVE = 20
_SEP = re.compile(r"""sep=([^"\w\r\n])\s*$""")
_SAMPLE = 1 << 20

csv.field_size_limit(limits.CELL - 1)


class _TooLongError(Exception):
    """A line is longer than a record can be."""


class _Lines:
    """Lines for csv.reader, which can be given back when a stray quote swallowed them."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._back = lines, list[str]()
        self.taken: list[str] = []
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LONGEST or self._size >= limits.LINE:
            raise StopIteration
        line = self._back.pop() if self._back else next(self._lines)
        self.taken.append(line)
        self._size += len(line)
        if len(line) >= limits.LINE and line[-1] not in "\r\n":
            raise _TooLongError
        return line

    def give_back(self) -> str:
        """Keep the first line of the record just read, give back the others."""
        first, *rest = self.taken
        self._back.extend(reversed(rest))
        return first

    def done(self) -> None:
        """Begin a new record."""
        self.taken.clear()
        self._size = 0

    def swallowed(self, delimiter: str, *, width: int, fits: bool) -> bool:
        """Whether the record just read holds lines that are records of their own."""
        if "".join(self.taken).count('"') % 2:
            return True
        alone = (_parsed([line], delimiter)[0] for line in self.taken[1:21])
        return not fits and all(len(row) in (0, width) for row in alone)


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    """The records of a few lines, at least one; empty ones where a cell is too long."""
    found, reader = list[list[str]](), csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            found.append(next(reader))
        except StopIteration:
            return found or [[]]
        except csv.Error:
            found.append([])


def open_delimited(file: File, *, encoding: str | None = None, delimiter: str | None = None) -> Opened:
    """Open a delimited text file. Raises ReadError when it is no text or has too many columns."""
    name = encoding or encodings.detect(file)
    mark = delimiter or _delimiter(file, name)
    records = (row for _, row in _records(file, name, mark) if isinstance(row, list))
    header = unique_names(next(records, []))
    if len(header) > limits.COLUMNS:
        raise ReadError(f"the header has more than {limits.COLUMNS:,} columns", remedy="export fewer columns")
    rows = [row for row in islice(records, 50) if len(row) == len(header)]
    shown = {"\t": "tab", _UNUSED: "none"}.get(mark, mark)

    def cells(_unfold: Unfold | None) -> Iterator[Cells]:
        numbered = (record for record in _records(file, name, mark) if record[0])
        return batched(_fitting(numbered, len(header)), header)

    sample = table_of(rows, header, range(1, len(rows) + 1))
    return Opened(f"delimited text, {name}, delimiter {shown}", tuple(header), sample, None, cells)


def _delimiter(file: File, encoding: str) -> str:
    """The delimiter whose rows agree best with their header; the one of Excel's `sep=` line if there is one."""
    sample = _first_lines(file, encoding)
    if sample and (named := _SEP.match(sample[0].removeprefix("\ufeff"))):
        return named[1]
    best, best_rank = _UNUSED, (0.25, 1)
    for mark in DELIMITERS:
        below = sample[_preamble(sample, mark) :]
        rows = [row for row in _parsed(below, mark) if row][:200]
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        agree = sum(len(row) == width for row in rows) / len(rows)
        rank = (agree, width)
        if rank > best_rank:
            best, best_rank = mark, rank
    return best


def _preamble(sample: list[str], delimiter: str) -> int:
    """How many lines stand above the header: notes of one or two cells such as "From:", and a blank line."""
    for place, line in enumerate(sample[:_ABOVE]):
        cells = [cell for cell in _parsed([line], delimiter)[0] if cell.strip()]
        if len(cells) > 2:
            return 0
        if not cells:
            header = _parsed(sample[place + 1 : place + 2], delimiter)[0]
            return place + 1 if place and sum(bool(cell.strip()) for cell in header) > 3 else 0
    return 0


def _below_preamble(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    start = list[str]()
    for line in islice(lines, _ABOVE + 1):
        start.append(line)
        if len(line) > _SAMPLE:
            break
    return chain(start[_preamble(start, delimiter) :], lines)


def _first_lines(file: File, encoding: str) -> list[str]:
    found, size = list[str](), 0
    for line in islice(encodings.lines(file, encoding), 400):
        found.append(line)
        size += len(line)
        if size > _SAMPLE:
            break
    return found


def _records(file: File, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str] | Refused]]:
    """Numbered records; the header, the first record that is whole, as number 0.

    A blank line is none, unless it stands between the cells of a single column, where it is an empty one.
    """
    source = _Lines(_below_preamble(encodings.lines(file, encoding), delimiter))
    number = width = blank = 0
    for row in _rows(source, delimiter):
        if row == []:
            blank += 1
        elif width or len(source.taken) > 1 or not _SEP.match(source.taken[0].removeprefix("\ufeff")):
            if width == 1:
                yield from ((number + n, [""]) for n in range(1, blank + 1))
                number += blank
            blank = 0
            record = row if isinstance(row, Refused) else _one(source, row, delimiter, width or len(row))
            if width or isinstance(record, Refused):
                number += 1
                yield number, record
            else:
                width = len(record)
                yield 0, record
        source.done()


def _rows(source: _Lines, delimiter: str) -> Iterator[list[str] | Refused]:
    """What csv makes of the lines, and refusals where it gives up."""
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLongError):
            yield too_long(excerpt(source.give_back().strip()))


def _one(source: _Lines, row: list[str], delimiter: str, width: int) -> list[str] | Refused:
    """The record, or its first line as a refusal and the others given back where a stray quote swallowed them."""
    if len(source.taken) < 2 or not source.swallowed(delimiter, width=width, fits=len(row) == width):
        return row
    line = source.give_back()
    remedy = "double the quotes inside cells, or export it again"
    return Refused(None, "a quote is opened and not closed", remedy, excerpt(line.strip()))


def _fitting(
    records: Iterator[tuple[int, list[str] | Refused]], width: int
) -> Iterator[tuple[int, list[str] | Refused]]:
    """Rows as wide as the header; empty cells beyond it are cut off."""
    for number, row in records:
        if isinstance(row, Refused) or len(row) == width:
            yield number, row
        elif len(row) > width and not any(cell.strip() for cell in row[width:]):
            yield number, row[:width]
        else:
            reason = f"{len(row)} cells where the header has {width}"
            remedy = "quote the cells that hold the delimiter, or export it again"
            yield number, Refused(number, reason, remedy, excerpt(" | ".join(row)))
