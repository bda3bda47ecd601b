"""One process at a time writes a workspace; the others are told which.

The operating system holds the lock (data/runs/.lock) for as long as the process lives, so that of one that was killed
the next takes it over. Who holds it stands beside, in data/runs/.lock.json.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from feedback import atomic, store
from feedback.errors import StoreError

NAME = ".lock"
LOCKLESS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)  # what shares without a lock service answer
PATIENCE = 10.0  # seconds that what is soon done waits for another such


@contextmanager
def held(root: Path, doing: str, patience: float = 0) -> Iterator[Callable[[str], None]]:
    """Hold a workspace's lock while the block works; it is given a function that says what is done from then on.

    Raises StoreError when another process holds it for longer than so many seconds of patience, with its number, since
    when, and what it does; or when the workspace cannot be written.
    """
    folder = store.runs_folder(root)
    lock = FileLock(folder / NAME, timeout=patience)
    with store.explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            raise StoreError(
                f"another process is writing this workspace: {_holder(folder)}", where=str(root),
                remedy="wait until it is done, or end it; a process that was killed holds nothing",
            ) from None  # fmt: skip
        except OSError as error:
            if error.errno not in LOCKLESS:
                raise
            raise StoreError(
                f"the file system of this workspace cannot lock files: {error.strerror}", where=str(root),
                remedy="put the workspace on a local disk, or on a share that locks files",
            ) from error  # fmt: skip
    since = datetime.now(UTC)
    try:
        _tell(folder, since, doing)
        yield lambda now: _tell(folder, since, now)
    finally:
        with suppress(OSError):  # Windows removes no file that another process reads
            _told(folder).unlink(missing_ok=True)
        lock.release()


def _told(folder: Path) -> Path:
    return folder / f"{NAME}.json"


def _tell(folder: Path, since: datetime, doing: str) -> None:
    """Say who holds the lock; where that cannot be written, the lock holds all the same."""
    told = {"process": os.getpid(), "since": f"{since:%Y-%m-%d %H:%M} UTC", "doing": doing}
    part = _told(folder).with_suffix(atomic.PART)
    try:
        part.write_text(json.dumps(told), encoding="utf-8")
        part.replace(_told(folder))
    except OSError:
        part.unlink(missing_ok=True)


def _holder(folder: Path) -> str:
    """Who holds the lock, as far as it is told."""
    try:
        told = json.loads(_told(folder).read_text(encoding="utf-8"))
        return f"process {told['process']} since {told['since']}, `feedback {told['doing']}`"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has not said which"
