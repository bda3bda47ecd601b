"""Invented labelled spans with the tags that met them, for the accuracy card."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from golden import factory

from feedback import accuracy, journey
from feedback.abstention import Cutoffs
from feedback.card import Card, GoldUsed, journey_used

JOURNEY = factory.JOURNEY
THRESHOLDS = Cutoffs(touchpoint=0.5, stage=0.6)
MODELS = {
    "encoder": "invented-1", "sentiment": "shipped-0123456789ab", "mapping": "shipped-ab0123456789",
    "spacy": {"en": "en_core_web_sm 3.8.0", "fr": "fr_core_news_sm 3.8.0"},
}  # fmt: skip


def spans(n: int = 400, seed: int = 5) -> pd.DataFrame:
    """Spans of which some four in five are right where the tagger is sure, and fewer where it is not."""
    rng = np.random.default_rng(seed)
    stage_of = {point.id: stage.id for stage, point in JOURNEY.targets()}
    points = np.array(list(stage_of))
    said = rng.choice([*points, "general", "unassigned"], n, p=[*np.full(len(points), 0.86 / len(points)), 0.1, 0.04])
    probability = rng.beta(3, 1.6, n)
    right = (rng.random(n) < probability) & np.isin(said, points)
    likeliest = np.where(right, said, rng.choice(points, n))
    given = np.where(probability >= THRESHOLDS.touchpoint, likeliest, "unassigned").astype(object)
    given[(said == "general") & (given == "unassigned")] = "general"
    assignment = pd.Series(given).where(pd.Series(given).isin(["general", "unassigned"]), "touchpoint")
    assignment[(assignment == "unassigned") & (probability > 0.42)] = "stage"
    felt = rng.choice(["negative", "neutral", "positive"], n, p=[0.5, 0.1, 0.4])
    p = rng.dirichlet([1, 1, 1], n) * 0.3
    p[np.arange(n), pd.Series(felt).map({"negative": 0, "neutral": 1, "positive": 2})] += 0.7 * (rng.random(n) < 0.8)
    p /= p.sum(axis=1, keepdims=True)
    named = pd.Series(given).map(stage_of)
    return pd.DataFrame(
        {
            "comment": [f"{i // 2:04d}" for i in range(n)],
            "language": np.where(np.arange(n) % 4 < 2, "en", "fr"),
            "touchpoint": said,
            "stage": pd.Series(said).map(stage_of),
            "sentiment": felt,
            "touchpoint_2": pd.Series([None] * n, dtype="str"),
            "sentiment_2": pd.Series([None] * n, dtype="str"),
            "given": given,
            "assignment": assignment,
            "stage_given": named.mask(assignment == "stage", pd.Series(likeliest).map(stage_of)),
            "sentiment_given": np.array(["negative", "neutral", "positive"])[p.argmax(axis=1)],
            "p_negative": p[:, 0],
            "p_neutral": p[:, 1],
            "p_positive": p[:, 2],
            "likeliest": likeliest,
            "probability": probability,
        }
    )


def card_of(table: pd.DataFrame, **other: object) -> Card:
    """The card of some spans."""
    languages = {str(code): int(n) for code, n in table["language"].value_counts().sort_index().items()}
    used = GoldUsed(
        file="gold.csv", sha256="0" * 64, spans=len(table), comments=table["comment"].nunique(),
        languages=languages, annotators=["ann"],
    )  # fmt: skip
    fields = accuracy.figures(table, JOURNEY, THRESHOLDS) | {
        "measured": date(2026, 11, 20),
        "gold": used,
        "journey": journey_used(journey.Journey.model_validate(JOURNEY.model_dump(by_alias=True))),
        "models": MODELS,
        "thresholds": {"touchpoint": THRESHOLDS.touchpoint, "stage": THRESHOLDS.stage},
    }
    return Card(**fields | other)
