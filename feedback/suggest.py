"""`feedback journey suggest`: touchpoints that the journey lacks, from what customers said in the stored runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from feedback import alike, cache, encode, run, split, store, topics, uncovered
from feedback.encode import Encoder
from feedback.errors import UsageError
from feedback.journey import RESERVED, Journey

CATALOGUE = Path(__file__).parent / "catalogue.csv"
CATALOGUE_COLUMNS = ("trade", "touchpoint", "kind", "language", "text")
CUSTOMER = ["source", "submission_id"]
QUOTES, DIVERSE = 2, 0.5
INDENT = " " * 6


class Proposal(NamedTuple):
    """A touchpoint that the journey may lack.

    `names` are by language those of the touchpoint of another trade's journey that it is most like; `words` by
    language those that set it apart, where enough is said in it; `quotes` by language the segments that stand for it;
    `nearest` the touchpoint of the journey that it lies nearest to; `segments` all that speak of it, as `said` gives
    them.
    """

    id: str
    names: dict[str, str]
    trade: str
    words: dict[str, str]
    quotes: dict[str, list[str]]
    nearest: str
    segments: pd.DataFrame

    @property
    def customers(self) -> int:
        """How many customers speak of it."""
        return len(self.segments.drop_duplicates(CUSTOMER))


def suggest(path: Path, *, most: int = 5, steps: run.Steps | None = None) -> tuple[Journey, list[Proposal]]:
    """What the stored runs of a pipeline speak of and its journey lacks, the most telling first; and that journey.

    Nothing is read again: vectors come from the workspace's cache, which encodes only what it lacks. Raises UsageError
    when there is no run.
    """
    steps = steps or run.Steps()
    root, pipeline, journey = run.prepare(path)
    stored = store.history(root, pipeline=pipeline.pipeline)
    stored = stored or store.history(root, pipeline=pipeline.pipeline, whole=True)
    if not stored:
        raise UsageError("this pipeline has no run yet", got=path, remedy=f"make one with `feedback run {path}`")
    encoder = steps("load models", lambda: cache.kept(encode.load(pipeline.encoder, root), root))
    segments, languages = said(stored, journey, pipeline.languages), pipeline.languages
    smallest = pipeline.thresholds.min_count
    found = steps("topics", proposals, segments, journey, encoder, languages, smallest=smallest, most=most)
    return journey, found


def said(stored: Sequence[store.Run], journey: Journey, languages: Sequence[str]) -> pd.DataFrame:
    """What is unsettled in stored runs, with its week, in the order of segment_id."""
    parts = [
        unsettled(one.table("segments"), one.table("comments"), journey, languages).assign(week=one.week)
        for one in stored
    ]
    return pd.concat(parts, ignore_index=True).sort_values("segment_id", ignore_index=True)


def unsettled(
    segments: pd.DataFrame, comments: pd.DataFrame, journey: Journey, languages: Sequence[str]
) -> pd.DataFrame:
    """What may speak of something new: segment_id, text, said (its words), language, sentiment, doubt, CUSTOMER.

    `doubt` (0–1) is how likely it does not belong to the touchpoint that the mapping holds likeliest. Left out are
    duplicates and reposts, praise and blame of the whole, what a person has put somewhere, and texts without a word of
    content. What was put to a touchpoint that the journey has no more is open again.
    """
    gone = segments["touchpoint"].notna() & ~segments["touchpoint"].isin([place.id for place in journey.places()])
    by_hand = segments["tagged_by"] == "human"
    placed = by_hand & segments["assignment"].isin(("touchpoint", "stage")) & ~gone
    doubt = (1 - segments["touchpoint_confidence"]).where(~by_hand & ~gone, 1).fillna(1).astype(np.float32)
    free = segments.assign(doubt=doubt)[~placed & (segments["assignment"] != "general")]
    found = topics.taking_part(free, comments, languages).drop(columns="position")
    own = free.set_index("segment_id")[["sentiment", "doubt"]]
    return found.join(own, on="segment_id")


def catalogue() -> pd.DataFrame:
    """What journeys of other trades say of their touchpoints, one row a text: CATALOGUE_COLUMNS."""
    return pd.read_csv(CATALOGUE, keep_default_na=False, dtype=str)


def proposals(
    segments: pd.DataFrame, journey: Journey, encoder: Encoder, languages: Sequence[str], *, smallest: int, most: int
) -> list[Proposal]:
    """The touchpoints that these segments (as `said` gives them) speak of and the journey lacks."""
    distinct = segments.drop_duplicates("said")
    distinct = distinct[topics.sought_in(distinct["said"])].reset_index(drop=True)
    if len(distinct) < smallest:
        return []
    own, texts = alike.encoded(journey, encoder), catalogue()
    known = uncovered.Map(own.vectors.astype(np.float32), own.owner)
    owner = np.asarray(texts.groupby(["trade", "touchpoint"], sort=False).ngroup(), np.int64)
    others = uncovered.Map(encoder.encode(texts["text"].tolist()).vectors, owner)
    kinds = pd.factorize(distinct["language"].fillna("") + distinct["sentiment"].fillna(""))[0]
    vectors = encoder.encode(distinct["text"].tolist()).vectors
    doubt = distinct["doubt"].to_numpy(np.float32)
    found = uncovered.groups(vectors, doubt, kinds, known, others, smallest=smallest, most=most)
    words = _words(segments, [distinct["said"].iloc[group.members] for group in found], languages)
    result: list[Proposal] = []
    for group, telling in zip(found, words, strict=True):
        rows = distinct.iloc[group.members]
        everyone = segments[segments["said"].isin(set(rows["said"]))]
        nearest = own.ids[_nearest(vectors[group.members], group.gains, known)]
        quotes = {code: _quotes(rows, vectors[group.members], group.gains, code) for code in languages}
        like = texts[(owner == group.like) & (texts["kind"] == "name")]
        called = like.set_index("language")["text"].to_dict()
        taken = {*(place.id for place in journey.places()), *RESERVED, *(one.id for one in result)}
        identifier = _free_id(called.get("en") or next(iter(called.values())), taken)
        result.append(Proposal(identifier, called, like["trade"].iloc[0], telling, quotes, nearest, everyone))
    return result


def _words(segments: pd.DataFrame, found: list[pd.Series], languages: Sequence[str]) -> list[dict[str, str]]:
    """The words that set each group apart from the others and from all else, in each language that has enough."""
    if not found:
        return []
    label = pd.Series(-1, index=segments.index)
    for number, texts in enumerate(found):
        label[segments["said"].isin(set(texts)) & (label < 0)] = number
    table = segments.assign(label=label)
    by_language = {code: topics.words_apart(table[table["language"] == code], code) for code in languages}
    return [
        {code: words[number] for code, words in by_language.items() if words.get(number)}
        for number in range(len(found))
    ]


def _nearest(vectors: NDArray[np.float32], gains: NDArray[np.float32], known: uncovered.Map) -> int:
    """Which touchpoint of the journey lies nearest to a group; general praise and blame, the last, does not count."""
    middle = known.vectors.mean(axis=0)
    centres = encode.unit(uncovered.centres(known)[:-1] - middle)
    return int((centres @ (gains @ encode.unit(vectors - middle))).argmax())


def _quotes(rows: pd.DataFrame, vectors: NDArray[np.float32], gains: NDArray[np.float32], code: str) -> list[str]:
    """Segments of one language that stand for a group: central, unlike each other, readable by themselves.

    Maximal marginal relevance (Carbonell and Goldstein 1998).
    """
    fit = ((rows["language"] == code) & rows["text"].map(topics.reads_alone)).to_numpy(dtype=bool)
    chosen: list[int] = []
    worth = np.where(fit, gains / max(float(gains.max()), 1e-9), -np.inf)
    while len(chosen) < QUOTES and np.isfinite(worth).any():
        chosen.append(int(worth.argmax()))
        worth = worth - DIVERSE * np.clip(vectors @ vectors[chosen[-1]], 0, 1)
        worth[chosen] = -np.inf
    return [" ".join(rows["text"].iloc[place].split()) for place in chosen]


def _free_id(name: str, taken: set[str]) -> str:
    """An id from a name, other than those taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", split.fold(name)).strip("-")[:50] or "touchpoint"
    return next(one for one in chain([plain], (f"{plain}-{i}" for i in count(2))) if one not in taken)


