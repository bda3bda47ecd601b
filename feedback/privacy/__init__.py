"""Redaction before anything is stored: names, addresses and numbers become placeholders such as <PERSON>."""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from feedback.privacy.cues import NOBODY
from feedback.privacy.names import Unparsed, fold
from feedback.privacy.patterns import ACCOUNT, PATTERNS
from feedback.tables import Tables, stage

if TYPE_CHECKING:
    from spacy.tokens import Doc

ORDER = (*PATTERNS, "PERSON")
_PLACEHOLDER = re.compile(rf"<(?:{'|'.join(ORDER)})>")
_KEEPABLE = ("PERSON", "HANDLE", "ADDRESS", "REFERENCE")
# Unknown words stay in French, whose rules hold words against both dictionaries: "Rouen Barentin" is a shop.
_LABELS = "fr"
EXCERPT = 120


class Span(NamedTuple):
    """What is replaced: half-open code points of the text before redaction, and the placeholder."""

    start: int
    end: int
    placeholder: str


@stage(needs=("text", "question", "business_reply", "language"), adds=("text", "question", "business_reply"))
def redact(
    tables: Tables, docs: Sequence[tuple[Doc, ...]], keep: Iterable[str], salt: bytes | None
) -> tuple[Tables, list[list[Span]]]:
    """Redact every stored text field of a batch, and hash its authors.

    `docs` are those of `parse.parse`, in the order of `tables.comments`; `keep` are words (brands,
    products, artists, venues) that are never redacted, and placeholders such as <PLATE>, whose kind
    stays; without `salt` authors become null.

    Returns the tables and, for each comment, what was replaced in its text, in reading order.
    """
    keep = tuple(keep)
    found: dict[tuple[int, ...], list[Span]] = {}
    spans = []
    for group in docs:
        key = tuple(id(doc) for doc in group)
        if key not in found:
            found[key] = find(group, keep)
        spans.append(found[key])
    texts = [replace(text, cut) for text, cut in zip(tables.comments["text"], spans, strict=True)]
    comments = tables.comments.assign(text=pd.Series(texts, index=tables.comments.index, dtype="str"))
    comments = _fields(comments, ("question",), keep, _LABELS).assign(
        business_reply=_each(comments["business_reply"], comments["language"], keep)
    )
    submissions = _fields(tables.submissions, ("product", "location", "channel"), keep, _LABELS).assign(
        author=hashed(tables.submissions["author"], salt),
        url=tables.submissions["url"].map(_redact_url, na_action="ignore").astype("str"),
        extra=tables.submissions["extra"].map(lambda text: _redact_json(text, keep), na_action="ignore").astype("str"),
    )
    return (
        Tables(
            submissions,
            _fields(tables.scores, ("question",), keep, _LABELS),
            comments,
            _beginnings(_fields(tables.rejects, ("excerpt",), keep)),
        ),
        spans,
    )


def redact_text(text: str, language: str | None = None, keep: Iterable[str] = ()) -> str:
    """Redact one text by patterns, titles, greetings, sign-offs and the list of first names; no model is run.

    Where the language is not known, words of either dictionary are no names.

    >>> redact_text("Call me on 06 12 34 56 78. Regards, Anna", "en")
    'Call me on <PHONE>. Regards, <PERSON>'
    """
    known = language if language in ("en", "fr") else "xx"
    return replace(text, find([Unparsed(text, known)], tuple(keep)))


def find(docs: Sequence[Doc | Unparsed], keep: Sequence[str] = ()) -> list[Span]:
    """What to replace in a text, from its documents: in reading order, without overlaps."""
    from feedback.privacy.engine import find as findings

    text = docs[0].text
    taken = [match.span() for match in _PLACEHOLDER.finditer(text)]
    kept = [match.span() for match in _kept(tuple(keep)).finditer(text)] if keep else []
    candidates: list[Span] = []
    for start, end, name in {finding for doc in docs for finding in findings(doc)}:
        without = taken + (kept if name in _KEEPABLE else [])
        candidates += [Span(a, b, f"<{name}>") for a, b in _minus((start, end), without) if _tells(text[a:b])]
    rank = {f"<{name}>": place for place, name in enumerate(ORDER)}
    merged: list[Span] = []
    for span in sorted(candidates):
        if merged and span.start < merged[-1].end:
            best = min(merged[-1].placeholder, span.placeholder, key=rank.__getitem__)
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end), best)
        else:
            merged.append(span)
    return [span for span in merged if span.placeholder not in keep]


