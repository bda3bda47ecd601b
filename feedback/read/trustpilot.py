"""Trustpilot: the business export of service reviews (CSV or XLSX)."""

from __future__ import annotations

import pandas as pd

from feedback.pipeline import Score
from feedback.read.cells import Opened
from feedback.read.format import Format, Roles, columns

_STARS = ("review stars", "review rating", "rating")
_TEXT = ("review content", "review text")


def _recognise(opened: Opened) -> bool:
    return all(columns(opened.header, *names) for names in (("review id",), ("review title",), _STARS, _TEXT))


def _roles(table: pd.DataFrame) -> Roles:
    header = list(table.columns)
    stars, text = columns(header, *_STARS)[0], columns(header, *_TEXT)[0]
    return Roles(
        text=(text,),
        fields={text: "review"},
        questions={text: ""},
        title=columns(header, "review title"),
        id=columns(header, "review id"),
        created_at=columns(header, "review created (utc)", "review created", "review time"),
        updated_at=columns(header, "review updated (utc)", "review updated"),
        zone="UTC",
        author=columns(
            header, "review consumer user id", "consumer id", "review user email", "review username", "consumer name"
        ),
        language=columns(header, "review language", "language"),
        location=columns(header, "location name"),
        reply=columns(header, "company response", "company reply", "business reply", "reply text"),
        scores=(Score(column=stars, metric="stars", min=1, max=5, question="stars"),),
    )


TRUSTPILOT = Format("trustpilot", "review", _recognise, _roles)
