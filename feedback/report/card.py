"""The accuracy card as the page shows it: frozen dataclasses of texts, and nothing left to compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from feedback.card import Agreed, Card, Confused, Figure, Group, Label, Point, RiskCoverage
from feedback.journey import Journey, in_language
from feedback.report import drawn
from feedback.report.drawn import Drawing, Place
from feedback.report.figures import NONE, clean, counted, curly, day, interval, number, percent, points, words
from feedback.report.results import name
from feedback.report.view import listed

TILES = ("right", "coverage", "macro_f1", "sentiment")
PAIRS = 8  # as many as a reader will look at; card.json has all


@dataclass(frozen=True)
class Measure:
    """A figure with its interval and its base, and what it is called."""

    title: str
    value: str
    interval: str
    n: str


@dataclass(frozen=True)
class Tile:
    """A main figure over all remarks and, where there are several, in each language."""

    whole: Measure
    languages: tuple[Measure, ...]


@dataclass(frozen=True)
class Row:
    """A label's figures."""

    name: str
    n: str
    given: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Pair:
    """Two touchpoints taken for one another."""

    names: tuple[str, str]
    share: Measure
    ways: tuple[str, ...]
    verdict: str
    merge: bool
    bar: tuple[float, float, float]


@dataclass(frozen=True)
class Gap:
    """A figure, and how far one language lies above another."""

    figure: str
    between: str
    value: str
    interval: str


@dataclass(frozen=True)
class Cell:
    """A cell of the sentiments' confusion: how many, and the share of its row, 0–1."""

    n: str
    share: str
    weight: float
    right: bool


@dataclass(frozen=True)
class CardView:
    """The whole page."""

    language: str
    journey: str
    day: str
    facts: str
    rests: str
    headline: str
    tiles: tuple[Tile, ...]
    touchpoints: Drawing
    touchpoint_rows: tuple[Row, ...]
    stages: Drawing
    stage_rows: tuple[Row, ...]
    fates: Drawing
    legend: tuple[tuple[str, str], ...]
    risk: Drawing
    risk_caption: str
    standing: str
    reached: str
    reliability: tuple[tuple[str, str, Drawing], ...]
    confused_caption: str
    confused: tuple[Pair, ...]
    confused_more: str
    languages: Drawing | None
    gaps: tuple[Gap, ...]
    sentiment_caption: str
    given: tuple[str, ...]
    confusion: tuple[tuple[str, tuple[Cell, ...]], ...]
    agreement: tuple[tuple[str, str, tuple[Measure, ...]], ...]
    method: tuple[tuple[str, str], ...]


def build(card: Card, journey: Journey, language: str) -> CardView:
    """Everything that the page says, in a language, with numbers and dates as that language writes them."""
    text, everything = words(language)["card"], card.groups[0]
    rests = _rests(card, language)
    standing, reached = _risk(card.risk_coverage, language)
    limit = _whole(card.bound, language)
    return CardView(
        language=language,
        journey=curly(clean(in_language(journey.title, language)), language),
        day=day(card.measured, language),
        facts=_facts(card, language),
        rests=text["rests"].format(**rests),
        headline=headline(everything, language),
        tiles=_tiles(card, language),
        touchpoints=drawn.labels(card.touchpoints, _places(journey, language), "touchpoints", language),
        touchpoint_rows=tuple(_row(label, journey, language) for label in card.touchpoints),
        stages=drawn.labels(card.stages, _stages(journey, language), "stages", language),
        stage_rows=tuple(_row(label, journey, language) for label in card.stages),
        fates=drawn.fates(card, language),
        legend=tuple((part, text["fates"]["parts"][part]) for part in drawn.PARTS),
        risk=drawn.risk(card.risk_coverage, f"{standing} {reached}", language),
        risk_caption=text["abstention"]["caption"].format(area=number(card.risk_coverage.area, language, digits=3)),
        standing=standing,
        reached=reached,
        reliability=tuple(drawn.reliability(part, language) for part in card.reliability if part.n),
        confused_caption=text["confused"]["caption"].format(bound=limit),
        confused=tuple(_pair(pair, journey, language) for pair in card.confused[:PAIRS]),
        confused_more=_more(len(card.confused) - PAIRS, language),
        languages=drawn.languages(card.groups[1:], language) if card.differences else None,
        gaps=_gaps(card, language),
        sentiment_caption=_sentiment(card, language),
        given=tuple(text["sentiment"]["kinds"][kind] for kind in next(iter(card.sentiment.confusion.values()))),
        confusion=_confusion(card, language) if card.sentiment.right.n else (),
        agreement=_agreement(card, language),
        method=tuple((term, meaning.format(**rests)) for term, meaning in text["method"]["terms"].values()),
    )


