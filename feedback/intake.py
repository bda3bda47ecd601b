"""`feedback read`: read exports, redact them, and write the comments with the other tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import NamedTuple

import pandas as pd

from feedback import clean, forgotten, parse, read, run, tables, workspace, yamlfile
from feedback.errors import ReadError, UsageError
from feedback.export import file
from feedback.export.guard import FREE_TEXT
from feedback.pipeline import MAPPING_FILE, SPACY, Mapping
from feedback.read import draft
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


def explain(inputs: Sequence[Path], out: Path | None = None) -> str:
    """How each file is read; of each unknown one a mapping to edit is written beside it, or of one alone to OUT.

    Raises UsageError when a file does not exist, or when OUT is to hold several mappings.
    """
    _all_exist(inputs)
    said, drafted = [], list[Path]()
    for path in inputs:
        for found in read.explained(path):
            said.append(found.text)
            if found.draft is not None:
                place = out or _beside(found.file)
                if out is not None and drafted:
                    raise UsageError("one mapping file for several exports", got=out, remedy="explain them one by one")
                drafted.append(place)
                said.append(_drafted(place, found.file, found.draft))
    return "\n\n".join(said) or "the folder holds no files"


def _beside(file: read.File) -> Path:
    """Where the mapping of a file lies if nobody says: beside it, or beside the archive that it is in."""
    if isinstance(file, Path):
        return file.with_name(f"{file.stem}{MAPPING_FILE}")
    return file.archive.with_name(f"{Path(file.member or file.archive.stem).stem}{MAPPING_FILE}")


def _drafted(place: Path, export: read.File, proposed: draft.Draft) -> str:
    """Write a mapping, never over another file, and say what was done and what comes next."""
    text = draft.file_text(export.name, proposed)
    path = export if isinstance(export, Path) else export.archive
    use = f"To read it: feedback read {quote(str(path))} --mapping {quote(str(place))} --out comments.parquet"
    answer = "Answer its questions first. " if proposed.questions else ""
    then = f"{answer}{use}\nIn a pipeline: put the file into the workspace, and `mapping: PATH` into its source."
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        same = place.is_file() and place.read_text(encoding="utf-8", errors="replace") == text
        as_is = "as proposed" if same else "and is left as it is; delete it, or name another file with --out"
        return f"The mapping {place} is there already, {as_is}.\n{then}"
    except OSError as error:
        return f"The mapping is not written to {place}: {error.strerror}. Name another file with --out."
    return f"The mapping is written to {place}: check it, and edit it.\n{then}"


def intake(inputs: Sequence[Path], out: Path, steps: run.Steps, mapping: Path | None = None) -> Taken:
    """Read, clean and redact exports, and write OUT, <stem>.submissions, <stem>.scores and <stem>.rejects.

    A mapping file says what the columns of all of them mean.
    Raises UsageError when a file does not exist or OUT cannot be written, ReadError when folders hold no files,
    FileError when the mapping breaks its contract or does not fit.
    """
    _all_exist(inputs)
    roles = yamlfile.load(mapping, Mapping) if mapping else None
    workspace.destination(out, inputs)
    if not read.inside(inputs):
        raise ReadError("the folder holds no files", where=str(inputs[0]), remedy="drop exports there")
    parse.check(SPACY)
    root = workspace.find(out.resolve().parent)
    salt = workspace.salt(root) if root else None
    known = forgotten.load(root) if root else forgotten.Forgotten(None)
    found: list[Tables] = []
    for raw in read.read_any(inputs, mapping=roles):
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
