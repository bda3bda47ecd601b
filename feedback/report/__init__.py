"""The friction report and the accuracy card: one self-contained page per language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.card import Card
from feedback.journey import Journey
from feedback.report import card as cards
from feedback.report.figures import words
from feedback.report.results import Results
from feedback.report.view import build

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["Results", "render", "render_card"]


def render(results: Results, language: str) -> str:
    """A finished run as one HTML page in a language, "en" or "fr".

    The page asks for nothing from outside; comments in it are escaped and isolated.
    """
    return _template("template.html").render(view=build(results, language), words=words(language))


def render_card(card: Card, journey: Journey, language: str) -> str:
    """An accuracy card as one HTML page in a language, "en" or "fr", which asks for nothing from outside."""
    return _template("card.html").render(view=cards.build(card, journey, language), words=words(language))


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(name)
