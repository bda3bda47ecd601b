"""JSON, JSON lines and Parquet: nested records as tables of text cells, their keys joined with dots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

import pandas as pd

from feedback.errors import FileError, ReadError
from feedback.read import encoding as encodings
from feedback.read import limits, packed
from feedback.read.cells import BATCH, Cells, Opened, Refused, Unfold, chunks, excerpt, safe, table_of
from feedback.read.packed import File

_FAILURES = (ValueError, RecursionError)
_SHOWN = 50


def open_json(file: File, *, encoding: str | None = None, records: str | None = None) -> Opened:
    """Open JSON or JSON lines; `records` is the dotted path of the list that holds the records.

    Raises ReadError when nothing in the file is JSON.
    """
    name = encoding or encodings.detect(file)
    whole = _whole(file, name)

    def values() -> Iterator[Any]:
        return _line_values(file, name) if whole is None else iter(_listed(whole))

    def shown() -> Iterator[Any]:
        return islice((v for v in values() if not isinstance(v, Refused)), _SHOWN)

    first = next((v for v in shown() if isinstance(v, dict | list)), next(shown(), None))

    def cells(unfold: Unfold | None) -> Iterator[Cells]:
        wrapped = isinstance(whole, dict)
        return _tables(values(), unfold or (lambda value: _plain(value, records, wrapped=wrapped)))

    shape = f"JSON{' lines' if whole is None else ''}, {name}"
    return Opened(shape, (), pd.DataFrame(), first, cells)


def open_parquet(file: File) -> Opened:
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
        with readable(), packed.whole(file) as stream:
            for part in pq.ParquetFile(stream).iter_batches(size):
                yield from part.to_pylist()

    with readable(), packed.whole(file) as stream:
        names = pq.ParquetFile(stream).schema_arrow.names

    def cells(_unfold: Unfold | None) -> Iterator[Cells]:
        return _tables(rows(BATCH), lambda value: [value], names)

    sample = next(_tables(islice(rows(_SHOWN), _SHOWN), lambda value: [value], names)).table
    return Opened("Parquet", tuple(names), sample, None, cells)


def _whole(file: File, encoding: str) -> Any:
    """The file as one JSON value, None when each line is one of its own; one line alone is a whole file.

    Raises ReadError when it is neither.
    """
    start = list(islice((line for line in encodings.lines(file, encoding) if line.strip()), 2))
    if len(start) == 2 and all(isinstance(_parse(line), dict | list) for line in start):
        return None
    text = encodings.text(file, encoding)
    try:
        return json.loads(text) if text.strip() else []
    except _FAILURES as error:
        lines = islice(encodings.lines(file, encoding), 1_000)
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


def _line_values(file: File, encoding: str) -> Iterator[Any]:
    for line in encodings.lines(file, encoding):
        if line.strip():
            try:
                yield json.loads(line)
            except _FAILURES as error:
                what = f"not valid JSON: {error}"
                yield Refused(0, what, "export it again", excerpt(line.strip()))


def _plain(value: Any, path: str | None, *, wrapped: bool) -> Iterable[dict[str, Any] | Refused]:
    """The records of a value: itself, or the list at a path, or of a `wrapped` value the only list of objects."""
    for key in path.split(".") if path else ():
        if not isinstance(value, dict) or key not in value:
            raise FileError("the path names no list of records", where="mapping.records", got=path)
        value = value[key]
    if path is None and wrapped:
        lists = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        if len(lists) == 1 and not any(isinstance(v, str) for v in value.values()):
            value = lists[0]
    return (item if isinstance(item, dict) else refused(item) for item in _listed(value))


def _tables(values: Iterable[Any], unfold: Unfold, columns: Iterable[str] = ()) -> Iterator[Cells]:
    """Numbered records as tables whose columns are the keys met so far, in order of appearance."""
    seen = {name: place for place, name in enumerate(columns)}
    records = enumerate(chain.from_iterable(_unfolded(value, unfold) for value in values), start=1)
    first = True
    for chunk in chunks((n, _row(record, seen)) for n, record in records):
        first = False
        refused = [value._replace(row=n) for n, value in chunk if isinstance(value, Refused)]
        kept = [(n, row) for n, row in chunk if not isinstance(row, Refused)]
        most = max(1, limits.BATCH_CELLS // max(len(seen), 1))
        for start in range(0, max(len(kept), 1), most):
            part = kept[start : start + most]
            rows = [row + [None] * (len(seen) - len(row)) for _, row in part]
            yield Cells(table_of(rows, list(seen), [n for n, _ in part]), refused)
            refused = []
    if first:
        yield Cells(table_of([], list(seen), []), [])


def _row(record: dict[str, Any] | Refused, seen: dict[str, int]) -> list[str | None] | Refused:
    """The cells of a record in the order of the keys met so far, to which its new ones are added."""
    if isinstance(record, Refused):
        return record
    try:
        cells = flat(record)
    except RecursionError:
        return Refused(0, "the record is nested too deeply", "export it again")
    new = [name for name in cells if name not in seen]
    if len(seen) + len(new) > limits.COLUMNS:
        reason = f"with the keys of this record the file has more than {limits.COLUMNS:,} columns"
        return Refused(0, reason, "export it again, with the same keys in every record")
    seen.update({name: place for place, name in enumerate(new, start=len(seen))})
    row: list[str | None] = [None] * len(seen)
    for name, cell in cells.items():
        row[seen[name]] = cell
    return row


def _unfolded(value: Any, unfold: Unfold) -> Iterator[dict[str, Any] | Refused]:
    if isinstance(value, Refused):
        yield value
        return
    for record in unfold(value) if isinstance(value, dict | list) else [refused(value)]:
        yield refused(value, record) if isinstance(record, str) else record


def refused(item: Any, reason: str = "not a record") -> Refused:
    """The refusal of an item of a value, still without its number; its excerpt shows that item alone."""
    try:
        shown = excerpt(json.dumps(item, ensure_ascii=False, default=str))
    except RecursionError:
        shown = None
    return Refused(0, reason, "see `feedback read FILE --explain`", shown)


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


def plain_records(value: Any) -> Iterable[dict[str, Any] | Refused]:
    """The records of a value that no format unfolds: itself, or its only list of objects."""
    return _plain(value, None, wrapped=isinstance(value, dict))
