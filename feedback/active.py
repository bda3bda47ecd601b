"""Which segments to label next, so that few labels teach much: a batch of active learning (Settles 2009).

One after the other, each time the segment with the greatest product of three: how uncertain its touchpoint is (its
entropy), how unlike it is to those that are labelled or chosen already (the squared distance of k-means++, Arthur
and Vassilvitskii 2007, weighted by uncertainty as in BADGE, Ash et al. 2020, but taken at its greatest, not drawn,
so that the same segments give the same batch), and how few labels its likeliest touchpoint has.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from feedback.encode import Vectors, unit

Floats = NDArray[np.float64]
NEAR = 0.2  # squared distance of near-duplicates: a cosine of 0.9 between centred vectors


def uncertainty(p: Floats) -> Floats:
    """The entropy of each row of probabilities as a share of the greatest that there is, 0–1."""
    from scipy.stats import entropy

    return np.asarray(entropy(p, axis=1) / np.log(p.shape[1]))


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
    if not len(vectors):
        return []
    centre = vectors.mean(axis=0)
    x, seen = unit(vectors - centre), unit(known - centre)
    doubt, likeliest, have = uncertainty(p), p.argmax(axis=1), labelled.astype(np.float64)
    far = 2 - 2 * (x @ seen.T).max(axis=1) if len(seen) else np.full(len(x), 2.0)
    free = np.ones(len(x), dtype=bool)
    found: list[int] = []
    while len(found) < n and (free := free & (far > NEAR)).any():
        best = int(np.where(free, doubt * far / np.sqrt(1 + have[likeliest]), -1.0).argmax())
        found.append(best)
        have[likeliest[best]] += 1
        free &= groups != groups[best]
        far = np.minimum(far, 2 - 2 * x @ x[best])
    return found
