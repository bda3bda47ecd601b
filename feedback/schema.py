"""JSON Schemas of the files that people write, of the accuracy card, and of the tables that a run leaves."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from feedback import tables
from feedback.card import Card
from feedback.errors import UsageError, nearest
from feedback.journey import Journey
from feedback.pipeline import Mapping, Pipeline

JSON_TYPES = {"str": "string", "float64": "number", "int64": "integer", "Int64": "integer", "bool": "boolean"}


class Gold(BaseModel):
    """One labelled span of a comment; several rows per text are allowed."""

    model_config = ConfigDict(title="gold")

    comment_id: str
    text: str = Field(description="the comment; start and end are code points in it")
    language: str | None = Field(default=None, description="ISO 639-1 code")
    start: int | None = Field(default=None, description="first code point; null with end: the whole comment")
    end: int | None = Field(default=None, description="one past the last code point")
    touchpoint: str = Field(description="a touchpoint of the journey, general, or unassigned")
    stage: str | None = None
    sentiment: Literal["negative", "neutral", "positive"] | None = None
    annotator: str | None = None
    touchpoint_2: str | None = Field(default=None, description="by a second annotator; null: not labelled again")
    sentiment_2: Literal["negative", "neutral", "positive"] | None = None
    annotator_2: str | None = None


def of(name: str) -> str:
    """The JSON Schema called `pipeline`, `journey`, `mapping`, `gold`, `card` or `tables`, else UsageError."""
    models: dict[str, type[BaseModel]] = {
        "pipeline": Pipeline,
        "journey": Journey,
        "mapping": Mapping,
        "gold": Gold,
        "card": Card,
    }
    names = [*models, "tables"]
    if name not in names:
        raise UsageError("unknown schema", got=name, allowed=names, remedy=nearest(name, names) or None)
    found = _tables() if name == "tables" else models[name].model_json_schema(mode="validation")
    return json.dumps(found, ensure_ascii=False, indent=2)


def _tables() -> dict[str, Any]:
    """Every table with its columns, types and meanings."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tables",
        "$defs": {
            name: {
                "type": "object",
                "properties": {column: _column(spec) for column, spec in schema.columns.items()},
                "required": list(schema.columns),
                "additionalProperties": False,
            }
            for name, schema in tables.SCHEMAS.items()
        },
    }


def _column(spec: Any) -> dict[str, Any]:
    kind = str(spec.dtype)
    if kind.startswith("datetime64"):
        described: dict[str, Any] = {"type": "string", "format": "date-time"}
    else:
        described = {"type": JSON_TYPES.get(kind, "string")}
    if spec.nullable:
        described["type"] = [described["type"], "null"]
    for check in spec.checks:
        if check.name == "isin":
            described["enum"] = [*check.statistics["allowed_values"], *([None] if spec.nullable else [])]
    return described | {"description": spec.description}
