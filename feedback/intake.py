"""`feedback read`: read exports, redact them, and write the comments with the other tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from feedback import clean, forgotten, parse, read, run, tables, workspace
from feedback.errors import ReadError, UsageError
from feedback.export import file
from feedback.export.guard import FREE_TEXT
from feedback.pipeline import SPACY
from feedback.tables import Tables


class Refused(NamedTuple):
    """A row, or a whole file, that was not read, and what to do."""

    file: str
    row: int | None
    reason: str
    remedy: str


class Taken(NamedTuple):
    """What reading found; `usable` is false when no file was read at all."""

    by_file: dict[str, int]
    submissions: int
    comments: int
    refused: list[Refused]
    out: Path
    rejects: Path
    usable: bool


def explain(inputs: Sequence[Path]) -> str:
    """How each file is read, or a mapping to start from. Raises UsageError when one does not exist."""
    _all_exist(inputs)
    return "\n\n".join(read.explain(path) for path in inputs)


def intake(inputs: Sequence[Path], out: Path, steps: run.Steps) -> Taken:
    """Read, clean and redact exports, and write OUT, <stem>.submissions, <stem>.scores and <stem>.rejects.

    Raises UsageError when a file does not exist or OUT cannot be written, ReadError when folders hold no files.
    """
    _all_exist(inputs)
    workspace.destination(out, inputs)
    if not read.inside(inputs):
        raise ReadError("the folder holds no files", where=str(inputs[0]), remedy="drop exports there")
    parse.check(SPACY)
    root = workspace.find(out.resolve().parent)
    salt = workspace.salt(root) if root else None
    known = forgotten.load(root) if root else forgotten.Forgotten(None)
    found: list[Tables] = []
    for raw in read.read_any(inputs):
        left = forgotten.leave_out(raw, known)
        redacted, _, _ = run.redacted(left, steps, declared={}, spacy=SPACY, languages=tuple(SPACY), salt=salt)
        found.append(redacted)
    kept = Tables(*(pd.concat(part, ignore_index=True) for part in zip(*found, strict=True)))
    kept = kept._replace(comments=clean.mark_duplicates(kept.comments, kept.submissions))
    paths = {
        name: out if name == "comments" else out.with_name(f"{out.stem}.{name}{out.suffix}") for name in kept._fields
    }
    for name, path in paths.items():
        file.write(tables.conform(getattr(kept, name), tables.SCHEMAS[name]), path, FREE_TEXT[name])
    return _taken(kept, inputs, out, paths["rejects"])


def _all_exist(inputs: Sequence[Path]) -> None:
    for path in inputs:
        if not path.exists():
            raise UsageError("no such file", got=path, remedy="check the path")


def _taken(kept: Tables, inputs: Sequence[Path], out: Path, rejects: Path) -> Taken:
    counts = kept.comments["file"].value_counts()
    files = read.inside(inputs)
    columns = zip(*(kept.rejects[c] for c in Refused._fields), strict=True)
    refused = [
        Refused(where, None if pd.isna(row) else int(row), reason, remedy) for where, row, reason, remedy in columns
    ]
    unread = {r.file for r in refused if r.row is None and not r.reason.startswith("note: ")}
    return Taken(
        by_file={name: int(counts.get(name, 0)) for name in map(read.named, files)},
        submissions=len(kept.submissions),
        comments=len(kept.comments),
        refused=[r for r in refused if not r.reason.startswith("not feedback: ")],
        out=out,
        rejects=rejects,
        usable=any(read.named(file) not in unread for file in files),
    )
