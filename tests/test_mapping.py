"""Mapping: clear cases reach their touchpoint, names alone are enough, and every tag says why."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small

from feedback import abstention, encode, head, journey, language, mapping, parse, split, tables
from feedback.abstention import Cutoffs
from feedback.journey import Journey
from feedback.mapping import Targets
from feedback.pipeline import SPACY
from feedback.tables import Tables

ROOT = Path(__file__).parents[1]
CONCERT = journey.load(ROOT / "data/journeys/concert.yaml")
DEFAULT = Cutoffs(touchpoint=0.5, stage=0.6)
CLEAR = {
    "The QR code would not scan at the gate": "qr-gate",
    "Le QR code ne passait pas à l'entrée": "qr-gate",
    "The service fees doubled the price of my order, service fees everywhere": "fees",
    "Je n'ai toujours pas été remboursé du concert annulé": "refund",
}
HOTEL = Journey.model_validate(
    {
        "journey": "hotel",
        "version": 1,
        "title": "Hotel",
        "stages": [
            {"id": "arrival", "name": "Arrival", "touchpoints": [
                {"id": "parking", "name": {"en": "Parking", "fr": "Parking"}},
                {"id": "reception", "name": {"en": "Reception and check-in", "fr": "Réception et arrivée"}}]},
            {"id": "breakfast", "name": {"en": "Breakfast", "fr": "Petit-déjeuner"}},
            {"id": "pool", "name": {"en": "Swimming pool", "fr": "Piscine"}},
        ],
    }
)  # fmt: skip


@cache
def placed(concept: str) -> Targets:
    return mapping.place({"concert": CONCERT, "hotel": HOTEL}[concept], small.encoder(), SPACY)


def batch(texts: list[str], **columns: list[str]) -> tuple[pd.DataFrame, encode.Vectors, Tables]:
    """Comments of one segment each or more, their vectors, and the tables that they stand in."""
    ids = [f"c{i:03d}" for i in range(len(texts))]
    shared = pd.DataFrame({"submission_id": ids, "source": "shop", "file": "f", "row": range(1, len(ids) + 1)})
    comments = shared.assign(comment_id=ids, field_id="text", text=texts, is_repost=False, **columns)
    submissions = shared.assign(source_kind="survey", has_text=True, **columns)
    made = Tables(
        tables.conform(submissions, tables.SUBMISSIONS),
        tables.empty(tables.SCORES),
        language.detect(tables.conform(comments, tables.COMMENTS), {}, ("en", "fr")),
        tables.empty(tables.REJECTS),
    )
    docs = parse.parse(made.comments, SPACY)
    segments = split.split(made.comments, docs, [[] for _ in docs])
    return segments, small.encoder().encode(segments["text"].tolist()).vectors, made


def mapped(texts: list[str], targets: Targets, thresholds: Cutoffs = DEFAULT, **columns: list[str]):
    segments, vectors, made = batch(texts, **columns)
    return mapping.map_to_journey(segments, vectors, made, targets, thresholds)


def with_origin(origin: dict) -> Targets:
    """The hotel's journey, its car park with an origin."""
    written = HOTEL.model_dump(by_alias=True)
    written["stages"][0]["touchpoints"][0]["from"] = origin
    return mapping.place(Journey.model_validate(written), small.encoder(), SPACY)


@pytest.mark.parametrize(("text", "touchpoint"), CLEAR.items())
def test_clear_cases_reach_their_touchpoint_and_its_stage(text, touchpoint):
    found, _ = mapped([text], placed("concert"))
    best = found.loc[found["touchpoint_confidence"].idxmax()]
    assert (best["assignment"], best["touchpoint"]) == ("touchpoint", touchpoint)
    assert best["stage"] == {t.id: s.id for s, t in CONCERT.targets()}[touchpoint]


def test_names_alone_are_enough():
    texts = {
        "The car park was full and parking cost us 30 euros": "parking",
        "Le petit-déjeuner était froid et sans choix": "breakfast",
        "The water of the swimming pool was freezing": "pool",
    }
    targets = placed("hotel")
    _, p = mapped(list(texts), targets)
    assert [targets.ids[k] for k in p.argmax(axis=1)] == list(texts.values())


def test_a_stage_without_touchpoints_is_matched_itself():
    found, _ = mapped(
        ["The water of the swimming pool was freezing"], placed("hotel"), Cutoffs(touchpoint=0.2, stage=0.6)
    )
    assert found[["assignment", "stage"]].to_numpy().tolist() == [["stage", "pool"]]
    assert found["touchpoint"].isna().all()


def test_probabilities_have_a_column_a_touchpoint_and_leave_room_for_none():
    texts = [*CLEAR, "ok", "asdf qwer zxcv"]
    found, p = mapped(texts, placed("concert"))
    assert p.shape == (len(found), len(CONCERT.targets()))
    assert ((p >= 0) & (p.sum(axis=1, keepdims=True) <= 1 + 1e-9)).all()
    assert np.allclose(p.max(axis=1), found["touchpoint_confidence"])
    assert (found["stage_confidence"] >= found["touchpoint_confidence"] - 1e-9).all()


