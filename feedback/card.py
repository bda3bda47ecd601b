"""The accuracy card: how often tags are right, in figures that a file can hold.

`feedback evaluate` writes it as card.json, and `feedback schema card` describes it. Shares, probabilities, F1 and
areas are 0–1, kappa and alpha −1 to 1; intervals are two-sided, 95 %; null where there is no base.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from feedback.journey import Journey

FOLDER = Path("reports") / "accuracy"
FILE = "card.json"
Number = Annotated[
    float | None, BeforeValidator(lambda v: None if isinstance(v, float) and math.isnan(v) else v, float | None)
]
Said = Literal["touchpoint", "general", "unassigned"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Part):
    """A figure with its base and its interval."""

    n: int
    value: Number
    low: Number
    high: Number


class Label(_Part):
    """A touchpoint, a stage, a sentiment, or `general`."""

    id: str
    n: int = Field(description="spans that people gave it")
    given: int = Field(description="spans that the tagger gave it")
    precision: Figure = Field(description="of those given, the share that people gave too; Wilson")
    recall: Figure = Field(description="of those that people gave, the share given; Wilson")
    f1: Figure = Field(description="harmonic mean of both; n counts the spans of either; Wilson, by way of Jaccard")


class Group(_Part):
    """The main figures of all spans, or of a language's."""

    language: str = Field(description="`all`, or an ISO 639-1 code")
    spans: int
    right: Figure = Field(description="of the touchpoints given, the share that is right")
    coverage: Figure = Field(description="of the spans that people gave a touchpoint, the share that is given one")
    general: Figure = Field(description="of the spans of general praise or blame, the share found")
    sentiment: Figure = Field(description="share of sentiments that are right")
    macro_f1: Figure = Field(description="mean F1 over the touchpoints that people gave; n counts them")


class Difference(_Part):
    """How far a figure of one language lies above that of another."""

    figure: str = Field(description="a figure of a group")
    first: str
    second: str
    value: Number = Field(description="first less second")
    low: Number
    high: Number


class Confused(_Part):
    """Two touchpoints that are taken for one another."""

    first: str
    second: str
    taken: tuple[int, int] = Field(description="spans of the first given the second; of the second given the first")
    share: Figure = Field(description="of the spans of either that are given either, the share given the wrong one")
    q: Number = Field(description="p that the share is no more than the bound, adjusted over all pairs")
    merge: bool = Field(description="the share exceeds the bound beyond chance")


class Fate(_Part):
    """What became of the spans that people called a touchpoint, general, or unassigned."""

    said: Said
    n: int
    right: int = Field(description="given the touchpoint that people gave")
    wrong: int = Field(description="given a touchpoint that they did not give")
    stage: int = Field(description="given a stage only")
    general: int
    unassigned: int


class Point(_Part):
    """What one threshold comes to."""

    threshold: Number
    given: int = Field(description="touchpoints given")
    coverage: Number = Field(description="of the spans that people gave a touchpoint, the share that is given one")
    risk: Number = Field(description="of the touchpoints given, the share that is wrong")
    low: Number
    high: Number


class RiskCoverage(_Part):
    """How risk grows with coverage as the threshold falls."""

    area: Number = Field(description="area under the curve; lower is better")
    points: list[Point] = Field(description="from the highest threshold to the lowest; at most 200 of them")
    now: Point = Field(description="the threshold that was used")
    limit: float = Field(description="the risk that is aimed at")
    within: Point | None = Field(description="the lowest threshold whose risk is within the limit; null: none is")


class Bin(_Part):
    """Spans of like probability, and how often they were right."""

    n: int
    probability: float = Field(description="mean")
    right: float = Field(description="share")
    low: float
    high: float


class Reliability(_Part):
    """Whether probabilities are met."""

    of: str = Field(description="`touchpoint`: the likeliest one; else a sentiment")
    n: int
    error: Number = Field(description="expected calibration error, 15 bins of equal mass")
    chance: Number = Field(description="the error below which perfect probabilities stay in 95 % of samples of n")
    bins: list[Bin]


