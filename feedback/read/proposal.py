"""Which column of an unknown table plays which role: proposed from names and contents, with how sure that is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from feedback.pipeline import Metric, Score
from feedback.read import times
from feedback.read.answers import is_contact_data, is_free_text, is_numeric
from feedback.read.format import normal

Sure = Literal["sure", "likely", "a guess"]
_UTC = ZoneInfo("UTC")
_NAMES = {
    "id": r"\b(?:id|identifiant|ref|reference|référence|numéro|number|n°)\b",
    "created_at": r"\b(?:date|time|timestamp|created|submitted|horodateur|fecha|datum)\b",
    "language": r"\b(?:language|langue|lang|locale|idioma|sprache)\b",
    "author": r"\b(?:e? ?mail|author|auteur|user(?: ?name)?|customer|client|respondent|reviewer|pseudo)\b",
    "location": r"\b(?:store|shop|magasin|venue|site|branch|agence|city|ville|location|lieu)\b",
    "product": r"\b(?:product|produit|article|sku|asin|event|événement|app)\b",
    "reply": r"\b(?:reply|response|réponse|answered by|company answer)\b",
}
_SCORES: tuple[tuple[str, Metric, float, float], ...] = (
    (r"\bnps\b|recommend|recommand", "nps", 0, 10),
    (r"\b(?:stars?|étoiles?)\b", "stars", 1, 5),
    (r"\bces\b|\beffort\b", "ces", 1, 7),
    (r"\bcsat\b|satisf", "csat", 1, 5),
    (r"\b(?:rating|score|note|rate)\b", "other", 1, 5),
)
_MANY = 20
_LANGUAGE = r"(?i)\s*[a-z]{2}(?:[-_][a-z]{2,4})?\s*"


class Proposed(NamedTuple):
    """A role of the mapping, the column proposed for it, how sure that is and why."""

    role: str
    column: str
    sure: Sure
    why: str


def propose(table: pd.DataFrame) -> tuple[list[Proposed], list[Score]]:
    """The proposed roles of a table of text cells (blank ones null), the text first, and its scores."""
    taken: dict[str, Proposed] = {}
    texts = _texts(table)
    for role, fits in _TESTS.items():
        named = [n for n in table.columns if n not in taken and n not in texts and re.search(_NAMES[role], normal(n))]
        found = [n for n in named if fits(table[n].dropna())]
        if found:
            taken[found[0]] = Proposed(role, found[0], "sure", "by its name and its values")
        elif role == "created_at" and (dated := _dated(table, {*taken, *texts})):
            taken[dated] = Proposed(role, dated, "likely", "its values are dates")
    scores = [score for name in table.columns if name not in {*taken, *texts} and (score := _score(table[name]))]
    found_texts = [Proposed("text", name, sure, why) for name, (sure, why) in texts.items()]
    return [*found_texts, *taken.values()], scores


def _texts(table: pd.DataFrame) -> dict[str, tuple[Sure, str]]:
    """Columns of phrases that hardly repeat; without one that with the longest values. Never a company's replies."""
    barred = re.compile(rf"{_NAMES['reply']}|\bid$")
    others = [n for n in table.columns if not barred.search(normal(n)) and not is_contact_data(table[n])]
    phrased = [n for n in others if is_free_text(table[n]) and not _is_dated(table[n].dropna())]
    if len(table) > 1 and phrased:
        return dict.fromkeys(phrased, ("sure" if len(table) >= _MANY else "likely", "phrases that hardly repeat"))
    lengths = table[others or list(table.columns)].apply(lambda column: column.str.len().mean()).dropna()
    return {str(lengths.idxmax()): ("a guess", "the longest values")} if len(lengths) else {}


def _is_id(values: pd.Series[str]) -> bool:
    return len(values) > 0 and bool(values.is_unique)


def _is_dated(values: pd.Series[str]) -> bool:
    shown = values.head(200)
    if not shown.str.contains(r"\d", na=False).mean() > 0.8 or shown.str.fullmatch(r"\d{1,9}").mean() > 0.5:
        return False
    return bool(times.to_utc(shown, _UTC).notna().mean() > 0.8)


def _dated(table: pd.DataFrame, taken: set[str]) -> str | None:
    return next((n for n in table.columns if n not in taken and _is_dated(table[n].dropna())), None)


def _is_language(values: pd.Series[str]) -> bool:
    return len(values) > 0 and bool(values.str.fullmatch(_LANGUAGE).mean() > 0.8 or values.nunique() <= 5)


def _anything(values: pd.Series[str]) -> bool:
    return len(values) > 0


_TESTS: dict[str, Callable[[pd.Series[str]], bool]] = {
    "id": _is_id, "created_at": _is_dated, "language": _is_language, "author": _anything, "location": _anything,
    "product": _anything, "reply": _anything,
}  # fmt: skip


def _score(column: pd.Series[str]) -> Score | None:
    """A score with the scale that its name suggests, widened to what its values need."""
    known = next(((m, low, high) for p, m, low, high in _SCORES if re.search(p, normal(str(column.name)))), None)
    if known is None or not is_numeric(column):
        return None
    metric, low, high = known
    numbers = column.dropna().str.extract(r"^\s*(-?\d+(?:[.,]\d+)?)", expand=False).str.replace(",", ".")
    values = numbers.astype("float64").dropna()
    widest = next((top for top in (high, 10, 20, 100) if top >= values.max()), None)
    flags = len(values) >= _MANY and values.nunique() <= 2
    if widest is None or values.min() < 0 or flags:
        return None
    return Score(column=str(column.name), metric=metric, min=min(low, float(values.min() // 1)), max=widest)


def questions(table: pd.DataFrame, proposed: list[Proposed]) -> list[str]:
    """What the columns do not tell and nobody should guess: the order of day and month, and the zone of times."""
    asked: list[str] = []
    for found in proposed:
        if found.role == "created_at":
            values = table[found.column].dropna()
            proof, doubtful = times.order(values)
            if doubtful and not any(proof):
                asked.append(f"does {doubtful[1].split()[0]} begin with the day or the month? Say it with `format`")
            if (
                values.str.contains(r"\d:\d", na=False).any()
                and not values.str.contains(r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)\s*$").any()
            ):
                asked.append("in which zone are these times? Say it with `timezone` of the source")
    return asked
