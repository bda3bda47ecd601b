"""How often tags are right, from random samples of segments that people have labelled since.

Only segments drawn at random count: those chosen because the tagger was unsure of them are wrong more often. What it
had given is what it gave before anybody labelled the segment, so no tag is judged by what was learnt from it
(progressive validation, Blum, Kalai and Langford 1999).
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from feedback import stats
from feedback.corrections import KEY
from feedback.journey import RESERVED


class Audit(NamedTuple):
    """Of `given` touchpoints `right` were right, a share between `low` and `high` (Wilson 95 %).

    Of `left` segments to which none was given, `missed` had one.
    """

    given: int
    right: int
    low: float
    high: float
    left: int
    missed: int


def audit(told: pd.DataFrame) -> Audit:
    """What the corrections of a workspace say of the tags; the last word on a segment counts."""
    place = told["touchpoint"].fillna(told["stage"])
    last = told.assign(place=place)[place.notna()].drop_duplicates(KEY, keep="last")
    drawn = told[told["sample"].notna()].drop_duplicates(KEY)
    both = drawn[[*KEY, "given"]].merge(last[[*KEY, "place", "touchpoint"]], on=KEY)
    on_point = both["given"].notna() & ~both["given"].isin(RESERVED)
    given, right = int(on_point.sum()), int((both["given"] == both["place"])[on_point].sum())
    low, high = stats.wilson(right, given)
    missed = both["touchpoint"].notna() & ~both["touchpoint"].isin(RESERVED)
    return Audit(given, right, float(low), float(high), int((~on_point).sum()), int(missed[~on_point].sum()))
