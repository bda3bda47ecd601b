"""Workbooks (XLSX, XLS, XLSB, ODS): one sheet as a table of text cells."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from feedback.errors import FileError, ReadError, nearest
from feedback.read import limits, sheets
from feedback.read.cells import Cells, Opened, Refused, Unfold, batched, table_of, text_of, unique_names
from feedback.read.packed import File, whole

_SHOWN = 50


def open_workbook(file: File, *, sheet: str | None = None) -> Opened:
    """Open one sheet: the named one, else the first that holds anything.

    Raises ReadError when the workbook is damaged, protected or made to fill the memory, FileError when it has no such
    sheet.
    """
    name, found, others = _sheet(file, sheet)

    def rows() -> Iterator[list[str]]:
        return _filled([text_of(value) for value in row] for row in found.iter_rows())

    header = unique_names(next(rows(), []))
    if len(header) > limits.COLUMNS:
        raise ReadError(f"the sheet has more than {limits.COLUMNS:,} columns", remedy="export fewer columns")

    def cells(_unfold: Unfold | None) -> Iterator[Cells]:
        numbered: Iterator[tuple[int, list[Any] | Refused]] = enumerate(islice(rows(), 1, None), start=1)
        batches = batched(numbered, header)
        table, refused = next(batches)
        return chain([Cells(table, [*_left_out(others), *refused])], batches)

    shown = list(islice(rows(), 1, _SHOWN + 1))
    sample = table_of(shown, header, range(1, len(shown) + 1))
    return Opened(f"workbook, sheet {name!r}", tuple(header), sample, None, cells)


def _filled(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows from the first filled one to the last; blank ones between them count."""
    blank: list[list[str]] | None = None
    for row in rows:
        if any(cell.strip() for cell in row):
            yield from blank or ()
            yield row
            blank = []
        elif blank is not None:
            blank.append(row)


def _left_out(others: list[str]) -> list[Refused]:
    """A note about further sheets that hold rows."""
    if not others:
        return []
    reason = f"note: other sheets that hold rows are not read: {', '.join(map(repr, others))}"
    return [Refused(None, reason, "name one with `sheet` in a mapping, or save each as a file")]


def _sheet(file: File, wanted: str | None) -> tuple[str, Any, list[str]]:
    """The sheet to read, with the names of further ones that hold rows unless it was asked for."""
    from python_calamine import CalamineError, CalamineWorkbook

    sheets.check(file)
    try:
        with whole(file) as stream, CalamineWorkbook.from_filelike(stream) as book:
            names = book.sheet_names
            if wanted is not None and wanted not in names:
                hint = nearest(wanted, names)
                raise FileError("no such sheet", where=file.name, got=wanted, allowed=names, remedy=hint or None)
            for name in [wanted] if wanted is not None else names:
                found = book.get_sheet_by_name(name)
                if found.height or name == names[-1] or wanted is not None:
                    later = names[names.index(name) + 1 :] if wanted is None else []
                    return name, found, [other for other in later if book.get_sheet_by_name(other).height]
    except (CalamineError, OSError, ValueError) as error:
        what = f"the workbook cannot be read: {error}"
        raise ReadError(what, remedy="remove its password, or save it again as XLSX") from None
    raise ReadError("the workbook holds no sheet of cells", remedy="save it again as XLSX")