def replace(text: str, spans: Sequence[Span]) -> str:
    """The text with each span replaced by its placeholder."""
    parts, end = [], 0
    for span in spans:
        parts += [text[end : span.start], span.placeholder]
        end = span.end
    return "".join([*parts, text[end:]])


def shift(offset: int, spans: Sequence[Span]) -> int:
    """Where a code point of the text before redaction lies in the redacted text.

    An offset inside a span goes to the start of its placeholder.
    """
    before = bisect_right([span.end for span in spans], offset)
    moved = offset + sum(len(s.placeholder) - (s.end - s.start) for s in spans[:before])
    if before < len(spans) and spans[before].start < offset:
        moved -= offset - spans[before].start
    return moved


def hashed(authors: pd.Series[Any], salt: bytes | None) -> pd.Series[Any]:
    """Authors as the first 16 hex digits of SHA-256 over salt and name; null without a salt, and for "Anonymous"."""
    if salt is None:
        return pd.Series(None, index=authors.index, dtype="str")
    named = authors.mask(authors.map(lambda name: fold(name.strip(" []")) in NOBODY, na_action="ignore").eq(True))
    return named.map(
        lambda name: hashlib.sha256(salt + name.encode("utf-8", "replace")).hexdigest()[:16], na_action="ignore"
    ).astype("str")


def _fields(
    table: pd.DataFrame, columns: Iterable[str], keep: Sequence[str], language: str | None = None
) -> pd.DataFrame:
    """The table with these columns redacted."""
    return table.assign(**{name: _each(table[name], [language] * len(table), keep) for name in columns})


def _each(texts: pd.Series[Any], languages: Iterable[str | None], keep: Sequence[str]) -> pd.Series[Any]:
    """Texts redacted in their languages, equal ones once; missing ones stay missing."""
    once = cache(lambda text, language: redact_text(text, language, keep))
    redacted = [once(t, a) if isinstance(t, str) else None for t, a in zip(texts, languages, strict=True)]
    return pd.Series(redacted, index=texts.index, dtype="str")


def _beginnings(rejects: pd.DataFrame) -> pd.DataFrame:
    """Rejects with excerpts cut to what is shown: only now, since half an address is no longer seen as one."""
    short = rejects["excerpt"].str.slice(0, EXCERPT).str.replace(r"<[A-Z]*$", "", regex=True)
    return rejects.assign(excerpt=short)


def _redact_url(url: str) -> str:
    """A link without query, fragment and account names; what is left says where it leads. Other text is redacted."""
    if re.search(r"\s", url.strip()):
        return redact_text(url)
    url = re.sub(r"[?#].*", "", url, flags=re.DOTALL)
    url = ACCOUNT.sub(r"\g<before><HANDLE>", re.sub(r"(?<=://)[^/@\s]*@", "", url))
    return replace(url, [Span(*span, "<EMAIL>") for span in PATTERNS["EMAIL"](url)])


def _redact_json(text: str, keep: Sequence[str]) -> str:
    def redacted(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: redacted(item) for key, item in value.items()}
        if isinstance(value, list):
            return [redacted(item) for item in value]
        return redact_text(value, None, keep) if isinstance(value, str) else value

    try:
        return json.dumps(redacted(json.loads(text)), ensure_ascii=False)
    except ValueError:
        return redact_text(text, None, keep)


@cache
def _kept(keep: tuple[str, ...]) -> re.Pattern[str]:
    words = sorted((re.escape(" ".join(word.split())) for word in keep if word.strip()), key=len, reverse=True)
    return re.compile(rf"(?<!\w)@?(?:{'|'.join(words)})(?!\w)" if words else r"(?!)", re.IGNORECASE)


def _minus(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of a span without the others."""
    pieces = [span]
    for a, b in others:
        pieces = (
            [
                piece
                for start, end in pieces
                for piece in ((start, min(end, a)), (max(start, b), end))
                if piece[0] < piece[1]
            ]
            if any(start < b and a < end for start, end in pieces)
            else pieces
        )
    return pieces


def _tells(text: str) -> bool:
    return any(c.isalnum() for c in text)
