"""One workbook with a sheet per table, for teams that read in Excel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from feedback.errors import FeedbackError
from feedback.export.guard import FREE_TEXT, guard
from feedback.report.figures import clean
from feedback.report.results import Results

ROWS, CELL = 1_048_576, 32_767
ROWS_AT_ONCE = 5000
ORDER = ("friction", "topics", "comments", "segments", "submissions", "scores", "rejects")
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}


def write(results: Results, folder: Path) -> list[Path]:
    """Write feedback.xlsx; times are in UTC, texts beyond a cell's 32,767 characters are cut with "…".

    Raises FeedbackError when a table has more rows than a sheet can hold.
    """
    path = folder / "feedback.xlsx"
    names = [name for name in ORDER if name in results.tables]
    write_workbook(path, {name: guard(results.tables[name], FREE_TEXT.get(name, ())) for name in names})
    return [path]


def write_workbook(path: Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Write a workbook with a sheet per table.

    Raises FeedbackError when one has too many rows for a sheet, OSError when the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    for name, table in sheets.items():
        if len(table) >= ROWS:
            raise FeedbackError(
                f"the table {name} does not fit into a sheet",
                where=str(path),
                got=f"{len(table)} rows",
                allowed=f"{ROWS - 1} rows",
                remedy="write parquet or csv",
            )
    try:
        with xlsxwriter.Workbook(str(path), {**PLAIN, "default_date_format": "yyyy-mm-dd hh:mm"}) as book:
            head = book.add_format({"bold": True, "bottom": 1})
            # A fixed creation time keeps two exports of one run identical.
            book.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime()})
            for name, table in sheets.items():
                _sheet(book.add_worksheet(name), table, head)
    except FileCreateError as error:
        raise OSError(str(error)) from error


def _sheet(sheet: Any, table: pd.DataFrame, head: Any) -> None:
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
    for k, column in enumerate(table.columns):
        sheet.set_column(k, k, _width(column, table[column]))
    sheet.write_row(0, 0, list(table.columns), head)
    for start in range(0, len(table), ROWS_AT_ONCE):
        part = table.iloc[start : start + ROWS_AT_ONCE]
        cells = part.astype(object).where(part.notna(), None)
        for r, row in enumerate(cells.itertuples(index=False, name=None), start=start + 1):
            for k, value in enumerate(row):
                if value is not None:
                    _cell(sheet, r, k, value)


def _cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, str):
        text = clean(value)
        sheet.write_string(row, column, text if len(text) <= CELL else text[: CELL - 1] + "…")
    elif isinstance(value, pd.Timestamp):
        sheet.write_datetime(row, column, value.tz_localize(None).to_pydatetime())
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    else:
        sheet.write_number(row, column, value)


def _width(name: str, cells: pd.Series) -> int:
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return 17
    longest = max((len(str(cell)) for cell in cells.head(200)), default=0)
    return max(len(name) + 3, min(longest + 1, 60))
