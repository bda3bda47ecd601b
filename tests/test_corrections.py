"""Corrections: read from what people edit, appended once, kept through crashes, stronger than the model for ever."""

import json
import multiprocessing

import numpy as np
import pandas as pd
import pytest
import small
import yaml
from typer.testing import CliRunner

from feedback import agreement, cli, corrections, labels, store, tables
from feedback.errors import FileError, UsageError
from feedback.export.file import write as write_file
from feedback.journey import Journey

PLACES = Journey.model_validate(small.JOURNEY)
TEXT = "The fees are absurd. The gate was closed"


def segments(*rows: tuple[str, str, int, int, str, str | None, str]) -> pd.DataFrame:
    """Segments (segment_id, text, start, end, assignment, touchpoint, sentiment) as a run stores them."""
    names = ["segment_id", "text", "start", "end", "assignment", "touchpoint", "sentiment"]
    table = pd.DataFrame(rows, columns=names).assign(tagged_by="model", model_version="m", reason="name")
    table["comment_id"] = table["segment_id"].str.split(":").str[0]
    table["stage"] = table["touchpoint"].map({"fees": "buy", "gate": "attend"})
    table["sentiment_score"], table["stage_confidence"], table["touchpoint_confidence"] = 0.1, 0.6, 0.6
    table["reason_start"], table["reason_end"] = table["start"], table["end"]
    return tables.conform(table.assign(p_negative=0.3, p_neutral=0.3, p_positive=0.4), tables.SEGMENTS)


def sample() -> pd.DataFrame:
    """Two segments of one comment, and one of another."""
    return segments(
        ("c1:0", TEXT[:20], 0, 20, "touchpoint", "gate", "positive"),
        ("c1:1", TEXT[21:], 21, 40, "unassigned", None, "negative"),
        ("c2:0", "Lovely", 0, 6, "general", None, "positive"),
    )


@pytest.fixture
def root(tmp_path):
    held = {name: tables.empty(schema) for name, schema in tables.SCHEMAS.items()} | {"segments": sample()}
    with store.writing(tmp_path, "2026-W46") as folder:
        small.save(folder, held, PLACES, small.info())
    return tmp_path


def edited(root, suffix=".csv", **cells):
    """Our own export of the segments with some cells edited: column={segment_id: value}."""
    table = sample().set_index("segment_id", drop=False)
    for column, values in cells.items():
        for identifier, value in values.items():
            table.loc[identifier, column] = value
    path = root / f"edited{suffix}"
    write_file(table.reset_index(drop=True), path, ["text"])
    return path


def taken(path, root, by="ann"):
    return corrections.take(path, root, PLACES, by)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".jsonl"])
def test_an_edited_export_gives_what_was_changed_and_no_more(root, suffix):
    path = edited(root, suffix, touchpoint={"c1:0": "fees"}, sentiment={"c1:0": "negative", "c2:0": "neutral"})
    found = taken(path, root)
    assert found.refused == []
    assert (len(found.new), found.unchanged) == (2, 1)
    said = found.new.set_index("text")[["touchpoint", "stage", "sentiment", "by"]].fillna("").to_numpy().tolist()
    assert said == [["fees", "", "negative", "ann"], ["", "", "neutral", "ann"]]


def test_general_and_unassigned_are_said_in_the_touchpoint_or_the_assignment(root):
    path = edited(root, touchpoint={"c1:0": "unassigned"}, assignment={"c1:1": "general"})
    assert taken(path, root).new.set_index("text")["touchpoint"].to_dict() == {
        TEXT[:20]: "unassigned", TEXT[21:]: "general",
    }  # fmt: skip


def test_the_same_file_again_adds_nothing(root):
    path = edited(root, touchpoint={"c1:0": "fees"})
    assert len(taken(path, root).new) == 1
    again = taken(path, root)
    assert (len(again.new), again.known) == (0, 1)
    assert len(corrections.load(root)) == 1
    assert len(taken(path, root, by="bob").new) == 1


def test_rows_that_cannot_be_taken_are_listed_and_the_others_are_taken(root):
    path = root / "list.csv"
    path.write_text(
        "segment_id,touchpoint,sentiment\nc1:0,fee,\nc9:0,gate,\n,gate,\nc1:1,gate,bad\nc2:0,gate,\nc1:1,fees,\nc1:1,gate,\n",
        "utf-8",
    )
    found = taken(path, root)
    assert [(refused.row, refused.reason) for refused in found.refused] == [
        (1, "unknown touchpoint 'fee'"),
        (2, "the segment 'c9:0' is in no stored run"),
        (3, "no segment_id"),
        (4, "unknown sentiment 'bad'"),
        (6, "this file says different things of the segment 'c1:1'"),
        (7, "this file says different things of the segment 'c1:1'"),
    ]
    assert found.refused[0].remedy == "did you mean 'fees'?"
    assert found.new["text"].tolist() == ["Lovely"]


