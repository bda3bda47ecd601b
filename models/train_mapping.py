"""Fit the weights of the mapping on journeys that the encoder has not seen, and ship them.

    python -m models.train_mapping

The weights are shared by all touchpoints of all journeys: seven numbers and a constant, fitted by maximum likelihood
with a small ridge. Each journey comes four times: with names alone, then with descriptions, examples and terms too, so
that the weights hold for a file that says little as for one that says much. What the segments before and after count
is fitted next, on whole comments. Each journey is measured with the weights fitted on the others; from what these say
of it come the thresholds for a stated risk, so that they hold for a journey that nothing was fitted on. The gold file
is not read here; it measures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from feedback import abstention, calibration, head, journey, mapping, neighbours, parse, split
from feedback.journey import Journey
from feedback.pipeline import SPACY
from models import data, journeys
from models.export import WEIGHTS, write_manifest

RIDGE = 0.01
THRESHOLD = 0.5
FORMS = ("names", "descriptions", "examples", "terms")
# No remark comes from anywhere; a hint that it came from a touchpoint's own survey weighs like a term.
ORIGIN = head.FEATURES.index("origin")
NEVER = -1e9
GOLD = Path(__file__).parents[1] / "data"


class Rows(NamedTuple):
    """Segments of one journey in one form: features (rows, targets, FEATURES), and the place of each one's target.

    The last target is general praise or blame; one beyond is none. `beside` are the rows before and after each one.
    """

    journey: str
    form: str
    features: NDArray[np.float64]
    target: NDArray[np.int64]
    beside: NDArray[np.int64]


def in_form(whole: Journey, form: str) -> Journey:
    """The journey with what its file says up to that form, and no more."""
    gone = {"description": None, "examples": {}, "terms": {}}
    keep = FORMS.index(form)
    empty = dict(list(gone.items())[keep:])
    stages = [
        stage.model_copy(update={"touchpoints": [point.model_copy(update=empty) for point in stage.touchpoints]})
        for stage in whole.stages
    ]
    return whole.model_copy(update={"stages": stages})


def remarks(name: str) -> list[Rows]:
    """The remarks of a journey in every form; each stands alone."""
    table = journeys.remarks(name)
    return rows(name, journeys.load(name), table.assign(comment_id=table.index.astype("str"), start=0), FORMS)


def comments() -> list[Rows]:
    """Whole comments of the held-out journeys in every form, and the tuning comments of the sample's journey."""
    gold = pd.read_csv(GOLD / "gold" / "concert-tuning.csv")
    parts = zip(gold["text"], gold["start"], gold["end"], strict=True)
    gold["text"] = [text[int(start) : int(end)] for text, start, end in parts]
    concert = journey.load(GOLD / "journeys" / "concert.yaml")
    found = [
        one for name in journeys.HELD_OUT for one in rows(name, journeys.load(name), journeys.comments(name), FORMS)
    ]
    return [*found, *rows(concert.journey, concert, gold, FORMS[-1:])]


def rows(name: str, whole: Journey, table: pd.DataFrame, forms: Sequence[str]) -> list[Rows]:
    """Labelled segments (comment_id, start, text, language, touchpoint) of a journey in some forms."""
    each = table[["text", "language"]].assign(comment_id=[f"{i:06}" for i in range(len(table))])
    segments = split.split(each, parse.parse(each, SPACY), [[]] * len(each))
    lemmas = segments.groupby("comment_id")["lemmas"].agg(" ".join).reindex(each["comment_id"])
    spans = each[["comment_id", "text"]].assign(segment_id=each["comment_id"] + ":0", start=0)
    spans = spans.assign(end=spans["text"].str.len(), lemmas=lemmas.to_numpy())
    context = each.assign(source="", question=None, channel=None, product=None)
    vectors = data.encoder().encode(table["text"].tolist()).vectors
    found = []
    for form in forms:
        targets = mapping.place(in_form(whole, form), data.encoder(), SPACY)
        hits = mapping.term_hits(spans, context["language"], targets)
        place = {identifier: i for i, identifier in enumerate(targets.ids)}
        target = table["touchpoint"].map(place).fillna(len(place)).to_numpy(dtype=np.int64)
        features = mapping.features_of(spans, vectors, context, hits, targets)
        found.append(Rows(name, form, features, target, neighbours.rows(table)))
    return found


