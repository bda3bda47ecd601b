"""Fit the weights of the mapping on the tuning segments of the sample journey, and ship them.

    python -m models.train_mapping

The weights are shared by all touchpoints: seven numbers and a constant, fitted by maximum likelihood
with a small ridge. The gold file is not read here; it measures.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from feedback import encode, journey, mapping, parse, split, workspace
from feedback.pipeline import SPACY
from models.export import WEIGHTS, write_manifest

TUNING = workspace.packaged() / "data" / "gold" / "concert-tuning.csv"
JOURNEY = workspace.packaged() / "data" / "journeys" / "concert.yaml"
RIDGE, FOLDS = 0.5, 5
# The tuning journey has no `from`; a hint that a comment came from a touchpoint's own survey weighs like a term.
ORIGIN = mapping.FEATURES.index("origin")


def features(file: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features of each labelled span, shape (rows, targets, FEATURES), and the index of its target (last: none)."""
    rows = pd.read_csv(file, dtype={"comment_id": "str"}).reset_index(drop=True)
    encoder = encode.load()
    targets = mapping.place(journey.load(JOURNEY), encoder, SPACY)
    texts = pd.Series([t[int(a) : int(b)] for t, a, b in zip(rows["text"], rows["start"], rows["end"], strict=True)])
    comments = pd.DataFrame(
        {"comment_id": [f"{i:06}" for i in rows.index], "text": texts, "language": rows["language"]}
    )
    segments = split.split(comments, parse.parse(comments, SPACY), [[]] * len(comments))
    whole = segments.groupby("comment_id")["lemmas"].agg(" ".join).reindex(comments["comment_id"])
    spans = pd.DataFrame(
        {"segment_id": comments["comment_id"] + ":0", "comment_id": comments["comment_id"], "start": 0,
         "end": texts.str.len(), "text": texts, "lemmas": whole.to_numpy()}
    )  # fmt: skip
    context = comments.assign(source="", question=None, channel=None, product=None)
    found = mapping.term_hits(spans, context["language"], targets)
    x = mapping.features_of(spans, encoder.encode(texts.tolist()).vectors, context, found, targets)
    index = {name: i for i, name in enumerate(targets.ids)}
    return x, rows["touchpoint"].map(lambda t: index.get(t, len(index))).to_numpy()


def loss(w: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """Mean negative log likelihood with a ridge."""
    scores = np.column_stack([x @ w[:-1], np.full(len(x), w[-1])])
    return float(-log_softmax(scores, axis=1)[np.arange(len(y)), y].mean() + RIDGE * (w**2).sum() / len(y) / 100)


def fit(x: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """The weights in the order of FEATURES, then the constant of "none of these"; none below zero but the last two."""
    bounds = [(0, None)] * 5 + [(None, None)] * (len(mapping.FEATURES) - 5 + 1)
    return np.asarray(minimize(loss, np.ones(len(mapping.FEATURES) + 1), args=(x, y), bounds=bounds).x)


def main() -> None:
    """Fit, print what cross-validation gives, and ship."""
    x, y = features(TUNING)
    folds = np.random.default_rng(0).permutation(len(y)) % FOLDS
    right, sure = [], []
    for fold in range(FOLDS):
        w = fit(x[folds != fold], y[folds != fold])
        scores = log_softmax(np.column_stack([x @ w[:-1], np.full(len(x), w[-1])]), axis=1)[folds == fold]
        right += (scores.argmax(axis=1) == y[folds == fold]).tolist()
        sure += np.exp(scores.max(axis=1)).tolist()
    right_, sure_ = np.array(right), np.array(sure)
    print(f"cross-validated accuracy {right_.mean():.3f} over {len(y)} segments")
    for t in (0.3, 0.4, 0.5, 0.6):
        print(f"  at {t}: {(sure_ >= t).mean():.3f} tagged, {right_[sure_ >= t].mean():.3f} right")
    w = fit(x, y)
    w[ORIGIN] = w[mapping.FEATURES.index("term")]
    weights = {name: round(float(value), 4) for name, value in zip(mapping.FEATURES, w, strict=False)}
    stored = {"weights": weights, "none": round(float(w[-1]), 4)}
    (WEIGHTS / "mapping.json").write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    write_manifest()
    print(stored)


if __name__ == "__main__":
    main()
