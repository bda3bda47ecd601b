"""What is made to fill the memory, or to be read twice, is refused with one line; the rest of the file is read."""

import io
import json
import sys
import weakref
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from fuzz import open_document
from reading import joined, mapped, written

from feedback import read
from feedback.errors import ReadError
from feedback.read import limits, markup, objects, open_file
from feedback.read.declaration import Records
from feedback.read.identity import is_contact
from feedback.read.unfolding import unfold


@pytest.fixture
def small(monkeypatch):
    """Limits that a test can reach; the csv module's own is set when the package is imported."""
    import csv

    monkeypatch.setattr(limits, "CELL", 1_000)
    monkeypatch.setattr(limits, "LINE", 2_000)
    before = csv.field_size_limit(999)
    yield
    csv.field_size_limit(before)


@pytest.mark.parametrize("length", [1_000, 1_500, 50_000])
@pytest.mark.parametrize("quote", ['"', ""])
@pytest.mark.usefixtures("small")
def test_a_cell_that_is_too_long_costs_its_row(tmp_path, length, quote):
    path = written(tmp_path / "a.csv", f"id,text\n1,fine\n2,{quote}{'x' * length}{quote}\n3,fine too\n")
    tables = mapped(path)
    assert list(tables.submissions["row"]) == [1, 3]
    assert tables.rejects[["row", "reason"]].to_numpy().tolist() == [[2, "a cell of 1,000 characters or more"]]


@pytest.mark.usefixtures("small")
def test_a_cell_just_below_the_limit_is_read(tmp_path):
    assert len(mapped(written(tmp_path / "a.csv", f"id,text\n1,{'x' * 999}\n")).comments) == 1


@pytest.mark.usefixtures("small")
def test_a_long_value_in_json_and_in_a_workbook_costs_its_record(tmp_path):
    lines = "\n".join(json.dumps({"text": text}) for text in ("fine", "x" * 1_000, "fine too"))
    pd.DataFrame({"text": ["fine", "x" * 1_000, "fine too"]}).to_excel(tmp_path / "a.xlsx", index=False)
    for path in (written(tmp_path / "a.jsonl", lines), tmp_path / "a.xlsx"):
        tables = mapped(path)
        assert list(tables.submissions["row"]) == [1, 3]
        assert list(tables.rejects["reason"]) == ["a cell of 1,000 characters or more"]


def test_a_header_of_too_many_columns_is_refused(tmp_path):
    path = written(tmp_path / "a.csv", "text," * 1_000_000 + "\nfine\n")
    with pytest.raises(ReadError, match="more than 16,384 columns"):
        open_file(path)


def test_a_row_of_a_million_cells_costs_itself(tmp_path):
    path = written(tmp_path / "a.csv", "id,text\n1,fine\n2" + ",x" * 1_000_000 + "\n3,fine too\n")
    tables = mapped(path)
    assert list(tables.submissions["row"]) == [1, 3]
    assert list(tables.rejects["reason"]) == ["1000001 cells where the header has 2"]


def test_keys_that_never_end_cost_the_records_that_bring_them(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "COLUMNS", 5)
    records = [{"text": "fine"}, {f"k{n}": "v" for n in range(9)}, {"text": "fine too", "other": "1"}]
    tables = mapped(written(tmp_path / "a.json", json.dumps(records)))
    assert list(tables.submissions["row"]) == [1, 3]
    assert tables.rejects["reason"][0] == "with the keys of this record the file has more than 5 columns"


def test_json_that_is_nested_too_deeply_costs_its_record(tmp_path):
    depth = sys.getrecursionlimit() // 2
    deep = '{"a":' * depth + "1" + "}" * depth
    tables = mapped(written(tmp_path / "a.jsonl", f'{{"text": "fine"}}\n{deep}\n{{"text": "fine too"}}\n'))
    assert len(tables.comments) == 2
    assert len(tables.submissions) + len(tables.rejects) == 3


def test_json_too_large_to_be_one_value_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "WHOLE", 10)
    with pytest.raises(ReadError, match="JSON lines"):
        open_file(written(tmp_path / "a.json", '[{"text": "fine"},\n 1]'))


