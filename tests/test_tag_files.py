"""What tagging carries along of a file, and files that hold no rows, many, or nothing to tag."""

import functools
import re
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import small
from tagging import CONCERT, SUFFIXES, TAGS, table_in, tags_of, written

from feedback import abstention, read, tag
from feedback.errors import ReadError, UsageError

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
GIVEN = abstention.shipped()[0.15]
GATE = ["The QR code would not scan at the gate", "Le QR code ne passait pas à l'entrée de la salle"]
LONG = "The queue at the doors was endless and nobody told us anything. " * 157
ROWS = {
    "001": GATE[0],
    "002": "",
    "=SUM(A1:A9)": GATE[1],
    "1e5": "n/a",
    "NA": "12345",
    "-7": "   ",
    "a@b": LONG[:10_000],
    "é": "הקוד לא נסרק בכניסה לאולם ולא היה מי שיעזור",
    "8": "RAS",
    "9": "RAS",
    "10": "Great show, but the QR code would not scan at the gate",
    "11": "=1+1",
    "12": "...",
    "13": "😡😡😡",
}
IDS = [*ROWS, "001"]
TEXTS = [*ROWS.values(), "Billets reçus vite"]


@pytest.fixture(scope="module", autouse=True)
def _models_are_loaded_once():
    with pytest.MonkeyPatch.context() as patch:
        line = tag.line_for
        patch.setattr(tag, "line_for", functools.cache(lambda path: line(path)._replace(encoder=small.encoder())))
        yield


# --- columns carried along ---------------------------------------------------------------------


@pytest.mark.parametrize("level", tag.LEVELS)
def test_carried_columns_keep_their_values_and_never_collide_with_the_tags(tmp_path, level):
    columns = {
        name: [f"{name} 1", f"{name} 2"]
        for name in ("comment_id", "touchpoint", "segment_id", "input:touchpoint", "stored", "key", "score:ad", "free")
    }
    source = written(tmp_path / "in.csv", text=["ok then", "fine by me"], **columns)
    for suffix in SUFFIXES:
        table = tags_of(source, tmp_path / f"out{suffix}", keep=["all"], level=level, scores=True)
        assert table.columns.is_unique
        assert table["comment_id"].tolist() == ["1", "2"]
        kept = table[table.columns[-len(columns) :]]
        assert sorted(kept.iloc[0]) == sorted(values[0] for values in columns.values())
        assert table["free"].tolist() == columns["free"]
        assert table["input:comment_id"].tolist() == columns["comment_id"]


def test_carried_columns_that_people_write_freely_in_are_redacted(tmp_path):
    columns = {"text": ["ok"], "note": ["Please write to ann.other@example.org about it"], "login": ["ann@example.org"]}
    table = tags_of(written(tmp_path / "in.csv", **columns), tmp_path / "out.csv", keep=["note", "login"])
    assert table[["note", "login"]].iloc[0].tolist() == ["Please write to <EMAIL> about it", "ann@example.org"]


def test_formula_guards_touch_free_text_only(tmp_path):
    columns = {"id": ["=1+1", "-7"], "text": ["=cmd|' /C calc'!A0", "+33"], "note": ["@SUM(A1)", "-12.5"]}
    source = written(tmp_path / "in.csv", **columns)
    for suffix in SUFFIXES:
        table = tags_of(source, tmp_path / f"out{suffix}", identifier="id", keep=["note"])
        guarded = suffix in (".csv", ".xlsx")
        assert table["comment_id"].unique().tolist() == ["=1+1", "-7"]
        assert table["text"].str.startswith("'=").tolist()[0] is guarded
        assert table["note"].astype("str").unique().tolist() == ["'@SUM(A1)" if guarded else "@SUM(A1)", "-12.5"]


# --- files without rows, known exports, many rows, wrong calls -----------------------------------


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("level", tag.LEVELS)
def test_no_data_rows_give_a_header_only(tmp_path, suffix, level):
    source = written(tmp_path / "in.csv", text=[], note=[])
    out = tmp_path / f"out{suffix}"
    assert tag.tag(source, CONCERT, out, text="text", level=level, keep=["note"], scores=True) == (0, 0)
    table = table_in(out)
    assert len(table) == 0
    if suffix != ".jsonl":
        assert {"comment_id", "sentiment", "touchpoint", "note", "score:qr-gate"} <= set(table.columns)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_known_export_is_tagged_without_naming_its_text(tmp_path, suffix):
    source = CASES / "trustpilot/reviews.csv"
    raw = pd.concat([batch.comments for batch in read.read_any([source])])
    table = tags_of(source, tmp_path / f"out{suffix}", text=None, level="comment", keep=["all"])
    assert table["comment_id"].tolist() == raw["comment_id"].tolist()
    assert table["sentiment"].notna().all()
    assert table["submission_id"].tolist() == raw["submission_id"].tolist()
    assert pd.to_datetime(table["created_at"], utc=True).dt.floor("min").tolist() == [
        time.floor("min") for time in raw["created_at"]
    ]


