"""The figures of the accuracy card, from tables of labelled spans and the tags that met them."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from golden.spans import JOURNEY, THRESHOLDS, card_of, spans
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sklearn.metrics import cohen_kappa_score, f1_score

from feedback import accuracy, agreement, calibration, confusion, evaluate, risk_coverage, schema
from feedback.card import FILE, FOLDER, Card, newest, unlike

POINTS = [point.id for _, point in JOURNEY.targets()]
SPANS = spans()


@pytest.fixture(scope="module")
def card() -> Card:
    return card_of(SPANS)


def test_precision_recall_and_f1_are_those_of_scikit_learn(card):
    said, got = SPANS["touchpoint"], SPANS["given"]
    expected = f1_score(said, got, labels=[*POINTS, "general"], average=None, zero_division=0)
    assert [label.f1.value or 0 for label in card.touchpoints] == pytest.approx(list(expected))
    assert card.groups[0].macro_f1.value == pytest.approx(
        f1_score(said, got, labels=[p for p in POINTS if p in set(said)], average="macro", zero_division=0)
    )


def test_every_interval_holds_its_figure(card):
    figures = [
        figure
        for label in [*card.touchpoints, *card.stages, *card.sentiment.labels]
        for figure in (label.precision, label.recall, label.f1)
    ]
    figures += [getattr(group, name) for group in card.groups for name in (*accuracy.SHARES, "macro_f1")]
    known = [f for f in figures if f.value is not None]
    assert len(known) > 60
    assert all(f.low <= f.value + 1e-12 and f.value <= f.high + 1e-12 for f in known)
    assert all(f.low is None for f in figures if f.value is None and f.n == 0)


def test_f1_of_few_spans_all_right_is_not_said_to_be_certain():
    (label,) = accuracy.labels(pd.Series(["a"] * 5), pd.Series(["a"] * 5), ["a"])
    assert label.f1.value == 1
    assert label.f1.low < 0.8


def test_the_order_of_rows_changes_nothing(card):
    assert card_of(SPANS.sample(frac=1, random_state=3)) == card


def test_stages_follow_from_touchpoints_and_a_stage_alone_counts_as_one(card):
    buy = next(stage for stage in card.stages if stage.id == "buy")
    assert buy.n == (SPANS["stage"] == "buy").sum()
    assert buy.given == (SPANS["stage_given"] == "buy").sum()
    assert buy.given > (SPANS["assignment"].eq("touchpoint") & SPANS["stage_given"].eq("buy")).sum()


def test_every_span_has_one_fate(card):
    assert sum(fate.n for fate in card.fates) == len(SPANS)
    assert all(f.n == f.right + f.wrong + f.stage + f.general + f.unassigned for f in card.fates)
    of = {fate.said: fate for fate in card.fates}
    assert of["general"].general == ((SPANS["touchpoint"] == "general") & (SPANS["given"] == "general")).sum()
    assert of["general"].right == 0


def test_languages_are_compared_and_a_worse_one_is_seen():
    bad = SPANS.assign(given=SPANS["given"].mask(SPANS["language"] == "fr", "refund"))
    found = {d.figure: d for d in card_of(bad).differences}
    assert set(found) == {*accuracy.SHARES, "macro_f1"}
    assert all(found[name].low > 0 for name in ("right", "macro_f1"))
    twins = pd.concat([SPANS.assign(language=code) for code in ("en", "fr")])
    assert all(d.value == pytest.approx(0) and d.low < 0 < d.high for d in card_of(twins).differences)


def test_one_language_is_compared_with_none():
    assert card_of(SPANS[SPANS["language"] == "fr"]).differences == []


# Taken for one another


def pairs(said: list[str], got: list[str]) -> dict[tuple[str, str], bool]:
    found = confusion.pairs(pd.Series(said), pd.Series(got), ["a", "b", "c", "d"])
    return {(r.first, r.second): bool(r.merge) for r in found.itertuples()}


def test_two_that_nobody_can_tell_apart_are_worth_merging():
    assert pairs(["a", "b"] * 20 + ["c"] * 20, ["a", "a"] * 20 + ["c"] * 20) == {("a", "b"): True}


def test_a_single_confusion_is_an_accident():
    assert pairs(["a"] * 10 + ["b"] * 10, ["b"] + ["a"] * 9 + ["b"] * 10) == {}


def test_a_few_confusions_among_few_may_be_chance():
    assert pairs(["a"] * 6 + ["b"] * 6, ["b"] * 2 + ["a"] * 4 + ["b"] * 6) == {("a", "b"): False}


def test_many_confusions_among_very_many_are_rare():
    assert pairs(["a"] * 500 + ["b"] * 500, ["b"] * 40 + ["a"] * 460 + ["b"] * 500) == {("a", "b"): False}


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=60))
@settings(max_examples=30, deadline=None)
def test_forth_and_back_are_counted_whichever_way_the_pair_is_named(rows):
    said, got = (pd.Series(column) for column in zip(*rows, strict=True))
    found = confusion.pairs(said, got, ["a", "b", "c", "d"])
    turned = confusion.pairs(said, got, ["d", "c", "b", "a"])
    assert {(r.first, r.second, r.forth, r.back) for r in found.itertuples()} == {
        (r.second, r.first, r.back, r.forth) for r in turned.itertuples()
    }


# Risk and coverage


def test_the_curve_and_its_area_are_those_worked_by_hand():
    found = risk_coverage.curve(
        np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, True]), np.ones(4, dtype=bool)
    )
    assert found["coverage"].tolist() == [0.25, 0.5, 0.75, 1]
    assert found["risk"].tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4])
    assert risk_coverage.area(found) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert risk_coverage.within(found, 0.3)["threshold"].tolist() == [0.6]
    assert risk_coverage.within(found, 0.2)["threshold"].tolist() == [0.9]


def test_equal_probabilities_are_given_or_withheld_together():
    found = risk_coverage.curve(np.full(3, 0.5), np.array([True, False, False]), np.ones(3, dtype=bool))
    assert found["risk"].tolist() == pytest.approx([2 / 3])


def test_praise_of_the_whole_is_wrong_at_any_threshold_and_covers_nothing():
    found = risk_coverage.curve(np.array([0.9, 0.8]), np.array([False, True]), np.array([False, True]))
    assert found["coverage"].tolist() == [0, 1]
    assert found["risk"].tolist() == [1, 0.5]


def test_the_present_threshold_stands_on_the_curve(card):
    found, at = card.risk_coverage, THRESHOLDS.touchpoint
    nearest = min((p for p in found.points if p.threshold >= at), key=lambda p: p.threshold)
    assert found.now.threshold == at
    assert (found.now.given, found.now.risk, found.now.coverage) == pytest.approx(
        (nearest.given, nearest.risk, nearest.coverage), abs=0.02 * found.now.given
    )
    assert found.within is None or found.within.risk <= found.limit


def test_where_everything_is_wrong_no_threshold_keeps_the_risk():
    wrong = SPANS.assign(likeliest="refund", touchpoint="ad")
    assert card_of(wrong).risk_coverage.within is None


# Calibration


def test_perfect_probabilities_have_an_error_within_chance_and_boasting_ones_have_not():
    rng = np.random.default_rng(1)
    p = rng.random(900)
    fair, sure = rng.random(900) < p, rng.random(900) < p / 2
    limit = calibration.by_chance(p)
    assert calibration.error(calibration.bins(p, fair)) <= limit
    assert calibration.error(calibration.bins(p, sure)) > 3 * limit


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0]), st.booleans()), max_size=60), st.randoms())
@settings(max_examples=40, deadline=None)
def test_bins_hold_every_row_once_whatever_their_order(rows, random):
    def bins(rows):
        p, right = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.zeros(0), np.zeros(0))
        return calibration.bins(p, right.astype(bool))

    found = bins(rows)
    again = bins(random.sample(rows, len(rows)))
    assert found["n"].sum() == len(rows)
    assert len(found) == min(len(rows), calibration.BINS)
    assert found["n"].max() - found["n"].min() <= 1 or not len(rows)
    pd.testing.assert_frame_equal(found, again)


def test_the_four_probabilities_are_looked_at(card):
    assert [part.of for part in card.reliability] == ["touchpoint", "negative", "neutral", "positive"]


# A second annotator


def test_kappa_is_that_of_scikit_learn_and_lies_in_its_interval():
    first, second = SPANS["touchpoint"], SPANS["given"]
    found = agreement.kappa(first, second)
    assert found.value == pytest.approx(cohen_kappa_score(first, second))
    assert found.low < found.value < found.high


def test_agreement_is_over_what_both_labelled_and_the_tagger_stands_beside(card):
    assert card.agreement == []
    twice = SPANS.assign(touchpoint_2=SPANS["touchpoint"].where(SPANS.index < 50))
    (found,) = card_of(twice).agreement
    assert (found.on, found.people.share.n, found.people.kappa.value) == ("touchpoint", 50, pytest.approx(1))
    assert found.tagger.share.n == 50
    assert found.tagger.kappa.value < 1


def test_two_who_say_one_thing_only_have_no_kappa():
    assert np.isnan(agreement.kappa(pd.Series(["a", "a"]), pd.Series(["a", "a"])).value)


# The file


def test_card_json_is_as_its_schema_says_and_reads_back_the_same(card):
    text = card.model_dump_json()
    errors = Draft202012Validator(json.loads(schema.of("card"))).iter_errors(json.loads(text))
    assert [error.message for error in errors] == []
    assert Card.model_validate_json(text) == card


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_card_of_hardly_any_spans_is_still_one(rows):
    found = card_of(SPANS.head(rows))
    assert Card.model_validate_json(found.model_dump_json()) == found
    assert "labelled spans" in evaluate.as_text(found)


def test_spans_that_met_no_segment_count_as_unassigned():
    lost = SPANS.head(20).assign(
        given="unassigned", assignment=None, stage_given=None, sentiment_given=None, probability=np.nan, likeliest=None
    )
    found = card_of(lost)
    assert (found.groups[0].right.n, found.groups[0].sentiment.value) == (0, 0)
    assert found.reliability[0].n == 0


def put(root, name: str, card: Card) -> None:
    folder = root / FOLDER / name
    folder.mkdir(parents=True)
    (folder / FILE).write_text(card.model_dump_json(), encoding="utf-8")


def info(card: Card) -> dict:
    return {"models": card.models, "thresholds": {**card.thresholds, "min_count": 10}}


def test_the_newest_card_that_fits_is_taken(card, tmp_path):
    assert newest(tmp_path, JOURNEY, info(card)) is None
    put(tmp_path, "old", card.model_copy(update={"measured": date(2026, 1, 1)}))
    put(tmp_path, "new", card)
    put(tmp_path, "other", card.model_copy(update={"measured": date(2027, 1, 1), "models": {"encoder": "x"}}))
    (tmp_path / FOLDER / "new" / "more").mkdir()
    put(tmp_path, "torn", card)
    (tmp_path / FOLDER / "torn" / FILE).write_text('{"card": 1')
    assert newest(tmp_path, JOURNEY, info(card)) == card


def test_a_card_that_does_not_fit_is_told_from_one_that_does(card, tmp_path):
    assert unlike(card, JOURNEY, info(card)) == []
    later = JOURNEY.model_copy(update={"version": 2})
    edited = JOURNEY.model_copy(update={"stages": JOURNEY.stages[1:]})
    assert unlike(card, later, info(card)) == unlike(card, edited, info(card)) == ["journey"]
    assert unlike(card, JOURNEY, {**info(card), "models": {**card.models, "mapping": "x"}}) == ["models"]
    assert unlike(card, JOURNEY, {**info(card), "thresholds": {"touchpoint": 0.9}}) == ["thresholds"]
    put(tmp_path, "old", card)
    assert newest(tmp_path, later, info(card)) == card
    assert newest(tmp_path, JOURNEY.model_copy(update={"journey": "shop"}), info(card)) is None
