"""The tagged batches of a week: each is kept on disk once it is made, until the week's run is stored.

So memory holds one batch at a time, and a run that was stopped has what it had done already.

A batch is known again by all that its tags rest on (the rows as read, settings, models, corrections), so that a run
that begins again takes up what is the same and makes anew what is not. What is kept is redacted.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from feedback import __version__, atomic, store
from feedback.tables import Tables

FOLDER = ".tagged"
REDACTED = "redacted.json"
Kept = tuple[Tables, pd.DataFrame, Counter[str]]


def taken_up(root: Path, week: str, raw: Tables, rests_on: Any, make: Callable[[Tables], Kept]) -> Path:
    """The folder of a tagged batch: its tables, segments and what was redacted, kept by a run that was stopped or now.

    `rests_on` is what the tags rest on beside the rows, as JSON has it. Raises StoreError when it cannot be written.
    """
    folder = store.runs_folder(root) / week / FOLDER / _key(raw, rests_on)
    if folder.is_dir():
        if _whole(folder):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
    made = make(raw)
    with store.explained(folder.parent):
        part = folder.with_suffix(atomic.PART)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        _write(part, made)
        part.rename(folder)
    return folder


def table(folders: Sequence[Path], name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """One table of several batches, or some columns of it, in their order."""
    wanted = list(columns) if columns else None
    parts = [pd.read_parquet(folder / f"{name}.parquet", columns=wanted) for folder in folders]
    return pd.concat(parts, ignore_index=True)


def redacted(folders: Sequence[Path]) -> Counter[str]:
    """How many words of each kind were redacted in several batches."""
    told = (json.loads((folder / REDACTED).read_text(encoding="utf-8")) for folder in folders)
    return sum((Counter(one) for one in told), Counter())


def _key(raw: Tables, rests_on: Any) -> str:
    told = json.dumps([__version__, rests_on], sort_keys=True, default=str)
    written = (table.to_csv(index=False, na_rep="\x00") for table in raw)
    return sha256("\x1e".join([told, *written]).encode("utf-8", "replace")).hexdigest()[:32]


def _write(folder: Path, made: Kept) -> None:
    batch, segments, redacted = made
    for name, table in {**batch._asdict(), "segments": segments}.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / REDACTED).write_text(json.dumps(redacted), encoding="utf-8")


def _whole(folder: Path) -> bool:
    """Whether a batch that was kept can be read, or was damaged since."""
    try:
        for name in (*Tables._fields, "segments"):
            table([folder], name)
        redacted([folder])
    except (OSError, ValueError):
        return False
    return True
