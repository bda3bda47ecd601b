"""Which encoding a text file is in: byte order mark, strict UTF-8, then what makes French and English words."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial

import numpy as np

from feedback.errors import FileError, ReadError
from feedback.read import limits
from feedback.read.packed import File

MIXED = "latin-1 with cp850"
SAMPLE = 1 << 24
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Letters and signs of Western European text; when two encodings explain the bytes equally well
# the earlier of _SINGLE wins.
_EXPECTED = frozenset("àâäáãåçèéêëìîïíñòôöóõøùûüúÿœæßÀÂÄÇÈÉÊËÎÏÔÖÙÛÜŒ’‘“”«»…€–—°£\u00a0")
_SINGLE = ("cp1252", "iso8859-15", MIXED, "cp850", "mac-roman")
_CONTROLS = (*range(9), *range(14, 32))  # none of them makes lines or columns
_C1_AS_CP850 = {code: bytes([code]).decode("cp850") for code in range(0x80, 0xA0)}


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as cp1252: exports glued together from two systems."""
    assert isinstance(error, UnicodeDecodeError)
    stray = error.object[error.start : error.end]
    return stray.decode("cp1252", "replace"), error.end


codecs.register_error("feedback.cp1252", _as_cp1252)


def detect(file: File) -> str:
    """The encoding's name as `lines` takes it. Raises ReadError when the file is no text."""
    with file.open("rb") as stream:
        sample = stream.read(SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if wide := _wide(sample):
        return wide
    if sample.count(0) * 20 > len(sample):
        raise _no_text()
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        if sum(map(sample.count, _CONTROLS)) * 20 > len(sample):
            raise _no_text() from None
        text = sample.decode("utf-8", "replace")
        stray = text.count("\ufffd")
        if sum(c > "\x7f" for c in text) > 2 * stray:
            return "utf-8"
        return _single_byte(sample)
    return "utf-8"


def _no_text() -> ReadError:
    return ReadError("the file is no text", remedy="export it as CSV, XLSX, JSON or Parquet")


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    head = np.frombuffer(sample[:4096], dtype=np.uint8)
    pairs = head[: len(head) // 2 * 2].reshape(-1, 2)
    if len(pairs) < 2:
        return None
    first, second = (pairs == 0).mean(axis=0)
    if second > 0.5 and first < 0.1:
        return "utf-16-le"
    return "utf-16-be" if first > 0.5 and second < 0.1 else None


def _single_byte(sample: bytes) -> str:
    counts = np.bincount(np.frombuffer(sample, dtype=np.uint8), minlength=256)
    high = int(counts[128:].sum())
    fits = {name: sum(int(counts[b]) for b in range(128, 256) if _char(b, name) in _EXPECTED) for name in _SINGLE}
    best = max(_SINGLE, key=lambda name: fits[name])
    if fits[best] * 2 >= high:
        return best
    from charset_normalizer import from_bytes

    guess = from_bytes(sample[: 1 << 18]).best()
    return guess.encoding if guess is not None else best


@cache
def _char(byte: int, name: str) -> str:
    if name == MIXED:
        return _C1_AS_CP850.get(byte, chr(byte))
    return bytes([byte]).decode(name, "replace")


def known(name: str, where: str) -> str:
    """Check an encoding that a pipeline file names. Raises FileError."""
    try:
        "".encode("utf-8" if name == MIXED else name)
    except (LookupError, UnicodeError):
        raise FileError("unknown encoding", where=where, got=name, remedy="use utf-8, cp1252 or utf-16") from None
    return name if name == MIXED else codecs.lookup(name).name


def lines(file: File, name: str) -> Iterator[str]:
    """The lines of a text file with their ends as they stand; NUL and lone surrogates become U+FFFD.

    A line of `limits.LINE` characters without an end is the beginning of a longer one, whose rest is passed over.
    Raises ReadError when the encoding cannot be that of the file.
    """
    with _decoded(file, name) as text:
        rest = False
        for line in iter(partial(text.readline, limits.LINE), ""):
            if not rest:
                yield _storable(line, name)
            rest = len(line) == limits.LINE and line[-1] not in "\r\n"


def text(file: File, name: str) -> str:
    """The whole of a text file, like `lines`. Raises ReadError also when it is too large for that."""
    with _decoded(file, name) as stream:
        found = stream.read(limits.WHOLE + 1)
    if len(found) > limits.WHOLE:
        what = f"the file is one value of more than {limits.WHOLE >> 30} GB"
        raise ReadError(what, remedy="export it as JSON lines, one record a line, or in parts")
    return _storable(found, name)


@contextmanager
def _decoded(file: File, name: str) -> Iterator[io.TextIOWrapper]:
    codec, errors = ("latin-1", "strict") if name == MIXED else (name, "replace")
    if name.replace("_", "-") in ("utf-8", "utf-8-sig"):
        errors = "feedback.cp1252"
    try:
        with io.TextIOWrapper(file.open("rb"), encoding=codec, errors=errors, newline="") as stream:
            yield stream
    except UnicodeError as error:
        remedy = "correct `encoding` in the mapping of the source, or leave it out and it is found"
        raise ReadError(f"the file is not in the encoding {name}: {error}", remedy=remedy) from None


def _storable(text: str, name: str) -> str:
    repaired = text.translate(_C1_AS_CP850) if name == MIXED else text
    return repaired.replace("\0", "\ufffd") if "\0" in repaired else repaired
