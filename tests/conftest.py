"""What all tests share: no network, and models small enough to make on the spot."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import small

ROOT = Path(__file__).parents[1]

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
