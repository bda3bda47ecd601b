"""Run folders: whoever reads sees the old run or the new one, whatever happens to the process that writes."""

import errno
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pytest
import small
import yaml

from feedback import atomic, console, integrity, run, store, workspace
from feedback.errors import StoreError, UsageError

WEEK = "2026-W46"
KILLS = int(os.environ.get("FEEDBACK_KILLS", "10"))
ROWS = [
    ("a1", "2026-11-10", "ann", "2", "The QR code would not scan at the gate"),
    ("b1", "2026-11-11", "bob", "5", "Le concert était magnifique du début à la fin"),
    ("c1", "2026-11-12", "cid", "1", "Nobody told us when the doors would open"),
]


@pytest.fixture
def reviews(tmp_path, models) -> small.Reviews:
    made = small.Reviews(tmp_path, models)
    made.drop("a.csv", *ROWS)
    return made


def runs_in(root: Path) -> list[str]:
    return sorted(p.name for p in (root / "data/runs" / WEEK).iterdir())


def once(reviews: small.Reviews, week: str = WEEK) -> store.Run:
    return run.run(reviews.pipeline, week=week)[0]


# --- killed ------------------------------------------------------------------------------------

# Imports and models are loaded once; each run is a process of its own, forked from there. The
# language detector's threads do not survive a fork, so the column stands as the export has it.
SERVER = """
import os, pathlib, signal, sys
import pyarrow.parquet
import altair, jinja2  # for the report, once
from feedback import inbox, language, run

language.detect = lambda comments, *_: comments.assign(language="en", language_confidence=1.0)
pipeline = pathlib.Path(sys.argv[1])
root, settings, places = run.prepare(pipeline)
raw = inbox.gather(settings, root, inbox.look(settings, root))
run.tag(raw, run.load_line(settings, places, root), run.Steps())


def deadly(function, left):
    def step(*args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return step


for line in sys.stdin:
    if (pid := os.fork()) == 0:
        if (steps := int(line)) >= 0:
            left = [steps]
            for name in ("replace", "rename", "unlink", "mkdir", "rmdir"):
                setattr(os, name, deadly(getattr(os, name), left))
        run.run(pipeline, week=sys.argv[2])
        os._exit(0)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Server:
    """A process that forks runs on demand."""

    def __init__(self, reviews: small.Reviews) -> None:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(reviews.pipeline), WEEK],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=small.offline(TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1", **threads),
        )  # fmt: skip

    def run(self, *, after: float | None = None, steps: int = -1) -> int:
        """Run the week and kill it after some seconds or some steps on the disk; returns the exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        if after is not None:
            time.sleep(after)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return int(self.process.stdout.readline())


@pytest.fixture
def server(reviews) -> Iterator[Server]:
    started = Server(reviews)
    yield started
    started.process.stdin.close()
    started.process.wait(timeout=60)


def state(root: Path) -> tuple[str, int] | None:
    """The current run's id and how many submissions it holds, after reading all of it."""
    found = store.current(root, WEEK)
    if found is None:
        return None
    whole = found.tables()
    n = len(whole["submissions"])
    assert len(whole["comments"]) == n
    assert whole["segments"]["comment_id"].nunique() == n
    assert set(whole["friction"]["base"]) == {n}
    assert found.journey.journey == "shop"
    return found.folder.name, n


@pytest.fixture
def published(reviews) -> small.Reviews:
    """With a report and an export."""
    written = yaml.safe_load(reviews.pipeline.read_text("utf-8"))
    small.pipeline(reviews.root, written, report={"languages": ["en"]}, exports=["csv"])
    return reviews


def test_a_run_killed_at_random_moments_leaves_the_old_run_or_the_new_one(published, server):
    reviews = published
    assert server.run() == 0
    start = time.perf_counter()
    assert server.run() == 0
    seconds = time.perf_counter() - start
    old = state(reviews.root)
    assert old is not None
    moments = random.Random(20261116)
    killed = 0
    for k in range(KILLS):
        reviews.drop(f"more{k}.csv", (f"m{k}", "2026-11-13", f"author {k}", "3", "The doors opened late"))
        killed += server.run(after=moments.uniform(0, seconds)) == -signal.SIGKILL
        new = state(reviews.root)
        assert new == old or (new is not None and new[1] == len(ROWS) + k + 1)
        assert [one.wrong for one in integrity.check(reviews.root)] == [[]]
        old = new
        whole_on_paper(reviews.root)
    assert killed >= KILLS // 2
    assert server.run() == 0
    final = state(reviews.root)
    assert final is not None
    assert final[1] == len(ROWS) + KILLS
    assert runs_in(reviews.root) == [final[0], "current"]
    assert [one.wrong for one in integrity.check(reviews.root)] == [[]]


def whole_on_paper(root: Path) -> None:
    """The page and the export are there whole, or not at all."""
    where = root / "reports" / WEEK
    assert (where / "report.en.html").read_text("utf-8").rstrip().endswith("</html>")
    if (where / "csv").exists():
        found = {path.stem: pd.read_csv(path) for path in (where / "csv").iterdir()}
        assert set(found) == set(store.SCHEMAS)
        assert set(found["friction"]["base"]) == {len(found["comments"])}


def test_a_run_killed_at_every_step_on_the_disk_leaves_the_old_run_or_the_new_one(reviews, server):
    assert server.run() == 0
    old = state(reviews.root)
    seen = set()
    for k in range(100):
        reviews.drop("more.csv", *((f"m{i}", "2026-11-13", f"author {i}", "3", "Late doors") for i in range(k + 1)))
        code = server.run(steps=k)
        new = state(reviews.root)
        assert new == old or (new is not None and new[1] == len(ROWS) + k + 1)
        seen.add(new == old)
        old = new
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert code == 0
    assert k > 10
    assert seen == {True, False}
    assert len(runs_in(reviews.root)) == 2


def test_what_a_killed_run_left_goes_with_the_next_one(tmp_path):
    part = tmp_path / "data/runs" / WEEK / f".20261116T080000-beef{atomic.PART}"
    part.mkdir(parents=True)
    with store.writing(tmp_path, WEEK):
        pass
    assert not part.exists()


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
