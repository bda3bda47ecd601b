"""Digests by which a stored run can be told from one that was damaged or altered since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

RUN_JSON = "run.json"
SEAL = "seal"


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def of_files(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a folder by its name; run.json, which holds them, and hidden ones aside."""
    paths = sorted(p for p in folder.iterdir() if p.is_file() and p.name != RUN_JSON and not p.name.startswith("."))
    return {path.name: digest(path) for path in paths}


def sealed(info: Mapping[str, Any]) -> dict[str, Any]:
    """What a run says of itself with the SHA-256 of all of it under SEAL.

    >>> info = sealed({"week": "2026-W47"})
    >>> holds(info), holds({**info, "week": "2026-W46"})
    (True, False)
    """
    told = {key: value for key, value in info.items() if key != SEAL}
    return {**told, SEAL: _digest(told)}


def holds(info: Mapping[str, Any]) -> bool:
    """Whether it still says what it was sealed with."""
    return info.get(SEAL) == _digest({key: value for key, value in info.items() if key != SEAL})


def _digest(told: Mapping[str, Any]) -> str:
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
