"""Sentiment of texts: what the shipped encoder reads from them, or any transformers classifier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache as once
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback import cache, encode, workspace
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

    def probabilities(self, texts: Sequence[str], encoded: encode.Encoded) -> Probabilities:
        """p_negative, p_neutral, p_positive of each text; shape (len(texts), 3), rows sum to 1."""
        ...


def load(name: str = "shipped", root: Path | None = None, *, encoder: encode.Encoder | None = None) -> SentimentModel:
    """The model of that name: `shipped`, or a transformers sequence classifier's name, or folder relative to `root`.

    `encoder` is the one whose rows it will be given, by default the shipped one: only its rows tell the sentiment.
    Raises ModelError when it cannot be loaded or its labels are not negative, neutral and positive.
    """
    if name != "shipped":
        return _classifier(name, workspace.place_of(name, root))
    shipped = encode.load()
    if encoder is None or encoder.version == shipped.version:
        return _Shipped(shipped.version, None)
    return _Shipped(shipped.version, cache.kept(shipped, root) if root else shipped)


@stage(needs=("text",), adds=COLUMNS)
def score(table: pd.DataFrame, encoded: encode.Encoded, model: SentimentModel) -> pd.DataFrame:
    """Add sentiment, sentiment_score (p_positive − p_negative, −1…1) and the three probabilities.

    Rows with empty text get nulls. `encoded` holds the pass over row i's text at i.
    """
    filled = (table["text"].str.len() > 0).to_numpy(dtype=bool)
    p = np.full((len(table), 3), np.nan)
    if filled.any():
        p[filled] = model.probabilities(table["text"][filled].tolist(), encoded.at(filled))
    label = pd.Series(np.array(SENTIMENTS, dtype=object)[np.where(filled, np.nan_to_num(p).argmax(axis=1), 0)])
    return table.assign(
        sentiment=label.where(filled).astype("str").to_numpy(),
        sentiment_score=p[:, 2] - p[:, 0],
        p_negative=p[:, 0],
        p_neutral=p[:, 1],
        p_positive=p[:, 2],
    )


def read(logits: encode.Vectors) -> Probabilities:
    """The probabilities of SENTIMENTS, (texts, 3), from the logits of each of several meanings, (texts, 3 × meanings).

    Whose meaning holds is not asked: a sentiment's probability is its sum over the meanings.

    >>> read(np.log([[0.1, 0.2, 0.3, 0.1, 0.1, 0.2]])).round(3).tolist()
    [[0.2, 0.3, 0.5]]
    """
    from scipy.special import softmax

    p = softmax(logits.astype(np.float64), axis=1)
    return np.asarray(p.reshape(len(p), -1, len(SENTIMENTS)).sum(axis=1))


class _Shipped(NamedTuple):
    """What the shipped encoder reads; `apart` encodes the texts with it where the line has another encoder."""

    version: str
    apart: encode.Encoder | None

    def probabilities(self, texts: Sequence[str], encoded: encode.Encoded) -> Probabilities:
        return read((self.apart.encode(texts) if self.apart else encoded).logits)


class _Classifier:
    """A transformers sequence classifier of the user's choice."""

    def __init__(self, version: str, tokenizer: Any, model: Any, columns: list[int]) -> None:
        self.version, self.tokenizer, self.model, self.columns = version, tokenizer, model, columns

    def probabilities(self, texts: Sequence[str], encoded: encode.Encoded) -> Probabilities:
        """From the texts, one at a time; what the encoder made of them is not used."""
        del encoded
        found, place = encode.distinct(texts)
        p = np.array([self._of_text(text) for text in found], dtype=np.float64).reshape(-1, 3)
        return np.asarray(p / p.sum(axis=1, keepdims=True))[place]

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


@once
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
