"""Whether a comment's tags are its own: the same whatever is tagged beside it, in which order, on how many threads.

    python -m models.stability [--comments N]

Comments are tagged at once; then their segments are encoded, scored and mapped again in batches of 1, 8, 64 and 256
comments, and all at once on one thread; then all is done again, from cleaning on, in another order. For each way: how
many segments have another tag, by how much a score differs at most, and how long it took.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence

import pandas as pd
import torch

from feedback import encode, mapping, run, sentiment, tables
from models import data
from models.bench import comments, line

SIZES = (1, 8, 64, 256)
TAGS = ["text", "sentiment", "assignment", "stage", "touchpoint", "reason", "reason_start", "reason_end"]
SCORES = ["sentiment_score", "p_negative", "p_neutral", "p_positive", "stage_confidence", "touchpoint_confidence"]


def tagged(texts: Sequence[str], order: Sequence[int], loaded: run.Line) -> run.Tagged:
    """The whole line over the texts in this order; a comment's id is the place of its text."""
    raw = tables.of_texts(pd.Series([texts[i] for i in order], index=[f"{i:07}" for i in order]), "stability")
    return run.tag(raw, loaded, run.Steps())


def in_batches(made: run.Tagged, size: int, loaded: run.Line) -> Iterator[pd.DataFrame]:
    """The segments of so many comments at a time, encoded and mapped again."""
    plain = made.segments.drop(columns=[name for name in (*TAGS[1:], *SCORES) if name in made.segments])
    comments, submissions = made.tables.comments, made.tables.submissions
    comments = comments.set_index("comment_id", drop=False).loc[plain["comment_id"].unique()].reset_index(drop=True)
    of = pd.Index(submissions["submission_id"]).get_indexer(pd.Index(comments["submission_id"]))
    for number, segments in plain.groupby(pd.factorize(plain["comment_id"])[0] // size):
        rows = slice(number * size, (number + 1) * size)
        beside = made.tables._replace(comments=comments.iloc[rows], submissions=submissions.iloc[of[rows]])
        part = segments.reset_index(drop=True)
        encoded = loaded.encoder.encode(part["text"].tolist())
        part = sentiment.score(part, encoded, loaded.sentiment)
        yield mapping.map_to_journey(part, encoded.vectors, beside, loaded.targets, loaded.thresholds)[0]


def differences(before: pd.DataFrame, after: pd.DataFrame) -> tuple[int, float]:
    """Segments with another tag, and the largest difference of a score."""
    one, other = (table.set_index("segment_id").sort_index() for table in (before, after))
    if not one.index.equals(other.index):
        raise SystemExit("other segments: their ids differ")
    tags = (one[TAGS].astype("str").fillna("") != other[TAGS].astype("str").fillna("")).any(axis=1)
    if not one[SCORES].isna().equals(other[SCORES].isna()):
        raise SystemExit("other scores are empty")
    return int(tags.sum()), float((one[SCORES] - other[SCORES]).abs().max().max())


def main() -> None:
    """Tag in each way, and print how it differs from the first."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--comments", type=int, default=10_000)
    texts, loaded = comments(asked.parse_args().comments), line()
    order = list(range(len(texts)))
    first = tagged(texts, order, loaded)
    print(f"{len(texts):,} comments, {len(first.segments):,} segments", flush=True)

    def show(way: str, make: Callable[[], pd.DataFrame]) -> None:
        start = time.perf_counter()
        tags, most = differences(first.segments, make())
        spent = time.perf_counter() - start
        print(
            f"{way}: {tags} segments with another tag, scores differ by at most {most:.1e} ({spent:.0f} s)", flush=True
        )

    for size in SIZES:
        show(f"batches of {size}", lambda size=size: pd.concat(in_batches(first, size, loaded)))  # type: ignore[misc]
    shuffled = random.Random(data.SEED).sample(order, len(order))  # noqa: S311  no secret
    show("in another order", lambda: tagged(texts, shuffled, loaded).segments)
    encode.threads = lambda: 1
    torch.set_num_threads(1)
    show("on one thread", lambda: pd.concat(in_batches(first, len(texts), loaded)))


if __name__ == "__main__":
    main()
