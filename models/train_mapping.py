"""Fit the weights of the mapping on journeys that the encoder has not seen, and ship them.

    python -m models.train_mapping

The weights are shared by all touchpoints of all journeys: seven numbers and a constant, fitted by maximum likelihood
with a small ridge. Each journey comes four times: with names alone, then with descriptions, examples and terms too, so
that the weights hold for a file that says little as for one that says much. Each journey is measured with the weights
fitted on the others. The gold file is not read here; it measures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from feedback import head, mapping, parse, split
from feedback.journey import Journey
from feedback.pipeline import SPACY
from models import data, figures, journeys
from models.export import WEIGHTS, write_manifest

RIDGE = 0.01
THRESHOLD = 0.5
FORMS = ("names", "descriptions", "examples", "terms")
# No remark comes from anywhere; a hint that it came from a touchpoint's own survey weighs like a term.
ORIGIN = head.FEATURES.index("origin")
NEVER = -1e9


class Rows(NamedTuple):
    """Remarks of one journey in one form: features (rows, targets, FEATURES), and the place of each one's target.

    The last target is general praise or blame; one beyond is none.
    """

    journey: str
    form: str
    features: NDArray[np.float64]
    target: NDArray[np.int64]


def in_form(journey: Journey, form: str) -> Journey:
    """The journey with what its file says up to that form, and no more."""
    gone = {"description": None, "examples": {}, "terms": {}}
    keep = FORMS.index(form)
    empty = dict(list(gone.items())[keep:])
    stages = [
        stage.model_copy(update={"touchpoints": [point.model_copy(update=empty) for point in stage.touchpoints]})
        for stage in journey.stages
    ]
    return journey.model_copy(update={"stages": stages})


def rows(name: str) -> list[Rows]:
    """The remarks of a journey in every form."""
    remarks, journey = journeys.remarks(name), journeys.load(name)
    comments = remarks[["text", "language"]].assign(comment_id=[f"{i:06}" for i in remarks.index])
    segments = split.split(comments, parse.parse(comments, SPACY), [[]] * len(comments))
    whole = segments.groupby("comment_id")["lemmas"].agg(" ".join).reindex(comments["comment_id"])
    spans = comments[["comment_id", "text"]].assign(segment_id=comments["comment_id"] + ":0", start=0)
    spans = spans.assign(end=spans["text"].str.len(), lemmas=whole.to_numpy())
    context = comments.assign(source="", question=None, channel=None, product=None)
    vectors = data.encoder().encode(remarks["text"].tolist()).vectors
    found = []
    for form in FORMS:
        targets = mapping.place(in_form(journey, form), data.encoder(), SPACY)
        hits = mapping.term_hits(spans, context["language"], targets)
        place = {identifier: i for i, identifier in enumerate(targets.ids)}
        target = remarks["touchpoint"].map(place).fillna(len(place)).to_numpy(dtype=np.int64)
        found.append(Rows(name, form, mapping.features_of(spans, vectors, context, hits, targets), target))
    return found


def loss(
    w: NDArray[np.float64], x: NDArray[np.float64], absent: NDArray[np.float64], y: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """Mean negative log likelihood with a ridge, and its gradient; `absent` is 0, or NEVER where there is no target."""
    scores = log_softmax(np.column_stack([x @ w[:-1] + absent, np.full(len(x), w[-1])]), axis=1)
    at = np.arange(len(y)), y
    excess = np.exp(scores)
    excess[at] -= 1
    slope = np.append(np.einsum("nt,ntk->k", excess[:, :-1], x), excess[:, -1].sum())
    value = -scores[at].mean() + RIDGE * (w**2).sum() / len(y)
    return float(value), slope / len(y) + 2 * RIDGE * w / len(y)


def fit(parts: Iterable[Rows]) -> NDArray[np.float64]:
    """The weights in the order of FEATURES, then the constant of none; none below zero but the last two."""
    parts = list(parts)
    wide = max(part.features.shape[1] for part in parts)
    x, absent, y = [], [], []
    for part in parts:
        n, targets, _ = part.features.shape
        x.append(np.pad(part.features, ((0, 0), (0, wide - targets), (0, 0))))
        absent.append(np.tile(np.where(np.arange(wide) < targets, 0.0, NEVER), (n, 1)))
        y.append(np.where(part.target == targets, wide, part.target))
    bounds = [(0, None)] * 5 + [(None, None)] * (len(head.FEATURES) - 5 + 1)
    arrays = tuple(map(np.concatenate, (x, absent, y)))
    found = minimize(loss, np.ones(len(head.FEATURES) + 1), args=arrays, jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x)


def measured(part: Rows, w: NDArray[np.float64]) -> dict[str, float]:
    """How the weights do on a journey: among remarks on a touchpoint and at the threshold."""
    scores = log_softmax(np.column_stack([part.features @ w[:-1], np.full(len(part.features), w[-1])]), axis=1)
    points = part.features.shape[1] - 1
    p = np.exp(scores[:, :points])
    likeliest, sure = p.argmax(axis=1), p.max(axis=1)
    right, given = likeliest == part.target, sure >= THRESHOLD
    return {
        "right where there is one": right[part.target < points].mean(),
        "assigned": given.mean(),
        "right of the assigned": right[given].mean() if given.any() else np.nan,
        "calibration error": figures.calibration_error(sure, right),
    }


def main() -> None:
    """Fit, print how each journey does with the weights of the others, and ship."""
    parts = [part for name in journeys.HELD_OUT for part in rows(name)]
    apart = {name: fit(part for part in parts if part.journey != name) for name in journeys.HELD_OUT}
    found = pd.DataFrame([{"form": p.form, "n": len(p.target), **measured(p, apart[p.journey])} for p in parts])
    print(f"{len(journeys.HELD_OUT)} journeys, each with the weights of the others; mean over journeys:")
    print(found.groupby("form", sort=False).mean().round(3).to_string())
    w = fit(parts)
    w[ORIGIN] = w[head.FEATURES.index("term")]
    weights = {name: round(float(value), 4) for name, value in zip(head.FEATURES, w, strict=False)}
    stored = {"weights": weights, "none": round(float(w[-1]), 4)}
    (WEIGHTS / "mapping.json").write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    write_manifest()
    print(stored)


if __name__ == "__main__":
    main()
