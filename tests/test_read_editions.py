"""Overlapping exports: each submission once, whatever is held in memory, and a few bytes a record."""

import tracemalloc
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import joined

from feedback import read
from feedback.pipeline import Source
from feedback.read import editions
from feedback.read.editions import Met, Shared

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3", ""]),
        st.sampled_from(["good", "bad", ""]),
        st.sampled_from(["2026-11-02", "2026-11-03", ""]),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(parts=st.lists(st.lists(st.integers(0, 9), max_size=12), max_size=12), run=st.integers(1, 20))
def test_what_was_met_is_counted_over_all_calls(parts, run):
    before, editions.RUN = editions.RUN, run
    try:
        met, seen = Met(), Counter()
        for part in parts:
            expected = []
            for key in part:
                expected.append(seen[key])
                seen[key] += 1
            assert met.before(np.array(part, dtype=np.uint64)).tolist() == expected
    finally:
        editions.RUN = before


def test_keys_take_eight_bytes():
    met, keys = Met(), np.random.default_rng(3).integers(0, 2**63, 1_000_000, dtype=np.uint64)
    tracemalloc.start()
    try:
        for start in range(0, len(keys), 10_000):
            met.before(keys[start : start + 10_000])
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 9 * len(keys)


def test_only_ids_met_twice_are_shared():
    shared = Shared()
    for ids in (["a", "b"], ["c", "a"], ["a"]):
        shared.add(pd.Series(ids, dtype="str"))
    shared.close()
    assert len(shared) == 1
    assert shared.among(pd.Series(["a", "b", "d"], dtype="str")).tolist() == [True, False, False]


@pytest.mark.parametrize("held", [0, 1 << 20])
@settings(max_examples=20, deadline=None)
@given(files=st.lists(ROWS, min_size=1, max_size=3), order=st.randoms(use_true_random=False))
def test_overlapping_exports_count_each_submission_once_in_any_order(tmp_path_factory, held, files, order):
    folder = tmp_path_factory.mktemp("drop")
    mapping = {"text": "text", "id": "id", "created_at": "day", "updated_at": "day", "delimiter": ","}
    source = Source(name="drop", files=[], mapping=mapping)
    paths = []
    for number, rows in enumerate(files):
        path = folder / f"{number}.csv"
        path.write_text("id,text,day,n\n" + "".join(f"{i},{t},{d},x\n" for i, t, d in rows), encoding="utf-8")
        paths.append(path)
    before, read.HELD = read.HELD, held
    try:
        one = joined(read.read(source, paths))
        order.shuffle(paths)
        other = joined(read.read(source, paths))
    finally:
        read.HELD = before
    assert len(one.submissions) + int(one.rejects["row"].notna().sum()) == sum(map(len, files))
    assert one.submissions["submission_id"].is_unique
    kept = [set(zip(t.comments["submission_id"], t.comments["text"], strict=True)) for t in (one, other)]
    assert kept[0] == kept[1]