def as_yaml(found: Sequence[Proposal], journey: Journey) -> str:
    """Proposals as touchpoints to paste into the journey file, each under what it rests on."""
    stage_of = {point.id: stage.id for stage, point in journey.targets()}
    return "\n".join(_item(number, one, stage_of[one.nearest]) for number, one in enumerate(found, start=1))


def _item(number: int, one: Proposal, stage: str) -> str:
    weeks = sorted(one.segments["week"].unique())
    when = f"{weeks[0]} to {weeks[-1]}" if len(weeks) > 1 else weeks[0]
    facts = [
        f"{number}. {one.customers:,} customers, {len(one.segments):,} segments, {when}",
        f"best in stage {stage}; nearest touchpoint: {one.nearest}; named as in the journey of {one.trade}",
        *(f"words that set it apart, {code}: {words}" for code, words in one.words.items()),
        *(f"too little is said in {code} for words of its own" for code in one.quotes if code not in one.words),
    ]
    quotes = {code: texts for code, texts in one.quotes.items() if texts}
    entry: dict[str, Any] = {"id": one.id, "name": one.names} | ({"examples": quotes} if quotes else {})
    dumped = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=1000)
    lines = [*(f"# {fact}" for fact in facts), *dumped.splitlines()]
    return "\n".join(INDENT + line for line in lines) + "\n"
