"""The figures of the accuracy card, from labelled spans and the tags that met them.

A span has: comment (which text it is of), language, touchpoint (as people said; or `general`, `unassigned`), stage,
sentiment, and where somebody labelled it again touchpoint_2 and sentiment_2. Its tags are: given (a touchpoint, or
`general`, `unassigned`), assignment, stage_given, sentiment_given, p_negative, p_neutral, p_positive, and of the
likeliest touchpoint, given or not, likeliest and probability. Null tags: the span met no segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from feedback import agreement, calibration, confusion, risk_coverage, stats
from feedback.abstention import Cutoffs
from feedback.card import (
    Agreed,
    Agreement,
    Bin,
    Confused,
    Difference,
    Fate,
    Feelings,
    Figure,
    Group,
    Label,
    Point,
    Reliability,
    RiskCoverage,
)
from feedback.journey import RESERVED, Journey
from feedback.tables import SENTIMENTS

DRAWS, SEED = 1_000, 0
LIMIT = 0.15
SHARES = ("right", "coverage", "general", "sentiment")


def figures(spans: pd.DataFrame, journey: Journey, thresholds: Cutoffs) -> dict[str, Any]:
    """Everything on the card that spans tell, by the names of its fields."""
    points = [target.id for _, target in journey.targets()]
    languages = sorted(spans["language"].dropna().unique())
    return {
        "touchpoints": labels(spans["touchpoint"], spans["given"], [*points, "general"]),
        "stages": labels(spans["stage"], spans["stage_given"], [stage.id for stage in journey.stages]),
        "groups": [group(spans, points, "all"), *(group(_of(spans, code), points, code) for code in languages)],
        "differences": [d for pair in combinations(languages, 2) for d in differences(spans, points, *pair)],
        "confused": confused(spans, points),
        "bound": confusion.BOUND,
        "fates": fates(spans),
        "risk_coverage": risk(spans, thresholds.touchpoint),
        "reliability": reliability(spans),
        "sentiment": feelings(spans),
        "agreement": agreements(spans),
    }


def _of(spans: pd.DataFrame, language: str) -> pd.DataFrame:
    return spans[spans["language"] == language]


def share(count: int, n: int) -> Figure:
    """A share with Wilson's interval; null without a base."""
    low, high = stats.wilson(count, n)
    return Figure(n=n, value=count / n if n else None, low=float(low), high=float(high))


def labels(said: pd.Series, given: pd.Series, names: Sequence[str]) -> list[Label]:
    """Precision, recall and F1 of each name.

    F1 is 2J / (1 + J) of the share J of spans of both among the spans of either (Jaccard), so Wilson's limits of J
    give those of F1.
    """
    found = []
    for name in names:
        meant, got = said == name, given == name
        both, either = int((meant & got).sum()), int((meant | got).sum())
        jaccard = share(both, either)
        ends = [2 * j / (1 + j) if j is not None else None for j in (jaccard.value, jaccard.low, jaccard.high)]
        f1 = Figure(n=either, value=ends[0], low=ends[1], high=ends[2])
        n, m = int(meant.sum()), int(got.sum())
        found.append(Label(id=name, n=n, given=m, precision=share(both, m), recall=share(both, n), f1=f1))
    return found


def macro_f1(
    said: pd.Series, given: pd.Series, comments: pd.Series, names: Sequence[str], seed: int = SEED
) -> tuple[Figure, stats.Floats]:
    """Mean F1 over the names, and of the 1,000 times that the comments were drawn again, in the order of their names.

    Spans of one comment are drawn together (cluster bootstrap, percentile interval; Efron 1979).
    """
    meant, got = (labels.to_numpy()[:, None] == np.array(names, dtype=object) for labels in (said, given))
    order = np.unique(comments.to_numpy(dtype=object), return_inverse=True)[1]
    counts = np.zeros((3, order.max(initial=-1) + 1, len(names)))
    for place, flags in enumerate((meant & got, meant, got)):
        np.add.at(counts[place], order, flags)
    size = counts.shape[1]
    if not size or not len(names):
        return Figure(n=len(names), value=None, low=None, high=None), np.full(DRAWS, np.nan)
    weights = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=DRAWS)
    drawn = _mean_f1(*(weights @ table for table in counts))
    low, high = np.nanquantile(drawn, (stats.ALPHA / 2, 1 - stats.ALPHA / 2))
    value = float(_mean_f1(*(table.sum(axis=0) for table in counts)))
    return Figure(n=len(names), value=value, low=float(low), high=float(high)), drawn


