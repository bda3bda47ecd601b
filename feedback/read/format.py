"""What a format is: how an export is recognised and which of its columns plays which role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from feedback.errors import FeedbackError, FileError, nearest
from feedback.pipeline import Kind
from feedback.pipeline import Mapping as UserMapping
from feedback.pipeline import Score as Score
from feedback.privacy import redact_text
from feedback.read.cells import Opened, Unfold
from feedback.read.derivation import Derivation
from feedback.read.identity import is_contact

Names = tuple[str, ...]
_MAPPED = (
    "title", "question", "id", "updated_at", "author", "language", "product", "location", "channel", "url", "reply",
    "thread", "parent", "repost",
)  # fmt: skip


@dataclass(frozen=True)
class Roles:
    """Which columns play which role. Where a role names several, the first filled cell counts.

    `fields` and `questions` give field_id and question of text columns (the column's name where
    they are silent), `question` the column that holds the question itself; `title` is put before
    the first text; `derived` are columns made of others before roles are played; `set_aside` says
    by column and value ("" when empty, "*" for any other) which records are no feedback, and why,
    null for those that are; `heading` counts rows under the header that are no
    records; `id_pattern` takes the id out of its cell by its first group; `zone` is the zone of
    times without offset; `missing` are further values that stand for an empty cell. `month_first`
    says how dates such as 03/04/2026 are read, `decimal` the mark of decimals in scores; null where
    the values themselves are asked. `never` are columns known to hold no comments, whatever they read like.
    """

    text: Names
    fields: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    title: Names = ()
    question: Names = ()
    id: Names = ()
    id_pattern: str | None = None
    created_at: Names = ()
    updated_at: Names = ()
    time_format: str | None = None
    zone: str | None = None
    author: Names = ()
    language: Names = ()
    product: Names = ()
    location: Names = ()
    channel: Names = ()
    url: Names = ()
    reply: Names = ()
    thread: Names = ()
    parent: Names = ()
    repost: Names = ()
    never: Names = ()
    scores: tuple[Score, ...] = ()
    extra: Names = ()
    missing: Names = ()
    derived: tuple[Derivation, ...] = ()
    set_aside: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    heading: int = 0
    month_first: bool | None = None
    decimal: str | None = None


@dataclass(frozen=True)
class Format:
    """An export's format: its signature and the roles of its columns.

    `recognise` looks at the header and first rows, or at the first JSON value; `roles` at the first
    10,000 records, as text cells. A JSON format has `unfold`, which yields flat or nested records.
    `verified` says whether headings or keys were seen in files or the vendor's documentation;
    `refuse`, why such a file is not read although it is recognised.
    """

    name: str
    kind: Kind
    recognise: Callable[[Opened], bool]
    roles: Callable[[pd.DataFrame], Roles]
    unfold: Unfold | None = None
    verified: bool = True
    refuse: str | None = None


def normal(name: str) -> str:
    """A column name without regard to case, spacing and punctuation.

    >>> normal(" Review  Created (UTC)") == normal("review_created_utc")
    True
    """
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


def columns(header: Iterable[str], *wanted: str) -> Names:
    """The columns of a header that carry one of the wanted names, in the order wanted."""
    found = {normal(name): name for name in reversed(list(header))}
    return tuple(found[key] for name in wanted if (key := normal(name)) in found)


def from_mapping(
    mapping: UserMapping, header: list[str], where: str, *, under: Roles | None = None, sparse: bool = False
) -> Roles:
    """The roles that a pipeline's mapping gives, over those of a native format if there is one.

    Raises FileError with the nearest name when a column does not exist. `header` is empty for a
    file without records, which has nothing to check; in `sparse` records (JSON) a key other than
    the text's may be missing from all.
    """

    def real(name: str) -> str:
        if name in header or not header or (sparse and name not in mapping.text):
            return name
        if len(found := columns(header, name)) == 1:
            return found[0]
        what = "the mapping names a column that the file does not have"
        raise lacking(FileError, what, name, header, where=where)

    roles = under or Roles(text=())
    given: dict[str, Any] = {role: (real(value),) for role in _MAPPED if (value := getattr(mapping, role)) is not None}
    if mapping.created_at is not None:
        given["created_at"] = (real(mapping.created_at.column),)
        first = mapping.created_at.first
        pattern = _pattern(mapping.created_at.format, where)
        roles = replace(roles, time_format=pattern, updated_at=(), month_first=first and first == "month")
    if "id" in given:
        roles = replace(roles, id_pattern=None)
    scores = tuple(s.model_copy(update={"column": real(s.column)}) for s in mapping.scores)
    return replace(
        roles,
        text=tuple(dict.fromkeys(real(name) for name in mapping.text)),
        scores=scores or roles.scores,
        extra=tuple(real(name) for name in mapping.extra) or roles.extra,
        missing=(*roles.missing, *mapping.missing),
        zone=mapping.timezone or roles.zone,
        decimal=mapping.decimal or roles.decimal,
        **given,
    )


def lacking(error: type[FeedbackError], what: str, name: str, header: Iterable[str], *, where: str) -> FeedbackError:
    """The error for a column that a header lacks. It shows 20 names, redacted: a missing header makes them data."""
    header = list(header)
    shown = [redact_text(column) for column in header]
    remedy = nearest(name, shown) or "see `feedback read FILE --explain`"
    if any(map(is_contact, header)):
        remedy = "the header seems to be missing: write the names of the columns into a first row"
    return error(what, where=where, got=name, allowed=shown[:20], remedy=remedy)


def _pattern(pattern: str | None, where: str) -> str | None:
    """A strptime pattern that pandas takes. Raises FileError."""
    if pattern is not None:
        try:
            pd.to_datetime(pd.Series(["2026"], dtype="str"), format=pattern, errors="coerce", utc=True)
        except ValueError as error:
            what = f"no time format: {error}"
            raise FileError(what, where=where, got=pattern, remedy="write it like %d/%m/%Y %H:%M") from None
    return pattern
