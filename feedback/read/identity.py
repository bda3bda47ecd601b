"""Who is who across exports: ids of submissions and comments that stay the same when a file is read again."""

from __future__ import annotations

import re
from hashlib import sha256

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback.privacy.patterns import PATTERNS, phones
from feedback.read.editions import Met

_CONTACT = re.compile(
    r"""\S@[^\s@]+\.\S                                 # e-mail
    | ^\s*(?:\+|00)\d[\d\s().-]{6,17}$                 # phone with its country
    | ^\s*0\d(?:[\s.-]?\d{2}){4}\s*$                   # French phone
    | ^\s*\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\s*$        # North American phone
    | ^\s*[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}[A-Z0-9]{0,3}\s*$   # IBAN
    | ^\s*[12]\d{2}(?:0[1-9]|1[0-2])\d{8}(?:\d{2})?\s*$           # NIR
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"^\s*[^\W\d_]+(?:[-'’][^\W\d_]+)*(?:\s*,\s*|\.?\s+)[^\W\d_]+")  # two words, or "Dupont, Jean"
_COUNTED = r"[A-Za-z]{1,8}[_-][0-9]{1,9}|[1-9][0-9]{0,8}"  # too short for a phone or an account: most ids, told at once
_BARE = re.compile(r"\s*[1-9]\d*\s*")
_POST = re.compile(r"\s*\d{17,}\s*")  # social networks count so far, and every tenth such number passes for a card
_TELLING = [find for name, find in PATTERNS.items() if name not in ("REFERENCE", "ID", "PHONE")]


def digest(*parts: str) -> str:
    """First 16 hex digits of SHA-256 over the parts joined with the unit separator."""
    return sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def is_contact(value: str) -> bool:
    """Whether a cell is an e-mail address, a phone number, an IBAN or a social security number."""
    return _CONTACT.search(value) is not None


def is_personal(value: str) -> bool:
    """Whether an id looks like personal data: contact data, an address, an account, or two words such as a name.

    A number without separators that begins with 1 to 9 is an id, though it may also be somebody's phone.

    >>> [is_personal(v) for v in ("ann@example.org", "06 12 34 56 78", "Ann Onym", "R_3fGh", "1853202411")]
    [True, True, True, False, False]
    """
    return (
        is_contact(value)
        or _NAME.search(value) is not None
        or (_POST.fullmatch(value) is None and any(any(find(value)) for find in _TELLING))
        or (_BARE.fullmatch(value) is None and any(phones(value)))
    )


def private(ids: pd.Series[str]) -> pd.Series[str]:
    """Ids with those that look like personal data replaced by their digest; null stays null."""
    doubtful = ids.notna() & ~ids.str.fullmatch(_COUNTED, na=False)
    checked = ids[doubtful].map(lambda value: digest(value) if is_personal(value) else value)
    return ids.mask(doubtful, checked).astype("str")


def of_cells(table: pd.DataFrame, seen: Met) -> list[str]:
    """An id for each row from its filled cells and its occurrence among the file's equal rows so far."""
    found = contents(table)
    before = seen.before(numbers(found))
    return [digest(content, str(n + 1)) for content, n in zip(found, before.tolist(), strict=True)]


def numbers(digests: list[str]) -> NDArray[np.uint64]:
    """Digests as the numbers that their hex digits write."""
    return np.frombuffer(bytes.fromhex("".join(digests)), dtype=">u8").astype(np.uint64)


def of_comments(source: str, submission_ids: pd.Series[str], field_id: str) -> pd.Series[str]:
    """comment_id of one free-text field: SHA-256 over source, submission_id and field_id."""
    return submission_ids.map(lambda submission_id: digest(source, submission_id, field_id))


def contents(table: pd.DataFrame) -> list[str]:
    """A digest of each row's filled cells and the names of their columns."""
    names = sorted(table.columns)
    return [
        digest(*(f"{name}\x1e{cell}" for name, cell in zip(names, row, strict=True) if isinstance(cell, str) and cell))
        for row in table[names].to_numpy().tolist()
    ]
