"""What encoding gives, kept in the workspace by the text, so that no text is encoded twice by the same encoder."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
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
PAGE = 16_384  # bytes of the file that hold several rows; in a page of the usual size each row takes one of its own
_REMADE = "it holds nothing that cannot be made again"
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
        keys = [_key(text) for text in texts]
        with _open(self.file) as database:
            known = _read(database, keys)
            missing = [(key, text) for key, text in zip(keys, texts, strict=True) if key not in known]
            for start in range(0, len(missing), TEXTS_PER_WRITE):
                part = missing[start : start + TEXTS_PER_WRITE]
                rows = zip(*self.encoder.encode([text for _, text in part]), strict=True)
                new = {key: tuple(cells.tobytes() for cells in row) for (key, _), row in zip(part, rows, strict=True)}
                known.update(new)
                with database:
                    values = [(key, *row) for key, row in new.items()]
                    database.executemany("INSERT OR IGNORE INTO encoded VALUES (?, ?, ?)", values)
        columns = (b"".join(column) for column in zip(*(known[key] for key in keys), strict=True))
        return Encoded(*(np.frombuffer(column, dtype=np.float32).reshape(len(keys), -1) for column in columns))


def kept(encoder: Encoder, root: Path) -> Encoder:
    """The encoder with its rows kept in the workspace `root`, one file an encoder; delete it at any time."""
    name = re.sub(r"[^\w.-]+", "_", encoder.version)
    return Kept(encoder, folder(root) / f"{name}.sqlite", encoder.version)


def folder(root: Path) -> Path:
    """Where a workspace keeps what encoding gave."""
    return root / "data" / "cache"


def keep_only(root: Path, texts: Iterable[str]) -> int:
    """Remove the rows of all texts but these from every file of a workspace; returns how many went.

    The files are written anew, since a database leaves what it removes in its free pages. One that is damaged goes as
    a whole. Raises StoreError when a file cannot be written.
    """
    keys = [(_key(text),) for text in texts]
    return sum(_keep_only(file, keys) for file in sorted(folder(root).glob("*.sqlite")))


def _keep_only(file: Path, keys: list[tuple[bytes]]) -> int:
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        with closing(_connected(part)) as database, database:
            database.execute("ATTACH ? AS old", (str(file),))
            database.execute("CREATE TEMP TABLE wanted (key BLOB PRIMARY KEY)")
            database.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", keys)
            database.execute("INSERT INTO encoded SELECT * FROM old.encoded WHERE key IN (SELECT key FROM wanted)")
            before, after = (
                int(database.execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608  these two names
                for name in ("old.encoded", "main.encoded")
            )
        part.replace(file)
    except sqlite3.OperationalError as error:
        part.unlink(missing_ok=True)
        remedy = f"free space or give access, or delete the file: {_REMADE}"
        raise StoreError(f"what encoding gave cannot be removed: {error}", where=str(file), remedy=remedy) from error
    except sqlite3.DatabaseError:
        part.unlink(missing_ok=True)
        file.unlink()
        return 0
    return before - after


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
        remedy = f"free space, give access to the folder, or delete the file: {_REMADE}"
        raise StoreError(
            f"what encoding gave cannot be kept or read: {error}", where=str(file), remedy=remedy
        ) from error


def _key(text: str) -> bytes:
    return sha256(text.encode("utf-8")).digest()[:16]


def _connected(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=BUSY_SECONDS)
    try:
        database.execute(f"PRAGMA page_size = {PAGE}")
        database.execute(TABLE)
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def _read(database: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, tuple[bytes, ...]]:
    """The bytes of the rows that are there, by key."""
    found: dict[bytes, tuple[bytes, ...]] = {}
    wanted = sorted(keys)  # as they lie in the file
    for start in range(0, len(wanted), KEYS_PER_QUERY):
        part = wanted[start : start + KEYS_PER_QUERY]
        places = ",".join("?" * len(part))
        rows = database.execute(f"SELECT key, vector, logits FROM encoded WHERE key IN ({places})", part)  # noqa: S608  marks only
        found.update((key, blobs) for key, *blobs in rows)
    return found
