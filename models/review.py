"""Measure what 50 labels teach, by how the 50 were chosen: `feedback review` against chance and well-known rules.

    python -m models.review

The learner is a stand-in, the same for all rules: logistic regression on vectors that begins at the mapping's
log-probabilities (an offset) and is held to them by a ridge. A journey's remarks are cut into fifths; 50 are chosen
from four and macro-F1 (the touchpoints, and none of them) is measured on the other. Differences to random choice are
paired, with a 95 % t interval over journeys. NHS and Banking77, whose texts trained the encoder, have a pool and a test
set of their own, and an interval over draws of the pool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from scipy.stats import sem, t

from feedback import abstention, active, mapping, parse, split, tables
from feedback.encode import Vectors
from feedback.journey import Journey
from feedback.pipeline import SPACY, Thresholds
from feedback.review import RANDOM_SHARE
from models import data, figures, journeys

LABELS, FOLDS, REPEATS, RIDGE, LEAST = 50, 5, 2, 0.5, 1e-6
POOL, TEST, DRAWS = 2000, 1500, 5

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Rule = Callable[[Vectors, Floats, np.random.Generator], Places]


class Texts(NamedTuple):
    """Labelled texts: vectors, probabilities (rows, targets and none), which targets are right, whether for testing."""

    vectors: Vectors
    p: Floats
    right: NDArray[np.bool_]
    test: NDArray[np.bool_] | None = None


def at_random(x: Vectors, _p: Floats, random: np.random.Generator) -> Places:
    """Any."""
    return random.permutation(len(x))[:LABELS]


def margin(_x: Vectors, p: Floats, _random: np.random.Generator) -> Places:
    """Those whose two likeliest targets are nearest (Scheffer, Decomain and Wrobel 2001)."""
    return np.argsort(np.diff(np.partition(p, -2, axis=1)[:, -2:], axis=1)[:, 0], kind="stable")[:LABELS]


def entropy(_x: Vectors, p: Floats, _random: np.random.Generator) -> Places:
    """Those with the highest entropy (Settles 2009)."""
    return np.argsort(-active.uncertainty(p), kind="stable")[:LABELS]


def badge(x: Vectors, p: Floats, random: np.random.Generator) -> Places:
    """k-means++ over the gradients that the likeliest label would give (Ash et al. 2020)."""
    slope = p - np.eye(p.shape[1])[p.argmax(axis=1)]
    size = (slope**2).sum(axis=1)
    far, found = size.copy(), []
    for _ in range(LABELS):
        found.append(int(random.choice(len(x), p=far / far.sum())))
        other = found[-1]
        far = np.clip(np.minimum(far, size + size[other] - 2 * (slope @ slope[other]) * (x @ x[other])), 0, None)
        far[found] = 0
    return np.array(found)


def ours(x: Vectors, p: Floats, _random: np.random.Generator) -> Places:
    """What `feedback review` chooses when nothing is labelled yet."""
    nothing = np.zeros((0, x.shape[1]), dtype=np.float32)
    return np.array(active.chosen(x, p, np.arange(len(x)), LABELS, labelled=np.zeros(p.shape[1]), known=nothing))


def reviewed(x: Vectors, p: Floats, random: np.random.Generator) -> Places:
    """What is in its sheet: some of it drawn at random."""
    drawn = at_random(x, p, random)[: round(LABELS * RANDOM_SHARE)]
    others = np.setdiff1d(np.arange(len(x)), drawn)
    return np.concatenate([drawn, others[ours(x[others], p[others], random)[: LABELS - len(drawn)]]])


RULES: tuple[Rule, ...] = (at_random, margin, entropy, badge, ours, reviewed)


def mapped(table: pd.DataFrame, journey: Journey) -> tuple[Vectors, Floats]:
    """Vectors and probabilities of texts (text, language), each as one segment."""
    ids = [f"{i:06}" for i in range(len(table))]
    comments = table[["text", "language"]].assign(comment_id=ids)
    segments = split.split(comments, parse.parse(comments, SPACY), [[]] * len(comments))
    lemmas = segments.groupby("comment_id")["lemmas"].agg(" ".join).reindex(ids)
    spans = comments.assign(segment_id=comments["comment_id"] + ":0", start=0, end=comments["text"].str.len())
    batch = tables.of_texts(comments["text"].set_axis(ids), "remarks", comments["language"])
    vectors = data.encoder().encode(table["text"].tolist()).vectors
    targets = mapping.place(journey, data.encoder(), SPACY)
    spans = spans.assign(lemmas=lemmas.to_numpy())
    p = mapping.map_to_journey(spans, vectors, batch, targets, abstention.cutoffs(Thresholds(), None))[1]
    return vectors, np.column_stack([p, np.clip(1 - p.sum(axis=1), LEAST, 1)])


def remarks(name: str) -> Texts:
    """The remarks of a journey; general ones concern no touchpoint."""
    table, journey = journeys.remarks(name), journeys.load(name)
    ids = [point.id for _, point in journey.targets()]
    target = table["touchpoint"].map({identifier: i for i, identifier in enumerate(ids)}).fillna(len(ids)).astype(int)
    return Texts(*mapped(table, journey), np.eye(len(ids) + 1, dtype=bool)[target])


def foreign(name: str, table: pd.DataFrame) -> Texts:
    """Texts (text, labels, test) under a journey that has nothing but the labels' names."""
    shuffled = table.drop_duplicates("text").sample(frac=1, random_state=data.SEED)
    parts = [shuffled[~shuffled["test"]].head(POOL), shuffled[shuffled["test"]].head(TEST)]
    both = pd.concat(parts, ignore_index=True).assign(language="en")
    names = sorted({label for labels in both["labels"] for label in labels})
    points = [{"id": f"t{i}", "name": words} for i, words in enumerate(names)]
    stages = [{"id": "all", "name": "All", "touchpoints": points}]
    journey = Journey.model_validate({"journey": name, "version": 1, "title": name, "stages": stages})
    right = np.array([[words in labels for words in names] + [False] for labels in both["labels"]])
    return Texts(*mapped(both, journey), right, both["test"].to_numpy(dtype=bool))


