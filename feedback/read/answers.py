"""Which columns of a survey hold free text: told by how their answers read, since exports often do not say."""

from __future__ import annotations

import re

import pandas as pd

from feedback.read.identity import is_contact

_NUMBER = r"^[\s+-]*[\d.,:/%\s-]+(?:/\s*\d+)?$"
_LISTED = r"[\[{]\s*[\"{\[\]}]"
_PARTS = r"\s*[;|]\s*|,\s+"
_SHOWN = 200
_MANY = 30
_WORD = r"\b[^\W\d_]+\b"
_PERSONAL = re.compile(
    r"\b(?:e ?mails?|courriels?|adresse|address|phone|t[ée]l(?:[ée]phone)?|mobile|names?|nom|pr[ée]nom|surname|author"
    r"|auteur|users?|username|usager|customer|client|respondent|r[ée]pondant|reviewer|guest|contact|pseudo|handle|login"
    r"|signature|ip)\b",
    re.IGNORECASE,
)
_OF_THINGS = re.compile(
    r"\b(?:product|produit|company|soci[ée]t[ée]|entreprise|store|shop|magasin|event|app|brand|marque|file|page|site"
    r"|survey|campaign|source|item|article|business|location|question|service|satisfaction|experience|type|language"
    r"|comments?|feedback|review|verified|total|country|count)\b",
    re.IGNORECASE,
)
"""Words beside which a name or a customer is that of a thing, or what is asked about."""
_PERSON = r"@[\w.]{2,}|[A-ZÀ-Þ][\w'’-]+(?:,? [A-ZÀ-Þ][\w.'’-]*){1,3}"
_MADE = r"^\s*(?:[\[{<]|&lt;)|://"
_SPACED_WORD = r"(?<!\S)[^\W\d_][\w'’-]*[.,;:!?…]*(?!\S)"
_SENTENCE = 6
_TOLD = 3
"""Different sentences that tell people's words from labels."""
_LONG = 3
"""Words from which an answer or a part of it is rather a phrase than a choice."""


def is_free_text(column: pd.Series[str]) -> bool:
    """Whether the answers read like free text: one in ten is a phrase, and phrases hardly repeat.

    Choices repeat, also in the parts of boxes ticked together. Numbers, dates and lists are no text.

    >>> is_free_text(pd.Series(["The queue was endless", "RAS", "RAS", "Nobody knew the way to gate 4"]))
    True
    >>> is_free_text(pd.Series(["Very satisfied with it", "Very satisfied with it", "Rather satisfied with it"]))
    False
    """
    filled = column.dropna().str.strip()
    filled = filled[(filled != "") & ~filled.str.match(_NUMBER) & ~filled.str.match(_LISTED)].str.casefold()
    parts = filled.str.split(_PARTS, regex=True).explode().dropna()
    whole, phrases = (texts[texts.str.count(_WORD) >= _LONG] for texts in (filled, parts))
    if len(phrases) == 0 or len(whole) * 10 < len(filled):
        return False
    repeated = len(parts) >= _MANY and parts.nunique() < 0.2 * len(parts)
    return not repeated and whole.nunique() >= 0.5 * len(whole) and phrases.nunique() >= 0.7 * len(phrases)


def is_running_text(column: pd.Series[str]) -> bool:
    """Whether some answers are sentences that people wrote: free text, of which one in ten has six words or more.

    >>> is_running_text(pd.Series([f"The queue at gate {n} was really endless {n}" for n in ("A", "B", "C")]))
    True
    >>> is_running_text(pd.Series(["Gold pass, floor", "Silver pass, seats", "Gold pass, seats"]))
    False
    """
    filled = column.dropna().str.strip()
    filled = filled[(filled != "") & ~filled.str.contains(_MADE)]
    long = filled[filled.str.count(_SPACED_WORD) >= _SENTENCE]
    return bool(long.nunique() >= _TOLD and len(long) * 10 >= len(filled) and is_free_text(filled))


def is_contact_data(column: pd.Series[str]) -> bool:
    """Whether most of the first answers are e-mail addresses, phone numbers or the like."""
    filled = column.dropna()
    filled = filled[filled.str.strip() != ""].head(_SHOWN)
    return len(filled) > 0 and filled.map(is_contact).mean() > 0.5


def names_people(column: pd.Series[str]) -> bool:
    """Whether a column seems to say who somebody is, by its name or by most of its values: names, handles, contacts.

    >>> names_people(pd.Series(["Ann Onym", "Bob Example"])), names_people(pd.Series(["@ann", "@bob"]))
    (True, True)
    >>> names_people(pd.Series(["Lyon", "Lyon"], name="Product name"))
    False
    """
    heading = re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(column.name))).strip()
    if _PERSONAL.search(heading) and not _OF_THINGS.search(heading):
        return True
    filled = column.dropna().str.strip().head(_SHOWN)
    people = filled.str.fullmatch(_PERSON) | filled.map(is_contact)
    return len(filled) > 0 and bool(people.mean() > 0.5) and filled.nunique() > 0.5 * len(filled)


def is_numeric(column: pd.Series[str]) -> bool:
    """Whether most answers begin with a number, as on a scale from "0 - not at all" to "10"."""
    filled = column.dropna().str.strip()
    filled = filled[filled != ""]
    return len(filled) > 0 and filled.str.match(r"-?\d{1,3}(?:[.,]\d+)?(?!\d)").mean() > 0.8
