"""Journeys of many trades with labelled remarks, written for training and measuring: a YAML and a CSV file each.

The CSV holds remarks cut as segments are: touchpoint (or `general`, `unassigned`), sentiment, language, text. The
encoder never sees those of HELD_OUT: they fit the few weights that all journeys share, and measure. For some journeys
comments/ has whole comments, segment by segment; `alone` says whether a segment can be understood without the others.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from feedback import journey
from feedback.journey import Journey

FOLDER, COMMENTS = Path(__file__).parent / "journeys", Path(__file__).parent / "comments"
HELD_OUT = (
    "city-hotel", "dental-clinic", "driving-school", "electric-car-charging", "kitchen-fitting",
    "meal-kit-subscription", "online-bank", "ski-resort",
)  # fmt: skip


def names() -> list[str]:
    """The ids of all journeys."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(name: str) -> Journey:
    """One of the journeys."""
    return journey.load(FOLDER / f"{name}.yaml")


def remarks(name: str) -> pd.DataFrame:
    """Its remarks: touchpoint, sentiment, language, text."""
    return pd.read_csv(FOLDER / f"{name}.csv", keep_default_na=False)


def comments(name: str) -> pd.DataFrame:
    """Its whole comments, a row a segment in order: comment_id, start, text, language, touchpoint, sentiment, alone."""
    table = pd.read_csv(COMMENTS / f"{name}.csv", keep_default_na=False).rename(columns={"comment": "comment_id"})
    length = table["text"].str.len() + 1
    return table.assign(start=length.groupby(table["comment_id"]).cumsum() - length)