def _mean_f1(both: stats.Floats, meant: stats.Floats, got: stats.Floats) -> stats.Floats:
    """Mean F1 over the last axis; a name that a draw holds on neither side is left out of it."""
    either = meant + got
    with np.errstate(invalid="ignore"):
        f1 = np.where(either > 0, 2 * both / either, 0)
        return np.asarray(f1.sum(axis=-1) / (either > 0).sum(axis=-1))


def _named(spans: pd.DataFrame, points: Sequence[str]) -> list[str]:
    said = set(spans["touchpoint"])
    return [name for name in points if name in said]


def group(spans: pd.DataFrame, points: Sequence[str], name: str) -> Group:
    """The main figures of some spans."""
    macro, _ = macro_f1(spans["touchpoint"], spans["given"], spans["comment"], _named(spans, points))
    return Group(language=name, spans=len(spans), macro_f1=macro, **{k: share(*c) for k, c in _counts(spans).items()})


def _counts(spans: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Count and base of each of SHARES."""
    on_point, tagged = ~spans["touchpoint"].isin(RESERVED), ~spans["given"].isin(RESERVED)
    right, general = spans["given"] == spans["touchpoint"], spans["touchpoint"] == "general"
    felt = spans["sentiment"].isin(SENTIMENTS)
    hits = (
        (right, tagged),
        (tagged, on_point),
        (right, general),
        (spans["sentiment_given"] == spans["sentiment"], felt),
    )
    return {name: (int((hit & of).sum()), int(of.sum())) for name, (hit, of) in zip(SHARES, hits, strict=True)}


def differences(spans: pd.DataFrame, points: Sequence[str], first: str, second: str) -> list[Difference]:
    """How one language's figures differ from another's: Newcombe's interval for shares, the bootstrap's for macro-F1.

    Macro-F1 is over the touchpoints that people gave in both.
    """
    one, other = _of(spans, first), _of(spans, second)
    ends: dict[str, tuple[float, float, float]] = {}
    for (name, (k, n)), (j, m) in zip(_counts(one).items(), _counts(other).values(), strict=True):
        low, high = stats.newcombe(k, n, j, m)
        ends[name] = (k / n - j / m if n and m else np.nan, float(low), float(high))
    shared = [name for name in _named(one, points) if name in set(other["touchpoint"])]
    (a, drawn), (b, again) = (
        macro_f1(part["touchpoint"], part["given"], part["comment"], shared, SEED + place)
        for place, part in enumerate((one, other))
    )
    if a.value is not None and b.value is not None:
        low, high = np.nanquantile(drawn - again, (stats.ALPHA / 2, 1 - stats.ALPHA / 2))
        ends["macro_f1"] = (a.value - b.value, float(low), float(high))
    return [
        Difference(figure=name, first=first, second=second, value=value, low=low, high=high)
        for name, (value, low, high) in ends.items()
    ]


def confused(spans: pd.DataFrame, points: list[str]) -> list[Confused]:
    """Touchpoints that are taken for one another, the surest first."""
    return [
        Confused(
            first=r["first"], second=r["second"], taken=(r["forth"], r["back"]), q=r["q"], merge=r["merge"],
            share=Figure(n=r["n"], value=r["share"], low=r["low"], high=r["high"]),
        )
        for r in confusion.pairs(spans["touchpoint"], spans["given"], points).to_dict("records")
    ]  # fmt: skip


def fates(spans: pd.DataFrame) -> list[Fate]:
    """What became of what people called a touchpoint, general praise or blame, or unassigned."""
    said = spans["touchpoint"].where(spans["touchpoint"].isin(RESERVED), "touchpoint")
    right = (spans["given"] == spans["touchpoint"]) & (said == "touchpoint")
    became = spans["given"].where(spans["given"].isin(RESERVED), "wrong").mask(right, "right")
    became = became.mask((spans["assignment"] == "stage") & (became == "unassigned"), "stage")
    counts = pd.crosstab(said, became)
    kinds: tuple[Any, ...] = ("touchpoint", *RESERVED)
    outcomes = ("right", "wrong", "stage", *RESERVED)
    counts = counts.reindex(index=list(kinds), columns=list(outcomes), fill_value=0)
    return [
        Fate(said=kind, n=int(counts.loc[kind].sum()), **{o: int(counts.loc[kind, o]) for o in outcomes})
        for kind in kinds
    ]


def risk(spans: pd.DataFrame, threshold: float) -> RiskCoverage:
    """The risk–coverage curve, where the tags stand on it, and the threshold that keeps the risk within the limit.

    A span that met no segment can be given nothing: it counts as the least probable, and wrong.
    """
    on_point = (~spans["touchpoint"].isin(RESERVED)).to_numpy()
    likeliest = (spans["likeliest"] == spans["touchpoint"]).to_numpy()
    curve = risk_coverage.curve(spans["probability"].fillna(0).to_numpy(), likeliest, on_point)
    given = (~spans["given"].isin(RESERVED)).to_numpy()
    now = risk_coverage.point(threshold, given, (spans["given"] == spans["touchpoint"]).to_numpy(), on_point)
    return RiskCoverage(
        area=risk_coverage.area(curve) if on_point.any() else None,
        points=_points(risk_coverage.thinned(curve)),
        now=_points(now)[0],
        limit=LIMIT,
        within=next(iter(_points(risk_coverage.within(curve, LIMIT))), None),
    )


def _points(rows: pd.DataFrame) -> list[Point]:
    return [Point.model_validate(row) for row in rows.to_dict("records")]


def reliability(spans: pd.DataFrame) -> list[Reliability]:
    """Whether the probability of the likeliest touchpoint and those of the sentiments are met."""
    met = spans[spans["probability"].notna()]
    felt = met[met["sentiment"].isin(SENTIMENTS)]
    return [
        _reliability("touchpoint", met["probability"], met["likeliest"] == met["touchpoint"]),
        *(_reliability(kind, felt[f"p_{kind}"], felt["sentiment"] == kind) for kind in SENTIMENTS),
    ]


def _reliability(of: str, probability: pd.Series, right: pd.Series) -> Reliability:
    p = probability.to_numpy(dtype=np.float64)
    found = calibration.bins(p, right.to_numpy(dtype=bool))
    bins = [Bin.model_validate(row) for row in found.to_dict("records")]
    return Reliability(
        of=of, n=len(p), error=calibration.error(found), chance=calibration.by_chance(p), bins=bins
    )  # fmt: skip


def feelings(spans: pd.DataFrame) -> Feelings:
    """How often the sentiment is right, and which is taken for which."""
    felt = spans[spans["sentiment"].isin(SENTIMENTS)]
    said, given = felt["sentiment"], felt["sentiment_given"].fillna("none")
    named = [kind for kind in SENTIMENTS if (said == kind).any()]
    counts = pd.crosstab(said, given)
    outcomes = [*SENTIMENTS, *(["none"] if (given == "none").any() else [])]
    rows = counts.reindex(index=list(SENTIMENTS), columns=outcomes, fill_value=0).to_numpy().tolist()
    return Feelings(
        right=share(int((said == given).sum()), len(felt)),
        macro_f1=macro_f1(said, given, felt["comment"], named)[0],
        labels=labels(said, given, SENTIMENTS),
        confusion={kind: dict(zip(outcomes, row, strict=True)) for kind, row in zip(SENTIMENTS, rows, strict=True)},
    )


def agreements(spans: pd.DataFrame) -> list[Agreement]:
    """How far two people agree, and the tagger with the first of them, on the spans that both have labelled."""
    found = []
    looked_at: tuple[tuple[Literal["touchpoint", "sentiment"], str], ...]
    looked_at = (("touchpoint", "given"), ("sentiment", "sentiment_given"))
    for on, given in looked_at:
        twice = spans[spans[on].notna() & spans[f"{on}_2"].notna()]
        if len(twice):
            second, tagged = twice[f"{on}_2"], twice[given].fillna("none")
            found.append(Agreement(on=on, people=_agreed(twice[on], second), tagger=_agreed(twice[on], tagged)))
    return found


def _agreed(first: pd.Series, second: pd.Series) -> Agreed:
    kappa = agreement.kappa(first, second)
    return Agreed(
        share=share(int((first == second).sum()), len(first)),
        kappa=Figure(**kappa._asdict()),
        alpha=agreement.alpha(list(zip(first, second, strict=True))),
    )
