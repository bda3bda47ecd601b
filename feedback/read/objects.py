"""JSON, JSON lines and Parquet: nested records as tables of text cells, their keys joined with dots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pandas as pd

from feedback.errors import FileError, ReadError
from feedback.read import encoding as encodings
from feedback.read.cells import BATCH, Cells, Opened, Refused, Unfold, excerpt, safe, table_of

_FAILURES = (ValueError, RecursionError)
_SHOWN = 50


def open_json(path: Path, *, encoding: str | None = None, records: str | None = None) -> Opened:
    """Open JSON or JSON lines; `records` is the dotted path of the list that holds the records.

    Raises ReadError when nothing in the file is JSON.
    """
    name = encoding or encodings.detect(path)
    whole = _whole(path, name)

    def values() -> Iterator[Any]:
        return _line_values(path, name) if whole is None else iter(_listed(whole))

    first = next((v for v in values() if not isinstance(v, Refused)), None)

    def cells(unfold: Unfold | None) -> Iterator[Cells]:
        wrapped = isinstance(whole, dict)
        return _tables(values(), unfold or (lambda value: _plain(value, records, wrapped=wrapped)))

    shape = f"JSON{' lines' if whole is None else ''}, {name}"
    return Opened(shape, (), pd.DataFrame(), first, cells)


def open_parquet(path: Path) -> Opened:
    """Open a Parquet file. Raises ReadError when it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    @contextmanager
    def readable() -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            raise ReadError(f"the Parquet file cannot be read: {error}", remedy="write it again") from None

    def rows(size: int) -> Iterator[dict[str, Any]]:
        with readable(), path.open("rb") as file:
            for part in pq.ParquetFile(file).iter_batches(size):
                yield from part.to_pylist()

    with readable(), path.open("rb") as file:
        names = pq.ParquetFile(file).schema_arrow.names

    def cells(_unfold: Unfold | None) -> Iterator[Cells]:
        return _tables(rows(BATCH), lambda value: [value], names)

    sample = next(_tables(islice(rows(_SHOWN), _SHOWN), lambda value: [value], names)).table
    return Opened("Parquet", tuple(names), sample, None, cells)


def _whole(path: Path, encoding: str) -> Any:
    """The file as one JSON value, None when each line is one of its own; one line alone is a whole file.

    Raises ReadError when it is neither.
    """
    start = list(islice((line for line in encodings.lines(path, encoding) if line.strip()), 2))
    if len(start) == 2 and all(isinstance(_parse(line), dict | list) for line in start):
        return None
    text = "".join(encodings.lines(path, encoding))
    try:
        return json.loads(text) if text.strip() else []
    except _FAILURES as error:
        lines = islice(encodings.lines(path, encoding), 1_000)
        if sum(isinstance(_parse(line), dict | list) for line in lines) > 1:
            return None
        raise ReadError(f"not valid JSON: {error}", remedy="export it again") from None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except _FAILURES:
        return None


def _line_values(path: Path, encoding: str) -> Iterator[Any]:
    for line in encodings.lines(path, encoding):
        if line.strip():
            try:
                yield json.loads(line)
            except _FAILURES as error:
                what = f"not valid JSON: {error}"
                yield Refused(0, what, "export it again", excerpt(line.strip()))


def _plain(value: Any, path: str | None, *, wrapped: bool) -> Iterable[dict[str, Any] | str]:
    """The records of a value: itself, or the list at a path, or of a `wrapped` value the only list of objects."""
    for key in path.split(".") if path else ():
        if not isinstance(value, dict) or key not in value:
            raise FileError("the path names no list of records", where="mapping.records", got=path)
        value = value[key]
    if path is None and wrapped:
        lists = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        if len(lists) == 1 and not any(isinstance(v, str) for v in value.values()):
            value = lists[0]
    return _listed(value)


def _tables(values: Iterable[Any], unfold: Unfold, columns: Iterable[str] = ()) -> Iterator[Cells]:
    """Numbered records as tables whose columns are the keys met so far, in order of appearance."""
    seen = dict.fromkeys(columns)
    records = enumerate(chain.from_iterable(_unfolded(value, unfold) for value in values), start=1)
    first = True
    while (chunk := list(islice(records, BATCH))) or first:
        first = False
        refused = [value._replace(row=n) for n, value in chunk if isinstance(value, Refused)]
        kept = [(n, flat(value)) for n, value in chunk if not isinstance(value, Refused)]
        for _, record in kept:
            seen.update(dict.fromkeys(record))
        rows = [[record.get(name) for name in seen] for _, record in kept]
        yield Cells(table_of(rows, list(seen), [n for n, _ in kept]), refused)


def _unfolded(value: Any, unfold: Unfold) -> Iterator[dict[str, Any] | Refused]:
    if isinstance(value, Refused):
        yield value
        return
    for record in unfold(value) if isinstance(value, dict | list) else [value]:
        if isinstance(record, dict):
            yield record
        else:
            reason = record if isinstance(record, str) and not isinstance(value, str) else "not a record"
            shown = excerpt(json.dumps(value, ensure_ascii=False))
            yield Refused(0, reason, "see `feedback read FILE --explain`", shown)


def flat(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    """A nested record as text cells.

    >>> flat({"id": 5, "user": {"name": "Ann"}, "tags": ["a"], "paid": True, "note": None})
    {'id': '5', 'user.name': 'Ann', 'tags': '["a"]', 'paid': 'true', 'note': None}
    """
    cells: dict[str, str | None] = {}
    for key, value in record.items():
        name = prefix + safe(str(key))
        if isinstance(value, dict) and value:
            cells.update(flat(value, f"{name}."))
        else:
            cells[name] = _text(value)
    return cells


def _text(value: Any) -> str | None:
    if value is None or value == {} or value != value:
        return None
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return safe(json.dumps(value, ensure_ascii=False, default=str))
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def inner(value: Any, key: str) -> dict[str, Any]:
    """The object under a key; an empty one where there is something else, since exports can be damaged."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def several(value: Any, key: str) -> list[dict[str, Any]]:
    """The objects of the list under a key; none where there is something else."""
    found = value.get(key) if isinstance(value, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def word(value: Any, key: str) -> str | None:
    """The text or number under a key as text; null where there is something else."""
    found = value.get(key) if isinstance(value, dict) else None
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None


def open_value(shape: str, value: Any, records: str | None) -> Opened:
    """A value that is already parsed, opened like a JSON file that holds it."""

    def cells(unfold: Unfold | None) -> Iterator[Cells]:
        return _tables(iter([value]), unfold or (lambda page: _plain(page, records, wrapped=True)))

    return Opened(shape, (), pd.DataFrame(), value, cells)


def plain_records(value: Any) -> Iterable[dict[str, Any] | str]:
    """The records of a value that no format unfolds: itself, or its only list of objects."""
    return _plain(value, None, wrapped=isinstance(value, dict))
