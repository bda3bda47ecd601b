"""Figures for models with 95 % intervals by bootstrap (Efron 1979), a fixed seed, and 1,000 resamples."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000

Counts = NDArray[np.float64]


class Figure(NamedTuple):
    """A value, its interval and the number of rows behind it."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def confusion(truth: NDArray[np.int64], guess: NDArray[np.int64], classes: int) -> Counts:
    """Counts of (truth, guess); shape (classes, classes)."""
    cells = np.bincount(truth * classes + guess, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.float64)


def macro_f1(counts: Counts) -> Counts:
    """Mean F1 over the classes that occur; `counts` of shape (..., classes, classes).

    >>> float(macro_f1(np.array([[3.0, 1.0], [1.0, 3.0]])))
    0.75
    """
    right, seen = np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(-1)
    f1 = 2 * right / np.maximum(seen + counts.sum(-2), 1)
    return np.asarray((f1 * (seen > 0)).sum(-1) / (seen > 0).sum(-1))


def macro_recall(counts: Counts) -> Counts:
    """Mean recall over the classes that occur."""
    right, seen = np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(-1)
    return np.asarray((right / np.maximum(seen, 1)).sum(-1) / (seen > 0).sum(-1))


def accuracy(counts: Counts) -> Counts:
    """Share on the diagonal."""
    return np.asarray(np.trace(counts, axis1=-2, axis2=-1) / counts.sum((-2, -1)))


def of_counts(measure: Callable[[Counts], Counts], counts: Counts) -> Figure:
    """A measure of a confusion table; the rows are resampled as draws of its cells."""
    n = int(counts.sum())
    drawn = np.random.default_rng(0).multinomial(n, counts.ravel() / n, RESAMPLES).reshape(-1, *counts.shape)
    low, high = np.quantile(measure(drawn.astype(np.float64)), [0.025, 0.975])
    return Figure(float(measure(counts)), float(low), float(high), n)


def of_mean(values: NDArray[np.float64]) -> Figure:
    """The mean of one value a row."""
    rows = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[rows].mean(axis=1), [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high), len(values))


def of_difference(
    truth: NDArray[np.int64], first: NDArray[np.int64], second: NDArray[np.int64], classes: int
) -> Figure:
    """Macro-F1 of the first guess minus that of the second, on the same rows (paired bootstrap)."""
    random = np.random.default_rng(0)

    def difference(rows: NDArray[np.int64]) -> float:
        a, b = (confusion(truth[rows], guess[rows], classes) for guess in (first, second))
        return float(macro_f1(a) - macro_f1(b))

    n = len(truth)
    low, high = np.quantile([difference(random.integers(0, n, n)) for _ in range(RESAMPLES)], [0.025, 0.975])
    return Figure(difference(np.arange(n)), float(low), float(high), n)


def average_precision(similarity: NDArray[np.float32], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Average precision of each row's ranking of the labels; both of shape (rows, labels).

    >>> average_precision(np.array([[0.9, 0.1, 0.5]], dtype=np.float32), np.array([[True, False, True]]))
    array([1.])
    """
    ranked = np.take_along_axis(right, np.argsort(-similarity, axis=1, kind="stable"), axis=1)
    precision = ranked.cumsum(axis=1) / np.arange(1, ranked.shape[1] + 1)
    return np.asarray((precision * ranked).sum(axis=1) / ranked.sum(axis=1))


def of_rows(measure: Callable[[NDArray[np.int64]], float], n: int, resamples: int = 200) -> Figure:
    """A measure of rows, given by their places; they are resampled."""
    random = np.random.default_rng(0)
    low, high = np.quantile([measure(random.integers(0, n, n)) for _ in range(resamples)], [0.025, 0.975])
    return Figure(measure(np.arange(n)), float(low), float(high), n)
