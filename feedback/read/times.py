"""Times of exports, in whatever way they are written, as UTC."""

from __future__ import annotations

import re
import warnings
from datetime import tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from feedback.tables import TIME

_ISO = r"^\d{4}-?\d{2}-?\d{2}(?:$|[T ]\d)"
_OFFSET = r"[T ]\d{1,2}(?::?\d{2}){0,2}(?:[.,]\d+)?\s*(?:Z|[+-]\d{2}:?(?:\d{2})?)$"
_CLOCK = r"(?:T|\d:|\dh)\d"
_MIDNIGHT = r"[T ]00:00(?::00(?:\.0+)?)?$"
_EPOCH = {10: "s", 13: "ms", 16: "us"}
_NUMERIC = r"^\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}\b"
_ZONE_WORD = r"\s*(?:UTC|GMT)([+-]\d{1,2})?(?::?(\d{2}))?$"
_FRENCH = {
    r"\bjanv(?:ier|\.)?": "January", r"\bf[ée]vr(?:ier|\.)?": "February", r"\bmars\b": "March",
    r"\bavr(?:il|\.)": "April", r"\bmai\b": "May", r"\bjuin\b": "June", r"\bjuil(?:let|\.)": "July",
    r"\bao[uû]t\b": "August", r"\bsept(?:embre|\.)": "September", r"\boct(?:obre|\.)": "October",
    r"\bnov(?:embre|\.)": "November", r"\bd[ée]c(?:embre|\.)": "December", r"\b1er\b": "1",
    r"\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche),?": "", r"(?<=\d)\s*h\s*(?=\d\d)": ":",
    r"\b(?:at|à)\b": " ",
}  # fmt: skip


def order(values: pd.Series[str]) -> tuple[tuple[bool, bool], tuple[int, str] | None]:
    """What dates such as 03/04/2026 prove (day first, month first), and the row and text of one that proves neither."""
    written = values[values.str.match(r"\s*\d{1,2}[/.-]", na=False)]
    parts = written.str.extract(_NUMERIC).astype("float64").dropna()
    unclear = parts[(parts[0] != parts[1]) & (parts <= 12).all(axis=1)]
    proof = bool((parts[0] > 12).any()), bool((parts[1] > 12).any())
    return proof, (int(unclear.index[0]), str(values[unclear.index[0]])) if len(unclear) else None


def month_first(proof: tuple[bool, bool], zone: tzinfo) -> bool:
    """Whether dates such as 03/04/2026 put the month first: as others prove, else as in America."""
    day, month = proof
    if day:
        return False
    return month or (isinstance(zone, ZoneInfo) and zone.key.startswith(("America/", "US/")))


def to_utc(
    values: pd.Series[str],
    zone: tzinfo,
    *,
    days: tzinfo | None = None,
    pattern: str | None = None,
    month_before_day: bool = False,
) -> pd.Series[pd.Timestamp]:
    """Times as UTC; null where the text is no time.

    Understood are ISO 8601, seconds, milli- and microseconds since 1970, and written dates in
    English and French; `pattern` (strptime) replaces all of these. A time without offset is taken
    to be local to `zone`; a date without time, or at midnight sharp, is that day's beginning in
    `days`, the zone that weeks are counted in, so that it keeps its calendar day.
    """
    text = values.str.strip().str.replace(_ZONE_WORD, _offset, regex=True)
    found = pd.Series(pd.NaT, index=values.index, dtype=TIME)
    dated = ~text.str.contains(_CLOCK, na=False) | text.str.contains(_MIDNIGHT, na=False)
    for part, place in ((dated, days or zone), (~dated, zone)):
        if part.any():
            found[part] = _parsed(text[part], place, pattern, month_before_day)
    return found.where(found.dt.year.between(1990, 2100))


def _parsed(text: pd.Series[str], zone: tzinfo, pattern: str | None, month_before_day: bool) -> pd.Series[pd.Timestamp]:
    if pattern is not None:
        return _local(pd.to_datetime(text, format=pattern, errors="coerce", utc="%z" in pattern), zone)
    found = pd.Series(pd.NaT, index=text.index, dtype=TIME)
    iso = text.str.contains(_ISO, na=False)
    aware = iso & text.str.contains(_OFFSET, na=False)
    naive = iso & ~aware
    found[aware] = pd.to_datetime(text[aware], format="ISO8601", utc=True, errors="coerce").astype(TIME)
    found[naive] = _local(pd.to_datetime(text[naive], format="ISO8601", errors="coerce"), zone)
    for digits, unit in _EPOCH.items():
        stamped = text.str.fullmatch(rf"\d{{{digits}}}(?:\.\d+)?", na=False)
        found[stamped] = pd.to_datetime(text[stamped].astype("float64"), unit=unit, utc=True).astype(TIME)  # type: ignore[call-overload]
    written = text.notna() & found.isna() & text.str.contains(r"\d.*[^\d.,].*\d", na=False)
    if written.any():
        found[written] = _written(text[written], zone, month_before_day)
    return found


def _offset(match: re.Match[str]) -> str:
    hours, minutes = match[1], match[2]
    return "Z" if hours is None else f"{hours[0]}{hours[1:]:0>2}:{minutes or '00'}"


def _written(text: pd.Series[str], zone: tzinfo, month_before_day: bool) -> pd.Series[pd.Timestamp]:
    english = text.str.lower()
    for pattern, word in _FRENCH.items():
        english = english.str.replace(pattern, word, regex=True)
    parsed = {value: _one(value, zone, month_before_day) for value in english.unique()}
    return pd.Series([parsed[value] for value in english], index=text.index, dtype=TIME)


def _one(value: str, zone: tzinfo, month_before_day: bool) -> pd.Timestamp | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which of day and month comes first is decided already
        time = pd.to_datetime(value, dayfirst=not month_before_day, errors="coerce")
    if pd.isna(time):
        return None
    if time.tzinfo is None:
        time = time.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return time.tz_convert("UTC")


def _local(times: pd.Series[pd.Timestamp], zone: tzinfo) -> pd.Series[pd.Timestamp]:
    """Naive times as local to the zone; in the repeated hour of autumn the first one is meant."""
    if times.dt.tz is None:
        first = np.ones(len(times), dtype=bool)
        times = times.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return times.dt.tz_convert("UTC").astype(TIME)
