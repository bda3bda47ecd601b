"""Qualtrics: response exports as CSV or TSV, with names, questions and ImportIds in three header rows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from feedback.pipeline import Score
from feedback.read.cells import Opened, unique_names
from feedback.read.format import Format, Roles, columns

_IMPORT_ID = re.compile(r"""^\{\s*['"]ImportId['"]\s*:""")
_TEXT = re.compile(r"[_-]TEXT$")
_GROUP = re.compile(r"^(?:\(Group\)\s*)?(.+)_NPS_GROUP$")
_STATUS = {
    "1": "a survey preview", "Survey Preview": "a survey preview", "preview": "a survey preview",
    "4": "a test answer", "Survey Test": "a test answer", "8": "marked as spam", "Spam": "marked as spam",
    "9": "a survey preview", "Spam Preview": "a survey preview",
}  # fmt: skip


def _recognise(opened: Opened) -> bool:
    return bool(columns(opened.header, "response id", "responseid")) and _import_row(opened.rows) is not None


def _import_row(rows: pd.DataFrame) -> int | None:
    """Which of the first two rows under the names holds the ImportIds."""
    for place in range(min(2, len(rows))):
        cells = [str(cell) for cell in rows.iloc[place] if isinstance(cell, str) and cell]
        if sum(bool(_IMPORT_ID.match(cell)) for cell in cells) * 2 > len(cells):
            return place
    return None


def _settings(cell: object) -> dict[str, Any]:
    """The JSON of a header cell; exports of 2016 wrote it with single quotes."""
    for text in (str(cell), str(cell).replace("'", '"')):
        try:
            found = json.loads(text)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return {}


def _roles(table: pd.DataFrame) -> Roles:
    place = _import_row(table) or 0
    header = list(table.columns)
    settings = {name: _settings(table[name].iloc[place]) for name in header}
    imports = {name: str(settings[name].get("ImportId", "")) for name in header}
    questions = {name: str(table[name].iloc[0]) for name in header} if place else {}
    time = columns(header, "recordeddate", "enddate", "startdate")
    texts = tuple(name for name in header if _TEXT.search(imports[name]))
    status = columns(header, "status", "distributionchannel")
    return Roles(
        text=texts,
        fields=dict(zip(texts, unique_names([imports[name] for name in texts]), strict=True)),
        questions=questions,
        id=columns(header, "responseid", "response id"),
        created_at=time,
        zone=next((zone for name in time if (zone := _zone(settings[name]))), None),
        author=columns(header, "externalreference", "recipientemail"),
        language=columns(header, "userlanguage"),
        product=columns(header, "product", "event"),
        location=columns(header, "location", "venue", "store"),
        channel=columns(header, "channel"),
        scores=_nps(header, imports, questions),
        set_aside=dict.fromkeys(status, _STATUS),
        heading=place + 1,
    )


def _zone(settings: Mapping[str, Any]) -> str | None:
    zone = settings.get("timeZone")
    return "UTC" if zone == "Z" else zone


def _nps(header: list[str], imports: Mapping[str, str], questions: Mapping[str, str]) -> tuple[Score, ...]:
    """Columns that have a sibling with the answer's NPS group, by name or by ImportId."""
    groups = {m[1] for text in (*header, *imports.values()) if (m := _GROUP.match(text))}
    found = [name for name in header if name in groups or imports[name] in groups]
    return tuple(Score(column=name, metric="nps", min=0, max=10, question=questions.get(name)) for name in found)


QUALTRICS = Format("qualtrics", "survey", _recognise, _roles)
