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

Floats = NDArray[np.float32]
# How much nearer (cosine) a segment must lie to count: closeness varies by as much between texts of one touchpoint.
MARGIN = 0.08
BY_NEAREST = 0.7  # weight of a touchpoint's nearest text beside that of its centre
COHERENT = 0.5  # power of the mean cosine within a group in its score
REFINED = 2


class Map(NamedTuple):
    """Where touchpoints lie: vectors of texts (texts, dimensions) and whose each is, 0 up, none missing."""

    vectors: Floats
    owner: NDArray[np.int64]


class Group(NamedTuple):
    """Segments, nearest first, with their gains (cosine); the touchpoint of the catalogue that found them."""

    members: NDArray[np.int64]
    gains: Floats
    like: int
    score: float


def unit(vectors: NDArray[np.floating]) -> Floats:
    """Rows of length 1; one of length 0 stays."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), dtype=np.float32)


def centres(texts: Map) -> Floats:
    """The mean of each touchpoint's texts."""
    sums = np.zeros((int(texts.owner.max()) + 1, texts.vectors.shape[1]), np.float32)
    np.add.at(sums, texts.owner, texts.vectors)
    return np.asarray(sums / np.bincount(texts.owner)[:, None], dtype=np.float32)


def groups(
    vectors: Floats, kinds: NDArray[np.int64], journey: Map, catalogue: Map, *, smallest: int, most: int
) -> list[Group]:
    """At most `most` disjoint-minded groups of at least `smallest` segments, the best first.

    `vectors` (segments, dimensions) are the encoder's; `kinds` says which segments are alike in what is no subject
    (language, sentiment), and is taken off before coherence is measured.
    """
    middle = centres(catalogue).mean(axis=0)
    points, apart = unit(vectors - middle), _around(vectors, kinds)
    tried = unit(centres(catalogue) - middle)
    usual = (tried @ tried.T).mean(axis=1) - 1 / len(tried)
    near = points @ tried.T - usual
    covered = _covered(points, journey, middle, tried)
    found: list[Group] = []
    free = np.ones(len(tried), bool)
    while len(found) < most:
        gain = np.clip(near - covered[:, None] - MARGIN, 0, None)
        score = np.where(free & ((gain > 0).sum(axis=0) >= smallest), _scores(gain, apart), 0)
        best = int(score.argmax())
        if score[best] <= 0:
            break
        free[best] = False
        gains, closeness = _refined(gain[:, best], tried[best], points, covered, tried)
        members = np.flatnonzero(gains > 0)
        if len(members) >= smallest:
            order = members[np.argsort(-gains[members], kind="stable")]
            found.append(Group(order, gains[order], best, float(score[best])))
            covered = np.maximum(covered, closeness)
    return found


def _around(vectors: Floats, kinds: NDArray[np.int64]) -> Floats:
    """Unit vectors around the mean of their kind."""
    sums = np.zeros((int(kinds.max(initial=0)) + 1, vectors.shape[1]))
    np.add.at(sums, kinds, vectors)
    return unit(vectors - (sums / np.maximum(np.bincount(kinds), 1)[:, None])[kinds])


def _covered(points: Floats, journey: Map, middle: Floats, tried: Floats) -> Floats:
    """How near each segment lies to the nearest touchpoint: its centre and its nearest text, less what is usual."""
    own = unit(centres(journey) - middle)
    by_centre = points @ own.T - (own @ tried.T).mean(axis=1)
    by_text = points @ unit(journey.vectors - middle).T
    nearest = np.column_stack([by_text[:, journey.owner == place].max(axis=1) for place in range(len(own))])
    nearest += (by_centre - nearest).mean(axis=0)
    blended = (1 - BY_NEAREST) * by_centre + BY_NEAREST * nearest
    # A touchpoint that the journey has must not gain on itself, so its centre counts undiminished.
    return np.asarray(np.maximum(by_centre, blended).max(axis=1), dtype=np.float32)


def _scores(gain: Floats, apart: Floats) -> Floats:
    """Of each column the sum of gains, times a power of the mean cosine between its segments, weighted by gain."""
    total, squares = gain.sum(axis=0), (gain**2).sum(axis=0)
    together = ((apart.T @ gain) ** 2).sum(axis=0)
    coherence = (together - squares) / np.maximum(total**2 - squares, 1e-9)
    return np.asarray(total * np.clip(coherence, 1e-3, 1) ** COHERENT, dtype=np.float32)


def _refined(gains: Floats, start: Floats, points: Floats, covered: Floats, tried: Floats) -> tuple[Floats, Floats]:
    """Gains and closeness to the middle between a touchpoint of the catalogue and the segments that it found.

    A segment is compared with the others only (leave-one-out), or each would hold its own in the group.
    """
    closeness = covered
    for _ in range(REFINED):
        share = gains / max(float(gains.sum()), 1e-9)
        mean = share @ points
        others = (mean - share[:, None] * points) / np.maximum(1 - share, 1e-9)[:, None]
        usual = (unit((start + mean)[None]) @ tried.T).mean()
        closeness = (unit(start + others) * points).sum(axis=1) - usual
        gains = np.clip(closeness - covered - MARGIN, 0, None)
        if not gains.any():
            break
    return gains, closeness
