"""What a stopped run had done already: each batch of a week is kept once it is tagged, until the week's run is stored.

A batch is known again by all that its tags rest on (the rows as read, settings, models, corrections), so that a run
that begins again takes up what is the same and makes anew what is not. What is kept is redacted.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from feedback import __version__, atomic, store
from feedback.tables import Tables

FOLDER = ".tagged"
REDACTED = "redacted.json"
Kept = tuple[Tables, pd.DataFrame, Counter[str]]


def taken_up(root: Path, week: str, raw: Tables, rests_on: Any, make: Callable[[Tables], Kept]) -> Kept:
    """A tagged batch: its tables, segments and what was redacted, kept by a run that was stopped, or made and kept now.

    `rests_on` is what the tags rest on beside the rows, as JSON has it. Raises StoreError when it cannot be written.
    """
    folder = store.runs_folder(root) / week / FOLDER / _key(raw, rests_on)
    if folder.is_dir():
        try:
            return _read(folder)
        except (OSError, ValueError):  # a copy that was damaged since
            shutil.rmtree(folder, ignore_errors=True)
    made = make(raw)
    with store.explained(folder.parent):
        part = folder.with_suffix(atomic.PART)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        _write(part, made)
        part.rename(folder)
    return made


def _key(raw: Tables, rests_on: Any) -> str:
    told = json.dumps([__version__, rests_on], sort_keys=True, default=str)
    written = (table.to_csv(index=False, na_rep="\x00") for table in raw)
    return sha256("\x1e".join([told, *written]).encode("utf-8", "replace")).hexdigest()[:32]


def _write(folder: Path, made: Kept) -> None:
    batch, segments, redacted = made
    for name, table in {**batch._asdict(), "segments": segments}.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / REDACTED).write_text(json.dumps(redacted), encoding="utf-8")


def _read(folder: Path) -> Kept:
    batch = Tables(*(pd.read_parquet(folder / f"{name}.parquet") for name in Tables._fields))
    redacted = Counter(json.loads((folder / REDACTED).read_text(encoding="utf-8")))
    return batch, pd.read_parquet(folder / "segments.parquet"), redacted
