"""Cut comments into clause-sized segments, each about one thing, with offsets into the redacted text."""

from __future__ import annotations

import itertools
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from feedback.privacy import Span, shift
from feedback.tables import stage

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

MIN_WORDS = 3
WHOLE = 6
_WORD = re.compile(r"[^\W_]+")
_CONTRAST = {
    "en": re.compile(
        r"\b(?:but|however|although|though|yet|whereas|nevertheless|nonetheless|on the other hand"
        r"|except (?:that|for)|apart from"
        r"|despite|in spite of|unfortunately|sadly|only (?:problem|downside|issue|complaint|negative))\b",
        re.IGNORECASE,
    ),
    "fr": re.compile(
        r"\b(?:mais|par contre|cependant|toutefois|en revanche|sauf|pourtant|alors que|tandis que|malgré|néanmoins"
        r"|hormis|excepté"
        r"|bien que|quoique|dommage que|malheureusement"
        r"|seul (?:bémol|problème|point négatif|hic)|seule? (?:ombre|chose))\b",
        re.IGNORECASE,
    ),
}
_NO_CONTRAST = re.compile(
    r"\b(?:non seulement[^.!?;]{0,80}|not only[^.!?;]{0,80}|nothing|anything|rien"
    r"|rien d'autre|all|everything|everyone|everybody|tout le monde|tous)\s*,?\s*$",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"\n+|(?<=[.!?…;])\s+(?=\S)|(?<=\w)\s*[•●▪►→]\s*|(?<=\s)[-–—+*]\s+(?=\w)|(?<=[a-zà-ÿ)])[.!?]+(?=[A-ZÀ-Ý])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:M|Mr|Mrs|Ms|Mme|Dr|St|Ste|env|ex|etc|approx|no|min|max|p|tel|tél|cf|e\.g|i\.e|vs)|\b[A-Z])\.$",
    re.IGNORECASE,
)
# What is named only to say that it is another thing; "no ticket" and "pas de billet" speak of the ticket all the same.
_SET_ASIDE = re.compile(
    r"\b(?:not|instead of|rather than|nothing to do with|apart from|other than|unlike"
    r"|(?:est|sont|etait|etaient) pas|et non|non pas|plutot qu|plutot que|au lieu de|au lieu des|au lieu du"
    r"|rien a voir avec|a part|contrairement a|contrairement au|contrairement aux)"
    r"(?: (?:the|my|your|their|our|its|le|la|les|l|mon|ma|mes|votre|vos|leur|leurs|cette|ce))?$"
)
_CLAUSE = frozenset(("nsubj", "nsubjpass", "nsubj:pass", "csubj", "expl", "expl:subj"))


@stage(needs=("comment_id", "text", "language"), adds=("segment_id", "comment_id", "start", "end", "text", "lemmas"))
def split(comments: pd.DataFrame, docs: Sequence[tuple[Doc, ...]], spans: Sequence[Sequence[Span]]) -> pd.DataFrame:
    """Segments of each comment, in its order: segment_id, comment_id, start, end, text, lemmas.

    `docs` and `spans` belong to the comments row by row: the parse of the text before redaction
    and what redaction replaced in it. Segments are trimmed, in order, without overlap, and
    text == comments.text[start:end]; a comment without words is one row with null offsets.
    `lemmas` has one entry per word (a run of letters and digits) of the segment, separated by
    spaces: the word and, where it differs, "|" and its lemma, both folded (see `fold`).
    """
    rows: list[tuple[str, str, int | None, int | None, str, str]] = []
    for comment, text, group, replaced in zip(comments["comment_id"], comments["text"], docs, spans, strict=True):
        pieces = _segments(text, group[0], replaced)
        lemmas = _lemmas(text, group[0], replaced)
        starts = [start for start, _ in lemmas]
        for number, (start, end) in enumerate(pieces):
            inside = lemmas[bisect_right(starts, start - 1) : bisect_right(starts, end - 1)]
            words = " ".join(word for _, word in inside)
            rows.append((f"{comment}:{number}", comment, start, end, text[start:end], words))
        if not pieces:
            rows.append((f"{comment}:0", comment, None, None, "", ""))
    table = pd.DataFrame(rows, columns=["segment_id", "comment_id", "start", "end", "text", "lemmas"])
    return table.astype(
        {"segment_id": "str", "comment_id": "str", "start": "Int64", "end": "Int64", "text": "str", "lemmas": "str"}
    )


def _segments(text: str, doc: Doc, replaced: Sequence[Span]) -> list[tuple[int, int]]:
    """Trimmed (start, end) pieces of a redacted text."""
    whole = _trim(text, 0, len(text))
    if whole is None:
        return []
    if len(_WORD.findall(text)) <= WHOLE:
        return [whole]
    cuts = sorted({0, len(text), *(shift(cut, replaced) for cut in _cuts(doc) if not _inside(cut, replaced))})
    return _merged(text, list(itertools.pairwise(cuts)))


def _inside(cut: int, replaced: Sequence[Span]) -> bool:
    return any(span.start < cut < span.end for span in replaced)


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    right = len(part.rstrip())
    return (start + left, start + right) if left < right else None


