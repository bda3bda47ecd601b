"""Repair text, drop what holds no words, and mark comments that repeat an earlier one."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback.tables import Tables, stage

_SUSPECT = (
    r"[^\x20-\x7eàâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ’‘“”«»…–—€°\n]"  # broken encoding, controls, odd spaces
    r"|&[a-zA-Z]{2,8};|&#|</?[a-zA-Z!]|^\s|\s$|  |\n\n|\n | \n"
)
_TAG = re.compile(
    r"</?(?:a|abbr|article|b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|font|form|h[1-6]|head|header|hr|html"
    r"|i|iframe|img|input|label|li|link|main|meta|nav|ol|p|pre|s|script|section|small|span|strike|strong|style|sub|sup"
    r"|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul|video)(?:\s[^<>]*)?/?>|<!--.*?-->|<!doctype[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u2060\ufeff]")
_UNREADABLE = re.compile(r"[\x00\ud800-\udfff]")
_WORDLESS = r"[\s.,;:\-_/\\*#~'\"’“”«»…·|=?!\ufffd]*"


@stage(
    needs=("source", "submission_id", "text", "question", "business_reply"),
    adds=("text", "question", "business_reply"),
)
def clean(tables: Tables) -> Tables:
    """Repair the text, question and business_reply of a batch's comments.

    A comment that holds nothing but punctuation afterwards is dropped; its submission stays, and
    `has_text` says whether a comment is left.
    """
    comments = tables.comments.assign(
        **{column: clean_text(tables.comments[column]) for column in ("text", "question", "business_reply")}
    )
    comments = comments[~comments["text"].str.fullmatch(_WORDLESS).astype(bool)].reset_index(drop=True)
    keys = ["source", "submission_id"]
    left = pd.MultiIndex.from_frame(comments[keys])
    has_text = pd.MultiIndex.from_frame(tables.submissions[keys]).isin(left)
    return tables._replace(comments=comments, submissions=tables.submissions.assign(has_text=has_text))


def clean_text(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Texts with encoding, HTML, control characters and white space repaired; missing ones stay missing."""
    suspect = texts.str.contains(_SUSPECT, regex=True).fillna(False).astype(bool)
    repaired = {text: _repair(text) for text in set(texts[suspect])}
    values = [repaired[text] if doubt else text for text, doubt in zip(texts, suspect, strict=True)]
    return pd.Series(values, index=texts.index, dtype="str", name=texts.name)


def _repair(text: str) -> str:
    import ftfy

    text = _UNREADABLE.sub("\ufffd", text)
    text = ftfy.fix_text(text, uncurl_quotes=False, unescape_html=False, normalization="NFC")
    if _TAG.search(text):
        text = _text_of_html(text)
    text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    text = _UNREADABLE.sub("\ufffd", _CONTROL.sub("", text))
    text = re.sub(r"[^\S\n]+", " ", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))
    return re.sub(r" ?\n[ \n]*", "\n", text).strip()


def _text_of_html(text: str) -> str:
    """The text of a piece of HTML; a "<" that opens no known tag is kept as typed."""
    from selectolax.lexbor import LexborHTMLParser

    text = _BLOCK.sub(r"\g<0>" + "\n", text)
    kept, end = [], 0
    for tag in _TAG.finditer(text):
        kept += [text[end : tag.start()].replace("<", "&lt;"), tag.group()]
        end = tag.end()
    tree = LexborHTMLParser("".join([*kept, text[end:].replace("<", "&lt;")]))
    tree.strip_tags(["script", "style", "head"], recursive=True)
    return tree.body.text() if tree.body is not None else ""


_SAME_AUTHOR_DAYS = 7
_LONG = 12
_NEARLY_EQUAL = 92.0
_BANDS, _ROWS = 20, 4


