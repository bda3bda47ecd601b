"""The statistics behind every figure: intervals, tests and shrinkage over arrays, and the metrics that are printed.

Counts are arrays of whole numbers of any shape that broadcast; shares are 0–1; limits are two-sided 95 %.
Where there is no base (n = 0) a result is NaN, never an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Numbers = npt.ArrayLike
ALPHA = 0.05


class Estimate(NamedTuple):
    """A figure with its base and its 95 % interval; NaN where the base does not carry it."""

    n: int
    value: float
    low: float
    high: float


class Definition(NamedTuple):
    """One entry of the metric registry: how answers become a figure, in words that the report prints."""

    unit: str
    estimate: Callable[[pd.DataFrame], Estimate]
    en: str
    fr: str


def wilson(count: Numbers, n: Numbers) -> tuple[Floats, Floats]:
    """Limits of a share (Wilson 1927): never outside 0–1, sound at small n and at shares of 0 or 1."""
    from statsmodels.stats.proportion import proportion_confint

    k, base = np.broadcast_arrays(np.asarray(count, float), np.asarray(n, float))
    low, high = proportion_confint(k, np.where(base > 0, base, 1), alpha=ALPHA, method="wilson")
    return np.where(base > 0, np.clip(low, 0, 1), np.nan), np.where(base > 0, np.clip(high, 0, 1), np.nan)


def newcombe(count: Numbers, n: Numbers, other: Numbers, other_n: Numbers) -> tuple[Floats, Floats]:
    """Limits of the difference of two independent shares, first minus other (Newcombe 1998, method 10)."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    k1, n1, k2, n2 = np.broadcast_arrays(*(np.asarray(x, float) for x in (count, n, other, other_n)))
    known = (n1 > 0) & (n2 > 0)
    filled = (np.where(known, x, 1) for x in (k1, n1, k2, n2))
    low, high = confint_proportions_2indep(*filled, method="newcomb", alpha=ALPHA)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def cochran_mantel_haenszel(count: Numbers, n: Numbers, other: Numbers, other_n: Numbers) -> tuple[Floats, Floats]:
    """Test that two shares are equal within every stratum (the last axis): two-sided p, and the excess.

    The excess is how far the first count, over all strata, lies above what equal shares would give; its sign says
    which share is higher. Strata without a base on both sides are left out; NaN where none is left. Without
    continuity correction (Mantel and Haenszel 1959) where the expected count lies at least 5 from both ends of its
    range (Mantel and Fleiss 1980), else exact.
    """
    quads = np.broadcast_arrays(*(np.asarray(x, float) for x in (count, n, other, other_n)))
    rows, shape = np.stack(quads, axis=-1), quads[0].shape[:-1]
    shared = (rows[..., 1] > 0) & (rows[..., 3] > 0)
    found = np.array([_stratified(rows[place][shared[place]]) for place in np.ndindex(shape)]).reshape(*shape, 2)
    return found[..., 0], found[..., 1]


def _stratified(strata: Floats) -> tuple[float, float]:
    from statsmodels.stats.contingency_tables import StratifiedTable

    if not len(strata):
        return np.nan, np.nan
    count, n, other, other_n = strata.T
    expected = n * (count + other) / (n + other_n)
    least, most = np.maximum(count + other - other_n, 0), np.minimum(count + other, n)
    excess = float((count - expected).sum())
    if min((expected - least).sum(), (most - expected).sum()) >= 5:
        tables = np.array([[count, n - count], [other, other_n - other]])
        return float(StratifiedTable(tables).test_null_odds(correction=False).pvalue), excess
    return _exact(strata), excess


