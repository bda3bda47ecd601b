"""Tables that a pipeline maps: the same from every kind of file, their scores, and mappings that cannot work."""

import json
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from reading import CASES, joined, mapped, texts, written

from feedback import read
from feedback.errors import FileError
from feedback.pipeline import Source
from feedback.report import quality

PARIS = ZoneInfo("Europe/Paris")


RECORDS = [
    {"id": "1", "text": "Queues", "note": "", "nps": "3", "on": "2026-11-02"},
    {"id": "2", "text": "N/A", "note": "Good sound", "nps": "9", "on": "2026-11-03"},
]
MAPPING = {
    "text": ["text", "note"],
    "id": "id",
    "created_at": "on",
    "scores": [{"column": "nps", "metric": "nps", "min": 0, "max": 10}],
}


def _json(path):
    written(path, json.dumps({"meta": {"n": 2}, "items": RECORDS}))


def _lines(path):
    written(path, "\n".join(map(json.dumps, RECORDS)))


def _csv(path):
    pd.DataFrame(RECORDS).to_csv(path, index=False)


def _tsv(path):
    pd.DataFrame(RECORDS).to_csv(path, index=False, sep="\t", encoding="utf-16")


def _xlsx(path):
    frame = pd.DataFrame(RECORDS).assign(nps=[3, 9], on=pd.to_datetime(["2026-11-02", "2026-11-03"]))
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        frame.to_excel(writer, index=False)


def _parquet(path):
    pd.DataFrame(RECORDS).assign(nps=[3.0, 9.0]).to_parquet(path)


@pytest.mark.parametrize("write", [_json, _lines, _csv, _tsv, _xlsx, _parquet])
def test_a_mapped_table_reads_the_same_from_every_kind_of_file(tmp_path, write):
    path = tmp_path / "drop.xlsx"
    write(path)
    tables = mapped(path, MAPPING, timezone="Europe/Paris")
    assert texts(tables) == {("1", "text"): "Queues", ("2", "note"): "Good sound"}
    assert list(tables.scores["score"]) == [0.3, 0.9]
    assert list(tables.submissions["created_at"].dt.tz_convert(PARIS).dt.date.astype("str")) == [
        "2026-11-02",
        "2026-11-03",
    ]


def test_a_mapping_that_names_no_column_of_the_file_is_an_error_with_the_nearest(tmp_path):
    path = written(tmp_path / "a.csv", "id,comment\n1,Hello\n")
    with pytest.raises(FileError, match=r"source drop, a\.csv.*'coment'.*Did you mean 'comment'"):
        mapped(path, {"text": "coment"})


def test_a_first_row_of_data_is_not_printed_as_names(tmp_path):
    path = written(tmp_path / "a.csv", "ann.other@example.org,Sandrine was rude\nbob@example.org,Slow\n")
    with pytest.raises(FileError, match=r"allowed: <EMAIL>, <PERSON> was rude\. The header seems to be missing"):
        mapped(path, {"text": "comment"})


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"text": "text", "scores": [{"column": "n", "metric": "nps", "min": 5, "max": 5}]}, "scale of 'n' is empty"),
        ({"text": "text", "created_at": {"column": "n", "format": "%Q"}}, "no time format"),
        ({"text": "text", "encoding": "utf-9"}, "unknown encoding"),
        ({"text": "text", "encoding": "undefined"}, "unknown encoding"),
        ({"text": "text", "delimiter": "tab"}, "a delimiter is one character"),
    ],
)
def test_a_mapping_that_cannot_work_is_an_error_that_says_why(tmp_path, mapping, message):
    path = written(tmp_path / "a.csv", "text,n\nHello,1\n")
    with pytest.raises(FileError, match=message):
        mapped(path, mapping)


@pytest.mark.parametrize("encoding", ["utf-32", "idna"])
def test_a_file_that_is_not_in_the_encoding_named_is_one_reject_that_says_so(tmp_path, encoding):
    path = written(tmp_path / "a.csv", "text,n\nHello,1\n")
    (reject,) = mapped(path, {"text": "text", "encoding": encoding}).rejects.to_dict("records")
    assert reject["reason"].startswith(f"the file is not in the encoding {encoding}: ")
    assert "`encoding`" in reject["remedy"]
    assert quality.told(reject["reason"], "fr") == f"le fichier n’est pas encodé en {encoding}"


def test_a_column_named_twice_is_one_comment(tmp_path):
    path = written(tmp_path / "a.csv", "text,n\nHello,1\n")
    assert len(mapped(path, {"text": ["text", "Text"]}).comments) == 1


def test_a_source_sets_the_metric_and_scale_of_its_main_score():
    source = Source(name="s", files=[], metric="nps", scale=(1, 10))
    scores = joined(read.read(source, [CASES / "trustpilot/reviews.csv"])).scores
    assert set(scores["metric"]) == {"nps"}
    assert set(scores["score_max"]) == {10}


