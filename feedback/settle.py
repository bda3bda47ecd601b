"""What a tagged week comes to: its friction beside the week before, stored whole, then its reports and exports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from feedback import corrections, friction, mapping, output, store, tables
from feedback import journey as journeys
from feedback import pipeline as pipelines
from feedback.tables import Tables

if TYPE_CHECKING:
    from feedback.run import Steps

OWN = ("seconds", "rows")


class Basis(NamedTuple):
    """What the conclusions of a week are drawn on, beside its tables."""

    root: Path
    pipeline: pipelines.Pipeline
    journey: journeys.Journey
    corrected: pd.DataFrame
    steps: Steps


def settle(
    week: str,
    batch: Tables,
    segments: pd.DataFrame,
    found: pd.DataFrame,
    info: Mapping[str, Any],
    basis: Basis,
    *,
    parts: Iterable[pd.DataFrame] | None = None,
) -> store.Run:
    """Reckon a week's friction beside the week before and store the week; returns the run, not yet reported.

    `found` are its topics. `info` is what run.json says of it: by which models and settings it was tagged, and perhaps
    by which steps. `parts` are all segments in full, one part after another, where `segments` lack some columns.
    """
    root, pipeline, journey, corrected, steps = basis
    submissions = mapping.personas(batch.submissions, journey)
    earlier = store.earlier(root, week, pipeline.pipeline)
    previous = earlier[-1] if earlier else None
    unlike = store.changed(previous, info, journey) if previous else None
    like = None if unlike else previous
    ranking = steps(
        "friction", friction.rank, segments, batch.comments, submissions, batch.scores, journey,
        thresholds=pipeline.thresholds, weights=pipeline.friction,
        previous=like.table("friction") if like else None, previous_week=like.week if like else None,
    )  # fmt: skip
    results = batch._replace(submissions=submissions)._asdict() | {"topics": found, "friction": ranking}
    kept = {name: tables.conform(table, tables.SCHEMAS[name]) for name, table in results.items()}
    compared = {
        "week": week,
        "previous": previous.week if previous else None,
        "not_compared": unlike,
        "corrections": corrections.of(corrected, batch.comments["comment_id"]),
    }
    told = {**info, **compared, **steps.record(), **_own(info)}
    with store.writing(root, week) as folder:
        steps("store", store.save, folder, kept, [segments] if parts is None else parts, journey, told)
    return store.find(root, week)


def publish(stored: store.Run, info: Mapping[str, Any], basis: Basis) -> store.Run:
    """Write a stored run's reports and exports; returns it with the seconds that all of it took."""
    report, steps = basis.pipeline.report, basis.steps
    steps("report", output.write, stored, basis.root, report.languages, basis.pipeline.exports, alone=True)
    done = store.amend(stored, {**steps.record(), **_own(info)})
    steps.clear()
    return done


def _own(info: Mapping[str, Any]) -> dict[str, Any]:
    """The steps of a run that is made anew from its tables: those by which it was tagged."""
    return {name: info[name] for name in OWN if name in info}
