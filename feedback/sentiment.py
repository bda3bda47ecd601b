"""Sentiment of texts: the shipped head over the encoder's vectors, or any transformers classifier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback import encode, workspace
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


def load(name: str = "shipped", root: Path | None = None, *, encoder: str = "shipped") -> SentimentModel:
    """The model of that name: `shipped`, or a transformers sequence classifier's name, or folder relative to `root`.

    `encoder` names the encoder whose vectors it will be given; the shipped head reads only the shipped one's.
    Raises ModelError when it cannot be loaded or its labels are not negative, neutral and positive.
    """
    if name != "shipped":
        return _classifier(name, workspace.place_of(name, root))
    return _shipped() if encoder == "shipped" else _Apart(_shipped())


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
    """Logistic regression over centred vectors; its weights are already divided by the temperature."""

    version: str
    weights: dict[str, NDArray[np.float64]]

    def probabilities(self, texts: Sequence[str], vectors: encode.Vectors) -> Probabilities:
        from scipy.special import softmax

        del texts
        w = self.weights
        return np.asarray(softmax((vectors - w["centre"]) @ w["weight"].T + w["bias"], axis=1))


class _Apart(NamedTuple):
    """The shipped head beside another encoder: it has the texts encoded by its own."""

    head: SentimentModel

    @property
    def version(self) -> str:
        return self.head.version

    def probabilities(self, texts: Sequence[str], vectors: encode.Vectors) -> Probabilities:
        del vectors
        return self.head.probabilities(texts, encode.load().encode(texts))


@cache
def _shipped() -> SentimentModel:
    from safetensors.numpy import load

    file = encode.verified("sentiment.safetensors")
    return _Head(f"shipped-{file.digest}", {k: v.astype(np.float64) for k, v in load(file.data).items()})


class _Classifier:
    """A transformers sequence classifier of the user's choice."""

    def __init__(self, version: str, tokenizer: Any, model: Any, columns: list[int]) -> None:
        self.version, self.tokenizer, self.model, self.columns = version, tokenizer, model, columns

    def probabilities(self, texts: Sequence[str], vectors: encode.Vectors) -> Probabilities:
        """From the texts, one at a time; the vectors are not used."""
        del vectors

        def of_distinct(distinct: list[str]) -> encode.Vectors:
            return np.array([self._of_text(text) for text in distinct], dtype=np.float32).reshape(-1, 3)

        p = encode.unique(texts, of_distinct).astype(np.float64)
        return np.asarray(p / p.sum(axis=1, keepdims=True))

    def _of_text(self, text: str) -> NDArray[np.float64]:
        """The mean over the windows of the model's length, weighted by their tokens."""
        import torch

        windows = self.tokenizer(
            text, truncation=True, max_length=self._length(), padding=True,
            return_overflowing_tokens=True, return_tensors="pt",
        )  # fmt: skip
        inputs = {name: windows[name].to(self.model.device) for name in ("input_ids", "attention_mask")}
        with torch.inference_mode():
            p = self.model(**inputs).logits.double().softmax(dim=1).cpu().numpy()
        return np.average(p[:, self.columns], axis=0, weights=windows["attention_mask"].sum(1).numpy())

    def _length(self) -> int:
        """How many tokens the model takes; the last two positions of RoBERTa's kin are no tokens."""
        positions = getattr(self.model.config, "max_position_embeddings", None) or 512
        return int(min(self.tokenizer.model_max_length, max(positions - 2, 8)))


@cache
def _classifier(name: str, place: str) -> SentimentModel:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(place)
        model = AutoModelForSequenceClassification.from_pretrained(place)
    except (OSError, ValueError) as error:
        raise ModelError(
            "the sentiment model cannot be loaded",
            got=name,
            allowed="'shipped', or the name or folder of a transformers sequence classifier",
            remedy=str(error).splitlines()[0],
        ) from None
    labels = {str(label).lower(): int(place) for place, label in (model.config.id2label or {}).items()}
    columns = [place for s in SENTIMENTS for label, place in labels.items() if label.startswith(s[:3])]
    if len(columns) != 3 or len(labels) != 3:
        raise ModelError("the sentiment model has other labels", got=", ".join(labels), allowed=SENTIMENTS)
    return _Classifier(f"{name}-{encode.digest(model)}", tokenizer, model.train(False), columns)
