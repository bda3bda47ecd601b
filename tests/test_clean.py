"""Cleaning repairs what is broken, keeps what people meant, and marks repeats whatever the row order."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.clean import clean, clean_text, mark_duplicates
from feedback.tables import Tables


def cleaned(*texts):
    return list(clean_text(pd.Series(list(texts), dtype=object)))


@pytest.mark.parametrize(
    ("broken", "repaired"),
    [
        ("trÃ¨s dÃ©Ã§u", "très déçu"),
        ("it’s “fine” — really", "it’s “fine” — really"),
        ("Great&nbsp;show &amp; sound<br/>Loved it", "Great show & sound\nLoved it"),
        ("<p>Un</p><p>Deux <b>trois</b></p>", "Un\nDeux trois"),
        ("I <3 this band, a < b and b > c", "I <3 this band, a < b and b > c"),
        ("5 < 6 <b>but</b> I <3 it", "5 < 6 but I <3 it"),
        ("<script>alert(1)</script>bad site", "bad site"),
        ("call <PERSON> at <PHONE>", "call <PERSON> at <PHONE>"),
        ("AT&T and R&D;", "AT&T and R&D;"),
        ("  two   spaces \r\n\r\n next ", "two spaces\nnext"),
        ("nul\x00here \ud83d alone", "nul\ufffdhere \ufffd alone"),
        ("bell\x07 zero\u200bwidth", "bell zerowidth"),
        ("ça marche 👨‍👩‍👧 ❤️", "ça marche 👨‍👩‍👧 ❤️"),
    ],
)
def test_broken_text_is_repaired_and_sound_text_kept(broken, repaired):
    assert cleaned(broken) == [repaired]


def test_missing_text_stays_missing():
    result = clean_text(pd.Series(["ok", None, " x "], dtype="str"))
    assert result.isna().tolist() == [False, True, False]
    assert result[2] == "x"


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_cleaning_twice_changes_nothing_more_in_white_space_or_controls(text):
    once = cleaned(text)[0]
    assert once == once.strip()
    assert "\x00" not in once
    assert "  " not in once
    assert "\n\n" not in once
    once.encode("utf-8")


def batch(texts):
    ids = [f"s{i}" for i in range(len(texts))]
    comments = pd.DataFrame(
        {
            "comment_id": ids,
            "submission_id": ids,
            "source": "x",
            "text": texts,
            "question": None,
            "business_reply": None,
        }
    )
    submissions = pd.DataFrame({"submission_id": ids, "source": "x", "has_text": True})
    return Tables(submissions, pd.DataFrame(), comments.astype("str"), pd.DataFrame())


def test_comments_without_words_are_dropped_and_their_submissions_stay():
    result = clean(batch(["fine", " ... ", "👍", "?!", "<p> </p>", ":)", "10/10"]))
    assert list(result.comments["text"]) == ["fine", "👍", ":)", "10/10"]
    assert list(result.submissions["has_text"]) == [True, False, True, False, False, True, True]


LONG = "The queue at the north gate took two hours and nobody told us anything at all"
DAY = pd.Timedelta(days=1)


def repeats(rows):
    """duplicate_of by comment_id, from rows (comment_id, author, text, days since the first or None)."""
    start = pd.Timestamp("2024-05-01", tz="UTC")
    table = pd.DataFrame(rows, columns=["comment_id", "author", "text", "day"])
    table["created_at"] = [pd.NaT if pd.isna(day) else start + day * DAY for day in table["day"]]
    table["created_at"] = pd.to_datetime(table["created_at"], utc=True)
    table["submission_id"] = table["comment_id"]
    table["source"] = "x"
    result = mark_duplicates(table.drop(columns=["author", "day"]), table[["source", "submission_id", "author"]])
    return {k: v for k, v in zip(result["comment_id"], result["duplicate_of"], strict=True) if not pd.isna(v)}


def test_same_author_same_text_within_a_week_repeats_the_earliest():
    rows = [
        ("c", "a", "Too slow", 6),
        ("a", "a", "too  SLOW", 0),
        ("b", "a", "Too slow", 20),
        ("d", "b", "Too slow", 1),
    ]
    assert repeats(rows) == {"c": "a"}


def test_an_author_is_somebody_within_one_source_only():
    comments = pd.DataFrame({"comment_id": ["a", "b"], "submission_id": ["1", "2"], "source": ["survey", "support"]})
    comments = comments.assign(text="RAS", created_at=pd.Timestamp("2024-05-01", tz="UTC"))
    submissions = comments[["source", "submission_id"]].assign(author="1001")
    assert mark_duplicates(comments, submissions)["duplicate_of"].isna().all()
    one = comments.assign(source="survey"), submissions.assign(source="survey")
    assert mark_duplicates(*one)["duplicate_of"].tolist()[1] == "a"


def test_short_equal_texts_of_unknown_authors_all_count():
    assert repeats([("a", None, "RAS", 0), ("b", None, "RAS", 0), ("c", None, "RAS", None)]) == {}


def test_long_nearly_equal_texts_repeat_the_earliest_and_ties_go_by_id():
    near = LONG.replace("two", "2") + "!"
    other = "The sound was perfect and the singer came back for three encores after midnight, lovely"
    assert repeats([("b", None, near, 0), ("a", "x", LONG, 0), ("c", "y", LONG, 3), ("d", None, other, 0)]) == {
        "b": "a",
        "c": "a",
    }


def test_undated_repeats_come_after_dated_ones():
    assert repeats([("a", None, LONG, None), ("b", None, LONG, 5)]) == {"a": "b"}


@given(st.permutations([
    ("a", "p", LONG, 0), ("b", None, LONG + ".", 1), ("c", "p", "Too slow", 2), ("d", "p", "Too slow", 3),
    ("e", "q", "Too slow", 3), ("f", None, LONG.upper(), None), ("g", "p", "Too slow", 12),
]))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_repeats_do_not_depend_on_row_order(rows):
    assert repeats(rows) == {"b": "a", "d": "c", "f": "a"}
