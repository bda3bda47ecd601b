"""Runs of a pipeline one after the other: what counts as earlier, what is compared, what was said before."""

from pathlib import Path

import pandas as pd
import pytest
import small

from feedback import record, run, store, tables
from feedback.errors import StoreError
from feedback.inbox import Seen
from feedback.journey import Journey

INFO = small.info()
MODELS = INFO["models"]
PLACES = Journey.model_validate(small.JOURNEY)
LONG = "We stood at the north gate for forty minutes because every second scanner was broken that night"


def rows(*written: tuple[str, str | None, str | None, str]) -> tables.Tables:
    """Submissions (id, author, time, text) with a comment each."""
    ids, authors, times, texts = zip(*written, strict=True)
    shared = pd.DataFrame({"submission_id": ids, "source": "s", "file": "f", "row": range(1, len(ids) + 1)})
    shared["created_at"] = pd.to_datetime(pd.Series(times), utc=True, format="ISO8601")
    submissions = shared.assign(author=pd.Series(authors, dtype="str"), source_kind="review", has_text=True)
    comments = shared.assign(comment_id=[f"c-{i}" for i in ids], field_id="t", text=texts, is_repost=False)
    return tables.Tables(
        tables.conform(submissions, tables.SUBMISSIONS),
        tables.empty(tables.SCORES),
        tables.conform(comments, tables.COMMENTS),
        tables.empty(tables.REJECTS),
    )


def keep(root: Path, week: str, batch: tables.Tables | None = None, journey: Journey = PLACES, **info) -> store.Run:
    """Store a run of a batch."""
    held = {name: tables.empty(schema) for name, schema in tables.SCHEMAS.items()} | (batch._asdict() if batch else {})
    with store.writing(root, week) as folder:
        small.save(folder, held, journey, INFO | {"week": week} | info)
    return store.find(root, week)


def weeks_of(runs: list[store.Run]) -> list[str]:
    return [done.week for done in runs]


def test_runs_of_other_pipelines_are_no_part_of_a_pipelines_history(tmp_path):
    for week, name in (("2026-W43", "weekly"), ("2026-W44", "weekly"), ("2026-W45", "monthly"), ("2026-W47", "weekly")):
        keep(tmp_path, week, rows((f"u-{week}", None, None, "x")), pipeline=name)
    keep(tmp_path, "all")
    assert weeks_of(store.earlier(tmp_path, "2026-W46", "weekly")) == ["2026-W43", "2026-W44"]
    assert weeks_of(store.earlier(tmp_path, "2026-W46", "monthly")) == ["2026-W45"]
    assert store.earlier(tmp_path, "all", "weekly") == []
    assert store.undated_elsewhere(tmp_path, "2026-W44", "weekly") == {("s", "u-2026-W43"), ("s", "u-2026-W47")}
    assert weeks_of(store.history(tmp_path)) == ["2026-W43", "2026-W44", "2026-W45", "2026-W47"]


def test_the_run_of_another_pipeline_is_not_replaced(tmp_path):
    folder = keep(tmp_path, "2026-W46", pipeline="monthly").folder
    store.refuse_others(tmp_path, ["2026-W45", "2026-W46"], "monthly")
    with pytest.raises(StoreError, match=r"'monthly' has run this week.*Got 'weekly'.*another workspace") as caught:
        store.refuse_others(tmp_path, ["2026-W45", "2026-W46"], "weekly")
    assert "data/runs/2026-W46" in str(caught.value)
    (folder / "run.json").write_text("{", "utf-8")
    store.refuse_others(tmp_path, ["2026-W46"], "weekly")


def test_a_change_of_what_tags_rest_on_is_named(tmp_path):
    before = keep(tmp_path, "2026-W46")
    edited = PLACES.model_copy(update={"stages": PLACES.stages[:1]})
    looser = {"touchpoint": 0.4, "stage": 0.6, "min_count": 10}
    assert store.changed(before, INFO, PLACES) is None
    assert store.changed(before, INFO | {"thresholds": INFO["thresholds"] | {"min_count": 30}}, PLACES) is None
    assert store.changed(before, INFO | {"models": MODELS | {"encoder": "e2"}}, PLACES) == "models"
    assert store.changed(before, INFO, PLACES.model_copy(update={"version": 2})) == "journey"
    assert store.changed(before, INFO, edited) == "journey"
    assert store.changed(before, INFO | {"thresholds": looser}, edited) == "journey, thresholds"


