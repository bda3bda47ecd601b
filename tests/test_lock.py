"""One process writes a workspace at a time: the others are told which, and a dead one holds nothing."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading

import pytest
import small
from typer.testing import CliRunner

from feedback import cli, lock, run, store, tables
from feedback.errors import StoreError
from feedback.journey import Journey

WEEK = "2026-W46"
HOLDER = """
import pathlib, sys
from feedback import lock
with lock.held(pathlib.Path(sys.argv[1]), "run weekly.yaml, 2026-W46"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of tmp_path until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=small.offline(),
    )  # fmt: skip
    assert process.stdout.readline() == "held\n"
    yield process
    process.stdin.close()
    process.wait(timeout=60)
    process.stdout.close()


def test_a_second_writer_is_told_who_holds_the_workspace_since_when_and_for_which_week(tmp_path, models, holder):
    reviews = small.Reviews(tmp_path, models)
    reviews.drop("a.csv", ("a1", "2026-11-10", "ann", "2", "Late doors"))
    with pytest.raises(StoreError) as caught:
        run.run(reviews.pipeline, week=WEEK)
    line = str(caught.value)
    assert re.search(
        rf"process {holder.pid} since \d{{4}}-\d\d-\d\d \d\d:\d\d UTC, .feedback run weekly.yaml, 2026-W46", line
    )
    assert "Wait until it is done" in line
    assert store.stored_weeks(tmp_path) == []
    with store.writing(tmp_path, WEEK) as folder:
        held = {name: tables.empty(schema) for name, schema in tables.SCHEMAS.items()}
        about = small.info(journey={"version": 1, "file": "data/journeys/shop.yaml"})
        small.save(folder, held, Journey.model_validate(small.JOURNEY), about)
    (tmp_path / "list.csv").write_text("segment_id,touchpoint\n", "utf-8")
    weekly = str(reviews.pipeline)
    for command in (
        ["report", WEEK], ["export", WEEK, "--to", "csv"], ["correct", "list.csv"], ["learn", weekly],
        ["review", weekly], ["remap", weekly], ["forget", weekly, "--author", "ann"],
    ):  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lock, "PATIENCE", 0)
            patch.chdir(tmp_path)
            assert "another process is writing" in str(CliRunner().invoke(cli.app, command).exception)


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait(timeout=60)
    told = tmp_path / "data/runs/.lock.json"
    assert json.loads(told.read_text("utf-8"))["process"] == holder.pid
    with lock.held(tmp_path, "run weekly.yaml") as now:
        assert json.loads(told.read_text("utf-8"))["process"] == os.getpid()
        now("run weekly.yaml, 2026-W47")
        assert json.loads(told.read_text("utf-8"))["doing"] == "run weekly.yaml, 2026-W47"
    assert not told.exists()


def test_whoever_is_patient_waits_until_the_other_is_done(tmp_path, holder):
    with pytest.raises(StoreError, match="another process is writing"), lock.held(tmp_path, "correct", 0.1):
        pass
    threading.Timer(0.5, holder.stdin.close).start()
    with lock.held(tmp_path, "correct list.csv", 60):
        told = json.loads((tmp_path / "data/runs/.lock.json").read_text("utf-8"))
    assert told["doing"] == "correct list.csv"


def test_a_lock_is_free_again_after_an_error(tmp_path):
    with pytest.raises(StoreError, match="inside"), lock.held(tmp_path, "run"):
        raise StoreError("inside")
    with lock.held(tmp_path, "run"):
        pass


@pytest.mark.usefixtures("holder")
def test_a_holder_that_has_not_said_who_it_is_is_told_all_the_same(tmp_path):
    (tmp_path / "data/runs/.lock.json").write_text("{", "ascii")
    with (
        pytest.raises(StoreError, match="another process is writing this workspace: it has not said which"),
        lock.held(tmp_path, "run"),
    ):
        pass


RUNNER = """
import pathlib, sys
from feedback import run
from feedback.errors import StoreError
try:
    run.run(pathlib.Path(sys.argv[1]), week=sys.argv[2])
    print("done")
except StoreError as error:
    print(error.what)
"""


def test_two_runs_at_once_leave_one_whole_run_and_the_other_is_refused_or_follows(tmp_path, models):
    reviews = small.Reviews(tmp_path, models)
    reviews.drop("a.csv", *((f"a{i}", "2026-11-10", f"author {i}", "2", f"Late doors {i}") for i in range(5)))
    command = [sys.executable, "-c", RUNNER, str(reviews.pipeline), WEEK]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=small.offline())
        for _ in range(2)
    ]
    said = sorted(process.communicate()[0].strip() for process in started)
    assert said[-1] == "done"
    assert said[0] == "done" or said[0].startswith("another process is writing this workspace: process ")
    found = store.find(tmp_path, WEEK)
    assert len(found.table("submissions")) == 5
    assert sorted(p.name for p in found.folder.parent.iterdir()) == [found.folder.name, "current"]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_share_that_cannot_lock_is_told_as_such(tmp_path, monkeypatch, number):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(StoreError, match=r"cannot lock files.*local disk"), lock.held(tmp_path, "run weekly.yaml"):
        pass
