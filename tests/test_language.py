"""A language is named when it is sure, taken from the source when not, and null when neither helps."""

import pandas as pd
import pytest

from feedback.language import detect


def detected(texts, declared=None, by_source=None):
    comments = pd.DataFrame({"text": texts, "source": "s", "language": declared}).astype("str")
    return detect(comments, by_source or {}, ["en", "fr"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The queue was endless and nobody helped", "en"),
        ("La file d'attente était interminable et personne n'aidait", "fr"),
        ("Die Karten kamen leider viel zu spät bei uns an", "de"),
        ("La entrada llegó tarde y nadie contestó a mis correos", "es"),
        ("チケットが届きませんでした", "ja"),
    ],
)
def test_a_sure_language_wins_over_what_the_source_declares(text, language):
    row = detected([text], "en").iloc[0]
    assert row["language"] == language
    assert row["language_confidence"] >= 0.7


def test_under_four_words_the_declared_language_is_taken():
    assert detected(["super"], "fr")["language"].tolist() == ["fr"]
    assert detected(["super"], None, {"s": "en"})["language"].tolist() == ["en"]


def test_without_words_or_declaration_the_language_is_null():
    result = detected(["super", "👍👍", "12 34 56 78"])
    assert result["language"].isna().all()
    assert result["language_confidence"].isna().all()


def test_equal_texts_get_equal_languages_whatever_stands_beside_them():
    text = "Son correct mais placement difficile à trouver"
    alone = detected([text]).iloc[0]
    among = detected(["The show was great fun", text, text, "ok"]).iloc[2]
    assert (alone["language"], alone["language_confidence"]) == (among["language"], among["language_confidence"])


def test_no_comments_give_no_rows():
    assert len(detected([])) == 0
