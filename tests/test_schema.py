"""The JSON Schemas that `feedback schema` prints are whole and agree with what is read and written."""

import json
from pathlib import Path

import pandas as pd
import pytest

from feedback import schema, tables
from feedback.errors import UsageError

ROOT = Path(__file__).parents[1]
NAMES = ("pipeline", "journey", "mapping", "gold", "tables")


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_json_with_properties(name):
    found = json.loads(schema.of(name))
    assert found.get("properties") or found["$defs"]


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


def test_the_shipped_gold_has_the_columns_of_its_schema():
    gold = pd.read_csv(ROOT / "data/gold/concert.csv", nrows=1)
    assert set(json.loads(schema.of("gold"))["properties"]) <= set(gold.columns)
