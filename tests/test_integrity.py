"""`feedback check` tells which stored runs are whole, and older ones are brought to the layout of today."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import small
from typer.testing import CliRunner

from feedback import atomic, cli, integrity, migrate, run, seal, store
from feedback.errors import StoreError

WEEK = "2026-W46"
ROW = ("a1", "2026-11-10", "ann", "2", "The QR code would not scan at the gate")


@pytest.fixture(scope="module")
def made(tmp_path_factory, models) -> small.Reviews:
    reviews = small.Reviews(tmp_path_factory.mktemp("made"), models)
    reviews.drop("a.csv", ROW)
    run.run(reviews.pipeline, week=WEEK)
    return reviews


@pytest.fixture
def root(made, tmp_path):
    shutil.copytree(made.root / "data", tmp_path / "data")
    shutil.copytree(made.root / "pipelines", tmp_path / "pipelines")
    return tmp_path


def checked(root, monkeypatch) -> tuple[str, int]:
    """What the command prints, and whether it leaves with an error."""
    monkeypatch.chdir(root)
    done = CliRunner().invoke(cli.app, ["check"])
    return done.output + str(done.exception or ""), done.exit_code


def test_a_whole_run_is_called_so(root, monkeypatch):
    said, code = checked(root, monkeypatch)
    assert said.split() == [WEEK, store.find(root, WEEK).folder.name, "whole"]
    assert code == 0


def test_a_workspace_without_runs_has_nothing_wrong(tmp_path, monkeypatch):
    (tmp_path / "pipelines").mkdir()
    assert checked(tmp_path, monkeypatch) == ("no run yet; start with `feedback run pipelines/weekly.yaml`\n", 0)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def add_a_count(path):
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"counts": {"read": 7}}), "utf-8")


@pytest.mark.parametrize(
    ("name", "harm", "told"),
    [
        ("segments.parquet", lambda path: path.unlink(), "segments.parquet is missing"),
        ("comments.parquet", cut, "comments.parquet was altered"),
        ("journey.json", lambda path: path.write_text("{}"), "journey.json was altered"),
        ("more.parquet", lambda path: path.write_text("?"), "more.parquet does not belong to it"),
        ("run.json", add_a_count, "run.json was altered"),
        ("run.json", lambda path: path.write_text("{"), "run.json is damaged"),
        ("run.json", lambda path: path.unlink(), "run.json is missing"),
    ],
)
def test_what_is_wrong_with_a_run_is_named_with_what_to_do(root, monkeypatch, name, harm, told):
    harm(store.find(root, WEEK).folder / name)
    said, code = checked(root, monkeypatch)
    assert told in said
    assert f"run it again: `feedback run PIPELINE --week {WEEK}`" in said
    assert "1 of 1 not whole" in said
    assert code == 1


def test_one_of_two_damaged_weeks_can_be_run_again_after_what_is_said_to_do(root, models, monkeypatch):
    shutil.copytree(models, root / "models")
    with (root / "data/inbox/b.csv").open("w", encoding="utf-8") as out:
        out.write("id,date,author,stars,text\nb1,2026-11-17,bob,4,Quick entry\n")
    run.run(root / "pipelines/weekly.yaml", week="2026-W47")
    for week in (WEEK, "2026-W47"):
        (store.find(root, week).folder / "run.json").write_text("{", "utf-8")
    said, _ = checked(root, monkeypatch)
    for one in integrity.check(root):
        folder = f"data/runs/{one.week}/{one.run}"
        assert f"delete {folder}, then run it again: `feedback run PIPELINE --week {one.week}`" in said
        shutil.rmtree(root / folder)
    run.run(root / "pipelines/weekly.yaml", week="2026-W47")
    run.run(root / "pipelines/weekly.yaml", week=WEEK)
    assert [one.wrong for one in integrity.check(root)] == [[], []]


def test_a_damaged_list_of_the_forgotten_is_told_after_the_weeks(root, monkeypatch):
    (root / "data/forgotten.json").write_text("{", "ascii")
    said, code = checked(root, monkeypatch)
    assert store.find(root, WEEK).folder.name in said
    assert "the list of who was forgotten is damaged" in said
    assert "restore it from a backup" in said
    assert code == 1


def test_a_run_that_nobody_may_read_is_told(root, monkeypatch):
    read_text = Path.read_text

    def refused(path, *args, **kwargs):
        if path.name == seal.RUN_JSON:
            raise PermissionError(13, "Permission denied", str(path))
        return read_text(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", refused)
    said, code = checked(root, monkeypatch)
    assert "run.json cannot be read: Permission denied" in said
    assert code == 1


def test_a_missing_run_an_older_one_and_one_that_was_stopped_are_told_apart(root, monkeypatch):
    folder = store.find(root, WEEK).folder
    (folder.parent / f".20261116T080000-beef{atomic.PART}").mkdir()
    (folder.parent / "20251116T080000-dead").mkdir()
    said, code = checked(root, monkeypatch)
    assert "removes older ones: 20251116T080000-dead" in said
    assert "a run was stopped" in said
    assert code == 0
    (folder.parent / "current").write_text("20261116T080000-beef\n", "ascii")
    said, code = checked(root, monkeypatch)
    assert "the current run is missing" in said
    assert code == 1
    (folder.parent / "current").unlink()
    said, code = checked(root, monkeypatch)
    assert f"no run is the current one, and there are 20251116T080000-dead, {folder.name}" in said
    assert code == 1


def older(root) -> store.Run:
    """The run as version 1 of the layout had it, with a column less and one more."""
    found = store.find(root, WEEK)
    told = {key: value for key, value in found.info.items() if key not in ("layout", "files", seal.SEAL)}
    (found.folder / "run.json").write_text(json.dumps(told), "utf-8")
    comments = found.table("comments").drop(columns="thread_id").assign(dropped=1)
    comments.to_parquet(found.folder / "comments.parquet", index=False)
    return store.find(root, WEEK)


def test_a_run_of_an_older_layout_is_told_and_brought_to_this_one(root, monkeypatch):
    before = store.find(root, WEEK)
    tables = before.tables()
    older(root)
    store.mark_for_rerun(root, WEEK, "late")
    said, code = checked(root, monkeypatch)
    assert "of an older layout; the next run brings it to this one" in said
    assert code == 0
    (after,) = migrate.migrate(root)
    assert store.layout_of(after.info) == store.LAYOUT
    for name, table in tables.items():
        pd.testing.assert_frame_equal(after.table(name), table, obj=name)
    assert {key: after.info[key] for key in before.info if key not in ("files", "seal")} == {
        key: value for key, value in before.info.items() if key not in ("files", "seal")
    }
    assert store.rerun_reason(root, WEEK) == "late"
    assert [one.wrong + one.notes for one in integrity.check(root)] == [[]]
    assert migrate.migrate(root) == []


def fewer_columns(root) -> store.Run:
    """The current run without one of the columns that its comments were stored with."""
    found = store.find(root, WEEK)
    found.table("comments").drop(columns="thread_id").to_parquet(found.folder / "comments.parquet", index=False)
    return found


def test_a_run_that_was_altered_is_not_sealed_anew(root):
    found = fewer_columns(root)
    assert migrate.migrate(root) == []
    assert store.find(root, WEEK).folder == found.folder
    assert [one.wrong for one in integrity.check(root)] == [["comments.parquet was altered"]]


def test_a_run_with_digests_that_lacks_a_new_column_is_brought_to_this_layout(root):
    found = fewer_columns(root)
    store.amend(found, {"files": seal.of_files(found.folder)})
    assert [one.week for one in migrate.migrate(root)] == [WEEK]
    assert [one.wrong + one.notes for one in integrity.check(root)] == [[]]


def test_the_next_run_of_any_week_brings_older_runs_to_this_layout(root, models):
    shutil.copytree(models, root / "models")
    older(root)
    with (root / "data/inbox/b.csv").open("w", encoding="utf-8") as out:
        out.write("id,date,author,stars,text\nb1,2026-11-17,bob,4,Quick entry\n")
    run.run(root / "pipelines/weekly.yaml", week="2026-W47")
    assert "thread_id" in pq.read_schema(store.find(root, WEEK).folder / "comments.parquet").names
    assert [one.wrong for one in integrity.check(root)] == [[], []]


def test_an_older_run_that_lacks_what_cannot_be_null_is_left_and_says_what_to_do(root):
    found = older(root)
    found.table("segments").drop(columns="text").to_parquet(found.folder / "segments.parquet", index=False)
    assert migrate.migrate(root) == []
    assert store.find(root, WEEK).folder == found.folder


def test_a_run_of_a_newer_layout_is_refused(root, monkeypatch):
    found = store.find(root, WEEK)
    (found.folder / "run.json").write_text(json.dumps(found.info | {"layout": store.LAYOUT + 1}), "utf-8")
    with pytest.raises(StoreError, match=f"a newer version.*layout {store.LAYOUT + 1}.*up to {store.LAYOUT}"):
        store.find(root, WEEK)
    said, code = checked(root, monkeypatch)
    assert "a newer version of feedback stored this run" in said
    assert code == 1
