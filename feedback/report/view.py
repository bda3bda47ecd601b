"""A finished run as the page shows it: frozen dataclasses of texts, and nothing left to compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from feedback.journey import in_language
from feedback.report import curve, evidence, quality, ranking, weeks
from feedback.report.curve import Curve
from feedback.report.evidence import Evidence, Topic
from feedback.report.figures import NONE, clamp, clean, counted, interval, number, words
from feedback.report.quality import Quality
from feedback.report.ranking import Block, Row
from feedback.report.results import Results, min_count


@dataclass(frozen=True)
class Hurt:
    """One of the touchpoints with the highest friction, for the first screen."""

    row: Row
    complain: str
    quote: str
    quote_language: str


@dataclass(frozen=True)
class Score:
    """A metric of a source with the definition that was used."""

    source: str
    metric: str
    question: str
    n: str
    value: str
    interval: str
    n_text: str
    value_text: str
    interval_text: str
    definition: str


@dataclass(frozen=True)
class View:
    """The whole page."""

    language: str
    journey: str
    week: str
    dates: str
    compared: str
    facts: str
    rows_read: str
    rows_went: tuple[str, ...]
    headline: str
    blocks: tuple[Block, ...]
    hurts: tuple[Hurt, ...]
    ranking: tuple[Row, ...]
    ranking_caption: str
    has_trend: bool
    unranked: str
    unranked_note: str
    curve: Curve
    evidence: tuple[Evidence, ...]
    topics: tuple[Topic, ...]
    scores: tuple[Score, ...]
    quality: Quality
    method: tuple[tuple[str, str], ...]


def build(results: Results, language: str) -> View:
    """Everything that the page says, in a language, with numbers and dates as that language writes them."""
    text, tables, info, journey = words(language), results.tables, results.info, results.journey
    friction, submissions, zone = tables["friction"], tables["submissions"], info.get("timezone", "UTC")
    spoken = evidence.said(tables)
    rows = ranking.rows(friction, journey, results.history, language)
    quotes = evidence.evidence(spoken, friction, journey, int(info.get("quotes", 3)), zone, language)
    base = int(friction["base"].max()) if len(friction) else 0
    return View(
        language=language,
        journey=clean(in_language(journey.title, language)),
        week=weeks.title(info["week"], language),
        dates=weeks.dates(info["week"], submissions["created_at"], zone, language),
        compared=_compared(friction, info.get("previous"), language),
        facts=text["facts"].format(
            submissions=number(len(submissions), language),
            base=number(base, language),
            sources=counted(submissions["source"].nunique(), text["sources"], language),
        ),
        **_rows(results, language),
        headline=ranking.headline(friction, journey, info.get("previous"), language),
        blocks=ranking.blocks(friction, journey, language),
        hurts=_hurts(rows, quotes, language),
        ranking=rows,
        ranking_caption=text["ranking"]["caption"].format(base=f"n\u00a0=\u00a0{number(base, language)}"),
        has_trend=any(row.trend for row in rows),
        unranked=_unranked(results, language),
        unranked_note=text["hurts"]["none"].format(min_count=min_count(results)),
        curve=curve.curve(results, language),
        evidence=quotes,
        topics=evidence.topics(tables["topics"], spoken, journey, language),
        scores=tuple(_score(m, language) for m in results.metrics.to_dict("records")),
        quality=quality.quality(results, language),
        method=_method(results, language),
    )


def _unranked(results: Results, language: str) -> str:
    names = ranking.unranked(results.tables["friction"], results.journey, language)
    form = words(language)["ranking"]["unranked"]
    return str(form.format(min_count=min_count(results), names=names)) if names else ""


def _compared(friction: pd.DataFrame, previous: str | None, language: str) -> str:
    text = words(language)
    if not previous:
        return str(text["not_compared"])
    base = number(friction["previous_base"].max(), language)
    return str(text["compared"].format(previous=weeks.reference(previous, language), base=base))


def _rows(results: Results, language: str) -> dict[str, Any]:
    """Rows read and where they went, for the first screen: the parts are those of the data-quality section."""
    text, rows = words(language), quality.rows_read(results)
    parts = [text["rows_kept"].format(n=number(rows["kept"], language))]
    said = [k for k in ("other_weeks", "read_again", "not_feedback", "rejected", "open") if rows[k] or k == "rejected"]
    parts += [text["rows_went"][kind].format(n=number(rows[kind], language)) for kind in said]
    return {"rows_read": text["rows"].format(read=number(rows["read"], language)), "rows_went": tuple(parts)}


def _hurts(rows: tuple[Row, ...], quotes: tuple[Evidence, ...], language: str) -> tuple[Hurt, ...]:
    """The first three of the ranking, each with a quote, in the page's language where there is one."""
    said = {e.id: sorted(e.quotes, key=lambda q: q.language != language) for e in quotes if e.quotes}
    complain = words(language)["hurts"]["complain"]
    return tuple(
        Hurt(
            row=row,
            complain=complain.format(share=row.complaint, counts=row.counts),
            quote=clamp(said[row.id][0].marked, 110) if row.id in said else "",
            quote_language=said[row.id][0].language if row.id in said else "",
        )
        for row in rows[:3]
    )


