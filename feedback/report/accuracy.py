"""How often the tags of a run are right, as far as its journey's newest accuracy card tells."""

from __future__ import annotations

from feedback.card import unlike
from feedback.report.figures import clean, day, interval, number, percent, words
from feedback.report.results import Results


def said(results: Results, language: str, *, short: bool = False) -> str:
    """What the card says, or that nobody measured these tags; in one line for the first screen when `short`."""
    text, card, file = words(language)["accuracy"], results.card, results.info.get("journey", {}).get("file", "JOURNEY")
    forms = text["short"] if short else text
    if card is None:
        return str(forms["none"].format(journey_file=clean(file)))
    everything, differs = card.groups[0], unlike(card, results.journey, results.info)
    values = {
        "day": day(card.measured, language),
        "n": number(card.gold.spans, language),
        "file": clean(card.gold.file),
        "journey_file": clean(file),
        "why": ", ".join(words(language)["uncompared_why"][name] for name in differs),
    }
    for name in ("right", "coverage"):
        figure = getattr(everything, name)
        low, high = (None if end is None else 100 * end for end in (figure.low, figure.high))
        values |= {name: percent(figure.value, language), f"{name}_interval": interval(low, high, language)}
    return str(forms["other" if differs else "measured"].format(**values))
