"""Write feedback/catalogue.csv: what journeys of many trades call their touchpoints and how customers speak of them.

    python -m models.catalogue

The held-out journeys are left out, so that what `feedback journey suggest` finds can be measured on them.
"""

from __future__ import annotations

import csv

from feedback import suggest
from models import journeys


def rows() -> list[tuple[str, ...]]:
    """One row per text: trade, touchpoint, kind, language, text."""
    return [
        (name, point.id, kind, code, text)
        for name in journeys.names()
        if name not in journeys.HELD_OUT
        for _, point in journeys.load(name).targets()
        for kind, found in (
            ("name", {code: [text] for code, text in point.name.items()}),
            ("description", {code: [text] for code, text in (point.description or {}).items()}),
            ("example", point.examples),
        )
        for code, texts in found.items()
        for text in texts
    ]


def main() -> None:
    """Write it."""
    written = rows()
    with suggest.CATALOGUE.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([suggest.CATALOGUE_COLUMNS, *written])
    print(f"{len(written)} texts in {suggest.CATALOGUE.name}")


if __name__ == "__main__":
    main()
