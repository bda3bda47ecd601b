"""How right the tags were, from random samples alone."""

import pandas as pd
import pytest

from feedback import audit, console, corrections


def told(*rows):
    """Corrections (segment, touchpoint, stage, sample, given) in the order in which they were made."""
    table = pd.DataFrame(rows, columns=["comment_id", "touchpoint", "stage", "sample", "given"])
    table = table.assign(start=0, end=4, text="text", by="ann")
    return pd.concat([corrections.none(), table])[corrections.FIELDS]


def test_only_what_was_drawn_at_random_counts():
    found = audit.audit(told(
        ("a", "fees", None, "s1", "fees"), ("b", "gate", None, "s1", "fees"), ("c", "fees", None, None, None),
        ("d", "gate", None, "s1", None), ("e", "unassigned", None, "s1", None), ("f", "general", None, "s1", "general"),
        ("g", None, None, "s1", "fees"), ("h", None, "buy", "s1", "fees"),
    ))  # fmt: skip
    assert (found.given, found.right, found.left, found.missed) == (3, 1, 3, 1)
    assert (found.low, found.high) == pytest.approx((0.0615, 0.7923), abs=1e-3)


def test_the_last_word_judges_what_was_given_when_it_was_drawn():
    found = audit.audit(told(
        ("a", "fees", None, "s1", "fees"), ("a", "gate", None, None, None),
        ("b", "fees", None, None, None), ("b", "gate", None, "s2", "gate"),
    ))  # fmt: skip
    assert (found.given, found.right) == (2, 1)


def test_it_is_told_where_there_is_something_to_tell(monkeypatch):
    rows = [(f"r{i}", "fees", None, "s", "fees") for i in range(31)]
    rows += [(f"w{i}", "gate", None, "s", "fees") for i in range(9)]
    monkeypatch.setattr(corrections, "load", lambda root: root)
    assert console.audited(told(*rows, ("n", "fees", None, "s", None))) == [
        "of 40 touchpoints given in random samples, 31 were right [62 to 88 %]",
        "of 1 segment in random samples that got no touchpoint, 1 had one",
    ]
    assert console.audited(told(("a", "fees", None, None, None))) == []
    assert console.audited(corrections.none()) == []
