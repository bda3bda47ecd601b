"""What the encoder cannot keep apart in a journey file: touchpoints that mean the same, texts that lie elsewhere.

Cosines are compared with those within a touchpoint, never with a fixed figure, so that the limits hold for another
encoder too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from feedback import mapping
from feedback.encode import Encoder
from feedback.journey import Journey, is_matched
from feedback.yamlfile import Keys

Floats = NDArray[np.float64]
# Of pairs of touchpoints of different trades at or above, 9 in 10 lost 15 % of their remarks or more to each other.
ALIKE, USUAL = 0.8, 4
# Of remarks filed where they do not belong 6 in 10 lie further beyond; of those filed rightly 1 in 20.
ASTRAY = 0.5


class Texts(NamedTuple):
    """Every name, description and example that segments are compared with, and the encoder's vectors of them.

    `owner` is the place of each one's touchpoint in `ids`, whose last is general praise or blame.
    """

    ids: list[str]
    keys: list[Keys]
    texts: list[str]
    owner: NDArray[np.int64]
    vectors: Floats


class Pair(NamedTuple):
    """Two touchpoints, and how much their texts are like each other's, 1 being as much as like their own."""

    one: str
    other: str
    likeness: float


class Astray(NamedTuple):
    """A text nearer to another touchpoint than to the rest of its own, by so many times the usual closeness."""

    keys: Keys
    text: str
    owner: str
    nearer: str
    excess: float


def encoded(journey: Journey, encoder: Encoder) -> Texts:
    """The texts of a journey, and of general praise and blame, as the mapping compares them."""
    points = [(keys, place) for keys, place in journey.located() if is_matched(place)]
    points.append(((), mapping.general()))
    keys: list[Keys] = []
    texts: list[str] = []
    size = []
    for start, point in points:
        examples = [(code, i, text) for code, found in point.examples.items() for i, text in enumerate(found)]
        keys += [(*start, "name", code) for code in point.name]
        keys += [(*start, "description", code) for code in point.description or {}]
        keys += [(*start, "examples", code, i) for code, i, _ in examples]
        said = [*mapping.wordings(point), *(text for *_, text in examples)]
        texts += said
        size.append(len(said))
    vectors = encoder.encode(texts).vectors.astype(np.float64)
    owner = np.repeat(np.arange(len(points)), size)
    return Texts([point.id for _, point in points], keys, texts, owner, vectors)


def unit(vectors: Floats) -> Floats:
    """Rows of length 1; one of length 0 stays."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1))


def pairs(found: Texts) -> list[Pair]:
    """Touchpoints whose texts are at least ALIKE, the likest first: mean cosine across over mean cosine within.

    The cosine within a touchpoint is drawn toward the mean of all by USUAL further texts: a few texts tell little.
    """
    vectors, member = _around_mean(found)
    size = member.sum(axis=1)
    across = member @ (vectors @ vectors.T) @ member.T / np.outer(size, size)
    # Each text's cosine of 1 with itself is no likeness.
    pairs_within = np.diag(across) * size**2 - size
    several = size[:-1] > 1
    if not several.any():
        return []
    usual = float((pairs_within / np.maximum(size * (size - 1), 1))[:-1][several].mean())
    within = np.where(size > 1, pairs_within / np.maximum(size - 1, 1), size * usual)
    within = (within + USUAL * usual) / (size + USUAL)
    mean = (within[:, None] + within) / 2
    likeness = np.where(mean > 0, across / np.where(mean > 0, mean, 1), -np.inf)
    last = len(found.ids) - 1
    close = [(a, b) for a in range(last) for b in range(a + 1, last) if likeness[a, b] >= ALIKE]
    alike = [Pair(found.ids[a], found.ids[b], float(likeness[a, b])) for a, b in close]
    return sorted(alike, key=lambda pair: -pair.likeness)


def _around_mean(found: Texts) -> tuple[Floats, Floats]:
    """The vectors around their mean, of unit length, and whose each is, (ids, texts)."""
    member = np.equal.outer(np.arange(len(found.ids)), found.owner).astype(np.float64)
    return unit(found.vectors - found.vectors.mean(axis=0)), member


def astray(found: Texts) -> list[Astray]:
    """Texts that lie nearer to the centre of another touchpoint than to that of the other texts of their own."""
    vectors, member = _around_mean(found)
    rows = np.arange(len(found.owner))
    sums = member @ vectors
    closeness = vectors @ unit(sums).T
    others = sums[found.owner] - vectors
    own = (unit(others) * vectors).sum(axis=1)
    closeness[rows, found.owner] = -np.inf
    nearest = closeness.argmax(axis=1)
    tested = (found.owner < len(found.ids) - 1) & (member.sum(axis=1)[found.owner] > 1)
    usual = own[tested].mean() if tested.any() else 0.0
    if usual <= 0:
        return []
    excess = (closeness[rows, nearest] - own) / usual
    far = np.flatnonzero(tested & (excess > ASTRAY))
    found_astray = [
        Astray(found.keys[i], found.texts[i], found.ids[found.owner[i]], found.ids[nearest[i]], float(excess[i]))
        for i in far
    ]
    return sorted(found_astray, key=lambda text: -text.excess)
