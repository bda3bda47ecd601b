"""The friction table as it is read: the ranking, the first screen's blocks and its headline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from feedback.journey import Journey
from feedback.report import weeks
from feedback.report.figures import NARROW, counted, interval, number, percent, points, words
from feedback.report.results import name

SIGNS = {"worse": "▲", "better": "▼"}
SHOWN = 3
History = Sequence[tuple[str, pd.DataFrame]]


@dataclass(frozen=True)
class Bar:
    """A share with its interval as positions on an axis of 0–100."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Row:
    """A touchpoint in the ranking; every figure as text."""

    id: str
    rank: str
    name: str
    stage: str
    friction: str
    friction_interval: str
    complaint: str
    complaint_interval: str
    counts: str
    bar: Bar
    reach: str
    severity: str
    impact: str
    impact_measured: bool
    negative: str
    negative_interval: str
    negative_counts: str
    change: str
    change_interval: str
    q: str
    direction: str
    sign: str
    trend: str
    trend_label: str


@dataclass(frozen=True)
class Move:
    """A touchpoint in a block of the first screen."""

    id: str
    name: str
    before: str
    now: str
    counts: str
    change: str


@dataclass(frozen=True)
class Block:
    """A block of the first screen: what got worse, better, or did not change."""

    kind: str
    title: str
    sign: str
    moves: tuple[Move, ...]
    notes: tuple[str, ...]


def rows(friction: pd.DataFrame, journey: Journey, history: History, language: str) -> tuple[Row, ...]:
    """The ranked touchpoints, the highest friction first."""
    ranked = friction[friction["rank"].notna()].sort_values("rank")
    top = float(ranked["complaint_high"].max()) if len(ranked) else 1.0
    return tuple(_row(r, journey, history, top or 1.0, language) for r in ranked.to_dict("records"))


def _row(r: dict[Any, Any], journey: Journey, history: History, top: float, language: str) -> Row:
    past, text = _past(r["touchpoint"], history), words(language)["ranking"]
    counts = text["counts"]
    stage = "" if r["stage"] == r["touchpoint"] else name(journey, r["stage"], language)
    return Row(
        id=r["touchpoint"],
        rank=number(r["rank"], language),
        name=name(journey, r["touchpoint"], language),
        stage=stage,
        friction=number(r["friction"], language, digits=1),
        friction_interval=interval(r["friction_low"], r["friction_high"], language),
        complaint=percent(r["complaint_share"], language),
        complaint_interval=interval(100 * r["complaint_low"], 100 * r["complaint_high"], language),
        counts=counts.format(n=number(r["n_negative"], language), base=number(r["base"], language)),
        bar=Bar(*(round(100 * r[f"complaint_{c}"] / top, 2) for c in ("share", "low", "high"))),
        reach=percent(r["reach"], language),
        severity=number(r["severity"], language, digits=2),
        impact=number(r["impact"], language, digits=2),
        impact_measured=bool(r["impact_measured"]),
        negative=percent(r["negative_share"], language),
        negative_interval=interval(100 * r["negative_low"], 100 * r["negative_high"], language),
        negative_counts=counts.format(n=number(r["n_negative"], language), base=number(r["n"], language)),
        change=points(r["change"], language),
        change_interval=_change_interval(r, language),
        q=_q(r["q_value"], language),
        direction=r["direction"],
        sign=SIGNS.get(r["direction"], ""),
        trend=_line([*past, r["complaint_share"]]) if len(past) > 1 else "",
        trend_label=text["trend"].format(n=len(past) + 1),
    )


def _change_interval(r: dict[Any, Any], language: str) -> str:
    return interval(100 * r["change_low"], 100 * r["change_high"], language, sign=True)


def _q(value: float, language: str) -> str:
    if math.isnan(value):
        return ""
    return f"q < {number(0.001, language, digits=3)}" if value < 0.001 else f"q = {number(value, language, digits=3)}"


def _past(touchpoint: str, history: History) -> list[float]:
    shares = [t.loc[t["touchpoint"] == touchpoint, "complaint_share"] for _, t in history[-11:]]
    return [float(s.iloc[0]) for s in shares if len(s) and pd.notna(s.iloc[0])]


def _line(values: list[float]) -> str:
    """Points of an SVG polyline in a box of 60 × 16, from zero."""
    top = max(values) or 1.0
    step = 56 / (len(values) - 1)
    return " ".join(f"{2 + k * step:.1f},{14 - 12 * v / top:.1f}" for k, v in enumerate(values))


def unranked(friction: pd.DataFrame, journey: Journey, language: str) -> str:
    """Names and numbers of those that are not ranked, in journey order; empty when all are."""
    few = friction[friction["rank"].isna()]
    return ", ".join(
        f"{name(journey, t, language)} (n\u00a0=\u00a0{number(n, language)})"
        for t, n in zip(few["touchpoint"], few["n"], strict=True)
    )


