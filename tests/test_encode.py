"""The encoder: a text's vector is its own, damaged weights are refused, other people's models work."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import small
from safetensors.numpy import load

from feedback import bert, encode, head, sentiment, workspace
from feedback.errors import ModelError
from models import export

WEIGHTS = ("encoder.safetensors", "tokenizer.json", "mapping.json")
TEXTS = [
    "The QR code would not scan at the gate",
    "Le QR code ne passait pas à l'entrée",
    "Top",
    "",
    "😀",
    "שלום, הכרטיס לא נסרק",
    "Great show " * 20,
    "La file d'attente virtuelle m'a éjectée au bout de deux heures, puis le paiement a échoué. " * 4,
    "I paid twice. " * 90,
    "ok",
    "<pad> <s> </s> <unk>",
]


@pytest.fixture(scope="module", params=["shipped", "tiny"])
def encoder(request, models) -> encode.Encoder:
    return encode.load() if request.param == "shipped" else encode.load("encoder", models)


def test_vectors_have_unit_length_and_one_row_a_text(encoder):
    vectors = encoder.encode(TEXTS).vectors
    assert vectors.dtype == np.float32
    assert len(vectors) == len(TEXTS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_row_is_the_same_bit_for_bit_whatever_stands_beside_it(encoder):
    whole = dict(zip(TEXTS, np.hstack(encoder.encode(TEXTS)), strict=True))
    others = [f"{text} {i}" for i, text in enumerate(TEXTS * 3)]
    mixed = random.Random(1).sample([*TEXTS, *TEXTS, *others], 2 * len(TEXTS) + len(others))
    for text, row in zip(mixed, np.hstack(encoder.encode(mixed)), strict=True):
        if text in whole:
            assert np.array_equal(row, whole[text]), text[:40]
    for text in (TEXTS[0], TEXTS[2], TEXTS[8]):
        assert np.array_equal(np.hstack(encoder.encode([text]))[0], whole[text]), text[:40]


def test_no_texts_give_no_rows(encoder):
    for none, one in zip(encoder.encode([]), encoder.encode(["one"]), strict=True):
        assert none.shape == (0, one.shape[1])


def test_only_the_shipped_encoder_reads_feelings(models):
    assert encode.load().encode(["one"]).logits.shape == (1, 6)
    assert encode.load("encoder", models).encode(["one"]).logits.shape == (1, 0)


def test_the_end_of_a_text_beyond_the_longest_window_counts():
    start = "The queue was long and nobody told us anything. " * 60
    found = encode.load().encode([start + "We loved the show. " * 40, start + "The scanner refused our code. " * 40])
    assert float(found.vectors[0] @ found.vectors[1]) < 0.999
    assert np.abs(found.logits[0] - found.logits[1]).max() > 0.1


def test_texts_that_mean_the_same_are_near_each_other_across_languages():
    texts = [
        "The QR code would not scan at the gate",
        "Le QR code ne passait pas à l'entrée",
        "The singer was wonderful",
    ]
    english, french, other = encode.load().encode(texts).vectors
    assert english @ french > english @ other


# --- the network -------------------------------------------------------------------------------


def test_the_network_is_bert_but_for_rounding():
    rounded = encode.load().encode(TEXTS)
    vectors, logits = export.in_floats()(TEXTS[:7])
    assert (rounded.vectors[:7] * vectors).sum(axis=1).min() > 0.98
    assert np.abs(rounded.logits[:7] - logits).max() < 0.5


def test_integers_and_floats_give_the_same_bits():
    stored = load(encode.verified("encoder.safetensors").data)
    ids = np.random.default_rng(0).integers(4, 50_000, size=(9, 40))
    real = np.arange(40) < np.random.default_rng(1).integers(3, 41, size=(9, 1))
    integers, floats = (bert.read(stored, "cpu", integers=way)(ids, real) for way in (True, False))
    for one, other in zip(integers, floats, strict=True):
        assert np.array_equal(one, other)


def test_the_number_of_threads_and_the_size_of_batches_change_no_bit(monkeypatch):
    texts = [f"{text} {i}" for i in range(12) for text in TEXTS]
    before = encode.load().encode(texts)
    for threads, tokens, at_once in ((1, 512, 8192), (2, 512, 7), (2, 256, 8192), (3, 4096, 20)):
        monkeypatch.setattr(encode, "threads", lambda threads=threads: threads)
        monkeypatch.setattr(encode, "TOKENS_PER_BATCH", tokens)
        monkeypatch.setattr(encode, "TEXTS_AT_ONCE", at_once)
        for one, other in zip(before, encode.load().encode(texts), strict=True):
            assert np.array_equal(one, other), (threads, tokens, at_once)


# --- damaged and missing files -----------------------------------------------------------------


@pytest.fixture
def copied(tmp_path, monkeypatch) -> Path:
    """A copy of the shipped weights that stands in for them."""
    shutil.copytree(workspace.packaged() / "models/weights", tmp_path / "models/weights")
    monkeypatch.setattr(workspace, "packaged", lambda: tmp_path)
    return tmp_path / "models/weights"


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_flipped_byte_is_refused(copied, name):
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(data)
    # What is loaded once stays in memory, so the loaders are called past their caches.
    uncached = {
        "encoder.safetensors": encode._shipped.__wrapped__,
        "tokenizer.json": encode._shipped.__wrapped__,
        "mapping.json": head.shipped.__wrapped__,
    }
    with pytest.raises(ModelError, match=f"{name}.*damaged.*Reinstall"):
        uncached[name]()


@pytest.mark.parametrize("name", [*WEIGHTS, "manifest.json"])
def test_a_missing_file_is_named(copied, name):
    (copied / name).unlink()
    with pytest.raises(ModelError, match=r"missing.*Reinstall"):
        encode.verified(name if name != "manifest.json" else "mapping.json")


# --- models of the user's own ------------------------------------------------------------------


def test_a_folder_is_found_in_the_workspace_and_keeps_its_name(models, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert encode.load("encoder", models).version.startswith("encoder-")


@pytest.mark.parametrize("kind", [encode, sentiment])
def test_an_unknown_name_is_one_line_that_says_what_is_allowed(kind):
    with pytest.raises(ModelError, match=r"cannot be loaded.*'no-such/model'.*'shipped'") as caught:
        kind.load("no-such/model")
    assert "\n" not in str(caught.value)


def test_the_command_refuses_an_unknown_model_in_one_line_and_asks_no_hub(tmp_path):
    pipeline = small.cut(tmp_path, rows=1, weeks=("47",), encoder="no-such/model")
    trace = tmp_path / "network"
    done = subprocess.run(
        [sys.executable, "-m", "feedback", "run", str(pipeline)],
        env=small.offline(FEEDBACK_NETWORK_TRACE=str(trace)), cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("feedback: the encoder cannot be loaded. Got 'no-such/model'")
    assert len(done.stderr.splitlines()) == 1
    assert not trace.exists()
