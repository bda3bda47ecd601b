"""What people say of tags: rows of edited exports, of Label Studio and of Argilla, brought to one table.

Columns: row (where it stands in the file, from 1), segment_id, touchpoint, stage, sentiment (null: nothing said),
by (who said so, null where the file does not tell), explicit (false where a filled cell may be what the tagger had
written there, so that only a change says something), sample (the random sample that the segment was drawn for, null
where it was not) and given (what the tagger had assigned to it then).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from feedback.errors import FileError, ReadError, UsageError
from feedback.journey import RESERVED
from feedback.read.opening import open_file

COLUMNS = ("row", "segment_id", "touchpoint", "stage", "sentiment", "by", "explicit", "sample", "given")
LABELS = ("touchpoint", "stage", "sentiment")
MARKS = ("sample", "given")
SUGGESTED = "model_touchpoint"
CONFIRMED = "ok"
YES = frozenset({"ok", "x", "✓", "✔", "1", "true", "vrai", "y", "yes", "o", "oui"})
Said = dict[str, Any]
Tool = Callable[[int, Any], Iterator[Said]]


def read(path: Path) -> pd.DataFrame:
    """The rows of a file of corrections, COLUMNS.

    Raises UsageError when there is no file, FileError when it is none that is known or names no segment.
    """
    if not path.is_file():
        raise UsageError("no such file", got=path, remedy="check the path")
    try:
        opened = open_file(path)
        tool = next(
            (read for key, read in TOOLS.items() if isinstance(opened.value, dict) and key in opened.value), None
        )
        cells = pd.concat([part.table for part in opened.cells(_as_text if tool else None)])
    except ReadError as error:
        raise FileError(f"the file cannot be read: {error.what}", where=str(path), remedy=error.remedy) from None
    if tool is None:
        return _table(_of_cells(cells, path))
    records = zip(cells.index, map(json.loads, cells["record"]), strict=True)
    return _table(chain.from_iterable(_said_by(tool, int(row), record) for row, record in records))


def _said_by(tool: Tool, row: int, record: Any) -> list[Said]:
    """What a tool's record says; one that is none of its own says something of no segment, and is refused later."""
    try:
        return list(tool(row, record))
    except (AttributeError, TypeError, IndexError):
        return [_said(row, None, dict.fromkeys(LABELS), None)]


def _as_text(record: Any) -> list[dict[str, Any] | str]:
    return [{"record": json.dumps(record)}]


def _table(rows: Iterable[Said]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=list(COLUMNS))
    kinds = dict.fromkeys(("segment_id", *LABELS, "by", *MARKS), "str") | {"row": "int64", "explicit": "bool"}
    return table.astype(kinds)


def _of_cells(cells: pd.DataFrame, path: Path) -> Iterator[Said]:
    """An export of ours, or what `feedback review` wrote, with columns edited."""
    if "segment_id" not in cells or not set(LABELS) & set(cells.columns):
        allowed = f"segment_id and one of {', '.join(LABELS)}, or a JSON export of Label Studio or Argilla"
        remedy = "edit the segments that `feedback export RUN --to csv` or `feedback review` wrote"
        raise FileError("these are no corrections", where=str(path), got=", ".join(map(str, cells.columns)),
                        allowed=allowed, remedy=remedy)  # fmt: skip
    explicit = SUGGESTED in cells
    for row, said in zip(cells.index, cells.to_dict("records"), strict=True):
        labels = _confirmed({name: _filled(said.get(name)) for name in LABELS}, said)
        if labels["touchpoint"] is None and (kind := _filled(said.get("assignment"))) in RESERVED:
            labels["touchpoint"] = kind
        if any(labels.values()):
            others = {name: _filled(said.get(name)) for name in ("segment_id", "by", *MARKS)}
            yield {"row": row, **others, **labels, "explicit": explicit}


def _confirmed(labels: Said, said: Mapping[Any, Any]) -> Said:
    """The labels, or what the tagger suggested where `ok` is filled and no other place is named.

    A word in `ok` that is no yes stands for a touchpoint that nobody knows: its row is refused, not confirmed.
    """
    word = _filled(said.get(CONFIRMED))
    if word is None or labels["touchpoint"] or labels["stage"]:
        return labels
    if word.casefold() not in YES:
        return labels | {"touchpoint": word}
    return labels | {name: _filled(said.get(f"model_{name}")) for name in ("touchpoint", "stage")}


def _filled(cell: object) -> str | None:
    return cell.strip().removeprefix("'") if isinstance(cell, str) and cell.strip() else None


def _label_studio(row: int, task: Any) -> Iterator[Said]:
    """A task with `annotations`, each a list of choices under the names touchpoint, stage and sentiment."""
    for annotation in task.get("annotations", []):
        if annotation.get("was_cancelled"):
            continue
        labels = dict.fromkeys(LABELS)
        for result in annotation.get("result", []):
            chosen = result.get("value", {}).get("choices") or [None]
            if result.get("from_name") in LABELS:
                labels[result["from_name"]] = _filled(chosen[0])
        who = annotation.get("completed_by")
        who = (who.get("email") or who.get("id")) if isinstance(who, dict) else who
        yield _said(row, task.get("data", {}).get("segment_id"), labels, who)


def _argilla(row: int, record: Any) -> Iterator[Said]:
    """A record with `responses` by question: of version 2 (`question: [{value, user_id}]`), or of version 1."""
    identifier = (record.get("metadata") or {}).get("segment_id") or record.get("external_id") or record.get("id")
    answers: dict[Any, dict[str, str | None]] = {}
    responses = record.get("responses") or {}
    if isinstance(responses, dict):
        given = [(name, response) for name, each in responses.items() for response in each]
    else:
        given = [(name, {**value, **r}) for r in responses for name, value in (r.get("values") or {}).items()]
    for name, response in given:
        if name in LABELS and response.get("status", "submitted") == "submitted":
            answers.setdefault(response.get("user_id"), dict.fromkeys(LABELS))[name] = _filled(response.get("value"))
    for who, labels in answers.items():
        yield _said(row, identifier, labels, who)


def _said(row: int, identifier: object, labels: dict[str, str | None], who: object) -> Said:
    known = str(identifier) if identifier is not None else None
    told = {"by": str(who) if who is not None else None, "explicit": True, **dict.fromkeys(MARKS)}
    return {"row": row, "segment_id": known, **labels, **told}


TOOLS: dict[str, Tool] = {"annotations": _label_studio, "responses": _argilla}
