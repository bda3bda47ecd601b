"""The French page, in words that its readers use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from golden import factory
from golden.page import visible

from feedback import report
from feedback.report import charts, quality, render
from feedback.report.figures import words

RESULTS = factory.results()


@pytest.fixture(autouse=True)
def _no_charts(monkeypatch):
    """Charts take most of the time and have tests of their own."""
    monkeypatch.setattr(charts, "curve", lambda *_, **__: "<svg></svg>")


@pytest.fixture(scope="module")
def page():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "curve", lambda *_, **__: "<svg></svg>")
        return render(RESULTS, "fr")


REASONS = [
    "read again: a later or equal edit stands elsewhere",
    "not feedback: a survey preview",
    "not feedback: something else",
    "20 cells where the header has 24",
    "a quote is opened and not closed",
    "not valid JSON: Unterminated string starting at: line 1 column 341 (char 340)",
    "not valid JSON: [Errno 5]\nbroken",
    "the workbook cannot be read: it is protected",
    "note: 3 answers of 'Note' lie outside its scale 0–10 and are left out, the first in row 7",
    "note: 1 answer of 'Note' lies outside its scale 0–10 and is left out, the first in row 7",
    "note: 3 values of 'Date' are no times (format %d/%m/%Y), the first in row 7",
    "note: 1 value of 'Date' is no time, the first in row 7",
    "correct the dates, or `created_at` in the mapping of the source; the rows are kept, without a date",
    "the file is not in the encoding utf-32: UTF-32 stream does not start with BOM",
    "correct `encoding` in the mapping of the source, or leave it out and it is found",
    "this is no qualtrics export",
    "another record has the same id and is counted instead",
    "note: nothing shows whether dates such as 03/04/2026 in row 3 begin with the day or the month; the day is assumed",
    "note: columns with running text that are not read as comments: 'Why?'",
    "if they hold comments, name all columns of comments under `text` in a mapping of the source",
    "nothing to do; it is counted apart",
    "export it again",
    "see `feedback read FILE --explain`, or name its columns with a `mapping` in the pipeline",
]


@pytest.mark.parametrize("reason", REASONS)
def test_reasons_and_remedies_are_told_in_french(reason):
    assert quality.told(reason, "en") == reason
    assert quality.told(reason, "fr") != reason


def test_a_reason_that_nobody_translated_is_told_as_it_is():
    assert quality.told("the stay number is missing", "fr") == "the stay number is missing"


def test_the_french_page_speaks_french_and_shows_no_identifiers(page):
    page = visible(page)
    raw = ("<EMAIL>", "shipped", " app_reviews ", "encoder ", "not feedback", "read again", "nothing to do", "cells")
    assert [text for text in raw if text in page] == []
    assert " app reviews " in page
    assert "adresses e-mail 3, noms 7" in page
    assert "encodeur invented-1, sentiment fourni 0123456789ab" in page
    assert "hors périmètre : aperçu de l’enquête" in page
    assert "Étoiles stars" not in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_text_is_asked_for_somewhere(language):
    folder = Path(report.__file__).parent
    asking = "".join(p.read_text("utf-8") for p in [*folder.glob("*.py"), folder / "template.html"])
    unused = [key for key in words(language) if not re.search(rf"""words\.{key}\b|\[["']{key}["']\]""", asking)]
    assert unused == []


def test_french_words_have_typographic_apostrophes(page):
    def texts(value):
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return [value] if parts is None else [text for part in parts for text in texts(part)]

    assert not [text for text in texts(words("fr")) if "'" in text]
    assert "QR code à l’entrée" in visible(page)
