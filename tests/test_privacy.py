"""People cannot be recognised in what is stored, and ordinary words stay."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.parse import parse
from feedback.privacy import Span, redact, redact_text, replace, shift
from feedback.tables import Tables

MODELS = {"en": "en_core_web_sm", "fr": "fr_core_news_sm"}


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("write to jo.doe+x@mail.example.co.uk please", "write to <EMAIL> please"),
        ("write to jo at gmail dot com please", "write to <EMAIL> please"),
        ("call +44 7700 900123 or 06.12.34.56.78", "call <PHONE> or <PHONE>"),
        ("joignable au 0612345678 le soir", "joignable au <PHONE> le soir"),
        ("my phone: 555 0199 222", "my phone: <PHONE>"),
        ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", "IBAN <IBAN> merci"),
        ("card 4111 1111 1111 1111 was refused", "card <CARD> was refused"),
        ("order SC-1234567 never came", "order <REFERENCE> never came"),
        ("ma commande n° 48213 est perdue", "ma commande n° <REFERENCE> est perdue"),
        ("booking reference XK4P9Q", "booking reference <REFERENCE>"),
        ("n° sécu 1 84 12 76 451 089 46", "n° sécu <ID>"),
        ("from 192.168.10.42 it failed", "from <ID> it failed"),
        ("thanks @some_one for help", "thanks <HANDLE> for help"),
        ("see https://shop.example/t?token=abc123 now", "see <URL> now"),
        ("j'habite 12 bis rue des Lilas, 75011 Paris", "j'habite <ADDRESS>"),
        ("sent to 14 Station Road, London N1 9GU", "sent to <ADDRESS>"),
        ("Merci beaucoup.\nCordialement, jean dupont", "Merci beaucoup.\nCordialement, <PERSON>"),
        ("Bonjour Marie, tout va bien", "Bonjour <PERSON>, tout va bien"),
        ("Mme Leroux nous a aidés", "Mme <PERSON> nous a aidés"),
        ("my name is Zork Blix", "my name is <PERSON>"),
        ("Sandrine à l'accueil était adorable", "<PERSON> à l'accueil était adorable"),
    ],
)
def test_what_identifies_people_is_replaced(text, redacted):
    assert redact_text(text, "fr" if "é" in text or "au " in text else "en") == redacted


@pytest.mark.parametrize(
    "text",
    [
        "La Rose était belle et le Magasin propre",
        "Billets à 45 € le 12/05/2024 à 20h30, places 12 et 14",
        "I <3 it, 10/10, section 104, row 12, doors at 7.30pm",
        "Waited 45 minutes drive from home, 3 cours de yoga, 10 places de parking",
        "see www.example.com for details",
        "Version 10.2.3.1 crashes on Android 14",
        "Merci beaucoup, très bon accueil. Merci encore",
        "I was at the point of leaving. Best regards",
        "order 12 tickets, booking 0800 opens at nine",
        "Achats chez Leroy Merlin et à Saint Maxime",
        "already <PERSON> and <EMAIL> and <REFERENCE>",
    ],
)
def test_ordinary_words_and_figures_stay(text):
    assert redact_text(text, "fr" if "é" in text or "chez" in text else "en") == text


def test_numbers_that_fail_their_checksum_are_no_card_and_no_iban():
    assert "<CARD>" not in redact_text("4111 1111 1111 1112", "en")
    assert "<IBAN>" not in redact_text("FR76 3000 6000 0112 3456 7890 188", "fr")


def test_kept_words_are_never_redacted():
    assert redact_text("Merci Céline Dion et @SeedsLive", "fr", ["céline dion", "SeedsLive"]) == (
        "Merci Céline Dion et @SeedsLive"
    )


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=120))
@settings(max_examples=150, deadline=None)
def test_redacting_twice_changes_nothing_more(text):
    once = redact_text(text, "en")
    assert redact_text(once, "en") == once


def batch():
    text = ["Paul Durand m'a aidé au 06 12 34 56 78, merci", "The show was great"]
    comments = pd.DataFrame(
        {"comment_id": ["a", "b"], "text": text, "language": ["fr", "en"], "question": "Mail bob@x.org?",
         "business_reply": ["Bonjour Anna, désolés", None]}
    )  # fmt: skip
    submissions = pd.DataFrame(
        {"author": ["bob", None], "product": None, "location": "12 rue des Lilas 75011 Paris",
         "url": "https://x.com/bob/status/1?s=20", "extra": json.dumps({"tel": "06 12 34 56 78", "n": 3})}
    )  # fmt: skip
    scores = pd.DataFrame({"question": ["Rate @bob"]})
    rejects = pd.DataFrame({"excerpt": ["bob@x.org;3"]})
    return Tables(*(t.astype("str") for t in (submissions, scores, comments, rejects)))


def test_every_stored_text_field_is_redacted():
    tables = batch()
    result, spans = redact(tables, parse(tables.comments, MODELS), [], b"salt")
    assert list(result.comments["text"]) == ["<PERSON> m'a aidé au <PHONE>, merci", "The show was great"]
    assert [[s.placeholder for s in found] for found in spans] == [["<PERSON>", "<PHONE>"], []]
    stored = " ".join(str(v) for t in result for v in t.to_numpy().ravel())
    for secret in ("bob", "Paul", "Anna", "06 12", "Lilas", "s=20"):
        assert secret not in stored
    assert json.loads(result.submissions["extra"][0]) == {"tel": "<PHONE>", "n": 3}


def test_authors_are_salted_hashes_and_null_without_salt():
    tables = batch()
    docs = parse(tables.comments, MODELS)
    one, other = (redact(tables, docs, [], salt)[0].submissions["author"] for salt in (b"1", b"2"))
    assert len(one[0]) == 16
    assert one[0] != other[0]
    assert pd.isna(one[1])
    assert redact(tables, docs, [], None)[0].submissions["author"].isna().all()


spans_in = st.lists(st.integers(0, 60), max_size=10, unique=True).map(sorted)


@given(st.text(alphabet="abc é😀", min_size=60, max_size=60), spans_in)
def test_offsets_outside_what_is_replaced_point_at_the_same_words_afterwards(text, edges):
    spans = [Span(a, b, "<PERSON>") for a, b in zip(edges[::2], edges[1::2], strict=False)]
    redacted = replace(text, spans)
    for offset in range(61):
        new = shift(offset, spans)
        if any(span.start < offset < span.end for span in spans):
            assert redacted[new:].startswith("<PERSON>")
        else:
            assert redacted[:new] == replace(text[:offset], [s for s in spans if s.end <= offset])
