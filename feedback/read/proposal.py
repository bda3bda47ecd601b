"""Which column of an unknown table plays which role: proposed from names and contents, with how sure that is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

import pandas as pd

from feedback.pipeline import Metric, Score
from feedback.read import times
from feedback.read.answers import is_contact_data, is_free_text, is_numeric
from feedback.read.format import normal

Sure = Literal["sure", "likely", "a guess"]
_UTC = ZoneInfo("UTC")
_NAMES = {
    "title": r"^(?:(?:review|comment) )?(?:title|titre|headline|summary|subject|objet|sujet)$",
    "question": r"\bquestion\b",
    "id": r"\b(?:id|identifiant|ref|reference|référence|numéro|number|n°)\b",
    "created_at": r"\b(?:date|time|timestamp|created|submitted|horodateur|fecha|datum)\b",
    "language": r"\b(?:language|langue|lang|locale|idioma|sprache)\b",
    "author": r"\b(?:e? ?mail|author|auteur|user(?: ?name)?|customer|client|respondent|reviewer|pseudo)\b",
    "location": r"\b(?:store|shop|magasin|venue|site|branch|agence|city|ville|location|lieu)\b",
    "product": r"\b(?:product|produit|article|sku|asin|event|événement|app)\b",
    "reply": r"\breply\b|\b(?:company|business|owner|vendor|developer|our) (?:answer|response)\b|\banswered by\b"
    r"|\bréponse (?:de l[a' ]|du |de notre|d'|entreprise)",
}
_SCORES: tuple[tuple[str, Metric, float, float], ...] = (
    (r"\bnps\b|recommend|recommand", "nps", 0, 10),
    (r"\b(?:stars?|étoiles?)\b", "stars", 1, 5),
    (r"\bces\b|\beffort\b", "ces", 1, 7),
    (r"\bcsat\b|satisf", "csat", 1, 5),
    (r"\b(?:rating|score|note|rate|intention)\b", "other", 1, 5),
)
_BIRTH = re.compile(r"\b(?:birth|naissance|born|dob)\b")
_NO_ANSWER = re.compile(
    r"(?:did not|didn['’]t|no|not) (?:answer(?:ed)?|repl(?:y|ied)|respon(?:se|d(?:ed)?))|(?:pas de|sans|aucune) réponse"
    r"|non (?:renseigné|répondu)e?|\(?(?:blank|vide|empty|none given|not provided)\)?",
    re.IGNORECASE,
)
_MANY = 20
_ASKED = 2
"""Words that a question has on average, so that marks such as "Q1" are none."""
_TIMED, _ZONED = r"\d:\d", r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)\s*$"
_COMMA = r"\d,\d"
_LANGUAGE = r"(?i)\s*[a-z]{2}(?:[-_][a-z]{2,4})?\s*"


About = Literal["first", "timezone", "decimal"]


class Question(NamedTuple):
    """What the file does not tell and nobody should guess, with the key of the mapping that answers it."""

    about: About
    text: str
    answer: str


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
    titles = [name for name in texts if re.search(_NAMES["title"], normal(name))]
    if titles and len(texts) > len(titles):
        sure, why = texts.pop(titles[0])
        taken[titles[0]] = Proposed("title", titles[0], sure, f"by its name, and {why}")
    others = [name for name in table.columns if name not in {*taken, *texts} and not _is_dated(table[name].dropna())]
    scores = [score for name in others if (score := _score(table[name]))]
    spoken_for = {*texts, *(score.column for score in scores)}
    for role, fits in _TESTS.items():
        free = [n for n in table.columns if n not in taken and n not in spoken_for]
        named = [n for n in free if re.search(_NAMES[role], normal(n)) and not _BIRTH.search(normal(n))]
        found = [n for n in named if fits(table[n].dropna())]
        if found:
            taken[found[0]] = Proposed(role, found[0], "sure", "by its name and its values")
        elif role == "created_at" and (dated := _dated(table, {*taken, *spoken_for})):
            taken[dated] = Proposed(role, dated, "likely", "its values are dates")
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


def without_answer(table: pd.DataFrame, proposed: Iterable[Proposed]) -> list[str]:
    """What stands in columns of comments for no answer, such as "Did not answer", and is no comment."""
    texts = [table[p.column].dropna().str.strip() for p in proposed if p.role == "text"]
    counts = pd.concat(texts).value_counts() if texts else pd.Series(dtype="int64")
    return [str(value) for value, n in counts.items() if n > 1 and _NO_ANSWER.fullmatch(str(value))]


def _is_id(values: pd.Series[str]) -> bool:
    return len(values) > 0 and bool(values.is_unique) and not is_contact_data(values)


def _is_dated(values: pd.Series[str]) -> bool:
    shown = values.head(200)
    if not shown.str.contains(r"\d", na=False).mean() > 0.8 or shown.str.fullmatch(r"\d{1,9}").mean() > 0.5:
        return False
    return bool(times.to_utc(shown, _UTC).notna().mean() > 0.8)


def _dated(table: pd.DataFrame, taken: set[str]) -> str | None:
    free = [n for n in table.columns if n not in taken and not _BIRTH.search(normal(n))]
    return next((n for n in free if _is_dated(table[n].dropna())), None)


def _is_language(values: pd.Series[str]) -> bool:
    return len(values) > 0 and bool(values.str.fullmatch(_LANGUAGE).mean() > 0.8 or values.nunique() <= 5)


def _is_told(values: pd.Series[str]) -> bool:
    """Whether it says who or what in words: an answer on a scale does not."""
    return len(values) > 0 and not (is_numeric(values) and values.nunique() <= _MANY)


def _is_reply(values: pd.Series[str]) -> bool:
    return len(values) > 0 and not _is_dated(values)


def _is_place(values: pd.Series[str]) -> bool:
    return len(values) > 0 and not is_numeric(values)


def _is_question(values: pd.Series[str]) -> bool:
    return bool(len(values) > values.nunique() and values.str.count(r"\w+").mean() >= _ASKED)


_TESTS: dict[str, Callable[[pd.Series[str]], bool]] = {
    "id": _is_id, "created_at": _is_dated, "language": _is_language, "question": _is_question, "author": _is_told,
    "location": _is_place, "product": _is_told, "reply": _is_reply,
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


def questions(table: pd.DataFrame, dates: Iterable[str], scores: Iterable[Score]) -> list[Question]:
    """What times and scores do not tell: the order of day and month, the zone, what a comma in a number means."""
    asked = [question for name in dates for question in _about_times(table[name].dropna())]
    for score in scores:
        answers = table[score.column].dropna()
        commas = answers[answers.str.contains(_COMMA)]
        if len(commas):
            text = (
                f"does the comma of numbers such as {commas.iloc[0]!r} in row {commas.index[0]} of {score.column!r}"
                " mark decimals, or thousands?"
            )
            asked.append(Question("decimal", text, '"," if it marks decimals, else "."'))
    found = {question.about: question for question in reversed(asked)}
    return [found[about] for about in get_args(About) if about in found]


def _about_times(values: pd.Series[str]) -> Iterator[Question]:
    proof, doubtful = times.order(values)
    if doubtful and not any(proof):
        row, value = doubtful
        text = f"do dates such as {value.split()[0]!r} in row {row} of {values.name!r} begin with the day or the month?"
        yield Question("first", text, "day or month")
    timed = values[values.str.contains(_TIMED, na=False)]
    if len(timed) and not timed.str.contains(_ZONED).any():
        text = f"in which time zone are the times of {values.name!r}, such as {timed.iloc[0]!r}?"
        yield Question("timezone", text, "its name, such as Europe/Paris")
