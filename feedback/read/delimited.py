"""CSV and its relatives: the delimiter found, quotes and line breaks in cells kept, broken rows set aside."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from feedback.read import encoding as encodings
from feedback.read.cells import Cells, Opened, Refused, Unfold, batched, excerpt, table_of, unique_names

DELIMITERS = (",", ";", "\t", "|")
LONGEST = 2_000
"""Lines that one record may span; more means that a quote was opened and never closed."""
_UNUSED = "\x1f"
_ABOVE, _WIDEST = 20, 1 << 20
_SEP = re.compile(r"sep=(.)\s*$")

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


class _Lines:
    """Lines for csv.reader, which can be given back when a stray quote swallowed them."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._back = lines, list[str]()
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LONGEST:
            raise StopIteration
        line = self._back.pop() if self._back else next(self._lines)
        self.taken.append(line)
        return line

    def give_back(self) -> str:
        """Keep the first line of the record just read, give back the others."""
        first, *rest = self.taken
        self._back.extend(reversed(rest))
        return first

    def swallowed(self, delimiter: str, *, width: int, fits: bool) -> bool:
        """Whether the record just read holds lines that are records of their own."""
        if len(self.taken) < 2:
            return False
        if "".join(self.taken).count('"') % 2:
            return True
        alone = (next(csv.reader([line], delimiter=delimiter), []) for line in self.taken[1:21])
        return not fits and all(len(row) in (0, width) for row in alone)


def open_delimited(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Opened:
    """Open a delimited text file. Raises ReadError when it is no text."""
    name = encoding or encodings.detect(path)
    mark = delimiter or _delimiter(path, name)
    records = (row for _, row in _records(path, name, mark) if isinstance(row, list))
    header = unique_names(next(records, []))
    rows = [row for row in islice(records, 50) if len(row) == len(header)]
    shown = {"\t": "tab", _UNUSED: "none"}.get(mark, mark)

    def cells(_unfold: Unfold | None) -> Iterator[Cells]:
        numbered = _records(path, name, mark)
        next((row for _, row in numbered if isinstance(row, list)), None)
        return batched(_fitting(numbered, len(header)), header)

    sample = table_of(rows, header, range(1, len(rows) + 1))
    return Opened(f"delimited text, {name}, delimiter {shown}", tuple(header), sample, None, cells)


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter whose rows agree best with their header; the one of Excel's `sep=` line if there is one."""
    sample = list(islice(encodings.lines(path, encoding), 400))
    if sample and (named := _SEP.match(sample[0].removeprefix("\ufeff"))):
        return named[1]
    best, best_rank = _UNUSED, (0.25, 1)
    for mark in DELIMITERS:
        below = sample[_preamble(sample, mark) :]
        rows = [row for row in csv.reader(iter(below), delimiter=mark) if row][:200]
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
        cells = [cell for cell in next(csv.reader([line], delimiter=delimiter), []) if cell.strip()]
        if len(cells) > 2:
            return 0
        if not cells:
            header = next(csv.reader(sample[place + 1 : place + 2], delimiter=delimiter), [])
            return place + 1 if place and sum(bool(cell.strip()) for cell in header) > 3 else 0
    return 0


def _below_preamble(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    start = list[str]()
    for line in islice(lines, _ABOVE + 1):
        start.append(line)
        if len(line) > _WIDEST:
            break
    return chain(start[_preamble(start, delimiter) :], lines)


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str] | Refused]]:
    """Numbered records, the header as number 0.

    A blank line is none, unless it stands between the cells of a single column, where it is an empty one.
    """
    source = _Lines(_below_preamble(encodings.lines(path, encoding), delimiter))
    number, width, blank = -1, 0, 0
    reader = csv.reader(source, delimiter=delimiter)
    for row in reader:
        if not row:
            blank += 1
        elif not (number < 0 and len(source.taken) == 1 and _SEP.match(source.taken[0].removeprefix("\ufeff"))):
            if width == 1:
                yield from ((number + n, [""]) for n in range(1, blank + 1))
                number += blank
            blank = 0
            number += 1
            width = width or len(row)
            if source.swallowed(delimiter, width=width, fits=len(row) == width):
                line = source.give_back()
                remedy = "double the quotes inside cells, or export it again"
                yield number, Refused(number, "a quote is opened and not closed", remedy, excerpt(line.strip()))
            else:
                yield number, row
        source.taken.clear()


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
