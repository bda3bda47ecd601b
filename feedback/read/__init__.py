"""Read the exports of surveys, reviews, social networks and support desks into the tables of the contract.

A format is recognised by its columns or keys. Further ones are registered as entry points of the
group `feedback.formats`, each a `Format`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from functools import cache
from importlib.metadata import entry_points
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from feedback.errors import FileError, ReadError, nearest
from feedback.pipeline import Mapping as UserMapping
from feedback.pipeline import Score, Source
from feedback.privacy.filenames import redact_path
from feedback.read import declared
from feedback.read.assemble import Origin
from feedback.read.batches import Batch, Dates, identified, readings, shared_id, sized
from feedback.read.cells import Opened, Refused, safe
from feedback.read.editions import Editions, Shared
from feedback.read.explain import Explained, explain_opened, explain_unread
from feedback.read.fields import Fields
from feedback.read.format import Format, Roles, from_mapping
from feedback.read.left_out import LeftOut
from feedback.read.opening import open_file
from feedback.read.packed import File, Packed, inside, size_of
from feedback.read.plain import PLAIN
from feedback.tables import Tables

__all__ = [
    "Explained", "File", "Format", "Opened", "Roles", "Score", "explain", "explained", "formats", "inside", "named",
    "open_file", "read", "read_any", "recognise",
]  # fmt: skip

UTC = ZoneInfo("UTC")
HELD = 64 << 20
"""Bytes of cells held between looking through a source and reading it; files beyond are parsed a second time."""
OPEN = 8 << 20
"""Bytes of files that stay open, some of them parsed, from when they are recognised until they are read."""
EXPLAIN = "see `feedback read FILE --explain`, or name its columns with a `mapping` in the pipeline"


@cache
def formats() -> dict[str, Format]:
    """The formats by name: the native ones and those of installed packages."""
    native = declared.native() | {PLAIN.name: PLAIN}
    return native | {point.name: point.load() for point in entry_points(group="feedback.formats")}


def recognise(path: File) -> Format | None:
    """The format of a file, or None. Raises ReadError when it is damaged or no table at all."""
    return _recognised(open_file(path))


def named(file: File, root: Path | None = None) -> str:
    """What the tables call a file: its path, from `root` on where it lies there, as text that can be stored.

    One inside an archive is called by the archive's path and its own: `drops/week.zip/answers.csv`. What is personal in
    a name is replaced.
    """
    path, inner = (file.archive, file.member) if isinstance(file, Packed) else (file, "")
    name = (path.relative_to(root) if root and path.is_relative_to(root) else path).as_posix()
    return redact_path(safe(f"{name}/{inner}" if inner else name))


def read(
    source: Source,
    files: Sequence[File],
    *,
    zone: tzinfo = UTC,
    root: Path | None = None,
    only: Container[str] | None = None,
) -> Iterator[Tables]:
    """Read the files of a source into batches of at most 10,000 comments; text as it stands.

    Each submission appears once, as last edited; its other readings are rejects. Every record is
    a submission or a reject with its row; those that are no feedback have a reason that begins
    with "not feedback: ". A reject without row is about a whole file: that it could not be read
    or, beginning with "note: ", what was left out of it. `zone` is the zone of weeks, and of times
    without offset unless the source or the export says otherwise; file names are relative to `root`.
    With `only`, the files of these names give tables; the others still have a say in ids and dates. A folder and a
    ZIP archive stand for the files in them.

    Raises FileError when the source's mapping or format does not fit a file.
    """
    return _read(source, inside(files), {}, zone, root, only)


def read_any(
    files: Sequence[File], *, zone: tzinfo = UTC, root: Path | None = None, mapping: UserMapping | None = None
) -> Iterator[Tables]:
    """Read files of native formats; those of one format are one source that bears its name.

    With a mapping it is used for all of them, and over a native format where it can be, as in a pipeline.
    """
    by_format: dict[str, list[File]] = {}
    opened: dict[File, Opened] = {}
    room = OPEN
    for path in inside(files):
        found = None
        with suppress(ReadError):
            one = open_file(path, mapping)
            found = _recognised(one)
            room -= size_of(path)
            opened |= {path: one} if room > 0 else {}
        by_format.setdefault(found.name if found else PLAIN.name, []).append(path)
    for name, paths in by_format.items():
        yield from _read(Source(name=name, files=[], mapping=mapping), paths, opened, zone, root)


def explain(path: Path) -> str:
    """What a file is taken for and what its columns mean; for an unknown one a mapping to start from.

    Of a folder and a ZIP archive every file is explained.
    """
    return "\n\n".join(found.text for found in explained(path)) or f"{safe(path.name)}: the folder holds no files"


def explained(path: Path) -> Iterator[Explained]:
    """The explanation of each file that a path stands for, with the mapping proposed for an unknown one."""
    return map(_explained, inside([path]))


def _explained(path: File) -> Explained:
    try:
        opened = open_file(path)
    except ReadError as error:
        return explain_unread(path, error)
    found = _recognised(opened)
    cells = next(opened.cells(found.unfold if found else None))
    return explain_opened(path, opened, found, cells)


def _recognised(opened: Opened) -> Format | None:
    return next((f for f in formats().values() if f.recognise(opened)), None)


def _read(
    source: Source,
    files: Sequence[File],
    opened: Mapping[File, Opened],
    zone: tzinfo,
    root: Path | None,
    only: Container[str] | None = None,
) -> Iterator[Tables]:
    """Read a source that is looked through first: dates have one order, ids one last edit, columns one use."""
    dates, fields, left, shared, held = _looked_through(source, files, opened, zone, root)
    notes, last = _joined(dates.notes(), left.notes(fields.taken)), Editions()

    def told(file: File) -> Iterator[Batch]:
        batches = held.get(file) or _batches(source, file, opened.get(file), zone, root, again=True)
        return (fields.told(dates.told(batch)) for batch in batches)

    for place, file in enumerate(files if len(shared) else ()):
        for batch in told(file):
            last.add(readings(batch, shared.among(batch.ids), place))
    for place, file in enumerate(files):
        if only is None or named(file, root) in only:
            yield from _counted(told(file), place, shared, last, notes.get(named(file, root), []))


def _joined(*notes: dict[str, list[Refused]]) -> dict[str, list[Refused]]:
    return {file: [note for some in notes for note in some.get(file, [])] for file in set().union(*notes)}


def _counted(
    batches: Iterator[Batch], place: int, shared: Shared, last: Editions, notes: list[Refused]
) -> Iterator[Tables]:
    """The tables of one file: the readings that count, the others as rejects, with a note at the end about them."""
    others, row = 0, 0
    batch = next(batches, None)
    while batch is not None:
        why = pd.Series(pd.NA, index=batch.ids.index, dtype="str")
        if (doubled := shared.among(batch.ids)).any():
            why[doubled] = last.why(readings(batch, doubled, place))
        if len(left := why.index[why == "other"]):
            others, row = others + len(left), row or int(left[0])
        following = next(batches, None)
        if following is None and others:
            notes = [shared_id(others, row), *notes]
        yield from sized(batch, why, notes)
        batch, notes = following, []


def _looked_through(
    source: Source, files: Sequence[File], opened: Mapping[File, Opened], zone: tzinfo, root: Path | None
) -> tuple[Dates, Fields, LeftOut, Shared, dict[File, list[Batch]]]:
    """What a source's dates prove, its columns of comments and those left out, its ids, and batches there is room for.

    A file that cannot be read is one batch with one refusal, even if its first records could.
    """
    dates, fields, left, shared = Dates(), Fields(), LeftOut(), Shared()
    held: dict[File, list[Batch]] = {}
    room = HELD
    for file in files:
        mine: list[Batch] = []
        seen, asked = Dates(), Fields()
        try:
            for batch in _batches(source, file, opened.get(file), zone, root):
                shared.add(batch.ids)
                seen.look(batch)
                asked.look(batch)
                if source.mapping is None:
                    left.look(batch)
                room -= int(batch.table.memory_usage(deep=True).sum())
                mine = [*mine, batch] if room > 0 else []
            dates.add(seen)
            fields.add(asked)
        except ReadError as error:
            mine = [_unread(source, named(file, root), error, zone)]
        if mine:
            held[file] = mine
    shared.close()
    return dates, fields, left, shared, held


def _unread(source: Source, name: str, error: ReadError, zone: tzinfo) -> Batch:
    origin = Origin(source.name, source.kind or "survey", name, None, None, zone, zone)
    refused = [Refused(None, error.what, error.remedy or EXPLAIN)]
    return Batch(pd.DataFrame(), pd.Series(dtype="str"), Roles(()), origin, refused, Roles(()))


def _batches(
    source: Source, file: File, opened: Opened | None, zone: tzinfo, root: Path | None, *, again: bool = False
) -> Iterator[Batch]:
    """The records of one file, `again` when its columns are known already. Raises ReadError when it cannot be read."""
    name = named(file, root)
    where = f"source {source.name}, {name}"
    opened = opened or open_file(file, source.mapping)
    found = _format(source, opened, where)
    if found.refuse is not None:
        raise ReadError(found.refuse, remedy="nothing to do; leave the file out")
    cells = opened.cells(found.unfold)
    start = next(cells)
    roles = _roles(source, found, opened, start.table, where)
    look = None if again or source.mapping is not None else found.roles
    yield from identified(chain([start], cells), roles, _origin(source, found, roles, name, zone), look)


def _format(source: Source, opened: Opened, where: str) -> Format:
    """The format of a source's file. Raises ReadError when none fits, FileError when there is no such format."""
    if source.format != "auto":
        if source.format not in formats():
            hint = nearest(source.format, formats())
            raise FileError("unknown format", where=where, got=source.format, allowed=formats(), remedy=hint or None)
        named = formats()[source.format]
        if named is not PLAIN and not named.recognise(opened):
            raise ReadError(f"this is no {named.name} export", remedy=EXPLAIN)
        if named is PLAIN and source.mapping is None:
            raise FileError("the format 'plain' needs a mapping", where=where, remedy="see `feedback schema mapping`")
        return named
    found = _recognised(opened)
    if source.mapping is not None and (found is None or found.unfold is not None):
        return PLAIN
    if found is None and (opened.value is not None or len(opened.rows)):
        raise ReadError("the format is not recognised", remedy=EXPLAIN)
    return found or PLAIN


