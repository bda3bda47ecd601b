"""On PYTHONPATH of a test's subprocess: no connection leaves this machine, and a try leaves a trace."""

import os
import socket
from pathlib import Path

_connect = socket.socket.connect


def _refuse(what):
    if trace := os.environ.get("FEEDBACK_NETWORK_TRACE"):
        Path(trace).write_text(f"{what}\n", encoding="utf-8")
    raise OSError(f"no network in tests: {what}")


def _guarded(self, address):
    return _connect(self, address) if self.family == socket.AF_UNIX else _refuse(address)


socket.socket.connect = _guarded
socket.getaddrinfo = lambda *asked, **_: _refuse(asked[:2])
