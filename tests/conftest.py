"""What all tests share: no network, and models small enough to make on the spot."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest
import small

ROOT = Path(__file__).parents[1]
REVIEWS = ROOT / "tests/cases/trustpilot/reviews.csv"
JOURNEY = "journey: shop\nversion: 1\ntitle: Shop\nstages:\n  - {id: find, name: Find}\n  - {id: buy, name: Buy}\n"
PIPELINE = """\
pipeline: weekly
timezone: Europe/Paris
journey: data/journeys/shop.yaml
sources:
  - {name: reviews, files: data/inbox/*.csv}
"""

# Each worker has the cores to share with the others; set before torch is loaded.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# As the command does: a model's name that is no folder is not looked for on a hub.
os.environ.setdefault("HF_HUB_OFFLINE", "1")


class NetworkUsedError(AssertionError):
    """A test opened a connection."""


@pytest.fixture(scope="session", autouse=True)
def _no_network():
    """Tests run without network: a connection to anything but this machine's own sockets fails the test."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family == socket.AF_UNIX:
            return connect(self, address)
        raise NetworkUsedError(f"a test connected to {address}")

    def unknown(*asked, **_):
        raise NetworkUsedError(f"looked up {asked}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket, "getaddrinfo", unknown)
        yield


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """A folder with a sentence-transformers `encoder` and a transformers `classifier`, tiny and untrained."""
    return small.models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def feedback(monkeypatch, capsys):
    """Call the command; returns its exit code and what it wrote to stdout and stderr."""
    from feedback import cli

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["feedback", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        written = capsys.readouterr()
        return left.value.code or 0, written.out, written.err

    return call


@pytest.fixture
def refused(feedback):
    """Call the command, which must fail with an exit code and one line on stderr; returns the line."""

    def call(code: int, *arguments: object) -> str:
        left, _, err = feedback(*arguments)
        assert left == code, err
        assert err.startswith("feedback: ")
        assert err.endswith(("!\n", ".\n", "?\n"))
        assert len(err.splitlines()) == 1
        return err

    return call


@pytest.fixture
def brand(tmp_path, monkeypatch):
    """A small workspace with three reviews, which is the current folder."""
    for name, text in (("pipelines/weekly.yaml", PIPELINE), ("data/journeys/shop.yaml", JOURNEY)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "data/inbox").mkdir()
    shutil.copy(REVIEWS, tmp_path / "data/inbox/reviews.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path
