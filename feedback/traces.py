"""Which files of a workspace still hold some words: a search through their bytes, also inside Parquet, ZIP and gzip."""

from __future__ import annotations

import gzip
import html
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

BLOCK = 8 << 20
SHORTEST = 6
"""Characters below which a word stands in too many files by chance."""
APART = frozenset({".git", ".venv", "weights", "node_modules"})


def pattern(words: Iterable[str]) -> re.Pattern[bytes] | None:
    """What to search for: the words as they stand, as JSON and HTML write them; None when all are too short."""
    written = {
        data
        for word in words
        if len(word) >= SHORTEST
        for form in (word, json.dumps(word)[1:-1], html.escape(word), html.escape(word).replace("&#x27;", "&#39;"))
        for coding in ("utf-8", "utf-16-le", "cp1252")
        if (data := form.encode(coding, "ignore")).decode(coding) == form
    }
    return re.compile(b"|".join(map(re.escape, sorted(written, key=len, reverse=True)))) if written else None


def holding(root: Path, words: Iterable[str]) -> list[Path]:
    """The files below a folder that hold any of the words, sorted; what cannot be read is not among them."""
    sought = pattern(words)
    return [path for path in _files(root) if _holds(path, sought)] if sought else []


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.is_dir() and not path.is_symlink() and path.name not in APART:
            yield from _files(path)
        elif path.is_file():
            yield path


def _holds(path: Path, sought: re.Pattern[bytes]) -> bool:
    try:
        return any(sought.search(block) for block in chain(_blocks_of(path), _inside(path)))
    except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile, pa.ArrowException):
        return False


def _blocks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from _blocks(stream)


def _inside(path: Path) -> Iterator[bytes]:
    """What a packed file unpacks to."""
    if path.suffix == ".parquet":
        for batch in pq.ParquetFile(path).iter_batches():
            cells = (str(cell) for column in batch.columns for cell in column.to_pylist() if cell is not None)
            yield "\n".join(cells).encode("utf-8", "replace")
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                with book.open(name) as stream:
                    yield from _blocks(stream)
    elif path.suffix == ".gz":
        with gzip.open(path) as packed:
            yield from _blocks(packed)


def _blocks(stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """A stream in blocks that overlap, so that nothing is cut in two."""
    left = b""
    while block := stream.read(BLOCK):
        yield left + block
        left = block[-(64 << 10) :]
