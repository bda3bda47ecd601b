"""Files that are replaced at once or not at all, whatever stops the process or the machine."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART = ".part"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside a file to write its new content to, which takes its place when the block ends without an error.

    Raises OSError when it cannot be written; the file is then as it was.
    """
    part = path.with_name(f".{path.name}{PART}")
    try:
        yield part
        sync(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk. Raises OSError."""
    folder = path.is_dir()
    if os.name == "nt" and folder:  # Windows opens no folder, and writes their names itself
        return
    descriptor = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not folder or error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # what network shares answer for folders
            raise
    finally:
        os.close(descriptor)