def test_wide_tables_are_read_in_smaller_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "BATCH_CELLS", 10)
    lines = "".join(json.dumps({"id": n, "text": "a", "more": n}) + "\n" for n in range(9))
    for path in (written(tmp_path / "a.csv", "id,text\n" + "1,a\n" * 9), written(tmp_path / "a.jsonl", lines)):
        parts = [cells.table for cells in open_file(path).cells(None)]
        assert len(parts) > 1
        assert list(pd.concat(parts).index) == list(range(1, 10))


@pytest.mark.parametrize("filler", ["x", "@", "@.", "x."])
def test_a_pasted_image_takes_no_quadratic_time_to_be_told_from_contact_data(filler):
    assert is_contact(filler * 200_000 + " ann@example.org")
    assert not is_contact(filler[0] * 400_000)


def test_a_comment_in_the_place_of_a_heading_is_read_to_its_beginning_only(tmp_path):
    path = written(tmp_path / "a.csv", f"Timestamp,{'a' * 200_000} and so on and on\n2026-11-02 10:00:00,b\n")
    assert read.recognise(path) is None


REVIEW = {"id": "1", "stars": 4, "text": "the queue was long", "createdAt": "2026-11-02T10:00:00Z"}
REVIEW |= {"consumer": {"id": "c"}, "businessUnit": {"id": "b"}}
POST = {
    "id": "1985000000000000001",
    "text": "the queue was long",
    "author_id": "12",
    "created_at": "2026-11-02T10:00:00Z",
}
TICKET = {"id": 1, "subject": "", "description": "the queue was long", "requester_id": 2, "submitter_id": 2}


@pytest.mark.parametrize(
    "page",
    [{"reviews": [REVIEW, *["stray"] * 2_000]}, {"data": [POST, *["stray"] * 2_000]},
     {"tickets": [TICKET, *["stray"] * 2_000]}],
    ids=["trustpilot", "x", "zendesk"],
)  # fmt: skip
def test_the_refusal_of_an_item_shows_that_item_and_not_the_page_around_it(tmp_path, page):
    tables = joined(read.read_any([written(tmp_path / "a.json", json.dumps(page))]))
    assert list(tables.comments["text"]) == ["the queue was long"]
    assert tables.rejects["excerpt"].to_list() == ['"stray"'] * 2_000


def test_a_stray_text_in_a_mapped_list_is_an_excerpt_and_no_reason(tmp_path):
    tables = mapped(written(tmp_path / "a.json", json.dumps({"rows": [{"text": "fine"}, "Ann wrote this"]})))
    assert tables.rejects[["row", "reason", "excerpt"]].to_numpy().tolist() == [[2, "not a record", '"Ann wrote this"']]


def test_answers_to_questions_of_one_name_are_numbered_in_their_order():
    place = Records.model_validate({"pivot": [{"at": "answers", "name": "why", "value": "text"}] * 2})
    answers = [{"text": str(n)} for n in range(20_000)]
    (record,) = unfold([place], "surveys")({"why": "own", "answers": answers})
    assert list(record)[:3] == ["why", "why (2)", "why (3)"]
    assert list(record.values()) == ["own", *(str(n) for n in range(20_000)), *(str(n) for n in range(20_000))]


# --- workbooks --------------------------------------------------------------------------------------