def headline(everything: Group, language: str) -> str:
    """The two figures that matter, in one sentence, in whole numbers of a hundred."""
    text, figures = words(language)["card"], (everything.right, everything.coverage)
    if not everything.right.n:
        return str(text["headline_none"])
    right, coverage = (number(_hundred(f.value), language) for f in figures)
    ends = (interval(_hundred(f.low), _hundred(f.high), language, digits=0) for f in figures)
    said = dict(zip(("right_interval", "coverage_interval"), ends, strict=True))
    return str(text["headline"].format(right=right, coverage=coverage, **said)).replace(" .", ".")


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _whole(value: float | None, language: str) -> str:
    """A share in per cent without decimals."""
    text = number(_hundred(value), language)
    return text if text == NONE else f"{text}{drawn.unit(language)}"


def _places(journey: Journey, language: str) -> dict[str, Place]:
    """Where each touchpoint stands in the picture; general praise and blame come last."""
    general = words(language)["card"]["touchpoints"]["general"]
    places = {
        point.id: Place(stage.id, name(journey, stage.id, language), name(journey, point.id, language))
        for stage, point in journey.targets()
    }
    return places | {"general": Place("", "", general)}


def _stages(journey: Journey, language: str) -> dict[str, Place]:
    return {stage.id: Place("", "", name(journey, stage.id, language)) for stage in journey.stages}


def language_name(code: str, language: str) -> str:
    """A language's name, or its code in capitals."""
    return str(words(language)["card"]["languages"]["codes"].get(code, clean(code).upper()))


def _facts(card: Card, language: str) -> str:
    text, gold = words(language)["card"], card.gold
    shares = (f"{language_name(code, language)} {number(n, language)}" for code, n in gold.languages.items())
    said = text["facts"].format(
        spans=number(gold.spans, language), comments=number(gold.comments, language),
        languages=", ".join(shares) or NONE, file=clean(gold.file),
    )  # fmt: skip
    people = len(gold.annotators)
    return f"{said}, {counted(people, text['annotators'], language)}" if people else said


def _rests(card: Card, language: str) -> dict[str, Any]:
    """What the figures rest on, as the texts of the method name it."""
    return {
        "journey": clean(card.journey.id),
        "version": card.journey.version,
        "models": clean(listed(card.models, words(language)["method"])),
        "file": clean(card.gold.file),
        "sha256": card.gold.sha256[:12],
        "bound": _whole(card.bound, language),
        **{kind: number(value, language, digits=2) for kind, value in card.thresholds.items()},
    }


def _measure(title: str, figure: Figure, language: str, *, of: str | None = None) -> Measure:
    return Measure(
        title=title,
        value=percent(figure.value, language),
        interval=interval(_hundred(figure.low), _hundred(figure.high), language),
        n=of or words(language)["card"]["base"].format(n=number(figure.n, language)),
    )


def _tiles(card: Card, language: str) -> tuple[Tile, ...]:
    text = words(language)["card"]
    found = []
    for key in TILES:
        whole, *rest = (getattr(group, key) for group in card.groups)
        base = counted(whole.n, text["points"], language) if key == "macro_f1" else None
        parts = (
            _measure(language_name(group.language, language), figure, language)
            for group, figure in zip(card.groups[1:], rest, strict=True)
        )
        found.append(
            Tile(_measure(text["tiles"][key], whole, language, of=base), tuple(parts) if len(rest) > 1 else ())
        )
    return tuple(found)


