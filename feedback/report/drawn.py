"""The pictures of the accuracy card with what they show in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from feedback.card import Card, Group, Label, Reliability, RiskCoverage
from feedback.report import card_charts as charts
from feedback.report.figures import NARROW, number, percent, words

PARTS = {
    "right": charts.BLUE,
    "wrong": charts.RUST,
    "stage": charts.GREY,
    "general": charts.PALE,
    "unassigned": charts.FAINT,
}
NARROWEST = 0.07  # of a bar, that a number fits into
FIGURES = ("right", "coverage", "general", "sentiment", "macro_f1")


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG, where it has one in a second version for narrow screens, and what it shows in words."""

    wide: str
    alt: str
    tall: str = ""


class Place(NamedTuple):
    """Where a row stands in a picture: its group's id and name, and its own name."""

    group_id: str
    group: str
    name: str


def unit(language: str) -> str:
    """The per-cent sign as a language sets it."""
    return f"{NARROW}%" if language == "fr" else "%"


def labels(found: Sequence[Label], places: Mapping[str, Place], kind: str, language: str) -> Drawing:
    """Precision and recall of labels, each at its place."""
    text = words(language)["card"]
    table = pd.DataFrame(
        {
            "position": range(len(found)),
            **{key: [getattr(places[label.id], key) for label in found] for key in Place._fields},
            "count": [f"n = {number(label.n, language)}" for label in found],
            "f1": [f"F1 {percent(label.f1.value, language)}" for label in found],
        }
    )
    for name in ("precision", "recall"):
        figures = [getattr(label, name) for label in found]
        table[name] = pd.Series([figure.value for figure in figures], dtype="float64")
        table[f"{name}_low"] = pd.Series([figure.low for figure in figures], dtype="float64")
        table[f"{name}_high"] = pd.Series([figure.high for figure in figures], dtype="float64")
    ranked = sorted((label for label in found if label.n and label.f1.value is not None), key=lambda x: x.f1.value or 0)
    said = {
        end: f"{places[label.id].name} ({percent(label.f1.value, language)})"
        for end, label in zip(("lowest", "highest"), (ranked[:1] + ranked[-1:]), strict=False)
    }
    form = text[kind]["alt" if ranked else "alt_none"]
    wide, tall = (charts.labels(table, unit(language), tall=tall) for tall in (False, True))
    return Drawing(wide, form.format(n=number(len(found), language), **said), tall)


def fates(card: Card, language: str) -> Drawing:
    """What became of the remarks, a bar for each kind."""
    text, colours, rows = words(language)["card"]["fates"], list(PARTS), []
    shown = [fate for fate in card.fates if fate.n]
    for bar, fate in enumerate(shown):
        start = 0.0
        for outcome in PARTS:
            stop = start + (n := getattr(fate, outcome)) / fate.n
            part = colours.index("right" if outcome == fate.said else outcome)
            title = text["said"][fate.said].format(n=number(fate.n, language))
            count = number(n, language) if stop - start >= NARROWEST else ""
            rows.append((bar, title, start, stop, part, count))
            start = stop
    table = pd.DataFrame(rows, columns=["bar", "title", "start", "stop", "part", "count"])
    of = {fate.said: fate for fate in card.fates}
    point, general = of["touchpoint"], of["general"]
    outcomes = {name: number(getattr(point, name), language) for name in PARTS}
    praised = {"n_general": number(general.n, language), "found": number(general.general, language)}
    drawing = charts.fates(table[table["stop"] > table["start"]], list(PARTS.values()))
    return Drawing(drawing, text["alt"].format(n=number(point.n, language), **outcomes, **praised))


def risk(found: RiskCoverage, said: str, language: str) -> Drawing:
    """The risk–coverage curve with the thresholds that matter; `said` is where the tags stand in words."""
    text = words(language)["card"]["abstention"]
    curve = pd.DataFrame([p.model_dump() for p in found.points]).astype("float64")
    marked = [(found.now, "now"), *([(found.within, "within")] if found.within else [])]
    marks = pd.DataFrame(
        [
            (p.coverage, p.risk, text[kind].format(threshold=number(p.threshold, language, digits=2)), kind == "now")
            for p, kind in marked
            if p.risk is not None and p.coverage is not None
        ],
        columns=["coverage", "risk", "label", "now"],
    )
    limit = text["limit"].format(limit=f"{number(100 * found.limit, language)}{unit(language)}")
    titles = {"x": text["x"], "y": text["y"], "limit": limit}
    drawing = charts.risk(curve.dropna(subset=["coverage", "risk"]), marks, found.limit, titles, unit(language))
    return Drawing(drawing, text["alt"].format(standing=said, reached="").strip())


def reliability(found: Reliability, language: str) -> tuple[str, str, Drawing]:
    """Whether probabilities are met: of what, how far they are off, and the picture."""
    text = words(language)["card"]["calibration"]
    error, chance = (number(x, language, digits=3) for x in (found.error, found.chance))
    said = text["error"].format(error=error, chance=chance, n=number(found.n, language))
    drawing = charts.reliability(pd.DataFrame([b.model_dump() for b in found.bins]), text, unit(language))
    title = text["of"][found.of]
    return title, said, Drawing(drawing, text["alt"].format(of=title, error=said))


def languages(groups: Sequence[Group], language: str) -> Drawing:
    """The main figures of each language."""
    text, rows = words(language)["card"]["languages"], []
    for place, key in enumerate(FIGURES):
        for nth, group in enumerate(groups):
            figure, name = getattr(group, key), text["codes"].get(group.language, group.language.upper())
            position = place * (len(groups) + 1) + nth
            title = text["figures"][key] if not nth else ""
            rows.append((position, title, name, nth, figure.value, figure.low, figure.high))
    table = pd.DataFrame(rows, columns=["position", "title", "language", "place", "value", "low", "high"])
    table = table.astype(dict.fromkeys(("value", "low", "high"), "float64"))
    return Drawing(charts.languages(table, unit(language)), text["alt"])
