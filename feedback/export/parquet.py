"""Parquet for BI tools: one file per table, types and texts as they are."""

from __future__ import annotations

from pathlib import Path

from feedback.report.results import Results


def write(results: Results, folder: Path) -> list[Path]:
    """Write each table as <name>.parquet."""
    paths = []
    for name, table in results.tables.items():
        path = folder / f"{name}.parquet"
        table.to_parquet(path, index=False)
        paths.append(path)
    return paths
