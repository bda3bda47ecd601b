"""The journey file: the team's own stages and touchpoints, under version control."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from feedback import yamlfile

RESERVED = ("general", "unassigned")
Id = Annotated[str, Field(pattern=r"^[a-z0-9._-]{1,60}$")]


def _by_language(value: object) -> object:
    if not isinstance(value, str | dict) or not value:
        raise ValueError("write a text, or a text for each language")
    return {"*": value} if isinstance(value, str) else value


def _lists_by_language(value: object) -> object:
    return {"*": value} if isinstance(value, list) else value


NonEmpty = Annotated[str, Field(min_length=1)]
ByLanguage = Annotated[dict[str, NonEmpty], Field(min_length=1)]
Text = Annotated[dict[str, NonEmpty], BeforeValidator(_by_language, json_schema_input_type=NonEmpty | ByLanguage)]
Texts = Annotated[
    dict[str, list[str]],
    BeforeValidator(_lists_by_language, json_schema_input_type=list[str] | dict[str, list[str]]),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Origin(_Strict):
    """Where a comment came from; values are globs as in fnmatch. A hint, unless `only` is true."""

    source: list[str] = []
    question: list[str] = []
    channel: list[str] = []
    product: list[str] = []
    only: bool = False

    @model_validator(mode="after")
    def _says_where(self) -> Origin:
        if not (self.source or self.question or self.channel or self.product):
            raise ValueError("give at least one of source, question, channel and product, or leave `from` out")
        return self


class _Place(_Strict):
    id: Id
    name: Text
    description: Text | None = None
    examples: Texts = {}
    terms: Texts = {}
    origin: Origin | None = Field(default=None, alias="from")


class Touchpoint(_Place):
    """One encounter between customer and brand; only id and name are required."""

    channel: str | None = None
    owner: Literal["brand", "partner", "customer", "external"] | None = None


class Stage(_Place):
    """A phase of the journey; without touchpoints it is matched itself."""

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
        seen: set[str] = set()
        for keys, place in self.located():
            if place.id in seen:
                raise yamlfile.misplaced((*keys, "id"), "ids are unique over stages and touchpoints", place.id)
            if place.id in RESERVED:
                raise yamlfile.misplaced((*keys, "id"), "this id is reserved; choose another", place.id)
            seen.add(place.id)
        return self

    def targets(self) -> list[tuple[Stage, Touchpoint | Stage]]:
        """What a segment can be matched to, in journey order: touchpoints, or a stage that has none."""
        found: list[tuple[Stage, Touchpoint | Stage]] = []
        for stage in self.stages:
            found += [(stage, point) for point in stage.touchpoints] or [(stage, stage)]
        return found

    def places(self) -> list[Touchpoint | Stage]:
        """All stages, each followed by its touchpoints."""
        return [place for _, place in self.located()]

    def located(self) -> Iterator[tuple[yamlfile.Keys, Touchpoint | Stage]]:
        """All stages, each followed by its touchpoints, with the keys that lead to them in the file."""
        for s, stage in enumerate(self.stages):
            yield ("stages", s), stage
            for t, touchpoint in enumerate(stage.touchpoints):
                yield ("stages", s, "touchpoints", t), touchpoint

    def name_of(self, identifier: str, language: str) -> str:
        """The name of a stage or touchpoint in a language, else in the other one, else its id."""
        names = {place.id: place.name for place in self.places()}
        return in_language(names[identifier], language) if identifier in names else identifier


def in_language(text: Text, language: str) -> str:
    """A text by language in the language asked for, else in any that it has.

    >>> in_language({"en": "Purchase"}, "fr")
    'Purchase'
    """
    return text.get(language) or text.get("*") or next(iter(text.values()))


def is_matched(place: Touchpoint | Stage) -> bool:
    """Whether segments are matched to it: to a touchpoint, or a stage that has none."""
    return isinstance(place, Touchpoint) or not place.touchpoints


def load(path: Path) -> Journey:
    """Read a journey file. Raises UsageError when it does not exist, FileError with the line otherwise."""
    return yamlfile.load(path, Journey)
