"""Names of people: what the language model marks, filtered, and what titles, greetings and sign-offs give away."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from feedback.privacy.first_names import AMBIGUOUS, FIRST_NAMES

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

_UPPER = "A-ZÀ-ÖØ-Þ"
_NAME = rf"[{_UPPER}][\w’'-]*"
_FULL = (
    rf"{_NAME}(?:\s+(?:de\s+la|de|du|des|van|von|der|den|le|la|el|al|ben|bin|di|da|dos|[{_UPPER}]\.?|{_NAME})){{0,3}}"
)
_TITLE = re.compile(
    rf"\b(?:M\.|Mr\.?|MR\.?|Mme\.?|MME|Mmes|Mlle\.?|MLLE|Mrs\.?|Ms\.?|Miss|Dr\.?|DR\.?|Prof\.?|Monsieur|Madame|Mademoiselle"
    rf"|Docteur|Doctor|Maître|Nurse|Sister|Sir|Lady|monsieur|madame|mademoiselle|mme|docteur|nurse)\s+(?P<name>{_FULL})"
)
_CALLED = re.compile(
    rf"\b(?i:my name is|my name's|name is|named|called|i am called|je m['’]appelle|je me nomme|nommée?|prénommée?|prénom|appelée?|s['’]appelle"
    rf"|signé|au nom de|in the name of|under the name|spoke (?:to|with)|served by|helped by|accueillie? par|servie? par|conseillée? par"
    rf"|aidée? par|thanks to|grâce à|merci à|thank you to|special thanks to|shout ?out to|ask for|my (?:wife|husband|son|daughter|mother|father|friend|sister|brother)"
    rf"|mon (?:mari|fils|ami|frère|père)|ma (?:femme|fille|mère|sœur|soeur))[\s,:]+(?P<name>{_FULL})"
)
_GREETING = re.compile(
    rf"(?:^|[.!?\n]\s*)(?i:bonjour|bonsoir|hello|hi|hey|dear|cher|chère|salut|coucou|good (?:morning|afternoon|evening))\s+(?P<name>{_FULL})(?=\s*[,!.\n:;-]|$)"
)
_SIGN_OFF = re.compile(
    r"(?i:\b(?:bien cordialement|cordialement|cdlt|cdt|bien à vous|sincères salutations|salutations(?: distinguées)?|amicalement|bonne journée"
    r"|(?:best|kind|warm|many)? ?regards|best wishes|yours (?:sincerely|faithfully|truly)|sincerely|cheers|many thanks|thanks|merci|signé))"
    r"(?P<gap>[\s,.!:–—-]+)(?P<name>[^\W\d_][\w’'.-]*(?:\s+[^\W\d_][\w’'.-]*){0,2})\s*[.!]?\s*$"
)
_FAREWELL = ("thanks", "merci", "cheers", "bonne journée")
_NO_NAME = frozenset(
    [
        "madame",
        "monsieur",
        "mademoiselle",
        "docteur",
        "doctor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mme",
        "mlle",
        "dr",
        "prof",
        "sir",
        "lady",
        "nurse",
        "team",
        "équipe",
        "equipe",
        "service",
        "client",
        "clients",
        "support",
        "all",
        "everyone",
        "everybody",
        "there",
        "toutes",
        "tous",
        "tout",
        "encore",
        "bonjour",
        "bonsoir",
        "merci",
        "cordialement",
        "hello",
        "hi",
        "dear",
        "regards",
        "guys",
        "folks",
        "person",
        "people",
        "ok",
        "mum",
        "dad",
        "maman",
        "papa",
        "god",
        "dieu",
        "jesus",
        "noël",
        "noel",
        "christmas",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "janvier",
        "février",
        "avril",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
        "i",
        "je",
        "j",
        "il",
        "elle",
        "on",
        "nous",
        "vous",
        "they",
        "we",
        "he",
        "she",
        "it",
        "email",
        "phone",
        "address",
        "url",
        "handle",
        "reference",
        "card",
        "iban",
        "id",
    ]
)
_PERSON = frozenset(("PERSON", "PER"))
_OTHER = frozenset(
    ("ORG", "GPE", "LOC", "PRODUCT", "WORK_OF_ART", "FAC", "EVENT", "NORP", "LANGUAGE", "MISC", "DATE", "TIME")
)


def people(doc: Doc) -> Iterator[tuple[int, int]]:
    """Spans of names of people, best first evidence first; they may overlap."""
    text = doc.text
    for pattern in (_TITLE, _CALLED, _GREETING):
        for match in pattern.finditer(text):
            yield from _trimmed(text, *match.span("name"), strict=pattern is not _TITLE)
    yield from _signed(text)
    for entity in doc.ents:
        if entity.label_ in _PERSON:
            yield from _entity(entity)
    yield from _listed(doc)


def _trimmed(text: str, start: int, end: int, *, strict: bool) -> Iterator[tuple[int, int]]:
    """The words of a span up to the first that is no name; with `strict` a dictionary word is none either."""
    last = start
    for word in re.finditer(r"\S+", text[start:end]):
        bare = word.group().strip(".,!?;:'’")
        if fold(bare) in _NO_NAME or (strict and is_word(bare) and not _is_first_name(bare)):
            break
        last = start + word.start() + len(word.group().rstrip(".,!?;:"))
    if last - start > 1 and re.search(r"[^\W\d_]{2}", text[start:last]):
        yield start, last


def _signed(text: str) -> Iterator[tuple[int, int]]:
    """A name under the text: "Cordialement, jean dupont". After "merci" it needs a new line, a comma or a first name."""
    match = _SIGN_OFF.search(text[-160:])
    if not match:
        return
    offset = max(0, len(text) - 160)
    words = match.group("name").split()
    bare = [word.strip(".,!?;:'’") for word in words]
    known = [_is_first_name(word) for word in bare]
    unknown = all(not is_word(word) and fold(word) not in _NO_NAME for word in bare)
    capital = all(word[:1].isupper() for word in bare if word)
    separated = any(sign in match.group("gap") for sign in ",\n")
    if (known[0] and (len(words) == 1 or unknown or capital)) or (unknown and capital and separated):
        yield offset + match.start("name"), offset + match.end("name")


def _entity(entity: Span) -> Iterator[tuple[int, int]]:
    """The part of a PERSON entity that looks like a name, unless it is made of dictionary words."""
    tokens = [t for t in entity if not t.is_space]
    while tokens and not _looks_like_name(tokens[0]):
        tokens.pop(0)
    while tokens and not _looks_like_name(tokens[-1]):
        tokens.pop()
    if not tokens:
        return
    known = [_is_first_name(t.text) for t in tokens]
    strange = [not is_word(t.text) for t in tokens if len(t) > 1]
    if len(tokens) == 1:
        token = tokens[0]
        good = (known[0] and not (is_word(token.text) and _starts_sentence(token))) or (
            token.lang_ == "en"
            and all(strange)
            and bool(strange)
            and not token.text.isupper()
            and not _starts_sentence(token)
        )
    else:
        good = any(known) or ((token_share := sum(strange) / max(1, len(strange))) >= 0.5 and token_share > 0)
    if good:
        yield tokens[0].idx, tokens[-1].idx + len(tokens[-1])


def _looks_like_name(token: Token) -> bool:
    text = token.text
    return text[:1].isalpha() and (text[:1].isupper() or _is_first_name(text)) and fold(text) not in _NO_NAME


def _listed(doc: Doc) -> Iterator[tuple[int, int]]:
    """First names of the list with a capital, with the capitalised words after them that are no dictionary words."""
    other = {t.i for e in doc.ents if e.label_ in _OTHER for t in e}
    for token in doc:
        if not token.text[:1].isupper() or not _is_first_name(token.text):
            continue
        end = token.i + 1
        while end < len(doc) and end < token.i + 4 and _is_surname(doc[end]):
            end += 1
        alone = end == token.i + 1
        if (alone and (is_word(token.text) or fold(token.text) in AMBIGUOUS or token.i in other)) or (
            token.text.isupper() and alone
        ):
            continue
        last = doc[end - 1]
        yield token.idx, last.idx + len(last)


def _is_surname(token: Token) -> bool:
    text = token.text
    return (
        text[:1].isupper()
        and text[:1].isalpha()
        and fold(text) not in _NO_NAME
        and (not is_word(text) or _is_first_name(text))
    )


def _starts_sentence(token: Token) -> bool:
    before = token.doc.text[: token.idx].rstrip(" \"'«“(")
    return not before or before[-1] in ".!?…\n:;-•"


def _is_first_name(word: str) -> bool:
    folded = fold(word)
    return folded in FIRST_NAMES or ("-" in folded and folded.split("-")[0] in FIRST_NAMES)


@cache
def is_word(word: str) -> bool:
    """Whether a word stands in an English or French dictionary, in any usual inflection."""
    from feedback.privacy.lexicon import known

    return known(word)


def fold(word: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
