"""Cells that a spreadsheet would run as formulas, made harmless."""

from __future__ import annotations

import pandas as pd

# Full-width signs too: East Asian spreadsheets read them as their ASCII twins.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = r"[+-]?\d+(?:[.,]\d+)*%?"
IDS = ("submission_id", "thread_id", "parent_id")
_PLAIN_ID = rf"{NUMBER}|-[A-Za-z0-9_-]*"

FREE_TEXT = {
    "submissions": ("product", "location", "channel", "url", "extra", "file"),
    "scores": ("question",),
    "comments": ("question", "text", "business_reply", "file"),
    "segments": ("text",),
    "rejects": ("file", "reason", "remedy", "excerpt"),
    "topics": ("label_en", "label_fr"),
}


def guard(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table with an apostrophe before each cell of the columns that starts like a formula.

    So are the ids of exports, but for numbers and words after a hyphen: those stay as they are.

    >>> guard(pd.DataFrame({"text": ["=1+1", "fine"], "thread_id": ["@x", "-12"]}), ("text",)).to_dict("list")
    {'text': ["'=1+1", 'fine'], 'thread_id': ["'@x", '-12']}
    """
    guarded = {}
    for column in {*columns, *IDS} & set(table.columns):
        cells = table[column]
        risky = cells.str.startswith(STARTS, na=False)
        if column not in columns:
            risky &= ~cells.str.fullmatch(_PLAIN_ID, na=False)
        guarded[column] = cells.mask(risky, "'" + cells)
    return table.assign(**guarded)
