"""Exports: the tables and the journey map in the formats of other tools.

A package adds a target with an entry point of the group "feedback.exports": its name is the
target, its value a function of (Results, folder) that returns the paths it wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from feedback.errors import UsageError, nearest
from feedback.export import csv, hub, mermaid, parquet, xlsx
from feedback.report.results import Results

__all__ = ["TARGETS", "export", "targets"]

Exporter = Callable[[Results, Path], list[Path]]

TARGETS: dict[str, Exporter] = {
    "csv": csv.write,
    "formbricks-hub": hub.write,
    "mermaid": mermaid.write,
    "parquet": parquet.write,
    "xlsx": xlsx.write,
}


def targets() -> list[str]:
    """The names that `export` takes, those of installed packages included."""
    return sorted({*TARGETS, *entry_points(group="feedback.exports").names})


def export(target: str, results: Results, folder: Path) -> list[Path]:
    """Write a finished run for another tool into a folder, made where missing; returns the files.

    Raises UsageError for a target that does not exist.
    """
    writer = TARGETS.get(target)
    if writer is None:
        found = entry_points(group="feedback.exports", name=target)
        if not found:
            raise UsageError("unknown export", got=target, allowed=targets(), remedy=nearest(target, targets()))
        writer = next(iter(found)).load()
    folder.mkdir(parents=True, exist_ok=True)
    return writer(results, folder)
