"""Which reading of a submission counts when exports overlap, at a few bytes a record however large they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
RUN = 1 << 22
"""Keys of a run that is left as it is; shorter ones are merged with the next."""
_EARLIEST = pd.Timestamp(0, tz="UTC")


class Met:
    """The keys met so far, each as often as it was met: 8 bytes a key, in sorted runs."""

    def __init__(self) -> None:
        self._runs: list[Keys] = []

    def before(self, keys: Keys) -> NDArray[np.int64]:
        """How often each key was met before, in this call too; they count as met from now on."""
        order = np.argsort(keys, kind="stable")
        ranked = keys[order]
        new = np.concatenate([[True], ranked[1:] != ranked[:-1]])[: len(keys)]
        starts = np.flatnonzero(new)
        counts = np.arange(len(keys)) - np.repeat(starts, np.diff([*starts, len(keys)]))
        for run in self._runs:
            first = np.searchsorted(run, ranked)
            there = np.flatnonzero(run[np.minimum(first, len(run) - 1)] == ranked)
            counts[there] += np.searchsorted(run, ranked[there], side="right") - first[there]
        self._add(ranked)
        found = np.empty(len(keys), dtype=np.int64)
        found[order] = counts
        return found

    def _add(self, run: Keys) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run) and len(self._runs[-1]) < RUN:
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        if len(run):
            self._runs.append(run)


class Shared:
    """The keys that stand for more than one record of a source."""

    def __init__(self) -> None:
        self._met, self._found = Met(), np.empty(0, dtype=np.uint64)

    def __len__(self) -> int:
        return len(self._found)

    def add(self, ids: pd.Series[str]) -> None:
        """Count records by their ids."""
        keys = keys_of(ids)
        again = keys[self._met.before(keys) > 0]
        if len(new := again[~_within(again, self._found)]):
            self._found = np.union1d(self._found, new)

    def close(self) -> None:
        """Let go of the keys that stand for one record."""
        self._met = Met()

    def among(self, ids: pd.Series[str]) -> NDArray[np.bool_]:
        """Which of the records share their id with another one."""
        return _within(keys_of(ids), self._found)


def keys_of(ids: pd.Series[str]) -> Keys:
    """64 bits of each id."""
    return pd.util.hash_array(ids.to_numpy(dtype=object), categorize=False)


def _within(keys: Keys, found: Keys) -> NDArray[np.bool_]:
    if not len(found):
        return np.zeros(len(keys), dtype=np.bool_)
    return np.equal(found[np.minimum(np.searchsorted(found, keys), len(found) - 1)], keys)


class Editions:
    """Of each submission that was read more than once the reading that counts.

    Readings are tables of key, edited (UTC), updated (whether the export says when it was last edited), content (a
    number for the whole), said (one for text and scores), file and row, in the order of reading. The last edit counts,
    undated being the earliest; of equal ones the highest content, so that the order of rows and files decides nothing.
    """

    def __init__(self) -> None:
        self._kept: pd.DataFrame | None = None
        self._new: list[pd.DataFrame] = []

    def add(self, readings: pd.DataFrame) -> None:
        """Take readings into account."""
        self._new.append(readings)
        if sum(map(len, self._new)) > max(RUN // 8, 0 if self._kept is None else len(self._kept)):
            self._settle()

    def why(self, readings: pd.DataFrame) -> pd.Series[str]:
        """Null for the reading that counts, else why it does not, when all are taken into account.

        One that says the same, or that is older than a stated edit, was read `again`; any `other` is a record that
        shares its id.
        """
        last = self._settle()
        kept = last.iloc[np.searchsorted(last["key"], readings["key"])].set_axis(readings.index)
        later = kept["updated"] & (kept["edited"].fillna(_EARLIEST) > readings["edited"].fillna(_EARLIEST))
        again = later | (kept["said"] == readings["said"])
        why = pd.Series("other", index=readings.index, dtype="str").mask(again, "again")
        return why.mask((kept["file"] == readings["file"]) & (kept["row"] == readings["row"]))

    def _settle(self) -> pd.DataFrame:
        if self._new or self._kept is None:
            together = pd.concat([*([] if self._kept is None else [self._kept]), *self._new])
            ranked = together.sort_values(["edited", "content"], kind="stable", na_position="first")
            self._kept = ranked.drop_duplicates("key", keep="last").sort_values("key")
            self._new = []
        return self._kept
