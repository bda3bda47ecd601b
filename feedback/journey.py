"""The journey file: the team's own stages and touchpoints, under version control."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from feedback import yamlfile

RESERVED = ("general", "unassigned")
Id = Annotated[str, Field(pattern=r"^[a-z0-9._-]{1,60}$")]


def _by_language(value: object) -> object:
    return {"*": value} if isinstance(value, str) else value


def _lists_by_language(value: object) -> object:
    return {"*": value} if isinstance(value, list) else value


Text = Annotated[dict[str, Annotated[str, Field(min_length=1)]], BeforeValidator(_by_language)]
Texts = Annotated[dict[str, list[str]], BeforeValidator(_lists_by_language)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Origin(_Strict):
    """Where a comment came from; values are globs as in fnmatch. A hint, unless `only` is true."""

    source: list[str] = []
    question: list[str] = []
    channel: list[str] = []
    product: list[str] = []
    only: bool = False


class Touchpoint(_Strict):
    """One encounter between customer and brand; only id and name are required."""

    id: Id
    name: Text
    description: Text | None = None
    examples: Texts = {}
    terms: Texts = {}
    origin: Origin | None = Field(default=None, alias="from")
    channel: str | None = None
    owner: Literal["brand", "partner", "customer", "external"] | None = None


class Stage(_Strict):
    """A phase of the journey; without touchpoints it is matched itself."""

    id: Id
    name: Text
    description: Text | None = None
    examples: Texts = {}
    terms: Texts = {}
    origin: Origin | None = Field(default=None, alias="from")
    touchpoints: list[Touchpoint] = []


class Persona(_Strict):
    """A kind of customer; `when` maps a column of submissions to the values (globs) that match."""

    id: Id
    name: Text
    when: dict[Literal["source", "product", "location", "channel"], list[str]]


class Journey(_Strict):
    """A journey file as read: stages in order, each with its touchpoints."""

    journey: Id
    version: int = Field(ge=1)
    title: Text
    personas: list[Persona] = []
    stages: list[Stage] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique_and_free(self) -> Journey:
        ids = [i for stage in self.stages for i in (stage.id, *(t.id for t in stage.touchpoints))]
        for name, count in Counter(ids).items():
            if count > 1:
                raise ValueError(f"the id {name!r} is used {count} times; ids are unique over stages and touchpoints")
            if name in RESERVED:
                raise ValueError(f"the id {name!r} is reserved; choose another")
        return self

    def targets(self) -> list[tuple[Stage, Touchpoint | Stage]]:
        """What a segment can be matched to, in journey order: touchpoints, or a stage that has none."""
        return [(stage, point) for stage in self.stages for point in (stage.touchpoints or [stage])]

    def name_of(self, identifier: str, language: str) -> str:
        """The name of a stage or touchpoint in a language, else in the other one, else its id."""
        for stage in self.stages:
            for item in (stage, *stage.touchpoints):
                if item.id == identifier:
                    return in_language(item.name, language)
        return identifier

    def languages_missing(self, languages: tuple[str, ...]) -> list[str]:
        """A note for each name that lacks a language and falls back to another."""
        return [
            f"{item.id}: no name in {language!r}; shown as {in_language(item.name, language)!r}"
            for stage in self.stages
            for item in (stage, *stage.touchpoints)
            for language in languages
            if language not in item.name and "*" not in item.name
        ]


def in_language(text: Text, language: str) -> str:
    """A text by language in the language asked for, else in any that it has.

    >>> in_language({"en": "Purchase"}, "fr")
    'Purchase'
    """
    return text.get(language) or text.get("*") or next(iter(text.values()))


def load(path: Path) -> Journey:
    """Read a journey file. Raises UsageError when it does not exist, FileError with the line otherwise."""
    return yamlfile.load(path, Journey)
