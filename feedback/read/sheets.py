"""What a workbook would expand to, seen before it does: its parts, its XML entities, the area of its sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError
from zipfile import ZipFile, is_zipfile

from feedback.errors import ReadError
from feedback.read import limits
from feedback.read.packed import DAMAGES, File, whole

_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{1,3})0*(\d{1,10})\b""")
_NO_SHEETS = ("sharedStrings.xml", "styles.xml", ".rels", ".bin")
"""Parts of an XLSX workbook that are none of its sheets, which may lie anywhere and bear any name."""
_BLOCK = 1 << 22
_CELL, _ROW, _TABLE = "table-cell", "table-row", "table"


def check(file: File) -> None:
    """Pass a workbook that can be opened; others too that are no ZIP archives, and that hold 65,536 rows at most.

    Raises ReadError when its parts expand too far, when its XML declares entities, or when its cells lie too far apart.
    """
    try:
        with whole(file) as stream:
            if is_zipfile(stream):
                _check_parts(ZipFile(stream))
    except DAMAGES as error:
        raise ReadError(f"the workbook cannot be read: {error}", remedy="save it again as XLSX") from None


def _check_parts(archive: ZipFile) -> None:
    infos = archive.infolist()
    packed, expanded = sum(i.compress_size for i in infos), sum(i.file_size for i in infos)
    if expanded > limits.WHOLE or expanded > max(limits.FREE, limits.RATIO * packed):
        what = f"the workbook expands to {expanded >> 20:,} MB, {expanded // max(packed, 1):,} times its size"
        raise ReadError(what, remedy="save it again as XLSX, in parts if it is that large, or export it as CSV")
    for info in infos:
        if info.filename.endswith((".xml", ".rels", ".vml")):
            with archive.open(info) as part:
                _check_prolog(part)
        if info.filename.startswith("xl/") and not info.filename.endswith(_NO_SHEETS):
            with archive.open(info) as part:
                _check_area(_area(part))
        elif info.filename == "content.xml":
            with archive.open(info) as part:
                _check_area(_open_document_area(part))


def _check_prolog(part: IO[bytes]) -> None:
    """Raises ReadError when the XML declares a document type: entities are declared there and nowhere else."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    try:
        next(iter(iterparse(part, events=("start",), forbid_dtd=True)), None)
    except DefusedXmlException:
        remedy = "save it again with a spreadsheet program"
        raise ReadError("the workbook declares XML entities, which no export does", remedy=remedy) from None
    except (ParseError, LookupError):
        return  # the reader of workbooks has its own word on damage


def _check_area(cells: int) -> None:
    if cells > limits.AREA:
        what = f"the cells of a sheet lie so far apart that it has {cells:,} of them, where {limits.AREA:,} are read"
        raise ReadError(what, remedy="copy the table into a new workbook, or export it as CSV")


def _area(part: IO[bytes]) -> int:
    """Rows times columns of an XLSX sheet, by the places that its cells say they have."""
    rows, columns, tail = 0, 0, b""
    while block := part.read(_BLOCK):
        places = _PLACE.findall(tail + block)
        rows = max(rows, max((int(row) for _, row in places), default=0))
        columns = max(columns, max(map(_column, {letters.upper() for letters, _ in places}), default=0))
        tail = block[-1024:]
    return rows * columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _open_document_area(part: IO[bytes]) -> int:
    """Rows times columns of the largest table of an ODS workbook; repeated cells count as often as they say."""
    largest = rows = blank = widest = width = pending = 0
    for event, name, element in _elements(part):
        if event == "start" and name == _TABLE:
            rows = blank = widest = 0
        elif event == "start" and name == _ROW:
            width = pending = 0
        elif event == "end" and name == _CELL:
            pending += _repeated(element, "columns")
            if len(element) or "value-type" in map(_local, element.keys()):
                width, pending = width + pending, 0
        elif event == "end" and name == _ROW:
            blank += _repeated(element, "rows")
            if width:
                rows, blank, widest = rows + blank, 0, max(widest, width)
            element.clear()
        largest = max(largest, rows * widest)
    return largest


def _elements(part: IO[bytes]) -> Iterator[tuple[str, str, Element]]:
    from defusedxml.ElementTree import iterparse

    try:
        for event, element in iterparse(part, events=("start", "end"), forbid_dtd=True):
            yield event, _local(element.tag), element
    except (ParseError, LookupError) as error:  # on a table that is never closed the reader of workbooks never ends
        raise ReadError(f"the workbook cannot be read: {error}", remedy="save it again as XLSX") from None


def _local(name: str) -> str:
    """A name without its namespace: the reader of workbooks looks at names as they are written."""
    return name.rpartition("}")[2]


def _repeated(element: Element, what: str) -> int:
    said = {_local(name): value for name, value in element.items()}.get(f"number-{what}-repeated", "1")
    return int(said) if said.isdecimal() and len(said) < 10 else 1
