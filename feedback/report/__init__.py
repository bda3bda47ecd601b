"""The friction report: one self-contained page per language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.report.figures import words
from feedback.report.results import Results
from feedback.report.view import build

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["Results", "render"]


def render(results: Results, language: str) -> str:
    """A finished run as one HTML page in a language, "en" or "fr".

    The page asks for nothing from outside; comments in it are escaped and isolated.
    """
    return _template().render(view=build(results, language), words=words(language))


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("template.html")
