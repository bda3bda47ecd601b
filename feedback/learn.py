"""What corrections teach: the mapping's small head refitted in seconds, while the encoder stays as it is.

For each target a direction among the encoder's vectors and an offset are added to the utilities of the shared weights
(multinomial logistic regression with a normal prior around what is shipped, so that a touchpoint that nobody corrected
keeps its tags). People correct what is wrong: so that they do not unlearn what is right, segments that nobody corrected
are rehearsed with their present probabilities (Li & Hoiem 2018, Learning without Forgetting). The strength of the prior
and the sharpness of the probabilities are chosen by cross-validation. From what probability on a touchpoint is given
follows from the labels of random samples, when they are enough (feedback.abstention): people correct by themselves what
is wrong, so other corrections would make the tags look worse than they are.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback import abstention, corrections, head, lock, mapping, neighbours, run, store
from feedback.abstention import Own
from feedback.errors import UsageError
from feedback.head import NONE, Learned
from feedback.journey import Journey
from feedback.pipeline import Pipeline
from feedback.tables import Tables

PRIORS = (0.3, 1.0, 3.0, 10.0)
OFFSET_PRIOR, SCALE_PRIOR = 1.0, 4.0
FOLDS = 5
REHEARSED, REHEARSED_WEIGHT = 2000, 0.5
LEAST, SIGNIFICANT = 10, 0.05
Floats = NDArray[np.float64]


class Rows(NamedTuple):
    """Segments to learn from: utilities (rows, targets), unit vectors (rows, dimensions), and what each should be.

    `wanted` (rows, targets) are probabilities: 1 for the label that a person gave, or those to be rehearsed; `weight`
    is what a row counts.
    """

    utility: Floats
    vectors: Floats
    wanted: Floats
    weight: Floats

    def at(self, rows: NDArray[np.bool_]) -> Rows:
        """The rows where this is true."""
        return Rows(*(values[rows] for values in self))


class Fitted(NamedTuple):
    """A fitted head: what the utilities are multiplied by, a direction (targets, dimensions) and an offset for each."""

    scale: float
    directions: Floats
    offsets: Floats

    def __call__(self, rows: Rows) -> Floats:
        """The utilities of rows."""
        return self.scale * rows.utility + rows.vectors @ self.directions.T + self.offsets


def fit(rows: Rows, prior: float) -> Fitted:
    """The likeliest head given the rows and the strength of the prior; it starts from what is shipped."""
    from scipy.optimize import minimize

    targets, dimensions = rows.utility.shape[1], rows.vectors.shape[1]
    size = targets * dimensions

    def parts(x: Floats) -> Fitted:
        return Fitted(float(np.exp(x[-1])), x[:size].reshape(targets, dimensions), x[size:-1])

    def loss(x: Floats) -> tuple[float, Floats]:
        head = parts(x)
        value, excess = _likelihood(head(rows), rows)
        value += prior / 2 * (head.directions**2).sum() + OFFSET_PRIOR / 2 * (head.offsets**2).sum()
        value += SCALE_PRIOR / 2 * x[-1] ** 2
        slope = np.concatenate(
            [
                (excess.T @ rows.vectors + prior * head.directions).ravel(),
                excess.sum(axis=0) + OFFSET_PRIOR * head.offsets,
                [(excess * rows.utility).sum() * head.scale + SCALE_PRIOR * x[-1]],
            ]
        )
        return value, slope

    start = np.zeros(size + targets + 1)
    return parts(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x)


def _likelihood(utility: Floats, rows: Rows) -> tuple[float, Floats]:
    """Cross-entropy with what is wanted, and its slope by utility."""
    from scipy.special import log_softmax

    log_p = log_softmax(utility, axis=1)
    value = -(rows.weight[:, None] * rows.wanted * log_p).sum()
    return float(value), rows.weight[:, None] * (np.exp(log_p) - rows.wanted)


def cross_validated(taught: Rows, rehearsed: Rows, fold: NDArray[np.int64]) -> tuple[Fitted, Floats]:
    """The head with the prior that does best on taught rows left out, and their utilities when they were left out.

    `fold` says in which of FOLDS each taught row is left out; rehearsed rows are always in.
    """
    trials = []
    for prior in PRIORS:
        left_out = np.empty_like(taught.utility)
        for number in range(FOLDS):
            out = fold == number
            if out.any():
                left_out[out] = fit(_joined(taught.at(~out), rehearsed), prior)(taught.at(out))
        trials.append((_likelihood(left_out, taught)[0], prior, left_out))
    _, prior, left_out = min(trials, key=lambda trial: trial[0])
    sharpness = _sharpness(left_out, taught)
    fitted = fit(_joined(taught, rehearsed), prior)
    scale, directions, offsets = fitted
    return Fitted(sharpness * scale, sharpness * directions, sharpness * offsets), sharpness * left_out


def _joined(*parts: Rows) -> Rows:
    return Rows(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _sharpness(utility: Floats, rows: Rows) -> float:
    """What utilities are multiplied by so that probabilities fit (temperature scaling, Guo et al. 2017)."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda s: _likelihood(s * utility, rows)[0], bounds=(0.3, 3.0), method="bounded")
    return float(found.x)


