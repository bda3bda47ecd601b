"""How often `feedback journey suggest` finds a touchpoint that was taken out of a journey.

    python -m models.suggest

Each touchpoint that is spoken of often enough is removed in turn: of the sample journey by the labelled spans in
data/gold, of each held-out journey by its remarks. They are mapped to the journey without it, as the stored segments
would be. A proposal finds the one removed when that is the label of more than half of its segments; `holds` is the
share of the removed one's segments in it. Remarks that no touchpoint covers are left out: there are more of them than
of any removed, and they would rightly be proposed first. Neither the sample's trade nor the held-out ones are in the
catalogue; the nearest to the sample's is a chain of cinemas.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from feedback import abstention, journey, mapping, parse, sentiment, split, suggest, tables
from feedback.journey import Journey
from feedback.pipeline import SPACY, Thresholds
from feedback.tables import SENTIMENTS
from models import data, journeys

DATA = Path(__file__).parents[1] / "data"
LANGUAGES = ("en", "fr")
# A journey's remarks are some ten a touchpoint, where the sample's spans are a week's worth.
SAMPLE, REMARKS = {"least": 15, "smallest": 10}, {"least": 6, "smallest": 4}


def without(read: Journey, removed: str) -> Journey:
    """The journey without one touchpoint, and without its stage where it was the only one."""
    stages = [
        stage.model_copy(update={"touchpoints": [point for point in stage.touchpoints if point.id != removed]})
        for stage in read.stages
    ]
    return read.model_copy(update={"stages": [stage for stage in stages if stage.touchpoints]})


def sample() -> pd.DataFrame:
    """The labelled spans of the sample: text, language, touchpoint."""
    gold = pd.concat([pd.read_csv(DATA / "gold" / f"{name}.csv") for name in ("concert", "concert-tuning")])
    spans = zip(gold["text"], gold["start"], gold["end"], strict=True)
    return gold.assign(text=[text[int(start) : int(end)] for text, start, end in spans])


def parsed(table: pd.DataFrame) -> tuple[pd.DataFrame, tables.Tables]:
    """Labelled texts as segments with their lemmas and feelings, each a comment, and the comments."""
    ids = [f"{i:06}" for i in range(len(table))]
    comments = table[["text", "language", "touchpoint"]].assign(comment_id=ids)
    cut = split.split(comments, parse.parse(comments, SPACY), [[]] * len(comments))
    lemmas = cut.groupby("comment_id")["lemmas"].agg(" ".join).reindex(ids).to_numpy()
    felt = np.array(SENTIMENTS)[sentiment.read(data.encoder().encode(table["text"].tolist()).logits).argmax(axis=1)]
    segments = comments.assign(segment_id=comments["comment_id"] + ":0", start=0, lemmas=lemmas, sentiment=felt)
    segments["end"] = segments["text"].str.len()
    return segments, tables.of_texts(comments["text"].set_axis(ids), "remarks", comments["language"])


def removals(table: pd.DataFrame, read: Journey, *, least: int, smallest: int) -> Iterator[dict[str, object]]:
    """For each touchpoint with at least `least` texts: n, the place of the proposal that finds it, `holds`."""
    segments, batch = parsed(table)
    vectors = data.encoder().encode(segments["text"].tolist()).vectors
    label = segments.set_index("segment_id")["touchpoint"]
    for _, point in read.targets():
        size = int((segments["touchpoint"] == point.id).sum())
        if size < least:
            continue
        rest = without(read, point.id)
        targets = mapping.place(rest, data.encoder(), SPACY)
        plain, cutoffs = segments.drop(columns="touchpoint"), abstention.cutoffs(Thresholds(), None)
        mapped, _ = mapping.map_to_journey(plain, vectors, batch, targets, cutoffs)
        spoken = suggest.unsettled(mapped.assign(tagged_by="model"), batch.comments, rest, LANGUAGES)
        made = suggest.proposals(spoken, rest, data.encoder(), LANGUAGES, smallest=smallest, most=5)
        own = [one.segments["segment_id"].map(label) == point.id for one in made]
        place = next((i for i, is_own in enumerate(own) if is_own.mean() > 0.5), None)
        called = made[place].names["en"] if place is not None else ""
        holds = own[place].sum() / size if place is not None else 0.0
        yield {"removed": point.id, "n": size, "place": place, "holds": holds, "called": called}


def main() -> None:
    """Print the place of each touchpoint removed, and per journey how many are found first, or first or second."""
    found = {"sample": pd.DataFrame(removals(sample(), journey.load(DATA / "journeys" / "concert.yaml"), **SAMPLE))}
    for name in journeys.HELD_OUT:
        remarks = journeys.remarks(name)
        covered = remarks[remarks["touchpoint"] != "unassigned"]
        found[name] = pd.DataFrame(removals(covered, journeys.load(name), **REMARKS))
    for name, table in found.items():
        shown = table.assign(place=table["place"].map(lambda p: "-" if pd.isna(p) else int(p) + 1))
        print(f"\n{name}\n{shown.round(2).to_string(index=False)}")
    rows = [
        {"journey": name, "removed": len(t), **{f"found in {k}": (t["place"] < k).mean().round(2) for k in (1, 2, 5)}}
        for name, t in found.items()
    ]
    print(f"\n{pd.DataFrame(rows).to_string(index=False)}")


if __name__ == "__main__":
    main()
