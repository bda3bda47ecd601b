"""The workspace: found from below, made whole once, its secret kept."""

import os
from pathlib import Path

import pytest

from feedback import journey, pipeline, workspace
from feedback.errors import StoreError, UsageError


@pytest.fixture
def made(tmp_path):
    workspace.create(tmp_path / "brand")
    return tmp_path / "brand"


def test_the_nearest_folder_with_pipelines_is_found_from_below(made):
    assert workspace.find(made / "data" / "inbox") == made.resolve()


def test_outside_there_is_none(tmp_path):
    assert workspace.find(tmp_path) is None


def test_a_new_workspace_has_all_that_its_pipeline_names(made):
    for path in (made / "pipelines").glob("*.yaml"):
        read = pipeline.load(path)
        journey.load(made / read.journey)
        assert all(pipeline.files_of(source, made) for source in read.sources)


def test_a_new_workspace_keeps_runs_and_salt_out_of_git_and_brings_none(made):
    assert set((made / ".gitignore").read_text().split()) >= {"/data/salt", "/data/runs/", "/reports/"}
    assert not (made / "data/salt").exists()
    assert not list((made / "data/runs").iterdir())


def test_a_folder_that_holds_something_is_left_alone(made):
    before = sorted(made.rglob("*"))
    with pytest.raises(UsageError, match="not empty"):
        workspace.create(made)
    assert sorted(made.rglob("*")) == before


def test_a_file_is_no_folder_to_make_a_workspace_in(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="not empty"):
        workspace.create(tmp_path / "file")
    with pytest.raises(StoreError, match="cannot be made"):
        workspace.create(tmp_path / "file" / "below")


def test_the_salt_is_made_once_differs_between_workspaces_and_is_for_its_owner(made, tmp_path):
    salt = workspace.salt(made)
    assert len(salt) == 16
    assert workspace.salt(made) == salt != workspace.salt(tmp_path)
    assert (made / "data/salt").stat().st_mode & 0o077 == 0


def test_a_salt_that_could_not_be_written_leaves_none(made, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(StoreError, match="No space left"):
            workspace.salt(made)
    assert not (made / "data/salt").exists()
    assert len(workspace.salt(made)) == 16


@pytest.mark.parametrize("text", ["", "\n", "abcd\n", "z" * 32, "ab" * 17, "ÿ"])
def test_a_damaged_salt_is_refused(made, text):
    (made / "data/salt").write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match="damaged"):
        workspace.salt(made)


def test_the_package_brings_the_models():
    assert (workspace.packaged() / "models/weights/manifest.json").is_file()


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet", "out.xlsx"])
def test_a_new_file_of_each_of_the_four_kinds_is_accepted_and_not_touched(tmp_path, name):
    workspace.destination(tmp_path / name, [tmp_path / "in.csv"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "says"), [("out.pdf", "unknown kind"), ("none/out.csv", "no such folder"), ("./x/../in.csv", "replace")]
)
def test_a_place_that_will_not_do_is_told_before_the_work(tmp_path, name, says):
    (tmp_path / "x").mkdir()
    with pytest.raises(UsageError, match=says):
        workspace.destination(Path(f"{tmp_path}/{name}"), [tmp_path / "in.csv"])
