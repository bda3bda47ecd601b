"""When to keep silent: the probability from which a touchpoint is given so that a stated risk is kept.

The risk is the share of wrong ones among the touchpoints given. A threshold is found from labelled data by selection
with guaranteed risk (Geifman and El-Yaniv 2017, Selective Classification for Deep Neural Networks): the lowest at which
the risk, at the upper end of its exact interval (Clopper and Pearson 1934), is within the one stated. It is looked for
at evenly spaced shares of the data, among which the confidence is shared (Bonferroni; Angelopoulos et al. 2021,
Learn then Test): the binary search of the paper loses its way where few segments are labelled. Thresholds for a table
of risks are shipped with the weights of the mapping (models/train_mapping.py); a team's own labels replace them
(feedback.learn).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from feedback import atomic, encode, risk_coverage, stats
from feedback.errors import ModelError, StoreError
from feedback.pipeline import RISKS, Thresholds

DOUBT = 0.1
ROWS_A_SHARE, MOST_SHARES = 4, 200
ENOUGH = 50
Table = Mapping[float, float]


class Cutoffs(NamedTuple):
    """The probabilities (0–1) from which a touchpoint, and a stage alone, are given."""

    touchpoint: float
    stage: float


class Own(NamedTuple):
    """What a team's labels say: how many there are, the threshold for each risk that they show to be kept."""

    n: int
    risks: Table


def threshold(probability: stats.Floats, right: NDArray[np.bool_], risk: float) -> float | None:
    """The threshold (0–1) that keeps a risk (0–1) with 90 % confidence; None when the labels cannot show that one does.

    `probability` (n) is that of the likeliest touchpoint of each labelled segment, given or not; `right` says whether
    that touchpoint is what people said. A segment on no touchpoint is never right.

    >>> sure, right = np.linspace(0, 1, 400), np.arange(400) >= 200
    >>> 0.4 < threshold(sure, right, 0.15) < 0.6
    True
    >>> threshold(sure[:3], right[:3], 0.15) is None
    True
    """
    from scipy.stats import beta

    curve = risk_coverage.curve(probability, right, np.ones_like(right))
    given = curve["given"].to_numpy()
    shares = min(MOST_SHARES, max(1, len(right) // ROWS_A_SHARE))
    places = np.unique(np.searchsorted(given, np.arange(1, shares + 1) / shares * len(right)))
    wrong = np.rint(curve["risk"].to_numpy() * given)[places]
    highest = np.where(wrong < given[places], beta.isf(DOUBT / shares, wrong + 1, given[places] - wrong), 1.0)
    kept = places[highest <= risk]
    return float(curve["threshold"].iloc[kept.max()]) if len(kept) else None


def table(probability: stats.Floats, right: NDArray[np.bool_]) -> dict[float, float]:
    """The threshold for each of RISKS that the labels show to be kept; arguments as for `threshold`."""
    found = {risk: threshold(probability, right, risk) for risk in RISKS}
    return {risk: at for risk, at in found.items() if at is not None}


def cutoffs(asked: Thresholds, own: Own | None) -> Cutoffs:
    """What a pipeline asks for: its own number, or the threshold for its risk by the team's labels, else as shipped.

    A risk that the labels do not show to be kept has no threshold below those that they show for higher risks.
    """
    if asked.touchpoint is not None:
        return Cutoffs(asked.touchpoint, asked.stage)
    mine = own.risks if own else {}
    known = {
        risk: mine.get(risk, max([at, *(shown for higher, shown in mine.items() if higher > risk)]))
        for risk, at in shipped().items()
    }
    return Cutoffs(known[max(risk for risk in RISKS if risk <= asked.risk + 1e-9)], asked.stage)


@cache
def shipped() -> Table:
    """The threshold for each of RISKS on journeys that the encoder has not seen. Raises ModelError without them."""
    file = encode.verified("mapping.json")
    found = json.loads(file.data).get("risks", {})
    missing = [risk for risk in RISKS if f"{risk:.2f}" not in found]
    if missing:
        raise ModelError(
            "the weights of the mapping have no threshold for a risk", where="models/weights/mapping.json",
            got=", ".join(found) or "no `risks`", allowed=", ".join(f"{risk:.2f}" for risk in RISKS),
            remedy="reinstall, or fit them again with `python -m models.train_mapping`",
        )  # fmt: skip
    return {risk: float(found[f"{risk:.2f}"]) for risk in RISKS}


def resting_on(models: str, targets: Iterable[str]) -> str:
    """The version of what thresholds rest on: the versions of the models, and the ids of a journey's targets."""
    return f"{models}/{sha256(json.dumps(sorted(targets)).encode()).hexdigest()[:12]}"


def file(root: Path, journey: str) -> Path:
    """Where a workspace keeps the thresholds that its labels gave for a journey."""
    return root / "data" / "learned" / f"{journey}.risks.json"


def save(root: Path, journey: str, own: Own, version: str) -> None:
    """Keep the thresholds, in one piece, with the version of what their probabilities rest on (`resting_on`)."""
    path = file(root, journey)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"version": version, "n": own.n, "risks": {f"{risk:.2f}": at for risk, at in own.risks.items()}}
    with atomic.replacing(path) as part:
        part.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def load(root: Path, journey: str, version: str) -> Own | None:
    """The thresholds of a workspace for a journey that rest on this version; None when there are none.

    Raises StoreError when the file is damaged, or holds a threshold that is no probability.
    """
    path = file(root, journey)
    if not path.is_file():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        own = Own(int(stored["n"]), {float(risk): float(at) for risk, at in stored["risks"].items()})
        made_for = stored["version"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _damaged(path) from None
    if not all(0 <= at <= 1 for at in own.risks.values()):
        raise _damaged(path)
    return own if made_for == version else None


def _damaged(path: Path) -> StoreError:
    remedy = "delete it, or make it anew with `feedback learn PIPELINE`"
    return StoreError("the thresholds learned cannot be read", where=str(path), remedy=remedy)
