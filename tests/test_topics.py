"""Topics are the same for the same segments, leave the undecided out, and carry labels that people can read."""

import json

import numpy as np
import pandas as pd
import pytest

from feedback import tables, topics

SUBJECTS = [
    {
        "en": ("{} the service fees {}", ["I hate", "Why pay", "Nobody explains"], ["at the end", "on every seat"]),
        "fr": ("{} des frais de service {}", ["Encore", "Toujours", "Voilà"], ["à la fin", "par place"]),
    },
    {
        "en": ("{} in the waiting line {}", ["Two hours", "Rain", "Cold feet"], ["by the gate", "outside"]),
        "fr": ("{} la file d’attente {}", ["Interminable", "Deux heures", "Quelle horreur"], ["dehors", "au portail"]),
    },
]
SIZE = 30


def _run(seed=0):
    """Two subjects in two languages, each with its own direction."""
    draw = np.random.default_rng(seed)
    texts, languages, vectors = [], [], []
    for subject, said in enumerate(SUBJECTS):
        for language, (frame, openings, endings) in said.items():
            for i in range(SIZE):
                vector = draw.normal(0, 0.05, 32)
                vector[subject] += 1
                vector[10 + (language == "fr")] += 2
                texts.append(f"{frame.format(openings[i % 3], endings[i % 2])} {'abcde'[i // 6] * 3}")
                languages.append(language)
                vectors.append(vector)
    segments, comments = _tables(texts, languages)
    return segments, comments, np.array(vectors, np.float32)


def _tables(texts, languages):
    ids = [f"c{i:04}" for i in range(len(texts))]
    comments = pd.DataFrame(
        {
            "comment_id": ids,
            "source": "survey",
            "submission_id": ids,
            "language": pd.Series(languages, dtype="str"),
            "is_repost": False,
            "duplicate_of": pd.Series([None] * len(ids), dtype="str"),
        }
    )
    segments = pd.DataFrame(
        {
            "segment_id": [f"{i}:0" for i in ids],
            "comment_id": ids,
            "text": pd.Series(texts, dtype="str"),
            "sentiment": ["negative" if i % 3 == 0 else "positive" for i in range(len(ids))],
            "sentiment_score": [-0.5 if i % 3 == 0 else 0.5 for i in range(len(ids))],
            "stage": pd.Series(["buy"] * len(ids), dtype="str"),
            "touchpoint": pd.Series(["fees"] * len(ids), dtype="str"),
        }
    )
    return segments, comments


