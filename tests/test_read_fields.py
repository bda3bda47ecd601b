"""Columns of comments: the same ones for all files and parts of a source, and a line about what was not taken."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import joined, written

from feedback import read
from feedback.pipeline import Source
from feedback.read import cells
from feedback.report import quality

HEAD = "Horodateur,Que pouvons-nous améliorer la prochaine fois ?,Et le concert ?\n"
FEW = [
    "La file était trop longue,Parfait",
    "Les toilettes étaient très sales,RAS",
    "On reviendra avec plaisir,Nul",
]
MANY = [f"RAS,Bien {n}" for n in range(40)]


def form(path, answers):
    return written(path, HEAD + "".join(f"2026-11-{n % 28 + 1:02d} 10:00:00,{a}\n" for n, a in enumerate(answers, 1)))


def of(files, **source):
    return joined(read.read(Source(name="form", files=[], **source), files))


def ids(files):
    return set(of(files).comments["comment_id"])


def test_an_export_whose_answers_do_not_read_like_text_takes_none_from_the_one_before(tmp_path):
    first, whole = form(tmp_path / "a.csv", FEW), form(tmp_path / "b.csv", FEW + MANY)
    assert len(ids([first])) == 3
    assert ids([whole]) == set()
    assert ids([first, whole]) == ids([whole, first])
    assert len(ids([first, whole])) == 43


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.sampled_from(FEW + MANY[:12]), min_size=1, max_size=20, unique=True), cut=st.integers(0, 20))
def test_more_files_never_give_fewer_comments(tmp_path_factory, rows, cut):
    folder = tmp_path_factory.mktemp("form")
    files = [form(folder / "a.csv", rows[:cut] or rows), form(folder / "b.csv", rows[cut:] or rows)]
    assert ids(files[:1]) | ids(files[1:]) <= ids(files)


@pytest.mark.parametrize("held", [0, read.HELD])
def test_answers_that_begin_after_the_first_part_of_a_file_are_read(tmp_path, monkeypatch, held):
    monkeypatch.setattr(read, "HELD", held)
    monkeypatch.setattr(cells, "BATCH", 3)
    lines = [HEAD, *(f"2026-11-02 10:00:0{n},,\n" for n in range(4)), "2026-11-03 10:00:00,Trop de monde au bar,\n"]
    assert list(of([written(tmp_path / "a.csv", "".join(lines))]).comments["row"]) == [5]


def test_a_key_that_first_appears_late_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "BATCH", 3)
    said = {
        "survey_id": "1",
        "collector_id": "2",
        "response_status": "completed",
        "date_modified": "2026-11-02T10:00:00Z",
    }

    def response(n, question):
        answers = [{"id": question, "answers": [{"text": f"remark {n}"}]}]
        return said | {"id": str(n), "pages": [{"questions": answers}]}

    path = written(tmp_path / "a", "\n".join(json.dumps(response(n, "11" if n < 5 else "12")) for n in range(9)))
    assert len(of([path]).comments) == 9


def test_the_columns_of_one_format_mean_nothing_for_another(tmp_path):
    review = "Review Id,Review Created (UTC),Review Stars,Review Title,Review Content,Domain URL\n"
    answers = form(tmp_path / "a.csv", FEW)
    reviews = written(tmp_path / "b.csv", f"{review}1,2026-11-02 10:00:00,1,Queue,Endless,x\n")
    assert len(of([reviews, answers]).comments) == len(of([reviews]).comments) + len(of([answers]).comments)


def test_a_question_about_time_is_no_timing(tmp_path):
    head = 'id,submitdate,lastpage,startlanguage,"Please describe your waiting time",interviewtime,groupTime12\n'
    rows = "1,2026-11-02 10:00:00,3,en,It took forever to get in,13.5,7.1\n2,,3,en,Nobody was at the gate,20.1,9.9\n"
    assert list(of([written(tmp_path / "a.csv", head + rows)]).comments["text"]) == [
        "It took forever to get in",
        "Nobody was at the gate",
    ]


@pytest.mark.parametrize(("mark", "n"), [("optional", 2), ("facultatif", 2), ("Comfort", 0)])
def test_a_question_that_may_be_left_out_is_no_row_of_a_grid(tmp_path, mark, n):
    head = f"Timestamp,How many times did you come?,Any further comments? [{mark}]\n"
    rows = "11/02/2026 10:00:00,2,The bar queue was endless\n11/13/2026 11:00:00,1,Please open more gates\n"
    assert len(of([written(tmp_path / "a.csv", head + rows)]).comments) == n


def test_other_sheets_of_a_workbook_are_told_unless_one_was_asked_for(tmp_path):
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        for sheet, said in (("November", ["Long queue"]), ("December", ["Cold hall"]), ("Empty", [])):
            pd.DataFrame({"text": said} if said else {}).to_excel(book, sheet_name=sheet, index=False)
    (note,) = of([path], mapping={"text": "text"}).rejects["reason"]
    assert note == "note: other sheets that hold rows are not read: 'December'"
    assert quality.told(note, "fr") != note
    assert of([path], mapping={"text": "text", "sheet": "November"}).rejects.empty
