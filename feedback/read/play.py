"""Google Play Console: the monthly CSV of an app's reviews, UTF-16 as it comes."""

from __future__ import annotations

import pandas as pd

from feedback.pipeline import Score
from feedback.read.cells import Opened
from feedback.read.format import Format, Roles, columns

_SIGNATURE = ("package name", "star rating", "review text", "review link")


def _recognise(opened: Opened) -> bool:
    return len(columns(opened.header, *_SIGNATURE)) == len(_SIGNATURE)


def _roles(table: pd.DataFrame) -> Roles:
    header = list(table.columns)
    text, stars = columns(header, "review text")[0], columns(header, "star rating")[0]
    return Roles(
        text=(text,),
        fields={text: "review"},
        questions={text: ""},
        title=columns(header, "review title"),
        id=columns(header, "review link"),
        id_pattern=r"(?i)reviewid=([^&#]+)",
        created_at=columns(header, "review submit date and time", "review submit millis since epoch"),
        updated_at=columns(header, "review last update date and time", "review last update millis since epoch"),
        zone="UTC",
        language=columns(header, "reviewer language"),
        product=columns(header, "package name"),
        url=columns(header, "review link"),
        reply=columns(header, "developer reply text"),
        scores=(Score(column=stars, metric="stars", min=1, max=5, question="stars"),),
        extra=columns(header, "app version name", "device"),
    )


PLAY = Format("play", "review", _recognise, _roles)
