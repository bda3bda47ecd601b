"""Runs that an older version stored, brought to the layout that this one reads and writes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from pandera.errors import SchemaError

from feedback import seal, store, tables
from feedback.errors import StoreError


def migrate(root: Path) -> list[store.Run]:
    """Bring the current runs of a workspace to this version's layout; returns those that were.

    Columns that the contract has gained are added as null, those it has lost are dropped, and digests are taken. A run
    that is damaged, or lacks what cannot be null, is left as it is: reading it says what to do. Raises StoreError when
    a run cannot be written.
    """
    return [_migrated(root, run) for week in store.stored_weeks(root) if (run := _outdated(root, week))]


def is_outdated(run: store.Run) -> bool:
    """Whether a run's folder has an older layout, or its tables other columns than the contract. Raises StoreError."""
    if store.layout_of(run.info) < store.LAYOUT:
        return True
    return any(_columns(run, name) != list(schema.columns) for name, schema in tables.SCHEMAS.items())


def _columns(run: store.Run, name: str) -> list[str]:
    path = run.folder / f"{name}.parquet"
    try:
        return list(pq.read_schema(path).names)
    except (OSError, ValueError) as error:
        raise StoreError("a table of the run cannot be read", where=str(path), remedy=store.AGAIN) from error


def _outdated(root: Path, week: str) -> store.Run | None:
    """The current run of a week when it is of an older layout and can be brought to this one."""
    try:
        run = store.current(root, week)
        return run if run and is_outdated(run) and _is_as_stored(run) and _conformed(run) else None
    except StoreError:
        return None


def _is_as_stored(run: store.Run) -> bool:
    """Whether a run with digests is what they were taken of; without this, new digests would hide what was altered."""
    if store.layout_of(run.info) == 1:
        return True
    return seal.holds(run.info) and seal.of_files(run.folder) == run.info.get("files")


def _conformed(run: store.Run) -> dict[str, pd.DataFrame]:
    """The tables of a run as the contract has them. Raises StoreError when they lack what cannot be null."""
    try:
        kept = {name: tables.conform(run.table(name), schema) for name, schema in tables.SCHEMAS.items()}
    except (KeyError, ValueError, TypeError, SchemaError) as error:
        raise StoreError(f"the tables do not fit: {error}", where=str(run.folder), remedy=store.AGAIN) from error
    return kept


def _migrated(root: Path, run: store.Run) -> store.Run:
    """The same run in a new folder; the note that its week should run again stays."""
    again = store.rerun_reason(root, run.week)
    kept = _conformed(run)
    segments = store.with_lemmas(kept.pop("segments"), run)
    with store.writing(root, run.week) as folder:
        store.save(folder, kept, [segments], run.journey, run.info)
    if again:
        store.mark_for_rerun(root, run.week, again)
    return store.find(root, run.week)