def test_answers_beyond_their_scale_are_left_out_and_noted(tmp_path):
    path = written(tmp_path / "a.csv", 'text,nps\nGood,11\nBad,2\nFine,"7,5"\n')
    tables = mapped(path, {"text": "text", "scores": [{"column": "nps", "metric": "nps", "min": 0, "max": 10}]})
    assert list(tables.scores["score_raw"]) == [2, 7.5]
    assert len(tables.submissions) == 3
    assert tables.rejects["row"].isna().all()
    assert list(tables.rejects["reason"]) == [
        "note: 1 answer of 'nps' lies outside its scale 0–10 and is left out, the first in row 1"
    ]


def test_a_lower_is_better_scale_is_turned_round(tmp_path):
    path = written(tmp_path / "a.csv", "text,effort\nEasy,1\n")
    score = {"column": "effort", "metric": "ces", "min": 1, "max": 7, "lower_is_better": True}
    assert list(mapped(path, {"text": "text", "scores": [score]}).scores["score"]) == [1.0]


def test_a_mapping_goes_over_a_native_format(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_bytes((CASES / "trustpilot/reviews.csv").read_bytes())
    tables = mapped(path, {"text": "Review Username", "missing": "Zoé"}, format="trustpilot")
    assert list(tables.submissions["submission_id"]) == ["653f1", "653f2", "653f3"]
    assert list(tables.comments["text"]) == ["Fees out of nowhere. Ann", "Billets reçus en deux… Luc", "Parfait"]


@pytest.mark.parametrize(
    ("answer", "scale", "expected"),
    [("1,000", 1000, 1000), ("1 000", 1000, 1000), ("999,5", 1000, 999.5), ("0,500", 1000, 0.5), ("1,000", 10, 1)],
)
def test_a_comma_marks_thousands_only_where_the_scale_has_some(tmp_path, answer, scale, expected):
    path = written(tmp_path / "a.csv", f'text,spent\nFine,"{answer}"\n')
    score = {"column": "spent", "metric": "other", "min": 0, "max": scale}
    assert list(mapped(path, {"text": "text", "scores": [score]}).scores["score_raw"]) == [expected]


def test_a_mapped_column_never_takes_the_field_of_a_native_one(tmp_path):
    frame = pd.read_csv(CASES / "trustpilot/reviews.csv", dtype="str").assign(review="Come back soon")
    frame.to_csv(tmp_path / "a.csv", index=False)
    comments = mapped(tmp_path / "a.csv", {"text": ["Review Content", "review"]}, format="trustpilot").comments
    assert set(comments["field_id"]) == {"review", "review (2)"}
    assert comments["comment_id"].is_unique


@pytest.mark.parametrize("drops", [("a", "b"), ("b", "a")])
def test_the_order_of_day_and_month_is_one_for_all_files_of_a_source(tmp_path, drops):
    dates = {"a": ["11/02/2026", "11/05/2026"], "b": ["11/09/2026", "11/15/2026"]}
    files = [written(tmp_path / n, "text,on\n" + "".join(f"x {d},{d}\n" for d in dates[n])) for n in drops]
    source = Source(name="drop", files=[], mapping={"text": "text", "created_at": "on"})
    tables = joined(read.read(source, files))
    assert set(tables.submissions["created_at"].dt.month) == {11}
    assert len(tables.rejects) == 0


def test_dates_that_can_be_read_either_way_are_noted_with_what_to_write(tmp_path):
    path = written(tmp_path / "a.csv", "text,on\nSlow,11/11/2026\nFine,11/02/2026 10:00\n")
    tables = mapped(path, {"text": "text", "created_at": "on"})
    note = tables.rejects.iloc[0]
    assert note["reason"].startswith("note: nothing shows whether dates such as 11/02/2026 in row 2 begin with the day")
    assert 'created_at: {column: "on", first: day}' in note["remedy"]
    told = mapped(path, {"text": "text", "created_at": {"column": "on", "format": "%m/%d/%Y"}})
    assert [reason for reason in told.rejects["reason"] if "begin with the day" in reason] == []


@pytest.mark.parametrize(
    ("on", "dates", "told"),
    [
        (
            "sent",
            ("2026-11-10", "", "2026-11-17"),
            "2 values of 'sent' are no times (format %d/%m/%Y), the first in row 1",
        ),
        (
            "Date d'envoi",
            ("10/11/2026", "-99", "soon"),
            '1 value of "Date d\'envoi" is no time (format %d/%m/%Y), the first in row 3',
        ),
        ("sent", ("2026-11-10", "soon", "one day"), "2 values of 'sent' are no times, the first in row 2"),
    ],
    ids=["a wrong format", "an apostrophe", "no format"],
)
def test_dates_that_are_none_are_noted_and_their_rows_kept(tmp_path, on, dates, told):
    path = written(tmp_path / "a.csv", f"text,{on}\n" + "".join(f"Slow {i},{date}\n" for i, date in enumerate(dates)))
    pattern = "%d/%m/%Y" if "format" in told else None
    tables = mapped(path, {"text": "text", "created_at": {"column": on, "format": pattern}})
    assert len(tables.submissions) == 3
    (note,) = tables.rejects.to_dict("records")
    assert note["reason"] == f"note: {told}"
    assert pd.isna(note["row"])
    assert quality.told(note["reason"], "fr").startswith(
        f"note\u202f: valeurs de «\u202f{on}\u202f» qui ne sont pas des dates"
    )
