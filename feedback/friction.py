"""Friction per touchpoint: reach × severity × impact, each with its evidence, and the change since an earlier week.

The unit is the submission, one customer speaking once: whoever complains three times of the fees counts once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from feedback import stats, tables
from feedback.journey import Journey
from feedback.pipeline import Thresholds, Weights

Floats = npt.NDArray[np.float64]

UNIT = ["source", "submission_id"]
RESAMPLES = 1000
SEED = 20160101
AT_ONCE = 1_000_000  # customers drawn
MATERIAL = 0.1


class Evidence(NamedTuple):
    """What each submission (row) says of each touchpoint (column), and how it scores.

    Few speak of more than one or two, so the matrices are sparse. `complains_scored` and `complains_score` are
    `complains` times `scored` and `score`.
    """

    speaks: csr_array
    complains: csr_array
    praises: csr_array
    intensity: csr_array
    feeling: csr_array
    complains_scored: csr_array
    complains_score: csr_array
    scored: Floats
    score: Floats


class Factors(NamedTuple):
    """The factors of friction per touchpoint; a leading axis holds resamples."""

    reach: Floats
    severity: Floats
    impact: Floats


@tables.stage(
    needs=("comment_id", "assignment", "stage", "touchpoint", "sentiment", "sentiment_score"),
    adds=("stage", "touchpoint", "friction", "rank", "direction"),
)
def rank(
    segments: pd.DataFrame,
    comments: pd.DataFrame,
    submissions: pd.DataFrame,
    scores: pd.DataFrame,
    journey: Journey,
    *,
    thresholds: Thresholds,
    weights: Weights,
    previous: pd.DataFrame | None = None,
    previous_week: str | None = None,
) -> pd.DataFrame:
    """One row per touchpoint (per stage where it has none) in journey order: the table FRICTION.

    Shares are 0–1, sentiment −1…1, friction 0–200 with the default weights, intervals 95 %. Duplicates and reposts
    do not count. `previous` is the friction table of an earlier run: a touchpoint is worse or better when its share
    of complaints moved within the sources that both weeks have, and the false discovery rate over all touchpoints
    tested stays below the threshold; it is tested when it has the minimum count in either week, else untested.
    """
    targets = [(stage.id, point.id) for stage, point in journey.targets()]
    counted = comments[comments["duplicate_of"].isna() & ~comments["is_repost"]]
    customers = _customers(counted, submissions)
    said = _said(segments, counted, customers, [point for _, point in targets])
    evidence = _evidence(said, _scores_of(customers, scores), len(targets))

    table = pd.DataFrame(targets, columns=["stage", "touchpoint"])
    table["n_segments"] = np.bincount(said["target"], minlength=len(targets))
    table = _shares(table, evidence)
    table["by_source"] = _by_source(evidence.complains, customers)
    table = _feeling(table, evidence)
    table = _friction(table, evidence, weights)
    table = _ranked(table, thresholds.min_count)
    table = _changed(table, previous, previous_week, thresholds)
    return tables.conform(table, tables.FRICTION)


def _customers(counted: pd.DataFrame, submissions: pd.DataFrame) -> pd.MultiIndex:
    """The base: submissions with at least one counted comment, sorted so that resampling has one order."""
    pairs = counted[UNIT].merge(submissions[UNIT], on=UNIT).drop_duplicates().sort_values(UNIT)
    return pd.MultiIndex.from_frame(pairs)


def _said(segments: pd.DataFrame, counted: pd.DataFrame, customers: pd.MultiIndex, points: list[str]) -> pd.DataFrame:
    """The segments that speak of a target, with the numbers of their customer and their target."""
    placed = segments[segments["assignment"].isin(("touchpoint", "stage"))]
    placed = placed.merge(counted[["comment_id", *UNIT]], on="comment_id")
    return pd.DataFrame(
        {
            "customer": customers.get_indexer(pd.MultiIndex.from_frame(placed[UNIT])),
            "target": pd.Index(points).get_indexer(pd.Index(placed["touchpoint"].fillna(placed["stage"]))),
            "sentiment": placed["sentiment"],
            "score": placed["sentiment_score"].fillna(0.0),
        }
    ).query("customer >= 0 and target >= 0")


def _scores_of(customers: pd.MultiIndex, scores: pd.DataFrame) -> pd.Series:
    """Mean score of each customer as the distance from its source's mean; NaN without a score.

    A review site that is stricter than the survey must not pass for the effect of what is reviewed there.
    """
    mean = scores.groupby(UNIT)["score"].mean().reindex(customers)
    return mean - mean.groupby(level="source").transform("mean")


def _evidence(said: pd.DataFrame, score: pd.Series, width: int) -> Evidence:
    negative, positive = said["sentiment"] == "negative", said["sentiment"] == "positive"
    worst = (-said["score"]).clip(lower=0).where(negative, 0.0)
    pairs = (
        said.assign(speaks=1.0, complains=negative * 1.0, praises=positive * 1.0, intensity=worst)
        .groupby(["customer", "target"])
        .agg({"speaks": "max", "complains": "max", "praises": "max", "intensity": "max", "score": "mean"})
    )
    place = (pairs.index.get_level_values("customer"), pairs.index.get_level_values("target"))
    scored, scores = score.notna().to_numpy().astype(np.float64), score.fillna(0.0).to_numpy(float)

    def matrix(values: pd.Series) -> csr_array:
        return csr_array((values.to_numpy(float), place), shape=(len(score), width))

    return Evidence(
        speaks=matrix(pairs["speaks"]),
        complains=matrix(pairs["complains"]),
        praises=matrix(pairs["praises"]),
        intensity=matrix(pairs["intensity"]),
        feeling=matrix(pairs["score"]),
        complains_scored=matrix(pairs["complains"] * scored[place[0]]),
        complains_score=matrix(pairs["complains"] * scores[place[0]]),
        scored=scored,
        score=scores,
    )


def _shares(table: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    base = len(evidence.score)
    n, bad = evidence.speaks.sum(0), evidence.complains.sum(0)
    negative_low, negative_high = stats.wilson(bad, n)
    share_low, share_high = stats.wilson(n, base)
    complaint_low, complaint_high = stats.wilson(bad, base)
    # Where nobody wrote, a share of customers is nil and its interval says that nothing is known.
    return table.assign(
        base=base,
        n=n,
        n_negative=bad,
        n_positive=evidence.praises.sum(0),
        share=n / max(base, 1),
        share_low=np.nan_to_num(share_low, nan=0.0),
        share_high=np.nan_to_num(share_high, nan=1.0),
        negative_share=np.where(n > 0, _ratio(bad, n), np.nan),
        negative_low=negative_low,
        negative_high=negative_high,
        negative_shrunk=stats.shrink(bad, n),
        complaint_share=bad / max(base, 1),
        complaint_low=np.nan_to_num(complaint_low, nan=0.0),
        complaint_high=np.nan_to_num(complaint_high, nan=1.0),
    )


def _by_source(complains: Floats, customers: pd.MultiIndex) -> list[str]:
    """For each target the complaining customers and all customers of each source, as JSON."""
    numbers, names = pd.factorize(customers.get_level_values("source"))
    member = np.equal.outer(np.arange(len(names)), numbers).astype(float)
    bad, base = (member @ complains).astype(int).T.tolist(), member.sum(1).astype(int).tolist()
    return [json.dumps({name: [k, n] for name, k, n in zip(names, row, base, strict=True)}) for row in bad]


def _feeling(table: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    n, total = evidence.speaks.sum(0), evidence.feeling.sum(0)
    low, high = stats.t_limits(total, evidence.feeling.power(2).sum(0), n)
    mean = np.where(n > 0, _ratio(total, n), np.nan)
    return table.assign(sentiment=mean, sentiment_low=np.maximum(low, -1), sentiment_high=np.minimum(high, 1))


def _friction(table: pd.DataFrame, evidence: Evidence, weights: Weights) -> pd.DataFrame:
    measured = _impact_measured(evidence)
    spoken = table["n"].to_numpy() > 0
    factors = _factors(np.ones((1, len(evidence.score))), evidence, measured)
    low, high = _bootstrap(evidence, measured, weights)
    return table.assign(
        reach=factors.reach[0],
        severity=np.where(spoken, factors.severity[0], np.nan),
        impact=factors.impact[0],
        impact_measured=measured,
        friction=np.where(spoken, _product(factors, weights)[0], np.nan),
        friction_low=np.where(spoken, low, np.nan),
        friction_high=np.where(spoken, high, np.nan),
    )


def _impact_measured(evidence: Evidence) -> npt.NDArray[np.bool_]:
    """Ten scores on either side: below, a difference of means is noise."""
    complaining = evidence.complains_scored.sum(0)
    measured: npt.NDArray[np.bool_] = (complaining >= 10) & (evidence.scored.sum() - complaining >= 10)
    return measured


def _factors(times: Floats, evidence: Evidence, measured: npt.NDArray[np.bool_]) -> Factors:
    """Reach, severity and impact (resamples × touchpoints) when each customer is counted so many times."""
    complaints = times @ evidence.complains
    reach = np.nan_to_num(stats.shrink(complaints, times.sum(1, keepdims=True)))
    severity = _ratio(times @ evidence.intensity, complaints)
    scored = (times @ evidence.scored)[:, None]
    total = (times @ evidence.score)[:, None]
    scored_complaints = times @ evidence.complains_scored
    total_complaints = times @ evidence.complains_score
    gap = _ratio(total - total_complaints, scored - scored_complaints) - _ratio(total_complaints, scored_complaints)
    return Factors(reach, severity, 1 + np.where(measured, np.maximum(gap, 0), 0))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros(np.broadcast_shapes(above.shape, below.shape)), where=below > 0)


def _product(factors: Factors, weights: Weights) -> Floats:
    product: Floats = factors.reach**weights.reach * factors.severity**weights.severity * factors.impact**weights.impact
    return 100 * product


def _bootstrap(evidence: Evidence, measured: npt.NDArray[np.bool_], weights: Weights) -> tuple[Floats, Floats]:
    """Percentile limits of friction when the week's customers are drawn again, with replacement."""
    size, width = evidence.complains.shape
    if not size:
        return np.full(width, np.nan), np.full(width, np.nan)
    draw = np.random.default_rng(SEED)
    rows = max(1, AT_ONCE // size)
    drawn = [
        _product(_factors(_resamples(draw, n, size), evidence, measured), weights)
        for n in (min(rows, RESAMPLES - done) for done in range(0, RESAMPLES, rows))
    ]
    low, high = np.quantile(np.concatenate(drawn), (0.025, 0.975), axis=0)
    return low, high


def _resamples(draw: np.random.Generator, rows: int, size: int) -> Floats:
    """How often each customer is drawn when as many as there are are drawn with replacement: (rows, size).

    Columns are contiguous, as products with sparse matrices want them.
    """
    places = draw.integers(size, size=(rows, size)) * rows + np.arange(rows)[:, None]
    return np.bincount(places.ravel(), minlength=size * rows).reshape(size, rows).T.astype(np.float64)


def _ranked(table: pd.DataFrame, min_count: int) -> pd.DataFrame:
    order = table[table["n"] >= min_count].sort_values(["friction", "n_negative"], ascending=False, kind="stable")
    ranks = pd.Series(range(1, len(order) + 1), index=order.index, dtype="Int64")
    return table.assign(rank=ranks.reindex(table.index))


def _changed(
    table: pd.DataFrame, previous: pd.DataFrame | None, week: str | None, thresholds: Thresholds
) -> pd.DataFrame:
    if previous is None:
        return table.assign(direction="untested")
    stored = ["n", "n_negative", "base", "by_source"]
    earlier = previous.set_index("touchpoint").reindex(index=table["touchpoint"], columns=stored)
    n, bad, base = (earlier[name].to_numpy(float, na_value=np.nan) for name in stored[:3])
    low, high = stats.newcombe(table["n_negative"], table["base"], bad, base)
    share = np.where(base > 0, _ratio(bad, base), np.nan)
    change = np.where(table["base"] > 0, table["complaint_share"] - share, np.nan)
    enough = (table["n"].to_numpy() >= thresholds.min_count) | (n >= thresholds.min_count)
    names, now, before = _strata(table["by_source"], earlier["by_source"])
    p, excess = stats.cochran_mantel_haenszel(*now, *before)
    p = np.where(enough, p, np.nan)
    q = stats.benjamini_hochberg(p)
    moved = q <= thresholds.false_discovery_rate
    return table.assign(
        previous=week,
        previous_base=pd.Series(base).astype("Int64"),
        previous_n_negative=pd.Series(bad).astype("Int64"),
        previous_complaint_share=share,
        change=change,
        change_low=low,
        change_high=high,
        unmatched_sources=_unmatched(names, now[1], before[1]),
        p_value=p,
        q_value=q,
        direction=np.select([np.isnan(q), ~moved, excess > 0], ["untested", "same", "worse"], "better"),
    )


def _strata(now: Iterable[object], before: Iterable[object]) -> tuple[list[str], Floats, Floats]:
    """The sources of both weeks, and for each week its complaints and bases, shape (2, targets, sources)."""
    weeks = [[json.loads(text) if isinstance(text, str) else {} for text in column] for column in (now, before)]
    names = sorted({name for week in weeks for found in week for name in found})
    counts = [[[found.get(name, (0, 0)) for name in names] for found in week] for week in weeks]
    first, second = (np.array(week, float).reshape(len(week), len(names), 2).transpose(2, 0, 1) for week in counts)
    return names, first, second


def _unmatched(names: list[str], now: Floats, before: Floats) -> pd.Series:
    """The sources with a material share of the customers of one week of which the other has none."""
    first, second = (_ratio(base, base.sum(1, keepdims=True)) for base in (now, before))
    lone = ((first > 0) != (second > 0)) & (np.maximum(first, second) >= MATERIAL) & before.any(1, keepdims=True)
    listed = [", ".join(name for name, alone in zip(names, row, strict=True) if alone) or None for row in lone]
    return pd.Series(listed, dtype="str")
