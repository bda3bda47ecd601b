"""The emotional curve as a drawing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from golden import factory

from feedback.report import charts
from feedback.report.curve import curve

RESULTS = factory.results()
LABELS = charts.Labels("positive", "negative")


@pytest.fixture(scope="module")
def drawn():
    return curve(RESULTS, "en")


def texts(svg: str) -> str:
    return " ".join(" ".join(ET.fromstring(svg).itertext()).split())


@pytest.mark.parametrize("orientation", ["wide", "tall"])
def test_the_curve_names_every_touchpoint_and_its_n(drawn, orientation):
    shown = texts(getattr(drawn, orientation))
    for point in drawn.points:
        assert point.name.split()[0] in shown
        assert f"n = {point.n}" in shown


@pytest.mark.parametrize("orientation", ["wide", "tall"])
def test_the_line_breaks_where_too_few_customers_speak(drawn, orientation):
    friction = RESULTS.tables["friction"]
    shown = (friction["n"] >= 10).to_list()
    runs = sum(now and not before for before, now in zip([False, *shown], shown, strict=False))
    svg = getattr(drawn, orientation)
    lines = re.findall(r'<path[^>]*stroke="#22303c"[^>]*stroke-width="2"[^>]*>', svg)
    assert len(lines) == runs


def test_the_drawing_asks_for_nothing_from_outside(drawn):
    for svg in (drawn.wide, drawn.tall):
        assert "href" not in svg
        assert "<image" not in svg
        assert "@import" not in svg


def test_the_drawing_is_the_same_each_time(drawn):
    assert curve(RESULTS, "en") == drawn


def test_names_are_text_in_the_drawing_whatever_they_hold():
    journey = RESULTS.journey.model_dump(by_alias=True)
    bad = "</text><script>alert(1)</script>' + \"x\x00\x1b\uffff"
    journey["stages"][0]["touchpoints"][0]["name"] = {"en": bad}
    journey["stages"][1]["name"] = {"en": bad}
    hostile = RESULTS._replace(journey=type(RESULTS.journey).model_validate(journey))
    for svg in (curve(hostile, "en").wide, curve(hostile, "en").tall):
        assert "<script" not in svg
        assert "alert(1)" in texts(svg)


def test_the_alternative_text_names_the_lowest_and_the_highest(drawn):
    friction = RESULTS.tables["friction"]
    ranked = friction[friction["n"] >= 10].sort_values("sentiment")
    for touchpoint in (ranked["touchpoint"].iloc[0], ranked["touchpoint"].iloc[-1]):
        assert RESULTS.journey.name_of(touchpoint, "en") in drawn.alt
