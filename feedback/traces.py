"""Which files of a workspace hold some words: a search through their names and bytes, and through what is packed."""

from __future__ import annotations

import gzip
import html
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK = 8 << 20
SHORTEST = 6
"""Characters below which a word stands in too many files by chance."""
_OPEN: dict[str, Any] = {".gz": gzip.open, ".zst": zstd.open}
DAMAGES = (
    OSError, EOFError, RuntimeError, OverflowError, ValueError, zlib.error, zipfile.BadZipFile, zstd.ZstdError,
    pa.ArrowException,
)  # fmt: skip
CODINGS = ("utf-8", "utf-16-le", "cp1252")
# A name with no letter or digit beside it, as bytes of each coding.
_BESIDE = rb"(?<![0-9A-Za-z_\x80-\xff])%s(?![0-9A-Za-z_\x80-\xff])"
_WIDE = rb"(?<![0-9A-Za-z_\xc0-\xff]\x00)%s(?![0-9A-Za-z_\xc0-\xff]\x00)"
_ALONE = {"utf-8": _BESIDE, "cp1252": _BESIDE, "utf-16-le": _WIDE}
APART = frozenset({".git", ".venv", "weights", "node_modules"})


def pattern(words: Iterable[str], names: Iterable[str] = ()) -> re.Pattern[bytes] | None:
    """What to search for: the words as they stand, as JSON and HTML write them; None when all are too short.

    Shorter names than SHORTEST count where no letter or digit stands beside them.
    """
    long = {data for word in words if len(word) >= SHORTEST for data, _ in _written(word)}
    sought = [re.escape(data) for data in sorted(long, key=len, reverse=True)]
    for name in sorted(name for name in names if 1 < len(name) < SHORTEST):
        sought += [_ALONE[coding] % re.escape(data) for data, coding in sorted(_written(name))]
    return re.compile(b"|".join(sought)) if sought else None


def _written(word: str) -> Iterator[tuple[bytes, str]]:
    """A word in each form and coding that files may have it in, with the coding."""
    for form in {word, json.dumps(word)[1:-1], html.escape(word), html.escape(word).replace("&#x27;", "&#39;")}:
        for coding in CODINGS:
            if (data := form.encode(coding, "ignore")).decode(coding) == form:
                yield data, coding


def holding(root: Path, words: Iterable[str], names: Iterable[str] = ()) -> list[Path]:
    """The files below a folder that hold any of the words or names, or bear them in their own; sorted.

    What cannot be read is not among them.
    """
    sought = pattern(words, names)
    return [path for path in _files(root) if _holds(path, root, sought)] if sought else []


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.is_dir() and not path.is_symlink() and path.name not in APART:
            yield from _files(path)
        elif path.is_file():
            yield path


def _holds(path: Path, root: Path, sought: re.Pattern[bytes]) -> bool:
    named = path.relative_to(root).as_posix().encode("utf-8", "replace")
    try:
        return any(sought.search(block) for block in chain([named], _blocks_of(path), _inside(path)))
    except DAMAGES:
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
                    yield from _unpacked(name, stream)
                yield name.encode("utf-8", "replace")
    elif path.suffix in _OPEN:
        with path.open("rb") as stream:
            yield from _unpacked(path.name, stream)


def _unpacked(name: str, stream: IO[bytes]) -> Iterator[bytes]:
    """A stream in blocks, unpacked where its name says that it is compressed."""
    opened = _OPEN.get(Path(name).suffix)
    if opened is None:
        yield from _blocks(stream)
    else:
        with opened(stream) as packed:
            yield from _blocks(packed)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """A stream in blocks that overlap, so that nothing is cut in two."""
    left = b""
    while block := stream.read(BLOCK):
        yield left + block
        left = block[-(64 << 10) :]
