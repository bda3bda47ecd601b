"""Each comment is parsed by the model of its language, or by all when the language is unknown."""

import pandas as pd
import pytest

from feedback.errors import ModelError
from feedback.parse import WINDOW, check, parse

MODELS = {"en": "en_core_web_sm", "fr": "fr_core_news_sm"}


def parsed(texts, languages):
    return parse(pd.DataFrame({"text": texts, "language": languages}).astype("str"), MODELS)


def test_the_comments_language_chooses_the_model():
    docs = parsed(["It was fine", "C'était bien", "super", "war gut"], ["en", "fr", None, "de"])
    assert [[doc.lang_ for doc in group] for group in docs] == [["en"], ["fr"], ["en", "fr"], ["en", "fr"]]


def test_equal_texts_share_one_parse():
    first, second = parsed(["It was fine", "It was fine"], ["en", "en"])
    assert first[0] is second[0]


def test_a_text_beyond_the_window_stays_one_document_with_true_offsets():
    text = "The sound was loud. " * (WINDOW // 20 + 50) + "End"
    (doc,) = parsed([text], ["en"])[0]
    assert doc.text == text
    assert all(text[t.idx : t.idx + len(t)] == t.text for t in doc)


@pytest.mark.parametrize("sign", ["=", "!", "_", "😡", "=:"])
def test_a_long_run_is_one_token_between_the_words_around_it(sign):
    text = f"It was fine {sign * 5000} but slow"
    assert [token.text for token in parsed([text], ["en"])[0][0]] == [
        "It", "was", "fine", sign * 5000, "but", "slow"
    ]  # fmt: skip


def test_a_long_stretch_without_white_space_stays_one_document_with_true_offsets():
    text = "It was " + "l'été 's'" * 100 + "'s" * (WINDOW // 2) + " end"
    for doc in parsed([text], [None])[0]:
        assert doc.text == text
        assert all(text[t.idx : t.idx + len(t)] == t.text for t in doc)


def test_a_missing_model_is_named_with_its_install_command():
    with pytest.raises(ModelError, match="pip install xx-no-such-model"):
        check({"en": "xx_no_such_model"})


def test_no_comments_give_no_documents():
    assert parsed([], []) == []
