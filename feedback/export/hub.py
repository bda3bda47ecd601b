"""Records of Formbricks Hub: one for each comment and each score, as its interface takes and lists them.

Source: https://github.com/formbricks/hub, openapi.yaml, feedback records. Nothing is sent anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from feedback.read.identity import digest
from feedback.report.results import Results, counted

TYPES = {"nps": "nps", "csat": "csat", "ces": "ces", "stars": "rating", "other": "number"}
LONGEST = 255
"""Characters of an id or a name in the Hub."""


def write(results: Results, folder: Path) -> list[Path]:
    """Write hub-records.json: {"data": [record, …]}, a record a line, fit to be posted one by one.

    A record is known by tenant (the pipeline's name), submission and field, so that writing a week again adds nothing.
    Comments that count (no reposts, no duplicates) are of the type text, scores of the type of their metric.
    """
    path = folder / "hub-records.json"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"data": [')
        for number, record in enumerate(records(results)):
            file.write((",\n" if number else "\n") + json.dumps(record, ensure_ascii=False))
        file.write("\n]}\n")
    return [path]


def records(results: Results) -> Iterator[dict[str, Any]]:
    """The records, comments first; what is not known is left out."""
    tenant = fitting(str(results.info.get("pipeline", "feedback")))
    shared = _submissions(results.tables["submissions"])
    keys = ["source", "submission_id"]
    comments = counted(results.tables["comments"])[[*keys, "comment_id", "field_id", "question", "text", "language"]]
    tags = _tags(results.tables["segments"])
    for row in comments.merge(shared, on=keys).to_dict("records"):
        value = {"value_text": row["text"], "language": row["language"], "metadata": tags.get(row["comment_id"])}
        yield _record(row, tenant, "text", row["field_id"], value)
    scores = results.tables["scores"]
    asked = scores["question"].fillna(scores["metric"])
    place = scores.assign(question=asked).groupby([*keys, "question"]).cumcount() + 1
    for row in scores.assign(question=asked, place=place).merge(shared, on=keys).to_dict("records"):
        field = f"score:{row['question']}" + (f" ({row['place']})" if row["place"] > 1 else "")
        scale = {"score_min": row["score_min"], "score_max": row["score_max"]}
        yield _record(row, tenant, TYPES[row["metric"]], field, {"value_number": row["score_raw"], "metadata": scale})


def fitting(name: str) -> str:
    """A name that the Hub takes as an id; the digest of the whole keeps two long ones apart.

    >>> len(fitting("a" * 300)), fitting("why")
    (255, 'why')
    """
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 17]}-{digest(name)}"


def _submissions(table: pd.DataFrame) -> pd.DataFrame:
    """Who, when and where; `known_as` names the source too, as two sources may share an id in one week or another."""
    known = table["source"] + "/" + table["submission_id"]
    return table[["source", "submission_id", "source_kind", "created_at", "author"]].assign(known_as=known)


def _tags(segments: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """By comment the stages and touchpoints that its segments were mapped to."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, key in (("stage", "stages"), ("touchpoint", "touchpoints")):
        given = segments.dropna(subset=[name]).drop_duplicates(["comment_id", name])
        for comment, value in zip(given["comment_id"], given[name], strict=True):
            found.setdefault(comment, {}).setdefault(key, []).append(value)
    return found


def _record(row: dict[Any, Any], tenant: str, kind: str, field: str, value: dict[str, Any]) -> dict[str, Any]:
    when = row["created_at"]
    whole = {
        "tenant_id": tenant,
        "submission_id": fitting(row["known_as"]),
        "source_type": row["source_kind"],
        "source_name": fitting(row["source"]),
        "field_id": fitting(field),
        "field_label": row["question"],
        "field_type": kind,
        "user_id": row["author"],
        "collected_at": None if pd.isna(when) else when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **value,
    }
    return {key: cell for key, cell in whole.items() if isinstance(cell, dict) or (cell is not None and cell == cell)}
