"""Whether probabilities are met: of what was said to be 80 % sure, four in five should be right."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback import stats

BINS = 15
DRAWS, SEED = 1_000, 0


def bins(probability: stats.Floats, right: NDArray[np.bool_]) -> pd.DataFrame:
    """Fifteen bins of equal mass (Nguyen and O'Connor 2015), or one for each row where there are fewer.

    Columns: n, probability (mean), right (share), low and high (Wilson), from the least probable up. Rows of one
    probability are shared out by whether they are right, so that the order of rows does not matter.
    """
    order = np.lexsort((right, probability))
    p, hit = probability[order], right[order]
    starts = _starts(len(p))
    n = np.diff(starts, append=len(p))
    k = np.add.reduceat(hit.astype(int), starts) if len(p) else np.zeros(0)
    mean = np.add.reduceat(p, starts) / n if len(p) else np.zeros(0)
    low, high = stats.wilson(k, n)
    return pd.DataFrame({"n": n, "probability": mean, "right": k / n, "low": low, "high": high})


def _starts(n: int) -> NDArray[np.intp]:
    """Where each bin of `n` rows begins."""
    return np.unique(np.arange(BINS) * n // BINS) if n else np.zeros(0, dtype=np.intp)


def error(found: pd.DataFrame) -> float:
    """Expected calibration error, 0–1: the gap between probability and share, weighted by n (Naeini et al. 2015)."""
    if found.empty:
        return float("nan")
    return float(np.average((found["probability"] - found["right"]).abs(), weights=found["n"]))


def by_chance(probability: stats.Floats) -> float:
    """The error below which perfect probabilities stay in 95 % of draws: no sample is without some.

    Consistency resampling (Bröcker and Smith 2007): each row is right with its own probability.
    """
    p = np.sort(probability)
    if not len(p):
        return float("nan")
    starts = _starts(len(p))
    hits = np.random.default_rng(SEED).random((DRAWS, len(p))) < p
    gaps = np.abs(np.add.reduceat(hits - p, starts, axis=1)).sum(axis=1) / len(p)
    return float(np.quantile(gaps, 0.95))
