"""Numbers, dates and texts as a reader of each language expects them, and the report's words."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

NARROW = "\u202f"
NONE = "–"
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@cache
def words(language: str) -> dict[str, Any]:
    """All texts of the report in a language, "en" or "fr"."""
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / f"words.{language}.yaml").read_text("utf-8"))
    return typeset(loaded) if language == "fr" else loaded


def typeset(value: Any) -> Any:
    """Texts with the narrow no-break spaces that French sets before and inside its signs.

    >>> typeset({"a": "« oui » : 95 %"})
    {'a': '«\u202foui\u202f»\u202f: 95\u202f%'}
    """
    if isinstance(value, dict):
        return {key: typeset(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typeset(item) for item in value]
    return re.sub(r" (?=[;:?!%»])|(?<=«) ", NARROW, value) if isinstance(value, str) else value


def number(value: float | int | None, language: str, *, digits: int = 0, sign: bool = False) -> str:
    """A number with the language's separators; a dash for null.

    >>> number(-1234.5, "en", digits=1), number(0.256, "fr", digits=2), number(None, "en")
    ('−1,234.5', '0,26', '–')
    """
    if value is None or pd.isna(value):
        return NONE
    # Adding zero turns a rounded -0.0 into 0.0, which has no sign.
    text = f"{round(float(value), digits) + 0.0:{'+' if sign else ''},.{digits}f}".replace("-", "−")
    if language == "fr":
        text = text.replace(",", NARROW).replace(".", ",")
    return text


def percent(share: float | None, language: str) -> str:
    """A share of 0–1 in per cent, one decimal.

    >>> percent(0.1234, "en")
    '12.3%'
    """
    text = number(None if share is None or pd.isna(share) else 100 * share, language, digits=1)
    if text == NONE:
        return text
    return f"{text}{NARROW}%" if language == "fr" else f"{text}%"


def points(change: float | None, language: str) -> str:
    """A difference of shares in percentage points, with its sign.

    >>> points(0.1652, "en")
    '+16.5 pts'
    """
    text = number(None if change is None or pd.isna(change) else 100 * change, language, digits=1, sign=True)
    return text if text == NONE else f"{text} {words(language)['points']}"


def interval(low: float | None, high: float | None, language: str, *, digits: int = 1, sign: bool = False) -> str:
    """An interval in square brackets; empty when either end is null.

    >>> interval(0.5, 2, "en")
    '[0.5 to 2.0]'
    """
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return ""
    ends = (number(end, language, digits=digits, sign=sign) for end in (low, high))
    return "[" + f" {words(language)['to']} ".join(ends) + "]"


def counted(n: int, forms: dict[str, str], language: str) -> str:
    """A phrase with a count, in the singular or the plural; French counts 0 in the singular."""
    single = n == 1 or (n == 0 and language == "fr")
    return forms["one" if single else "other"].format(n=number(n, language))


def day(when: date, language: str, *, year: bool = True) -> str:
    """A calendar day in words.

    >>> day(date(2026, 11, 1), "fr")
    '1er novembre 2026'
    """
    first = "1er" if language == "fr" and when.day == 1 else str(when.day)
    text = f"{first} {words(language)['months'][when.month - 1]}"
    return f"{text} {when.year}" if year else text


def clean(text: Any) -> str:
    r"""A text that HTML, XML and the chart drawer can hold: other characters become U+FFFD, null becomes empty.

    >>> clean("a\x00b")
    'a�b'
    """
    return "" if text is None or pd.isna(text) else _UNFIT.sub("\ufffd", str(text))


def curly(text: str, language: str) -> str:
    """A name with the apostrophes that French prints; other languages keep theirs.

    >>> curly("QR code à l'entrée", "fr")
    'QR code à l’entrée'
    """
    return re.sub(r"(?<=\w)'(?=\w)", "’", text) if language == "fr" else text


def spaced(identifier: Any) -> str:
    """An identifier as words.

    >>> spaced("post_show_survey")
    'post show survey'
    """
    return clean(identifier).replace("_", " ")


def clamp(text: str, limit: int, *, keep: str = "start") -> str:
    """A text cut to `limit` characters at a word where possible, with "…" on the side that was cut.

    >>> clamp("the queue was long", 10), clamp("the queue was long", 10, keep="end")
    ('the queue…', '…was long')
    """
    if len(text) <= limit:
        return text
    if keep == "start":
        cut = text[: limit + 1]
        return (cut.rsplit(None, 1)[0] if " " in cut.strip() else cut[:limit])[:limit].rstrip() + "…"
    cut = text[-limit - 1 :]
    return "…" + (cut.split(None, 1)[1] if " " in cut.strip() else cut[1:])[-limit:].lstrip()