def test_thresholds_decide_between_touchpoint_stage_and_nothing():
    texts = [*CLEAR, "Call me maybe", "It is what it is"]
    always, _ = mapped(texts, placed("concert"), Cutoffs(touchpoint=0, stage=0))
    never, _ = mapped(texts, placed("concert"), Cutoffs(touchpoint=1, stage=1))
    stages, _ = mapped(texts, placed("concert"), Cutoffs(touchpoint=1, stage=0.3))
    assert set(always["assignment"]) == {"touchpoint", "general"}, "general only where it is likeliest"
    assert set(never["assignment"]) == {"unassigned"}
    assert never[["stage", "touchpoint", "reason"]].isna().all(axis=None)
    assert "stage" in set(stages["assignment"])
    assert stages["touchpoint"].isna().all()


@pytest.mark.parametrize(("general", "none", "assigned"), [(0.55, 0.0, "unassigned"), (0.62, 0.0, "general"),
    (0.0, 0.52, "unassigned"), (0.44, 0.0, "touchpoint"), (0.0, 0.44, "touchpoint")])  # fmt: skip
def test_a_touchpoint_less_likely_than_praise_or_nothing_is_not_given_at_any_risk(general, none, assigned):
    targets, lax = placed("concert"), Cutoffs(abstention.shipped()[0.3], 0.6)
    p = np.zeros((1, len(targets.ids) + 1))
    p[0, 0], p[0, -2:] = 0.45, (general, none)
    found = mapping._assigned(pd.DataFrame(index=[0]), p, targets, lax)
    assert found["assignment"].tolist() == [assigned]
    assert found["touchpoint"].notna().tolist() == [assigned == "touchpoint"]


def test_general_praise_is_no_touchpoint():
    found, _ = mapped(["Everything was perfect, thank you", "Tout était parfait"], placed("concert"))
    assert found["touchpoint"].isna().all()


def test_a_text_without_words_has_no_tags():
    segments, vectors, made = batch(["ok", "fine"])
    segments.loc[0, ["start", "end", "text", "lemmas"]] = [None, None, "", ""]
    found, p = mapping.map_to_journey(segments, vectors, made, placed("concert"), DEFAULT)
    tags = ["assignment", "stage", "touchpoint", "stage_confidence", "touchpoint_confidence", "reason"]
    assert found.loc[0, tags].isna().all()
    assert np.isnan(p[0]).all()
    assert found.loc[1, "assignment"] is not None


def test_no_segments_keep_their_columns():
    segments, vectors, made = batch(["ok"])
    found, p = mapping.map_to_journey(segments[:0], vectors[:0], made, placed("concert"), DEFAULT)
    assert len(found) == 0
    assert {"assignment", "reason", "reason_start"} <= set(found.columns)
    assert p.shape == (0, len(CONCERT.targets()))


def test_every_tag_gives_a_reason_and_the_words_that_it_rests_on():
    texts = [*CLEAR, "Everything was perfect"]
    found, _ = mapped(texts, placed("concert"))
    tagged = found[found["assignment"] != "unassigned"]
    assert set(tagged["reason"]) <= set(tables.REASONS)
    assert ((tagged["reason_start"] >= tagged["start"]) & (tagged["reason_end"] <= tagged["end"])).all()
    assert (tagged["reason_start"] < tagged["reason_end"]).all()


class Axes:
    """An encoder for which each touchpoint's name points in a direction of its own."""

    version = "axes"

    def encode(self, texts):
        names = ["Price", "Fees", "Gate"]
        vectors = np.array([np.eye(4, dtype=np.float32)[names.index(t) if t in names else 3] for t in texts])
        return encode.Encoded(vectors, vectors[:, :0])


@pytest.fixture
def by_axes(monkeypatch):
    """Maps "the booking fees here" in a direction to a journey of names, with weights of which a term's is heaviest."""
    weights = {"name": 0.3, "description": 0.7, "example": 0.5, "term": 3.0}
    shared = np.array([weights.get(name, 0.0) for name in head.FEATURES])
    monkeypatch.setattr(head, "shipped", lambda: head.Shipped(shared, 0.0, np.zeros(2), "test"))
    stages = [{"id": "buy", "name": "Buying", "touchpoints": [{"id": "price", "name": "Price"},
                                                              {"id": "fees", "name": "Fees"}]},
              {"id": "attend", "name": "Attending", "touchpoints": [{"id": "gate", "name": "Gate"}]}]  # fmt: skip
    shop = Journey.model_validate({"journey": "shop", "version": 1, "title": "Shop", "stages": stages})

    def tagged(direction: list[float], *with_term: str, **thresholds: float) -> pd.Series:
        terms = {"en": {point: [[frozenset({"fees"})]] for point in with_term}}
        made = tables.of_texts(pd.Series(["the booking fees here"], index=["c0"]), "shop")
        comments = made.comments[["comment_id", "text"]]
        segments = comments.assign(segment_id="c0:0", start=0, end=21, lemmas="the booking fees here")
        targets = mapping.place(shop, Axes(), {})._replace(terms=terms)
        vectors = np.array([direction], dtype=np.float32)
        return mapping.map_to_journey(segments, vectors, made, targets, DEFAULT._replace(**thresholds))[0].iloc[0]

    return tagged


