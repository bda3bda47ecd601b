"""The accuracy card as its readers see it, on invented labelled spans."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET

import pytest
from golden.page import Reader, visible
from golden.spans import JOURNEY, card_of, spans

from feedback import output
from feedback.card import Card
from feedback.errors import StoreError, UsageError
from feedback.journey import Journey
from feedback.report import card_charts, drawn, render_card
from feedback.report.card import build, headline
from feedback.report.figures import words

SPANS = spans()
CARD = card_of(SPANS.assign(touchpoint_2=SPANS["touchpoint"].where(SPANS.index < 50)))
CHARTS = ("labels", "risk", "reliability", "fates", "languages")


@pytest.fixture
def no_charts(monkeypatch):
    """Charts take most of the time and have tests of their own."""
    for name in CHARTS:
        monkeypatch.setattr(card_charts, name, lambda *_, **__: "<svg></svg>")


@pytest.fixture(scope="module")
def pages():
    """The pages with their charts, drawn once."""
    return {language: render_card(CARD, JOURNEY, language) for language in ("en", "fr")}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_is_well_formed_and_asks_for_nothing_from_outside(language, pages):
    page = Reader(pages[language])
    assert (page.broken, page.open) == ([], [])
    assert not {"script", "link", "iframe", "object", "embed", "form", "base", "image"} & set(page.names)
    assert not [a for a in page.attributes if a[1] in {"src", "srcset"} or a[1].startswith("on")]
    assert all(v.startswith("#") for _, k, v in page.attributes if k in {"href", "xlink:href"})
    assert "default-src 'none'" in html.unescape(pages[language])
    ids = [v for _, k, v in page.attributes if k == "id"]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_picture_is_drawn_and_told_in_words(language, pages):
    page = Reader(pages[language])
    pictures = [dict(zip(("tag", "key", "value"), a, strict=True)) for a in page.attributes if a[1] == "aria-label"]
    told = [p["value"] for p in pictures if p["tag"] == "div"]
    assert len(told) == page.names.count("svg") - len(CARD.confused[:8]) == 11
    assert all(len(text) > 30 for text in told)


def test_the_pictures_name_every_touchpoint_and_its_n(pages):
    drawings = re.findall(r"<svg.*?</svg>", pages["en"], re.DOTALL)
    of_touchpoints = [" ".join(ET.fromstring(svg).itertext()) for svg in drawings if "Ads and social" in svg]
    assert len(of_touchpoints) == 2, "across the page, and down it for phones"
    for text in of_touchpoints:
        assert all(point.name["en"].split()[0] in text for _, point in JOURNEY.targets())
        assert all(f"n = {label.n}" in text for label in CARD.touchpoints)


@pytest.mark.usefixtures("no_charts")
def test_the_headline_is_in_whole_numbers_of_a_hundred():
    everything = CARD.groups[0]
    right = round(100 * everything.right.value)
    assert headline(everything, "en").startswith(f"Of 100 touchpoints given, {right} are right [")
    assert headline(everything, "fr").startswith(f"Sur 100 points de contact attribués, {right} sont justes [")


@pytest.mark.usefixtures("no_charts")
def test_a_tagger_that_gave_nothing_has_a_page_too():
    silent = card_of(SPANS.head(30).assign(given="unassigned", assignment="unassigned"))
    page = visible(render_card(silent, JOURNEY, "en"))
    assert words("en")["card"]["headline_none"] in page


@pytest.mark.parametrize("rows", [1, 3])
def test_hardly_any_spans_have_a_page_with_pictures(rows):
    assert "<svg" in render_card(card_of(SPANS.head(rows)), JOURNEY, "fr")


@pytest.mark.usefixtures("no_charts")
def test_agreement_is_shown_as_the_ceiling_and_asked_for_where_there_is_none():
    page = visible(render_card(CARD, JOURNEY, "en"))
    assert "Software and first person" in page
    assert words("en")["card"]["people"]["none"] not in page
    alone = visible(render_card(card_of(SPANS), JOURNEY, "en"))
    assert words("en")["card"]["people"]["none"] in alone


@pytest.mark.usefixtures("no_charts")
def test_a_pair_worth_merging_is_marked():
    mixed = SPANS.assign(given=SPANS["given"].mask(SPANS["touchpoint"] == "price", "fees"))
    view = build(card_of(mixed), JOURNEY, "fr")
    assert [(pair.names, pair.verdict) for pair in view.confused if pair.merge] == [
        (("Prix du billet", "Frais de service"), "À fusionner")
    ]


@pytest.mark.usefixtures("no_charts")
def test_the_french_page_speaks_french():
    page = visible(render_card(CARD, JOURNEY, "fr"))
    english = ("touchpoint given", "Right when", "shipped", "remarks", "encoder ", "negative")
    assert [word for word in english if word in page] == []
    assert "20 novembre 2026" in page
    assert "encodeur invented-1" in page


def test_names_are_text_in_the_page_whatever_they_hold():
    journey = JOURNEY.model_dump(by_alias=True)
    bad = "</text><script>alert(1)</script>' + \"x\x00\x1b\uffff"
    journey["stages"][0]["touchpoints"][0]["name"] = {"en": bad}
    journey["stages"][1]["name"] = {"en": bad}
    page = render_card(CARD, Journey.model_validate(journey), "en")
    assert "<script" not in page
    assert "alert(1)" in visible(page)


def test_a_picture_is_the_same_each_time():
    part = CARD.reliability[0]
    assert drawn.reliability(part, "en") == drawn.reliability(part, "en")


# Where it is written


@pytest.mark.usefixtures("no_charts")
def test_the_card_is_two_pages_and_a_file(tmp_path):
    paths = output.write_card(CARD, JOURNEY, tmp_path / "a" / "b")
    assert sorted(path.name for path in paths) == ["card.en.html", "card.fr.html", "card.json"]
    assert Card.model_validate(json.loads(paths[-1].read_text("utf-8"))) == CARD
    before = [path.read_bytes() for path in paths]
    output.write_card(CARD, JOURNEY, tmp_path / "a" / "b")
    assert [path.read_bytes() for path in paths] == before
    assert len(list((tmp_path / "a" / "b").iterdir())) == 3


def test_its_place_is_the_workspace_or_the_folder_asked_for_or_none(tmp_path):
    gold = tmp_path / "brand.csv"
    assert output.card_folder(gold, None, tmp_path) is None
    assert output.card_folder(gold, tmp_path / "x", tmp_path) == tmp_path / "x"
    (tmp_path / "pipelines").mkdir()
    assert output.card_folder(gold, None, tmp_path / "pipelines") == tmp_path.resolve() / "reports/accuracy/brand"
    gold.write_text("")
    with pytest.raises(UsageError, match="OUT is a file"):
        output.card_folder(gold, gold, tmp_path)


@pytest.mark.usefixtures("no_charts")
def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the accuracy card cannot be written"):
        output.write_card(CARD, JOURNEY, tmp_path / "file" / "card")
