"""One workbook with a sheet per table, for teams that read in Excel.

XlsxWriter makes the workbook with its formats, widths and headers; the cells are put in by whole columns, since one
by one they take longer than all the rest of a run that is mapped again.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from feedback.errors import FeedbackError
from feedback.export.guard import FREE_TEXT, guard
from feedback.report.results import Results

if TYPE_CHECKING:
    import pyarrow as pa

ROWS, CELL = 1_048_576, 32_767
ROWS_AT_ONCE = 2000
ORDER = ("friction", "topics", "comments", "segments", "submissions", "scores", "rejects")
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
EPOCH, DAY = pd.Timestamp("1899-12-30"), pd.Timedelta(days=1)
COMPRESSION = 3  # a fifth larger than the usual 6, in half the time
UNFIT = r"[\x00-\x08\x0b-\x1f\x7f\x{fffe}\x{ffff}]"  # as in report.figures.clean, for Arrow
ESCAPED = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


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
    for name, table in sheets.items():
        if len(table) >= ROWS:
            raise FeedbackError(
                f"the table {name} does not fit into a sheet",
                where=str(path),
                got=f"{len(table)} rows",
                allowed=f"{ROWS - 1} rows",
                remedy="write parquet or csv",
            )
    tables = {f"xl/worksheets/sheet{k}.xml": table for k, table in enumerate(sheets.values(), start=1)}
    with (
        zipfile.ZipFile(_frame(sheets)) as frame,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as book,
    ):
        for part in frame.infolist():
            with book.open(part.filename, "w", force_zip64=True) as out:
                for piece in _filled(frame.read(part), tables.get(part.filename)):
                    out.write(piece)


def _frame(sheets: Mapping[str, pd.DataFrame]) -> io.BytesIO:
    """The workbook with its headers and without rows; a column of times has their format."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, PLAIN) as book:
        head, time = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        # A fixed creation time keeps two exports of one run identical.
        book.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime()})
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
            for k, column in enumerate(table.columns):
                timed = is_datetime64_any_dtype(table[column])
                sheet.set_column(k, k, _width(column, table[column]), time if timed else None)
            sheet.write_row(0, 0, list(table.columns), head)
    return made


def _filled(xml: bytes, table: pd.DataFrame | None) -> Iterator[bytes]:
    """A part of the workbook in pieces, a sheet with the rows of its table."""
    if table is None or table.empty:
        yield xml
        return
    from xlsxwriter.utility import xl_rowcol_to_cell

    before, end, after = xml.partition(b"</sheetData>")
    area = f"A1:{xl_rowcol_to_cell(len(table), len(table.columns) - 1)}".encode()
    yield re.sub(rb'(?<=<dimension ref=")[^"]*', area, before)
    time = re.search(rb'<col [^>]*style="(\d+)"', before)
    for start in range(0, len(table), ROWS_AT_ONCE):
        yield _rows(table.iloc[start : start + ROWS_AT_ONCE], start + 2, time[1].decode() if time else "")
    yield end + after


def _rows(part: pd.DataFrame, first: int, time: str) -> bytes:
    """Rows of a sheet from this number on; `time` is the number of the format of times."""
    import pyarrow as pa
    from pyarrow import compute
    from xlsxwriter.utility import xl_col_to_name

    numbers = pa.array(np.arange(first, first + len(part))).cast(pa.string())
    cells = [compute.binary_join_element_wise('<row r="', numbers, '">', "")]
    for k in range(len(part.columns)):
        before, values, after = _values(part.iloc[:, k], time)
        start = f'<c r="{xl_col_to_name(k)}'
        cells.append(compute.binary_join_element_wise(start, numbers, f'"{before}', values, f"{after}</c>", ""))
    rows = compute.binary_join_element_wise(*cells, "</row>", "", null_handling="replace", null_replacement="")
    return "".join(rows.to_pylist()).encode("utf-8")


def _values(column: pd.Series, time: str) -> tuple[str, pa.Array, str]:
    """A column's values as XML has them, null where there is none, and what stands before and after each."""
    import pyarrow as pa

    if is_bool_dtype(column):
        kind, values = ' t="b"', column.astype("Int8")
    elif is_datetime64_any_dtype(column):
        kind, values = f' s="{time}"', (column.dt.tz_localize(None) - EPOCH) / DAY
    elif is_numeric_dtype(column):
        kind, values = "", column
    else:
        texts = pa.array(column.astype("str"), pa.string(), from_pandas=True)
        return ' t="inlineStr"><is><t xml:space="preserve">', _written(texts), "</t></is>"
    return f"{kind}><v>", pa.array(values, from_pandas=True).cast(pa.string()), "</v>"


def _written(texts: pa.Array) -> pa.Array:
    """Texts cut to what a cell holds, without characters that XML cannot hold, escaped."""
    from pyarrow import compute

    short = compute.binary_join_element_wise(compute.utf8_slice_codeunits(texts, 0, CELL - 1), "…", "")
    texts = compute.if_else(compute.greater(compute.utf8_length(texts), CELL), short, texts)
    texts = compute.replace_substring_regex(texts, UNFIT, "\ufffd")
    texts = compute.replace_substring_regex(texts, "_x[0-9a-fA-F]{4}_", r"_x005F\0")
    for sign, entity in ESCAPED:
        texts = compute.replace_substring(texts, sign, entity)
    return texts


def _width(name: str, cells: pd.Series) -> int:
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return 17
    longest = max((len(str(cell)) for cell in cells.head(200)), default=0)
    return max(len(name) + 3, min(longest + 1, 60))
