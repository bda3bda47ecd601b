"""ISO weeks in the pipeline's time zone: which submissions belong to a run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from feedback.errors import UsageError
from feedback.tables import Tables

ALL = "all"


def parse(week: str) -> date:
    """The Monday of an ISO week such as 2026-W47. Raises UsageError for anything else.

    >>> parse("2026-W47")
    datetime.date(2026, 11, 16)
    """
    match = re.fullmatch(r"(\d{4})-W(\d{2})", week)
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1) if match else _refuse(week)
    except ValueError:
        return _refuse(week)


def _refuse(week: str) -> date:
    raise UsageError("not an ISO week", got=week, allowed="a year and a week such as 2026-W47") from None


def label(day: date) -> str:
    """The ISO week of a day.

    >>> label(date(2027, 1, 1))
    '2026-W53'
    """
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def between(span: str) -> list[str]:
    """The weeks of a span such as 2026-W45..2026-W47, both ends included. Raises UsageError."""
    first, dots, last = span.partition("..")
    monday, end = parse(first), parse(last if dots else first)
    if end < monday:
        raise UsageError("the span ends before it begins", got=span, remedy="write the earlier week first")
    return [label(monday + timedelta(weeks=i)) for i in range((end - monday).days // 7 + 1)]


def asked(week: str | None, span: str | None) -> list[str]:
    """The weeks that a person asks for by one week or by a span; none without either. Raises UsageError."""
    if week is not None:
        return [label(parse(week))]
    return between(span) if span is not None else []


def of(times: pd.Series, zone: ZoneInfo) -> pd.Series:
    """The ISO week of each UTC time in a time zone; null for a null time."""
    known = times.dropna()
    calendar = known.dt.tz_convert(zone).dt.isocalendar()
    weeks = calendar["year"].astype("str").str.zfill(4) + "-W" + calendar["week"].astype("str").str.zfill(2)
    return pd.Series(weeks.reindex(times.index), dtype="str")


def newest_complete(weeks: Iterable[str], now: datetime) -> str | None:
    """The newest of the weeks that ended before `now`; the newest of all when none has; None without weeks."""
    found = sorted(set(weeks))
    complete = [w for w in found if w < label(now.date())]
    return complete[-1] if complete else found[-1] if found else None


def within(tables: Tables, week: str, zone: ZoneInfo, elsewhere: frozenset[tuple[str, str]]) -> Tables:
    """The part of a batch that belongs to a week: its own submissions and the undated ones not read before.

    `elsewhere` holds (source, submission_id) of undated submissions that an earlier run has taken.
    """
    if week == ALL:
        return tables
    submissions = tables.submissions
    weeks = of(submissions["created_at"], zone)
    keys = pd.MultiIndex.from_frame(submissions[["source", "submission_id"]])
    taken = (weeks == week) | (weeks.isna() & ~keys.isin(list(elsewhere)))
    return keep(tables, submissions[taken.to_numpy(dtype=bool)])


def keep(tables: Tables, submissions: pd.DataFrame) -> Tables:
    """The batch with these submissions only, and their scores and comments."""
    keys = ["source", "submission_id"]
    index = pd.MultiIndex.from_frame(submissions[keys])

    def part(table: pd.DataFrame) -> pd.DataFrame:
        return table[pd.MultiIndex.from_frame(table[keys]).isin(index)].reset_index(drop=True)

    return Tables(submissions.reset_index(drop=True), part(tables.scores), part(tables.comments), tables.rejects)
