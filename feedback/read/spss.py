"""SPSS files (.sav, .zsav): variables as columns, and beside each that has value labels a column of these."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pandas as pd

from feedback.errors import ReadError
from feedback.read import limits
from feedback.read.cells import BATCH, Cells, Opened, Refused, Unfold, batched, table_of, text_of, unique_names
from feedback.read.packed import File, whole

_SHOWN = 50


def open_spss(file: File) -> Opened:
    """Open an SPSS file. Raises ReadError when it is damaged, or when the extra `spss` is not installed."""
    reader = _reader()
    table, meta = _part(reader, file, 0, _SHOWN)
    if len(table.columns) > limits.COLUMNS:
        raise ReadError(f"the file has more than {limits.COLUMNS:,} columns", remedy="export fewer variables")
    labels = {name: found for name, found in meta.variable_value_labels.items() if name in table}
    names = list(map(str, table))
    header = unique_names([title for name in names for title in (name, f"{name} label")[: 1 + (name in labels)]])

    def rows() -> Iterator[tuple[int, list[str | None] | Refused]]:
        start = 0
        while len(part := _part(reader, file, start, BATCH)[0]):
            yield from enumerate(_texts(part, labels), start=start + 1)
            start += len(part)

    def cells(_unfold: Unfold | None) -> Iterator[Cells]:
        return batched(rows(), header)

    sample = table_of(_texts(table, labels), header, range(1, len(table) + 1))
    return Opened("SPSS", tuple(header), sample, None, cells)


def _reader() -> ModuleType:
    try:
        import pyreadstat
    except ImportError:
        remedy = "install it with: pip install 'feedback-journey[spss]', or export the file as CSV"
        raise ReadError("SPSS files are read by pyreadstat, which is not installed", remedy=remedy) from None
    return pyreadstat


def _part(reader: ModuleType, file: File, start: int, rows: int) -> tuple[pd.DataFrame, Any]:
    """So many rows from one on, and what the file says about its variables."""
    try:
        with whole(file) as stream:
            table, meta = reader.read_sav(stream, row_offset=start, row_limit=rows)
    except (reader.ReadstatError, reader.PyreadstatError, ValueError, OverflowError) as error:
        raise ReadError(f"the SPSS file cannot be read: {error}", remedy="save it again, or export it as CSV") from None
    return table, meta


def _texts(table: pd.DataFrame, labels: dict[str, dict[Any, str]]) -> list[list[str | None]]:
    columns: list[list[str | None]] = []
    for name in map(str, table):
        values = [None if pd.isna(value) else value for value in table[name].tolist()]
        columns.append([None if value is None else text_of(value) for value in values])
        if name in labels:
            columns.append([labels[name].get(value) for value in values])
    return [list(row) for row in zip(*columns, strict=True)]