class Lesson(NamedTuple):
    """What a refit came to: how many corrections there were, and how many are tagged right before and after it.

    Each is judged by a head that had not seen it. `touchpoints`: touchpoint, n, before, after, p (of the difference,
    adjusted). `kept` says whether the new head was put in place, `own` what the random samples among them say of when
    to keep silent, `silenced` whether that was put in place.
    """

    corrections: int
    before: int
    after: int
    touchpoints: pd.DataFrame
    kept: bool
    own: Own
    silenced: bool = False


def learn(path: Path, *, steps: run.Steps | None = None) -> Lesson:
    """Refit the head of a pipeline's journey from the corrections of its stored runs, and put it in place.

    That is done only when the new head does better on corrections that were left out, and on no touchpoint
    significantly worse. The thresholds for a stated risk are put in place too, from ENOUGH labels of random samples on.
    Raises UsageError when there is no run, or when there are too few corrections, StoreError when another process is
    writing the workspace.
    """
    root, pipeline, journey = run.prepare(path)
    with lock.held(root, f"learn {path.name}"):
        return _learn(path, root, pipeline, journey, steps or run.Steps())


def _learn(path: Path, root: Path, pipeline: Pipeline, journey: Journey, steps: run.Steps) -> Lesson:
    stored = store.history(root, pipeline=pipeline.pipeline, whole=True)
    if not stored:
        raise UsageError("this pipeline has no run yet", got=path, remedy=f"make one with `feedback run {path}`")
    line = steps("load models", run.load_line, pipeline, journey, root)
    plain = line._replace(targets=line.targets._replace(learned=None), corrected=_marked(line.corrected, root))
    quota = -(-REHEARSED // len(stored))
    parts = [steps("gather", _gathered, one, plain, quota) for one in stored]
    table = pd.concat([part[0] for part in parts], ignore_index=True)
    utility, vectors = (np.concatenate([part[i] for part in parts]) for i in (1, 2))
    last = ~table["segment_id"].duplicated(keep="last").to_numpy(dtype=bool)
    ids = [*line.targets.ids, NONE]
    fitted, lesson = steps("learn", refitted, table[last], utility[last], vectors[last], ids)
    if lesson.kept:
        head.save(root, journey.journey, _learned(ids, fitted), line.encoder.version)
    learned = head.load(root, journey.journey, line.encoder.version)
    # Own thresholds are of the probabilities of the new head, or of the shipped one: no other can stand beside them.
    silenced = lesson.own.n >= abstention.ENOUGH and (lesson.kept or learned is None)
    if silenced:
        models = f"{line.encoder.version}/{head.version(learned)}"
        abstention.save(root, journey.journey, lesson.own, abstention.resting_on(models, line.targets.ids))
    return lesson._replace(silenced=silenced)


def _marked(corrected: pd.DataFrame, root: Path) -> pd.DataFrame:
    """The corrections that count, and whether their segment was drawn at random."""
    told = corrections.load(root)
    drawn = told.loc[told["sample"].notna(), corrections.KEY].drop_duplicates().assign(random=True)
    found = corrected[corrections.KEY].merge(drawn, on=corrections.KEY, how="left")["random"]
    return corrected.assign(random=found.notna().to_numpy())


def _gathered(stored: store.Run, line: run.Line, quota: int) -> tuple[pd.DataFrame, Floats, Floats]:
    """The corrected segments of a run, those beside a random one, and so many others: label or null, random.

    Also their utilities and vectors.
    """
    held = stored.tables()
    batch = Tables(held["submissions"], held["scores"], held["comments"], held["rejects"])
    segments = store.with_lemmas(held["segments"], stored)
    segments = segments[segments["text"].str.len() > 0].reset_index(drop=True)
    found = corrections.placed(segments, line.corrected)
    label = line.corrected["touchpoint"].reindex(found["correction"]).set_axis(found.index)
    segments["label"] = label.where(label.isin([*line.targets.ids, NONE])).reindex(segments.index)
    segments["random"] = line.corrected["random"].reindex(found["correction"]).set_axis(found.index)
    segments["random"] = segments["random"].eq(True)
    others = segments.index[~segments.index.isin(found.index)]
    drawn = segments["segment_id"].loc[others].map(_drawn).nsmallest(quota).index
    corrected = segments["label"].notna()
    wanted = corrected | segments.index.isin(drawn) | _judged(segments)
    chosen = segments.loc[wanted]
    chosen = chosen.reset_index(drop=True)
    vectors = line.encoder.encode(chosen["text"].tolist()).vectors
    features, _ = mapping.evidence(chosen, vectors, batch, line.targets)
    table = chosen[["segment_id", "comment_id", "start", "label", "random"]]
    return table, head.utilities(features), vectors.astype(np.float64)


def _judged(table: pd.DataFrame) -> pd.Series[bool]:
    """The segments of the comments that hold a label of a random sample: its probability rests on those beside it."""
    known = table["random"] & table["label"].notna()
    return table["comment_id"].isin(table.loc[known, "comment_id"])


def _drawn(identifier: str) -> int:
    return int(sha256(identifier.encode()).hexdigest()[:12], 16)


def refitted(table: pd.DataFrame, utility: Floats, vectors: Floats, ids: list[str]) -> tuple[Fitted, Lesson]:
    """The head fitted to labelled rows beside the others, and what it came to.

    `table`: segment_id, comment_id, start, label (one of `ids`, or null), random (whether the segment was drawn at
    random). `ids` are the touchpoints', then general's, then NONE. Raises UsageError when there are too few labels.
    """
    from scipy.special import softmax

    has_label = table["label"].notna().to_numpy()
    count = int(has_label.sum())
    if count < LEAST:
        raise UsageError(
            "too few corrections to learn from", got=count, allowed=f"at least {LEAST}",
            remedy="label what would teach most: `feedback review PIPELINE`",
        )  # fmt: skip
    # What stands beside a random label weighs nothing, but is left out with it.
    out = has_label | _judged(table).to_numpy(dtype=bool)
    wanted = softmax(utility, axis=1)
    place = pd.Index(ids).get_indexer(pd.Index(table["label"]))
    wanted[has_label] = np.eye(len(ids))[place[has_label]]
    share = REHEARSED_WEIGHT * count / max(1, (~out).sum())
    rows = Rows(utility, vectors, wanted, np.select([has_label, out], [1.0, 0.0], share))
    taught, place = rows.at(out), place[out]
    fold = (table.loc[out, "comment_id"].map(_drawn) % FOLDS).to_numpy()
    fitted, left_out = cross_validated(taught, rows.at(~out), fold)
    before, after = ((u.argmax(axis=1) == place)[has_label[out]] for u in (taught.utility, left_out))
    touchpoints = by_touchpoint(table.loc[has_label, "label"], before, after)
    worse = (touchpoints["p"] < SIGNIFICANT) & (touchpoints["after"] < touchpoints["before"])
    better = _likelihood(left_out, taught)[0] < _likelihood(taught.utility, taught)[0]
    kept = bool(better and not worse.any())
    random = table.loc[out, "random"].to_numpy(dtype=bool) & has_label[out]
    own = _own(left_out if kept else taught.utility, place, random, neighbours.rows(table[out]))
    return fitted, Lesson(count, int(before.sum()), int(after.sum()), touchpoints, kept, own)


def _own(utility: Floats, place: NDArray[np.int64], random: NDArray[np.bool_], beside: NDArray[np.int64]) -> Own:
    """What labels of random samples, with utilities from when they were left out, say of when to keep silent.

    Their comments are whole: what stands `beside` each row is the same as when they are tagged.
    """
    n = int(random.sum())
    if n < abstention.ENOUGH:
        return Own(n, {})
    p = head.probabilities(utility, beside)[0][random, :-2]
    return Own(n, abstention.table(p.max(axis=1), p.argmax(axis=1) == place[random]))


def by_touchpoint(label: pd.Series, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> pd.DataFrame:
    """How many of each touchpoint's corrections are tagged right before and after, and p of the difference.

    Exact test of McNemar (1947), adjusted over the touchpoints (Benjamini & Hochberg 1995).
    """
    from scipy.stats import binomtest
    from statsmodels.stats.multitest import multipletests

    rows = pd.DataFrame({"touchpoint": label.to_numpy(), "before": before, "after": after})
    rows = rows.assign(won=rows["after"] & ~rows["before"], lost=rows["before"] & ~rows["after"], n=1)
    found = rows.groupby("touchpoint", as_index=False)[["n", "before", "after", "won", "lost"]].sum()
    p = [binomtest(w, w + k).pvalue if w + k else 1.0 for w, k in zip(found["won"], found["lost"], strict=True)]
    return found.drop(columns=["won", "lost"]).assign(p=multipletests(p, method="fdr_bh")[1])


def _learned(ids: list[str], fitted: Fitted) -> Learned:
    """A fitted head as the mapping takes it."""
    directions, offsets = (np.asarray(values, dtype=np.float32) for values in fitted[1:])
    return Learned(ids, fitted.scale, directions, offsets, digest="")
