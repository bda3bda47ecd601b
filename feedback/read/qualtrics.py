"""Qualtrics: what its heading rows say, which are the names, the questions and the ImportIds, or the older two."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from feedback.pipeline import Score
from feedback.read.answers import is_free_text
from feedback.read.cells import Opened, unique_names
from feedback.read.format import Roles, columns, normal

_IMPORT_ID = re.compile(r"""^\{\s*['"]ImportId['"]\s*:""")
_TEXT = re.compile(r"[_-]TEXT$")
_GROUP = re.compile(r"^(?:\(Group\)\s*)?(.+)_NPS_GROUP$")
_OLD_NAME = re.compile(r"^V\d+$")
_OLD_ROLES = {
    "id": ("responseid",), "created_at": ("enddate", "startdate"), "author": ("externaldatareference", "emailaddress"),
}  # fmt: skip


def recognise(opened: Opened) -> bool:
    """Whether a row of ImportIds lies under the names, or the older names V1, V2 … over their meanings."""
    by_import = columns(opened.header, "response id", "responseid") and _import_row(opened.rows) is not None
    return bool(by_import) or _is_old(opened.rows)


def complete(roles: Roles, table: pd.DataFrame) -> Roles:
    """The declared roles with the text columns, scores, zone and headings that the heading rows tell."""
    if _is_old(table):
        return _old(roles, table)
    place = _import_row(table) or 0
    header = list(table.columns)
    settings = {name: _settings(table[name].iloc[place]) for name in header}
    imports = {name: str(settings[name].get("ImportId", "")) for name in header}
    questions = {name: str(table[name].iloc[0]) for name in header} if place else {}
    texts = tuple(name for name in header if _TEXT.search(imports[name]))
    return replace(
        roles,
        text=texts,
        fields=dict(zip(texts, unique_names([imports[name] for name in texts]), strict=True)),
        questions=questions,
        zone=next((zone for name in roles.created_at if (zone := _zone(settings[name]))), None),
        scores=_nps(header, imports, questions),
        heading=place + 1,
    )


def _is_old(table: pd.DataFrame) -> bool:
    names = [name for name in table.columns if _OLD_NAME.match(str(name))]
    return bool(names) and len(table) > 0 and normal(str(table[names[0]].iloc[0])) == "responseid"


def _old(roles: Roles, table: pd.DataFrame) -> Roles:
    """The two heading rows of old: V1, V2 … for what is now named, then the questions."""
    questions = {str(name): str(table[name].iloc[0]) for name in table.columns if isinstance(table[name].iloc[0], str)}
    meanings = {normal(text): name for name, text in questions.items() if _OLD_NAME.match(name)}
    found: dict[str, Any] = {
        role: tuple(meanings[n] for n in wanted if n in meanings) for role, wanted in _OLD_ROLES.items()
    }
    asked = [name for name in questions if not _OLD_NAME.match(name)]
    texts = tuple(name for name in asked if _TEXT.search(name) or is_free_text(table[name].iloc[1:]))
    status = {meanings["status"]: roles.set_aside["status"]} if "status" in meanings else {}
    return replace(
        roles, text=texts, fields={name: name for name in texts}, questions=questions, set_aside=status, heading=1,
        scores=_nps(list(questions), {name: name for name in questions}, questions), **found,
    )  # fmt: skip


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
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return {}


def _zone(settings: Mapping[str, Any]) -> str | None:
    zone = settings.get("timeZone")
    return "UTC" if zone == "Z" else zone


def _nps(header: list[str], imports: Mapping[str, str], questions: Mapping[str, str]) -> tuple[Score, ...]:
    """Columns that have a sibling with the answer's NPS group, by name or by ImportId."""
    groups = {m[1] for text in (*header, *imports.values()) if (m := _GROUP.match(text))}
    found = [name for name in header if name in groups or imports[name] in groups]
    return tuple(Score(column=name, metric="nps", min=0, max=10, question=questions.get(name)) for name in found)
