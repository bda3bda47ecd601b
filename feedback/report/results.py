"""What a finished run hands to the report and to the exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from feedback import tables
from feedback.card import Card
from feedback.journey import Journey
from feedback.report.figures import clean, curly

NOT_FEEDBACK = "not feedback: "
READ_AGAIN = "read again"
CHANGES = (
    "previous", "previous_base", "previous_n_negative", "previous_complaint_share",
    "change", "change_low", "change_high", "unmatched_sources", "p_value", "q_value",
)  # fmt: skip


class Results(NamedTuple):
    """A finished run: its tables, what is known about it, and what came before it.

    `tables`: submissions, scores, comments, segments, rejects, topics and friction (feedback.tables).
    `info`: as in run.json. Used here, and left out of the page when absent: pipeline, week, run_id,
    previous (week compared with), not_compared (why it is not, of models, journey and thresholds), remapped (the day,
    ISO, on which it or an earlier run was last mapped again), timezone,
    models {name: version}, journey {file}, thresholds {min_count, false_discovery_rate, touchpoint, stage},
    weights {version, reach, severity, impact}, quotes (how many a touchpoint) and counts {read, other_weeks,
    read_again, told_before, redacted {type: n}, late [{week, n}]}. All other counts are taken from the tables.
    `metrics`: as `stats.metrics` gives it.
    `history`: (week, friction table) of earlier runs, oldest first.
    `card`: the newest accuracy card of the journey, which need not fit; None where it was never measured.
    """

    tables: Mapping[str, pd.DataFrame]
    info: Mapping[str, Any]
    journey: Journey
    metrics: pd.DataFrame
    history: Sequence[tuple[str, pd.DataFrame]] = ()
    card: Card | None = None


def min_count(results: Results) -> int:
    """The number of customers below which a touchpoint is not ranked and its curve has a gap."""
    return int(results.info.get("thresholds", {}).get("min_count", 10))


def counted(comments: pd.DataFrame) -> pd.DataFrame:
    """The comments that figures are made of: no duplicates, no reposts."""
    return comments[comments["duplicate_of"].isna() & ~comments["is_repost"]]


def name(journey: Journey, identifier: str, language: str) -> str:
    """The name of a stage or touchpoint, fit for HTML, SVG and spreadsheets."""
    return curly(clean(journey.name_of(identifier, language)), language)


def alone(results: Results) -> Results:
    """The results without anything of earlier weeks, for a run that is not compared with them."""
    friction = results.tables["friction"].drop(columns=list(CHANGES)).assign(direction="untested")
    return results._replace(
        tables={**results.tables, "friction": tables.conform(friction, tables.FRICTION)}, history=()
    )