def test_what_a_known_export_carries_along_is_redacted_and_holds_what_reading_keeps(tmp_path):
    source = written(
        tmp_path / "in.csv",
        **{"Review Id": ["a", "b"], "Review Created (UTC)": ["2026-11-16 10:00:00"] * 2,
           "Review Consumer User Id": ["u", "v"], "Review Username": ["Ann", "Bob"], "Review Title": ["", ""],
           "Review Content": ["Write to ann.other@example.org about the QR code", "..."], "Review Stars": ["1", "2"],
           "Source Of Review": ["Organic"] * 2, "Review Language": ["en"] * 2, "Domain Url": ["s.example"] * 2,
           "Company Reply Date (UTC)": [""] * 2, "Company Response": ["Dear ann.other@example.org, sorry", ""]},
    )  # fmt: skip
    table = tags_of(source, tmp_path / "out.jsonl", text=None, level="comment", keep=["text", "business_reply"])
    assert table["text"].tolist() == ["Write to <EMAIL> about the QR code"]
    assert "ann.other" not in table["business_reply"].iloc[0]


def test_fifty_thousand_rows_with_few_distinct_texts_take_less_than_a_minute(tmp_path):
    texts = [GATE[0], "RAS", "", "Great show, but the fees are outrageous", "super"]
    source = written(tmp_path / "in.csv", id=[f"r{i}" for i in range(50_000)], text=texts * 10_000)
    start = time.perf_counter()
    table = tags_of(source, tmp_path / "out.parquet", identifier="id", level="comment")
    assert time.perf_counter() - start < 60
    assert table["comment_id"].tolist() == [f"r{i}" for i in range(50_000)]
    assert (table["touchpoint"].iloc[::5] == "qr-gate").all()
    assert table["sentiment"].iloc[2::5].isna().all()
    assert table.iloc[3::5][TAGS].nunique(dropna=False).eq(1).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": "texte"}, r"no such column. Got 'texte'.*did you mean 'text'"),
        ({"identifier": "ident"}, r"no such column. Got 'ident'; allowed: id, text"),
        ({"keep": ["nope"]}, r"no such column. Got 'nope'"),
        ({"text": None, "identifier": "id"}, r"--id needs --text. Got 'id'"),
        ({"level": "word"}, r"unknown level. Got 'word'; allowed: segment, comment"),
        ({"out": "out.pdf"}, r"Got 'out.pdf'; allowed: .csv"),
        ({"out": "none/out.csv"}, r"none"),
        ({"source": "none.csv"}, r"no such file. Got '.*none.csv'"),
    ],
)
def test_a_wrong_call_is_refused_before_any_work(tmp_path, options, message):
    source = written(tmp_path / "in.csv", id=["1"], text=["ok"])
    call = {"text": "text"} | options
    out = tmp_path / call.pop("out", "out.csv")
    with pytest.raises(UsageError, match=re.compile(message, re.IGNORECASE)) as caught:
        tag.tag(tmp_path / call.pop("source", source.name), CONCERT, out, **call)
    assert "\n" not in str(caught.value)
    assert not out.exists()


def test_a_first_row_of_data_is_not_printed_as_names(tmp_path):
    first = {"ann.other@example.org": ["b"], "06 12 34 56 78": ["c"], "Sandrine was rude": ["d"]}
    more = {f"name {i}": ["x"] for i in range(30)}
    source = written(tmp_path / "in.csv", **first, **more)
    with pytest.raises(UsageError, match="header seems to be missing") as caught:
        tag.tag(source, CONCERT, tmp_path / "out.csv", text="ann other@example")
    line = str(caught.value)
    assert "allowed: <EMAIL>, <PHONE>, <PERSON> was rude, name 0," in line
    assert "name 16" in line
    assert "name 17" not in line


def test_what_is_no_table_is_told_as_such(tmp_path):
    (tmp_path / "in.csv").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(ReadError, match=r"in\.csv: the file cannot be read as a table: the file is no text"):
        tag.tag(tmp_path / "in.csv", CONCERT, tmp_path / "out.csv", text="text")


def test_an_unknown_export_asks_for_its_text_column(tmp_path):
    source = written(tmp_path / "in.csv", id=["1"], words=["ok"])
    with pytest.raises(ReadError, match=r"not recognised.*--text"):
        tag.tag(source, CONCERT, tmp_path / "out.csv")


def test_a_comment_has_no_touchpoint_that_its_segment_was_not_given():
    segments = pd.DataFrame({
        "comment_id": ["praise", "fees"], "touchpoint": [None, "fees"], "stage": [None, "buy"],
        "sentiment": "negative", "sentiment_score": -0.9,
    })  # fmt: skip
    targets = SimpleNamespace(ids=["fees", "gate", "general"], stages=["buy", "attend"])
    line = SimpleNamespace(targets=targets, thresholds=abstention.Cutoffs(0.3, 0.6))
    listed = tag._listed(segments, np.array([[0.45, 0.0], [0.5, 0.35]]), line)
    assert {key: [entry["touchpoint"] for entry in entries] for key, entries in listed.items()} == {
        "fees": ["fees", "gate"]
    }