def blocks(friction: pd.DataFrame, journey: Journey, compared: str, language: str) -> tuple[Block, ...]:
    """Got worse, got better, no significant change; one block of the most criticised when nothing is compared.

    `compared` says in words what the run is compared with, or why it is not.
    """
    if friction["previous"].isna().all():
        first = _block("first", _most(friction[friction["n_negative"] > 0]), 0, journey, language)
        return (replace(first, notes=(*first.notes, f"{compared}.")),)
    parts = {kind: _most(friction[friction["direction"] == kind], kind) for kind in ("worse", "better", "same")}
    few = {"same": int((friction["direction"] == "untested").sum())}
    return tuple(_block(kind, part, few.get(kind, 0), journey, language) for kind, part in parts.items())


def _most(part: pd.DataFrame, kind: str = "same") -> pd.DataFrame:
    """Changes by their size, the rest by the share complaining; ties in journey order."""
    key = part["change"].abs() if kind in ("worse", "better") else part["complaint_share"]
    return part.loc[key.sort_values(ascending=False, kind="stable").index]


def _block(kind: str, part: pd.DataFrame, few: int, journey: Journey, language: str) -> Block:
    """The first of a part as a block, with a note of the others and of those that too few speak of."""
    text = words(language)["blocks"]
    left = {"more": len(part) - SHOWN, "untested": few}
    others = [counted(n, text[form], language) for form, n in left.items() if n > 0]
    notes = [text[kind]["none"]] if part.empty else []
    notes += [_sentence(others, language)] if others else []
    moves = tuple(_move(r, journey, language) for r in part.head(SHOWN).to_dict("records"))
    return Block(kind, text[kind]["title"], SIGNS.get(kind, ""), moves, tuple(notes))


def _move(r: dict[Any, Any], journey: Journey, language: str) -> Move:
    text = words(language)["blocks"]
    compared = pd.notna(r["previous_base"])
    columns = {"n": "n_negative", "base": "base", "n_before": "previous_n_negative", "base_before": "previous_base"}
    values = {name: number(r[column], language) for name, column in columns.items()}
    counts = text["counts" if compared else "counts_first"].format(**values)
    before = percent(r["previous_complaint_share"], language) if compared else ""
    return Move(
        id=r["touchpoint"],
        name=name(journey, r["touchpoint"], language),
        before=before,
        now=percent(r["complaint_share"], language),
        counts=counts,
        change=f"{points(r['change'], language)} {_change_interval(r, language)}".strip() if compared else "",
    )


def headline(friction: pd.DataFrame, journey: Journey, previous: str | None, language: str) -> str:
    """The week in one sentence."""
    text = words(language)["headline"]
    if friction.empty or friction["base"].max() == 0:
        return _sentence([text["empty"]], language)
    worse = _most(friction[friction["direction"] == "worse"], "worse").to_dict("records")
    better = _most(friction[friction["direction"] == "better"], "better").to_dict("records")
    if worse or better:
        return _sentence([*_changes(worse, better, journey, previous or "", language), text["rest"]], language)
    top = _most(friction).iloc[0].to_dict()
    if top["n_negative"] == 0:
        return _sentence([text["calm"]], language)
    tested = (friction["direction"] != "untested").any()
    kind = "first" if not previous else ("unchanged" if tested else "untested")
    facts = _facts(top, journey, language)
    return _sentence([text[kind].format(**facts, previous=weeks.reference(previous or "", language))], language)


def _changes(
    worse: list[dict[Any, Any]], better: list[dict[Any, Any]], journey: Journey, previous: str, language: str
) -> list[str]:
    text, when = words(language)["headline"], weeks.phrase(previous, language)
    clauses = []
    form_better = "better" if worse else "only_better"
    for found, form, also in ((worse, "worse", "also_worse"), (better, form_better, "also_better")):
        if found:
            clauses.append(text[form].format(**_facts(found[0], journey, language), previous=when))
        if found[1:]:
            names = ", ".join(name(journey, r["touchpoint"], language) for r in found[1:4])
            clauses.append(text[also].format(names=names + (" …" if len(found) > 4 else "")))
    return clauses


def _facts(r: dict[Any, Any], journey: Journey, language: str) -> dict[str, str]:
    return {
        "name": name(journey, r["touchpoint"], language),
        "now": percent(r["complaint_share"], language),
        "before": percent(r["previous_complaint_share"], language),
    }


def _sentence(clauses: list[str], language: str) -> str:
    joined = (f"{NARROW}; " if language == "fr" else "; ").join(clauses)
    return joined[:1].upper() + joined[1:] + "."
