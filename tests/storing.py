"""A week of three reviews that tests run and store, and what is stored of it."""

from pathlib import Path

import small

from feedback import run, store

WEEK = "2026-W46"
ROWS = [
    ("a1", "2026-11-10", "ann", "2", "The QR code would not scan at the gate"),
    ("b1", "2026-11-11", "bob", "5", "Le concert était magnifique du début à la fin"),
    ("c1", "2026-11-12", "cid", "1", "Nobody told us when the doors would open"),
]


def runs_in(root: Path) -> list[str]:
    return sorted(p.name for p in (root / "data/runs" / WEEK).iterdir())


def once(reviews: small.Reviews, week: str = WEEK) -> store.Run:
    return run.run(reviews.pipeline, week=week)[0]


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
