"""`feedback tag`: one row per data row, in order, whatever the file holds and however it is written."""

import functools
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import small
from tagging import CONCERT, SUFFIXES, TAGS, listed, table_in, tags_of, written

from feedback import abstention, journey, tag

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


# --- one row per data row ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("hostile")
    source = written(folder / "in.csv", id=IDS, text=TEXTS)
    return tags_of(source, folder / "out.parquet", identifier="id", level="comment", scores=True)


def test_each_data_row_gives_one_row_in_order_under_its_own_id(hostile):
    assert hostile["comment_id"].tolist() == IDS
    assert list(hostile.columns[: len(tag.COMMENT_COLUMNS)]) == list(tag.COMMENT_COLUMNS)


def test_rows_without_words_have_null_tags_and_all_others_are_tagged(hostile):
    wordless = pd.Series([text.strip() in ("", "...") for text in TEXTS])
    assert hostile.loc[wordless, TAGS].isna().all(axis=None)
    assert hostile.loc[~wordless, ["sentiment", "assignment", "touchpoints"]].notna().all(axis=None)


def test_clear_cases_reach_their_touchpoint_in_both_languages(hostile):
    rows = hostile.set_index("comment_id").loc[["=SUM(A1:A9)", "10"]]
    assert hostile["touchpoint"].iloc[0] == "qr-gate"
    assert hostile["sentiment"].iloc[0] == "negative"
    assert rows["touchpoint"].iloc[0] == "qr-gate"
    assert "qr-gate" in [entry["touchpoint"] for entry in listed(rows["touchpoints"].iloc[1])]


def test_equal_texts_have_equal_tags_and_are_all_kept(hostile):
    twice = hostile[hostile["comment_id"].isin(("8", "9"))]
    assert len(twice) == 2
    assert twice[TAGS].nunique(dropna=False).eq(1).all()


def test_probabilities_are_probabilities(hostile):
    p = hostile[["p_negative", "p_neutral", "p_positive"]].dropna()
    assert len(p) > 10
    assert np.allclose(p.sum(axis=1), 1)
    assert np.allclose((p["p_positive"] - p["p_negative"]), hostile.loc[p.index, "sentiment_score"])
    labels = p.idxmax(axis=1).str.removeprefix("p_")
    assert labels.tolist() == hostile.loc[p.index, "sentiment"].tolist()


def test_touchpoints_are_those_at_the_threshold_highest_first_and_the_first_is_the_comments(hostile):
    known = {target.id: stage.id for stage, target in journey.load(CONCERT).targets()}
    for row in hostile.dropna(subset="touchpoints").itertuples():
        entries = listed(row.touchpoints)
        assert entries == sorted(entries, key=lambda e: (-e["confidence"], e["touchpoint"]))
        assert all(GIVEN <= e["confidence"] <= 1 and known[e["touchpoint"]] == e["stage"] for e in entries)
        assert len({e["touchpoint"] for e in entries}) == len(entries)
        if entries:
            first = (entries[0]["touchpoint"], entries[0]["stage"], entries[0]["confidence"])
            assert first == (row.touchpoint, row.stage, row.touchpoint_confidence)
            assert row.assignment == "touchpoint"
        else:
            assert pd.isna(row.touchpoint)


def test_scores_are_one_probability_a_touchpoint_and_agree_with_the_tags(hostile):
    names = [f"score:{target.id}" for _, target in journey.load(CONCERT).targets()]
    assert list(hostile.columns[len(tag.COMMENT_COLUMNS) :]) == names
    tagged = hostile.dropna(subset="sentiment")
    assert ((tagged[names] >= 0) & (tagged[names] <= 1)).all(axis=None)
    assert np.allclose(tagged[names].max(axis=1), tagged["touchpoint_confidence"])
    for row, entries in zip(tagged[names].to_dict("records"), tagged["touchpoints"], strict=True):
        assert {f"score:{e['touchpoint']}" for e in listed(entries)} == {k for k, v in row.items() if v >= GIVEN}


def test_without_ids_rows_are_numbered(tmp_path):
    source = written(tmp_path / "in.csv", text=["ok", "", "ok"])
    assert tags_of(source, tmp_path / "out.csv", level="comment")["comment_id"].tolist() == ["1", "2", "3"]


