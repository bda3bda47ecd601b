"""What redaction is measured on holds what it says, and the figures say whether an aim is met."""

from collections import Counter

import pytest

from feedback.privacy import patterns
from models import data, privacy


def test_fresh_remarks_are_none_that_the_recognisers_were_tuned_on():
    seen = {one.text for half in (True, False) for one in privacy.remarks(measured=half)}
    assert seen.isdisjoint(one.text for one in privacy.fresh())


def test_fresh_remarks_hold_enough_of_each_kind_and_enough_with_nothing():
    counts = Counter(kind for one in privacy.fresh() for _, _, kind in one.personal)
    least = {"PERSON": 60, "ADDRESS": 20, "EMAIL": 20, "PHONE": 20, "IBAN": 15, "CARD": 15}
    assert counts.keys() == least.keys()
    assert all(counts[kind] >= n for kind, n in least.items())
    assert sum(not one.personal for one in privacy.fresh()) >= 60


@pytest.mark.parametrize(("kind", "finder"), [("IBAN", patterns.ibans), ("CARD", patterns.cards)])
def test_fresh_accounts_and_cards_have_a_right_checksum(kind, finder):
    values = [one.text[a:b] for one in privacy.fresh() for a, b, name in one.personal if name == kind]
    assert [value for value in values if not any(finder(value))] == []


@pytest.mark.parametrize(("gone", "said"), [(1, "≥ 0.97: met"), (0, "≥ 0.97: missed")])
def test_the_table_says_whether_an_aim_is_met(gone, said):
    text = "write to jo@mail.example"
    replaced = [(9, 24, "EMAIL")] * gone
    rows = [privacy.Found(privacy.Marked(text, [(9, 24, "EMAIL")]), replaced)]
    line = next(line for line in privacy.table(rows) if line.startswith("| EMAIL"))
    assert line.split(" | ")[2] == said


def test_english_remarks_fall_into_a_half_to_tune_on_and_one_to_measure():
    halves = [privacy.remarks(privacy.ENGLISH_REMARKS, measured=half) for half in (True, False)]
    texts = [{one.text for one in half} for half in halves]
    assert texts[0].isdisjoint(texts[1])
    assert sum(map(len, texts)) >= 150
    for half in halves:
        assert sum(kind == "PERSON" for one in half for _, _, kind in one.personal) >= 40
        assert sum(not one.personal for one in half) >= 20


@pytest.mark.skipif(not data.is_there(), reason="the data sets are absent")
def test_no_template_of_the_english_set_is_both_tuned_on_and_measured():
    halves = [privacy.english(measured=half) for half in (True, False)]
    assert sum(map(len, halves)) == len(privacy.english())
    assert {one.text for one in halves[0]}.isdisjoint(one.text for one in halves[1])