class Feelings(_Part):
    """The sentiments."""

    right: Figure
    macro_f1: Figure = Field(description="bootstrap over comments")
    labels: list[Label]
    confusion: dict[str, dict[str, int]] = Field(description="spans by what people said, then by what was given")


class Agreed(_Part):
    """How far two agree on the same spans."""

    share: Figure = Field(description="share of spans with the same label; Wilson")
    kappa: Figure = Field(description="Cohen's kappa")
    alpha: Number = Field(description="Krippendorff's alpha, nominal")


class Agreement(_Part):
    """Two people and, on the same spans, the tagger and the first of them."""

    on: Literal["touchpoint", "sentiment"]
    people: Agreed
    tagger: Agreed


class GoldUsed(_Part):
    """The labelled file."""

    file: str
    sha256: str
    spans: int
    comments: int = Field(description="different texts")
    languages: dict[str, int] = Field(description="spans by language, where it is known")
    annotators: list[str]


class JourneyUsed(_Part):
    """The journey that the tags are of."""

    id: str
    version: int
    stages_sha256: str = Field(description="of its stages and touchpoints as the tagger sees them")


class Card(_Part):
    """How often the tags are right, against people's labels."""

    model_config = ConfigDict(title="card")

    card: Literal[1] = Field(default=1, description="version of this form")
    measured: date
    gold: GoldUsed
    journey: JourneyUsed
    models: dict[str, str | dict[str, str]]
    thresholds: dict[str, float] = Field(description="touchpoint and stage")
    touchpoints: list[Label] = Field(description="in journey order, then `general`")
    stages: list[Label]
    groups: list[Group] = Field(description="all, then each language")
    differences: list[Difference]
    confused: list[Confused] = Field(description="pairs with two confusions or more, the surest first")
    bound: float = Field(description="share of confusions above which a pair is worth merging")
    fates: list[Fate]
    risk_coverage: RiskCoverage
    reliability: list[Reliability] = Field(description="of the touchpoint, then of the three sentiments")
    sentiment: Feelings
    agreement: list[Agreement] = Field(description="empty without a second annotator")


def journey_used(journey: Journey) -> JourneyUsed:
    """What tags rest on of a journey; its title and personas do not touch them."""
    stages = json.dumps([s.model_dump(mode="json", by_alias=True) for s in journey.stages], sort_keys=True)
    return JourneyUsed(
        id=journey.journey, version=journey.version, stages_sha256=hashlib.sha256(stages.encode()).hexdigest()
    )


def newest(root: Path, journey: Journey, info: Mapping[str, Any]) -> Card | None:
    """The newest card of a journey in a workspace, one that fits a run's `info` before those that do not.

    Of one day the card with most spans is taken. Files that hold no card are passed over.
    """
    found = [card for path in sorted((root / FOLDER).glob(f"*/{FILE}")) if (card := _read(path))]
    of_journey = [card for card in found if card.journey.id == journey.journey]
    return max(
        of_journey,
        key=lambda card: (not unlike(card, journey, info), card.measured, card.gold.spans, card.gold.file),
        default=None,
    )


def _read(path: Path) -> Card | None:
    try:
        return Card.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def unlike(card: Card, journey: Journey, info: Mapping[str, Any]) -> list[str]:
    """What a run's tags rest on that the card's do not: of "models", "journey" and "thresholds"."""
    models, thresholds = info.get("models", {}), info.get("thresholds", {})
    parsers: Any = card.models.get("spacy", {})
    differs = {
        "models": any(card.models.get(kind) != made for kind, made in models.items() if kind != "spacy")
        or any(parsers.get(code) != made for code, made in models.get("spacy", {}).items()),
        "journey": card.journey != journey_used(journey),
        "thresholds": any(thresholds.get(key, value) != value for key, value in card.thresholds.items()),
    }
    return [name for name, other in differs.items() if other]
