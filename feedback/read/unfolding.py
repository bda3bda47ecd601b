"""From a page of JSON or XML to its records, as a format's record declares them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from feedback.read.cells import Refused, Unfold
from feedback.read.declaration import Join, Pivot, Records
from feedback.read.objects import refused

_KEY = re.compile(r"\{([^{}]+)\}")
_DEEPEST = 100


def unfold(places: Sequence[Records], export: str) -> Unfold:
    """The function that yields the records of one value: those at the first place that the value has."""

    def records(value: Any) -> Iterable[dict[str, Any] | Refused | str]:
        here = [place for place in places if has(value, place.at.partition(".")[0])]
        return _records(value, here[0], {}, value, 0) if here else [f"not a page of {export}"]

    return records


def has(value: Any, key: str) -> bool:
    """Whether a value is an object with this key; the empty key is the object itself."""
    return isinstance(value, dict) and (not key or key in value)


def walk(value: Any, path: str) -> Iterator[Any]:
    """What lies at a dotted path, through lists; nothing where a key is missing.

    >>> list(walk({"items": [{"by": {"id": 1}}, {"by": {"id": 2}}, {}]}, "items.by.id"))
    [1, 2]
    """
    return _walked(value, path, stray=False)


def _walked(value: Any, path: str, *, stray: bool) -> Iterator[Any]:
    """What lies at a path; with `stray` also what lies in lists on the way and is no object."""
    if isinstance(value, list):
        for item in value:
            if stray and path and not isinstance(item, dict | list):
                yield item
            else:
                yield from _walked(item, path, stray=stray)
    elif not path:
        yield value
    elif isinstance(value, dict):
        key, _, rest = path.partition(".")
        if path in value:
            key, rest = path, ""
        if value.get(key) is not None:
            yield from _walked(value[key], rest, stray=stray)


def _records(
    value: Any, place: Records, kept: dict[str, Any], page: Any, depth: int
) -> Iterator[dict[str, Any] | Refused]:
    items = _walked(value, place.at, stray=True)
    found = _gathered(items, place) if place.gather else items
    looked_up = {join.name: _by_id(page, join) for join in place.joins}
    for item in found:
        if not isinstance(item, dict):
            yield refused(item)
            continue
        if place.record:
            yield _record(item, place, kept | place.mark, looked_up)
        carried = kept | {name: next(walk(item, path), None) for name, path in place.keep.items()}
        for part in place.within:
            if part.needed and next(walk(item, part.at), None) is None:
                yield refused(item)
            yield from _records(item, part, carried, page, depth + 1)
        if place.again and depth < _DEEPEST:
            yield from _records(item, place.model_copy(update={"at": place.again}), carried, page, depth + 1)
        elif place.again and next(walk(item, place.again), None) is not None:
            yield refused(next(walk(item, place.again)), f"records lie more than {_DEEPEST} deep in one another")


def _record(
    item: dict[str, Any], place: Records, kept: dict[str, Any], looked_up: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """A record without what is read as records of its own, with what it inherits, its answers as columns."""
    nested = {part.at.partition(".")[0] for part in place.within} | {
        pivot.at.partition(".")[0] for pivot in place.pivot
    }
    nested |= {(place.again or "").partition(".")[0]}
    record = {key: value for key, value in item.items() if key not in nested}
    for key in place.first:
        if isinstance(record.get(key), list):
            record[key] = next(iter(record[key]), None)
    numbers: dict[str, int] = {}
    for pivot in place.pivot:
        _put(record, _answers(item, pivot), numbers)
    for join in place.joins:
        record[join.name] = looked_up[join.name].get(str(next(walk(item, join.by), "")), {})
    return record | kept


def _answers(item: Any, pivot: Pivot) -> Iterator[tuple[str, Any]]:
    for chain in _chains(item, pivot.at, ()):
        values = (found for path in pivot.value for found in walk(chain[-1], path))
        value = next((v for v in values if v is not None and not isinstance(v, dict)), None)
        if value is not None:
            yield _KEY.sub(partial(_nearest, chain), pivot.name).rstrip(":"), value


def _chains(value: Any, path: str, outer: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """What lies at a path, each with what it lies in."""
    if isinstance(value, list):
        for item in value:
            yield from _chains(item, path, outer)
    elif not path:
        yield (*outer, value)
    elif isinstance(value, dict):
        key, _, rest = path.partition(".")
        yield from _chains(value.get(key, []), rest, (*outer, value))


def _nearest(chain: tuple[Any, ...], keys: re.Match[str]) -> str:
    """The value of the first of the keys (separated by "|") that the innermost object has."""
    for value in reversed(chain):
        for path in keys[1].split("|"):
            if (found := next(walk(value, path), None)) is not None and not isinstance(found, dict):
                return str(found)
    return ""


def _put(record: dict[str, Any], cells: Iterable[tuple[str, Any]], numbers: dict[str, int]) -> None:
    """Put cells into a record; a name given twice is numbered, from its last number in `numbers` on."""
    for stem, value in cells:
        number = numbers.get(stem, 1)
        name = stem if number == 1 else f"{stem} ({number})"
        while name in record:
            number += 1
            name = f"{stem} ({number})"
        numbers[stem] = number
        record[name] = value


def _by_id(page: Any, join: Join) -> dict[str, Any]:
    listed = (item for item in walk(page, join.at) if isinstance(item, dict))
    return {str(item[join.key]): item for item in listed if join.key in item}


def _gathered(items: Iterable[Any], place: Records) -> Iterator[Any]:
    """Objects that each hold one answer of a submission as one object for each submission."""
    assert place.gather is not None
    whole: dict[str, tuple[dict[str, Any], dict[str, int]]] = {}
    for number, item in enumerate(items):
        if isinstance(item, dict):
            key = str(item.get(place.gather_by or "id", f"\0{number}"))
            record, numbers = whole.setdefault(key, (dict(item), {}))
            _put(record, _answers(item, place.gather), numbers)
        else:
            yield item
    yield from (record for record, _ in whole.values())