def _exact(strata: Floats) -> float:
    """Two-sided p of the sum of the first counts given all margins; Fisher's exact test where there is one stratum."""
    from scipy.stats import hypergeom

    chance, place = np.ones(1), 0
    for count, n, other, other_n in strata.astype(int):
        least, most = max(count + other - other_n, 0), min(count + other, n)
        chance = np.convolve(chance, hypergeom.pmf(np.arange(least, most + 1), n + other_n, count + other, n))
        place += count - least
    # Sums that are as likely as the one seen must count in spite of rounding.
    return min(float(chance[chance <= chance[place] * (1 + 1e-7)].sum()), 1.0)


def benjamini_hochberg(p: Numbers) -> Floats:
    """Adjusted p-values that control the false discovery rate (Benjamini and Hochberg 1995); NaN is no test."""
    from scipy.stats import false_discovery_control

    values = np.asarray(p, float)
    q = np.full(values.shape, np.nan)
    tested = ~np.isnan(values)
    if tested.any():
        q[tested] = false_discovery_control(values[tested], method="bh")
    return q


def shrink(count: Numbers, n: Numbers) -> Floats:
    """Shares drawn toward the mean of their group, the last axis, the more so the smaller their base.

    Beta-binomial empirical Bayes: the prior is the group's share, its strength comes from the spread of the
    shares beyond chance by the method of moments (Kleinman 1973). It never outweighs an average base, since the
    spread of a few shares is itself uncertain; so a share over an average base moves half way at most.
    """
    k, base = np.broadcast_arrays(np.asarray(count, float), np.asarray(n, float))
    size = (base > 0).sum(-1, keepdims=True)
    total = base.sum(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = k.sum(-1, keepdims=True) / total
        spread = np.where(base > 0, base * (k / base - mean) ** 2, 0).sum(-1, keepdims=True)
        free = total - (base**2).sum(-1, keepdims=True) / total - (size - 1)
        correlation = (spread / (mean * (1 - mean)) - (size - 1)) / free
        strength = np.where(correlation > 0, 1 / correlation - 1, np.inf)
        strength = np.clip(np.nan_to_num(strength, nan=np.inf, posinf=np.inf), 0, total / size)
        return np.where(base > 0, (k + strength * mean) / (base + strength), np.nan)


def mean_interval(values: Numbers) -> Estimate:
    """Mean with Student's t interval; one value has no interval, none no mean."""
    x = np.asarray(values, float)
    x = x[~np.isnan(x)]
    low, high = t_limits(x.sum(), (x**2).sum(), len(x))
    return Estimate(len(x), float(x.mean()) if len(x) else np.nan, float(low), float(high))


def t_limits(total: Numbers, total_of_squares: Numbers, n: Numbers) -> tuple[Floats, Floats]:
    """Student's t limits of means, from sums: of the values, of their squares, and how many there are."""
    from scipy.special import stdtrit

    s, q, base = (np.asarray(x, float) for x in (total, total_of_squares, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = s / base
        variance = np.maximum(q - base * mean**2, 0) / (base - 1)
        half = stdtrit(base - 1, 1 - ALPHA / 2) * np.sqrt(variance / base)
    return np.where(base > 1, mean - half, np.nan), np.where(base > 1, mean + half, np.nan)


def nps(answers: Numbers) -> Estimate:
    """Net Promoter Score, −100…100, of answers on 0–10 or 1–10: % of 9–10 minus % of 0–6.

    The interval is adjusted Wald: three answers are added, ¾ of them promoters and ¾ detractors (Rocks 2016,
    The American Statistician 70:365). The value itself is unadjusted.
    """
    from scipy.special import ndtri

    x = np.asarray(answers, float)
    x = x[~np.isnan(x)]
    if not len(x):
        return Estimate(0, np.nan, np.nan, np.nan)
    promoters, detractors = (x >= 9).sum(), (x <= 6).sum()
    p, d = (promoters + 0.75) / (len(x) + 3), (detractors + 0.75) / (len(x) + 3)
    half = ndtri(1 - ALPHA / 2) * np.sqrt((p + d - (p - d) ** 2) / (len(x) + 3))
    low, high = max(p - d - half, -1), min(p - d + half, 1)
    return Estimate(len(x), float(100 * (promoters - detractors) / len(x)), float(100 * low), float(100 * high))


def share(hits: Numbers) -> Estimate:
    """Percentage of true values with Wilson's interval, 0–100."""
    x = np.asarray(hits, bool)
    low, high = wilson(x.sum(), len(x))
    return Estimate(len(x), float(100 * x.mean()) if len(x) else np.nan, float(100 * low), float(100 * high))


def _top_two(scores: pd.DataFrame) -> Estimate:
    steps = scores["score_max"] - scores["score_min"]
    # On a scale of two or three points the second best is no satisfied answer.
    box = np.where(steps >= 3, (steps - 1) / steps, 1.0)
    return share(scores["score"] >= box - 1e-9)


def _mean(scores: pd.DataFrame) -> Estimate:
    return mean_interval(scores["score_raw"])


DEFINITIONS = {
    "nps": Definition(
        "points",
        lambda scores: nps(scores["score_raw"]),
        "Net Promoter Score: % of answers 9–10 minus % of answers 0–6, on a scale up to 10; −100 to 100; adjusted Wald",
        "Net Promoter Score : % de notes 9–10 moins % de notes 0–6, sur une échelle jusqu’à 10 ; de −100 à 100 ; "
        "intervalle de Wald ajusté",
    ),
    "csat": Definition(
        "%",
        _top_two,
        "Satisfaction (CSAT), top-2-box: % of answers on the two best points of the scale, or on the best one where "
        "it has fewer than four points; Wilson",
        "Satisfaction (CSAT), top 2 : % de réponses sur les deux meilleurs points de l’échelle, ou sur le meilleur si "
        "elle compte moins de quatre points ; intervalle de Wilson",
    ),
    "ces": Definition(
        "mean",
        _mean,
        "Customer Effort Score: mean of the answers on their own scale; Student’s t",
        "Customer Effort Score : moyenne des réponses sur leur propre échelle ; intervalle de Student",
    ),
    "stars": Definition(
        "mean",
        _mean,
        "Mean number of stars; Student’s t",
        "Nombre moyen d’étoiles ; intervalle de Student",
    ),
    "other": Definition(
        "mean",
        _mean,
        "Mean of the answers on their own scale; Student’s t",
        "Moyenne des réponses sur leur propre échelle ; intervalle de Student",
    ),
}


def metrics(scores: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """The scores as the figures that a CX team knows, each with the definition that was used.

    One row per source, metric, question and scale: source, metric, question, score_min, score_max, unit ("points",
    "%" or "mean"), definition_en, definition_fr, n, value, low, high (over all answers), n_text, value_text, low_text,
    high_text (over the answers of submissions that hold a comment, who are often less content than the others). An
    NPS question on a scale that does not end at 10 has no NPS: it is shown as "other".
    """
    keys = ["source", "metric", "question", "score_min", "score_max"]
    with_text = submissions.loc[submissions["has_text"], ["source", "submission_id"]].drop_duplicates()
    marked = scores.merge(with_text.assign(has_text=True), on=["source", "submission_id"], how="left")
    marked["metric"] = marked["metric"].mask((marked["metric"] == "nps") & (marked["score_max"] != 10), "other")
    rows: list[dict[str, Any]] = []
    for key, group in marked.groupby(keys, dropna=False, sort=True):
        definition = DEFINITIONS[str(key[1])]
        texts = definition.estimate(group[group["has_text"].notna()])
        rows.append(
            dict(zip(keys, key, strict=True))
            | {"unit": definition.unit, "definition_en": definition.en, "definition_fr": definition.fr}
            | definition.estimate(group)._asdict()
            | {f"{name}_text": value for name, value in texts._asdict().items()}
        )
    columns = [*keys, "unit", "definition_en", "definition_fr", *Estimate._fields]
    return pd.DataFrame(rows, columns=[*columns, *(f"{name}_text" for name in Estimate._fields)])