def test_ragged_rows_stay_rows(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text('id,text,note\n1,fine,x\n2,too,many,cells\n3\n4,"Great show",y\n', encoding="utf-8")
    made = tag.tag(source, CONCERT, tmp_path / "out.csv", text="text", level="comment", keep=["all"])
    assert made == tag.Written(rows=4, unread=2)
    table = table_in(tmp_path / "out.csv")
    assert table["comment_id"].tolist() == ["1", "2", "3", "4"]
    assert table["sentiment"].isna().tolist() == [False, True, True, False]


def test_a_lone_surrogate_and_a_nul_become_replacement_characters(tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "\\ud800", "text": "The QR\\u0000 code would not scan \\udfff"}\n', encoding="ascii")
    for suffix in SUFFIXES:
        table = tags_of(source, tmp_path / f"out{suffix}", identifier="id")
        assert table["comment_id"].unique().tolist() == ["\ufffd"]
        assert "\ufffd" in "".join(table["text"])
        assert not re.search("[\0\ud800-\udfff]", "".join(table["text"]))


def test_numbers_in_a_workbook_are_read_as_written(tmp_path):
    book = openpyxl.Workbook()
    for row in (["id", "text"], [7, "ok"], [7.5, 42], ["007", "ok"]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    table = tags_of(tmp_path / "in.xlsx", tmp_path / "out.csv", identifier="id", level="comment")
    assert table["comment_id"].tolist() == ["7", "7.5", "007"]
    assert table["sentiment"].notna().all()


# --- the same whatever the file, the order and the neighbours ------------------------------------


def same_tags(first: pd.DataFrame, second: pd.DataFrame) -> None:
    exact = ["language", "sentiment", "assignment", "stage", "touchpoint"]
    assert first[exact].fillna("").to_numpy().tolist() == second[exact].fillna("").to_numpy().tolist()
    numbers = ["sentiment_score", "p_negative", "p_neutral", "p_positive", "touchpoint_confidence"]
    left, right = (t[numbers].apply(pd.to_numeric).to_numpy(dtype=float) for t in (first, second))
    assert np.allclose(left, right, atol=1e-6, rtol=0, equal_nan=True)
    for a, b in zip(first["touchpoints"], second["touchpoints"], strict=True):
        cells = [listed(cell) if isinstance(cell, str | list) and cell else [] for cell in (a, b)]
        assert [e["touchpoint"] for e in cells[0]] == [e["touchpoint"] for e in cells[1]]


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [(".csv", ".xlsx"), (".tsv", ".csv"), (".xlsx", ".jsonl"), (".json", ".parquet"), (".jsonl", ".csv"),
     (".parquet", ".jsonl")],
)  # fmt: skip
def test_every_kind_of_file_gives_the_same_tags(tmp_path, hostile, kind, suffix):
    source = written(tmp_path / f"in{kind}", id=IDS, text=TEXTS)
    table = tags_of(source, tmp_path / f"out{suffix}", identifier="id", level="comment")
    assert table["comment_id"].fillna("").tolist() == IDS
    same_tags(table, hostile)


def test_a_rows_tags_do_not_depend_on_its_neighbours_or_their_order(tmp_path, hostile):
    order = np.random.default_rng(3).permutation(len(TEXTS))
    source = written(tmp_path / "in.csv", text=[TEXTS[i] for i in order] + [f"{t} {i}" for i, t in enumerate(TEXTS)])
    table = tags_of(source, tmp_path / "out.parquet", level="comment")
    same_tags(table.iloc[np.argsort(order)], hostile)
    for i in (0, 6, 10):
        alone = tags_of(written(tmp_path / "one.csv", text=[TEXTS[i]]), tmp_path / "one.parquet", level="comment")
        same_tags(alone, hostile.iloc[[i]])


# --- segments ----------------------------------------------------------------------------------


def test_segments_partition_their_comment(tmp_path):
    source = written(tmp_path / "in.csv", id=[f"c{i}" for i in range(len(TEXTS))], text=TEXTS)
    table = tags_of(source, tmp_path / "out.parquet", identifier="id", keep=["text"])
    assert list(dict.fromkeys(table["comment_id"])) == [f"c{i}" for i in range(len(TEXTS))]
    for comment, part in table.groupby("comment_id", sort=False):
        assert part["segment_id"].tolist() == [f"{comment}:{k}" for k in range(len(part))]
        whole = part["input:text"].iloc[0]
        if part["start"].isna().any():
            assert len(part) == 1
            assert part["end"].isna().all()
            assert part["text"].tolist() == [""]
            assert part["sentiment"].isna().all()
            continue
        assert part["text"].tolist() == [whole[a:b] for a, b in zip(part["start"], part["end"], strict=True)]
        assert (part["start"].to_numpy()[1:] >= part["end"].to_numpy()[:-1]).all()
        left = list(whole)
        for a, b in zip(part["start"], part["end"], strict=True):
            left[a:b] = " " * (b - a)
        assert not re.search(r"\w", "".join(left))


def test_texts_that_are_all_empty_give_one_row_each_with_null_offsets(tmp_path):
    source = written(tmp_path / "in.csv", id=["a", "b:2"], text=["", "  "])
    table = tags_of(source, tmp_path / "out.parquet", identifier="id")
    assert table["segment_id"].tolist() == ["a:0", "b:2:0"]
    assert table["text"].tolist() == ["", ""]
    assert table[["start", "end", "sentiment", "assignment"]].isna().all(axis=None)


def test_a_comment_about_two_things_is_cut_and_scores_the_higher_of_its_segments(tmp_path):
    text = "The show was wonderful and the band gave everything. But the QR code would not scan at the gate."
    source = written(tmp_path / "in.csv", text=[text])
    parts = tags_of(source, tmp_path / "parts.parquet", scores=True)
    whole = tags_of(source, tmp_path / "whole.parquet", level="comment", scores=True)
    assert len(parts) > 1
    assert parts.loc[parts["text"].str.contains("QR"), "sentiment"].tolist() == ["negative"]
    names = [c for c in parts if c.startswith("score:")]
    assert np.allclose(parts[names].max(), whole[names].iloc[0], atol=1e-6)
