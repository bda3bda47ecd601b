"""A finished run as the page shows it: frozen dataclasses of texts, and nothing left to compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from feedback.journey import in_language
from feedback.report import accuracy, curve, evidence, quality, ranking, weeks
from feedback.report.curve import Curve
from feedback.report.evidence import Evidence, Topic
from feedback.report.figures import NONE, clamp, clean, counted, curly, day, interval, number, spaced, words
from feedback.report.quality import Quality
from feedback.report.ranking import Block, Row
from feedback.report.results import Results, alone, min_count


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
    accuracy: str
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
    compared = _compared(results, language)
    if results.info.get("not_compared") or not results.info.get("previous"):
        results = alone(results)
    text, tables, info, journey = words(language), results.tables, results.info, results.journey
    friction, submissions, zone = tables["friction"], tables["submissions"], info.get("timezone", "UTC")
    spoken = evidence.said(tables)
    rows = ranking.rows(friction, journey, results.history, language)
    quotes = evidence.evidence(spoken, friction, journey, int(info.get("quotes", 3)), zone, language)
    base = int(friction["base"].max()) if len(friction) else 0
    return View(
        language=language,
        journey=curly(clean(in_language(journey.title, language)), language),
        week=weeks.title(info["week"], language),
        dates=weeks.dates(info["week"], submissions["created_at"], zone, language),
        compared=compared,
        facts=_facts(submissions, base, language),
        **_rows(results, language),
        accuracy=accuracy.said(results, language, short=True),
        headline=ranking.headline(friction, journey, info.get("previous"), language),
        blocks=ranking.blocks(friction, journey, compared, language),
        hurts=_hurts(rows, quotes, language),
        ranking=rows,
        ranking_caption=text["ranking"]["caption"].format(
            formula=_formula(results, language), base=f"n\u00a0=\u00a0{number(base, language)}"
        ),
        has_trend=any(row.trend for row in rows),
        unranked=_unranked(results, language),
        unranked_note=text["hurts"]["none"].format(min_count=min_count(results)),
        curve=curve.curve(results, language),
        evidence=quotes,
        topics=evidence.topics(tables["topics"], spoken, journey, language),
        scores=_scores(results.metrics, language),
        quality=quality.quality(results, language),
        method=_method(results, language),
    )


def _facts(submissions: pd.DataFrame, base: int, language: str) -> str:
    text = words(language)
    sources = counted(submissions["source"].nunique(), text["sources"], language)
    n = number(len(submissions), language)
    return str(text["facts"].format(submissions=n, base=number(base, language), sources=sources))


def _unranked(results: Results, language: str) -> str:
    names = ranking.unranked(results.tables["friction"], results.journey, language)
    form = words(language)["ranking"]["unranked"]
    return str(form.format(min_count=min_count(results), names=names)) if names else ""


def _compared(results: Results, language: str) -> str:
    """What the run is compared with, or why it is not."""
    text, previous, changed = words(language), results.info.get("previous"), results.info.get("not_compared")
    if not previous:
        return str(text["not_compared"])
    named = weeks.reference(previous, language)
    if changed:
        reasons = [said for word, said in text["uncompared_why"].items() if word in str(changed)]
        return str(text["uncompared"].format(previous=named, reason=", ".join(reasons) or clean(changed)))
    # Touchpoints that the earlier week did not know have no base of it, and all may be new.
    earlier = dict(results.history).get(previous)
    friction = results.tables["friction"]
    base = friction["previous_base"].max() if earlier is None else earlier["base"].max()
    lone = friction["unmatched_sources"].dropna().unique()
    unmatched = text["unmatched"].format(sources=spaced(", ".join(lone))) if len(lone) else ""
    return str(
        text["compared"].format(previous=named, base=number(base, language)) + unmatched + _remapped(results, language)
    )


def _remapped(results: Results, language: str) -> str:
    """That the weeks compared were mapped again, and when."""
    if not (when := results.info.get("remapped")):
        return ""
    said = words(language)["remapped"]
    return str(said.format(day=day(date.fromisoformat(when), language), version=results.journey.version))


def _rows(results: Results, language: str) -> dict[str, Any]:
    """Rows read and where they went, for the first screen: the parts are those of the data-quality section."""
    text, rows = words(language), quality.rows_read(results)
    parts = [text["rows_kept"].format(n=number(rows["kept"], language))]
    parts += [
        text["rows_went"][kind].format(n=number(rows[kind], language))
        for kind in ("other_weeks", "read_again", "not_feedback", "rejected", "told_before", "open")
        if rows[kind] or kind == "rejected"
    ]
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


def _scores(metrics: pd.DataFrame, language: str) -> tuple[Score, ...]:
    """The scores; a question that is the mere name of a column is shown only to tell it from another."""
    column = metrics["question"].astype("str").str.fullmatch(r"[\w.-]+", na=False)
    idle = column & ~metrics.duplicated(["source", "metric"], keep=False)
    asked = metrics.assign(question=metrics["question"].mask(idle, None))
    return tuple(_score(m, language) for m in asked.to_dict("records"))


def _score(m: dict[Any, Any], language: str) -> Score:
    text = words(language)["scores"]
    definition = m.get(f"definition_{language}") or m["definition_en"]
    low, high = (number(m[c], language) for c in ("score_min", "score_max"))
    return Score(
        source=spaced(m["source"]),
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
    values = {
        "formula": _formula(results, language),
        "version": weights.get("version", 1),
        "fdr": number(thresholds.get("false_discovery_rate", 0.05), language, digits=2),
        "min_count": min_count(results),
        "touchpoint": number(thresholds.get("touchpoint", 0.5), language, digits=2),
        "stage": number(thresholds.get("stage", 0.6), language, digits=2),
        "models": clean(listed(info.get("models", {}), text) or NONE),
        "accuracy": accuracy.said(results, language),
        "journey": results.journey.journey,
        "journey_version": results.journey.version,
        "pipeline": clean(info.get("pipeline", NONE)),
        "run_id": clean(info.get("run_id", NONE)),
        "timezone": info.get("timezone", "UTC"),
    }
    return tuple((term, meaning.format(**values)) for term, meaning in text["terms"].values())


def _formula(results: Results, language: str) -> str:
    """Friction with the pipeline's weights, those of 1 left out."""
    weights, factors = results.info.get("weights", {}), words(language)["method"]["factors"]
    powers = {said: weights.get(factor, 1) for factor, said in factors.items()}
    parts = (said if p == 1 else f"{said}^{number(p, language, digits=2)}" for said, p in powers.items() if p)
    return " × ".join(["100", *parts])


def listed(values: Mapping[str, Any], text: Mapping[str, Any]) -> str:
    """Names and versions of models in one line, by the words of the method; a nested table in parentheses."""
    said = {text["models"].get(k, k): v for k, v in values.items()}
    return ", ".join(
        f"{k} ({listed(v, text)})" if isinstance(v, dict) else f"{k} {_version(str(v), text)}" for k, v in said.items()
    )


def _version(version: str, text: Mapping[str, Any]) -> str:
    return f"{text['shipped']} {version.removeprefix('shipped-')}" if version.startswith("shipped-") else version
