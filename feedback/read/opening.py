"""What kind of file a path is, by its first bytes and never by its name."""

from __future__ import annotations

import re

from feedback.errors import FileError, ReadError
from feedback.pipeline import Mapping
from feedback.read import encoding as encodings
from feedback.read import packed
from feedback.read.captions import open_captions
from feedback.read.cells import Opened
from feedback.read.delimited import open_delimited
from feedback.read.markup import open_xml
from feedback.read.objects import open_json, open_parquet
from feedback.read.packed import File, Packed
from feedback.read.spss import open_spss
from feedback.read.workbook import open_workbook

_OLE, _PARQUET, _SPSS = bytes.fromhex("d0cf11e0a1b11ae1"), b"PAR1", (b"$FL2", b"$FL3")
_JSON = re.compile(r"""\{\s*(?:["}]|$)|\[\s*(?:[\[{"\d\]tfn-]|$)""")
_XML = re.compile(r"<(?:\?xml\b|[A-Za-z_][\w.:-]*(?:\s[^<>]*)?>\s*$|feed\b|rss\b)")


def open_file(file: File, mapping: Mapping | None = None) -> Opened:
    """Open any file that holds a table or records, with the mapping's encoding, delimiter, sheet and path.

    A compressed file, and an archive of one file, is opened as what it holds.
    Raises ReadError when it is none, FileError when the mapping does not fit it.
    """
    try:
        return _opened(file, mapping)
    except OSError as error:
        what = f"the file cannot be opened: {error.strerror or error}"
        raise ReadError(what, remedy="check its permissions") from None


def _opened(file: File, mapping: Mapping | None) -> Opened:
    with file.open("rb") as stream:
        head = stream.read(4096)
    options = mapping or Mapping(text=[])
    _check_delimiter(options.delimiter, file.name)
    if head.startswith(_PARQUET):
        return open_parquet(file)
    if head.startswith(_SPSS):
        return open_spss(file)
    if head.startswith(_OLE) or (head.startswith(packed.ZIP) and packed.is_workbook(file)):
        return open_workbook(file, sheet=options.sheet)
    if head.startswith((packed.ZIP, packed.GZIP, packed.ZSTANDARD, *packed.OTHERS)) or head[257:262] == b"ustar":
        return open_file(_unpacked(file, head), mapping)
    encoding = encodings.known(options.encoding, file.name) if options.encoding else encodings.detect(file)
    start = next((line for line in encodings.lines(file, encoding) if line.strip()), "").lstrip("\ufeff \t")
    if _XML.match(start) and not options.delimiter:
        return open_xml(file, records=options.records)
    if start.startswith("WEBVTT"):
        return open_captions(file, encoding=encoding)
    if _JSON.match(start) and not options.delimiter:
        return open_json(file, encoding=encoding, records=options.records)
    return open_delimited(file, encoding=encoding, delimiter=options.delimiter)


def _check_delimiter(mark: str | None, where: str) -> None:
    if mark is not None and (len(mark) != 1 or mark in '"\r\n\0'):
        remedy = 'write a tab as "\\t" in double quotes'
        raise FileError("a delimiter is one character, and no quote", where=where, got=mark, remedy=remedy)


def _unpacked(file: File, head: bytes) -> Packed:
    """What a packed file holds. Raises ReadError when it is packed twice, or in a way that is not read."""
    if isinstance(file, Packed):
        remedy = "unpack the outer one, and give the inner one"
        raise ReadError("an archive inside an archive is not read", remedy=remedy)
    if head.startswith(packed.ZIP):
        return packed.only(file)
    if head.startswith((packed.GZIP, packed.ZSTANDARD)):
        return packed.stream(file)
    remedy = "unpack it first, or pack it as ZIP, gzip or Zstandard"
    raise ReadError("the file is packed in a way that is not read", remedy=remedy)
