"""What a workspace holds of comments beside runs and reports: reviews to fill in, and what was learned from tags."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from feedback import abstention, atomic, corrections, head

KEY = "segment_id"


def lessons(root: Path, comments: frozenset[str]) -> tuple[int, list[str]]:
    """Remove the corrections of comments, and what journeys learned from them; returns how many, and the journeys.

    The corrections go last: they alone tell which journeys learned from them, if this is stopped between.
    """
    said = corrections.load(root)
    journeys = set(said.loc[said["comment_id"].isin(comments), "journey"].dropna())
    taught = sorted(name for name in journeys if head.file(root, name).is_file())
    for name in journeys:
        head.file(root, name).unlink(missing_ok=True)
        abstention.file(root, name).unlink(missing_ok=True)
    return len(corrections.remove(root, comments)), taught


def reviews(root: Path, comments: frozenset[str]) -> int:
    """Remove the rows of comments from the reviews among the reports, filled in or not; returns how many went."""
    sheets = [path for path in sorted((root / "reports").glob("*")) if path.suffix in (".xlsx", ".csv")]
    return sum(_workbook(p, comments) if p.suffix == ".xlsx" else _table(p, comments) for p in sheets)


def leftover(path: Path) -> None:
    """Remove a file or a folder that a stopped process left."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _of(segment: object, comments: frozenset[str]) -> bool:
    return isinstance(segment, str) and segment.rpartition(":")[0] in comments


def _workbook(path: Path, comments: frozenset[str]) -> int:
    """Remove rows of a workbook, whose lists and colours stay; one that cannot be read is left as it is."""
    from openpyxl import load_workbook

    try:
        book, gone = load_workbook(path), 0
    except (BadZipFile, KeyError, ValueError):
        return 0
    for sheet in book.worksheets:
        titles = [cell.value for cell in next(sheet.iter_rows(max_row=1), ())]
        if KEY not in titles:
            continue
        column = titles.index(KEY) + 1
        for row in range(sheet.max_row, 1, -1):
            if _of(sheet.cell(row, column).value, comments):
                sheet.delete_rows(row)
                gone += 1
    if gone:
        with atomic.replacing(path) as part:
            book.save(part)
    return gone


def _table(path: Path, comments: frozenset[str]) -> int:
    """Remove rows of a CSV file; one that is none, or has no segments, is left as it is."""
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except ValueError:
        return 0
    if KEY not in table:
        return 0
    gone = table[KEY].map(lambda segment: _of(segment, comments)).astype(bool)
    if gone.any():
        with atomic.replacing(path) as part:
            table[~gone].to_csv(part, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    return int(gone.sum())
