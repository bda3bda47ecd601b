"""How often `feedback journey suggest` finds a touchpoint that was taken out of a journey.

    python -m models.missing [WORKSPACE]

Each touchpoint of each held-out journey is removed in turn, the journey's remarks being the comments; with a workspace
that has run the sample weeks, each of the sample journey too, by the labels in data/gold. A touchpoint is found when a
proposal holds a third of its remarks and they are more than half of the proposal; nearly, when they are the most
frequent in it and a quarter of its remarks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from feedback import cache, encode, run, store, suggest
from feedback.journey import Journey
from models import data, journeys

LANGUAGES = ("en", "fr")
OF_REMARKS, OF_SAMPLE = 4, 10


def without(read: Journey, removed: str) -> Journey:
    """The journey without one touchpoint, and without its stage where it was the only one."""
    stages = [
        stage.model_copy(update={"touchpoints": [p for p in stage.touchpoints if p.id != removed]})
        for stage in read.stages
    ]
    return read.model_copy(update={"stages": [stage for stage in stages if stage.touchpoints]})


def remarks(name: str) -> pd.DataFrame:
    """The remarks of a journey as `suggest.said` gives segments, with what each is labelled."""
    table = journeys.remarks(name)
    numbers = [f"{i:06}" for i in range(len(table))]
    return table.assign(said=table["text"], segment_id=numbers, submission_id=numbers, source="s", week="2026-W01")


def sample(root: Path) -> tuple[pd.DataFrame, Journey]:
    """The segments of the sample workspace, those with a gold label under it (others ""), and its journey."""
    runs = store.history(root)
    said = suggest.said(runs, LANGUAGES)
    placed = pd.concat([one.table("segments", ["segment_id", "comment_id", "start", "end"]) for one in runs])
    gold = pd.concat([pd.read_csv(root / "data" / "gold" / f"{n}.csv") for n in ("concert", "concert-tuning")])
    both = placed.merge(gold[["comment_id", "start", "end", "touchpoint"]], on="comment_id", suffixes=("", "_gold"))
    shared = both[["end", "end_gold"]].min(axis=1) - both[["start", "start_gold"]].max(axis=1)
    best = both.assign(shared=shared)[shared > 0].sort_values("shared").drop_duplicates("segment_id", keep="last")
    labels = best.set_index("segment_id")["touchpoint"]
    _, _, read = run.prepare(root / "pipelines" / "weekly.yaml")
    return said.assign(touchpoint=said["segment_id"].map(labels).fillna("")), read


def removals(
    name: str, segments: pd.DataFrame, read: Journey, encoder: encode.Encoder, smallest: int
) -> Iterator[dict[str, object]]:
    """For each touchpoint removed the place of the first proposal that finds it, and nearly finds it; 99 for none."""
    for _, point in read.targets():
        size = int((segments["touchpoint"] == point.id).sum())
        places = {"found": 99, "nearly": 99}
        made = suggest.proposals(segments, without(read, point.id), encoder, LANGUAGES, smallest=smallest, most=5)
        for place, one in enumerate(made, start=1):
            labels = one.segments.loc[one.segments["touchpoint"] != "", "touchpoint"]
            own = int((labels == point.id).sum())
            most = not labels.empty and labels.value_counts().index[0] == point.id
            if own > len(labels) / 2 and own >= size / 3:
                places["found"] = min(places["found"], place)
            if most and own >= size / 4:
                places["nearly"] = min(places["nearly"], place)
        yield {"journey": name, "removed": point.id, "n": size, **places}


def main() -> None:
    """Print a row per journey: how often the removed one is the first, second or a later proposal."""
    rows = [r for n in journeys.HELD_OUT for r in removals(n, remarks(n), journeys.load(n), data.encoder(), OF_REMARKS)]
    if len(sys.argv) > 1:
        root = Path(sys.argv[1])
        rows += removals("sample", *sample(root), cache.kept(encode.load(), root), OF_SAMPLE)
    table = pd.DataFrame(rows)
    for kind in ("found", "nearly"):
        for last in (1, 2, 5):
            table[f"{kind} in {last}"] = table[kind] <= last
    shares = table.drop(columns=["removed", "n", "found", "nearly"]).groupby("journey").mean()
    print(shares.round(2).assign(removed=table.groupby("journey").size()).to_string())
    print(table[table["journey"] == "sample"][["removed", "n", "found", "nearly"]].to_string(index=False))


if __name__ == "__main__":
    main()
