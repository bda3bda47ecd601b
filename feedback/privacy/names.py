"""Names of people: what the language model marks, filtered, and what titles, greetings and sign-offs give away."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from feedback.privacy import cues, lexicon
from feedback.privacy.first_names import AMBIGUOUS, FIRST_NAMES

if TYPE_CHECKING:
    from spacy.tokens import Doc

_WORD = re.compile(r"(?<!\w)[^\W\d_](?:[^\W\d_]|(?![’']s\b)[’'-](?=[^\W\d_]))*(?!\w)")  # "Anna's" without its s
_UPPER = "".join(filter(str.isupper, map(chr, range(0x10000))))  # `re` has no class of capitals beyond a–z
_CAPITAL = rf"[{_UPPER}](?:\.|[\w’'-]{{0,40}})"
_PARTICLE = r"(?:(?:van|von|de|den|der|ten|ter|del|della|da|dos|di|du|la|le|bin|ben|al|el) ){0,2}"
_CAPITALS = re.compile(rf"(?<!\w){_CAPITAL}(?: {_PARTICLE}{_CAPITAL})+")
_JOINT = re.compile(r" {1,2}|(?<=\b[A-Z])\. ")
_REST = re.compile(r"(?:(?<=[^\W\d_])-?[^\W\d_]+)*+")
_LOWER_SURNAME = re.compile(r" {1,2}(?:[b-hj-xz]\.? )?(?P<name>[^\W\d_](?:[^\W\d_]|[’'-](?=[^\W\d_])){2,})(?!\w)")
_END = 160
_PERSON = ("PERSON", "PER")
_MOST_WORDS = 4


class Unparsed(NamedTuple):
    """A text that no model has read, in place of its document: nothing is marked in it."""

    text: str
    lang_: str
    ents: tuple[()] = ()


def people(doc: Doc | Unparsed) -> Iterator[tuple[int, int]]:
    """Spans of names of people; they may overlap."""
    text, language = doc.text, doc.lang_
    barred = [match.span() for match in cues.NO_PERSON.finditer(text)]
    marked = [(e.start_char, e.end_char) for e in doc.ents if e.label_ in _PERSON]
    found = [
        *_announced(text, language),
        *_named(text, language),
        *_beside_roles(text, language),
        *_acting(text, language),
        *_signed(text, language),
        *_after_dash(text),
        *_marked(text, marked, language),
        *_listed(text, marked, language),
    ]
    if language in ("en", "xx"):
        found += [*_strange_pairs(text, language), *_joined_surnames(text)]
    if "\n" in text:
        found += _on_lines(text, marked, language)
    found = [span for span in found if not cues.COMPANY.match(text, span[1])]
    found += list(_beside(text, found, language))
    found += list(_again(text, found, language))
    for start, end in found:
        if not any(a <= start < b for a, b in barred):
            yield start, end


def may_name(text: str, language: str) -> bool:
    """Whether a text holds a capitalised word that may name a person: only then a language model can add anything."""
    return any(
        word[0].isupper() and (_is_first_name(word) or not is_word(word, language)) and fold(word) not in cues.NO_NAME
        for word in _WORD.findall(text)
    )


def _announced(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Names after a title, an introduction or a greeting."""
    for pattern in (cues.TITLE, cues.CALLED, cues.GREETING):
        for match in pattern.finditer(text):
            words = list(_WORD.finditer(text, *match.span("name")))
            names = _names(words, language, lenient=pattern is cues.TITLE) if words else 0
            if names:
                yield words[0].start(), words[names - 1].end()


def _names(words: list[re.Match[str]], language: str, *, lenient: bool) -> int:
    """How many words in a row are a name: those that could be one, and before them a word ("Sari Ahonen")."""
    names = [word.group() for word in words]
    able = [_could_be_name(name, language, lenient=lenient) for name in names]
    leads = names[0].istitle() and _looks_like_name(names[0])
    end = 1 if able[0] or leads else 0
    while 0 < end < len(names) and (able[end] or len(names[end]) == 1):
        end += 1
    return end if any(able[:end]) else 0


