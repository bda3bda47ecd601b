"""Sentiment: clear cases in both languages, probabilities that add up, other people's classifiers."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from feedback import encode, sentiment
from feedback.errors import ModelError

NEGATIVE = ["The QR code would not scan at the gate, a disaster", "Service client nul, aucune réponse, je suis furieux"]
POSITIVE = ["Wonderful show, I loved every minute", "Concert magnifique, son impeccable, merci !"]


NOTHING = encode.Encoded(np.zeros((0, 1), dtype=np.float32), np.zeros((0, 0), dtype=np.float32))


def scored(texts: list[str], model: sentiment.SentimentModel | None = None) -> pd.DataFrame:
    encoded = encode.load().encode(texts)
    return sentiment.score(pd.DataFrame({"text": pd.Series(texts, dtype="str")}), encoded, model or sentiment.load())


@pytest.mark.parametrize(
    ("text", "label"), [*((t, "negative") for t in NEGATIVE), *((t, "positive") for t in POSITIVE)]
)
def test_clear_cases(text, label):
    assert scored([text])["sentiment"].tolist() == [label]


def test_label_and_score_follow_from_probabilities_that_sum_to_one():
    table = scored([*NEGATIVE, *POSITIVE, "I bought two tickets on Tuesday", "ok"])
    p = table[["p_negative", "p_neutral", "p_positive"]].to_numpy()
    assert np.allclose(p.sum(axis=1), 1)
    assert ((p >= 0) & (p <= 1)).all()
    assert table["sentiment"].tolist() == [("negative", "neutral", "positive")[k] for k in p.argmax(axis=1)]
    assert np.allclose(table["sentiment_score"], p[:, 2] - p[:, 0])


def test_an_empty_text_has_no_sentiment():
    table = scored(["", "Great"])
    assert table.loc[0, list(sentiment.COLUMNS)].isna().all()
    assert table.loc[1, list(sentiment.COLUMNS)].notna().all()


def test_a_table_without_rows_keeps_its_columns():
    assert list(scored([]).columns) == ["text", *sentiment.COLUMNS]


def test_a_text_scores_the_same_alone_as_among_others():
    texts = [*NEGATIVE, *POSITIVE, "ok", "Great show " * 60]
    together = scored(texts)["sentiment_score"].tolist()
    assert together == [scored([text])["sentiment_score"].iloc[0] for text in texts]


# --- models of the user's own ------------------------------------------------------------------


def test_a_classifier_gives_its_probabilities_under_our_labels(models):
    model = sentiment.load("classifier", models)
    assert model.version.startswith("classifier-")
    texts = ["the code would not scan", "great", "ok"]
    p = model.probabilities(texts, NOTHING)
    assert p.shape == (3, 3)
    assert np.allclose(p.sum(axis=1), 1)
    # The folder's own labels come in another order: positive, negative, neutral.
    logits = _logits(models / "classifier", texts[0])
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert np.allclose(p[0], expected[[1, 2, 0]], atol=1e-5)


def _logits(folder, text):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    inputs = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    with torch.inference_mode():
        found = AutoModelForSequenceClassification.from_pretrained(folder).train(False)(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
        )
    return found.logits[0].numpy()


def test_a_classifier_reads_a_long_text_to_its_end_and_each_text_alone(models):
    model = sentiment.load("classifier", models)
    start = "we waited for hours and hours at the gate " * 10
    texts = [start + "zzzz qqqq " * 20, start + "aaaa eeee " * 20, "short"]
    together = model.probabilities(texts, NOTHING)
    assert np.abs(together[0] - together[1]).max() > 1e-3
    for row, text in zip(together, texts, strict=True):
        assert np.array_equal(model.probabilities([text], NOTHING)[0], row)


def test_a_classifier_with_other_labels_is_refused(models, tmp_path):
    shutil.copytree(models / "classifier", tmp_path / "stars")
    config = json.loads((tmp_path / "stars/config.json").read_text("utf-8"))
    config["id2label"] = {"0": "1 star", "1": "2 stars", "2": "3 stars"}
    (tmp_path / "stars/config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match=r"other labels.*1 star.*negative, neutral, positive"):
        sentiment.load("stars", tmp_path)


def test_the_shipped_head_beside_another_encoder_still_reads_the_shipped_logits(models):
    texts = [*NEGATIVE, *POSITIVE]
    own = sentiment.load().probabilities(texts, encode.load().encode(texts))
    other = encode.load("encoder", models)
    beside = sentiment.load(encoder=other).probabilities(texts, other.encode(texts))
    assert np.array_equal(own, beside)
