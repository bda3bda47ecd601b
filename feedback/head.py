"""From what speaks for each target to its probability: the weights that all journeys share, and what people taught.

The shared weights are shipped (models/train_mapping.py). What corrections taught (feedback.learn) is added to what
they say: for each target of one journey a direction among the encoder's vectors and an offset.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from feedback import atomic, encode, neighbours
from feedback.errors import StoreError
from feedback.neighbours import SIDES

AGAIN = "delete it, or make it anew with `feedback learn PIPELINE`"
KINDS = ("name", "description", "example")
FEATURES = (*KINDS, "term", "origin", "general", "brief")
NONE = "unassigned"
Probabilities = NDArray[np.float64]


class Shipped(NamedTuple):
    """The shared weights in the order of FEATURES, the utility of "none of these", the weights of SIDES, the digest."""

    weights: NDArray[np.float64]
    none: float
    beside: NDArray[np.float64]
    digest: str


class Learned(NamedTuple):
    """What corrections taught: targets' ids (NONE is the last), and for each a direction and an offset.

    The utilities of the shared weights are multiplied by `scale`; the segment's vector along each of `directions`
    (targets, dimensions), and `offsets`, are added.
    """

    ids: list[str]
    scale: float
    directions: NDArray[np.float32]
    offsets: NDArray[np.float32]
    digest: str

    def on(self, ids: list[str]) -> Learned:
        """The same for the targets of a changed journey: one that was not there has learned nothing."""
        place = {identifier: i for i, identifier in enumerate(self.ids)}
        rows = np.array([place.get(identifier, -1) for identifier in ids])
        known = (rows >= 0)[:, None]
        directions = np.where(known, self.directions[rows], 0)
        return self._replace(ids=ids, directions=directions, offsets=np.where(known[:, 0], self.offsets[rows], 0))


@cache
def shipped() -> Shipped:
    """The shared weights."""
    file = encode.verified("mapping.json")
    stored = json.loads(file.data)
    weights, beside = (
        np.array([stored[key][n] for n in names]) for key, names in (("weights", FEATURES), ("beside", SIDES))
    )
    return Shipped(weights, float(stored["none"]), beside, file.digest)


def version(learned: Learned | None) -> str:
    """The version of the shared weights, and of what was learned."""
    return f"shipped-{shipped().digest}" + (f"+learned-{learned.digest}" if learned else "")


def utilities(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much speaks for each target, (rows, targets + 1), from (rows, targets, FEATURES); none of these is last."""
    return np.column_stack([features @ shipped().weights, np.full(len(features), shipped().none)])


def adjusted(utility: NDArray[np.float64], vectors: encode.Vectors, learned: Learned | None) -> NDArray[np.float64]:
    """The utilities with what was learned of vectors such as these."""
    if learned is None:
        return utility
    along = vectors.astype(np.float64) @ learned.directions.T.astype(np.float64)
    return np.asarray(learned.scale * utility + along + learned.offsets)


def probabilities(utility: NDArray[np.float64], beside: NDArray[np.int64]) -> tuple[Probabilities, NDArray[np.float64]]:
    """The probability of each target, and how much the segments beside one speak for each: (2, rows, touchpoints).

    `utility` (rows, targets + 1) is of the touchpoints, general and NONE; rows of NaN stay so. `beside` (2, rows) is
    what neighbours.rows gives.
    """
    from scipy.special import softmax

    alone = softmax(utility, axis=1)[:, :-2]
    lean = neighbours.lean(alone, beside, shipped().beside)
    together = np.column_stack([utility[:, :-2] + lean.sum(axis=0), utility[:, -2:]])
    return np.asarray(softmax(together, axis=1)), lean


def file(root: Path, journey: str) -> Path:
    """Where a workspace keeps what was learned for a journey."""
    return root / "data" / "learned" / f"{journey}.safetensors"


def load(root: Path, journey: str, encoder: str) -> Learned | None:
    """What was learned for a journey among the vectors of this encoder; None when nothing was.

    Raises StoreError when the file is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = file(root, journey)
    if not path.is_file():
        return None
    data = path.read_bytes()
    try:
        stored = load(data)
        told = json.loads(stored.pop("told").tobytes())
        learned = Learned(told["ids"], told["scale"], **stored, digest=sha256(data).hexdigest()[:12])
    except (SafetensorError, ValueError, KeyError, TypeError):
        raise StoreError("what was learned cannot be read", where=str(path), remedy=AGAIN) from None
    return learned if told["encoder"] == encoder else None


def save(root: Path, journey: str, learned: Learned, encoder: str) -> None:
    """Keep what was learned, in one piece."""
    from safetensors.numpy import save

    told = json.dumps({"ids": learned.ids, "scale": learned.scale, "encoder": encoder}).encode()
    parts = (("directions", learned.directions), ("offsets", learned.offsets), ("told", np.frombuffer(told, np.uint8)))
    stored: dict[str, NDArray[Any]] = dict(parts)
    path = file(root, journey)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic.replacing(path) as part:
        part.write_bytes(save(stored))
