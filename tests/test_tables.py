"""The column contracts: tables are completed, ordered and checked, and stages say which column is missing."""

import pandas as pd
import pandera.errors
import pytest

from feedback import tables

REJECT = {"file": ["a.csv"], "row": [3], "reason": ["why"], "remedy": ["what to do"]}
SCORE = {"submission_id": ["1"], "source": ["s"], "metric": ["nps"], "score_raw": [9], "score_min": [0],
         "score_max": [10], "score": [0.9]}  # fmt: skip
SEGMENTS = {"segment_id": ["a:0", "a:1"], "comment_id": ["a", "a"], "text": ["x", "y"], "tagged_by": ["model"] * 2,
            "model_version": ["1"] * 2}  # fmt: skip


def test_conform_adds_nullable_columns_drops_others_and_orders_all():
    table = tables.conform(pd.DataFrame({"other": [1], **dict(reversed(REJECT.items()))}), tables.REJECTS)
    assert list(table.columns) == list(tables.REJECTS.columns)
    assert table["excerpt"].isna().all()


def test_conform_casts_to_the_types_of_the_contract():
    table = tables.conform(pd.DataFrame(SCORE), tables.SCORES)
    assert [str(table[c].dtype) for c in ("score_raw", "score")] == ["float64", "float64"]


def test_conform_names_a_column_that_must_be_there():
    with pytest.raises(KeyError, match="rejects: column reason is missing"):
        tables.conform(pd.DataFrame(REJECT).drop(columns="reason"), tables.REJECTS)


@pytest.mark.parametrize("column_value", [("score", 1.2), ("metric", "happiness")])
def test_conform_refuses_values_outside_the_contract(column_value):
    column, value = column_value
    with pytest.raises(pandera.errors.SchemaError):
        tables.conform(pd.DataFrame(SCORE | {column: [value]}), tables.SCORES)


def test_conform_refuses_an_identity_that_repeats():
    with pytest.raises(pandera.errors.SchemaError):
        tables.conform(pd.DataFrame(SEGMENTS | {"segment_id": ["a:0", "a:0"]}), tables.SEGMENTS)


@pytest.mark.parametrize(
    ("column", "values"),
    [("sentiment", tables.SENTIMENTS), ("assignment", tables.ASSIGNMENTS), ("reason", tables.REASONS)],
)
def test_a_segments_tags_are_those_of_the_contract_or_null(column, values):
    for value in values:
        kept = tables.conform(pd.DataFrame(SEGMENTS | {column: [value, None]}), tables.SEGMENTS)
        assert kept[column].isna().tolist() == [False, True]
    with pytest.raises(pandera.errors.SchemaError, match=column):
        tables.conform(pd.DataFrame(SEGMENTS | {column: ["other", None]}), tables.SEGMENTS)


@pytest.mark.parametrize("schema", tables.SCHEMAS.values(), ids=list(tables.SCHEMAS))
def test_an_empty_table_fits_its_contract_and_every_column_is_described(schema):
    empty = tables.empty(schema)
    assert list(tables.conform(empty, schema).columns) == list(empty.columns) == list(schema.columns)
    assert (tables.conform(empty, schema).dtypes == empty.dtypes).all()
    assert all(column.description for column in schema.columns.values())


@tables.stage(needs=("text",), adds=("length",))
def measured(table: pd.DataFrame, name: str = "length") -> pd.DataFrame:
    return table.assign(**{name: table["text"].str.len()})


@tables.stage(needs=("text",), adds=("length",))
def paired(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    return table, 1


@tables.stage(needs=("length",), adds=("length",))
def of_batch(batch: tables.Tables) -> tuple[tables.Tables, int]:
    return batch, 1


def test_of_a_batch_the_comments_are_meant():
    with pytest.raises(KeyError, match="of_batch needs column length"):
        of_batch(tables.of_texts(pd.Series(["abc"]), "s"))


def test_a_stage_says_which_column_it_lacks_and_which_it_did_not_add():
    table = pd.DataFrame({"text": ["abc"]})
    assert measured(table)["length"].tolist() == [3]
    with pytest.raises(KeyError, match="measured needs column text"):
        measured(table.rename(columns={"text": "words"}))
    with pytest.raises(KeyError, match="measured must add column length"):
        measured(table, name="size")


def test_a_stage_that_returns_a_tuple_adds_to_its_first_element():
    with pytest.raises(KeyError, match="paired must add column length"):
        paired(pd.DataFrame({"text": ["abc"]}))
