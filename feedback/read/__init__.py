"""Read the exports of surveys, reviews, social networks and support desks into the tables of the contract.

A format is recognised by its columns or keys. Further ones are registered as entry points of the
group `feedback.formats`, each a `Format`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import cache
from importlib.metadata import entry_points
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from feedback.errors import FileError, ReadError, nearest
from feedback.pipeline import Score, Source
from feedback.read import times
from feedback.read.assemble import Origin, assemble, filled, first, rejects_of, set_aside, submission_ids, when
from feedback.read.cells import BATCH, Cells, Opened, Refused, excerpt
from feedback.read.explain import explain_opened, explain_unread
from feedback.read.format import Format, Roles, from_mapping
from feedback.read.identity import Editions
from feedback.read.opening import open_file
from feedback.read.plain import PLAIN
from feedback.read.play import PLAY
from feedback.read.qualtrics import QUALTRICS
from feedback.read.trustpilot import TRUSTPILOT
from feedback.read.x import X
from feedback.read.zendesk import ZENDESK
from feedback.tables import COMMENTS, SCORES, SUBMISSIONS, TIME, Tables, empty

__all__ = ["Format", "Opened", "Roles", "Score", "explain", "formats", "open_file", "read", "read_any", "recognise"]

UTC = ZoneInfo("UTC")
EXPLAIN = "see `feedback read FILE --explain`, or name its columns with a `mapping` in the pipeline"


class _Batch(NamedTuple):
    """Records of one file with their ids and what was refused among them."""

    table: pd.DataFrame
    ids: pd.Series[str]
    edited: pd.Series[pd.Timestamp]
    roles: Roles
    origin: Origin
    refused: list[Refused]


@cache
def formats() -> dict[str, Format]:
    """The formats by name: the native ones and those of installed packages."""
    native = {f.name: f for f in (QUALTRICS, TRUSTPILOT, PLAY, X, ZENDESK, PLAIN)}
    return native | {point.name: point.load() for point in entry_points(group="feedback.formats")}


def recognise(path: Path) -> Format | None:
    """The format of a file, or None. Raises ReadError when it is damaged or no table at all."""
    return _recognised(open_file(path))


def read(source: Source, files: Sequence[Path], *, zone: tzinfo = UTC, root: Path | None = None) -> Iterator[Tables]:
    """Read the files of a source into batches of at most 10,000 comments; text as it stands.

    Each submission appears once, as last edited; its other readings are rejects. Every record is
    a submission or a reject with its row; those that are no feedback have a reason that begins
    with "not feedback: ". A reject without row is about a whole file: that it could not be read
    or, beginning with "note: ", what was left out of it. `zone` is the zone of weeks, and of times
    without offset unless the source or the export says otherwise; file names are relative to `root`.

    Raises FileError when the source's mapping or format does not fit a file.
    """
    editions, place = Editions(), 0
    for batch in chain.from_iterable(_batches(source, path, zone, root) for path in files):
        place = editions.note(batch.ids, batch.edited, place)
    place = 0
    for batch in chain.from_iterable(_batches(source, path, zone, root) for path in files):
        last = editions.are_last(batch.ids, place)
        place += len(batch.ids)
        yield from _sized(batch, last)


def read_any(files: Sequence[Path], *, zone: tzinfo = UTC, root: Path | None = None) -> Iterator[Tables]:
    """Read files of native formats; those of one format are one source that bears its name."""
    by_format: dict[str, list[Path]] = {}
    for path in files:
        try:
            found = recognise(path)
        except ReadError:
            found = None
        by_format.setdefault(found.name if found else PLAIN.name, []).append(path)
    for name, paths in by_format.items():
        yield from read(Source(name=name, files=[]), paths, zone=zone, root=root)


def explain(path: Path) -> str:
    """What a file is taken for and what its columns mean; for an unknown one a mapping to start from."""
    try:
        opened = open_file(path)
    except ReadError as error:
        return explain_unread(path, error)
    found = _recognised(opened)
    cells = next(opened.cells(found.unfold if found else None))
    return explain_opened(path, opened, found, cells.table)


def _recognised(opened: Opened) -> Format | None:
    return next((f for f in formats().values() if f.recognise(opened)), None)


def _batches(source: Source, path: Path, zone: tzinfo, root: Path | None) -> Iterator[_Batch]:
    """The records of one file; a file that cannot be read is one batch with one refusal."""
    name = path.relative_to(root).as_posix() if root and path.is_relative_to(root) else path.as_posix()
    where = f"source {source.name}, {name}"
    try:
        opened = open_file(path, source.mapping)
        found = _format(source, opened, where)
        cells = opened.cells(found.unfold)
        start = next(cells)
        roles = _roles(source, found, opened, start.table, where)
        origin = _origin(source, found, roles, name, zone, start.table)
        yield from _identified(chain([start], cells), roles, origin)
    except ReadError as error:
        refused = [Refused(None, error.what, error.remedy or EXPLAIN)]
        nothing = Origin(source.name, source.kind or "survey", name, None, None, zone, zone)
        yield _Batch(pd.DataFrame(), pd.Series(dtype="str"), pd.Series(dtype=TIME), Roles(()), nothing, refused)


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


def _origin(source: Source, found: Format, roles: Roles, name: str, zone: tzinfo, table: pd.DataFrame) -> Origin:
    local: tzinfo = zone
    if own := source.timezone or roles.zone:
        try:
            local = ZoneInfo(own)
        except (KeyError, ValueError, OSError):
            raise FileError("unknown time zone", where=f"source {source.name}, {name}", got=own,
                            remedy="set `timezone` of the source to a name such as Europe/Paris") from None  # fmt: skip
    kind = source.kind or found.kind
    month_first = any(
        times.month_first(table[column], local) for column in (*roles.created_at, *roles.updated_at) if column in table
    )
    return Origin(source.name, kind, name, source.language, source.channel, local, zone, month_first)


def _identified(batches: Iterator[Cells], roles: Roles, origin: Origin) -> Iterator[_Batch]:
    """Batches without heading rows and records set aside, each record with its id and time of last edit."""
    seen: Counter[str] = Counter()
    for table, refused in batches:
        body = table[table.index > roles.heading].set_axis(table.index[table.index > roles.heading] - roles.heading)
        moved = [r._replace(row=r.row - roles.heading) for r in refused if r.row is not None]
        cells = filled(body, roles.missing)
        reasons = set_aside(cells, roles)
        aside = cells[reasons.notna()]
        shown = first(aside, roles.text).map(excerpt, na_action="ignore").astype("object")
        shown = shown.where(shown.notna(), None)
        for row, reason, text in zip(aside.index, reasons.dropna(), shown, strict=True):
            moved.append(Refused(int(row), reason, "nothing to do; it is counted apart", text))
        kept = cells[reasons.isna()]
        ids = submission_ids(kept, body[reasons.isna()], roles, seen)
        edited = when(kept, roles.updated_at, roles, origin).fillna(when(kept, roles.created_at, roles, origin))
        yield _Batch(kept, ids, edited, roles, origin, moved)


def _sized(batch: _Batch, last: pd.Series[bool]) -> Iterator[Tables]:
    """The tables of a batch in parts of at most 10,000 comments; what was refused comes with the first."""
    remedy = "nothing to do; the last edit counts"
    again = [
        Refused(int(row), "read again: a later or equal edit stands elsewhere", remedy) for row in last.index[~last]
    ]
    table, ids = batch.table[last], batch.ids[last]
    refused = batch.refused + again
    size = max(BATCH // max(len(batch.roles.text), 1), 1)
    for start in range(0, max(len(table), 1), size):
        part = slice(start, start + size)
        if len(table):
            tables, notes = assemble(table.iloc[part], ids.iloc[part], batch.roles, batch.origin)
        else:
            tables, notes = Tables(empty(SUBMISSIONS), empty(SCORES), empty(COMMENTS), pd.DataFrame()), []
        yield tables._replace(rejects=rejects_of([*refused, *notes], batch.origin.file))
        refused = []
