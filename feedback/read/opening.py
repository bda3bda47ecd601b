"""What kind of file a path is, by its first bytes and never by its name."""

from __future__ import annotations

import re
from pathlib import Path

from feedback.errors import FileError, ReadError
from feedback.pipeline import Mapping
from feedback.read import encoding as encodings
from feedback.read.captions import open_captions
from feedback.read.cells import Opened
from feedback.read.delimited import open_delimited
from feedback.read.markup import open_xml
from feedback.read.objects import open_json, open_parquet
from feedback.read.workbook import open_workbook

_ZIP, _OLE, _PARQUET = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"PAR1"
_JSON = re.compile(r"""\{\s*(?:["}]|$)|\[\s*(?:[\[{"\d\]tfn-]|$)""")
_XML = re.compile(r"<(?:\?xml\b|[A-Za-z_][\w.:-]*(?:\s[^<>]*)?>\s*$|feed\b|rss\b)")
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"7z\xbc\xaf", b"Rar!")
_WORKBOOK_PARTS = (b"xl/", b"[Content_Types].xml", b"_rels/", b"mimetype", b"docProps/")


def open_file(path: Path, mapping: Mapping | None = None) -> Opened:
    """Open any file that holds a table or records, with the mapping's encoding, delimiter, sheet and path.

    Raises ReadError when it is none, FileError when the mapping does not fit it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise ReadError(f"the file cannot be opened: {error.strerror}", remedy="check its permissions") from None
    options = mapping or Mapping(text=[])
    if options.delimiter is not None and len(options.delimiter) != 1:
        remedy = 'write a tab as "\\t" in double quotes'
        raise FileError("a delimiter is one character", where=path.name, got=options.delimiter, remedy=remedy)
    if head.startswith(_PARQUET):
        return open_parquet(path)
    if head.startswith(_OLE) or (head.startswith(_ZIP) and any(part in head for part in _WORKBOOK_PARTS)):
        return open_workbook(path, sheet=options.sheet)
    if head.startswith((_ZIP, *_PACKED)):
        raise ReadError("the file is packed", remedy="unpack it first")
    encoding = encodings.known(options.encoding, path.name) if options.encoding else encodings.detect(path)
    start = next((line for line in encodings.lines(path, encoding) if line.strip()), "").lstrip("\ufeff \t")
    if _XML.match(start) and not options.delimiter:
        return open_xml(path, records=options.records)
    if start.startswith("WEBVTT"):
        return open_captions(path, encoding=encoding)
    if _JSON.match(start) and not options.delimiter:
        return open_json(path, encoding=encoding, records=options.records)
    return open_delimited(path, encoding=encoding, delimiter=options.delimiter)