def test_a_file_in_another_encoding_and_with_semicolons_is_read(root):
    path = root / "excel.csv"
    path.write_bytes("segment_id;texte;touchpoint\r\nc1:0;Frais élevés à l’achat, très chers;fees\r\n".encode("cp1252"))
    assert taken(path, root).new["touchpoint"].tolist() == ["fees"]


@pytest.mark.parametrize(
    ("content", "error"),
    [("a,b\n1,2\n", "these are no corrections.*segment_id"), ("", "these are no corrections"), ("[1, 2]", ".")],
)
def test_what_is_no_file_of_corrections_is_refused(root, content, error):
    path = root / "other.csv"
    path.write_text(content, "utf-8")
    with pytest.raises((FileError, UsageError), match=error):
        taken(path, root)
    with pytest.raises(UsageError, match="no such file"):
        taken(root / "none.csv", root)


def test_a_workspace_without_runs_has_nothing_to_correct(root, tmp_path_factory):
    with pytest.raises(UsageError, match="no run to correct"):
        taken(edited(root, touchpoint={"c1:0": "fees"}), tmp_path_factory.mktemp("empty"))


def test_label_studio_tasks_are_read(root):
    result = [
        {"from_name": "touchpoint", "type": "choices", "value": {"choices": ["fees"]}},
        {"from_name": "sentiment", "type": "choices", "value": {"choices": ["negative"]}},
    ]
    task = {
        "data": {"segment_id": "c1:0", "text": "The fees …"},
        "annotations": [
            {"completed_by": {"id": 4, "email": "ann@brand.example"}, "result": result},
            {"completed_by": 7, "result": result[:1]},
            {"completed_by": 8, "was_cancelled": True, "result": result},
        ],
    }
    path = root / "tasks.json"
    path.write_text(json.dumps([task, {"data": {"segment_id": "c2:0"}, "annotations": []}]), "utf-8")
    found = labels.read(path)
    assert found["by"].tolist() == ["ann@brand.example", "7"]
    assert found["sentiment"].fillna("").tolist() == ["negative", ""]
    assert len(taken(path, root).new) == 2


def test_argilla_records_of_both_versions_are_read(root):
    second = {"id": "1", "metadata": {"segment_id": "c1:0"}, "fields": {"text": "…"}, "suggestions": {},
              "responses": {"touchpoint": [{"value": "fees", "user_id": "u1"}, {"value": "gate", "user_id": "u2"}],
                            "sentiment": [{"value": "negative", "user_id": "u1"}]}}  # fmt: skip
    first = {"metadata": {}, "external_id": "c2:0", "responses": [
        {"user_id": "u1", "status": "submitted", "values": {"touchpoint": {"value": "gate"}}},
        {"user_id": "u2", "status": "discarded", "values": {"touchpoint": {"value": "fees"}}},
    ]}  # fmt: skip
    path = root / "records.json"
    path.write_text(json.dumps([second, first]), "utf-8")
    found = labels.read(path).fillna("")
    assert found[["row", "segment_id", "touchpoint", "sentiment", "by"]].to_numpy().tolist() == [
        [1, "c1:0", "fees", "negative", "u1"], [1, "c1:0", "gate", "", "u2"], [2, "c2:0", "gate", "", "u1"],
    ]  # fmt: skip


def test_a_record_that_is_none_of_its_tool_is_listed_and_the_others_are_taken(root):
    good = {"data": {"segment_id": "c1:0"}, "annotations": [
        {"completed_by": 1, "result": [{"from_name": "touchpoint", "value": {"choices": ["fees"]}}]},
    ]}  # fmt: skip
    path = root / "tasks.jsonl"
    path.write_text("\n".join(map(json.dumps, [good, {"annotations": 3}, {"annotations": ["x"], "data": []}])), "utf-8")
    found = taken(path, root)
    assert len(found.new) == 1
    assert [refused.row for refused in found.refused] == [2, 3]


