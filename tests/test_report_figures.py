"""What the report says of its figures."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from golden import factory, spans
from golden.page import visible

from feedback.report import charts, quality, ranking, render
from feedback.report.figures import words

RESULTS = factory.results()


@pytest.fixture(autouse=True)
def _no_charts(monkeypatch):
    """Charts take most of the time and have tests of their own."""
    monkeypatch.setattr(charts, "curve", lambda *_, **__: "<svg></svg>")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_friction_can_be_reckoned_from_the_factors_printed_beside_it(language):
    def value(text):
        return float(text.replace(",", ".").rstrip("%\u202f"))

    shown = ranking.rows(RESULTS.tables["friction"], RESULTS.journey, RESULTS.history, language)
    assert shown
    for row in shown:
        factors = [(value(row.reach), 0.05), (value(row.severity), 0.005), (value(row.impact), 0.005)]
        rounding = sum(half / factor for factor, half in factors)
        assert math.prod(f for f, _ in factors) == pytest.approx(value(row.friction), rel=rounding, abs=0.05), row.name
        assert row.negative_interval
        assert row.negative_counts.endswith(str(RESULTS.tables["friction"].set_index("touchpoint").loc[row.id, "n"]))


def test_the_formula_prints_only_powers_other_than_one():
    weights = {"version": 2, "reach": 1.0, "severity": 0.5, "impact": 0.0}
    page = visible(render(RESULTS._replace(info={**RESULTS.info, "weights": weights}), "en"))
    assert "Friction = 100 × reach × severity^0.50;" in page
    assert "Friction = 100 × portée × gravité × impact ;" in visible(render(RESULTS, "fr"))


def test_rows_read_again_are_told_from_rejected_ones():
    rejects, counts = RESULTS.tables["rejects"], RESULTS.info["counts"]
    rows = quality.rows_read(RESULTS)
    assert (rows["read_again"], rows["rejected"], rows["not_feedback"], rows["open"]) == (2, 3, 12, 0)
    said = RESULTS._replace(info={**RESULTS.info, "counts": {**counts, "read_again": 2}})
    assert quality.rows_read(said) == rows
    kept = rejects[~rejects["reason"].str.startswith("read again")]
    assert quality.rows_read(said._replace(tables={**RESULTS.tables, "rejects": kept})) == rows


def test_stars_against_the_words_are_counted():
    tables = dict(RESULTS.tables)
    keys = ["source", "submission_id"]
    segments = tables["segments"].merge(tables["comments"][["comment_id", *keys]], on="comment_id")
    first = segments.dropna(subset=["sentiment"]).groupby(keys)["sentiment"].agg(["first", "nunique"])
    counted = tables["comments"][tables["comments"]["duplicate_of"].isna() & ~tables["comments"]["is_repost"]]
    first = first[first.index.isin(pd.MultiIndex.from_frame(counted[keys]))].reset_index()
    stars = {"negative": 1.0, "neutral": 1.0, "positive": 0.0}
    scores = first[keys].assign(metric="stars", score=first["first"].map(stars))
    plain = (first["nunique"] == 1) & (first["first"] != "neutral")
    assert 0 < plain.sum() < len(first)
    assert quality.contradicted({**tables, "scores": scores}) == (plain.sum(), len(first))
    agreed = scores.assign(score=1 - scores["score"])
    assert quality.contradicted({**tables, "scores": agreed}) == (0, len(first))
    assert quality.contradicted({**tables, "scores": scores.assign(metric="nps")}) == (0, 0)
    shown = {**tables, "scores": tables["scores"].iloc[:0]}
    assert quality.quality(RESULTS._replace(tables=shown), "en").contradicted == "no stars beside a text"


def test_a_repost_that_is_a_duplicate_counts_as_a_repost():
    comments = RESULTS.tables["comments"]
    assert (comments["is_repost"] & comments["duplicate_of"].notna()).any()
    parts = {p.label: p.n for total in quality.quality(RESULTS, "en").sums for p in total.parts}
    assert parts["Reposts"] == str(comments["is_repost"].sum())
    assert parts["Duplicates"] == "1"


def test_a_column_that_two_scores_of_a_source_share_is_named():
    two = pd.concat([RESULTS.metrics, RESULTS.metrics.assign(question="Q12_1")])
    assert "Q12_1" in visible(render(RESULTS._replace(metrics=two), "en"))
    one = RESULTS.metrics.assign(question="Q12_1")
    assert "Q12_1" not in visible(render(RESULTS._replace(metrics=one), "en"))


@pytest.mark.parametrize(("score", "said"), [(0, "not satisfied"), (1, "satisfied")])
def test_a_satisfaction_of_yes_or_no_is_said_in_words(score, said):
    comments = RESULTS.tables["comments"].assign(metric="csat", score_raw=score, score_min=0, score_max=1)
    page = visible(render(RESULTS._replace(tables={**RESULTS.tables, "comments": comments}), "en"))
    assert f"· {said} ·" in page


def test_a_touchpoint_that_nobody_names_any_more_can_be_followed():
    friction = RESULTS.tables["friction"].copy()
    gone = friction["touchpoint"] == "email-delivery"
    assert friction.loc[gone, "direction"].item() == "better"
    friction.loc[gone, ["n", "n_negative", "n_positive", "n_segments"]] = 0
    friction.loc[gone, "rank"] = pd.NA
    page = render(RESULTS._replace(tables={**RESULTS.tables, "friction": friction}), "en")
    assert 'href="#at-email-delivery"' in page
    assert 'id="at-email-delivery"' in page


def test_the_base_of_the_earlier_week_is_said_when_every_touchpoint_is_new():
    friction = RESULTS.tables["friction"].assign(previous_base=pd.NA, direction="untested")
    page = visible(render(RESULTS._replace(tables={**RESULTS.tables, "friction": friction}), "en"))
    assert "Compared with week 45, 2026 (271 submissions" in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Not compared with week 45, 2026, as the models changed."),
        ("fr", "Pas de comparaison avec la semaine 45 de 2026, car les modèles ont changé."),
    ],
)
def test_weeks_that_are_not_compared_say_why_and_show_no_change(language, said):
    info = {**RESULTS.info, "not_compared": "the models differ"}
    page = render(RESULTS._replace(info=info), language)
    first_screen = visible(page[: page.index('<section id="ranking"')])
    assert said in first_screen
    assert words(language)["blocks"]["worse"]["title"] not in first_screen
    assert "→" not in first_screen
    assert "<polyline" not in page


def test_a_run_of_everything_shows_no_trend():
    info = {**RESULTS.info, "week": "all", "previous": None}
    assert "<polyline" not in render(RESULTS._replace(info=info), "en")
    assert "<polyline" in render(RESULTS, "en")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_method_names_the_command_that_measures_the_tags(language):
    page = visible(render(RESULTS, language))
    assert "feedback evaluate GOLD --journey data/journeys/concert.yaml" in page


@pytest.mark.parametrize(
    ("language", "says", "when", "why"),
    [
        ("en", "of the touchpoints given are right [", "20 November 2026", "the journey file changed"),
        ("fr", "des points de contact attribués sont justes [", "20 novembre 2026", "le parcours a changé"),
    ],
)
def test_the_accuracy_card_is_told_and_one_that_does_not_fit_is_not_taken_for_it(language, says, when, why):
    card = spans.card_of(spans.spans())
    info = {**RESULTS.info, "models": card.models}
    page = visible(render(RESULTS._replace(card=card, info=info), language))
    assert page.count(says) == 2, "on the first screen and in the method"
    assert page.count(when) == 2
    old = card.model_copy(update={"journey": card.journey.model_copy(update={"version": 0})})
    page = visible(render(RESULTS._replace(card=old, info=info), language))
    assert says not in page
    assert page.count(why) == 2
    assert "feedback evaluate GOLD --pipeline PIPELINE" in page


def test_sources_of_one_week_only_are_named_on_the_first_screen():
    friction = RESULTS.tables["friction"].assign(unmatched_sources="support_tickets, x")
    page = visible(render(RESULTS._replace(tables={**RESULTS.tables, "friction": friction}), "en"))
    assert "left out of the test: support tickets, x." in page
