"""Exports as other tools read them."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime
from functools import partial

import openpyxl
import pandas as pd
import pytest
import reading
from golden import factory
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from feedback import read
from feedback.errors import UsageError
from feedback.export import TARGETS, export, file, hub, mermaid, xlsx
from feedback.export.guard import STARTS, guard
from feedback.journey import Journey
from feedback.report.results import counted

RESULTS = factory.results()
TASK = re.compile(r"^      (?P<name>[^#:;\n]+): (?P<score>[1-5]): (?P<actors>[^#:;\n]+)$")
SECTION = re.compile(r"^    section [^#:;\n]+$")
TITLE = re.compile(r"^    title [^#;\n]+$")
COMMENT = re.compile(r"^    %% [^#:;%{}\n]+$")


def with_texts(text: str):
    tables = dict(RESULTS.tables)
    tables["comments"] = tables["comments"].assign(text=text, question=text, business_reply=text)
    tables["segments"] = tables["segments"].assign(text=text)
    tables["rejects"] = tables["rejects"].assign(reason=text, excerpt=text)
    return RESULTS._replace(tables=tables)


def test_an_unknown_target_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(UsageError, match=r"[Dd]id you mean 'parquet'"):
        export("parqet", RESULTS, tmp_path)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_every_file_said_is_written_into_the_folder_and_twice_the_same(tmp_path, target):
    first, second = (export(target, RESULTS, tmp_path / name) for name in ("a", "b"))
    assert sorted(p.name for p in first) == sorted(p.name for p in (tmp_path / "a").iterdir())
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_run_without_rows_is_exported_with_its_headers(tmp_path, target):
    empty = RESULTS._replace(tables={name: t.iloc[:0] for name, t in RESULTS.tables.items()})
    assert all(p.stat().st_size > 0 for p in export(target, empty, tmp_path))


def test_hub_records_hold_each_comment_and_score_that_counts_and_read_back_as_the_same(tmp_path):
    (path,) = export("formbricks-hub", RESULTS, tmp_path)
    records = json.loads(path.read_text("utf-8"))["data"]
    required = {"tenant_id", "submission_id", "source_type", "field_id", "field_type"}
    assert all(required <= set(record) for record in records)
    keys = [(r["tenant_id"], r["submission_id"], r["field_id"]) for r in records]
    assert len(set(keys)) == len(keys) == len(counted(RESULTS.tables["comments"])) + len(RESULTS.tables["scores"])
    back = reading.joined(read.read_any([path]))
    wanted = counted(RESULTS.tables["comments"])
    assert sorted(back.comments["text"]) == sorted(wanted["text"])
    submissions = RESULTS.tables["submissions"]
    known = submissions["source"] + "/" + submissions["submission_id"]
    assert set(back.submissions["submission_id"]) <= set(known)
    nps = RESULTS.tables["scores"].query("metric == 'nps'")
    assert sorted(back.scores["score_raw"]) == sorted(nps["score_raw"])
    times = submissions.set_index(known)["created_at"].dt.floor("s")
    found = back.submissions.set_index("submission_id")["created_at"]
    pd.testing.assert_series_equal(found, times[found.index], check_names=False)


def test_hub_records_name_touchpoints_and_never_share_an_id():
    tables = dict(RESULTS.tables)
    doubled = tables["submissions"].head(1).assign(source="other", source_kind="review")
    tables["submissions"] = pd.concat([tables["submissions"], doubled], ignore_index=True)
    score = tables["scores"].head(1).assign(source="other", submission_id=doubled["submission_id"].iloc[0])
    tables["scores"] = pd.concat([tables["scores"], score, score], ignore_index=True)
    found = list(hub.records(RESULTS._replace(tables=tables)))
    assert len({(r["submission_id"], r["field_id"]) for r in found}) == len(found)
    assert any(r.get("metadata", {}).get("touchpoints") for r in found)
    assert hub.fitting("a" * 300) != hub.fitting("a" * 301)


def test_parquet_gives_the_tables_back(tmp_path):
    for path in export("parquet", RESULTS, tmp_path):
        pd.testing.assert_frame_equal(pd.read_parquet(path), RESULTS.tables[path.stem])


def test_csv_gives_texts_accents_and_newlines_back_and_starts_with_a_byte_order_mark(tmp_path):
    text = 'Déçue ; "trop" cher,\nvraiment … 🎫'
    export("csv", with_texts(text), tmp_path)
    raw = (tmp_path / "comments.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with (tmp_path / "comments.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [r["text"] for r in rows] == [text] * len(RESULTS.tables["comments"])
    assert [r["comment_id"] for r in rows] == RESULTS.tables["comments"]["comment_id"].to_list()


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"])
def test_no_free_text_cell_starts_a_formula(tmp_path, text):
    results = with_texts(text)
    export("csv", results, tmp_path)
    export("xlsx", results, tmp_path)
    with (tmp_path / "segments.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert {row["text"] for row in csv.DictReader(stream)} == {"'" + text}
    sheet = openpyxl.load_workbook(tmp_path / "feedback.xlsx")["segments"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.cell(2, 5).value[0] == "'"


def test_ids_and_numbers_are_not_guarded():
    table = pd.DataFrame({"submission_id": ["-12"], "sentiment": [-0.5], "text": ["-12"]})
    assert guard(table, ("text",)).to_dict("records") == [{"submission_id": "-12", "sentiment": -0.5, "text": "'-12"}]


@pytest.mark.parametrize("column", ["submission_id", "thread_id", "parent_id"])
def test_ids_that_start_formulas_are_guarded_and_all_others_stay(column):
    risky = ['=HYPERLINK("http://evil")', "+cmd", "@SUM(A1)", "\t=1", "\r=1", "-1+cmd|' /C calc'!A0", "＝1"]
    plain = ["-12", "+33.5", "-Nx83_h-d", "R_3f=", "a@b", "", None]
    table = pd.DataFrame({column: pd.Series([*risky, *plain], dtype="str"), "comment_id": "=1"})
    guarded = guard(table, ("text",))
    assert guarded[column].tolist()[: len(risky)] == [f"'{text}" for text in risky]
    pd.testing.assert_series_equal(guarded[column].iloc[len(risky) :], table[column].iloc[len(risky) :])
    assert guarded["comment_id"].eq("=1").all()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".jsonl", ".parquet"])
def test_ids_are_guarded_where_spreadsheets_read_them(tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    file.write(pd.DataFrame({"submission_id": ["=1+1"], "text": ["fine"]}), path, ("text",))
    readers = {
        ".csv": pd.read_csv,
        ".xlsx": partial(pd.read_excel, engine="openpyxl"),
        ".parquet": pd.read_parquet,
        ".jsonl": partial(pd.read_json, lines=True),
    }
    assert readers[suffix](path)["submission_id"].tolist() == ["'=1+1" if suffix in (".csv", ".xlsx") else "=1+1"]


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
def test_a_guarded_cell_never_starts_a_formula_and_loses_nothing(texts):
    table = pd.DataFrame({"text": pd.Series(texts, dtype="str")})
    for before, after in zip(texts, guard(table, ("text",))["text"], strict=True):
        assert not after.startswith(STARTS)
        assert after in (before, "'" + before)


def test_the_workbook_has_a_sheet_a_table_with_a_frozen_header_and_real_numbers(tmp_path):
    export("xlsx", RESULTS, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "feedback.xlsx")
    assert set(book.sheetnames) == set(RESULTS.tables)
    for name, table in RESULTS.tables.items():
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        assert [c.value for c in sheet[1]] == list(table.columns)
        assert sheet.max_row == len(table) + 1
    friction = RESULTS.tables["friction"]
    column = list(friction.columns).index("complaint_share") + 1
    assert book["friction"].cell(2, column).value == pytest.approx(friction["complaint_share"].iloc[0])


def test_the_workbook_gives_every_kind_of_cell_back(tmp_path):
    texts = ["a < b & c > d", "_x0041_", "  two\nlines\t", "bell\x07", "=1+1", "007", "🎫 é", None]
    table = pd.DataFrame(
        {
            "text": pd.Series(texts, dtype="str"),
            "number": pd.Series([1, None, -3, 4, 5, 6, 7, 2**40], dtype="Int64"),
            "share": [0.1, float("nan"), 1 / 3, 1e-300, 0.0, -1.5, 2.0, 0.30000000000000004],
            "yes": [True, False] * 4,
            "at": pd.to_datetime(["2026-11-16T10:11:12Z", None] * 4),
        }
    )
    xlsx.write_workbook(tmp_path / "all.xlsx", {"empty": table.head(0), "all": table})
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    assert [[cell.value for cell in row] for row in book["empty"]] == [list(table.columns)]
    cells = list(book["all"].iter_cols(min_row=2))
    assert [unescape(cell.value) if cell.value else None for cell in cells[0]] == [
        *texts[:3], "bell\ufffd", *texts[4:]
    ]  # fmt: skip
    assert [cell.data_type for cell in cells[0]][:7] == ["s"] * 7
    for column, name in enumerate(("number", "share", "yes"), start=1):
        expected = [None if pd.isna(value) else value for value in table[name]]
        assert [cell.value for cell in cells[column]] == expected
    assert cells[4][0].value == datetime(2026, 11, 16, 10, 11, 12)
    assert cells[4][0].number_format == "yyyy-mm-dd hh:mm"
    assert cells[4][1].value is None


def test_the_same_tables_make_the_same_workbook(tmp_path):
    for name in ("one", "other"):
        export("xlsx", RESULTS, tmp_path / name)
    assert (tmp_path / "one/feedback.xlsx").read_bytes() == (tmp_path / "other/feedback.xlsx").read_bytes()


def test_a_text_longer_than_a_cell_is_cut_in_the_workbook_not_lost(tmp_path):
    long = with_texts("long " * 8000).tables["segments"].head(1)
    export("xlsx", RESULTS._replace(tables={"segments": long}), tmp_path)
    value = openpyxl.load_workbook(tmp_path / "feedback.xlsx")["segments"].cell(2, 5).value
    assert len(value) == xlsx.CELL
    assert value.endswith("…")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_line_of_the_diagram_is_one_that_mermaid_reads(language):
    lines = mermaid.diagram(RESULTS, language).splitlines()
    assert lines[0] == "journey"
    assert TITLE.match(lines[1])
    assert all(TASK.match(line) or SECTION.match(line) or COMMENT.match(line) for line in lines[2:])


def test_the_diagram_has_a_face_for_each_touchpoint_with_enough_customers_and_a_note_for_the_others():
    friction = RESULTS.tables["friction"]
    lines = mermaid.diagram(RESULTS, "en").splitlines()
    assert sum(bool(TASK.match(line)) for line in lines) == (friction["n"] >= 10).sum()
    assert sum(line.startswith("    %%") for line in lines) == (friction["n"] < 10).sum()
    n = friction.set_index("touchpoint").loc["qr-gate", "n"]
    assert f"      QR code at the gate (n={n}): 2: Customers" in lines


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_name_becomes_one_that_mermaid_reads_as_a_name(name):
    label = mermaid.label(name)
    assert re.fullmatch(r"[^#:;%<>{}\n\r]+", label)
    assert not re.match(r"(?i)(title|section|journey|acctitle|accdescr)\b", label)


def test_hostile_names_cannot_add_lines_to_the_diagram():
    journey = RESULTS.journey.model_dump(by_alias=True)
    journey["stages"][0]["touchpoints"][1]["name"] = {"en": "x: 5: Me\n    section Evil; click #1 %%{init}%%"}
    journey["stages"][1]["name"] = {"en": "section title"}
    hostile = RESULTS._replace(journey=Journey.model_validate(journey))
    lines = mermaid.diagram(hostile, "en").splitlines()
    assert len(lines) == len(mermaid.diagram(RESULTS, "en").splitlines())
    assert all(TASK.match(line) or SECTION.match(line) or COMMENT.match(line) for line in lines[2:])


@given(st.floats(-1, 1))
def test_faces_are_whole_numbers_from_one_to_five_that_rise_with_sentiment(sentiment):
    faces = mermaid.face(pd.Series([-1.0, sentiment, 1.0])).to_list()
    assert faces == sorted(faces)
    assert faces[0] == 1
    assert faces[2] == 5


def test_the_figures_beside_the_diagram_are_exact(tmp_path):
    export("mermaid", RESULTS, tmp_path)
    beside = pd.read_csv(tmp_path / "journey.csv").set_index("touchpoint")
    friction = RESULTS.tables["friction"].set_index("touchpoint")
    assert beside["sentiment"].to_list() == pytest.approx(friction["sentiment"].to_list(), nan_ok=True)
    assert beside.loc["fees", "touchpoint_fr"] == "Frais de service"
    assert beside["face"].isna().to_list() == (friction["n"] < 10).to_list()