def test_late_arrivals_are_counted_by_the_week_that_lacks_them(tmp_path):
    runs = [keep(tmp_path, "2026-W45", rows(("a", None, "2026-11-03", "x"))), keep(tmp_path, "2026-W46")]
    seen = pd.DataFrame({"source": "s", "submission_id": ["a", "b", "c"], "week": ["2026-W45", "2026-W46", "2026-W47"]})
    assert store.late(runs, seen) == [{"week": "2026-W46", "n": 1}]
    assert store.rerun_reason(tmp_path, "2026-W46") is None


def test_a_comment_repeats_one_of_an_earlier_week(tmp_path):
    sunday = rows(
        ("a", "ann", "2026-11-15", "RAS"), ("b", "bob", "2026-11-09", LONG), ("u", "una", None, "Late doors again"),
    )  # fmt: skip
    batch = rows(
        ("again", "ann", "2026-11-16", "ras"),
        ("much later", "ann", "2026-11-22T23:00Z", "RAS"),
        ("another", "dan", "2026-11-16", "RAS"),
        ("copied", "eve", "2026-11-18", f"{LONG}!"),
        ("undated", "una", "2026-11-16", "late doors again"),
        ("new", "fay", "2026-11-18", "Quick entry"),
    )
    marked = run.mark_duplicates(batch, [keep(tmp_path, "2026-W46", sunday)])
    assert marked["comment_id"].tolist() == batch.comments["comment_id"].tolist()
    assert marked.set_index("submission_id")["duplicate_of"].dropna().to_dict() == {
        "again": "c-a", "copied": "c-b", "undated": "c-u",
    }  # fmt: skip
    alone = run.mark_duplicates(batch, []).set_index("submission_id")["duplicate_of"].dropna()
    assert alone.to_dict() == {"much later": "c-again"}


def test_a_comment_does_not_repeat_itself_when_its_date_moved_to_a_later_week(tmp_path):
    before = keep(tmp_path, "2026-W46", rows(("a", "ann", "2026-11-15", LONG)))
    assert run.mark_duplicates(rows(("a", "ann", "2026-11-16", LONG)), [before])["duplicate_of"].isna().all()


def test_a_run_can_say_more_of_itself_later(tmp_path):
    done = store.amend(keep(tmp_path, "2026-W46"), {"rows": {"read": 3}})
    assert done.info["rows"] == store.find(tmp_path, "2026-W46").info["rows"] == {"read": 3}
    assert done.info["week"] == "2026-W46"
    assert not list(done.folder.glob(".*"))


def reject(file: str, row: int | None, reason: str) -> dict[str, object]:
    return {"file": file, "row": row, "reason": reason, "remedy": "mend it", "excerpt": None}


def test_rejects_are_told_with_their_week_or_once(tmp_path):
    again = "read again: a later or equal edit stands elsewhere"
    rejects = [
        reject("old.csv", 3, "broken"), reject("old.csv", 4, again), reject("mixed.csv", 2, again),
        reject("new.csv", None, "not a table"), reject("new2.csv", 9, "broken"),
    ]  # fmt: skip
    inputs = {"old.csv": "1", "mixed.csv": "2", "new.csv": "3", "new2.csv": "4"}
    table = tables.conform(pd.DataFrame(rejects), tables.REJECTS)
    taken = rows(("a", None, "2026-11-17", "x"))
    taken = taken._replace(submissions=taken.submissions.assign(file="mixed.csv"))
    others = pd.DataFrame({"source": "s", "submission_id": ["a", "b", "c"], "file": "mixed.csv", "week": None})
    seen = Seen(others, table, {}, inputs)
    before = keep(tmp_path, "2026-W46", inputs={"old.csv": "1", "mixed.csv": "2"})
    told = record.news(seen, taken, [before])
    assert told["file"].tolist() == ["mixed.csv", "new.csv", "new2.csv"]
    counts = record.counts(seen, taken._replace(rejects=told), {}, [])
    assert counts == {
        "read": 5, "other_weeks": 2, "read_again": 1, "told_before": 2, "redacted": {}, "late": [],
    }  # fmt: skip
    assert record.news(seen, taken, [])["file"].tolist() == table["file"].tolist()


def test_steps_keep_the_seconds_and_the_rows_of_a_week():
    steps, batch = run.Steps(), rows(("a", None, "2026-11-17", "x"), ("b", None, "2026-11-17", "y"))
    for _ in range(2):
        steps("clean", lambda: batch)
        steps("redact", lambda: (batch, []))
    steps("split", lambda: batch.comments.head(1))
    steps("store", lambda: None)
    made = steps.record()
    assert made["rows"] == {"clean": 4, "redact": 4, "split": 1}
    assert list(made["seconds"]) == ["clean", "redact", "split", "store"]
    steps.clear()
    assert steps.record() == {"seconds": {}, "rows": {}}
