"""What people see on the terminal."""

from pathlib import Path

from feedback import console
from feedback.run import Plan
from feedback.tag import Written


def test_one_is_told_from_several():
    told = console.plan(Plan([("reviews", 1, 1, 0, 0), ("posts", 2, 1200, 1100, 1)], ["2026-W47"]))
    assert told.splitlines()[:2] == [
        "reviews: 1 file, 1 submission, 0 rejects",
        "posts: 2 files, 1,200 submissions (1,100 without a date), 1 reject",
    ]


def test_rows_without_tags_are_told_with_those_written():
    assert console.tagged(Written(1, 0), Path("out.csv")) == "1 row written to out.csv"
    assert "no tags for 2 rows of the file: too few" in console.tagged(Written(5, 2), Path("out.csv"))


def test_a_step_outside_the_line_leaves_the_bar_where_it_is(monkeypatch):
    from rich.progress import Progress

    said = []
    monkeypatch.setattr(Progress, "update", lambda _self, _task, **now: said.append(now["completed"]))
    with console.progress() as steps:
        steps("encode", lambda: None)
        steps("write", lambda: None)
    assert said[0] > 0
    assert said[1] is None