def _find(segments, comments, vectors, **options):
    known = dict(zip(segments["text"], vectors, strict=True))
    return topics.find(
        segments, comments, lambda texts: np.array([known[text] for text in texts]), week="2026-W10",
        languages=["en", "fr"], **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return _find(*_run())


def test_a_topic_holds_one_subject_in_both_languages(found):
    segments, table = found
    subject = np.repeat([0, 1], 2 * SIZE)
    placed = segments["topic_id"].notna().to_numpy()
    assert len(table) == 2
    assert placed.mean() > 0.8
    for topic in table["topic_id"]:
        inside = (segments["topic_id"] == topic).to_numpy()
        assert len(set(subject[inside])) == 1
        assert {"service fees", "frais de service"} <= set(_labels(table, topic)) or {
            "waiting line",
            "file d'attente",
        } <= set(_labels(table, topic))


def test_labels_are_words_of_their_language(found):
    _, table = found
    assert not {"frais", "attente", "file"} & set(" ".join(table["label_en"]).split())
    assert not {"fees", "line", "service fees"} & set(" ".join(table["label_fr"]).split())


def _labels(table, topic):
    row = table.set_index("topic_id").loc[topic]
    return f"{row['label_en']}, {row['label_fr']}".split(", ")


def test_the_table_counts_what_the_segments_say(found):
    segments, table = found
    tables.TOPICS.validate(table)
    assert list(table["topic_id"]) == [f"2026-W10-t{i + 1}" for i in range(len(table))]
    assert table["n"].is_monotonic_decreasing
    for row in table.itertuples():
        own = segments[segments["topic_id"] == row.topic_id]
        assert (row.n_segments, row.n) == (len(own), own["comment_id"].nunique())
        assert row.n_negative == (own["sentiment"] == "negative").sum()
        assert row.sentiment == pytest.approx(own["sentiment_score"].mean())
        assert (row.touchpoint, row.stage) == ("fees", "buy")
        assert set(json.loads(row.examples)) <= set(own["segment_id"])
    scores = segments["topic_score"].dropna()
    assert scores.between(0, 1).all()
    assert (segments["topic_score"].notna() == segments["topic_id"].notna()).all()


def test_the_order_of_rows_changes_nothing(found):
    segments, comments, vectors = _run()
    order = np.random.default_rng(5).permutation(len(segments))
    shuffled, table = _find(segments.iloc[order], comments.sample(frac=1, random_state=2), vectors[order])
    pd.testing.assert_frame_equal(table, found[1])
    pd.testing.assert_frame_equal(shuffled.sort_index(), found[0])


def test_texts_beyond_those_that_topics_are_sought_in_join_their_neighbours(monkeypatch):
    monkeypatch.setattr(topics, "SOUGHT_IN", 80)
    monkeypatch.setattr(topics, "AT_ONCE", 7)
    segments, table = _find(*_run())
    subject = np.repeat([0, 1], 2 * SIZE)
    placed = segments["topic_id"].notna().to_numpy()
    assert placed.mean() > 0.8
    assert len(table) == 2
    for topic in table["topic_id"]:
        assert len(set(subject[(segments["topic_id"] == topic).to_numpy()])) == 1
    assert segments["topic_score"].dropna().between(0.5, 1).all()


def test_duplicates_reposts_and_empty_words_take_no_part():
    segments, comments, vectors = _run()
    comments.loc[0, "duplicate_of"] = "c0001"
    comments.loc[1, "is_repost"] = True
    segments.loc[2, "text"] = "and it was the <PERSON>"
    segments.loc[3, "text"] = ""
    result, table = _find(segments, comments, vectors)
    assert result["topic_id"].iloc[:4].isna().all()
    assert table["n_segments"].sum() == result["topic_id"].notna().sum() > SIZE


def test_customers_who_use_the_same_words_all_count_but_make_no_topic_alone():
    texts = ["nothing to report"] * 60 + [f"word{chr(97 + i)} alone" for i in range(15)]
    segments, comments = _tables(texts, ["en"] * len(texts))
    vectors = np.random.default_rng(1).normal(size=(len(texts), 32)).astype(np.float32)
    vectors[:60] = vectors[0]
    _, table = _find(segments, comments, vectors)
    assert table.empty


@pytest.fixture
def by_word(monkeypatch):
    """Topics of the segments that hold "fees", and of those that hold "line", without labels."""
    labels = {"fees": 0, "line": 1}

    def cluster(documents, *_):
        return np.array([next((labels[word] for word in labels if word in said), -1) for said in documents])

    monkeypatch.setattr(topics, "_cluster", cluster)
    monkeypatch.setattr(topics, "words_apart", lambda *_: {})

    def find(texts, **columns):
        segments, comments = _tables(texts, ["en"] * len(texts))
        comments["submission_id"] = columns.pop("customers", comments["submission_id"])
        segments = segments.assign(**{name: pd.Series(values, dtype="str") for name, values in columns.items()})
        vectors = np.random.default_rng(0).normal(size=(len(texts), 8)).astype(np.float32)
        return _find(segments, comments, vectors, min_size=1)

    return find


def test_a_topic_has_the_touchpoint_that_half_of_its_segments_have(by_word):
    texts = [f"{word} number {'abcdefghij'[i]}" for word in ("fees", "line") for i in range(10)]
    few, half = ["gate"] * 4 + [None] * 6, ["checkout"] * 5 + ["site"] + [None] * 4
    _, table = by_word(texts, touchpoint=few + half, stage=["buy"] * 20)
    assert table[["touchpoint", "stage"]].isna().to_numpy().tolist() == [[True, True], [False, False]]
    assert table["touchpoint"][1] == "checkout"


def test_the_topic_of_most_customers_comes_first(by_word):
    texts = [f"{word} number {letter}" for word, n in (("fees", 6), ("line", 4)) for letter in "abcdef"[:n]]
    segments, table = by_word(texts, customers=["ann"] * 6 + ["bob", "cy", "dee", "eve"])
    assert table[["n", "n_segments"]].to_numpy().tolist() == [[4, 4], [1, 6]]
    assert segments["topic_id"].iloc[-1] == "2026-W10-t1"


def test_greetings_thanks_and_signatures_take_no_part(by_word):
    courtesies = [
        *("Kind regards,\n<PERSON>", "Hello,", "Dear <PERSON>", "Many thanks in advance", "To whom it may concern,"),
        *("Merci d’avance,\n<PERSON> <PHONE>", "Bien à vous", "Bonjour Madame, Monsieur,", "Cordialement"),
    ]
    said = ["Trop cher, fees", "Far too dear, these fees", "A kind man who knows the fees", "Thanks for the fees"]
    segments, _ = by_word([*said, *courtesies])
    assert segments["topic_id"].notna().tolist() == [True] * len(said) + [False] * len(courtesies)
    assert not topics.taking_part(*_tables(courtesies, ["fr"] * len(courtesies)), ["en", "fr"]).size
    assert len(topics.taking_part(*_tables(["Trop cher", "Too dear", "Kind staff"], ["en"] * 3), ["en", "fr"])) == 3


def test_examples_are_texts_that_can_be_read_by_themselves(by_word):
    texts = ["fees", "fees again", "<PERSON> said these fees to me", "the fees are not shown"]
    _, table = by_word(texts)
    assert json.loads(table["examples"][0])[0] == "c0003:0"


@pytest.mark.parametrize("count", [0, 1, 19])
def test_too_few_segments_make_no_topics_and_no_error(count):
    segments, comments, vectors = _run()
    result, table = _find(segments.iloc[:count], comments, vectors[:count])
    assert result["topic_id"].isna().all()
    assert len(result) == count
    tables.TOPICS.validate(table)


def test_vectors_without_any_spread_make_no_error():
    segments, comments, vectors = _run()
    result, table = _find(segments, comments, np.ones_like(vectors))
    assert len(result) == len(segments)
    tables.TOPICS.validate(table)


@pytest.mark.parametrize(
    ("language", "word"), [("en", "the"), ("en", "don"), ("fr", "qu"), ("fr", "les"), ("fr", "était"), ("fr", "hui")]
)
def test_stop_words_cover_halves_of_elisions_and_contractions(language, word):
    assert word in topics.stop_words(language)
