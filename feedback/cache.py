"""Vectors kept in the workspace by their text, so that no text is encoded twice by the same encoder."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from feedback.encode import Encoder, Vectors, unique
from feedback.errors import StoreError

TEXTS_PER_WRITE = 2000
KEYS_PER_QUERY = 500
BUSY_SECONDS = 60


class Kept(NamedTuple):
    """An encoder whose vectors are kept: equal texts give the same bits, encoded now or in an earlier run."""

    encoder: Encoder
    file: Path
    version: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a text: float32, shape (len(texts), dimensions)."""
        return unique(texts, self._encode)

    def _encode(self, texts: list[str]) -> Vectors:
        keys = [sha256(text.encode("utf-8")).digest()[:16] for text in texts]
        with _open(self.file) as database:
            known = _read(database, keys)
            missing = [(key, text) for key, text in zip(keys, texts, strict=True) if key not in known]
            for start in range(0, len(missing), TEXTS_PER_WRITE):
                part = missing[start : start + TEXTS_PER_WRITE]
                vectors = self.encoder.encode([text for _, text in part])
                known.update((key, vector) for (key, _), vector in zip(part, vectors, strict=True))
                rows = [(key, vector.tobytes()) for (key, _), vector in zip(part, vectors, strict=True)]
                with database:
                    database.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        return np.stack([known[key] for key in keys]) if keys else self.encoder.encode([])


def kept(encoder: Encoder, root: Path) -> Encoder:
    """The encoder with its vectors kept in the workspace `root`, one file an encoder; delete it at any time."""
    name = re.sub(r"[^\w.-]+", "_", encoder.version)
    return Kept(encoder, root / "data" / "cache" / f"{name}.sqlite", encoder.version)


@contextmanager
def _open(file: Path) -> Iterator[sqlite3.Connection]:
    """The database; one that is damaged from the start is begun anew, since every vector can be made again.

    Raises StoreError when it is found damaged later, or cannot be read or written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            database = _connected(file)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            file.unlink()
            database = _connected(file)
        with closing(database):
            yield database
    except sqlite3.Error as error:
        remedy = "free space, give access to the folder, or delete the file: it holds nothing that cannot be made again"
        raise StoreError(f"the kept vectors cannot be used: {error}", where=str(file), remedy=remedy) from error


def _connected(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=BUSY_SECONDS)
    try:
        database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def _read(database: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
    found: dict[bytes, Vectors] = {}
    for start in range(0, len(keys), KEYS_PER_QUERY):
        part = keys[start : start + KEYS_PER_QUERY]
        places = ",".join("?" * len(part))
        rows = database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({places})", part)  # noqa: S608  marks only
        found.update((key, np.frombuffer(vector, dtype=np.float32)) for key, vector in rows)
    return found
