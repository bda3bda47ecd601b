"""What all tests share: no network, and one place to look for the datasets."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


class NetworkUsedError(AssertionError):
    """A test opened a connection."""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Tests run without network: a connection to anything but this machine's own sockets fails the test."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family == socket.AF_UNIX:
            return connect(self, address)
        raise NetworkUsedError(f"a test connected to {address}")

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **_: (_ for _ in ()).throw(NetworkUsedError(f"looked up {a}")))
