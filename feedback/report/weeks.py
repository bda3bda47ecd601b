"""Weeks in words: what a run covers, and what it is compared with."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pandas as pd

from feedback import weeks as iso
from feedback.report.figures import day, words

_ONE = re.compile(r"(\d{4})-W(\d{2})$")


def title(week: str, language: str) -> str:
    """A week as a title.

    >>> title("2026-W46", "en"), title("2026-W46", "fr"), title("all", "en")
    ('Week 46, 2026', 'Semaine 46 (2026)', 'All weeks')
    """
    text = words(language)
    if one := _ONE.match(week):
        return str(text["week"].format(week=int(one[2]), year=one[1]))
    return str(text["all_weeks"]) if week == "all" else week


def phrase(week: str, language: str) -> str:
    r"""A week inside a sentence.

    >>> phrase("2026-W45", "fr")
    'en semaine\xa045'
    """
    text = words(language)
    one = _ONE.match(week)
    return str(text["in_week"].format(week=int(one[2]))) if one else str(text["in_all"])


def reference(week: str, language: str) -> str:
    """A week as what something is compared with.

    >>> reference("2026-W45", "fr"), reference("all", "en")
    ('la semaine 45 de 2026', 'the earlier run')
    """
    text = words(language)
    one = _ONE.match(week)
    return str(text["the_week"].format(week=int(one[2]), year=one[1]) if one else text["the_run"])


def dates(week: str, created_at: pd.Series, timezone: str, language: str) -> str:
    """First and last day: of the week itself, else of what was written.

    >>> dates("2026-W46", pd.Series(dtype="datetime64[us, UTC]"), "Europe/Paris", "en")
    '9 – 15 November 2026'
    """
    days = _days(week)
    if days is None:
        local = created_at.dropna().dt.tz_convert(timezone)
        if local.empty:
            return ""
        days = local.min().date(), local.max().date()
    return span(*days, language)


def span(first: date, last: date, language: str) -> str:
    """Two days without repeating the month or year that they share."""
    if first == last:
        return day(first, language)
    start = day(first, language, year=first.year != last.year)
    if (first.year, first.month) == (last.year, last.month):
        start = start.split(" ")[0]
    return str(words(language)["dates"].format(first=start, last=day(last, language)))


def _days(week: str) -> tuple[date, date] | None:
    """Monday and Sunday of a week; None for what is no week."""
    if not _ONE.match(week):
        return None
    return iso.parse(week), iso.parse(week) + timedelta(days=6)
