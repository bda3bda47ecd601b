"""English customers name people in many ways; brands, products and words that are names somewhere stay."""

import pandas as pd
import pytest

from feedback.parse import parse
from feedback.privacy import find, redact_text, replace

MODELS = {"en": "en_core_web_sm", "fr": "fr_core_news_sm"}


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("so him and Franziska's kid came along", "so him and <PERSON>'s kid came along"),
        ("sometimes people call me višeslav", "sometimes people call me <PERSON>"),
        ("my name is lena andersson", "my name is <PERSON>"),
        ("eva kleistova never called back", "<PERSON> never called back"),
        ("the form says eric g. samoylov", "the form says <PERSON>"),
        ("marie a pris la caisse", "marie a pris la caisse"),
        ("Directed by Sari J. Paavola", "Directed by <PERSON>"),
        ("please ask for ms. Quinzia", "please ask for ms. <PERSON>"),
        ("Dyan van Gijnen served us", "<PERSON> served us"),
        ("Patel and Hart were lovely", "<PERSON> and <PERSON> were lovely"),
        ("Emmie Ströman wrote it. An early Ströman, then", "<PERSON> wrote it. An early <PERSON>, then"),
        ("Violet at the till was kind", "<PERSON> at the till was kind"),
        ("Faith took my call", "<PERSON> took my call"),
        ("Still broken. - Marguerite", "Still broken. - <PERSON>"),
        ("Sold to Rajesh Menonkar\nSuite 3", "Sold to <PERSON>\n<ADDRESS>"),
        ("at the corner of 12 Mill Road and Rennie Lane", "at <ADDRESS>"),
        ("sent it to 760 Kastanienhof 33, Graz, Austria last night", "sent it to <ADDRESS> last night"),
        ("bureau rue de Piétrain 371, Hamme.", "bureau <ADDRESS>."),
    ],
)
def test_people_and_addresses_in_english_are_found(text, redacted):
    assert redact_text(text, "fr" if text.startswith(("marie", "bureau")) else "en") == redacted


@pytest.mark.parametrize(
    "text",
    [
        "The Currys Ltd shop was shut",
        "delivered to 25 October Fest stands",
        "the corner of the room and the Wall",
        "Evri lost it, DPD found it",
        "Great App. Syncs with Garmin and Strava",
        "I hope to return, may at the latest",
        "Will it work? Hope so - great app",
    ],
)
def test_companies_products_and_words_stay_in_english(text):
    assert redact_text(text, "en") == text


def parsed(text: str) -> str:
    """A text redacted with what the language model marks in it."""
    comments = pd.DataFrame({"text": pd.Series([text], dtype="str"), "language": pd.Series(["en"], dtype="str")})
    return replace(text, find(parse(comments, MODELS)[0]))


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Maha Cazaresova\n\nSpain", "<PERSON>\n\nSpain"),
        ("Why is Ivan so slow?", "Why is <PERSON> so slow?"),
        ("I work for Thinknumber", "I work for Thinknumber"),
    ],
)
def test_what_the_model_marks_is_kept_to_its_line_and_its_words(text, redacted):
    assert parsed(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "I was moved to 214 Block B, Row 12 without asking.",
        "My seat was moved to 305 Upper Level, Row J",
        "we arrived at 19 30 Main Entrance and queued",
        "We arrived at 18 30 Monday Night",
        "The merchandise stall at the corner of Gate C and Hall D was closed",
        "Victoria took 40 minutes by tube",
        "Chelsea made it impossible to park",
        "Florence found its best festival",
        "Jordan made the shoes too small",
    ],
)
def test_seats_times_and_towns_stay(text):
    assert redact_text(text, "en") == text
