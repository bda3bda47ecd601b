"""Where things lie: the workspace of a command, and the sample workspace that the package brings."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from feedback.errors import StoreError, UsageError

SUFFIXES = (".csv", ".jsonl", ".parquet", ".xlsx")
_IGNORED = "/data/salt\n/data/salt.*\n/data/inbox/\n/data/cache/\n/data/runs/\n/reports/\n"
_SALT_BYTES = 16
FOLDERS = ("pipelines", "models", "data/journeys", "data/inbox", "data/gold", "data/runs", "reports")


def find(start: Path) -> Path | None:
    """The nearest folder at or above `start` that holds pipelines/, or None outside any workspace."""
    start = start.resolve()
    return next((p for p in (start, *start.parents) if (p / "pipelines").is_dir()), None)


def here() -> Path:
    """The workspace that the command was called in. Raises UsageError outside any."""
    root = find(Path.cwd())
    if root is None:
        raise UsageError("no workspace here", got=Path.cwd(), remedy="go to one, or make one with `feedback init DIR`")
    return root


def around(pipeline: Path) -> Path:
    """The workspace that a pipeline file lies in. Raises UsageError when it lies in none."""
    root = find(pipeline.parent)
    if root is None:
        raise UsageError("the pipeline lies in no workspace", got=pipeline, remedy="make one with `feedback init DIR`")
    return root


def packaged() -> Path:
    """The folder with the shipped pipelines, journeys, sample drops and weights.

    In a checkout that is the repository root; in an installed wheel the copy inside the package,
    which an editable install does not have.
    """
    inside = Path(__file__).parent / "workspace"
    return inside if inside.is_dir() else Path(__file__).parent.parent


def place_of(name: str, root: Path | None) -> str:
    """Where the model of that name lies: its folder in the workspace, or the name as it stands."""
    return str(root / name) if root and (root / name).is_dir() else name


def salt(root: Path) -> bytes:
    """The secret of a workspace that authors are hashed with; made at first use, never committed.

    Raises StoreError when it cannot be made or read.
    """
    path = root / "data" / "salt"
    try:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_salt(path)
        found = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        what = f"the workspace's salt cannot be written or read: {error.strerror}"
        raise StoreError(what, where=str(path), remedy="give access to the folder") from error
    except ValueError:
        found = b""
    if len(found) != _SALT_BYTES:
        remedy = "restore it, or delete it: authors then get other hashes than in earlier runs"
        raise StoreError("the workspace's salt is damaged", where=str(path), remedy=remedy)
    return found


def _write_salt(path: Path) -> None:
    """Write a new salt whole or not at all; nobody but its owner can read it at any moment."""
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix="salt.")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_SALT_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(part).replace(path)


def destination(out: Path, inputs: Iterable[Path]) -> None:
    """Check a table to be written before the work for it begins.

    Raises UsageError for a suffix that cannot be written, a folder that does not exist, or a file that is read.
    """
    if out.suffix not in SUFFIXES:
        raise UsageError("unknown kind of output", got=out.name, allowed=SUFFIXES, remedy="change OUT's suffix")
    if not out.parent.is_dir():
        raise UsageError("no such folder", got=out.parent, remedy="make it, or choose another place for OUT")
    if out.resolve() in {path.resolve() for path in inputs}:
        raise UsageError("OUT would replace what is read", got=out, remedy="choose another name for OUT")


def create(folder: Path) -> None:
    """Make a workspace with the shipped pipeline, journeys and sample exports to start from.

    Raises UsageError when the folder already holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("this folder is not empty", got=folder, remedy="choose another name")
    source = packaged()
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name in ("pipelines", "data/journeys", "data/inbox", "data/gold"):
            shutil.copytree(source / name, folder / name, dirs_exist_ok=True)
        (folder / ".gitignore").write_text(_IGNORED, encoding="ascii")
    except OSError as error:
        raise StoreError(f"the workspace cannot be made: {error.strerror}", where=str(folder)) from error
