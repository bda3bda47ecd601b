"""What a run says of itself in run.json: what went in, which models and settings, how many, how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback import mapping
from feedback.journey import Journey
from feedback.pipeline import Pipeline
from feedback.store import Run
from feedback.tables import Tables

if TYPE_CHECKING:
    from feedback.run import Line


def counts(raw: Tables, taken: Tables, redacted: Mapping[str, int], late: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the rows went: read = kept + other_weeks + rows in rejects."""
    return {
        "read": len(raw.submissions) + int(raw.rejects["row"].notna().sum()),
        "other_weeks": len(raw.submissions) - len(taken.submissions),
        "redacted": dict(sorted(redacted.items())),
        "late": late,
    }


def info(
    week: str,
    previous: Run | None,
    pipeline: Pipeline,
    journey: Journey,
    line: Line,
    files: Sequence[Path],
    root: Path,
    counted: Mapping[str, Any],
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """The content of run.json."""
    return {
        "week": week,
        "previous": previous.week if previous else None,
        "pipeline": pipeline.pipeline,
        "timezone": pipeline.timezone,
        "journey": {
            "id": journey.journey,
            "version": journey.version,
            "file": pipeline.journey,
            "sha256": _digest(root / pipeline.journey),
        },
        "models": {
            "encoder": line.encoder.version,
            "sentiment": line.sentiment.version,
            "mapping": mapping.version(),
            "spacy": {code: pipeline.spacy[code] for code in pipeline.languages},
        },
        "thresholds": pipeline.thresholds.model_dump(),
        "weights": pipeline.friction.model_dump(),
        "quotes": pipeline.report.quotes,
        "counts": dict(counted),
        "inputs": {str(path.relative_to(root)): _digest(path) for path in files},
        "corrections": [],
        "seconds": {name: round(s, 3) for name, s in seconds.items()},
        "resolved": pipeline.model_dump(mode="json"),
    }


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        digest = sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
