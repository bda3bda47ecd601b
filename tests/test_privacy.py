"""People cannot be recognised in what is stored, and ordinary words stay."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.parse import parse
from feedback.privacy import Span, _redact_url, hashed, redact, redact_text, replace, shift
from feedback.tables import Tables

MODELS = {"en": "en_core_web_sm", "fr": "fr_core_news_sm"}


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("write to jo.doe+x@mail.example.co.uk please", "write to <EMAIL> please"),
        ("write to jo at gmail dot com please", "write to <EMAIL> please"),
        ("write to jo@mail.example'al@mail.example please", "write to <EMAIL> please"),
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
        ("with Řehoř Šťovíček, že Ždenka Žďárská", "with <PERSON>, že <PERSON>"),
        ("Sandrine à l'accueil était adorable", "<PERSON> à l'accueil était adorable"),
        ("two lines of refunds.\nThanks, Devon", "two lines of refunds.\nThanks, <PERSON>"),
        ("the map is quick.\nthx, Priyanka", "the map is quick.\nthx, <PERSON>"),
        ("all sorted. Thank you so much,\nBryony", "all sorted. Thank you so much,\n<PERSON>"),
        ("Merci, thanks\nDevon", "Merci, thanks\n<PERSON>"),
        ("c'était super, bises, Maëlys", "c'était super, bises, <PERSON>"),
        ("on revient au printemps. Bien à toi, Devon", "on revient au printemps. Bien à toi, <PERSON>"),
        ("a line about Marguerite Brown-Keane on your phones", "a line about <PERSON> on your phones"),
        ("Jean Dupont était de service", "<PERSON> était de service"),
        ("sent to Rosengasse 3a, CH-8001 Zürich and lost", "sent to <ADDRESS> and lost"),
        ("Kind regards\nMauerweg 27, 3600 Thun", "Kind regards\n<ADDRESS>"),
        ("the box at Marktplatz 7 and more", "the box at <ADDRESS> and more"),
        ("livré au chemin des Fleurs 5, 1204 Genève. Merci", "livré au <ADDRESS>. Merci"),
        ("see https://www.linkedin.com/in/jean-d now", "see <URL> now"),
        ("see https://reviews.example/users/jean-d now", "see <URL> now"),
        ("carte 4242.4242.4242.4242 refusée", "carte <CARD> refusée"),
        (
            "FR76 3000 6000 0112 3456 7890 189 ou FR76 3000 6000 0112 3456 7890 189",
            "<IBAN> ou <IBAN>",
        ),
        ("write to jo(arobase)mail.example now", "write to <EMAIL> now"),
        ("voir (@lea.voyage) demain", "voir (<HANDLE>) demain"),
        ("été reçue par martine à la caisse", "été reçue par <PERSON> à la caisse"),
        ("ma fille, née le 02.11.2015, attend", "ma fille, née le <BIRTHDATE>, attend"),
        ("date de naissance : 4 juillet 1990", "date de naissance : <BIRTHDATE>"),
        ("I was born on July 4, 1990 in Leeds", "I was born on <BIRTHDATE> in Leeds"),
        ("la AB-123-CD est rayée", "la <PLATE> est rayée"),
        ("véhicule 1234 AB 56 rendu", "véhicule <PLATE> rendu"),
        ("my van, LR19 XKC, was towed", "my van, <PLATE>, was towed"),
        ("livré 6 rue du lac 29000 quimper hier", "livré <ADDRESS> hier"),
        ("à la Résidence Les Ormes, bât C, 18 allée des Pins, 06200 Nice.", "à la <ADDRESS>."),
        ("notre chauffeur Sompong roulait bien", "notre chauffeur <PERSON> roulait bien"),
        ("Prune m'a reçue au comptoir", "<PERSON> m'a reçue au comptoir"),
        ("mes verres, m. lefebvre les refait", "mes verres, m. <PERSON> les refait"),
        ("au nom de LOPES DA SILVA Maria", "au nom de <PERSON>"),
        ("Ravil G Yefimov served us", "<PERSON> served us"),
        ("j'habite depuis mai 3 place Bellecour", "j'habite depuis mai <ADDRESS>"),
        ("colis laissé au 8 impasse des Lilas", "colis laissé au <ADDRESS>"),
        ("retour au magasin, 5 cours Mirabeau, 13100 Aix", "retour au magasin, <ADDRESS>"),
        ("we live near here, 14 Elm Close", "we live near here, <ADDRESS>"),
        ("the shop, 3 Royal Court, Leeds, was shut", "the shop, <ADDRESS>, was shut"),
        ("the parcel, 20 Hyde Park Square W2 2JL", "the parcel, <ADDRESS>"),
        ("the driver left for S9 2GX", "the driver left for <ADDRESS>"),
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
        "Good show, toilets dirty. Thanks, Team",
        "Great seats, thanks again",
        "Merci, Bravo",
        "Thanks\nNothing",
        "We sat at place 14, row 3, with 3000 others",
        "Le relais de la rue Victor Hugo est fermé, le lycée Jean Moulin aussi",
        "Retiré le 12/05/2024, rendu le 13/05/2024",
        "Numéro 1254 jamais reçu",
        "Chez Marcel on mange mieux que chez Monsieur Bricolage",
        "La pierre et la rose m'ont plu, la violette aussi",
        "Peugeot 3008 et vol AF1234, formulaire 2042 C",
        *("1 place Carré Or", "1 place VIP", "1 place Catégorie 1", "rang 12 place Debout", "1 place Fosse à Bercy"),
        *("3 Royal Court tickets", "2 Madison Square Garden tickets", "5 Villa Park tickets"),
        *("20 Hyde Park Square tickets", "2 Dress Circle and 4 Upper Terrace seats"),
        *("12 Juin 2024", "10 Décembre 2023 concert annulé", "48 Heures 2 appels", "20 Euros 50 de frais"),
        *("S9 8GB", "PS5 2TB", "4 cours Zumba", "1 impasse totale", "1 Google Drive", "1 google drive"),
    ],
)
def test_ordinary_words_and_figures_stay(text):
    assert redact_text(text, "fr" if "é" in text or "chez" in text else "en") == text


@pytest.mark.parametrize(
    "text",
    [
        "билеты пришли быстро спасибо",
        "مرحبا التطبيق لا يعمل",
        "τα εισιτήρια ήρθαν γρήγορα",
        "švih řada účtu",
        "très étourdi éfrac",
    ],
)
def test_words_without_a_capital_are_no_names(text):
    assert redact_text(text) == text
    assert redact_text(text, "en") == text


@pytest.mark.parametrize(
    ("begin", "unit"),
    [
        ("", "x"), ("", "-"), ("", "a."), ("", "at-"), ("", "A-"), ("", "#"), ("", "client "), ("", "\n"),
        ("a@", "x"), ("a at ", "dot-"), ("order ", " "), ("ref of ", " "), ("rue ", "Aa-"), ("rue de ", "- "),
        ("", "="), ("", "!"), ("", "_"), ("", "*"), ("", "'s"),
        ("12 Aa", " "), ("1 rue", " "), ("1 place Aa", " "), ("", "1 place A "),
    ],
)  # fmt: skip
def test_a_long_run_is_searched_in_linear_time(begin, unit):
    text = begin + unit * (100_000 // len(unit))
    assert redact_text(text, "en") == text


def test_numbers_that_fail_their_checksum_are_no_card_and_no_iban():
    assert "<CARD>" not in redact_text("4111 1111 1111 1112", "en")
    assert "<IBAN>" not in redact_text("FR76 3000 6000 0112 3456 7890 188", "fr")


def test_kinds_that_are_kept_are_not_redacted():
    text = "Voici ma AB-123-CD et la commande 100482931, jo@mail.example"
    assert redact_text(text, "fr", ["<PLATE>", "<REFERENCE>"]) == text.replace("jo@mail.example", "<EMAIL>")


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
         "channel": "phone – bob@x.org",
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


def test_shops_products_and_questions_keep_words_that_no_dictionary_knows():
    labels = ["Rouen Barentin", "Vélizy Villacoublay", "Canapé Söderhamn", "Vélo Électrique"]
    tables = batch()
    submissions = pd.concat([tables.submissions.iloc[:1]] * 4, ignore_index=True)
    submissions = submissions.assign(product=labels, location=labels, channel=labels)
    asked = tables.comments.assign(question="Que pensez-vous du Musée Grévin ?")
    tables = tables._replace(submissions=submissions, comments=asked)
    result, _ = redact(tables, parse(tables.comments, MODELS), [], None)
    assert [list(result.submissions[name]) for name in ("product", "location", "channel")] == [labels] * 3
    assert set(result.comments["question"]) == {"Que pensez-vous du Musée Grévin ?"}


def test_replies_are_redacted_in_the_language_of_their_comment():
    tables = batch()
    reply = "Passez à Rouen Barentin, Mme Leroux y sera"
    tables = tables._replace(comments=tables.comments.assign(business_reply=reply))
    result, _ = redact(tables, parse(tables.comments, MODELS), [], None)
    assert result.comments["business_reply"][0] == "Passez à Rouen Barentin, Mme <PERSON> y sera"


def test_excerpts_are_cut_after_they_are_redacted():
    tables = batch()
    texts = ["x" * 106 + " write to jean.dupont@example.org today", "x" * 106 + " ring 06 12 34 56 78 today"]
    tables = tables._replace(rejects=pd.DataFrame({"excerpt": pd.Series([*texts, None], dtype="str")}))
    shown = list(redact(tables, parse(tables.comments, MODELS), [], None)[0].rejects["excerpt"])
    assert shown[0] == "x" * 106 + " write to "
    assert shown[1] == "x" * 106 + " ring <PHONE> "
    assert pd.isna(shown[2])


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://x.com/bob/status/1?s=20", "https://x.com/<HANDLE>/status/1"),
        ("https://fr-fr.facebook.com/jean.d", "https://fr-fr.facebook.com/<HANDLE>"),
        ("https://www.linkedin.com/in/jean-d", "https://www.linkedin.com/in/<HANDLE>"),
        ("https://mastodon.social/@jean/12", "https://mastodon.social/<HANDLE>/12"),
        ("https://www.youtube.com/@jeand/videos", "https://www.youtube.com/<HANDLE>/videos"),
        ("https://www.trustpilot.com/users/jean-d-1", "https://www.trustpilot.com/users/<HANDLE>"),
        ("https://bsky.app/profile/jean.example/post/3k", "https://bsky.app/profile/<HANDLE>/post/3k"),
        ("https://jean:secret@shop.example/a", "https://shop.example/a"),
        ("https://netflix.com/title/80", "https://netflix.com/title/80"),
        ("https://x.com/i/status/1", "https://x.com/i/status/1"),
        ("https://help.example/agent/tickets/12", "https://help.example/agent/tickets/12"),
    ],
)
def test_links_lose_the_accounts_that_they_lead_to(url, stored):
    tables = batch()
    tables = tables._replace(submissions=tables.submissions.assign(url=url))
    assert redact(tables, parse(tables.comments, MODELS), [], None)[0].submissions["url"][0] == stored


def test_a_column_of_links_that_holds_words_is_redacted_as_text():
    assert _redact_url("rappelez au 06 39 98 12 45 ce soir") == "rappelez au <PHONE> ce soir"


@pytest.mark.parametrize("name", ["Anonymous", "ANONYME", "A Google user", "Utilisateur", "[deleted]", "Invité", " "])
def test_an_author_without_a_name_is_nobody(name):
    assert hashed(pd.Series([name, "bob"], dtype="str"), b"salt").isna().tolist() == [True, False]


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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Could the booking fee be per order rather than per ticket?", "en"),
        ("Meh. Does what it says on the tin.", "en"),
        ("It logs me out in Chrome, Firefox and on the tablet", "en"),
        ("Today 4 Nov. Inbox: empty.", "en"),
        ("L'infolettre du dimanche m'a appris que le groupe passait par ici", "fr"),
        ("Malin, j'ai plié deux machines de linge", "fr"),
    ],
)
def test_everyday_words_that_are_names_somewhere_stay(text, language):
    comments = batch().comments.iloc[:1].assign(text=text, language=language)
    result, _ = redact(batch()._replace(comments=comments), parse(comments, MODELS), [], None)
    assert result.comments["text"].item() == text