def _score(m: dict[Any, Any], language: str) -> Score:
    text = words(language)["scores"]
    definition = m.get(f"definition_{language}") or m["definition_en"]
    low, high = (number(m[c], language) for c in ("score_min", "score_max"))
    return Score(
        source=clean(m["source"]),
        metric=text["metrics"].get(m["metric"], clean(m["metric"])),
        question=clamp(clean(m["question"]), 120),
        n=number(m["n"], language),
        value=_figure(m["value"], m["unit"], language),
        interval=_ends(m["low"], m["high"], m["unit"], language),
        n_text=number(m["n_text"], language),
        value_text=_figure(m["value_text"], m["unit"], language),
        interval_text=_ends(m["low_text"], m["high_text"], m["unit"], language),
        definition=f"{clean(definition)} ({text['scale'].format(low=low, high=high)})",
    )


def _figure(value: float, unit: str, language: str) -> str:
    text = number(value, language, digits=2 if unit == "mean" else 1, sign=unit == "points")
    space = "\u202f" if language == "fr" else ""
    return f"{text}{space}%" if unit == "%" and text != NONE else text


def _ends(low: float, high: float, unit: str, language: str) -> str:
    return interval(low, high, language, digits=2 if unit == "mean" else 1, sign=unit == "points")


def _method(results: Results, language: str) -> tuple[tuple[str, str], ...]:
    text, info = words(language)["method"], results.info
    thresholds, weights = info.get("thresholds", {}), info.get("weights", {})
    power = {k: number(weights.get(k, 1), language, digits=0 if weights.get(k, 1) == 1 else 2) for k in _FACTORS}
    values = {
        "a": power["reach"],
        "b": power["severity"],
        "c": power["impact"],
        "version": weights.get("version", 1),
        "fdr": number(thresholds.get("false_discovery_rate", 0.05), language, digits=2),
        "min_count": min_count(results),
        "touchpoint": number(thresholds.get("touchpoint", 0.5), language, digits=2),
        "stage": number(thresholds.get("stage", 0.6), language, digits=2),
        "accuracy": clean(info.get("accuracy") or text["not_measured"]),
        "models": clean(_listed(info.get("models", {})) or NONE),
        "journey": results.journey.journey,
        "journey_version": results.journey.version,
        "pipeline": clean(info.get("pipeline", NONE)),
        "run_id": clean(info.get("run_id", NONE)),
        "timezone": info.get("timezone", "UTC"),
    }
    return tuple((term, meaning.format(**values)) for term, meaning in text["terms"].values())


def _listed(values: dict[str, Any]) -> str:
    """Names and versions in one line; a nested table in parentheses."""
    return ", ".join(f"{k} ({_listed(v)})" if isinstance(v, dict) else f"{k} {v}" for k, v in values.items())


_FACTORS = ("reach", "severity", "impact")
