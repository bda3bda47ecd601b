"""Reading: formats recognised, no record lost, and a file explained."""

import json
import os

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import CASES, case, joined, mapped, written

from feedback import read
from feedback.errors import FileError
from feedback.pipeline import Source

# --- recognition ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(p for p in CASES.glob("*/*") if p.parent.name in read.formats()), ids=str)
def test_formats_are_recognised_whatever_the_file_is_called(path, tmp_path):
    other = tmp_path / "export.bin"
    other.write_bytes(path.read_bytes())
    found = read.recognise(other)
    assert found is not None
    assert found.name == path.parent.name


def test_a_file_that_is_not_recognised_is_one_reject_and_the_others_are_read(tmp_path):
    unknown = written(tmp_path / "a.csv", "colour,size\nred,3\n")
    broken = written(tmp_path / "b.json", '{"data": [')
    tables = joined(read.read_any([unknown, broken, CASES / "x/page.json"]))
    assert len(tables.submissions) == 1
    assert list(tables.rejects["row"].isna()) == [True, True]
    assert "--explain" in tables.rejects["remedy"][0]
    assert tables.rejects["reason"][1].startswith("not valid JSON")


def test_a_workbook_reads_like_its_csv(tmp_path):
    frame = pd.read_csv(CASES / "trustpilot/reviews.csv", dtype="str")
    frame["Review Stars"] = frame["Review Stars"].astype("int64")
    frame.to_excel(tmp_path / "reviews.xlsx", index=False)
    one, other = case("trustpilot/reviews.csv"), joined(read.read_any([tmp_path / "reviews.xlsx"]))
    pd.testing.assert_frame_equal(one.comments.drop(columns="file"), other.comments.drop(columns="file"))
    pd.testing.assert_frame_equal(one.scores, other.scores)


def test_a_named_format_refuses_other_exports(tmp_path):
    path = written(tmp_path / "a.csv", "text\nHello\n")
    tables = joined(read.read(Source(name="s", files=[], format="x"), [path]))
    assert list(tables.rejects["reason"]) == ["this is no x export"]


def test_an_unknown_format_is_an_error_that_names_the_nearest(tmp_path):
    path = written(tmp_path / "a.csv", "text\nHello\n")
    with pytest.raises(FileError, match="Did you mean 'trustpilot'"):
        list(read.read(Source(name="s", files=[], format="trustpilott"), [path]))


# --- nothing lost -----------------------------------------------------------------------------------

CELLS = st.sampled_from(["", " ", "1", "2", "3", "Queue at gate", "RAS", "N/A", "-99", "a,b", '"', "é"])


@settings(max_examples=25, deadline=None)
@given(lines=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12))
def test_every_record_is_a_submission_or_a_reject(tmp_path_factory, lines):
    path = tmp_path_factory.getbasetemp() / "lines.csv"
    records = [line for line in lines if ",".join(line).strip("\r\n")]
    path.write_text(
        "id,text,score\n" + "".join(",".join(c.replace('"', '""""') for c in r) + "\n" for r in records), "utf-8"
    )
    mapping = {
        "text": "text",
        "id": "id",
        "delimiter": ",",
        "scores": [{"column": "score", "metric": "nps", "min": 1, "max": 3}],
    }
    tables = mapped(path, mapping)
    rows = [*tables.submissions["row"], *tables.rejects["row"].dropna()]
    assert sorted(rows) == list(range(1, len(rows) + 1))
    assert len(rows) == sum(1 for r in records if ",".join(r))
    assert set(tables.submissions.loc[tables.submissions["has_text"], "submission_id"]) == set(
        tables.comments["submission_id"]
    )


def test_a_source_without_files_gives_nothing():
    assert list(read.read(Source(name="s", files=[]), [])) == []


@pytest.mark.parametrize("write", ["to_csv", "to_excel", "to_parquet"])
def test_a_file_whose_name_is_no_utf_8_is_read_like_any_other(tmp_path, write):
    made, path = tmp_path / "made.xlsx", tmp_path / os.fsdecode(b"enqu\xeate")
    getattr(pd.DataFrame({"text": ["The door was shut"]}), write)(made, index=False)
    made.rename(path)
    comments = mapped(path).comments
    assert list(comments["file"]) == [read.named(path, tmp_path)] == ["enqu\ufffdte"]
    assert read.explain(path).startswith("enqu\ufffdte: ")


def test_batches_hold_at_most_ten_thousand_comments(tmp_path):
    rows = "".join(f"{i},one {i},two {i}\n" for i in range(12_000))
    path = written(tmp_path / "big.csv", "id,a,b\n" + rows)
    source = Source(name="drop", files=[], mapping={"text": ["a", "b"], "id": "id"})
    sizes = [len(batch.comments) for batch in read.read(source, [path])]
    assert max(sizes) <= 10_000
    assert sum(sizes) == 24_000


def test_lone_surrogates_and_nuls_in_json_become_replacement_characters(tmp_path):
    path = written(tmp_path / "a.json", '[{"text": "half \\ud83d an emoji \\u0000 and a whole \\ud83d\\ude00"}]')
    assert list(mapped(path).comments["text"]) == ["half \ufffd an emoji \ufffd and a whole 😀"]


