import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback import cache
from feedback.encode import Encoded
from feedback.errors import StoreError


class Counting:
    """An encoder of three dimensions that remembers what it was asked."""

    version = "team/model-1"

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        rows = np.array([[len(t), sum(map(ord, t)) % 97, 1] for t in texts], dtype=np.float32).reshape(-1, 3)
        return Encoded(rows, rows[:, :2])


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.fixture
def encoder():
    return Counting()


def test_a_text_is_encoded_once_whatever_run_it_comes_in(tmp_path, encoder):
    first = cache.kept(encoder, tmp_path).encode(["late", "lost", "late"])
    again = cache.kept(encoder, tmp_path).encode(["lost", "new", "late"])
    assert sorted(encoder.asked) == ["late", "lost", "new"]
    assert same(again.at([2, 0, 2]), first)


def test_another_encoder_has_its_own_rows(tmp_path, encoder):
    cache.kept(encoder, tmp_path).encode(["late"])
    other = Counting()
    other.version = "team/model-2"
    cache.kept(other, tmp_path).encode(["late"])
    assert other.asked == ["late"]


def test_no_texts_give_no_rows(tmp_path, encoder):
    assert [part.shape for part in cache.kept(encoder, tmp_path).encode([])] == [(0, 3), (0, 2)]


def test_an_encoder_without_logits_is_kept_too(tmp_path, encoder, monkeypatch):
    whole = encoder.encode
    monkeypatch.setattr(encoder, "encode", lambda texts: whole(texts)._replace(logits=np.zeros((len(texts), 0), "f4")))
    first = cache.kept(encoder, tmp_path).encode(["late", "lost"])
    assert first.logits.shape == (2, 0)
    assert same(cache.kept(encoder, tmp_path).encode(["late", "lost"]), first)
    assert sorted(encoder.asked) == ["late", "lost"]


def test_a_file_of_an_earlier_version_is_no_hindrance(tmp_path, encoder):
    kept = cache.kept(encoder, tmp_path)
    kept.file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(kept.file)) as earlier:
        earlier.execute("CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
    assert same(kept.encode(["late"]), Counting().encode(["late"]))


def test_a_damaged_file_is_made_anew(tmp_path, encoder):
    kept = cache.kept(encoder, tmp_path)
    before = kept.encode(["late"])
    kept.file.write_bytes(b"not a database" * 100)
    assert same(kept.encode(["late"]), before)
    kept.encode(["late"])
    assert encoder.asked == ["late", "late"]


def test_a_file_in_use_is_left_alone_and_told_in_one_line(tmp_path, encoder, monkeypatch):
    monkeypatch.setattr(cache, "BUSY_SECONDS", 0)
    kept = cache.kept(encoder, tmp_path)
    before = kept.encode(["late"])
    with closing(sqlite3.connect(kept.file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            kept.encode(["lost"])
    assert same(kept.encode(["late"]), before)
    assert encoder.asked == ["late"]


def test_a_file_damaged_in_its_middle_is_told_in_one_line(tmp_path, encoder):
    kept = cache.kept(encoder, tmp_path)
    kept.encode([f"text {i}" for i in range(2000)])
    data = bytearray(kept.file.read_bytes())
    data[cache.PAGE :] = bytes(len(data) - cache.PAGE)
    kept.file.write_bytes(data)
    with pytest.raises(StoreError, match="delete the file"):
        kept.encode(["text 1"])


def test_texts_encoded_before_a_failure_are_kept(tmp_path, encoder, monkeypatch):
    monkeypatch.setattr(cache, "TEXTS_PER_WRITE", 2)
    whole = encoder.encode

    def failing(texts):
        if "d" in texts:
            raise KeyboardInterrupt
        return whole(texts)

    monkeypatch.setattr(encoder, "encode", failing)
    with pytest.raises(KeyboardInterrupt):
        cache.kept(encoder, tmp_path).encode(["a", "b", "c", "d"])
    monkeypatch.setattr(encoder, "encode", whole)
    encoder.asked.clear()
    cache.kept(encoder, tmp_path).encode(["a", "b", "c", "d"])
    assert encoder.asked == ["c", "d"]


@settings(deadline=None)
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=6), max_size=5))
def test_what_is_kept_is_the_encoders_own(tmp_path_factory, batches):
    encoder = Counting()
    kept = cache.kept(encoder, tmp_path_factory.mktemp("kept"))
    for texts in batches:
        assert same(kept.encode(texts), Counting().encode(texts))


def test_rows_of_other_texts_leave_the_files_and_their_bytes(tmp_path, encoder):
    kept = cache.kept(encoder, tmp_path)
    kept.encode([f"text {i}" for i in range(100)])
    key = cache._key("text 7")
    (file,) = cache.folder(tmp_path).iterdir()
    assert key in file.read_bytes()
    assert cache.keep_only(tmp_path, ["text 1", "text 2", "never seen"]) == 98
    assert key not in file.read_bytes()
    encoder.asked.clear()
    kept.encode(["text 1", "text 7", "text 2"])
    assert encoder.asked == ["text 7"]
    assert list(cache.folder(tmp_path).iterdir()) == [file]


def test_a_damaged_file_goes_with_the_rows_that_it_may_hold(tmp_path, encoder):
    cache.kept(encoder, tmp_path).encode(["late"])
    (file,) = cache.folder(tmp_path).iterdir()
    file.write_bytes(b"not a database" * 100)
    assert cache.keep_only(tmp_path, []) == 0
    assert not file.exists()
