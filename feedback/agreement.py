"""How far people agree who label the same segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from feedback import stats
from feedback.corrections import KEY


def conflicts(table: pd.DataFrame, name: str = "touchpoint") -> pd.DataFrame:
    """Segments of which people have said different things: comment_id, start, end, text, and who said what last."""
    last = table[table[name].notna()].drop_duplicates([*KEY, "by"], keep="last")
    differ = last.groupby(KEY)[name].transform("nunique") > 1
    said = last[differ].assign(said=last["by"] + ": " + last[name])
    return said.groupby(KEY, sort=False)["said"].agg("; ".join).reset_index()


def agreement(table: pd.DataFrame, name: str = "touchpoint") -> dict[str, float | int]:
    """How two or more people agree on the segments that both labelled: n, Cohen's kappa, Krippendorff's alpha.

    Kappa is that of the two who share most segments (Cohen 1960); alpha, for nominal labels, is over all
    (Krippendorff 2011). NaN where nobody shares two.
    """
    last = table[table[name].notna()].drop_duplicates([*KEY, "by"], keep="last")
    units = [group[name].tolist() for _, group in last.groupby(KEY) if len(group) > 1]
    return {"n": len(units), "kappa": _kappa(last, name), "alpha": alpha(units)}


def _kappa(last: pd.DataFrame, name: str) -> float:
    from sklearn.metrics import cohen_kappa_score

    wide = last.pivot_table(index=KEY, columns="by", values=name, aggfunc="last")
    people = list(wide.columns)
    pairs = [wide[[a, b]].dropna() for i, a in enumerate(people) for b in people[i + 1 :]]
    most = max(pairs, key=len, default=None)
    return float(cohen_kappa_score(*most.to_numpy().T)) if most is not None and len(most) > 1 else float("nan")


def kappa(first: pd.Series, second: pd.Series) -> stats.Estimate:
    """Cohen's kappa of two who labelled the same rows, with its large-sample interval (Fleiss, Cohen, Everitt 1969).

    NaN where both gave every row one label: then there is nothing to agree on.
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    names = sorted({*first, *second})
    if len(names) < 2:
        return stats.Estimate(len(first), np.nan, np.nan, np.nan)
    counts = pd.crosstab(first.to_numpy(), second.to_numpy()).reindex(index=names, columns=names, fill_value=0)
    found = cohens_kappa(counts.to_numpy())
    # Rounding may leave the limits of perfect agreement a hair beyond 1.
    low, high = max(float(found.kappa_low), -1.0), min(float(found.kappa_upp), 1.0)
    return stats.Estimate(len(first), float(found.kappa), low, high)


def alpha(units: Sequence[Sequence[str]]) -> float:
    """Krippendorff's alpha for nominal labels, over units that two people or more have labelled.

    >>> round(alpha([["a", "a"], ["b", "b"], ["a", "b"], ["b", "b"]]), 3)
    0.533
    """
    labels = sorted({label for unit in units for label in unit})
    place = {label: i for i, label in enumerate(labels)}
    together = np.zeros((len(labels), len(labels)))
    for unit in units:
        counts = np.bincount([place[label] for label in unit], minlength=len(labels)).astype(float)
        together += (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    totals, n = together.sum(axis=1), together.sum()
    expected = (n**2 - (totals**2).sum()) / (n - 1) if n > 1 else 0.0
    return float(1 - (n - np.trace(together)) / expected) if expected > 0 else float("nan")
