"""The report as its readers see it, on an invented concert week."""

from __future__ import annotations

import html
import os
import re
from pathlib import Path

import pandas as pd
import pytest
from golden import factory
from golden.page import Reader, visible

from feedback.journey import Journey
from feedback.report import charts, evidence, quality, ranking, render
from feedback.report.figures import words
from feedback.report.results import Results, counted

GOLDEN = Path(__file__).parent / "golden"
ACTUAL = Path(__file__).parent / "actual"
RESULTS = factory.results()


@pytest.fixture(autouse=True)
def _no_charts(monkeypatch):
    """Charts take most of the time and have tests of their own."""
    monkeypatch.setattr(charts, "curve", lambda *_, **__: "<svg></svg>")


@pytest.fixture(scope="module")
def pages():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "curve", lambda *_, **__: "<svg></svg>")
        return {language: render(RESULTS, language) for language in ("en", "fr")}


def scrubbed(page: str) -> str:
    """The page without style, whose changes no reader of a diff would follow."""
    page = re.sub(r"<style>.*?</style>", "<style/>", page, flags=re.S)
    return re.sub(r"\n\s*\n+", "\n", page)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_is_the_accepted_one(language):
    """Accept a new page with FEEDBACK_ACCEPT=1 pytest tests/test_report.py, then read the diff."""
    actual, path = scrubbed(render(factory.results(60, seed=7), language)), GOLDEN / f"report.{language}.html"
    if os.environ.get("FEEDBACK_ACCEPT") == "1":
        path.write_text(actual, encoding="utf-8")
    if actual != path.read_text(encoding="utf-8"):
        ACTUAL.mkdir(exist_ok=True)
        (ACTUAL / path.name).write_text(actual, encoding="utf-8")
        pytest.fail(f"diff tests/golden/{path.name} tests/actual/{path.name}; accept with FEEDBACK_ACCEPT=1")