def banking() -> Texts:
    """Banking77."""
    raw = pd.read_csv(data.folder() / "banking77_en" / "banking77.csv")
    labels = raw["category"].str.replace("_", " ").map(lambda label: [label])
    return foreign("banking77", raw.assign(labels=labels, test=raw["split"] == "test"))


def hospital() -> Texts:
    """NHS comments; a label is right if it is among those given."""
    raw = pd.read_csv(data.folder() / "nhs_fft_themes_en" / "clean_themes.csv").dropna(subset=["text", "themes"])
    return foreign("nhs", raw.assign(labels=raw["themes"].str.split("|"), test=data.is_test(raw["text"])))


def learnt(x: Vectors, p: Floats, right: NDArray[np.bool_]) -> tuple[Vectors, Floats]:
    """The basis of the labelled vectors and the weights on it, which alone can differ from zero."""
    basis = np.linalg.qr(np.column_stack([x, np.ones(len(x))]).T)[0]
    own, offset = np.column_stack([x, np.ones(len(x))]) @ basis, np.log(np.clip(p, LEAST, 1))
    share = right / right.sum(axis=1, keepdims=True)

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(own.shape[1], -1)
        scores = log_softmax(offset + own @ w, axis=1)
        slope = own.T @ (np.exp(scores) - share) + 2 * RIDGE * w
        return float(RIDGE * (w**2).sum() - (share * scores).sum()), slope.ravel()

    found = minimize(loss, np.zeros(own.shape[1] * p.shape[1]), jac=True, method="L-BFGS-B")
    return basis, found.x.reshape(own.shape[1], -1)


def guessed(texts: Texts, pool: Places, test: Places, rule: Rule, seed: int) -> Places:
    """The target of each test row after learning from what a rule chose of the pool."""
    centred = texts.vectors - texts.vectors.mean(axis=0)
    x = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    rows = pool[rule(x[pool], texts.p[pool], np.random.default_rng(seed))]
    basis, w = learnt(x[rows], texts.p[rows], texts.right[rows])
    offset = np.log(np.clip(texts.p[test], LEAST, 1))
    return np.asarray((offset + np.column_stack([x[test], np.ones(len(test))]) @ basis @ w).argmax(axis=1))


def score(right: NDArray[np.bool_], guess: Places) -> float:
    """Macro-F1; where several are right, the guess if it is among them."""
    truth = np.where(right[np.arange(len(guess)), guess], guess, right.argmax(axis=1))
    return float(figures.macro_f1(figures.confusion(truth, guess, right.shape[1])))


def folds(texts: Texts) -> Iterator[list[tuple[Places, Places]]]:
    """Pools and tests, repeat by repeat."""
    for seed in range(REPEATS if texts.test is None else DRAWS):
        random = np.random.default_rng(seed)
        if texts.test is None:
            part = random.permutation(len(texts.p)) % FOLDS
            yield [(np.flatnonzero(part != fold), np.flatnonzero(part == fold)) for fold in range(FOLDS)]
        else:
            pool = np.flatnonzero(~texts.test)
            yield [(random.permutation(pool)[: len(pool) // 2], np.flatnonzero(texts.test))]


def measured(texts: Texts) -> NDArray[np.float64]:
    """Macro-F1 before any label and under each rule; shape (repeats, 1 + rules)."""
    found = []
    for seed, parts in enumerate(folds(texts)):
        right = texts.right[np.concatenate([test for _, test in parts])]
        before = np.concatenate([texts.p[test].argmax(axis=1) for _, test in parts])
        guesses = [np.concatenate([guessed(texts, *part, rule, seed) for part in parts]) for rule in RULES]
        found.append([score(right, guess) for guess in (before, *guesses)])
    return np.array(found)


def show(title: str, found: NDArray[np.float64]) -> None:
    """Print means, and differences to random choice with their interval; a row of `found` is a journey or a draw."""
    print(f"\n{title}, n = {len(found)}; without labels {found[:, 0].mean():.3f}")
    for place, rule in enumerate(RULES, start=1):
        more = found[:, place] - found[:, 1]
        half = t.ppf(0.975, len(found) - 1) * sem(more)
        print(f"{rule.__name__:<10} {found[:, place].mean():.3f}  {more.mean():+.3f} ± {half:.3f}", flush=True)


def main() -> None:
    """Measure all and print the tables."""
    found = {name: measured(remarks(name)).mean(axis=0) for name in journeys.names()}
    show("journeys that the encoder never saw", np.array([found[name] for name in journeys.HELD_OUT]))
    show("all journeys", np.array(list(found.values())))
    show("Banking77", measured(banking()))
    show("NHS", measured(hospital()))


if __name__ == "__main__":
    main()
