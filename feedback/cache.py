"""What encoding gives, kept in the workspace by the text, so that no text is encoded twice by the same encoder."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from feedback.encode import Encoded, Encoder, distinct
from feedback.errors import StoreError

TEXTS_PER_WRITE = 2000
KEYS_PER_QUERY = 500
BUSY_SECONDS = 60
TABLE = "CREATE TABLE IF NOT EXISTS encoded (key BLOB PRIMARY KEY, vector BLOB, logits BLOB) WITHOUT ROWID"


class Kept(NamedTuple):
    """An encoder whose rows are kept: equal texts give the same bits, encoded now or in an earlier run."""

    encoder: Encoder
    file: Path
    version: str

    def encode(self, texts: Sequence[str]) -> Encoded:
        """One row a text, kept or new."""
        found, place = distinct(texts)
        return self._encode(found).at(place) if found else self.encoder.encode([])

    def _encode(self, texts: list[str]) -> Encoded:
        keys = [sha256(text.encode("utf-8")).digest()[:16] for text in texts]
        with _open(self.file) as database:
            known = _read(database, keys)
            missing = [(key, text) for key, text in zip(keys, texts, strict=True) if key not in known]
            for start in range(0, len(missing), TEXTS_PER_WRITE):
                part = missing[start : start + TEXTS_PER_WRITE]
                rows = zip(*self.encoder.encode([text for _, text in part]), strict=True)
                new = {key: Encoded(*row) for (key, _), row in zip(part, rows, strict=True)}
                known.update(new)
                with database:
                    values = [(key, row.vectors.tobytes(), row.logits.tobytes()) for key, row in new.items()]
                    database.executemany("INSERT OR IGNORE INTO encoded VALUES (?, ?, ?)", values)
        return Encoded(*(np.stack(column) for column in zip(*(known[key] for key in keys), strict=True)))


def kept(encoder: Encoder, root: Path) -> Encoder:
    """The encoder with its rows kept in the workspace `root`, one file an encoder; delete it at any time."""
    name = re.sub(r"[^\w.-]+", "_", encoder.version)
    return Kept(encoder, root / "data" / "cache" / f"{name}.sqlite", encoder.version)


@contextmanager
def _open(file: Path) -> Iterator[sqlite3.Connection]:
    """The database; one that is damaged from the start is begun anew, since every row can be made again.

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
        raise StoreError(
            f"what encoding gave cannot be kept or read: {error}", where=str(file), remedy=remedy
        ) from error


def _connected(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=BUSY_SECONDS)
    try:
        database.execute(TABLE)
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def _read(database: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Encoded]:
    found: dict[bytes, Encoded] = {}
    for start in range(0, len(keys), KEYS_PER_QUERY):
        part = keys[start : start + KEYS_PER_QUERY]
        places = ",".join("?" * len(part))
        rows = database.execute(f"SELECT key, vector, logits FROM encoded WHERE key IN ({places})", part)  # noqa: S608  marks only
        found.update((key, Encoded(*(np.frombuffer(b, dtype=np.float32) for b in blobs))) for key, *blobs in rows)
    return found