def test_a_correction_wins_on_its_segment_and_the_last_word_counts(root):
    taken(edited(root, touchpoint={"c1:0": "gate"}, sentiment={"c1:0": "neutral"}), root)
    taken(edited(root, touchpoint={"c1:0": "fees", "c1:1": "unassigned"}, sentiment={"c1:0": "negative"}), root, "bob")
    tagged = corrections.apply(sample(), corrections.latest(root), PLACES).set_index("segment_id")
    first = tagged.loc["c1:0"]
    assert (first["touchpoint"], first["stage"], first["assignment"]) == ("fees", "buy", "touchpoint")
    assert (first["sentiment"], first["sentiment_score"], first["p_negative"]) == ("negative", -1, 1)
    assert (first["tagged_by"], first["reason"], first["touchpoint_confidence"]) == ("human", "correction", 1)
    assert tagged["tagged_by"].tolist() == ["human", "model", "model"]
    tables.conform(tagged.reset_index(), tables.SEGMENTS)


def test_a_correction_follows_its_words_when_a_comment_is_cut_otherwise(root):
    taken(edited(root, touchpoint={"c1:0": "fees", "c1:1": "general"}), root)
    known = corrections.latest(root)
    whole = segments(("c1:0", TEXT, 0, 40, "unassigned", None, "negative"))
    assert corrections.apply(whole, known, PLACES)["touchpoint"].tolist() == ["fees"]
    moved = segments(("c1:0", "Hello!", 0, 6, "unassigned", None, "neutral"),
                     ("c1:1", TEXT[:20], 7, 27, "unassigned", None, "negative"))  # fmt: skip
    assert corrections.apply(moved, known, PLACES)["touchpoint"].fillna("").tolist() == ["", "fees"]
    other = segments(("c1:0", "All rewritten since then", 0, 24, "unassigned", None, "neutral"))
    pd.testing.assert_frame_equal(corrections.apply(other, known, PLACES), other)


def test_a_correction_rests_while_its_touchpoint_is_gone(root):
    taken(edited(root, touchpoint={"c1:0": "fees"}), root)
    without = Journey.model_validate(small.JOURNEY | {"stages": small.JOURNEY["stages"][1:]})
    table = corrections.apply(sample(), corrections.latest(root), without)
    pd.testing.assert_frame_equal(table, sample())


def test_a_line_cut_off_by_a_crash_loses_nothing_that_was_said(root):
    taken(edited(root, touchpoint={"c1:0": "fees"}), root)
    path = corrections.file(root)
    with path.open("ab") as out:
        out.write(path.read_bytes()[:50])
    assert len(corrections.load(root)) == 1
    taken(edited(root, sentiment={"c2:0": "neutral"}), root)
    assert corrections.load(root)["text"].tolist() == [TEXT[:20], "Lovely"]


def _append_many(root, who):
    for i in range(20):
        said = dict.fromkeys(corrections.FIELDS) | {"comment_id": f"{who}-{i}", "touchpoint": "fees", "by": who}
        corrections.append(root, pd.DataFrame([said]))


def test_two_processes_that_correct_at_once_lose_nothing(root):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_append_many, args=(root, who)) for who in ("ann", "bob")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = corrections.load(root)
    assert len(found) == 40
    assert set(found["comment_id"]) == {f"{who}-{i}" for who in ("ann", "bob") for i in range(20)}


def test_conflicts_and_agreement_are_told(root):
    taken(edited(root, touchpoint={"c1:0": "fees", "c1:1": "gate"}), root, "ann")
    taken(edited(root, touchpoint={"c1:0": "unassigned", "c1:1": "gate"}), root, "bob")
    told = corrections.load(root)
    assert agreement.conflicts(told)["said"].tolist() == ["ann: fees; bob: unassigned"]
    found = agreement.agreement(told)
    assert found["n"] == 2
    assert found["kappa"] == pytest.approx(1 / 3)


def test_agreement_of_people_who_share_nothing_is_not_known(root):
    assert np.isnan(agreement.agreement(corrections.load(root))["alpha"])
    assert agreement.conflicts(corrections.load(root)).empty


def test_the_command_tells_what_was_kept_and_what_was_not(root, monkeypatch):
    (root / "pipelines").mkdir()
    (root / "data/journeys").mkdir()
    (root / "data/journeys/shop.yaml").write_text(yaml.safe_dump(small.JOURNEY), "utf-8")
    done = store.find(root, "2026-W46")
    store.amend(done, {"journey": {"version": 1, "file": "data/journeys/shop.yaml"}})
    monkeypatch.chdir(root)
    taken(edited(root, touchpoint={"c1:0": "fees"}), root, "bob")
    (root / "list.csv").write_text("segment_id,touchpoint\nc1:0,general\nc1:1,gat\n", "utf-8")
    told = CliRunner().invoke(cli.app, ["correct", "list.csv", "--by", "ann"]).output
    assert "1 correction kept" in told
    assert "row 2: unknown touchpoint 'gat'; did you mean 'gate'?" in told
    assert "people differ on 'The fees are absurd.': bob: fees; ann: general" in told
    assert "feedback remap" in told
