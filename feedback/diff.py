"""What differs between two journey files, in lines that a person reads before the history is mapped again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from feedback.journey import Journey, Stage, Text, Touchpoint, in_language

LISTS = ("examples", "terms")
PLAIN = ("channel", "owner", "origin")


def diff(before: Journey, after: Journey) -> list[str]:
    """A line for each stage, touchpoint or persona that came, went, moved or changed; none where nothing differs."""
    return [*_head(before, after), *_places(before, after), *_order(before, after), *_personas(before, after)]


def _head(before: Journey, after: Journey) -> Iterator[str]:
    if before.journey != after.journey:
        yield f"another journey: {before.journey} -> {after.journey}"
    if before.version != after.version:
        yield f"version {before.version} -> {after.version}"
    yield from _text("title", before.title, after.title)


def _placed(journey: Journey) -> dict[str, tuple[str | None, Stage | Touchpoint]]:
    """Every stage and touchpoint by id, a touchpoint with the id of its stage."""
    found: dict[str, tuple[str | None, Stage | Touchpoint]] = {}
    for stage in journey.stages:
        found[stage.id] = (None, stage)
        found |= {point.id: (stage.id, point) for point in stage.touchpoints}
    return found


def _places(before: Journey, after: Journey) -> Iterator[str]:
    old, new = _placed(before), _placed(after)
    for identifier, (stage, place) in old.items():
        if identifier not in new:
            yield f"- {_called(stage, place)}"
    for identifier, (stage, place) in new.items():
        if identifier not in old:
            yield f"+ {_called(stage, place)}"
            continue
        was_in, was = old[identifier]
        if was_in != stage:
            yield f"~ {identifier}: moved from {was_in or 'the stages'} to {stage or 'the stages'}"
        for line in _changes(was, place):
            yield f"~ {identifier}: {line}"


def _called(stage: str | None, place: Stage | Touchpoint) -> str:
    where = f"touchpoint {place.id} in {stage}" if stage else f"stage {place.id}"
    return f"{where}: {in_language(place.name, 'en')}"


def _changes(was: Stage | Touchpoint, now: Stage | Touchpoint) -> Iterator[str]:
    yield from _text("name", was.name, now.name)
    yield from _text("description", was.description or {}, now.description or {})
    for name in LISTS:
        yield from _items(name, getattr(was, name), getattr(now, name))
    for name in PLAIN:
        one, other = getattr(was, name, None), getattr(now, name, None)
        if one != other:
            key = "from" if name == "origin" else name
            yield f"{key} {_said(one)} -> {_said(other)}"


def _said(value: object) -> str:
    found = value.model_dump(exclude_defaults=True) if hasattr(value, "model_dump") else value
    return "none" if found is None else str(found)


def _text(key: str, was: Text | Mapping[str, str], now: Text | Mapping[str, str]) -> Iterator[str]:
    for code in sorted({*was, *now}):
        if was.get(code) != now.get(code):
            language = "" if code == "*" else f" ({code})"
            yield f"{key}{language} {was.get(code, '')!r} -> {now.get(code, '')!r}"


def _items(key: str, was: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> Iterator[str]:
    for code in sorted({*was, *now}):
        one, other = was.get(code, []), now.get(code, [])
        gone, come = [t for t in one if t not in other], [t for t in other if t not in one]
        if gone or come:
            language = "" if code == "*" else f" ({code})"
            yield f"{key}{language}: " + ", ".join([*(f"- {t!r}" for t in gone), *(f"+ {t!r}" for t in come)])


def _order(before: Journey, after: Journey) -> Iterator[str]:
    old, new = list(_placed(before)), list(_placed(after))
    if [i for i in old if i in new] != [i for i in new if i in old]:
        yield f"the order is now {', '.join(new)}"


def _personas(before: Journey, after: Journey) -> Iterator[str]:
    old, new = ({p.id: p for p in journey.personas} for journey in (before, after))
    for identifier in dict.fromkeys((*old, *new)):
        if identifier not in new:
            yield f"- persona {identifier}"
        elif identifier not in old:
            yield f"+ persona {identifier}: {in_language(new[identifier].name, 'en')}"
        elif old[identifier] != new[identifier]:
            yield f"~ persona {identifier} changed"
