"""CSV for spreadsheets: one file per table, UTF-8 with a byte order mark, formulas neutralised."""

from __future__ import annotations

from pathlib import Path

from feedback.export.guard import FREE_TEXT, guard
from feedback.report.results import Results


def write(results: Results, folder: Path) -> list[Path]:
    """Write each table as <name>.csv; the byte order mark makes Excel read accents rightly."""
    paths = []
    for name, table in results.tables.items():
        path = folder / f"{name}.csv"
        guard(table, FREE_TEXT.get(name, ())).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        paths.append(path)
    return paths
