"""A file is replaced at once or not at all: whoever reads it sees the old content or the new one."""

import errno
import os
from pathlib import Path

import pytest

from feedback import atomic


@pytest.fixture
def kept(tmp_path) -> Path:
    """A file with something in it."""
    path = tmp_path / "kept.json"
    path.write_text("old")
    return path


def write(path: Path, text: str) -> None:
    with atomic.replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def test_the_new_content_takes_the_place_of_the_old_and_nothing_is_left_beside(kept):
    write(kept, "new")
    write(kept.with_name("first.json"), "one")
    assert kept.read_text() == "new"
    assert {path.name for path in kept.parent.iterdir()} == {"kept.json", "first.json"}


def test_an_error_while_writing_leaves_the_old_content_alone(kept):
    with pytest.raises(UnicodeEncodeError):
        write(kept, "half a pair: \ud800")
    assert kept.read_text() == "old"
    assert list(kept.parent.iterdir()) == [kept]


@pytest.mark.parametrize("primitive", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_the_old_content_alone(kept, monkeypatch, primitive):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, primitive, full)
    with pytest.raises(OSError, match="No space left"):
        write(kept, "new")
    assert kept.read_text() == "old"
    assert list(kept.parent.iterdir()) == [kept]


def test_the_content_is_on_the_disk_before_it_takes_the_place(kept, monkeypatch):
    done = []
    for name in ("fsync", "replace"):
        original = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, name=name, original=original: (done.append(name), original(*a))[1])
    write(kept, "new")
    assert done == ["fsync", "replace"]


def test_a_folder_is_brought_to_the_disk_where_the_system_opens_folders(tmp_path, monkeypatch):
    atomic.sync(tmp_path)
    monkeypatch.setattr(atomic.os, "name", "nt")
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("Windows opens no folder"))
    atomic.sync(tmp_path)


def test_a_share_that_syncs_no_folders_is_written_all_the_same(tmp_path, monkeypatch):
    def refuse(_: int) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", refuse)
    atomic.sync(tmp_path)
    (tmp_path / "kept.json").touch()
    with pytest.raises(OSError, match="Invalid argument"):
        atomic.sync(tmp_path / "kept.json")
