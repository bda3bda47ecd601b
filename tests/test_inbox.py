"""What the sources hold, and which weeks of it are run."""

import json
from hashlib import sha256

import pandas as pd
import pytest
import small

from feedback import inbox, pipeline, read, store, tables, weeks
from feedback.errors import FeedbackError
from feedback.weeks import ALL

W46 = ("a1", "2026-11-10", "ann", "2", "The QR code would not scan at the gate")
W47 = ("c1", "2026-11-17", "cid", "1", "Service fees are far too high")
UNDATED = ("u1", "", "una", "3", "Nobody told us when the doors would open")
WHOLE = {"week": None, "span": None, "everything": False}


@pytest.fixture
def reviews(tmp_path) -> small.Reviews:
    (tmp_path / "none").mkdir()
    return small.Reviews(tmp_path / "brand", tmp_path / "none")


def look(reviews: small.Reviews) -> inbox.Seen:
    return inbox.look(pipeline.load(reviews.pipeline), reviews.root)


def choose(reviews: small.Reviews, **asked) -> list[str]:
    return inbox.choose(look(reviews), pipeline.load(reviews.pipeline), reviews.root, **(WHOLE | asked))


def test_what_is_there_is_known_by_week_and_file_without_its_texts(reviews):
    reviews.drop("46.csv", W46, UNDATED)
    reviews.drop("47.csv", W47)
    seen = look(reviews)
    assert list(seen.submissions) == ["source", "submission_id", "file", "week"]
    assert dict(zip(seen.submissions["submission_id"], seen.submissions["week"].fillna(""), strict=True)) == {
        "a1": "2026-W46", "u1": "", "c1": "2026-W47",
    }  # fmt: skip
    file = reviews.root / "data/inbox/46.csv"
    assert seen.inputs["data/inbox/46.csv"] == sha256(file.read_bytes()).hexdigest()
    assert set(seen.inputs) == {"data/inbox/46.csv", "data/inbox/47.csv"}


@pytest.mark.parametrize(
    ("chosen", "ids"), [(["2026-W46"], {"a1", "u1"}), (["2026-W47"], {"c1", "u1"}), ([ALL], {"a1", "c1", "u1"})]
)
def test_only_the_chosen_weeks_and_what_has_no_date_are_held(reviews, chosen, ids):
    reviews.drop("46.csv", W46, UNDATED)
    reviews.drop("47.csv", W47)
    raw = inbox.gather(pipeline.load(reviews.pipeline), reviews.root, look(reviews), chosen)
    assert set(raw.submissions["submission_id"]) == set(raw.comments["submission_id"]) == ids


@pytest.mark.parametrize("week", ["2026-W45", "2026-W46", "2026-W47"])
def test_a_week_is_gathered_from_the_files_that_hold_it_and_is_what_all_files_say(reviews, monkeypatch, week):
    again = ("s1", "11/05/2026", "sam", "3", "The sound was thin")
    reviews.drop("45.csv", ("b1", "11/06/2026", "bob", "4", "Fine"), again)
    reviews.drop("46.csv", ("a1", "11/10/2026", "ann", "2", "Slow"), UNDATED)
    reviews.drop("47.csv", ("c1", "11/17/2026", "cid", "1", "Dear"), (*again[:3], "2", "The sound was thin and late"))
    settings, seen = pipeline.load(reviews.pipeline), look(reviews)
    whole = inbox.gather(settings, reviews.root, seen)
    there = weeks.of(whole.submissions["created_at"], settings.zone)
    expected = weeks.keep(whole, whole.submissions[there.isna() | (there == week)])
    assembled = []
    real = read.sized
    monkeypatch.setattr(read, "sized", lambda batch, *rest: assembled.append(batch.origin.file) or real(batch, *rest))
    found = inbox.gather(settings, reviews.root, seen, [week])
    for name in ("submissions", "scores", "comments"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(expected, name))
    assert set(assembled) == {"data/inbox/46.csv", *found.submissions["file"]} != set(seen.inputs)


@pytest.mark.parametrize("asked", [{}, {"week": "2026-W46"}, {"everything": True}])
def test_files_without_rows_are_told_whatever_is_asked_for(reviews, asked):
    reviews.drop("46.csv")
    with pytest.raises(FeedbackError, match="the files hold no rows"):
        choose(reviews, **asked)


@pytest.mark.parametrize("asked", [{}, {"week": "2026-W46"}, {"everything": True}])
def test_when_no_file_can_be_read_the_first_is_named_with_its_reason_and_what_to_do(reviews, asked):
    (reviews.root / "data/inbox").mkdir()
    (reviews.root / "data/inbox/broken.csv").write_bytes(b"PK\x03\x04 not really a workbook")
    (reject,) = look(reviews).rejects.to_dict("records")
    with pytest.raises(FeedbackError) as caught:
        choose(reviews, **asked)
    line = str(caught.value)
    assert "data/inbox/broken.csv" in line
    assert reject["reason"].lower() in line.lower()
    assert reject["remedy"].lower() in line.lower()
    assert "\n" not in line


def test_feedback_without_a_date_is_run_for_the_week_that_is_named(reviews):
    reviews.drop("a.csv", UNDATED)
    with pytest.raises(FeedbackError, match=r"no submission has a date.*--week.*--all"):
        choose(reviews)
    assert choose(reviews, week="2026-W46") == ["2026-W46"]
    assert choose(reviews, span="2026-W46..2026-W47") == ["2026-W46"]


def test_dates_that_are_none_are_told_when_no_submission_has_one(reviews):
    reviews.drop("a.csv", UNDATED, ("u2", "some day", "ugo", "3", "The newsletter came late"))
    with pytest.raises(FeedbackError) as caught:
        choose(reviews)
    line = str(caught.value)
    assert line.startswith(
        "data/inbox/a.csv: no submission has a date: 1 value of 'date' is no time, the first in row 2."
    )
    assert "Correct the dates, or `created_at` in the mapping of the source" in line
    assert "--week" in line


def test_feedback_without_a_date_belongs_to_one_week_only(reviews):
    reviews.drop("a.csv", UNDATED)
    seen = look(reviews)
    submissions = seen.submissions.assign(source_kind="review", has_text=True, row=1)
    stored = {name: tables.empty(schema) for name, schema in tables.SCHEMAS.items()}
    stored["submissions"] = tables.conform(submissions, tables.SUBMISSIONS)
    with store.writing(reviews.root, "2026-W45") as folder:
        for name, table in stored.items():
            table.to_parquet(folder / f"{name}.parquet")
        (folder / "run.json").write_text(json.dumps(small.info("2026-W45", pipeline="reviews")))
    assert choose(reviews, week="2026-W45") == ["2026-W45"]
    with pytest.raises(FeedbackError, match="no feedback in this week"):
        choose(reviews, week="2026-W46")


def test_a_week_mistyped_is_refused_though_something_has_no_date(reviews):
    reviews.drop("46.csv", W46, UNDATED)
    reviews.drop("47.csv", W47)
    with pytest.raises(FeedbackError, match=r"no feedback in this week.*2026-W46 to 2026-W47"):
        choose(reviews, week="2020-W01")
    assert choose(reviews, span="2026-W45..2026-W46") == ["2026-W46"]
