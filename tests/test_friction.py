"""Friction counts customers, prints every factor, and calls a change one only when it is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback import friction, tables
from feedback.journey import Journey
from feedback.pipeline import Thresholds, Weights

JOURNEY = Journey.model_validate(
    {
        "journey": "shop",
        "version": 1,
        "title": "Shop",
        "stages": [
            {"id": "discover", "name": "Discovery"},
            {
                "id": "buy",
                "name": "Purchase",
                "touchpoints": [{"id": name, "name": name} for name in ("site", "fees", "checkout", "mail")],
            },
        ],
    }
)
POINTS = ["discover", "site", "fees", "checkout", "mail"]
FEELING = {"negative": -0.8, "neutral": 0.0, "positive": 0.6}


def _week(said, scores=(), silent=0):
    """Tables from (customer, touchpoint, sentiment) triples, (customer, score) pairs and customers who name nothing."""
    names = sorted({name for name, *_ in said} | {name for name, _ in scores} | {f"silent{i}" for i in range(silent)})
    comments = pd.DataFrame(
        {
            "comment_id": [f"c-{name}" for name in names],
            "submission_id": names,
            "source": "survey",
            "is_repost": False,
            "duplicate_of": pd.Series([None] * len(names), dtype="str"),
        }
    )
    segments = pd.DataFrame(said, columns=["customer", "touchpoint", "sentiment"])
    segments["comment_id"] = "c-" + segments.pop("customer")
    segments["segment_id"] = [f"{c}:{i}" for i, c in enumerate(segments["comment_id"])]
    segments["stage"] = segments["touchpoint"].map(lambda t: "discover" if t == "discover" else "buy")
    segments["assignment"] = np.where(segments["touchpoint"] == "discover", "stage", "touchpoint")
    segments["touchpoint"] = segments["touchpoint"].mask(segments["touchpoint"] == "discover")
    segments["sentiment_score"] = segments["sentiment"].map(FEELING).astype(float)
    submissions = pd.DataFrame({"source": "survey", "submission_id": names})
    answers = pd.DataFrame(scores, columns=["submission_id", "score"]).assign(source="survey")
    return segments, comments, submissions, answers.astype({"submission_id": "str", "source": "str", "score": float})


def _rank(week, *, previous=None, **weights):
    return friction.rank(
        *week,
        JOURNEY,
        thresholds=Thresholds(),
        weights=Weights(**weights),
        previous=previous,
        previous_week=None if previous is None else "2026-W10",
    )


def _row(table, touchpoint):
    return table.set_index("touchpoint").loc[touchpoint]


def _random_week(seed, rates, size=400):
    draw = np.random.default_rng(seed)
    said = [
        (f"{i:04}", POINTS[t], sentiment)
        for i in range(size)
        for t in np.flatnonzero(draw.random(len(POINTS)) < rates)
        for sentiment in [draw.choice(["negative", "neutral", "positive"], p=[0.6, 0.2, 0.2])]
    ]
    return _week(said, [(f"{i:04}", s) for i, s in enumerate(draw.random(size))], silent=3)


def test_one_row_per_touchpoint_in_journey_order_even_when_nobody_wrote():
    nothing = tuple(tables.empty(s) for s in (tables.SEGMENTS, tables.COMMENTS, tables.SUBMISSIONS, tables.SCORES))
    table = _rank(nothing)
    assert list(table["touchpoint"]) == POINTS
    assert (table["base"] == 0).all()
    assert table["rank"].isna().all()
    assert table["friction"].isna().all()
    tables.FRICTION.validate(table)
    assert (_rank(nothing, previous=table)["direction"] == "untested").all()


def test_a_customer_counts_once_however_often_they_complain():
    week = _week([("ann", "fees", "negative")] * 3 + [("bob", "fees", "positive")], silent=2)
    fees = _row(_rank(week), "fees")
    assert (fees["base"], fees["n_segments"], fees["n"], fees["n_negative"], fees["n_positive"]) == (4, 4, 2, 1, 1)
    assert fees["complaint_share"] == pytest.approx(1 / 4)
    assert fees["negative_share"] == pytest.approx(1 / 2)
    assert fees["sentiment"] == pytest.approx((-0.8 + 0.6) / 2)


def test_the_worst_segment_gives_a_complaint_its_intensity():
    segments, *others = _week([("ann", "fees", "negative"), ("ann", "fees", "negative"), ("bob", "fees", "negative")])
    segments["sentiment_score"] = [-0.2, -0.9, -0.5]
    assert _row(_rank((segments, *others)), "fees")["severity"] == pytest.approx((0.9 + 0.5) / 2)


def test_duplicates_and_reposts_do_not_count():
    segments, comments, submissions, scores = _week([(name, "fees", "negative") for name in "abcd"])
    comments.loc[0, "duplicate_of"] = "c-b"
    comments.loc[2, "is_repost"] = True
    fees = _row(_rank((segments, comments, submissions, scores)), "fees")
    assert (fees["base"], fees["n"], fees["n_segments"]) == (2, 2, 2)


def test_general_and_unassigned_segments_belong_to_no_touchpoint():
    segments, *others = _week([("ann", "fees", "negative"), ("bob", "fees", "negative")])
    segments["assignment"] = ["general", "unassigned"]
    table = _rank((segments, *others))
    assert table["n"].sum() == 0
    assert (table["base"] == 2).all()


def test_a_segment_with_a_clear_stage_only_counts_where_the_stage_is_the_target():
    segments, *others = _week([("ann", "discover", "negative"), ("bob", "fees", "negative")])
    segments["assignment"], segments["touchpoint"] = "stage", None
    table = _rank((segments, *others))
    assert _row(table, "discover")["n"] == 1
    assert table["n"].sum() == 1


def test_friction_is_the_product_of_the_factors_printed():
    table = _rank(_random_week(1, 0.2), reach=0.5, severity=2, impact=3)
    product = 100 * table["reach"] ** 0.5 * table["severity"] ** 2 * table["impact"] ** 3
    assert table["friction"].to_numpy() == pytest.approx(product.to_numpy())
    assert (table["friction_low"] <= table["friction_high"]).all()


def test_praise_alone_is_no_friction():
    week = _week([(f"{i}", "mail", "positive") for i in range(12)] + [(f"{i}", "fees", "negative") for i in range(12)])
    table = _rank(week)
    assert _row(table, "mail")["friction"] == 0
    assert _row(table, "mail")["severity"] == 0
    assert (_row(table, "fees")["rank"], _row(table, "mail")["rank"]) == (1, 2)


def test_below_the_minimum_count_a_touchpoint_is_not_ranked():
    said = [(f"{i}", "fees", "negative") for i in range(9)] + [(f"{i}", "site", "negative") for i in range(10)]
    table = _rank(_week(said))
    assert list(table["rank"].isna()) == [True, False, True, True, True]


def test_impact_is_how_far_complainers_score_below_the_others():
    scores = [(f"x{i:02}", 0.2) for i in range(10)] + [(f"y{i:02}", 0.8) for i in range(10)]
    fees = _row(_rank(_week([(f"x{i:02}", "fees", "negative") for i in range(10)], scores)), "fees")
    assert fees["impact_measured"]
    assert fees["impact"] == pytest.approx(1.6)


def test_impact_is_not_measured_below_ten_scores_and_never_rewards_a_complaint():
    few = [(f"x{i}", 0.2) for i in range(9)] + [(f"y{i}", 0.8) for i in range(20)]
    fees = _row(_rank(_week([(f"x{i}", "fees", "negative") for i in range(9)], few)), "fees")
    assert (fees["impact_measured"], fees["impact"]) == (False, 1)
    content = [(f"x{i:02}", 0.9) for i in range(10)] + [(f"y{i:02}", 0.1) for i in range(10)]
    fees = _row(_rank(_week([(f"x{i:02}", "fees", "negative") for i in range(10)], content)), "fees")
    assert (fees["impact_measured"], fees["impact"]) == (True, 1)


def test_a_strict_review_site_does_not_pass_for_impact():
    strict = [(f"x{i:02}", 0.1) for i in range(20)]
    mild = [(f"y{i:02}", 0.9) for i in range(20)]
    segments, comments, submissions, scores = _week(
        [(f"x{i:02}", "fees", "negative") for i in range(10)], strict + mild
    )
    for table in (comments, submissions, scores):
        table["source"] = np.where(table["submission_id"].str.startswith("x"), "site", "survey")
    assert _row(_rank((segments, comments, submissions, scores)), "fees")["impact"] == pytest.approx(1)


def test_a_planted_rise_is_found_and_told_from_a_fall():
    before = np.array([0.15, 0.15, 0.15, 0.15, 0.40])
    after = np.array([0.15, 0.15, 0.45, 0.15, 0.15])
    table = _rank(_random_week(1, after), previous=_rank(_random_week(2, before)))
    assert list(table["direction"]) == ["same", "same", "worse", "same", "better"]
    rise = _row(table, "fees")
    assert rise["previous"] == "2026-W10"
    assert 0 < rise["change_low"] < rise["change"] < rise["change_high"]
    assert rise["q_value"] <= 0.05


def test_weeks_without_a_change_seldom_raise_an_alarm():
    previous, alarms = None, 0
    for seed in range(21):
        week = _rank(_random_week(seed, 0.15, size=300), previous=previous)
        assert previous is None or (week["direction"] == "same").any()
        alarms += week["direction"].isin(("worse", "better")).any()
        previous = week
    assert alarms <= 2


def test_without_an_earlier_week_or_enough_customers_nothing_is_tested():
    week = _week([(f"{i}", "fees", "negative") for i in range(9)], silent=30)
    first = _rank(week)
    assert (first["direction"] == "untested").all()
    assert first["previous"].isna().all()
    table = _rank(week, previous=first)
    assert (table["direction"] == "untested").all()
    assert _row(table, "fees")["previous_n_negative"] == 9
    assert _row(table, "fees")["change"] == 0


def test_a_touchpoint_that_fell_silent_is_still_tested():
    before = _rank(_week([(f"{i}", "fees", "negative") for i in range(30)], silent=70))
    after = _rank(_week([], silent=100), previous=before)
    assert _row(after, "fees")["direction"] == "better"


def _two_sources(survey, support):
    """A week in which so many of 200 people in the survey, and of so many who wrote to support, complain of fees."""
    names = {"survey": [f"a{i:03}" for i in range(200)], "support": [f"b{i:03}" for i in range(support[1])]}
    complain = names["survey"][:survey] + names["support"][: support[0]]
    everyone = names["survey"] + names["support"]
    week = _week([(name, "fees", "negative") for name in complain], [(name, 0.5) for name in everyone])
    for table in week[1:]:
        table["source"] = np.where(table["submission_id"].str.startswith("b"), "support", "survey")
    return week


def test_a_missing_export_does_not_pass_for_a_change():
    before = _rank(_two_sources(4, (20, 50)))
    fees = _row(_rank(_two_sources(4, (0, 0)), previous=before), "fees")
    assert (fees["direction"], fees["unmatched_sources"]) == ("same", "support")
    assert fees["change"] == pytest.approx(4 / 200 - 24 / 250)
    assert fees["p_value"] == pytest.approx(1)


def test_a_missing_export_does_not_hide_a_change():
    before = _rank(_two_sources(4, (40, 50)))
    fees = _row(_rank(_two_sources(24, (0, 0)), previous=before), "fees")
    assert fees["change"] < 0
    assert fees["direction"] == "worse"


def test_a_small_source_that_comes_or_goes_is_not_worth_a_word():
    before = _rank(_two_sources(4, (2, 20)))
    assert pd.isna(_row(_rank(_two_sources(4, (0, 0)), previous=before), "fees")["unmatched_sources"])
    before = _rank(_two_sources(4, (2, 23)))
    assert _row(_rank(_two_sources(4, (0, 0)), previous=before), "fees")["unmatched_sources"] == "support"


def test_weeks_without_a_source_in_common_are_not_tested():
    before = _rank(_two_sources(24, (0, 0)))
    week = _two_sources(24, (0, 0))
    for table in week[1:]:
        table["source"] = "panel"
    fees = _row(_rank(week, previous=before), "fees")
    assert (fees["direction"], fees["unmatched_sources"]) == ("untested", "panel, survey")


def test_a_week_stored_without_its_sources_is_not_tested():
    before = _rank(_two_sources(24, (0, 0))).drop(columns="by_source")
    fees = _row(_rank(_two_sources(4, (0, 0)), previous=before), "fees")
    assert (fees["direction"], fees["previous_n_negative"]) == ("untested", 24)
    assert pd.isna(fees["unmatched_sources"])


def test_a_touchpoint_new_to_the_journey_has_no_earlier_figure():
    before = _rank(_random_week(1, 0.2)).query("touchpoint != 'fees'")
    fees = _row(_rank(_random_week(2, 0.2), previous=before), "fees")
    assert fees["direction"] == "untested"
    assert pd.isna(fees["previous_base"])
    assert np.isnan(fees["change"])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.floats(0, 0.6), min_size=5, max_size=5), st.integers(1, 60))
def test_row_order_changes_nothing_and_shares_stay_in_range(seed, rates, size):
    week = _random_week(seed, np.array(rates), size)
    table = _rank(week)
    shuffled = tuple(part.sample(frac=1, random_state=seed % 1000) for part in week)
    pd.testing.assert_frame_equal(table, _rank(shuffled))
    for low, value, high in (
        ("share_low", "share", "share_high"),
        ("complaint_low", "complaint_share", "complaint_high"),
        ("negative_low", "negative_share", "negative_high"),
        ("sentiment_low", "sentiment", "sentiment_high"),
    ):
        known = table[[low, value, high]].dropna()
        assert (known[low] <= known[value] + 1e-9).all()
        assert (known[value] <= known[high] + 1e-9).all()
    assert (table["n_negative"] <= table["n"]).all()
    assert table["reach"].between(0, 1).all()
    assert (table["impact"] >= 1).all()
