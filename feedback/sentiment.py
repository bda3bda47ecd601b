"""Sentiment of texts: the shipped head over the encoder's vectors, or any transformers classifier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback import encode
from feedback.errors import ModelError
from feedback.tables import SENTIMENTS, stage

Probabilities = NDArray[np.float64]
COLUMNS = ("sentiment", "sentiment_score", "p_negative", "p_neutral", "p_positive")


class SentimentModel(Protocol):
    """Anything that gives three probabilities a text."""

    @property
    def version(self) -> str:
        """Name and digest, or the name that the pipeline gives."""
        ...

    def probabilities(self, texts: Sequence[str], vectors: encode.Vectors) -> Probabilities:
        """p_negative, p_neutral, p_positive of each text; shape (len(texts), 3), rows sum to 1."""
        ...


def load(name: str = "shipped") -> SentimentModel:
    """The model of that name: `shipped`, or a transformers sequence classifier's name or folder.

    Raises ModelError when it cannot be loaded or its labels are not negative, neutral and positive.
    """
    return _shipped() if name == "shipped" else _classifier(name)


@stage(needs=("text",), adds=COLUMNS)
def score(table: pd.DataFrame, vectors: encode.Vectors, model: SentimentModel) -> pd.DataFrame:
    """Add sentiment, sentiment_score (p_positive − p_negative, −1…1) and the three probabilities.

    Rows with empty text get nulls. `vectors` holds row i's vector at i.
    """
    filled = (table["text"].str.len() > 0).to_numpy(dtype=bool)
    p = np.full((len(table), 3), np.nan)
    if filled.any():
        p[filled] = model.probabilities(table["text"][filled].tolist(), vectors[filled])
    label = pd.Series(np.array(SENTIMENTS, dtype=object)[np.where(filled, np.nan_to_num(p).argmax(axis=1), 0)])
    return table.assign(
        sentiment=label.where(filled).astype("str").to_numpy(),
        sentiment_score=p[:, 2] - p[:, 0],
        p_negative=p[:, 0],
        p_neutral=p[:, 1],
        p_positive=p[:, 2],
    )


class _Head(NamedTuple):
    """One hidden layer over centred vectors; the output is already divided by the temperature."""

    version: str
    weights: dict[str, NDArray[np.float64]]

    def probabilities(self, texts: Sequence[str], vectors: encode.Vectors) -> Probabilities:
        from scipy.special import ndtr, softmax

        del texts
        w = self.weights
        hidden = (vectors - w["centre"]) @ w["hidden.weight"].T + w["hidden.bias"]
        active = hidden * ndtr(hidden)
        return np.asarray(softmax(active @ w["output.weight"].T + w["output.bias"], axis=1))


@cache
def _shipped() -> SentimentModel:
    from safetensors.numpy import load_file

    path = encode.verified("sentiment.safetensors")
    digest = sha256(path.read_bytes()).hexdigest()[:12]
    return _Head(f"shipped-{digest}", {k: v.astype(np.float64) for k, v in load_file(path).items()})


class _Classifier:
    """A transformers sequence classifier of the user's choice."""

    def __init__(self, version: str, run: Any, order: dict[str, str]) -> None:
        self.version, self.run, self.order = version, run, order

    def probabilities(self, texts: Sequence[str], vectors: encode.Vectors) -> Probabilities:
        """From the texts; the vectors are not used."""
        del vectors

        def of_distinct(distinct: list[str]) -> encode.Vectors:
            rows = self.run(distinct, top_k=None, truncation=True, batch_size=1)
            found = [{r["label"].lower(): r["score"] for r in row} for row in rows]
            return np.array([[row[self.order[s]] for s in SENTIMENTS] for row in found], dtype=np.float32)

        p = encode.unique(texts, of_distinct).astype(np.float64)
        return np.asarray(p / p.sum(axis=1, keepdims=True))


@cache
def _classifier(name: str) -> SentimentModel:
    from transformers import pipeline

    try:
        run = pipeline("text-classification", model=name)
    except (OSError, ValueError) as error:
        raise ModelError(
            "the sentiment model cannot be loaded",
            got=name,
            allowed="'shipped', or the name or folder of a transformers sequence classifier",
            remedy=str(error).splitlines()[0],
        ) from None
    labels = [str(label).lower() for label in (run.model.config.id2label or {}).values()]
    order = {s: label for s in SENTIMENTS for label in labels if label.startswith(s[:3])}
    if len(order) != 3 or len(labels) != 3:
        raise ModelError("the sentiment model has other labels", got=", ".join(labels), allowed=SENTIMENTS)
    return _Classifier(name, run, order)
