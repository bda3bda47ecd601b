"""What a run says of itself in run.json: what went in, which models and settings, how many, how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from feedback import mapping, parse, seal
from feedback.inbox import Seen
from feedback.journey import Journey
from feedback.pipeline import Pipeline
from feedback.store import Run
from feedback.tables import Tables

if TYPE_CHECKING:
    from feedback.run import Line


def news(seen: Seen, taken: Tables, earlier: Sequence[Run]) -> pd.DataFrame:
    """The rejects of files that gave this week something, or that no earlier run has read."""
    read = {digest for run in earlier for digest in run.info["inputs"].values()}
    old = {file for file, digest in seen.inputs.items() if digest in read} - set(taken.submissions["file"])
    return seen.rejects[~seen.rejects["file"].isin(old)].reset_index(drop=True)


def counts(seen: Seen, taken: Tables, redacted: Mapping[str, int], late: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the rows went: read = kept + other_weeks + rows in rejects, of which `read_again` were read again.

    `told_before` counts the rows in rejects of older files, which earlier runs have listed and `read` leaves out.
    """
    rows = taken.rejects[taken.rejects["row"].notna()]
    return {
        "read": len(seen.submissions) + len(rows),
        "other_weeks": len(seen.submissions) - len(taken.submissions),
        "read_again": int(rows["reason"].str.startswith("read again").sum()),
        "told_before": int(seen.rejects["row"].notna().sum()) - len(rows),
        "redacted": dict(sorted(redacted.items())),
        "late": late,
    }


def settings(pipeline: Pipeline, journey: Journey, line: Line, root: Path) -> dict[str, Any]:
    """What the figures of a run rest on, in run.json."""
    return {
        "pipeline": pipeline.pipeline,
        "timezone": pipeline.timezone,
        "journey": {
            "id": journey.journey,
            "version": journey.version,
            "file": pipeline.journey,
            "sha256": seal.digest(root / pipeline.journey),
        },
        "models": models(line, {code: pipeline.spacy[code] for code in pipeline.languages}),
        "thresholds": {**pipeline.thresholds.model_dump(), **line.thresholds._asdict()},
        "weights": pipeline.friction.model_dump(),
        "quotes": pipeline.report.quotes,
        "resolved": pipeline.model_dump(mode="json"),
    }


def models(line: Line, spacy: Mapping[Any, str]) -> dict[str, Any]:
    """The versions of the models behind tags, those of spaCy under the names that the pipeline has for them."""
    return {
        "encoder": line.encoder.version,
        "sentiment": line.sentiment.version,
        "mapping": mapping.version(line.targets),
        "spacy": {code: f"{name} {parse.version(line.spacy[code])}" for code, name in spacy.items()},
    }
