"""The five native formats: which text is a comment, which number a score, and what is no feedback."""

import json

import pandas as pd
import pytest
from reading import CASES, case, joined, texts, written

from feedback import read
from feedback.errors import FileError
from feedback.pipeline import Source

# --- Qualtrics --------------------------------------------------------------------------------------


def test_qualtrics_gives_one_comment_per_open_question_and_none_for_unanswered_ones():
    assert texts(case("qualtrics/answers.csv")) == {
        ("R_1aB2", "QID2_TEXT"): "La page de paiement a planté deux fois,\nj’ai dû recommencer.",
        ("R_1aB2", "QID3_TEXT"): "Aucune attente",
        ("R_2cD3", "QID3_TEXT"): "Gate 4 was quick",
    }


def test_qualtrics_questions_come_from_the_localised_row():
    assert case("qualtrics/answers.csv").comments["question"].iloc[0] == "Qu’est-ce qui vous a gêné ?"


def test_qualtrics_previews_and_spam_are_set_aside_and_unfinished_answers_kept():
    tables = case("qualtrics/answers.csv")
    assert list(tables.submissions["submission_id"]) == ["R_1aB2", "R_2cD3", "R_5iJ6"]
    assert list(tables.rejects["row"]) == [3, 4]
    assert list(tables.rejects["reason"]) == ["not feedback: a survey preview", "not feedback: marked as spam"]


def test_qualtrics_nps_is_the_column_with_a_group_sibling():
    scores = case("qualtrics/answers.csv").scores
    assert list(scores["metric"]) == ["nps", "nps"]
    assert list(scores["score_raw"]) == [3, 9]
    assert list(scores["score"]) == [0.3, 0.9]


def test_qualtrics_times_are_local_to_the_zone_of_the_third_row():
    times = case("qualtrics/answers.csv").submissions["created_at"]
    assert times[0] == pd.Timestamp("2026-11-03 22:30", tz="UTC")


def test_qualtrics_exports_of_2016_are_read_too():
    assert texts(case("qualtrics/answers_2016.tsv")) == {("R_9", "QID2-TEXT"): "Shorter queues"}


def test_an_unknown_zone_of_the_export_is_an_error_that_says_how_to_name_it(tmp_path):
    text = (CASES / "qualtrics/answers.csv").read_text("utf-8-sig").replace("Europe/Paris", "Europe/Lutetia")
    path = written(tmp_path / "a.csv", text)
    with pytest.raises(FileError, match=r"unknown time zone\. Got 'Europe/Lutetia'\. Set `timezone`"):
        list(read.read(Source(name="s", files=[]), [path]))
    assert len(joined(read.read(Source(name="s", files=[], timezone="Europe/Paris"), [path])).submissions) == 3


# --- Trustpilot, Play -------------------------------------------------------------------------------


def test_trustpilot_titles_are_kept_only_where_they_add_words():
    assert [*texts(case("trustpilot/reviews.csv")).values()] == [
        "Fees out of nowhere. Twelve euros more at the last step.",
        "Billets reçus en deux minutes, rien à dire.",
        "Parfait",
    ]


def test_trustpilot_answers_of_the_company_are_no_comments():
    comments = case("trustpilot/reviews.csv").comments
    assert comments["business_reply"][0] == "We are sorry, Ann."
    assert len(comments) == 3


def test_play_is_utf_16_and_its_star_only_rows_are_submissions_of_their_own():
    raw = (CASES / "play/reviews_202611.csv").read_bytes()
    assert raw.startswith(b"\xff\xfe")
    tables = case("play/reviews_202611.csv")
    assert list(tables.submissions["has_text"]) == [True, False, False, True]
    assert tables.submissions["submission_id"].is_unique
    assert list(tables.scores["score"]) == [0.25, 1.0, 1.0, 0.75]


def test_play_ids_come_out_of_the_link_in_both_its_forms():
    ids = case("play/reviews_202611.csv").comments["submission_id"]
    assert list(ids) == ["2f1e-44", "gp:AOq1"]


# --- X ----------------------------------------------------------------------------------------------


def test_x_reposts_carry_the_whole_text_and_say_what_they_are():
    comments = case("x/pages.jsonl").comments.set_index("submission_id")
    assert list(comments["is_repost"]) == [False, True, False, False]
    assert comments["text"]["1985000000000000002"].endswith("before you reach the scanner.")


def test_x_replies_know_their_parent_and_edits_their_first_version():
    comments = case("x/pages.jsonl").comments.set_index("submission_id")
    reply = comments.loc["1985000000000000003"]
    assert reply["parent_id"] == "1985000000000000001"
    assert reply["thread_id"] == "1985000000000000001"


def test_x_long_posts_are_read_from_their_note_and_unknown_languages_are_null():
    comments = case("x/page.json").comments
    assert comments["text"][0] == "Génial ce soir, mais 8 € la consigne du gobelet, vraiment ?"
    assert comments["language"].isna().all()


# --- Zendesk ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["zendesk/tickets.json", "zendesk/tickets.jsonl"])
def test_zendesk_keeps_the_customers_words_and_nobody_elses(name):
    assert texts(case(name)) == {
        ("1", "ticket"): "Le concert est annulé et je n’ai aucune nouvelle du remboursement.",
        ("1", "satisfaction"): "Trois semaines sans réponse",
        ("2", "ticket"): "I never got my tickets by e-mail",
        ("5", "ticket"): "Where is the cloakroom? Nothing on the site.",
    }


def test_zendesk_ratings_count_even_where_an_agent_wrote_the_ticket():
    tables = case("zendesk/tickets.json")
    assert dict(zip(tables.scores["submission_id"], tables.scores["score"], strict=True)) == {"1": 0.0, "3": 1.0}
    assert list(tables.rejects["reason"]) == ["not feedback: made by the help desk itself", "not feedback: deleted"]


def test_zendesk_staff_is_known_by_its_role(tmp_path):
    ticket = {"id": 1, "subject": "Hi", "description": "Note", "requester_id": 9, "submitter_id": 9}
    page = {"tickets": [ticket], "users": [{"id": 9, "role": "agent"}]}
    path = written(tmp_path / "t", json.dumps(page))
    assert list(joined(read.read_any([path])).rejects["reason"]) == ["not feedback: written by an agent"]