def _roles(source: Source, found: Format, opened: Opened, table: pd.DataFrame, where: str) -> Roles:
    roles = found.roles(table)
    if source.mapping is not None:
        header = list(table.columns)
        roles = from_mapping(source.mapping, header, where, under=roles, sparse=not opened.header)
    roles = _scaled(roles, source)
    for score in roles.scores:
        if score.min >= score.max:
            got = f"min {score.min:g}, max {score.max:g}"
            raise FileError(f"the scale of {score.column!r} is empty", where=where, got=got, remedy="put min below max")
    return roles


def _scaled(roles: Roles, source: Source) -> Roles:
    """The source's own metric and scale for its main score."""
    if not roles.scores or not (source.metric or source.scale):
        return roles
    first_score, *others = roles.scores
    low, high = source.scale or (first_score.min, first_score.max)
    main = first_score.model_copy(update={"metric": source.metric or first_score.metric, "min": low, "max": high})
    return replace(roles, scores=(main, *others))


def _origin(source: Source, found: Format, roles: Roles, name: str, zone: tzinfo) -> Origin:
    local: tzinfo = zone
    if own := source.timezone or roles.zone:
        try:
            local = ZoneInfo(own)
        except (KeyError, ValueError, OSError):
            raise FileError("unknown time zone", where=f"source {source.name}, {name}", got=own,
                            remedy="set `timezone` of the source to a name such as Europe/Paris") from None  # fmt: skip
    kind = source.kind or found.kind
    return Origin(source.name, kind, name, source.language, source.channel, local, zone, format=found.name)
