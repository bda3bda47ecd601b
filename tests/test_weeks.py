"""ISO weeks in the pipeline's zone, and which submissions belong to one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import tables, weeks
from feedback.errors import UsageError
from feedback.tables import Tables

PARIS = ZoneInfo("Europe/Paris")
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def submissions(*rows: tuple[str, str | None]) -> Tables:
    """Tables of submissions (id, time), each with one comment."""
    ids, times = zip(*rows, strict=True)
    shared = pd.DataFrame({"submission_id": ids, "source": "s", "file": "f", "row": range(1, len(ids) + 1)})
    created = pd.to_datetime(pd.Series(times), utc=True)
    comments = shared.assign(comment_id=ids, field_id="t", text="x", created_at=created, is_repost=False)
    return Tables(
        tables.conform(shared.assign(source_kind="survey", created_at=created, has_text=True), tables.SUBMISSIONS),
        tables.empty(tables.SCORES),
        tables.conform(comments, tables.COMMENTS),
        tables.empty(tables.REJECTS),
    )


@given(DAYS)
def test_a_day_lies_in_the_week_of_its_label(day):
    assert timedelta(0) <= day - weeks.parse(weeks.label(day)) < timedelta(7)


@pytest.mark.parametrize(
    "text", ["2026-W54", "2025-W53", "2026-W00", "2026-47", "W47", "", "2026-W4", "20261-W01", "x"]
)
def test_what_is_no_week_is_misuse(text):
    with pytest.raises(UsageError, match="not an ISO week"):
        weeks.parse(text)


def test_a_year_of_53_weeks_has_its_last():
    assert weeks.parse("2026-W53") == date(2026, 12, 28)


@given(DAYS, st.integers(0, 60))
def test_a_span_holds_each_week_once_both_ends_included(day, more):
    last = day + timedelta(weeks=more)
    span = weeks.between(f"{weeks.label(day)}..{weeks.label(last)}")
    assert len(span) == more + 1 == len(set(span))
    assert (span[0], span[-1]) == (weeks.label(day), weeks.label(last))


def test_a_span_that_ends_before_it_begins_is_misuse():
    with pytest.raises(UsageError, match="ends before it begins"):
        weeks.between("2026-W47..2026-W45")


@pytest.mark.parametrize("span", ["2026-W45..", "..2026-W45", "2026-W45...2026-W47", "2026-W45..x"])
def test_a_span_without_two_weeks_is_misuse(span):
    with pytest.raises(UsageError):
        weeks.between(span)


def test_one_week_is_no_span():
    assert weeks.asked("2026-W45", None) == ["2026-W45"]
    assert weeks.asked(None, None) == []
    with pytest.raises(UsageError):
        weeks.asked("2026-W45..2026-W46", None)


def test_a_time_belongs_to_the_week_of_the_zone():
    times = pd.to_datetime(pd.Series(["2026-11-15T23:30Z", "2026-11-15T22:30Z", None]), utc=True)
    assert weeks.of(times, PARIS).fillna("none").tolist() == ["2026-W47", "2026-W46", "none"]


def test_the_newest_week_that_is_over_is_taken_else_the_newest():
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert weeks.newest_complete(["2026-W45", "2026-W46", "2026-W47"], now) == "2026-W46"
    assert weeks.newest_complete(["2026-W47"], now) == "2026-W47"
    assert weeks.newest_complete([], now) is None


def test_a_week_holds_its_submissions_and_the_undated_ones_not_read_before():
    raw = submissions(("in", "2026-11-18T12:00Z"), ("out", "2026-11-11T12:00Z"), ("new", None), ("old", None))
    part = weeks.within(raw, "2026-W47", PARIS, frozenset({("s", "old"), ("other", "new")}))
    assert part.submissions["submission_id"].tolist() == ["in", "new"]
    assert part.comments["submission_id"].tolist() == ["in", "new"]


def test_a_run_of_everything_holds_everything():
    raw = submissions(("a", "2026-11-18T12:00Z"), ("b", None))
    assert len(weeks.within(raw, weeks.ALL, PARIS, frozenset({("s", "b")})).submissions) == 2
