"""What the encoder cannot keep apart in a journey file: touchpoints that mean the same, texts that lie elsewhere.

Cosines are compared with those within a touchpoint, never with a fixed figure, so that the limits hold for another
encoder too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from feedback import mapping
from feedback.encode import Encoder, unit
from feedback.journey import Journey, is_matched
from feedback.yamlfile import Keys

Floats = NDArray[np.float64]
# Chosen on the held-out journeys: at or above, the remarks of most pairs are taken for one another.
ALIKE, USUAL = 0.8, 4
# Chosen on the held-out journeys: most examples moved to another touchpoint lie further beyond, few in their place do.
ASTRAY = 0.7


class Texts(NamedTuple):
    """Every name, description and example that segments are compared with, and the encoder's vectors of them.

    `owner` is the place of each one's touchpoint in `ids`, whose last is general praise or blame. `saying` is the same
    for those that say one thing in several languages: the names, the descriptions, the examples of one number.
    """

    ids: list[str]
    keys: list[Keys]
    texts: list[str]
    owner: NDArray[np.int64]
    saying: NDArray[np.int64]
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
    saying: list[tuple[object, ...]] = []
    for start, point in points:
        examples = [(code, i, text) for code, found in point.examples.items() for i, text in enumerate(found)]
        keys += [(*start, "name", code) for code in point.name]
        keys += [(*start, "description", code) for code in point.description or {}]
        keys += [(*start, "examples", code, i) for code, i, _ in examples]
        texts += [*mapping.wordings(point), *(text for *_, text in examples)]
        saying += [(point.id, "name")] * len(point.name) + [(point.id, "description")] * len(point.description or {})
        saying += [(point.id, "examples", i) for _, i, _ in examples]
    ids = [point.id for _, point in points]
    owner = np.array([ids.index(str(one[0])) for one in saying], np.int64)
    numbers = {one: i for i, one in enumerate(dict.fromkeys(saying))}
    vectors = encoder.encode(texts).vectors.astype(np.float64)
    return Texts(ids, keys, texts, owner, np.array([numbers[one] for one in saying], np.int64), vectors)


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
    """Texts that lie nearer to the centre of another touchpoint than to that of what else their own says.

    A text is not compared with its translations: one that stands in the wrong place does so in both languages.
    """
    vectors, member = _around_mean(found)
    sums = member @ vectors
    translations = np.equal.outer(found.saying, found.saying).astype(np.float64)
    own = (unit(sums[found.owner] - translations @ vectors) * vectors).sum(axis=1)
    closeness = vectors @ unit(sums).T
    closeness[np.arange(len(own)), found.owner] = -np.inf
    tested = (found.owner < len(found.ids) - 1) & (member.sum(axis=1)[found.owner] > translations.sum(axis=1))
    usual = own[tested].mean() if tested.any() else 0.0
    if usual <= 0:
        return []
    excess = (closeness.max(axis=1) - own) / usual
    far = [
        Astray(found.keys[i], found.texts[i], found.ids[found.owner[i]], found.ids[closeness[i].argmax()], excess[i])
        for i in np.flatnonzero(tested & (excess > ASTRAY))
    ]
    return sorted(far, key=lambda text: -text.excess)
