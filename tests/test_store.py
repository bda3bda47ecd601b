"""Run folders: whoever reads sees the old run or the new one, whatever happens to the process that writes."""

import errno
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import small
from storing import ROWS, WEEK, once, runs_in, state

from feedback import console, integrity, store, workspace
from feedback.errors import StoreError, UsageError


@pytest.fixture
def reviews(tmp_path, models) -> small.Reviews:
    made = small.Reviews(tmp_path, models)
    made.drop("a.csv", *ROWS)
    return made


# --- folders that cannot be written ------------------------------------------------------------


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the powers of root, which may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def guarded() -> Iterator[Path]:
    """A workspace that may be read but not written."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "data/runs").mkdir(parents=True)
        folders = [root / "data/runs", root / "data", root]
        for folder in folders:
            folder.chmod(0o555)
        yield root
        for folder in reversed(folders):
            folder.chmod(0o755)


def test_a_read_only_folder_gives_one_line_that_says_where_and_what_to_do(guarded):
    with as_nobody(), pytest.raises(StoreError) as caught, store.writing(guarded, WEEK):
        pass
    line = str(caught.value)
    assert "\n" not in line
    assert "Permission denied" in line
    assert str(guarded / "data/runs" / WEEK) in line
    assert "the last good run is untouched" in line


def test_a_read_only_workspace_cannot_keep_a_salt_and_says_so(guarded):
    with as_nobody(), pytest.raises(StoreError, match=r"salt.*Permission denied.*Give access"):
        workspace.salt(guarded)


def test_a_damaged_salt_is_refused_and_not_replaced(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/salt").write_text("not hex\n", "ascii")
    with pytest.raises(StoreError, match="salt is damaged"):
        workspace.salt(tmp_path)
    assert (tmp_path / "data/salt").read_text("ascii") == "not hex\n"


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("primitive", ["fsync", "mkdir", "rename"])
def test_a_full_disk_is_one_line_and_leaves_the_last_good_run(tmp_path, monkeypatch, primitive):
    def written() -> None:
        with store.writing(tmp_path, WEEK) as folder:
            (folder / "run.json").write_text(json.dumps(small.info(WEEK)), "utf-8")

    written()
    before = runs_in(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, primitive, full)
        with pytest.raises(StoreError, match=r"No space left on device.*Free space") as caught:
            written()
    assert "\n" not in str(caught.value)
    assert runs_in(tmp_path) == before
    assert store.find(tmp_path, WEEK).week == WEEK


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A disk of 6 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here: that takes the rights of root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)  # the models are still mapped into memory


def test_a_disk_that_fills_up_during_a_run_is_one_line_and_what_is_stored_stays(disk, models):
    reviews = small.Reviews(disk, models)
    reviews.drop("a.csv", *ROWS)
    before = once(reviews)
    reviews.drop("b.csv", *((f"m{i}", "2026-11-13", f"author {i}", "3", f"Late doors at gate {i}") for i in range(50)))
    with (disk / "filler").open("wb") as filler, suppress(OSError):
        while True:
            os.write(filler.fileno(), b"x" * 4096)
    refused = []
    for left in (0, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22):
        os.truncate(disk / "filler", max((disk / "filler").stat().st_size - left, 0))
        try:
            once(reviews)
            break
        except StoreError as error:
            refused.append(str(error))
        assert state(disk) == (before.folder.name, len(ROWS))
        assert [one.wrong for one in integrity.check(disk)] == [[]]
    assert refused
    assert all(re.fullmatch(r".*(No space left|disk is full|disk I/O).*", line) for line in refused)
    assert (state(disk) or ("", 0))[1] == len(ROWS) + 50


def test_a_report_that_cannot_be_written_is_one_line_and_the_run_is_stored(reviews):
    (reviews.root / "reports").write_text("a file where a folder should be", "ascii")
    with pytest.raises(StoreError, match=f"report.*cannot be written.*feedback report {WEEK}") as caught:
        once(reviews)
    assert "\n" not in str(caught.value)
    assert state(reviews.root) is not None


# --- damaged runs ------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pipeline": "x"}', "\udcff"])
def test_a_damaged_run_json_is_named_and_running_the_week_again_repairs_it(reviews, content):
    folder = once(reviews).folder
    (folder / "run.json").write_text(content, "utf-8", errors="surrogateescape")
    with pytest.raises(StoreError, match=r"run.json is damaged.*run its week again") as caught:
        store.current(reviews.root, WEEK)
    assert str(folder) in str(caught.value)
    once(reviews)
    assert state(reviews.root) is not None


def lacking(value: dict, key: str, *more: str) -> dict:
    """A nested dictionary without one of its entries."""
    if more:
        return value | {key: lacking(value[key], *more)}
    return {name: held for name, held in value.items() if name != key}


@pytest.mark.parametrize(
    "keys",
    ["week", "journey", "journey.version", "models", "thresholds.touchpoint", "thresholds.stage", "inputs", "resolved",
     "resolved.report.languages"],
)  # fmt: skip
def test_a_run_json_without_what_is_read_again_is_damaged(tmp_path, keys):
    with store.writing(tmp_path, WEEK) as folder:
        (folder / "run.json").write_text(json.dumps(small.info(WEEK)), "utf-8")
    run_json = store.find(tmp_path, WEEK).folder / "run.json"
    run_json.write_text(json.dumps(lacking(small.info(WEEK), *keys.split("."))), "utf-8")
    with pytest.raises(StoreError, match=r"run.json is damaged.*run its week again"):
        store.find(tmp_path, WEEK)


def test_the_status_of_a_run_that_says_its_week_alone_is_one_line_of_what_to_do(reviews):
    folder = once(reviews).folder
    (folder / "run.json").write_text(json.dumps({"week": WEEK}), "utf-8")
    with pytest.raises(StoreError, match=r"run.json is damaged.*run its week again"):
        console.status(reviews.root)


def test_other_weeks_run_again_when_the_folder_of_a_damaged_run_is_deleted(reviews):
    folder = once(reviews).folder
    (folder / "run.json").write_text("{", "utf-8")
    reviews.drop("b.csv", ("x1", "2026-11-18", "xan", "4", "Quick entry"))
    with pytest.raises(StoreError, match="Delete this run's folder"):
        once(reviews, "2026-W47")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert once(reviews, "2026-W47").info["previous"] is None
    assert once(reviews).week == WEEK


@pytest.mark.parametrize("name", ["segments.parquet", "journey.json"])
def test_a_damaged_table_or_journey_is_named(reviews, name):
    done = once(reviews)
    (done.folder / name).write_bytes(b"PAR1 not really")
    with pytest.raises(StoreError, match=f"{name}.*run its week again"):
        done.tables() if name.endswith("parquet") else done.journey


def test_a_run_is_found_by_week_and_by_folder_and_an_unknown_one_is_refused(reviews):
    done = once(reviews)
    assert store.find(reviews.root, WEEK).folder == store.find(reviews.root, str(done.folder)).folder == done.folder
    with pytest.raises(UsageError, match=f"no such run. Got '2026-W01'; allowed: {WEEK}"):
        store.find(reviews.root, "2026-W01")
    with pytest.raises(UsageError, match="allowed: none yet"):
        store.find(reviews.root / "elsewhere", "2026-W01")


def test_a_run_folder_holds_the_tables_the_journey_and_what_the_run_says_of_itself(reviews):
    folder = once(reviews).folder
    tables = {f"{name}.parquet" for name in store.SCHEMAS}
    assert {p.name for p in folder.iterdir()} == {*tables, "lemmas.parquet", "journey.json", "run.json"}
    assert (folder.parent / "current").read_text("ascii") == f"{folder.name}\n"
    assert json.loads((folder / "run.json").read_text("utf-8"))["week"] == WEEK
