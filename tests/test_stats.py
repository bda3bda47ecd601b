"""The statistics agree with published examples and keep their promises on any counts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import stats, tables

COUNTS = st.lists(st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1)


def test_wilson_agrees_with_newcombe_1998_table_1():
    low, high = stats.wilson([81, 15, 0, 1], [263, 148, 20, 29])
    assert low == pytest.approx([0.2553, 0.0624, 0.0000, 0.0061], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


def test_newcombe_agrees_with_newcombe_1998_table_2():
    low, high = stats.newcombe([56, 9, 10], [70, 10, 10], [48, 3, 0], [80, 10, 20])
    assert low == pytest.approx([0.0524, 0.1705, 0.6791], abs=5e-5)
    assert high == pytest.approx([0.3339, 0.8090, 1.0], abs=5e-5)


def test_the_stratified_test_agrees_with_bickel_1975_on_admissions():
    men, women = [[512, 353, 120, 138, 53, 22], [89, 17, 202, 131, 94, 24]]
    p, excess = stats.cochran_mantel_haenszel(men, [825, 560, 325, 417, 191, 373], women, [108, 25, 593, 375, 393, 341])
    assert p == pytest.approx(0.2169, abs=5e-5)
    assert excess < 0  # pooled over the departments men are admitted more often


def test_few_counts_are_tested_exactly_as_in_mantel_1963_on_rabbits():
    p, _ = stats.cochran_mantel_haenszel([0, 3, 6, 5, 2], [6, 6, 6, 6, 2], [0, 0, 2, 6, 5], [5, 6, 6, 6, 5])
    assert p == pytest.approx(0.03994, abs=5e-6)


def test_one_stratum_of_few_counts_is_the_lady_tasting_tea():
    p, excess = stats.cochran_mantel_haenszel([[3]], [[4]], [[1]], [[4]])
    assert p == pytest.approx([0.4857], abs=5e-5)
    assert excess == pytest.approx([1])


@given(COUNTS, COUNTS)
def test_the_stratified_test_is_the_same_from_both_sides(first, second):
    size = min(len(first), len(second))
    one, other = np.array(first[:size]).T, np.array(second[:size]).T
    p, excess = stats.cochran_mantel_haenszel(*one, *other)
    back, opposite = stats.cochran_mantel_haenszel(*other, *one)
    assert p == pytest.approx(back, nan_ok=True)
    assert excess == pytest.approx(-opposite, nan_ok=True, abs=1e-9)
    assert np.isnan(p) or 0 <= p <= 1


def test_benjamini_hochberg_agrees_with_the_1995_paper():
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    p += [0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    assert (stats.benjamini_hochberg(p) <= 0.05).sum() == 4


def test_nps_counts_promoters_and_detractors_with_an_adjusted_wald_interval():
    nps = stats.nps([10] * 19 + [8] * 8 + [3] * 9)
    p, d = 19.75 / 39, 9.75 / 39
    half = 1.959964 * np.sqrt((p + d - (p - d) ** 2) / 39)
    assert nps.n == 36
    assert nps.value == pytest.approx(100 * 10 / 36)
    assert (nps.low, nps.high) == pytest.approx((100 * (p - d - half), 100 * (p - d + half)))


def test_the_mean_has_student_s_interval():
    assert stats.mean_interval([1, 2, 3, np.nan]) == pytest.approx((3, 2.0, -0.48414, 4.48414), abs=1e-4)


def test_without_a_base_there_is_no_figure_and_no_error():
    for figure in (stats.nps([]), stats.share([]), stats.mean_interval([])):
        assert figure.n == 0
        assert np.isnan(figure[1:]).all()
    assert np.isnan(stats.wilson(0, 0)).all()
    assert np.isnan(stats.newcombe(0, 0, 3, 10)).all()
    assert np.isnan(stats.newcombe(3, 10, np.nan, np.nan)).all()
    assert np.isnan(stats.cochran_mantel_haenszel([3, 0], [10, 0], [np.nan, 1], [np.nan, 5])).all()
    assert np.isnan(stats.cochran_mantel_haenszel([], [], [], [])).all()
    assert np.isnan(stats.shrink([0, 0], [0, 0])).all()


@given(COUNTS)
def test_wilson_stays_in_range_around_the_share(pairs):
    k, n = np.array(pairs).T
    low, high = stats.wilson(k, n)
    some = n > 0
    share = k[some] / n[some]
    assert (low[some] >= 0).all()
    assert (high[some] <= 1).all()
    assert (low[some] <= share + 1e-12).all()
    assert (share <= high[some] + 1e-12).all()
    assert np.isnan(low[~some]).all()


@given(st.lists(st.one_of(st.floats(0, 1), st.just(np.nan)), max_size=30))
def test_adjusted_p_values_keep_their_order_and_never_fall_below_p(values):
    p = np.array(values, float)
    q = stats.benjamini_hochberg(p)
    assert (np.isnan(p) == np.isnan(q)).all()
    p, q = p[~np.isnan(p)], q[~np.isnan(q)]
    assert (q >= p - 1e-12).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p)]) >= -1e-12).all()


@given(COUNTS)
def test_shrinking_moves_shares_toward_the_mean_and_never_past_it(pairs):
    k, n = np.array(pairs).T
    shrunk, some = stats.shrink(k, n), n > 0
    if some.any():
        own, mean = k[some] / n[some], k.sum() / n.sum()
        assert (np.abs(shrunk[some] - mean) <= np.abs(own - mean) + 1e-12).all()
        assert ((shrunk[some] - mean) * (own - mean) >= -1e-12).all()


def test_a_small_base_is_shrunk_more_than_a_large_one():
    small, large, *_ = stats.shrink([5, 500, 300, 100], [10, 1000, 1000, 1000])
    assert abs(small - 0.5) > abs(large - 0.5)


def _scores(metric, raw, low, high):
    raw = np.array(raw, float)
    ids = [f"{metric}{i}" for i in range(len(raw))]
    columns = {"submission_id": ids, "source": "shop", "metric": metric, "question": "Q", "score_raw": raw}
    columns |= {"score_min": float(low), "score_max": float(high), "score": (raw - low) / (high - low)}
    return pd.DataFrame(columns)


def _submissions(scores, with_text):
    columns = {"source": scores["source"], "submission_id": scores["submission_id"]}
    return pd.DataFrame(columns | {"has_text": [i < with_text for i in range(len(scores))]})


@pytest.mark.parametrize(
    ("metric", "raw", "scale", "value", "unit"),
    [
        ("nps", [10, 9, 8, 6], (0, 10), 25.0, "points"),
        ("nps", [10, 9, 8, 6, 1], (1, 10), 0.0, "points"),
        ("csat", [5, 4, 3, 1], (1, 5), 50.0, "%"),
        ("csat", [10, 9, 8, 7], (1, 10), 50.0, "%"),
        ("csat", [1, 1, 0, 0], (0, 1), 50.0, "%"),
        ("csat", [3, 2, 1, 1], (1, 3), 25.0, "%"),
        ("ces", [7, 5, 3], (1, 7), 5.0, "mean"),
        ("stars", [5, 4], (1, 5), 4.5, "mean"),
        ("other", [1, 2], (0, 4), 1.5, "mean"),
    ],
)
def test_each_metric_follows_its_printed_definition(metric, raw, scale, value, unit):
    scores = _scores(metric, raw, *scale)
    (row,) = stats.metrics(scores, _submissions(scores, with_text=1)).to_dict("records")
    assert (row["metric"], row["unit"], row["n"], row["n_text"]) == (metric, unit, len(raw), 1)
    assert row["value"] == pytest.approx(value)
    assert row["definition_en"] != row["definition_fr"]


def test_an_nps_question_on_another_scale_is_not_called_nps():
    scores = _scores("nps", [5, 5, 4], 1, 5)
    assert list(stats.metrics(scores, _submissions(scores, 0))["metric"]) == ["other"]


def test_answers_without_a_question_count_and_no_answers_give_no_rows():
    scores = _scores("stars", [5, 4], 1, 5).assign(question=None)
    assert list(stats.metrics(scores, _submissions(scores, 0))["n"]) == [2]
    assert stats.metrics(tables.empty(tables.SCORES), tables.empty(tables.SUBMISSIONS)).empty


def test_metrics_do_not_depend_on_the_order_of_rows():
    scores = pd.concat([_scores("nps", [10, 9, 2], 0, 10), _scores("stars", [5, 1, 4], 1, 5)], ignore_index=True)
    submissions = _submissions(scores, 4)
    shuffled = scores.sample(frac=1, random_state=3), submissions.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(stats.metrics(scores, submissions), stats.metrics(*shuffled))