def rewritten(path, change, renamed=str):
    """The workbook at a path with its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in archive.namelist():
            made.writestr(renamed(name), change(name, archive.read(name)))
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    pd.DataFrame({"text": ["fine"]}).to_excel(path, index=False)
    return path


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_a_workbook_that_declares_entities_is_refused(workbook, part):
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'

    def change(name, data):
        head, mark, rest = data.partition(b"?>")
        return head + mark + bomb + rest if name == part else data

    with pytest.raises(ReadError, match="declares XML entities"):
        open_file(rewritten(workbook, change))


@pytest.mark.parametrize("place", [b"XFD1048576", b"xfd1048576", b"XFD00000001048576"])
@pytest.mark.parametrize("part", ["worksheets/sheet1.xml", "other/table"])
def test_a_workbook_whose_cells_lie_too_far_apart_is_refused(workbook, place, part):
    far = b'</row><row r="1048576"><c r="%s"><v>1</v></c></row>' % place

    def change(name, data):
        data = data.replace(b"worksheets/sheet1.xml", part.encode()) if name.endswith((".rels", "Types].xml")) else data
        return data.replace(b"</row></sheetData>", far + b"</sheetData>") if name.endswith("sheet1.xml") else data

    def renamed(name):
        return f"xl/{part}" if name.endswith("sheet1.xml") else name

    with pytest.raises(ReadError, match="17,179,869,184"):
        open_file(rewritten(workbook, change, renamed))


def test_a_workbook_that_expands_too_far_is_refused(workbook, monkeypatch):
    monkeypatch.setattr(limits, "FREE", 1 << 16)

    def change(name, data):
        return data.replace(b"</sheetData>", b"</sheetData>" + b" " * 5_000_000) if "sheet1" in name else data

    with pytest.raises(ReadError, match="times its size"):
        open_file(rewritten(workbook, change))


def ods(path, rows):
    path.write_bytes(open_document(rows))
    return path


def test_an_open_document_is_read_and_its_endless_blank_cells_passed_over(tmp_path):
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    blank = '<table:table-cell table:number-columns-repeated="16380"/>'
    rows = "".join(f"<table:table-row>{cell.format(text)}{blank}</table:table-row>" for text in ("text", "fine"))
    rows += f'<table:table-row table:number-rows-repeated="1048000">{blank}</table:table-row>'
    assert list(mapped(ods(tmp_path / "a.ods", rows)).comments["text"]) == ["fine"]


def test_an_open_document_that_repeats_a_cell_without_end_is_refused(tmp_path):
    repeated = 'table:number-columns-repeated="16384"'
    cell = f'<table:table-cell office:value-type="string" {repeated}><text:p>a</text:p></table:table-cell>'
    path = ods(
        tmp_path / "a.ods", f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>' * 2
    )
    with pytest.raises(ReadError, match="lie so far apart"):
        open_file(path)


def test_an_open_document_whose_table_never_ends_is_refused(tmp_path):
    with pytest.raises(ReadError, match="the workbook cannot be read"):
        open_file(ods(tmp_path / "a.ods", "<table:table-row/></table:other>"))


def test_an_xml_file_is_read_whole_only_up_to_a_limit(tmp_path, monkeypatch):
    path = tmp_path / "feed.xml"
    path.write_text("<feed><entry><text>Late</text></entry></feed>", encoding="utf-8")
    assert markup.open_xml(path).shape == "XML"
    monkeypatch.setattr(limits, "XML", 20)
    with pytest.raises(ReadError, match=r"XML file is larger.*[Ee]xport it in parts"):
        markup.open_xml(path)


def test_the_limit_of_xml_is_said_in_its_message_and_in_the_documentation(tmp_path):
    path = tmp_path / "feed.xml"
    with path.open("wb") as file:
        file.write(b"<feed>")
        file.truncate(limits.XML + 1)
    with pytest.raises(ReadError, match="larger than 100 MB"):
        markup.open_xml(path)
    assert "| an XML file | 100 MB |" in (Path(__file__).parents[1] / "docs/formats.md").read_text("utf-8")


def test_a_folder_of_json_files_is_never_in_memory_all_at_once(tmp_path, monkeypatch):
    class Parsed(dict):
        """A value whose end can be seen."""

    def parsed(text):
        value = Parsed(data=json.loads(text))
        alive.add(value)
        most.append(len(alive))
        return value

    alive, most = weakref.WeakSet(), []
    monkeypatch.setattr(Parsed, "__hash__", object.__hash__)
    monkeypatch.setattr(Parsed, "__eq__", object.__eq__)
    monkeypatch.setattr(objects, "json", SimpleNamespace(loads=parsed, dumps=json.dumps))
    monkeypatch.setattr(read, "OPEN", 0)
    for n in range(12):
        page = {"id": str(n), "surveyId": "s", "finished": True, "createdAt": "2026-11-02", "updatedAt": "2026-11-02"}
        written(tmp_path / f"{n}.json", json.dumps([page, page], indent=1))
    assert sum(len(batch.rejects) for batch in read.read_any([tmp_path])) > 0
    assert len(most) >= 12
    assert max(most) <= 3
