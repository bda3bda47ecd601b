"""The emotional curve: mean sentiment along the journey, as figures and as a chart."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from feedback.report import charts, weeks
from feedback.report.figures import interval, number, words
from feedback.report.results import Results, min_count, name


@dataclass(frozen=True)
class Point:
    """A touchpoint on the curve; without sentiment where too few speak of it."""

    stage: str
    name: str
    n: str
    sentiment: str
    interval: str
    before: str


@dataclass(frozen=True)
class Curve:
    """The chart in two orientations, what it shows in words, and its figures."""

    wide: str
    tall: str
    alt: str
    caption: str
    points: tuple[Point, ...]


def curve(results: Results, language: str) -> Curve:
    """The curve of a run with the week compared with behind it."""
    text, least = words(language)["curve"], min_count(results)
    previous = results.info.get("previous")
    table = _table(results, previous, least, language)
    labels = charts.Labels(text["positive"], text["negative"])
    caption = text["caption"].format(min_count=least)
    if table["before"].notna().any():
        caption += " " + text["previous"].format(previous=weeks.reference(previous or "", language))
    return Curve(
        wide=charts.curve(table, labels),
        tall=charts.curve(table, labels, tall=True),
        alt=_alt(table, language),
        caption=caption,
        points=tuple(
            Point(
                stage=r["stage"],
                name=r["name"],
                n=number(r["n"], language),
                sentiment=number(r["sentiment"], language, digits=2, sign=True) if r["shown"] else text["thin"],
                interval=interval(r["low"], r["high"], language, digits=2, sign=True) if r["shown"] else "",
                before=number(r["before"], language, digits=2, sign=True),
            )
            for r in table.to_dict("records")
        ),
    )


def _table(results: Results, previous: str | None, least: int, language: str) -> pd.DataFrame:
    """One row per target in journey order: position, stage, name, n, shown, sentiment, low, high, before.

    Sentiment is null where n is below the minimum, and so is `before` by the earlier week's own n.
    """
    journey, friction = results.journey, results.tables["friction"].set_index("touchpoint")
    earlier = next((t for week, t in results.history if week == previous), None)
    targets = journey.targets()
    here = friction.reindex([point.id for _, point in targets])
    enough = (here["n"].fillna(0) >= least).to_numpy()
    table = pd.DataFrame(
        {
            "position": range(len(targets)),
            "stage": [name(journey, stage.id, language) for stage, _ in targets],
            "stage_id": [stage.id for stage, _ in targets],
            "name": [name(journey, point.id, language) for _, point in targets],
            "n": here["n"].fillna(0).astype(int).to_numpy(),
            "shown": enough & here["sentiment"].notna().to_numpy(),
            "before": float("nan"),
        }
    )
    for column, source in (("sentiment", "sentiment"), ("low", "sentiment_low"), ("high", "sentiment_high")):
        table[column] = here[source].where(enough).to_numpy()
    if earlier is not None:
        then = earlier.set_index("touchpoint").reindex(here.index)
        table["before"] = then["sentiment"].where(then["n"].fillna(0) >= least).to_numpy()
    return table


def _alt(table: pd.DataFrame, language: str) -> str:
    text, shown = words(language)["curve"], table[table["shown"]]
    if shown.empty:
        return str(text["alt_empty"])
    ordered = shown.sort_values("sentiment", kind="stable").to_dict("records")
    said = {
        end: f"{r['name']} ({number(r['sentiment'], language, digits=2, sign=True)})"
        for end, r in (("lowest", ordered[0]), ("highest", ordered[-1]))
    }
    return str(text["alt"].format(n=number(len(shown), language), **said))
