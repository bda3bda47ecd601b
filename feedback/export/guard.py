"""Cells that a spreadsheet would run as formulas, made harmless."""

from __future__ import annotations

import pandas as pd

# Full-width signs too: East Asian spreadsheets read them as their ASCII twins.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

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

    >>> guard(pd.DataFrame({"text": ["=1+1", "fine"]}), ("text",))["text"].to_list()
    ["'=1+1", 'fine']
    """
    guarded = {}
    for column in set(columns) & set(table.columns):
        cells = table[column]
        risky = cells.str.startswith(STARTS, na=False)
        guarded[column] = cells.mask(risky, "'" + cells)
    return table.assign(**guarded)
