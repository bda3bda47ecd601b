"""Risk against coverage: what each threshold of the touchpoint's probability would give, and how much of it is wrong.

The curve is that of selective classification (Geifman and El-Yaniv 2017, Selective Classification for Deep Neural
Networks), its area the AURC (Geifman, Uziel and El-Yaniv 2019, Bias-Reduced Uncertainty Estimation). Coverage counts
the spans to which people gave a touchpoint; risk counts all touchpoints given, so that one given to general praise is
wrong at any coverage. Where every span has a touchpoint both are those of the papers.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback import stats

COLUMNS = ("threshold", "given", "coverage", "risk", "low", "high")
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]


def curve(probability: stats.Floats, right: Flags, on_point: Flags) -> pd.DataFrame:
    """COLUMNS, one row per different probability, from the highest down; each is taken as the threshold.

    `probability` (spans) of the likeliest touchpoint, whether it is `right`, whether people gave one (`on_point`).
    """
    order = np.argsort(-probability, kind="stable")
    falls = probability[order]
    last = np.flatnonzero(np.diff(falls, append=-np.inf))
    covered, hits = (flags[order].cumsum()[last] for flags in (on_point, right))
    return _rows(falls[last], last + 1, covered, hits, int(on_point.sum()))


def point(threshold: float, given: Flags, right: Flags, on_point: Flags) -> pd.DataFrame:
    """One row of COLUMNS for the touchpoints that were given at a threshold."""
    n, covered, hits = (np.array([flags.sum()]) for flags in (given, given & on_point, given & right))
    return _rows(np.array([threshold]), n, covered, hits, int(on_point.sum()))


def _rows(threshold: stats.Floats, given: Counts, covered: Counts, right: Counts, on_point: int) -> pd.DataFrame:
    low, high = stats.wilson(given - right, given)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = (covered / on_point, (given - right) / given)
    return pd.DataFrame(dict(zip(COLUMNS, (threshold, given, *shares, low, high), strict=True)))


def area(found: pd.DataFrame) -> float:
    """The area under the curve, 0–1: the mean risk over all coverages; NaN without any coverage."""
    widths = np.diff(found["coverage"].to_numpy(), prepend=0.0)
    return float((widths * found["risk"].to_numpy()).sum())


def within(found: pd.DataFrame, limit: float) -> pd.DataFrame:
    """The row of the lowest threshold whose risk is at most `limit`; no row where none is."""
    return found[found["risk"] <= limit].tail(1)


def thinned(found: pd.DataFrame, most: int = 200) -> pd.DataFrame:
    """At most so many rows of a curve, the first and the last among them."""
    places = np.linspace(0, len(found) - 1, min(len(found), most)).round().astype(int)
    return found.iloc[np.unique(places)]
