"""What the segments beside a segment say of it: people go on about the same thing without naming it again."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SIDES = ("before", "after")


def rows(segments: pd.DataFrame) -> NDArray[np.int64]:
    """The row of the segment before each one in its comment, and of the one after; −1 where there is none: (2, rows).

    >>> table = pd.DataFrame({"comment_id": ["b", "a", "b"], "start": [9, 0, 0]})
    >>> rows(table).tolist()
    [[2, -1, -1], [-1, -1, 0]]
    """
    found = np.full((2, len(segments)), -1)
    keys = segments["comment_id"].to_numpy(dtype=object), segments["start"].fillna(0).to_numpy(dtype=np.int64)
    order = np.lexsort(keys[::-1])
    ahead, behind = order[:-1], order[1:]
    same = keys[0][ahead] == keys[0][behind]
    found[0, behind[same]] = ahead[same]
    found[1, ahead[same]] = behind[same]
    return found


def lean(p: NDArray[np.float64], beside: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much each side speaks for each touchpoint: its own probability times the weight of the side.

    `p` (rows, touchpoints) may hold NaN in rows without text, which say nothing; (2, rows, touchpoints).
    """
    said = np.nan_to_num(np.vstack([p, np.zeros((1, p.shape[1]))]))
    return np.asarray(said[beside] * weights[:, None, None])
