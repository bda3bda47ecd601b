"""XML: an element becomes an object of its children, so that it reads like the JSON of the same feed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from os import SEEK_END
from typing import IO, Any

from feedback.errors import ReadError
from feedback.read import limits
from feedback.read.cells import Opened
from feedback.read.objects import open_value
from feedback.read.packed import File, whole

_DEEPEST = 100


def open_xml(file: File, *, records: str | None = None) -> Opened:
    """Open an XML file; `records` is the dotted path of the elements that are records.

    Raises ReadError when it is no XML, nests too deep, or declares entities, which can be bombs.
    """
    return open_value("XML", _value(file), records)


def _value(file: File) -> dict[str, Any]:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    prefixes: dict[str, str] = {}
    root, depth = None, 0
    try:
        with whole(file) as stream:
            _limited(stream)
            for event, item in iterparse(stream, events=("start-ns", "start", "end"), forbid_dtd=True):
                if event == "start-ns":
                    prefixes.setdefault(item[1], item[0])
                    continue
                root = item if root is None else root
                depth += 1 if event == "start" else -1
                if depth > _DEEPEST:
                    raise ReadError(f"elements lie more than {_DEEPEST} deep in one another", remedy="export it again")
    except ET.ParseError as error:
        raise ReadError(f"not valid XML: {error}", remedy="export it again") from None
    except DefusedXmlException:
        what = "the XML declares entities or a document type, which can be a bomb"
        raise ReadError(what, remedy="export it again without a document type") from None
    except (LookupError, ValueError) as error:
        what = f"the XML names an encoding that is none: {error}"
        raise ReadError(what, remedy="export it again as UTF-8") from None
    return {_name(root.tag, prefixes): _object(root, prefixes)} if root is not None else {}


def _limited(stream: IO[bytes]) -> None:
    if stream.seek(0, SEEK_END) > limits.XML:
        what = f"the XML file is larger than {limits.XML >> 20} MB"
        raise ReadError(what, remedy="export it in parts, or as JSON lines or CSV")
    stream.seek(0)


def _name(tag: str, prefixes: dict[str, str]) -> str:
    uri, _, name = tag.rpartition("}")
    prefix = prefixes.get(uri.removeprefix("{"), "")
    return f"{prefix}:{name}" if prefix else name


def _object(element: ET.Element, prefixes: dict[str, str]) -> dict[str, Any]:
    """Children by name, a list where a name repeats; of one without children `label` and `attributes`."""
    if len(element) == 0:
        found: dict[str, Any] = {"label": (element.text or "").strip()}
        return found | ({"attributes": dict(element.attrib)} if element.attrib else {})
    children: dict[str, Any] = {}
    for child in element:
        name, value = _name(child.tag, prefixes), _object(child, prefixes)
        if name not in children:
            children[name] = value
        elif isinstance(children[name], list):
            children[name].append(value)
        else:
            children[name] = [children[name], value]
    return children
