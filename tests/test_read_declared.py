"""Formats as data: every shipped record against fixtures in its exact shape, and what a record may not say."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import joined, mapped, written

from feedback import read
from feedback.errors import FileError
from feedback.pipeline import Source
from feedback.read import declared, encoding
from feedback.read.answers import is_free_text
from feedback.report import quality

ROOT = Path(__file__).parents[1]


def _table():
    spec = spec_from_file_location("formats_table", ROOT / "docs/formats_table.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE = _table()
CASES = TABLE.cases()
RECORDS = declared.declarations()


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def tables(case):
    return TABLE.tables_of(case)


def said(path):
    """All that a file holds, as text: what is planted in a fixture must be there."""
    opened = read.open_file(path)
    if opened.shape.startswith(("workbook", "Parquet")):
        return "\n".join([*opened.header, *next(opened.cells(None)).table.melt()["value"].dropna()])
    return "".join(encoding.lines(path, encoding.detect(path)))


def test_a_fixture_is_recognised_as_its_format_and_as_no_other(case):
    opened = read.open_file(case.path)
    claimed = [name for name, found in read.formats().items() if found.recognise(opened)]
    assert claimed[:1] == ([] if case.expected.get("mapping") else [case.format])
    assert claimed[1:] == case.expected.get("also", [])


def test_every_comment_is_found_and_nothing_else(case, tables):
    assert TABLE.comments_of(tables) == case.expected.get("comments", [])


def test_what_is_planted_as_no_comment_is_none(case, tables):
    never = case.expected.get("never", [])
    text = said(case.path)
    assert [planted for planted in never if planted not in text] == []
    assert TABLE.taken(tables, never) == []


def test_every_row_is_a_submission_or_a_reject_with_its_reason(case, tables):
    rows = [*tables.submissions["row"], *tables.rejects["row"].dropna()]
    assert sorted(rows) == list(range(1, case.expected["rows"] + 1))
    assert tables.rejects["reason"].value_counts().to_dict() == case.expected.get("rejects", {})


def test_scores_have_their_metric_and_scale(case, tables):
    found = tables.scores[["submission_id", "metric", "score_raw", "score"]].round(3).to_numpy().tolist()
    assert found == case.expected.get("scores", [])


def test_times_and_other_columns_hold_what_the_export_says(case, tables):
    for place, wanted in case.expected.get("columns", {}).items():
        table, column = place.split(".")
        rows = getattr(tables, table).drop_duplicates("submission_id").set_index("submission_id")[column]
        found = {key: _plain(rows[key]) for key in wanted}
        assert found == wanted, place


def _plain(value):
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return None if pd.isna(value) else value


def test_every_format_has_a_fixture():
    assert {case.format for case in CASES} == set(RECORDS)


def test_the_table_in_the_documentation_is_up_to_date():
    assert TABLE.PAGE.read_text("utf-8") == TABLE.page(), "run python docs/formats_table.py"


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_named_like_its_file_and_gives_its_reasons_in_french(name):
    assert RECORDS[name].format == name
    reasons = {reason for values in RECORDS[name].set_aside.values() for reason in values.values() if reason}
    assert [r for r in reasons if quality.told(f"not feedback: {r}", "fr").endswith(r)] == []


@pytest.mark.parametrize("name", [name for name, record in RECORDS.items() if record.status == "unverified"])
def test_explain_says_what_is_known_from_memory_only(name):
    path = next(case.path for case in CASES if case.format == name)
    assert "known from memory only" in read.explain(path)


GOOD = "format: memo\nexport: Memos\nkind: survey\nstatus: verified\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("recognize: {}", r"line 5: unknown key 'recognize'.*Did you mean 'recognise'"),
        ("comments: [{like: '('}]", r"line 5: .*no regular expression"),
        ("roles: {texte: a}", r"roles: no such role\. Got 'texte'"),
        ("code: wordstar", r"line 5: code"),
    ],
)
def test_a_record_that_breaks_its_contract_is_an_error_with_its_line(tmp_path, text, message):
    with pytest.raises(FileError, match=message):
        declared.load(written(tmp_path / "memo.yaml", GOOD + text + "\n"))


def test_a_record_of_ones_own_makes_a_format(tmp_path, monkeypatch):
    record = GOOD + "recognise: {columns: [memo]}\ncomments: [{column: memo}]\n"
    _, memo = declared.load(written(tmp_path / "memo.yaml", record))
    monkeypatch.setattr(read, "formats", lambda: {"memo": memo})
    path = written(tmp_path / "a.csv", "Memo,n\nThe bar ran dry,1\n")
    assert list(joined(read.read(Source(name="m", files=[]), [path])).comments["text"]) == ["The bar ran dry"]


# --- what a record cannot go wrong with: columns that read like text, XML, transcripts, nesting -----------


@pytest.mark.parametrize(
    ("answers", "free"),
    [
        (["The queue was endless", "RAS", "RAS", "RAS", "Nobody knew the way"], True),
        (["Very satisfied with it", "Very satisfied with it", "Rather satisfied with it"], False),
        (["By train, On foot from home", "On foot from home", "By train, On foot from home"], False),
        (["2026-11-02 10:00:00", "2026-11-03 11:00:00"], False),
        (["7 / 10", "8 / 10", "12 345"], False),
        (['["On the site of the venue"]', '["In the app I had"]'], False),
        (["Yes", "No", ""], False),
        ([], False),
    ],
)
def test_columns_of_free_text_are_told_from_choices_numbers_and_lists(answers, free):
    assert is_free_text(pd.Series(answers, dtype="str")) is free


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ('<?xml version="1.0"?>\n<!DOCTYPE f [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>\n<f>&b;</f>', "can be a bomb"),
        ('<?xml version="1.0"?>\n<!DOCTYPE f SYSTEM "http://127.0.0.1/f.dtd">\n<f/>', "can be a bomb"),
        ('<?xml version="1.0"?>\n<feed><entry></feed>', "not valid XML"),
        ('<?xml version="1.0" encoding="utf-99"?>\n<feed/>', "names an encoding that is none"),
        ('<?xml version="1.0"?>\n' + "<a>" * 500 + "</a>" * 500, "more than 100 deep"),
    ],
    ids=["entities", "external", "broken", "encoding", "deep"],
)
def test_hostile_and_broken_xml_is_one_reject_that_says_why(tmp_path, markup, reason):
    (reject,) = joined(read.read_any([written(tmp_path / "a.xml", markup)])).rejects.to_dict("records")
    assert reason in reject["reason"]
    assert quality.told(reject["reason"], "fr") != reject["reason"]


def test_any_xml_can_be_mapped(tmp_path):
    path = written(tmp_path / "a.xml", "<?xml version='1.0'?>\n<r><c><t>Cold food</t></c><c><t>Fine</t></c></r>")
    assert list(mapped(path, {"text": "t.label", "records": "r.c"}).comments["text"]) == ["Cold food", "Fine"]


JSON_CASES = [case for case in CASES if case.path.suffix in (".json", ".jsonl")]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_json_of_any_format_ends_in_no_traceback_and_loses_no_row(tmp_path_factory, data):
    odd = st.sampled_from([None, [], {}, "x", 5, True, [None], [5], {"a": 1}, [[]], ""])

    def damaged(value):
        if data.draw(st.integers(0, 14)) == 0:
            return data.draw(odd)
        if isinstance(value, dict):
            return {key: damaged(inside) for key, inside in value.items() if data.draw(st.integers(0, 29))}
        return [damaged(inside) for inside in value] if isinstance(value, list) else value

    case = data.draw(st.sampled_from(JSON_CASES))
    lines = case.path.read_text("utf-8").splitlines()
    values = [json.loads(line) for line in (lines if lines[0].endswith("}") else ["".join(lines)])]
    path = tmp_path_factory.getbasetemp() / "damaged"
    written(path, "\n".join(json.dumps(damaged(value)) for value in values))
    tables = joined(read.read_any([path]))
    rows = [*tables.submissions["row"], *tables.rejects["row"].dropna()]
    assert sorted(rows) == list(range(1, len(rows) + 1))
    assert len(rows) > 0 or tables.rejects["row"].isna().all()


def test_a_chain_of_replies_that_never_ends_is_cut_and_said(tmp_path):
    reply = {"id": "0", "text": "end", "timestamp": "2026-11-10T18:00:00+0000", "username": "a"}
    for number in range(1, 130):
        reply = reply | {"id": str(number), "text": f"reply {number}", "replies": {"data": [reply]}}
    tables = joined(read.read_any([written(tmp_path / "a", json.dumps({"data": [reply]}))]))
    assert len(tables.comments) == 101
    assert list(tables.rejects["reason"]) == ["records lie more than 100 deep in one another"]


STRAY = {"reddit": ("data", "children"), "youtube": ("items",)}


@pytest.mark.parametrize(
    ("name", "odd"), [("reddit", None), ("reddit", "stray"), ("youtube", None), ("youtube", {"id": "Ug9"})]
)
def test_what_does_not_fit_in_a_list_of_records_is_a_reject(tmp_path, name, odd):
    path = next(c.path for c in CASES if c.format == name and c.path.suffix == ".json")
    page = json.loads(path.read_text("utf-8"))
    before = len(joined(read.read_any([path])).rejects)
    listed = page[-1] if isinstance(page, list) else page
    for key in STRAY[name]:
        listed = listed[key]
    listed.append(odd)
    rejects = joined(read.read_any([written(tmp_path / "a.json", json.dumps(page))])).rejects
    assert len(rejects) == before + 1
    assert "not a record" in set(rejects["reason"])


def test_a_list_that_begins_with_nothing_is_recognised_by_what_follows(tmp_path):
    review = {
        "review_id": "1",
        "business_id": "b",
        "user_id": "u",
        "stars": 4,
        "text": "Long queue",
        "date": "2026-11-02",
    }
    tables = joined(read.read_any([written(tmp_path / "a", json.dumps([None, review]))]))
    assert len(tables.comments) == 1
    assert list(tables.rejects["reason"]) == ["not a record"]
