"""Groups of segments that a journey does not cover, sought with what other journeys have.

What customers say of one touchpoint is too varied to lie together by itself, but lies near what a touchpoint of the
same kind says of itself in another journey. So each touchpoint of a catalogue is tried as if the journey had it: its
gain is how much nearer segments lie to it than to any touchpoint of the journey. The best is taken, then the best of
what is still uncovered (greedy facility location, Cornuejols, Fisher and Nemhauser 1977).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from feedback.encode import unit

Floats = NDArray[np.float32]
# How much nearer a segment must lie to count, in standard deviations of closeness.
MARGIN = 0.6
# Mean cosine within a group, below which no touchpoint taken out of a journey was ever found (models/suggest.py).
COHERENT = 0.2


class Map(NamedTuple):
    """Where touchpoints lie: vectors of texts (texts, dimensions) and whose each is, 0 up, none missing."""

    vectors: Floats
    owner: NDArray[np.int64]


class Group(NamedTuple):
    """Segments with their gains, the highest first, and the touchpoint of the catalogue that found them."""

    members: NDArray[np.int64]
    gains: Floats
    like: int


def centres(texts: Map) -> Floats:
    """The mean of each touchpoint's texts."""
    sums = np.zeros((int(texts.owner.max()) + 1, texts.vectors.shape[1]), np.float32)
    np.add.at(sums, texts.owner, texts.vectors)
    return np.asarray(sums / np.bincount(texts.owner)[:, None], dtype=np.float32)


def groups(
    vectors: Floats,
    doubt: Floats,
    kinds: NDArray[np.int64],
    journey: Map,
    catalogue: Map,
    *,
    smallest: int,
    most: int,
) -> list[Group]:
    """At most `most` groups of at least `smallest` segments, the best first.

    `vectors` (segments, dimensions) are the encoder's; `doubt` (0–1) how likely each does not belong where the
    mapping would put it; `kinds` says which are alike in what is no subject (language, sentiment), and is taken off
    before coherence is measured.
    """
    middle = centres(catalogue).mean(axis=0)
    tried = unit(centres(catalogue) - middle)
    points, apart = unit(vectors - middle), _around(vectors, kinds)
    near = _closeness(points, tried, tried)
    covered = _closeness(points, unit(centres(journey) - middle), tried).max(axis=1)
    margin = MARGIN * near.std()
    found: list[Group] = []
    free = np.ones(len(tried), bool)
    while len(found) < most:
        gain = np.clip(near - covered[:, None] - margin, 0, None) * doubt[:, None]
        score = np.where(free & ((gain > 0).sum(axis=0) >= smallest), _scores(gain, apart), 0)
        best = int(score.argmax())
        if score[best] <= 0:
            break
        order = np.argsort(-gain[:, best], kind="stable")[: int((gain[:, best] > 0).sum())]
        found.append(Group(order, gain[order, best], best))
        free[best] = False
        covered = np.maximum(covered, near[:, best])
    return found


def _around(vectors: Floats, kinds: NDArray[np.int64]) -> Floats:
    """Unit vectors around the mean of their kind."""
    return unit(vectors - centres(Map(vectors, kinds))[kinds])


def _closeness(points: Floats, places: Floats, tried: Floats) -> Floats:
    """The cosine to each place, less what is usual for it: some places lie near everything."""
    return np.asarray(points @ places.T - (places @ tried.T).mean(axis=1), np.float32)


def _scores(gain: Floats, apart: Floats) -> Floats:
    """Of each column the sum of gains, times the mean cosine between its segments, weighted by gain; 0 where low."""
    total, squares = gain.sum(axis=0), (gain**2).sum(axis=0)
    together = ((apart.T @ gain) ** 2).sum(axis=0)
    coherence = (together - squares) / np.maximum(total**2 - squares, 1e-9)
    return np.asarray(np.where(coherence >= COHERENT, total * coherence, 0), dtype=np.float32)