def _row(label: Label, journey: Journey, language: str) -> Row:
    figures = (label.precision, label.recall, label.f1)
    general = words(language)["card"]["touchpoints"]["general"]
    return Row(
        name=general if label.id == "general" else name(journey, label.id, language),
        n=number(label.n, language),
        given=number(label.given, language),
        measures=tuple(_measure("", figure, language) for figure in figures),
    )


def _risk(found: RiskCoverage, language: str) -> tuple[str, str]:
    """Where the tags stand, and what the threshold that keeps the risk comes to."""
    text, limit = words(language)["card"]["abstention"], _whole(found.limit, language)
    kept = text["kept"].format(limit=limit)
    reached = text["reached"].format(limit=limit, **_said(found.within, language)) if found.within else kept
    return text["standing"].format(**_said(found.now, language)), reached


def _said(point: Point, language: str) -> dict[str, str]:
    return {
        "threshold": number(point.threshold, language, digits=2),
        "risk": percent(point.risk, language),
        "coverage": percent(point.coverage, language),
        "interval": interval(_hundred(point.low), _hundred(point.high), language),
    }


def _pair(pair: Confused, journey: Journey, language: str) -> Pair:
    text = words(language)["card"]["confused"]
    first, second = (name(journey, place, language) for place in (pair.first, pair.second))
    there, back = (number(n, language) for n in pair.taken)
    total = text["counts"].format(k=number(sum(pair.taken), language), n=number(pair.share.n, language))
    low, value, high = (100 * (x or 0) for x in (pair.share.low, pair.share.value, pair.share.high))
    return Pair(
        names=(first, second),
        share=_measure("", pair.share, language, of=total),
        ways=(text["ways"].format(first=first, second=second, there=there, back=back),),
        verdict=text["merge" if pair.merge else "chance"],
        merge=pair.merge,
        bar=(round(value, 1), round(low, 1), round(high - low, 1)),
    )


def _more(n: int, language: str) -> str:
    """How many pairs are not shown."""
    return counted(n, words(language)["card"]["confused"]["more"], language) if n > 0 else ""


def _gaps(card: Card, language: str) -> tuple[Gap, ...]:
    text = words(language)["card"]["languages"]
    return tuple(
        Gap(
            figure=text["figures"][d.figure],
            between=text["difference"].format(
                first=language_name(d.first, language), second=language_name(d.second, language)
            ),
            value=points(d.value, language),
            interval=interval(_hundred(d.low), _hundred(d.high), language, sign=True),
        )
        for d in card.differences
    )


def _sentiment(card: Card, language: str) -> str:
    text, found = words(language)["card"]["sentiment"], card.sentiment
    if not found.right.n:
        return str(text["none"])
    right, f1 = (_measure("", figure, language) for figure in (found.right, found.macro_f1))
    n = number(found.right.n, language)
    said = {"right": right.value, "interval": right.interval, "f1": f1.value, "f1_interval": f1.interval}
    return str(text["caption"].format(n=n, **said))


def _confusion(card: Card, language: str) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    kinds = words(language)["card"]["sentiment"]["kinds"]
    rows = []
    for said, row in card.sentiment.confusion.items():
        total = sum(row.values())
        shares = {given: n / total if total else 0.0 for given, n in row.items()}
        cells = (
            Cell(number(n, language), _whole(shares[given], language), round(shares[given], 2), given == said)
            for given, n in row.items()
        )
        rows.append((str(kinds[said]), tuple(cells)))
    return tuple(rows)


def _agreement(card: Card, language: str) -> tuple[tuple[str, str, tuple[Measure, ...]], ...]:
    text = words(language)["card"]["people"]
    return tuple(
        (text["of"][found.on], text["who"][who], _agreed(agreed, language))
        for found in card.agreement
        for who, agreed in (("people", found.people), ("tagger", found.tagger))
    )


def _agreed(agreed: Agreed, language: str) -> tuple[Measure, ...]:
    """The share, kappa and alpha of two who labelled the same remarks."""
    kappa = agreed.kappa
    ends = interval(kappa.low, kappa.high, language, digits=2)
    return (
        _measure("", agreed.share, language),
        Measure("", number(kappa.value, language, digits=2), ends, ""),
        Measure("", number(agreed.alpha, language, digits=2), "", ""),
    )
