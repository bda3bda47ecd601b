"""The choice of what to label next: doubtful, unlike one another, touchpoint by touchpoint, and the same every time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import active

UNIT = np.eye(8, dtype=np.float32)
NONE_KNOWN = np.zeros((0, 8), dtype=np.float32)


def chosen(p, n, vectors=None, groups=None, labelled=None, known=NONE_KNOWN):
    p = np.array(p, dtype=float)
    vectors = UNIT[: len(p)] if vectors is None else vectors
    groups = np.arange(len(p)) if groups is None else np.array(groups)
    labelled = np.zeros(p.shape[1]) if labelled is None else np.array(labelled, dtype=float)
    return active.chosen(vectors, p, groups, n, labelled=labelled, known=known)


SURE, TORN, LESS = [0.98, 0.01, 0.01], [0.4, 0.38, 0.22], [0.5, 0.3, 0.2]


def test_the_most_doubtful_come_first():
    assert chosen([SURE, LESS, TORN, SURE], 2) == [2, 1]


def test_a_touchpoint_with_few_labels_goes_before_others():
    other = [0.38, 0.4, 0.22]
    p = [TORN, TORN, other, TORN, other]
    assert [np.argmax(p[i]) for i in chosen(p, 4)] == [0, 1, 0, 1]
    assert [np.argmax(p[i]) for i in chosen(p, 3, labelled=[5, 0, 0])] == [1, 1, 0]


def test_near_duplicates_of_each_other_and_of_what_is_labelled_are_left_out():
    vectors = UNIT[[0, 0, 1, 2, 3, 4]]
    assert sorted(chosen([TORN] * 6, 6, vectors)) == [0, 2, 3, 4, 5]
    assert sorted(chosen([TORN] * 6, 6, vectors, known=UNIT[[0, 2]])) == [2, 4, 5]


def test_a_comment_gives_one_segment():
    assert chosen([LESS, TORN, SURE, SURE], 4, groups=[7, 7, 8, 8])[0] == 1
    assert len(chosen([LESS, TORN, SURE, SURE], 4, groups=[7, 7, 8, 8])) == 2


def test_there_may_be_nothing_to_choose():
    assert active.chosen(NONE_KNOWN, np.zeros((0, 3)), np.array([], dtype=int), 5, labelled=np.zeros(3),
                         known=NONE_KNOWN) == []  # fmt: skip


def test_uncertainty_spans_from_sure_to_torn():
    assert active.uncertainty(np.array([[1.0, 0, 0]]))[0] == pytest.approx(0)
    assert active.uncertainty(np.full((1, 3), 1 / 3))[0] == pytest.approx(1)


@given(st.sets(st.text(min_size=1, max_size=5), min_size=5, max_size=30), st.randoms())
def test_a_sample_does_not_depend_on_the_order(names, random):
    names = sorted(names)
    first = {names[i] for i in active.drawn(names, "a", 4)}
    random.shuffle(names)
    assert {names[i] for i in active.drawn(names, "a", 4)} == first


def test_samples_with_another_salt_differ_and_each_name_is_drawn_as_often():
    names = [f"s{i}" for i in range(20)]
    times = np.bincount(np.concatenate([active.drawn(names, str(salt), 5) for salt in range(400)]), minlength=20)
    assert times.sum() == 2000
    # 100 times each; the standard deviation is sqrt(400 × 0.25 × 0.75) = 8.7.
    assert abs(times - 100).max() < 44
