"""The comments behind the figures: quotes by touchpoint, and topics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from feedback.journey import Journey
from feedback.report.figures import clamp, clean, day, number, percent, spaced, words
from feedback.report.results import counted, name

UNIT = ["source", "submission_id"]
SHOWN = [
    "segment_id", "comment_id", "start", "end", "text", "sentiment", "sentiment_score", "p_negative", "stage",
    "touchpoint", "stage_confidence", "touchpoint_confidence",
]  # fmt: skip
CONTEXT, MARKED = 140, 400
FEW_WORDS = 4


@dataclass(frozen=True)
class Quote:
    """A segment within its comment, and where it came from."""

    before: str
    marked: str
    after: str
    language: str
    language_name: str
    source: str
    score: str
    date: str
    comment_id: str


@dataclass(frozen=True)
class Evidence:
    """What customers say of one touchpoint."""

    id: str
    name: str
    stage: str
    summary: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Topic:
    """A group of segments that say similar things."""

    label: str
    touchpoint: str
    n: str
    negative: str
    sentiment: str
    example: str


def said(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The segments of counted comments, with their comment's columns; `target` is the touchpoint, else the stage."""
    columns = ["comment_id", *UNIT, "text", "language", "created_at", "score_raw", "score_min", "score_max", "metric"]
    comments = counted(tables["comments"])[columns].rename(columns={"text": "comment"})
    # Held once, however many segments a comment has.
    whole = pd.Categorical(comments["comment"], categories=comments["comment"].unique())
    joined = tables["segments"][SHOWN].merge(comments.assign(comment=whole), on="comment_id")
    return joined.assign(target=joined["touchpoint"].fillna(joined["stage"]))


def evidence(
    spoken: pd.DataFrame, friction: pd.DataFrame, journey: Journey, limit: int, timezone: str, language: str
) -> tuple[Evidence, ...]:
    """Quotes for each touchpoint that customers speak of, or spoke of: the ranked ones first, then in journey order."""
    shown = (friction["n"] > 0) | (friction["direction"] != "untested")
    order = friction[shown].sort_values("rank", na_position="last", kind="stable")
    text = words(language)["evidence"]
    negative = spoken[spoken["sentiment"] == "negative"]
    of_target = dict(iter(negative.groupby("target")))
    return tuple(
        Evidence(
            id=r["touchpoint"],
            name=name(journey, r["touchpoint"], language),
            stage="" if r["stage"] == r["touchpoint"] else name(journey, r["stage"], language),
            summary=text["summary"].format(**{c: number(r[c], language) for c in ("n", "n_negative", "n_positive")}),
            quotes=tuple(
                _quote(q, timezone, language) for q in choose(of_target.get(r["touchpoint"], negative.head(0)), limit)
            ),
        )
        for r in order.to_dict("records")
    )


def choose(negative: pd.DataFrame, limit: int) -> list[dict[Any, Any]]:
    """Up to `limit` segments near the median, one a customer, over sources and languages, no text twice.

    The half whose tags are surer comes first, as a quote is to show what its figure means; segments of fewer than
    four words come last: they are representative but say little.
    """
    worst = negative.sort_values(["sentiment_score", "segment_id"]).drop_duplicates(UNIT)
    distance = (worst["sentiment_score"] - worst["sentiment_score"].median()).abs()
    short = worst["text"].str.count(r"\S+") < FEW_WORDS
    sure = worst["p_negative"] * worst["touchpoint_confidence"].fillna(worst["stage_confidence"])
    folded = worst["text"].str.casefold().str.split().str.join(" ")
    pool = worst.assign(distance=distance, short=short, unsure=sure < sure.median(), folded=folded)
    pool = pool.sort_values(["short", "unsure", "distance", "segment_id"]).drop_duplicates("folded")
    # The nearest forty are enough to choose from, and keep a large touchpoint as quick as a small one.
    left = pool.head(40).to_dict("records")
    chosen: list[dict[Any, Any]] = []
    used: Counter[str] = Counter()
    while left and len(chosen) < limit:
        best = min(
            left, key=lambda q: (q["short"], q["unsure"], *(used[f"{k} {q[k]}"] for k in ("language", "source")))
        )
        left.remove(best)
        used.update((f"language {best['language']}", f"source {best['source']}"))
        chosen.append(best)
    return chosen


def _quote(q: dict[Any, Any], timezone: str, language: str) -> Quote:
    comment, start, end = q["comment"], q["start"], q["end"]
    start, end = (0, len(comment)) if pd.isna(start) or pd.isna(end) else (int(start), int(end))
    return Quote(
        before=clamp(clean(comment[:start]), CONTEXT, keep="end"),
        marked=clamp(clean(comment[start:end]), MARKED),
        after=clamp(clean(comment[end:]), CONTEXT),
        language="" if pd.isna(q["language"]) else str(q["language"]),
        language_name=words(language)["evidence"]["unknown"] if pd.isna(q["language"]) else str(q["language"]).upper(),
        source=spaced(q["source"]),
        score=_score(q, language),
        date="" if pd.isna(q["created_at"]) else day(q["created_at"].tz_convert(timezone).date(), language),
        comment_id=clean(q["comment_id"]),
    )


def _score(q: dict[Any, Any], language: str) -> str:
    if pd.isna(q["score_raw"]) or pd.isna(q["score_max"]):
        return ""
    text = words(language)["scores"]
    if q["metric"] == "csat" and (q["score_min"], q["score_max"]) == (0, 1):
        return str(text["satisfied"]["yes" if q["score_raw"] >= 1 else "no"])
    raw, top = (number(q[c], language, digits=0 if float(q[c]).is_integer() else 1) for c in ("score_raw", "score_max"))
    given = text["given"].get(q["metric"], text["given"]["other"])
    return str(given.format(raw=raw, top=top))


def topics(table: pd.DataFrame, spoken: pd.DataFrame, journey: Journey, language: str) -> tuple[Topic, ...]:
    """The topics, largest first, each with the first of its examples that is counted."""
    texts = dict(zip(spoken["segment_id"], spoken["text"], strict=True))
    return tuple(_topic(t, texts, journey, language) for t in table.to_dict("records"))


def _topic(t: dict[Any, Any], texts: dict[str, str], journey: Journey, language: str) -> Topic:
    other = "fr" if language == "en" else "en"
    label = next((t[c] for c in (f"label_{language}", f"label_{other}", "topic_id") if pd.notna(t[c])), "")
    place = next((t[c] for c in ("touchpoint", "stage") if pd.notna(t[c])), None)
    example = next((texts[s] for s in json.loads(t["examples"]) if s in texts), "")
    return Topic(
        label=clamp(clean(label), 120),
        touchpoint=name(journey, place, language) if place else "",
        n=number(t["n"], language),
        negative=percent(t["n_negative"] / t["n"] if t["n"] else None, language),
        sentiment=number(t["sentiment"], language, digits=2, sign=True),
        example=clamp(clean(example), 200),
    )
