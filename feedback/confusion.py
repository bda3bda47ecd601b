"""Touchpoints that are taken for one another so often that they are worth merging, or telling apart better."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from feedback import stats

BOUND = 0.10
RATE = 0.05
LEAST = 2  # one confusion is an accident


def pairs(said: pd.Series, given: pd.Series, points: list[str]) -> pd.DataFrame:
    """Pairs with two confusions or more, the surest first: first, second, forth, back, n, low, high, q, merge.

    `n` counts the spans that people gave one of the two and the tagger one of the two; `forth` those of the first
    given the second, `back` those of the second given the first. `q` is the one-sided exact binomial p that no more
    than one in ten of `n` is confused, adjusted over all pairs with any n (Benjamini and Hochberg 1995).
    """
    counts = pd.crosstab(said, given).reindex(index=points, columns=points, fill_value=0).to_numpy()
    table = pd.DataFrame(
        [
            (points[i], points[j], counts[i, j], counts[j, i], counts[np.ix_((i, j), (i, j))].sum())
            for i, j in combinations(range(len(points)), 2)
        ],
        columns=["first", "second", "forth", "back", "n"],
    )
    table = table[table["n"] > 0]
    confused = (table["forth"] + table["back"]).to_numpy()
    low, high = stats.wilson(confused, table["n"])
    q = stats.benjamini_hochberg(_above(confused, table["n"].to_numpy()))
    table = table.assign(share=confused / table["n"], low=low, high=high, q=q, merge=q <= RATE)
    return table[confused >= LEAST].sort_values(["q", "share"], ascending=[True, False], kind="stable")


def _above(count: np.ndarray, n: np.ndarray) -> stats.Floats:
    """One-sided p that the share behind `count` of `n` is no more than the bound."""
    from scipy.stats import binom

    return np.asarray(binom.sf(count - 1, n, BOUND), dtype=np.float64)
