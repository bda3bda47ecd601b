"""One table as one file, by its suffix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from feedback.errors import StoreError
from feedback.export.guard import NUMBER, guard
from feedback.export.xlsx import write_workbook


def write(table: pd.DataFrame, path: Path, free_text: Sequence[str]) -> None:
    """Write a table as .parquet, .jsonl, .xlsx or .csv (UTF-8 with a byte order mark).

    In the last two, cells of the free-text columns that a spreadsheet would run as formulas get an apostrophe,
    and so do the ids of exports.
    Raises StoreError when the file cannot be written.
    """
    try:
        if path.suffix == ".parquet":
            table.to_parquet(path, index=False)
        elif path.suffix == ".jsonl":
            table.to_json(path, orient="records", lines=True, force_ascii=False, double_precision=15, date_format="iso")
        elif path.suffix == ".xlsx":
            write_workbook(path, {"table": _guarded(table, free_text)})
        else:
            _guarded(table, free_text).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    except OSError as error:
        what = f"the file cannot be written: {error.strerror or error}"
        raise StoreError(what, where=str(path), remedy="close or free the file, or write to another one") from error


def _guarded(table: pd.DataFrame, free_text: Sequence[str]) -> pd.DataFrame:
    """The table with its formulas made harmless; a plain number such as -5 is none and stays as it is."""
    guarded = guard(table, tuple(free_text))
    for name in set(free_text) & set(table.columns):
        numbers = table[name].str.fullmatch(NUMBER).fillna(False).astype(bool)
        guarded[name] = guarded[name].mask(numbers, table[name])
    return guarded
