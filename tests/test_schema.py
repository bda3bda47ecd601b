"""The JSON Schemas that `feedback schema` prints are whole and agree with what is read and written."""

import json
import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import yaml
from jsonschema import Draft202012Validator

from feedback import schema, tables
from feedback.errors import UsageError

ROOT = Path(__file__).parents[1]
NAMES = ("pipeline", "journey", "mapping", "gold", "card", "tables")
YAML = {
    "pipeline": ("pipelines", "tests/real/pipelines", "docs/pipelines.md"),
    "journey": ("data/journeys", "tests/real/data/journeys", "docs/journeys.md"),
}
JOURNEY = {"journey": "shop", "version": 1, "title": "Shop", "stages": [{"id": "buy", "name": "Buy"}]}


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema.of(name)))


def written(name: str) -> list:
    """The YAML files of a kind that are shipped and tested with, and those that the documentation shows."""
    found = {}
    for place in YAML[name]:
        if place.endswith(".md"):
            shown = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / place).read_text("utf-8"), re.MULTILINE | re.DOTALL)
            found |= {f"{place}, block {k}": text for k, text in enumerate(shown)}
        else:
            found |= {f"{place}/{path.name}": path.read_text("utf-8") for path in sorted((ROOT / place).glob("*.yaml"))}
    return [pytest.param(name, yaml.safe_load(text), id=key) for key, text in found.items()]


def said(name: str, value: object) -> list[str]:
    """What a schema says against a file."""
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(value)]


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_json_with_properties(name):
    found = json.loads(schema.of(name))
    assert found.get("properties") or found["$defs"]


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_one(name):
    Draft202012Validator.check_schema(json.loads(schema.of(name)))


@pytest.mark.parametrize(("name", "value"), [*written("pipeline"), *written("journey")])
def test_the_schemas_accept_the_files_that_are_shipped_and_shown(name, value):
    assert said(name, value) == []


def test_there_are_files_shipped_and_shown():
    assert min(len(written(name)) for name in YAML) >= 6


@pytest.mark.parametrize(
    "mapping",
    [
        {"text": "Answer", "created_at": "Date", "extra": "Basket", "missing": "-"},
        {"text": ["Liked", "Missed"], "created_at": {"column": "Date", "format": "%d/%m/%Y"}},
        {"text": ["Liked"], "created_at": None},
    ],
)
def test_a_mapping_may_name_one_column_or_several(mapping):
    assert said("mapping", mapping) == []


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("mapping", {"text": []}, "$.text: [] "),
        ("mapping", {"text": 3}, "$.text: 3 "),
        ("mapping", {"text": "a", "created_at": {"format": "%d"}}, "$.created_at: {'format': '%d'} "),
        ("journey", JOURNEY | {"title": ""}, "$.title: '' "),
        ("journey", JOURNEY | {"title": {}}, "$.title: {} "),
        ("journey", JOURNEY | {"stages": [{"id": "buy", "name": "Buy", "terms": "fee"}]}, "$.stages[0].terms: 'fee' "),
    ],
)
def test_the_schemas_still_refuse_what_is_refused(name, value, says):
    assert [error for error in said(name, value) if error.startswith(says)]


def test_an_unknown_schema_names_the_nearest():
    with pytest.raises(UsageError, match="Did you mean 'pipeline'"):
        schema.of("pipelin")


@pytest.mark.parametrize(
    ("name", "required"),
    [
        ("pipeline", {"pipeline", "timezone", "journey", "sources"}),
        ("journey", {"journey", "version", "title", "stages"}),
        ("mapping", {"text"}),
        ("gold", {"comment_id", "text", "touchpoint"}),
    ],
)
def test_what_must_be_written_is_required_and_nothing_else(name, required):
    assert set(json.loads(schema.of(name))["required"]) == required


@pytest.mark.parametrize("name", ["pipeline", "journey", "mapping"])
def test_unknown_keys_are_refused_by_the_schema_too(name):
    assert json.loads(schema.of(name))["additionalProperties"] is False


def test_a_journey_may_say_from():
    touchpoint = json.loads(schema.of("journey"))["$defs"]["Touchpoint"]["properties"]
    assert "from" in touchpoint
    assert "origin" not in touchpoint


@pytest.mark.parametrize("table", tables.SCHEMAS)
def test_every_column_of_every_table_has_a_type_and_a_meaning(table):
    columns = json.loads(schema.of("tables"))["$defs"][table]["properties"]
    assert list(columns) == list(tables.SCHEMAS[table].columns)
    assert all(column["type"] and column["description"] for column in columns.values())


def test_a_time_may_be_null_where_the_export_has_none():
    created = json.loads(schema.of("tables"))["$defs"]["submissions"]["properties"]["created_at"]
    assert (created["type"], created["format"]) == (["string", "null"], "date-time")


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("submissions", "source_kind", [*tables.SOURCE_KINDS]),
        ("scores", "metric", [*tables.METRICS]),
        ("segments", "sentiment", [*tables.SENTIMENTS, None]),
        ("segments", "assignment", [*tables.ASSIGNMENTS, None]),
        ("segments", "reason", [*tables.REASONS, None]),
    ],
)
def test_a_column_of_few_values_lists_them(table, column, values):
    assert json.loads(schema.of("tables"))["$defs"][table]["properties"][column]["enum"] == values


def test_the_shipped_gold_has_the_columns_of_its_schema():
    gold = pd.read_csv(ROOT / "data/gold/concert.csv", nrows=1)
    described = json.loads(schema.of("gold"))
    assert set(described["required"]) <= set(gold.columns) <= set(described["properties"])