def test_the_page_does_not_depend_on_row_order(pages):
    shuffled = {name: table.sample(frac=1, random_state=3) for name, table in RESULTS.tables.items()}
    shuffled["topics"] = RESULTS.tables["topics"]
    shuffled["rejects"] = RESULTS.tables["rejects"]
    shuffled["friction"] = RESULTS.tables["friction"]
    assert render(RESULTS._replace(tables=shuffled), "en") == pages["en"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_is_well_formed_and_asks_for_nothing_from_outside(language, pages):
    page = Reader(pages[language])
    assert page.broken == []
    assert page.open == []
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(page.names)
    assert not [
        a for a in page.attributes if a[1] in {"src", "srcset", "action", "formaction"} or a[1].startswith("on")
    ]
    assert all(v.startswith("#") for _, k, v in page.attributes if k in {"href", "xlink:href"})
    assert "url(" not in pages[language].replace("url(#", "")
    assert "@import" not in pages[language]
    assert "default-src 'none'" in html.unescape(pages[language])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_link_leads_somewhere_and_every_id_is_given_once(language, pages):
    page = Reader(pages[language])
    ids = [v for _, k, v in page.attributes if k == "id"]
    assert len(ids) == len(set(ids))
    assert {v[1:] for _, k, v in page.attributes if k == "href"} <= set(ids)


def test_the_two_languages_have_the_same_words():
    def shape(value):
        if isinstance(value, dict):
            return {k: shape(v) for k, v in value.items()}
        if isinstance(value, list):
            return [shape(v) for v in value]
        return sorted(set(re.findall(r"\{(\w+)\}", value)))

    english, french = shape(words("en")), shape(words("fr"))
    assert english["quality"].pop("told") == {}, "reasons and remedies are written in English"
    assert french["quality"].pop("told")
    assert english == french


def test_first_screen_names_what_got_worse_what_got_better_and_what_did_not_change():
    blocks = {b.kind: b for b in ranking.blocks(RESULTS.tables["friction"], RESULTS.journey, "", "en")}
    assert [m.id for m in blocks["worse"].moves] == ["qr-gate"]
    assert [m.id for m in blocks["better"].moves] == ["email-delivery"]
    assert blocks["same"].moves[0].id == "fees"
    assert {m.id for m in blocks["same"].moves}.isdisjoint({"qr-gate", "email-delivery"})


def test_headline_says_the_change_in_each_language():
    friction = RESULTS.tables["friction"]
    english = ranking.headline(friction, RESULTS.journey, "2026-W45", "en")
    french = ranking.headline(friction, RESULTS.journey, "2026-W45", "fr")
    qr = friction.set_index("touchpoint").loc["qr-gate"]
    assert english.startswith(f"QR code at the gate got worse: {100 * qr['complaint_share']:.1f}% of the customers")
    assert "Tickets by e-mail got better" in english
    assert english.endswith("no other change is significant.")
    assert french.startswith("«\u202fQR code à l’entrée\u202f» se dégrade")
    assert f"{100 * qr['complaint_share']:.1f}".replace(".", ",") + "\u202f%" in french


def test_a_quiet_week_says_that_nothing_changed_and_what_is_criticised_most():
    friction = RESULTS.tables["friction"].assign(direction="same")
    line = ranking.headline(friction, RESULTS.journey, "2026-W45", "en")
    assert line.startswith("No significant change since week 45, 2026; customers complain most of QR code at the gate")
    assert all(
        not b.moves for b in ranking.blocks(friction, RESULTS.journey, "", "en") if b.kind in ("worse", "better")
    )


def test_a_first_run_claims_no_change():
    page = visible(render(factory.results(previous=False), "en"))
    assert "no earlier week to compare with" in page
    assert "got worse" not in page.lower()
    assert "→" not in page


def test_a_run_without_any_comment_still_has_a_page():
    empty = {name: table.iloc[:0] for name, table in RESULTS.tables.items()}
    info = {"week": "all", "counts": {"read": 0}}
    for language in ("en", "fr"):
        page = visible(render(Results(empty, info, RESULTS.journey, RESULTS.metrics.iloc[:0]), language))
        assert words(language)["headline"]["empty"] in page


def test_a_journey_with_one_stage_and_no_touchpoints_is_shown():
    journey = Journey.model_validate(
        {"journey": "tiny", "version": 1, "title": "Tiny", "stages": [{"id": "qr-gate", "name": "The only gate"}]}
    )
    table = RESULTS.tables["friction"]
    friction = table[table["touchpoint"] == "qr-gate"].assign(stage="qr-gate")
    page = visible(render(RESULTS._replace(journey=journey, tables={**RESULTS.tables, "friction": friction}), "fr"))
    assert "The only gate" in page


def test_the_curve_has_a_gap_where_fewer_than_the_minimum_speak(pages):
    friction = RESULTS.tables["friction"]
    few = friction.loc[friction["n"] < 10, "touchpoint"].to_list()
    assert few
    page = visible(pages["en"])
    assert page.count("too few") == len(few)
    for touchpoint in few:
        assert f"{RESULTS.journey.name_of(touchpoint, 'en')} (n = " in page


def test_sums_of_the_data_quality_section_add_up():
    shown = quality.quality(RESULTS, "en")
    for total in shown.sums:
        assert sum(int(p.n.replace(",", "")) for p in total.parts) == int(total.total.replace(",", "")), total.title
    assert not any(p.open for total in shown.sums for p in total.parts)
    counts = RESULTS.info["counts"]
    assert shown.sums[0].total == str(counts["read"] + counts["told_before"])


def test_rows_that_nobody_accounts_for_are_said_on_the_first_screen(pages):
    counts = {**RESULTS.info["counts"], "read": RESULTS.info["counts"]["read"] + 5}
    short = RESULTS._replace(info={**RESULTS.info, "counts": counts})
    assert "5 not accounted for" in visible(render(short, "en"))
    assert "not accounted for" not in visible(pages["en"])


def test_quotes_are_negative_counted_and_from_different_customers_sources_and_languages():
    spoken = evidence.said(RESULTS.tables)
    good = set(counted(RESULTS.tables["comments"])["comment_id"])
    here = spoken[(spoken["target"] == "qr-gate") & (spoken["sentiment"] == "negative")]
    chosen = evidence.choose(here, 3)
    assert len(chosen) == 3
    assert {q["comment_id"] for q in chosen} <= good
    assert {q["sentiment"] for q in chosen} == {"negative"}
    assert len({q["submission_id"] for q in chosen}) == 3
    assert len({q["source"] for q in chosen}) == 3
    assert {q["language"] for q in chosen} == {"en", "fr"}
    assert len({q["text"] for q in chosen}) == 3


def test_a_quote_shows_its_segment_marked_within_its_comment():
    spoken = evidence.said(RESULTS.tables)
    for item in evidence.evidence(spoken, RESULTS.tables["friction"], RESULTS.journey, 3, "Europe/Paris", "en"):
        for quote in item.quotes:
            row = spoken[spoken["comment_id"] == quote.comment_id].iloc[0]
            whole = quote.before.removeprefix("…") + quote.marked + quote.after.removesuffix("…")
            assert whole in row["comment"]
            assert quote.marked in set(spoken.loc[spoken["target"] == item.id, "text"])


def hostile(text: str) -> Results:
    """A run whose comments, labels, sources, reasons and names all hold the text."""
    tables = dict(RESULTS.tables)
    comments = tables["comments"].assign(text=text, question=text, source=text)
    tables["comments"] = comments
    tables["submissions"] = tables["submissions"].assign(source=text)
    segments = tables["segments"].assign(text=text, start=0, end=len(text))
    tables["segments"] = segments.astype({"start": "Int64", "end": "Int64"})
    tables["rejects"] = tables["rejects"].assign(reason=text, remedy=text, excerpt=text, file=text)
    tables["topics"] = tables["topics"].assign(label_en=text, label_fr=text)
    journey = RESULTS.journey.model_dump(by_alias=True)
    journey["title"] = {"en": text or "–"}
    journey["stages"][0]["name"] = {"en": text or "–"}
    journey["stages"][1]["touchpoints"][2]["name"] = {"en": text or "–"}
    metrics = RESULTS.metrics.assign(source=text, question=text)
    return RESULTS._replace(tables=tables, journey=Journey.model_validate(journey), metrics=metrics)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)> ' onmouseover='alert(1)",
        "</bdi></blockquote></main></style><h1>owned</h1><!--",
        "]]></svg><svg onload=alert(1)>",
        "{{ 7 * 7 }} {% include 'style.css' %} {now} %(x)s",
        "' + alert(1) + '",
    ],
)
def test_hostile_text_stays_text(text, pages):
    page = render(hostile(text), "en")
    read, clean = Reader(page), Reader(pages["en"])
    assert read.broken == []
    assert set(read.names) == set(clean.names)
    assert {a[:2] for a in read.attributes} == {a[:2] for a in clean.attributes}
    assert text in "".join(read.text)


