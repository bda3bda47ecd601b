"""Reading: five native formats, mapped tables, identity, and no record lost."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback import read
from feedback.errors import FileError
from feedback.pipeline import Source
from feedback.tables import Tables

CASES = Path(__file__).parent / "cases"
PARIS = ZoneInfo("Europe/Paris")


def joined(batches) -> Tables:
    return Tables(*(pd.concat(parts, ignore_index=True) for parts in zip(*batches, strict=True)))


def case(name: str) -> Tables:
    return joined(read.read_any([CASES / name], root=CASES))


def mapped(path: Path, mapping=None, **source) -> Tables:
    made = Source(name="drop", files=[], mapping=mapping or {"text": "text"}, **source)
    return joined(read.read(made, [path], root=path.parent))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def texts(tables: Tables) -> dict[tuple[str, str], str]:
    rows = tables.comments[["submission_id", "field_id", "text"]].itertuples(index=False)
    return {(i, f): text for i, f, text in rows}


# --- Qualtrics ---------------------------------------------------------------------------------


def test_qualtrics_gives_one_comment_per_open_question_and_none_for_unanswered_ones():
    assert texts(case("qualtrics/answers.csv")) == {
        ("R_1aB2", "QID2_TEXT"): "La page de paiement a planté deux fois,\nj’ai dû recommencer.",
        ("R_1aB2", "QID3_TEXT"): "Aucune attente",
        ("R_2cD3", "QID3_TEXT"): "Gate 4 was quick",
    }


def test_qualtrics_questions_come_from_the_localised_row():
    assert case("qualtrics/answers.csv").comments["question"].iloc[0] == "Qu’est-ce qui vous a gêné ?"


def test_qualtrics_previews_and_spam_are_set_aside_and_unfinished_answers_kept():
    tables = case("qualtrics/answers.csv")
    assert list(tables.submissions["submission_id"]) == ["R_1aB2", "R_2cD3", "R_5iJ6"]
    assert list(tables.rejects["row"]) == [3, 4]
    assert list(tables.rejects["reason"]) == ["not feedback: a survey preview", "not feedback: marked as spam"]


def test_qualtrics_nps_is_the_column_with_a_group_sibling():
    scores = case("qualtrics/answers.csv").scores
    assert list(scores["metric"]) == ["nps", "nps"]
    assert list(scores["score_raw"]) == [3, 9]
    assert list(scores["score"]) == [0.3, 0.9]


def test_qualtrics_times_are_local_to_the_zone_of_the_third_row():
    times = case("qualtrics/answers.csv").submissions["created_at"]
    assert times[0] == pd.Timestamp("2026-11-03 22:30", tz="UTC")


def test_qualtrics_exports_of_2016_are_read_too():
    assert texts(case("qualtrics/answers_2016.tsv")) == {("R_9", "QID2-TEXT"): "Shorter queues"}


def test_an_unknown_zone_of_the_export_is_an_error_that_says_how_to_name_it(tmp_path):
    text = (CASES / "qualtrics/answers.csv").read_text("utf-8-sig").replace("Europe/Paris", "Europe/Lutetia")
    path = written(tmp_path / "a.csv", text)
    with pytest.raises(FileError, match=r"unknown time zone\. Got 'Europe/Lutetia'\. Set `timezone`"):
        list(read.read(Source(name="s", files=[]), [path]))
    assert len(joined(read.read(Source(name="s", files=[], timezone="Europe/Paris"), [path])).submissions) == 3


# --- Trustpilot, Play --------------------------------------------------------------------------


def test_trustpilot_titles_are_kept_only_where_they_add_words():
    assert [*texts(case("trustpilot/reviews.csv")).values()] == [
        "Fees out of nowhere. Twelve euros more at the last step.",
        "Billets reçus en deux minutes, rien à dire.",
        "Parfait",
    ]


def test_trustpilot_answers_of_the_company_are_no_comments():
    comments = case("trustpilot/reviews.csv").comments
    assert comments["business_reply"][0] == "We are sorry, Ann."
    assert len(comments) == 3


def test_play_is_utf_16_and_its_star_only_rows_are_submissions_of_their_own():
    raw = (CASES / "play/reviews_202611.csv").read_bytes()
    assert raw.startswith(b"\xff\xfe")
    tables = case("play/reviews_202611.csv")
    assert list(tables.submissions["has_text"]) == [True, False, False, True]
    assert tables.submissions["submission_id"].is_unique
    assert list(tables.scores["score"]) == [0.25, 1.0, 1.0, 0.75]


def test_play_ids_come_out_of_the_link_in_both_its_forms():
    ids = case("play/reviews_202611.csv").comments["submission_id"]
    assert list(ids) == ["2f1e-44", "gp:AOq1"]


# --- X -----------------------------------------------------------------------------------------


def test_x_reposts_carry_the_whole_text_and_say_what_they_are():
    comments = case("x/pages.jsonl").comments.set_index("submission_id")
    assert list(comments["is_repost"]) == [False, True, False, False]
    assert comments["text"]["1985000000000000002"].endswith("before you reach the scanner.")


def test_x_replies_know_their_parent_and_edits_their_first_version():
    comments = case("x/pages.jsonl").comments.set_index("submission_id")
    reply = comments.loc["1985000000000000003"]
    assert reply["parent_id"] == "1985000000000000001"
    assert reply["thread_id"] == "1985000000000000001"


def test_x_long_posts_are_read_from_their_note_and_unknown_languages_are_null():
    comments = case("x/page.json").comments
    assert comments["text"][0] == "Génial ce soir, mais 8 € la consigne du gobelet, vraiment ?"
    assert comments["language"].isna().all()


# --- Zendesk -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["zendesk/tickets.json", "zendesk/tickets.jsonl"])
def test_zendesk_keeps_the_customers_words_and_nobody_elses(name):
    assert texts(case(name)) == {
        ("1", "ticket"): "Le concert est annulé et je n’ai aucune nouvelle du remboursement.",
        ("1", "satisfaction"): "Trois semaines sans réponse",
        ("2", "ticket"): "I never got my tickets by e-mail",
        ("5", "ticket"): "Where is the cloakroom? Nothing on the site.",
    }


def test_zendesk_ratings_count_even_where_an_agent_wrote_the_ticket():
    tables = case("zendesk/tickets.json")
    assert dict(zip(tables.scores["submission_id"], tables.scores["score"], strict=True)) == {"1": 0.0, "3": 1.0}
    assert list(tables.rejects["reason"]) == ["not feedback: made by the help desk itself", "not feedback: deleted"]


def test_zendesk_staff_is_known_by_its_role(tmp_path):
    ticket = {"id": 1, "subject": "Hi", "description": "Note", "requester_id": 9, "submitter_id": 9}
    page = {"tickets": [ticket], "users": [{"id": 9, "role": "agent"}]}
    path = written(tmp_path / "t", json.dumps(page))
    assert list(joined(read.read_any([path])).rejects["reason"]) == ["not feedback: written by an agent"]


# --- recognition -------------------------------------------------------------------------------


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


# --- mapped tables -----------------------------------------------------------------------------

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


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"text": "text", "scores": [{"column": "n", "metric": "nps", "min": 5, "max": 5}]}, "scale of 'n' is empty"),
        ({"text": "text", "created_at": {"column": "n", "format": "%Q"}}, "no time format"),
        ({"text": "text", "encoding": "utf-9"}, "unknown encoding"),
        ({"text": "text", "delimiter": "tab"}, "a delimiter is one character"),
    ],
)
def test_a_mapping_that_cannot_work_is_an_error_that_says_why(tmp_path, mapping, message):
    path = written(tmp_path / "a.csv", "text,n\nHello,1\n")
    with pytest.raises(FileError, match=message):
        mapped(path, mapping)


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
    assert "outside its scale 0–10" in tables.rejects["reason"][0]


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


# --- identity ----------------------------------------------------------------------------------


def test_ids_do_not_depend_on_the_files_name_or_on_the_rows_place(tmp_path):
    one = mapped(written(tmp_path / "a.csv", "text,n\nSlow gate,1\nGood sound,2\n"))
    two = mapped(written(tmp_path / "b.csv", "n,text\n2,Good sound\n1,Slow gate\n"))
    assert set(one.comments["comment_id"]) == set(two.comments["comment_id"])


def test_equal_rows_without_id_are_different_customers(tmp_path):
    tables = mapped(written(tmp_path / "a.csv", "text\nRAS\nRAS\nRAS\n"))
    assert tables.comments["comment_id"].nunique() == 3


def test_ids_that_look_like_personal_data_are_hashed(tmp_path):
    path = written(tmp_path / "a.csv", "id,text\nann@example.org,One\n06 12 34 56 78,Two\nC-17,Three\n")
    ids = list(mapped(path, {"text": "text", "id": "id"}).submissions["submission_id"])
    assert ids[2] == "C-17"
    assert all(len(i) == 16 and set(i) <= set("0123456789abcdef") for i in ids[:2])


def test_a_submission_read_again_counts_once_as_last_edited(tmp_path):
    mapping = {"text": "text", "id": "id", "created_at": "on"}
    first = written(tmp_path / "a.csv", "id,text,on\n1,new words,2026-11-05\n2,other,2026-11-02\n1,older,2026-11-01\n")
    second = written(tmp_path / "b.csv", "id,text,on\n2,other edited,2026-11-06\n")
    source = Source(name="drop", files=[], mapping=mapping)
    tables = joined(read.read(source, [first, second], root=tmp_path))
    assert texts(tables) == {("1", "text"): "new words", ("2", "text"): "other edited"}
    assert [(f, r) for f, r in zip(tables.rejects["file"], tables.rejects["row"], strict=True)] == [
        ("a.csv", 2),
        ("a.csv", 3),
    ]


# --- nothing lost ------------------------------------------------------------------------------

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


# --- explain -----------------------------------------------------------------------------------


def test_explain_names_the_format_and_the_role_of_each_column():
    text = read.explain(CASES / "trustpilot/reviews.csv")
    assert "recognised as trustpilot" in text
    assert any(line.split() == ["Review", "Content", "text"] for line in text.splitlines())


def test_explain_offers_a_mapping_that_works(tmp_path):
    import yaml

    path = written(
        tmp_path / "a.csv", "Respondent ID,What went wrong?,Date\n7,The door was shut for an hour,2026-11-02\n"
    )
    text = read.explain(path)
    mapping = yaml.safe_load(text[text.index("mapping:") :])["mapping"]
    assert mapping == {"text": "What went wrong?", "id": "Respondent ID", "created_at": "Date"}
    assert len(mapped(path, mapping).comments) == 1


def test_explain_says_why_a_file_cannot_be_read(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04 something packed")
    assert "packed" in read.explain(path)