@pytest.mark.parametrize("content", ["", "text\n", "[]", '{"meta": {"result_count": 0}}'])
def test_a_file_without_records_is_read_without_complaint(tmp_path, content):
    tables = joined(read.read_any([written(tmp_path / "empty", content)]))
    assert [len(t) for t in tables] == [0, 0, 0, 0]


@pytest.mark.parametrize("name", ["x/pages.jsonl", "zendesk/tickets.jsonl"])
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_damaged_json_never_ends_in_a_traceback(tmp_path_factory, name, data):
    odd = st.sampled_from([None, [], {}, "x", 5, True, [None], [5], {"a": 1}])

    def damaged(value, depth=0):
        if depth and data.draw(st.integers(0, 9)) == 0:
            return data.draw(odd)
        if isinstance(value, dict):
            return {key: damaged(inside, depth + 1) for key, inside in value.items()}
        return [damaged(inside, depth + 1) for inside in value] if isinstance(value, list) else value

    good, *others = [json.loads(line) for line in (CASES / name).read_text("utf-8").splitlines()]
    path = tmp_path_factory.getbasetemp() / "damaged"
    written(path, "\n".join(json.dumps(value) for value in (good, *map(damaged, others))))
    assert len(joined(read.read_any([path])).submissions) >= 1


@pytest.mark.parametrize(
    "content", ['[1, null, {"text": "kept"}]', '{"text": "kept"}\n{"text": \n{"text": "kept as well"}\n']
)
def test_records_that_are_none_are_refused_alone(tmp_path, content):
    tables = mapped(written(tmp_path / "a.json", content))
    assert len(tables.submissions) + len(tables.rejects) == 3
    assert tables.comments["text"].str.startswith("kept").all()


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ('{"id": 1, "text": "a"}\n{"id": 2, "text": null, "tags": [{"n": 1}, {"n": 2}]}\n', ["a", None]),
        ('[{"id": 1, "text": "a"}, {"id": 2, "text": null, "tags": [{"n": 1}, {"n": 2}]}]', ["a", None]),
        ('{"next": null, "items": [{"text": "a"}, {"text": "b"}]}', ["a", "b"]),
        ("text\na\n\nb\n\n", ["a", "", "b"]),
    ],
    ids=["lines", "list", "wrapped", "one column"],
)
def test_every_record_is_one_row_of_cells(tmp_path, content, shown):
    (cells,) = read.open_file(written(tmp_path / "a", content)).cells(None)
    assert cells.table["text"].astype("object").where(cells.table["text"].notna(), None).to_list() == shown


def test_blank_rows_of_a_workbook_count_except_the_last(tmp_path):
    frame = pd.DataFrame({"text": ["good", None, "bad", None, None], "n": [None] * 5})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    (cells,) = read.open_file(tmp_path / "a.xlsx").cells(None)
    assert cells.table["text"].to_dict() == {1: "good", 2: "", 3: "bad"}


def test_a_format_of_another_package_is_found_by_its_entry_point(tmp_path, monkeypatch):
    own = read.Format(
        name="memo",
        kind="survey",
        recognise=lambda opened: opened.header == ("memo",),
        roles=lambda _table: read.Roles(text=("memo",)),
    )

    class Point:
        name = "memo"

        def load(self):
            return own

    monkeypatch.setattr(read, "entry_points", lambda group: [Point()] if group == "feedback.formats" else [])
    read.formats.cache_clear()
    try:
        tables = joined(read.read_any([written(tmp_path / "a.csv", "memo\nThe bar ran dry\n")]))
    finally:
        read.formats.cache_clear()
    assert list(tables.comments["source"]) == ["memo"]


def damaged_parquet(path):
    frame = pd.DataFrame({"text": [f"remark {i} {i * 7919 % 10007}" for i in range(30_000)]})
    frame.to_parquet(path, row_group_size=10_000)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3_000] = b"\xff" * 3_000
    path.write_bytes(data)
    return path


def test_a_parquet_file_damaged_half_way_is_one_reject_and_the_others_are_read(tmp_path):
    broken = damaged_parquet(tmp_path / "a.parquet")
    good = written(tmp_path / "b.csv", "text\nkept\n")
    source = Source(name="drop", files=[], mapping={"text": "text"})
    tables = joined(read.read(source, [broken, good], root=tmp_path))
    assert list(tables.comments["text"]) == ["kept"]
    assert list(tables.rejects["file"]) == ["a.parquet"]
    assert tables.rejects["reason"][0].startswith("the Parquet file cannot be read")


@pytest.mark.parametrize("held", [0, 1 << 20])
@pytest.mark.parametrize("name", ["pretty.json", "lines.jsonl", "table.csv"])
def test_a_file_is_parsed_once_where_memory_has_room_and_twice_at_most(tmp_path, monkeypatch, name, held):
    records = [{"id": str(n), "text": f"remark {n}"} for n in range(5)]
    content = {
        "pretty.json": json.dumps({"items": records}, indent=2),
        "lines.jsonl": "\n".join(map(json.dumps, records)),
        "table.csv": "id,text\n" + "".join(f"{r['id']},{r['text']}\n" for r in records),
    }[name]
    opened = []
    real = read.open_file
    monkeypatch.setattr(read, "open_file", lambda *args: opened.append(args) or real(*args))
    monkeypatch.setattr(read, "HELD", held)
    assert len(mapped(written(tmp_path / name, content), {"text": "text", "id": "id"}).comments) == 5
    assert len(opened) == (1 if held else 2)