def _merged(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces under three words join the one before (the first joins the one after), then all are trimmed."""
    joined: list[tuple[int, int]] = []
    for start, end in pieces:
        few = len(_WORD.findall(text, start, end)) < MIN_WORDS
        first_is_few = len(joined) == 1 and len(_WORD.findall(text, *joined[0])) < MIN_WORDS
        if joined and (few or first_is_few):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [piece for start, end in joined if (piece := _trim(text, start, end))]


def _cuts(doc: Doc) -> set[int]:
    """Where a new segment may begin, in the text before redaction."""
    text = doc.text
    cuts = {m.end() for m in _BREAK.finditer(text) if not _ABBREVIATION.search(text[max(0, m.start() - 8) : m.start()])}
    cuts |= {sentence.start_char for sentence in doc.sents if _ends(text, sentence.start_char)}
    contrast = _CONTRAST.get(doc.lang_, _CONTRAST["en"])
    cuts |= {
        m.start() for m in contrast.finditer(text) if not _NO_CONTRAST.search(text[max(0, m.start() - 100) : m.start()])
    }
    cuts |= {token.idx for token in _clauses(doc)}
    return cuts


def _ends(text: str, start: int) -> bool:
    """Whether the text before a sentence start of the parser ends like a sentence: it guesses on bad punctuation."""
    before = text[:start].rstrip()
    return not before or (before[-1] in '.!?…;:\n)»"' and not _ABBREVIATION.search(before[-8:]))


def _clauses(doc: Doc) -> Iterable[Token]:
    """The first token of each coordinated clause that has a subject and a verb of its own."""
    for token in doc:
        if token.dep_ not in ("conj", "ccomp", "parataxis") or token.pos_ not in ("VERB", "AUX", "ADJ", "NOUN"):
            continue
        if token.head.i >= token.i or not any(child.dep_ in _CLAUSE for child in token.children):
            continue
        first = token.left_edge
        before = doc[first.i - 1] if first.i else None
        if before is None:
            continue
        if before.dep_ == "cc" or before.text == ",":
            yield before if before.dep_ == "cc" else first
        elif first.dep_ == "cc":
            yield first


def _lemmas(text: str, doc: Doc, replaced: Sequence[Span]) -> list[tuple[int, str]]:
    """Each word of the redacted text as (start, "word|lemma"), folded."""
    lemma_at = {shift(token.idx, replaced): token for token in doc if not _covered(token, replaced)}
    result = []
    for match in _WORD.finditer(text):
        word = fold(match.group())
        token = lemma_at.get(match.start())
        lemma = fold(token.lemma_) if token is not None and fold(token.text) == word else word
        result.append((match.start(), word if lemma in ("", word) or " " in lemma else f"{word}|{lemma}"))
    return result


def _covered(token: Token, replaced: Sequence[Span]) -> bool:
    return any(span.start < token.idx + len(token) and token.idx < span.end for span in replaced)


def fold(text: str) -> str:
    """Lower case, accents and ligatures taken apart, so that "Œuvre" and "oeuvre" are equal.

    >>> fold("Frais ÉLEVÉS, œuvre")
    'frais eleves, oeuvre'
    """
    plain = text.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def lemmatise(terms: Sequence[str], language: str, models: Mapping[str, str]) -> list[list[frozenset[str]]]:
    """Each term as its words, each word as the forms that it may take in `lemmas`: itself, its lemma, its singular."""
    from feedback import parse

    nlp = parse.load(models[language]) if language in models else None
    docs: Iterable[Iterable[Token]] = nlp.pipe(terms) if nlp else [()] * len(terms)
    result = []
    for term, doc in zip(terms, docs, strict=True):
        lemmas = {token.idx: token.lemma_ for token in doc}
        words = []
        for match in _WORD.finditer(term):
            word = fold(match.group())
            forms = {word, fold(lemmas.get(match.start(), word)) or word}
            if len(word) > 4 and word[-1] in "sx":
                forms.add(word[:-1])
            words.append(frozenset(forms))
        result.append(words)
    return result


def term_spans(segments: pd.DataFrame, terms: Mapping[str, Sequence[list[frozenset[str]]]]) -> pd.DataFrame:
    """Where terms first occur: one row per segment and key that has one, with start and end in comments.text.

    `terms` gives by key (a touchpoint's id) the lemmatised terms of every language that counts;
    a term occurs where its words follow one another, each by surface form or lemma. Of the terms that
    begin at the first place the longest counts. Columns: segment_id, key, start, end.
    """
    first: dict[str, list[tuple[str, list[frozenset[str]]]]] = {}
    for key, variants in terms.items():
        for words in variants:
            for form in words[0] if words else ():
                first.setdefault(form, []).append((key, words))

    @cache
    def begun(word: str) -> tuple[list[str], list[tuple[str, list[frozenset[str]]]]]:
        """The forms of an entry of `lemmas`, and the terms that begin with one of them."""
        forms = word.split("|")
        return forms, [hit for form in forms for hit in first.get(form, ())]

    rows = []
    columns = ("segment_id", "start", "text", "lemmas")
    for segment, offset, text, lemmas in segments[list(columns)].itertuples(index=False):
        read = [begun(word) for word in lemmas.split()]
        at: dict[str, tuple[int, int]] = {}
        for place, key, words in [(place, *hit) for place, (_, hits) in enumerate(read) for hit in hits]:
            last = place + len(words) - 1
            begin, longest = at.get(key, (place, -1))
            fits = begin == place and last > longest and _follow(words, [forms for forms, _ in read[place : last + 1]])
            if fits and not _SET_ASIDE.search(" ".join(forms[0] for forms, _ in read[max(place - 5, 0) : place])):
                at[key] = (place, last)
        if at:
            found = [m.span() for m in _WORD.finditer(text)]
            rows += [(segment, key, offset + found[a][0], offset + found[b][1]) for key, (a, b) in at.items()]
    return pd.DataFrame(rows, columns=["segment_id", "key", "start", "end"])


def _follow(words: Sequence[frozenset[str]], forms: Sequence[list[str]]) -> bool:
    """Whether each word of a term has one of the forms that stand in its place."""
    return len(words) == len(forms) and all(not a.isdisjoint(b) for a, b in zip(words, forms, strict=True))