def test_text_that_turns_direction_is_isolated():
    text = "\u202egnp.exe \u2067 done"
    page = render(hostile(text), "en")
    spots = [m.start() for m in re.finditer(re.escape("\u202e"), re.sub(r"<svg.*?</svg>", "", page, flags=re.S))]
    plain = re.sub(r"<svg.*?</svg>", "", page, flags=re.S)
    assert spots
    for spot in spots:
        before = plain[:spot]
        inside = before.count("<bdi") > before.count("</bdi>")
        assert inside or before.rfind("<title>") > before.rfind("</title>") or before.endswith('aria-label="'), plain[
            spot - 80 : spot + 20
        ]


def test_a_long_comment_is_cut_and_says_so():
    results = hostile("mot " * 2500)
    spoken = evidence.said(results.tables)
    quotes = evidence.evidence(spoken, results.tables["friction"], results.journey, 3, "UTC", "en")
    texts = [q.before + q.marked + q.after for item in quotes for q in item.quotes]
    assert texts
    assert all(len(t) < 750 and "…" in t for t in texts)


def test_characters_that_html_cannot_hold_are_replaced():
    page = render(hostile("a\x00b\x1bc"), "en")
    assert "a\ufffdb\ufffdc" in page
    page.encode("utf-8")
    assert "\x00" not in page


def test_figures_of_the_page_are_those_of_the_tables():
    friction = RESULTS.tables["friction"]
    rows = {r.id: r for r in ranking.rows(friction, RESULTS.journey, RESULTS.history, "en")}
    assert list(rows) == friction[friction["rank"].notna()].sort_values("rank")["touchpoint"].to_list()
    for r in friction[friction["rank"].notna()].to_dict("records"):
        row = rows[r["touchpoint"]]
        assert row.friction == f"{r['friction']:.1f}"
        assert row.complaint == f"{100 * r['complaint_share']:.1f}%"
        assert row.counts == f"{r['n_negative']} of {r['base']}"
        assert 0 <= row.bar.low <= row.bar.value <= row.bar.high <= 100


def test_a_score_is_shown_with_its_interval_its_definition_and_both_bases(pages):
    page = visible(pages["en"])
    nps = RESULTS.metrics[RESULTS.metrics["metric"] == "nps"].iloc[0]
    assert f"{nps['value']:+.1f} [{nps['low']:+.1f} to {nps['high']:+.1f}]" in page
    assert nps["definition_en"] in page
    assert f" {nps['n']} " in page
    assert f" {nps['n_text']} " in page


def test_null_figures_are_dashes_never_nan(pages):
    for page in pages.values():
        assert not re.search(r"\b(nan|None|NaT|<NA>)\b", visible(page))
    assert pd.isna(RESULTS.tables["friction"]["q_value"]).any()


def test_the_layout_for_phones_is_not_used_on_paper(pages):
    assert re.findall(r"@media [^{]*max-width", pages["en"]) == ["@media screen and (max-width"]
