"""The encoder: a text's vector is its own, damaged weights are refused, other people's models work."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import small

from feedback import encode, mapping, sentiment, workspace
from feedback.errors import ModelError

WEIGHTS = ("encoder.safetensors", "tokenizer.json", "sentiment.safetensors", "mapping.json")
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
]


@pytest.fixture(scope="module", params=["shipped", "tiny"])
def encoder(request, models) -> encode.Encoder:
    return encode.load() if request.param == "shipped" else encode.load("encoder", models)


def test_vectors_have_unit_length_and_one_row_a_text(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert len(vectors) == len(TEXTS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_vector_is_the_same_bit_for_bit_whatever_stands_beside_it(encoder):
    whole = dict(zip(TEXTS, encoder.encode(TEXTS), strict=True))
    others = [f"{text} {i}" for i, text in enumerate(TEXTS * 3)]
    mixed = random.Random(1).sample([*TEXTS, *TEXTS, *others], 2 * len(TEXTS) + len(others))
    for text, vector in zip(mixed, encoder.encode(mixed), strict=True):
        if text in whole:
            assert np.array_equal(vector, whole[text]), text[:40]
    for text in (TEXTS[0], TEXTS[2], TEXTS[8]):
        assert np.array_equal(encoder.encode([text])[0], whole[text]), text[:40]


def test_no_texts_give_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, encoder.encode(["one"]).shape[1])


def test_the_end_of_a_text_beyond_the_longest_window_counts():
    start = "The queue was long and nobody told us anything. " * 60
    good, bad = encode.load().encode(
        [start + "We loved the show. " * 40, start + "The scanner refused our code. " * 40]
    )
    assert float(good @ bad) < 0.999


def test_texts_that_mean_the_same_are_near_each_other_across_languages():
    english, french, other = encode.load().encode(
        ["The QR code would not scan at the gate", "Le QR code ne passait pas à l'entrée", "The singer was wonderful"]
    )
    assert english @ french > english @ other


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
        "sentiment.safetensors": sentiment._shipped.__wrapped__,
        "mapping.json": mapping._weights.__wrapped__,
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


@pytest.mark.parametrize("load", [encode.load, sentiment.load])
def test_an_unknown_name_is_one_line_that_says_what_is_allowed(load):
    with pytest.raises(ModelError, match=r"cannot be loaded.*'no-such/model'.*'shipped'") as caught:
        load("no-such/model")
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