@stage(needs=("comment_id", "submission_id", "source", "text", "created_at"), adds=("duplicate_of",))
def mark_duplicates(comments: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Set `duplicate_of` to the comment_id of the earliest comment that a comment repeats.

    It repeats one when the same author of a source wrote the same text within 7 days, or when a text of 12
    words or more stands nearly equal elsewhere (indel similarity ≥ 92 %). Equal short texts of
    different or unknown authors are different customers. Undated comments count as written
    together, after all others. The result does not depend on the order of rows.
    """
    keys = ["source", "submission_id"]
    authors = submissions[[*keys, "author"]].drop_duplicates(keys)
    # One text at a time: all words of all texts at once are the most that a large run holds.
    same = pd.Series([" ".join(text.casefold().split()) for text in comments["text"]], comments.index, dtype="str")
    table = comments[["comment_id", *keys, "created_at"]].assign(same=same).merge(authors, on=keys, how="left")
    table = table.sort_values(["created_at", "comment_id"], na_position="last", kind="stable")
    found = _same_author(table) | _nearly_equal(table)
    # A chain A ← B ← C points at A from both ends.
    for later in table["comment_id"]:
        if later in found:
            found[later] = found.get(found[later], found[later])
    return comments.assign(duplicate_of=comments["comment_id"].map(found).astype("str"))


def _same_author(table: pd.DataFrame) -> dict[str, str]:
    found: dict[str, str] = {}
    # An author's name or number says who somebody is within one source only.
    key = ["source", "author", "same"]
    known = table[table["author"].notna() & table.duplicated(key, keep=False)]
    limit = pd.Timedelta(days=_SAME_AUTHOR_DAYS)
    for _, group in known.groupby(key, sort=False):
        first: tuple[str, Any] | None = None
        for comment, time in zip(group["comment_id"], group["created_at"], strict=True):
            if first and ((pd.isna(time) and pd.isna(first[1])) or time - first[1] <= limit):
                found[comment] = first[0]
            else:
                first = (comment, time)
    return found


def _nearly_equal(table: pd.DataFrame) -> dict[str, str]:
    """Each long text is compared with the earlier, not yet repeated ones that share a MinHash band with it."""
    from rapidfuzz.fuzz import ratio

    long = table[table["same"].str.count(r"\w+") >= _LONG]
    texts, ids = list(long["same"]), list(long["comment_id"])
    bands = _bands(texts)
    shared = np.column_stack([pd.Series(band).duplicated(keep=False) for band in bands.T]) if texts else bands
    buckets: dict[tuple[int, int], list[int]] = {}
    exact: dict[str, int] = {}
    found: dict[str, str] = {}
    for row, text in enumerate(texts):
        keys = [(int(band), int(bands[row, band])) for band in np.flatnonzero(shared[row])]
        candidates = {exact[text]} if text in exact else {i for key in keys for i in buckets.get(key, ())}
        earlier = next((i for i in sorted(candidates) if ratio(texts[i], text, score_cutoff=_NEARLY_EQUAL)), None)
        if earlier is not None:
            found[ids[row]] = ids[earlier]
            continue
        exact[text] = row
        for key in keys:
            buckets.setdefault(key, []).append(row)
    return found


def _bands(texts: list[str]) -> NDArray[np.uint64]:
    """Keys that texts of mostly equal words share, (texts, bands): MinHash signatures (Broder 1997) cut into bands."""
    vocabulary = {word: code for code, word in enumerate(sorted({w for text in texts for w in _words(text)}))}
    random = np.random.default_rng(0)
    codes = np.fromiter((_code(word) for word in vocabulary), dtype=np.uint64, count=len(vocabulary))
    factors = random.integers(1, 1 << 31, size=_BANDS * _ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    hashes = (codes[:, None] * factors[None, :]) >> np.uint64(16)
    mixing = random.integers(1, 1 << 63, size=_ROWS, dtype=np.uint64) | np.uint64(1)
    keys = np.zeros((len(texts), _BANDS), dtype=np.uint64)
    for row, text in enumerate(texts):
        signature = hashes[[vocabulary[word] for word in _words(text)]].min(axis=0).reshape(_BANDS, _ROWS)
        keys[row] = signature @ mixing
    return keys


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _code(word: str) -> int:
    """A 64-bit code of a word that is the same in every process and every table."""
    from hashlib import blake2b

    return int.from_bytes(blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "little")