def utilities(part: Rows, w: NDArray[np.float64], beside: NDArray[np.float64]) -> NDArray[np.float64]:
    """As the mapping reckons them: (rows, targets + 1)."""
    found = np.column_stack([part.features @ w[:-1], np.full(len(part.features), w[-1])])
    points = part.features.shape[1] - 1
    found[:, :points] += neighbours.lean(softmax(found, axis=1)[:, :points], part.beside, beside).sum(axis=0)
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


def fit_beside(parts: Iterable[Rows], w: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights of the segments before and after, given the others.

    The comments of the journeys were written to lean on one another, those of the sample hardly do: each half counts
    the same.
    """
    halves = [[], []]
    for part in parts:
        halves[part.journey in journeys.HELD_OUT].append(part)

    def loss(beside: NDArray[np.float64]) -> float:
        return -float(np.mean([np.mean([_likely(part, w, beside) for part in half]) for half in halves]))

    return np.asarray(minimize(loss, np.ones(2), bounds=[(0, None)] * 2, method="Nelder-Mead").x)


def _likely(part: Rows, w: NDArray[np.float64], beside: NDArray[np.float64]) -> float:
    scores = log_softmax(utilities(part, w, beside), axis=1)
    return float(scores[np.arange(len(scores)), part.target].mean())


def likeliest(
    part: Rows, w: NDArray[np.float64], beside: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The probability of each row's likeliest touchpoint, and whether it is right."""
    p = softmax(utilities(part, w, beside), axis=1)[:, : part.features.shape[1] - 1]
    return p.max(axis=1), p.argmax(axis=1) == part.target


def measured(part: Rows, w: NDArray[np.float64], beside: NDArray[np.float64]) -> dict[str, float]:
    """How the weights do on a journey: among remarks on a touchpoint and at the threshold."""
    points = part.features.shape[1] - 1
    sure, right = likeliest(part, w, beside)
    given = sure >= THRESHOLD
    return {
        "n": len(right),
        "right where there is one": right[part.target < points].mean(),
        "assigned": given.mean(),
        "right of the assigned": right[given].mean() if given.any() else np.nan,
        "calibration error": calibration.error(calibration.bins(sure, right)),
    }


def main() -> None:
    """Fit, print how each journey does with the weights of the others, and ship."""
    alone, whole = [part for name in journeys.HELD_OUT for part in remarks(name)], comments()
    found, judged = [], []
    for name in journeys.HELD_OUT:
        w = fit(part for part in alone if part.journey != name)
        beside = fit_beside((part for part in whole if part.journey != name), w)
        for kind, parts, weights in (
            ("remarks", alone, beside), ("comments, each segment alone", whole, 0 * beside), ("comments", whole, beside)
        ):  # fmt: skip
            found += [{"of": kind, "form": p.form, **measured(p, w, weights)} for p in parts if p.journey == name]
        judged += [likeliest(part, w, beside) for part in (*alone, *whole) if part.journey == name]
    print(f"{len(journeys.HELD_OUT)} journeys, each with the weights of the others; mean over journeys:")
    print(pd.DataFrame(found).groupby(["of", "form"], sort=False).mean().round(3).to_string())
    w = fit(alone)
    beside = fit_beside(whole, w)
    risks = abstention.table(*map(np.concatenate, zip(*judged, strict=True)))
    w[ORIGIN] = w[head.FEATURES.index("term")]
    stored = {
        "weights": {name: round(float(value), 4) for name, value in zip(head.FEATURES, w, strict=False)},
        "none": round(float(w[-1]), 4),
        "beside": {name: round(float(value), 4) for name, value in zip(neighbours.SIDES, beside, strict=True)},
        "risks": {f"{risk:.2f}": round(at, 4) for risk, at in risks.items()},
    }
    (WEIGHTS / "mapping.json").write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    write_manifest()
    print(stored)


if __name__ == "__main__":
    main()
