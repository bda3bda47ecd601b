"""Workbooks (XLSX, XLS, XLSB, ODS): one sheet as a table of text cells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from feedback.errors import FileError, ReadError, nearest
from feedback.read.cells import Cells, Opened, Refused, Unfold, batched, table_of, unique_names

_SCALAR = str | int | float | bool | date | datetime | time | timedelta


def open_workbook(path: Path, *, sheet: str | None = None) -> Opened:
    """Open one sheet: the named one, else the first that holds anything.

    Raises ReadError when the workbook is damaged or protected, FileError when it has no such sheet.
    """
    name, rows = _sheet(path, sheet)
    table = [[_text(value) for value in row] for row in rows]
    filled = [place for place, row in enumerate(table) if any(cell.strip() for cell in row)]
    header = unique_names(table[filled[0]]) if filled else []
    body = table[filled[0] + 1 : filled[-1] + 1] if filled else []

    def cells(_unfold: Unfold | None) -> Iterator[Cells]:
        numbered: Iterator[tuple[int, list[Any] | Refused]] = iter(enumerate(body, start=1))
        return batched(numbered, header)

    sample = table_of(body[:50], header, range(1, min(len(body), 50) + 1))
    return Opened(f"workbook, sheet {name!r}", tuple(header), sample, None, cells)


def _sheet(path: Path, wanted: str | None) -> tuple[str, list[list[Any]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
            names = book.sheet_names
            if wanted is not None and wanted not in names:
                hint = nearest(wanted, names)
                raise FileError("no such sheet", where=path.name, got=wanted, allowed=names, remedy=hint or None)
            for name in [wanted] if wanted is not None else names:
                rows = book.get_sheet_by_name(name).to_python()
                if rows or name == names[-1] or wanted is not None:
                    return name, rows
    except (CalamineError, OSError, ValueError) as error:
        what = f"the workbook cannot be read: {error}"
        raise ReadError(what, remedy="remove its password, or save it again as XLSX") from None
    return "", []


def _text(value: _SCALAR) -> str:
    """A cell as text: whole numbers without a point, times in ISO 8601."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).replace("\0", "\ufffd")
