"""A run that is killed, at random moments or at any step on the disk, leaves the old run or the new one."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import killing
import pandas as pd
import pytest
import small
import yaml
from storing import ROWS, WEEK, runs_in, state

from feedback import atomic, integrity, store

KILLS = int(os.environ.get("FEEDBACK_KILLS", "10"))


@pytest.fixture
def reviews(tmp_path, models) -> small.Reviews:
    made = small.Reviews(tmp_path, models)
    made.drop("a.csv", *ROWS)
    return made


# Imports and models are loaded once; each run is a process of its own, forked from there. The
# language detector's threads do not survive a fork, so the column stands as the export has it.
SERVER = """
import os, pathlib, sys
import pyarrow.parquet
import altair, jinja2  # for the report, once
import killing
from feedback import inbox, language, run

language.detect = lambda comments, *_: comments.assign(language="en", language_confidence=1.0)
pipeline = pathlib.Path(sys.argv[1])
root, settings, places = run.prepare(pipeline)
raw = inbox.gather(settings, root, inbox.look(settings, root))
run.tag(raw, run.load_line(settings, places, root), run.Steps())


for line in sys.stdin:
    if (pid := os.fork()) == 0:
        if (steps := int(line)) >= 0:
            killing.after(steps)
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
            env=small.offline(PYTHONPATH=killing.HERE, TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1", **threads),
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
