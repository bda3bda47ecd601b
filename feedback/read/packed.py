"""Archives, compressed files and folders: each file in them is read as its own, streamed and never put on the disk."""

from __future__ import annotations

import gzip
import io
import re
import stat
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Literal
from zipfile import BadZipFile, ZipFile, ZipInfo

from feedback.errors import ReadError
from feedback.pipeline import MAPPING_FILE
from feedback.read import limits
from feedback.read.cells import safe

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZIP, GZIP, ZSTANDARD = b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
OTHERS = (b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"PK\x05\x06", b"PK\x07\x08")
_UNPACK = "unpack it first, or pack it again without a password as ZIP"
_WORKBOOK_PARTS = ("[Content_Types].xml", "mimetype", "content.xml")
DAMAGES = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, BadZipFile, zlib.error, zstd.ZstdError)
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OF_THE_SYSTEM = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Packed:
    """A file inside an archive, or what a compressed file holds; its name begins with the archive's."""

    archive: Path
    member: str
    size: int
    unpack: Callable[[], IO[bytes]] = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """The archive's name and the member's."""
        return f"{self.archive.name}/{self.member}" if self.member else self.archive.name

    def open(self, _mode: Literal["rb"] = "rb") -> io.BufferedReader:
        """The file's bytes as a stream; it raises ReadError where they are damaged or expand too far."""
        try:
            return io.BufferedReader(_Expanding(self.unpack(), self.size), 1 << 18)
        except DAMAGES as error:
            raise _damaged(error) from None


File = Path | Packed


class _Expanding(io.RawIOBase):
    """What comes out of a packed file, measured against what went in."""

    def __init__(self, inner: IO[bytes], size: int) -> None:
        self._inner, self._most = inner, min(max(limits.FREE, limits.RATIO * size), limits.EXPANDED)
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except DAMAGES as error:
            raise _damaged(error) from None
        self._seen += len(data)
        if self._seen > self._most:
            raise _bomb()
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


def _damaged(error: Exception) -> ReadError:
    return ReadError(f"the packed file cannot be read: {safe(str(error))}", remedy=_UNPACK)


def _bomb() -> ReadError:
    what = f"the packed file expands to more than {limits.RATIO} times its size"
    return ReadError(what, remedy="unpack it, see what it holds, and give the exports themselves")


def size_of(file: File) -> int:
    """Bytes of a file as it lies on the disk or in its archive."""
    return file.size if isinstance(file, Packed) else file.stat().st_size


def inside(paths: Iterable[File]) -> list[File]:
    """The files that paths stand for: of folders and ZIP archives those in them, by name.

    Files that systems put beside others (hidden ones, __MACOSX, Thumbs.db, desktop.ini) are none, nor are mappings.
    An archive that cannot be read stands for itself: opening it says why.
    """
    found: list[File] = []
    for path in paths:
        if isinstance(path, Packed):
            found.append(path)
        elif path.is_dir():
            listed = (p for p in sorted(path.rglob("*")) if not _of_the_system(p.relative_to(path).parts))
            found += inside(p for p in listed if p.is_file())
        else:
            found += _members_or_itself(path)
    return found


def _members_or_itself(path: Path) -> list[File]:
    try:
        with path.open("rb") as file:
            if file.read(4) != ZIP or is_workbook(path):
                return [path]
        return list(members(path))
    except (OSError, ReadError):
        return [path]


def _of_the_system(parts: tuple[str, ...]) -> bool:
    hidden = any((part.startswith(".") and part.strip(".")) or part in _OF_THE_SYSTEM for part in parts)
    return hidden or any(part.endswith(MAPPING_FILE) for part in parts[-1:])


def is_workbook(file: File) -> bool:
    """Whether a ZIP archive is the file of a spreadsheet; also where only its beginning is left."""
    with file.open("rb") as stream:
        head = stream.read(4096)
    try:
        with whole(file) as placed, ZipFile(placed) as archive:
            return any(part in archive.NameToInfo for part in _WORKBOOK_PARTS)
    except DAMAGES:
        return any(part.encode() in head for part in (*_WORKBOOK_PARTS, "_rels/", "docProps/"))


def whole(file: File) -> IO[bytes]:
    """A file as a stream that can be read from any place. Raises ReadError when it is packed and too large for that."""
    if isinstance(file, Path):
        return file.open("rb")
    with file.open("rb") as stream:
        data = stream.read(limits.WHOLE + 1)
    if len(data) > limits.WHOLE:
        raise ReadError(f"the file holds more than {limits.WHOLE >> 30} GB packed", remedy="unpack it first")
    return io.BytesIO(data)


def stream(path: Path) -> Packed:
    """What a file that is compressed with gzip or Zstandard holds."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == GZIP
    window = {int(zstd.DecompressionParameter.window_log_max): limits.WINDOW}

    def unpack() -> IO[bytes]:
        return gzip.open(path) if is_gzip else zstd.open(path, options=window)  # type: ignore[return-value]

    return Packed(path, "", path.stat().st_size, unpack)


def members(path: Path) -> list[Packed]:
    """The files of a ZIP archive in the order of their names, those of the system aside.

    Raises ReadError when it is damaged or made to fill the memory. A member that is refused says why when it is opened.
    """
    try:
        listed = _archive(path, path.stat().st_mtime_ns).infolist()
    except DAMAGES as error:
        raise _damaged(error) from None
    held = [i for i in listed if not i.is_dir() and not _of_the_system(tuple(_plain(i).split("/")))]
    if len(held) > limits.MEMBERS:
        got = f"{len(held):,} files"
        raise ReadError("the archive holds too many files", got=got, allowed=f"{limits.MEMBERS:,}", remedy=_UNPACK)
    if sum(info.compress_size for info in held) > path.stat().st_size:
        raise ReadError("the files of the archive overlap", remedy=_UNPACK)
    if not held:
        raise ReadError("the archive holds no files", remedy="pack the exports again")
    taken: Counter[str] = Counter()
    found = []
    for info in sorted(held, key=_plain):
        name = safe(_plain(info))
        taken[name] += 1
        number = f" ({taken[name]})" if taken[name] > 1 else ""
        found.append(Packed(path, name + number, info.compress_size, _opener(path, info)))
    return found


@lru_cache(maxsize=4)
def _archive(path: Path, _changed: int) -> ZipFile:
    """An archive with its directory read: the last ones stay open, and no more, since systems limit open files."""
    return ZipFile(path)


def _plain(info: ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _opener(path: Path, info: ZipInfo) -> Callable[[], IO[bytes]]:
    """How a member is opened, or what is said instead."""

    def unpack() -> IO[bytes]:
        name = info.orig_filename
        if _ABSOLUTE.match(name) or ".." in _plain(info).split("/") or _CONTROL.search(name):
            raise ReadError("the name of this file leads out of the archive", remedy="pack it again under a plain name")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise ReadError("this is a link and no file", remedy="pack the file that it leads to")
        if info.file_size > max(limits.FREE, limits.RATIO * info.compress_size):
            raise _bomb()
        return _archive(path, path.stat().st_mtime_ns).open(info)

    return unpack


def only(path: Path) -> Packed:
    """The one file of a ZIP archive. Raises ReadError when it holds several."""
    first, *others = members(path)
    if others:
        what = f"the archive holds {len(others) + 1} files where one is needed"
        raise ReadError(what, remedy="unpack it first, and give one of them")
    return first
