"""Which segments to label next, so that few labels teach much: a batch of active learning (Settles 2009).

Touchpoints take turns, the one with fewest labels first, and each gives the segment about which the mapping hesitates
most (margin: Scheffer, Decomain and Wrobel 2001) and which is least like those that are labelled or chosen already: the
squared distance of k-means++ (Arthur and Vassilvitskii 2007), weighted by doubt as in BADGE (Ash et al. 2020), but
taken at its greatest instead of drawn, so that the same segments give the same batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from feedback.encode import Vectors

Floats = NDArray[np.float64]
NEAR = 0.2  # squared distance of near-duplicates: a cosine of 0.9 between centred vectors


def hesitation(p: Floats) -> Floats:
    """One minus the lead of the likeliest column over the next, 0–1; `p` of shape (rows, two columns or more)."""
    two = np.partition(p, -2, axis=1)[:, -2:]
    return np.asarray(1 - (two[:, 1] - two[:, 0]))


def drawn(names: Sequence[str], salt: str, n: int) -> NDArray[np.int64]:
    """The places of a simple random sample of n names: those whose SHA-256 with the salt is lowest."""
    ranks = [sha256(f"{salt}/{name}".encode()).digest() for name in names]
    return np.array(sorted(range(len(names)), key=ranks.__getitem__)[:n], dtype=np.int64)


def chosen(
    vectors: Vectors, p: Floats, groups: NDArray[np.int64], n: int, *, labelled: Floats, known: Vectors
) -> list[int]:
    """The places of up to n rows that would teach most, at most one of a group and no near-duplicates.

    `vectors` (rows, dimensions) and `p` (rows, targets and none of them) describe the rows, `groups` their comments;
    `labelled` (targets and none) counts the labels that there are, `known` (labels, dimensions) are their vectors.
    """
    centre = vectors.mean(axis=0) if len(vectors) else 0
    x, seen = _unit(vectors - centre), _unit(known - centre)
    doubt, likeliest, have = hesitation(p), p.argmax(axis=1), labelled.astype(np.float64)
    far = 2 - 2 * (x @ seen.T).max(axis=1) if len(seen) else np.full(len(x), 2.0)
    free = np.ones(len(x), dtype=bool)
    found: list[int] = []
    while len(found) < n and (free := free & (far > NEAR)).any():
        waiting = np.unique(likeliest[free])
        turn = waiting[have[waiting].argmin()]
        best = int(np.where(free & (likeliest == turn), doubt * far, -1.0).argmax())
        found.append(best)
        have[turn] += 1
        free &= groups != groups[best]
        far = np.minimum(far, 2 - 2 * x @ x[best])
    return found


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)