def test_a_stage_is_explained_by_its_likeliest_touchpoint(by_axes):
    found = by_axes([-1, 1, 0, 0], touchpoint=1, stage=0.3)
    assert (found["assignment"], found["stage"], found["reason"]) == ("stage", "buy", "name")
    assert (found["reason_start"], found["reason_end"]) == (0, 21)
    found = by_axes([0, 0, 0, 0], "fees", touchpoint=1, stage=0.3)
    assert (found["stage"], found["reason"]) == ("buy", "term")
    assert (found["reason_start"], found["reason_end"]) == (12, 16)


def test_a_touchpoint_is_explained_by_what_its_journey_file_says(by_axes):
    found = by_axes([0, 0, 1, 0], touchpoint=0.3)
    assert (found["touchpoint"], found["reason"]) == ("gate", "name")


def test_the_stage_confidence_is_that_of_the_stage_assigned(by_axes):
    found = by_axes([1, 1, 1.2, 0], touchpoint=0.1, stage=0.1)
    assert (found["touchpoint"], found["stage"]) == ("gate", "attend")
    assert found["stage_confidence"] == pytest.approx(found["touchpoint_confidence"])


def test_a_term_is_found_by_its_lemma_without_regard_to_case_and_accents():
    targets = placed("concert")
    segments, _, made = batch(["Les FRAIS DE SERVICE sont abusifs", "I never saw your newsletters"])
    hits = mapping.term_hits(segments, made.comments["language"], targets)
    text = segments.set_index("segment_id")["text"]
    words = {key: text[segment][start:end] for segment, key, start, end in hits.itertuples(index=False)}
    assert words["fees"].casefold() in ("frais", "frais de service")
    assert words["ad"] == "newsletters"


def test_where_a_comment_came_from_speaks_for_a_touchpoint():
    texts = ["It took far too long"]
    _, plain = mapped(texts, placed("hotel"), channel=["Car park survey"])
    _, hinted = mapped(texts, with_origin({"channel": ["car*"]}), channel=["Car park survey"])
    _, elsewhere = mapped(texts, with_origin({"channel": ["car*"]}), channel=["web"])
    assert hinted[0, 0] > plain[0, 0]
    assert np.allclose(elsewhere, plain, atol=1e-9)


def test_a_touchpoint_with_only_is_never_given_to_comments_from_elsewhere():
    texts = ["The car park was full and parking cost us 30 euros"]
    _, elsewhere = mapped(texts, with_origin({"source": ["garage"], "only": True}))
    assert elsewhere[0, 0] < 1e-9
    _, there = mapped(texts, with_origin({"source": ["sh*"], "only": True}))
    assert there[0].argmax() == 0


def test_tags_do_not_depend_on_the_order_of_the_journey_file():
    written = CONCERT.model_dump(by_alias=True)
    for stage in written["stages"]:
        stage["touchpoints"].reverse()
    written["stages"].reverse()
    turned = mapping.place(Journey.model_validate(written), small.encoder(), SPACY)
    segments, vectors, made = batch([*CLEAR, "ok", "Super concert, mais l'appli plante"])
    _, p = mapping.map_to_journey(segments, vectors, made, placed("concert"), DEFAULT)
    _, q = mapping.map_to_journey(segments, vectors, made, turned, DEFAULT)
    order = [turned.ids.index(name) for name in placed("concert").ids[:-1]]
    assert np.allclose(p, q[:, order], atol=1e-5)


def test_a_segment_is_mapped_the_same_alone_as_among_others():
    texts = [*CLEAR, "ok", "Super concert"]
    segments, vectors, made = batch(texts)
    _, together = mapping.map_to_journey(segments, vectors, made, placed("concert"), DEFAULT)
    for row in range(len(segments)):
        part = segments.iloc[[row]]
        _, alone = mapping.map_to_journey(part, vectors[[row]], made, placed("concert"), DEFAULT)
        assert np.allclose(alone[0], together[row], atol=1e-9)


def test_a_submission_gets_the_first_persona_whose_rule_matches():
    product = pd.Series(["VIP", "floor", "seated", None, "parking"], dtype="str")
    found = mapping.personas(pd.DataFrame({"product": product}), CONCERT)["persona"]
    assert found.fillna("").tolist() == ["vip", "fan", "seated", "", ""]