def _named(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Names that are called so, full names with an initial, and names in lower case after a title."""
    for match in cues.NAMED.finditer(text):
        words = list(_WORD.finditer(text, *match.span("name")))
        while words and (fold(words[-1].group()) in cues.NO_NAME or lexicon.is_function(words[-1].group())):
            words.pop()
        if words and not lexicon.is_function(words[0].group()) and fold(words[0].group()) not in cues.NO_NAME:
            yield words[0].start(), words[-1].end()
    for match in cues.INITIAL.finditer(text):
        first, last = match["first"], match["last"]
        if _is_first_name(first) or not (is_word(first, language) or is_word(last, language)):
            yield match.span("name")
    for match in cues.LOWER_TITLE.finditer(text):
        if _could_be_name(match["name"], language, lenient=False):
            yield match.span("name")
    for match in cues.LOWER_CALLED.finditer(text):
        if not is_word(match["name"], language) and fold(match["name"]) not in cues.NO_NAME:
            yield match.span("name")


def _beside_roles(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Names beside a role or a relation: with a capital what is no word or a first name, else first names alone."""
    for match in cues.ROLE.finditer(text):
        words = list(_WORD.finditer(text, *match.span("name")))
        names = 0
        while names < len(words) and _fits_role(words[names].group(), language, shouted=match.group().isupper()):
            names += 1
        if names:
            yield words[0].start(), words[names - 1].end()


def _fits_role(word: str, language: str, *, shouted: bool) -> bool:
    if fold(word) in cues.NO_NAME or lexicon.is_function(word):
        return False
    if word[0].islower():
        return _is_first_name(word) and fold(word) not in AMBIGUOUS
    return _is_first_name(word) or (not is_word(word, language) and (shouted or not word.isupper()))


def _acting(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Words without an article that do what people alone do: first names that are words too, and unknown ones."""
    for match in _WORD.finditer(text):
        word = match.group()
        plain = word[0].islower() and _is_first_name(word) and fold(word) not in AMBIGUOUS
        if plain and cues.BY.search(text, max(0, match.start() - 12), match.start()):
            yield match.span()
        if not word[0].isupper() or (word.isupper() and len(word) > 1) or fold(word) in cues.NO_NAME:
            continue
        start, end = match.span()
        if _is_first_name(word) and cues.OF.search(text, max(0, start - 30), start):
            yield start, end
        elif (_is_first_name(word) or not is_word(word, language)) and not cues.ARTICLE.search(
            text, max(0, start - 10), start
        ):
            does = cues.DOES if _starts_sentence(text, start) else cues.OWN
            known = _is_first_name(word) and fold(word) not in cues.PLACES
            acts = known and _starts_sentence(text, start) and cues.ACTS.match(text, end)
            if acts or does.match(text, end):
                yield start, end
    for match in cues.SPEAKER.finditer(text):
        if all(_could_be_name(word, language, lenient=False) for word in match["name"].split()):
            yield match.span("name")


def _could_be_name(word: str, language: str, *, lenient: bool) -> bool:
    return fold(word) not in cues.NO_NAME and (lenient or not is_word(word, language) or fold(word) in FIRST_NAMES)


def _signed(text: str, language: str) -> Iterator[tuple[int, int]]:
    """A name under the text: "Cordialement, jean dupont". What is no known first name needs a capital and a comma.

    So does a lone word of the dictionary, as in "Thanks, Devon".
    """
    tail = max(0, len(text) - _END)
    match = cues.SIGN_OFF.match(text, tail)
    if not match:
        return
    words = _WORD.findall(match.group("name"))
    strange = [not is_word(word, language) and fold(word) not in cues.NO_NAME for word in words]
    capital = all(word[0].isupper() for word in words)
    separated = any(sign in match.group("gap") for sign in ",.\n")
    first = fold(words[0]) in FIRST_NAMES
    # Of two words one may also be a word, as in "Devon Okafor".
    unknown = any(strange) if len(words) > 1 else all(strange) or _is_lone_name(words[0], match.group("gap"))
    alone = "\n" in match.group("gap") and any(strange) and not any(map(lexicon.is_function, words))
    if alone or (first and (capital or all(strange[1:]))) or (unknown and capital and separated):
        yield match.span("name")


def _after_dash(text: str) -> Iterator[tuple[int, int]]:
    """A first name that a dash sets under the text: "Still broken. - Marguerite"."""
    match = cues.DASHED.search(text, max(0, len(text) - _END))
    if match and _is_first_name(match["name"].split()[0]):
        yield match.span("name")


def _is_lone_name(word: str, gap: str) -> bool:
    """Whether a word of the dictionary that stands alone after a sign-off and a comma or line break is a name."""
    apart = "," in gap or "\n" in gap
    return apart and word.istitle() and fold(word) not in cues.NO_NAME and not lexicon.is_function(word)


def _marked(text: str, entities: list[tuple[int, int]], language: str) -> Iterator[tuple[int, int]]:
    """The part of each PERSON entity that can be a name and stands where no place or company is named."""
    for entity in entities:
        words = list(_WORD.finditer(text, *_whole(text, *entity)))
        while words and not _looks_like_name(words[0].group()):
            words.pop(0)
        while words and not _looks_like_name(words[-1].group()):
            words.pop()
        if not words or len(words) > _MOST_WORDS:
            continue
        start, end = words[0].start(), words[-1].end()
        names = [word.group() for word in words]
        known = any(_is_first_name(name) and fold(name) not in AMBIGUOUS for name in names)
        known = known or (len(names) > 1 and fold(names[-1]) in cues.SURNAMES)
        if known or (_all_strange(names, language) and not _elsewhere(text, start, end)):
            yield start, end


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """An entity up to the end of its line, and to that of a word with a hyphen, which the model cuts in two."""
    marked = text[start:end]
    start += len(marked) - len(marked.lstrip())
    end = start + len(marked.lstrip().partition("\n")[0])
    rest = _REST.match(text, end)
    return start, rest.end() if rest else end


def _looks_like_name(word: str) -> bool:
    return word[:1].isupper() and fold(word) not in cues.NO_NAME and not lexicon.is_function(word)


def _all_strange(names: list[str], language: str) -> bool:
    """Whether words that no dictionary knows can be trusted to be a name: French entities are too often places."""
    if not all(not is_word(name, language) and (len(name) > 1 or len(names) > 1) for name in names):
        return _is_first_name(names[0]) and len(names) > 1 and not is_word(names[-1], language)
    shouted = all(name.isupper() for name in names)
    return language == "en" and not (shouted and len(names) == 1)


def _elsewhere(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 20) : start]
    return bool(
        cues.PLACE.search(before) or cues.VENUE.match(text, end) or text[end : end + 1] in tuple("&/0123456789")
    )


def _listed(text: str, marked: list[tuple[int, int]], language: str) -> Iterator[tuple[int, int]]:
    """First names of the list, with the words after them that look like surnames.

    In lower case a name counts when no dictionary knows it. One that is also a word or product
    ("Rose") needs a surname, or the model's mark where no article stands before it.
    """
    words = list(_WORD.finditer(text))
    for place, word in enumerate(words):
        name = word.group()
        if not _is_first_name(name):
            continue
        if name[0].islower():
            surname = _LOWER_SURNAME.match(text, word.end())
            if surname and fold(name) not in AMBIGUOUS and _is_lower_surname(surname["name"], language):
                yield word.start(), surname.end()
            if lexicon.known(name, language):
                continue
        last = place
        while (
            last + 1 < len(words) and last < place + 3 and _follows(text, words[last], words[last + 1], name, language)
        ):
            last += 1
        start, end = word.start(), words[last].end()
        doubtful = fold(name) in AMBIGUOUS or (name.isupper() and is_word(name, language))
        if last == place and doubtful:
            inside = any(a <= start < b for a, b in marked)
            if not inside or _starts_sentence(text, start) or cues.ARTICLE.search(text, max(0, start - 10), start):
                continue
        yield start, end


def _is_lower_surname(word: str, language: str) -> bool:
    """Whether a word after a first name that a dictionary knows, "eva" or "marie", says that a person is meant."""
    return word.islower() and not is_word(word, language)


def _follows(text: str, word: re.Match[str], after: re.Match[str], first: str, language: str) -> bool:
    """Whether the next word continues a name: written like the first, next to it, and not an everyday word."""
    surname = after.group()
    if not _JOINT.fullmatch(text, word.end(), after.start()) or fold(surname) in cues.NO_NAME:
        return False
    if surname[0].islower():
        return first[0].islower() and not is_word(surname, language)
    if all(part.istitle() for part in surname.split("-")) and "-" in surname:  # both halves of "Doyle-Keane" are words
        return True
    return not is_word(surname, language) or (fold(first) not in AMBIGUOUS and not lexicon.is_function(surname))


def _strange_pairs(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Two to four capitalised words in a row that no dictionary knows, initials aside, and no place or company."""
    for match in _CAPITALS.finditer(text):
        words = list(_WORD.finditer(text, *match.span()))
        while words and (is_word(words[0].group(), language) or fold(words[0].group()) in cues.NO_NAME):
            words.pop(0)
        while words and (is_word(words[-1].group(), language) or fold(words[-1].group()) in cues.NO_NAME):
            words.pop()
        names = [word.group() for word in words if len(word.group()) > 1 and not word.group().islower()]
        if not 2 <= len(names) <= _MOST_WORDS or any(is_word(name, language) or name.isupper() for name in names):
            continue
        start, end = words[0].start(), words[-1].end()
        if not cues.SITE.search(text, max(0, start - 20), start) and not cues.VENUE.match(text, end):
            yield start, end


def _joined_surnames(text: str) -> Iterator[tuple[int, int]]:
    """Lone capitalised words that "and" joins, of which one is a usual surname: "Patel and Hart were lovely"."""
    for match in cues.JOINED.finditer(text):
        words = list(_WORD.finditer(text, *match.span()))
        names = [word for word in words if word.group()[0].isupper()]
        if any(fold(name.group()) in cues.SURNAMES for name in names) and all(
            _looks_like_name(n.group()) for n in names
        ):
            yield from (name.span() for name in names)


def _on_lines(text: str, marked: list[tuple[int, int]], language: str) -> Iterator[tuple[int, int]]:
    """Full names that have a line of their own, as over an address: a first name or the model's mark, and a surname."""
    for match in cues.LINE.finditer(text):
        words = list(_WORD.finditer(text, *match.span("name")))
        names = [word.group() for word in words if len(word.group()) > 1]
        if len(names) < 2 or not all(_looks_like_name(name) for name in names if not name.islower()):
            continue
        inside = any(a < match.end("name") and match.start("name") < b for a, b in marked)
        strange = not is_word(names[-1], language)
        if (inside and (strange or _is_first_name(names[0]))) or (strange and _is_first_name(names[0])):
            yield match.span("name")


def _beside(text: str, found: list[tuple[int, int]], language: str) -> Iterator[tuple[int, int]]:
    """Unknown capitalised words that a comma or "and" joins to a name already found: "Anna, Zuzka and Tom"."""
    for start, end in found:
        for match in (cues.AND_NAME.match(text, end), cues.NAME_AND.search(text, max(0, start - 30), start)):
            if match and not is_word(match.group("name"), language) and fold(match.group("name")) not in cues.NO_NAME:
                yield match.span("name")


def _again(text: str, found: list[tuple[int, int]], language: str) -> Iterator[tuple[int, int]]:
    """Parts of the full names that were found, where they stand again alone: "… Ida Lindqvist … Lindqvist's answer"."""
    parts = {word for start, end in found for word in text[start:end].split() if " " in text[start:end]}
    sure = {part for part in parts if len(part) > 2 and part[0].isupper() and not is_word(part, language)}
    if sure:
        for match in _WORD.finditer(text):
            if match.group() in sure:
                yield match.span()


def _starts_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"'«“(")
    return not before or before[-1] in ".!?…\n:;-•"


def _is_first_name(word: str) -> bool:
    folded = fold(word)
    return folded in FIRST_NAMES or (
        "-" in folded and (folded.split("-")[0] in FIRST_NAMES or folded.replace("-", "") in FIRST_NAMES)
    )


def is_word(word: str, language: str) -> bool:
    """Whether the language's dictionary knows a word in any usual inflection, names aside."""
    folded = fold(word)
    named = (folded in FIRST_NAMES and folded not in AMBIGUOUS) or folded in cues.SURNAMES
    return not named and lexicon.known(word, language)


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
