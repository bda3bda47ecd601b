"""The sheet that a review is: a workbook made for filling in, or a CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from feedback.errors import StoreError
from feedback.export.file import write as write_file
from feedback.export.guard import guard
from feedback.export.xlsx import CELL, PLAIN
from feedback.labels import CONFIRMED
from feedback.report.figures import clean
from feedback.tables import SENTIMENTS

SUFFIXES = (".xlsx", ".csv")
# In the order of a reviewer's eye: what was said, what is proposed, what to fill in, and the rest.
WIDTHS = {
    "text": 45, "comment": 55, "model_touchpoint": 20, "name": 24, "confidence": 10, CONFIRMED: 6, "touchpoint": 20,
    "stage": 14, "sentiment": 12, "second": 30, "third": 30, "why": 36, "model_stage": 14, "model_sentiment": 12,
    "language": 9, "source": 14, "date": 11, "segment_id": 20, "sample": 10, "given": 20,
}  # fmt: skip
COLUMNS = tuple(WIDTHS)
FILLED_IN = (CONFIRMED, "touchpoint", "stage", "sentiment")
PLACE_WIDTHS = {"id": 24, "stage": 18, "name": 36, "description": 80}
FREE_TEXT = ("text", "comment", "name", "second", "third", "why", "source", "description")
LIST_LENGTH = 255  # of a list that stands in the cell's rule itself
SPARE_ROWS = 500  # a reviewer may paste rows of another review below


def write(table: pd.DataFrame, places: pd.DataFrame, path: Path, texts: Mapping[str, Any]) -> None:
    """Write the rows (COLUMNS) and what can be chosen (PLACE_WIDTHS) as .xlsx, or the rows alone as .csv.

    `texts` has the hint shown at each column of FILLED_IN, under `hint`. Raises StoreError when it cannot be written.
    """
    if path.suffix != ".xlsx":
        write_file(table, path, FREE_TEXT)
        return
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    try:
        with xlsxwriter.Workbook(str(path), {**PLAIN, "constant_memory": False}) as book:
            # A fixed creation time makes the same review the same bytes.
            book.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime()})
            _lay_out(book, "review", guard(table, FREE_TEXT), WIDTHS)
            _lay_out(book, "journey", guard(places, FREE_TEXT), PLACE_WIDTHS)
            _offer(book.get_worksheet_by_name("review"), len(table) + SPARE_ROWS, places, texts["hint"])
    except FileCreateError as error:
        remedy = "close or free the file, or write to another one"
        raise StoreError(f"the file cannot be written: {error}", where=str(path), remedy=remedy) from error


def _lay_out(book: Any, name: str, table: pd.DataFrame, widths: Mapping[str, int]) -> None:
    """A sheet with wrapped cells under a frozen header; what is to be filled in has a ground of its own."""
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    plain = {"text_wrap": True, "valign": "top"}
    read, fill = book.add_format(plain), book.add_format({**plain, "bg_color": "#FFF7D6", "border": 1})
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(table), 1), len(widths) - 1)
    for column, (title, width) in enumerate(widths.items()):
        style = fill if title in FILLED_IN and name == "review" else read
        sheet.set_column(column, column, width, style)
        sheet.write_string(0, column, title, head)
        for row, value in enumerate(table[title], start=1):
            if isinstance(value, str):
                text = clean(value)
                sheet.write_string(row, column, text if len(text) <= CELL else text[: CELL - 1] + "…", style)


def _offer(sheet: Any, rows: int, places: pd.DataFrame, hints: Mapping[str, str]) -> None:
    """Lists to choose from in the columns to fill in, each with a hint; touchpoints are those of the second sheet."""
    stages = places["stage"].dropna().unique().tolist()
    offered: dict[str, Any] = {
        CONFIRMED: [CONFIRMED],
        "touchpoint": f"=journey!$A$2:$A${len(places) + 1}",
        "stage": stages if len(",".join(stages)) <= LIST_LENGTH else f"=journey!$B$2:$B${len(places) + 1}",
        "sentiment": list(SENTIMENTS),
    }
    for title, source in offered.items():
        column = COLUMNS.index(title)
        asked = {"validate": "list", "source": source, "input_message": hints[title], "error_type": "warning"}
        sheet.data_validation(1, column, rows, column, asked)
