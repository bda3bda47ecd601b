"""A run that was stopped takes up what it had tagged, and only that."""

import pandas as pd
import pytest
import small

from feedback import resume, run, store

WEEK = "2026-W46"
ROWS = [(f"a{i}", "2026-11-10", f"author {i}", "2", f"The QR code {i} would not scan at the gate") for i in range(6)]


class Stopped(BaseException):
    """The process ends here."""


@pytest.fixture
def reviews(tmp_path, models, monkeypatch) -> small.Reviews:
    monkeypatch.setattr(run, "BATCH", 2)
    made = small.Reviews(tmp_path, models)
    made.drop("a.csv", *ROWS)
    return made


def stop(*_):
    raise Stopped


def tagging(monkeypatch, *, until: int | None = None) -> list[int]:
    """The number of comments of each batch that is tagged; the process ends before the batch `until`."""
    sizes: list[int] = []
    tag = run.tag

    def counted(raw, *rest):
        if len(sizes) == until:
            raise Stopped
        sizes.append(len(raw.comments))
        return tag(raw, *rest)

    monkeypatch.setattr(run, "tag", counted)
    return sizes


def test_a_stopped_run_tags_only_what_it_had_not_and_gives_the_same_tables(reviews, monkeypatch):
    whole = run.run(reviews.pipeline, week=WEEK)[0].tables()
    with monkeypatch.context() as patch:
        tagging(patch, until=2)
        with pytest.raises(Stopped):
            run.run(reviews.pipeline, week=WEEK)
    kept = store.runs_folder(reviews.root) / WEEK / resume.FOLDER
    assert len(list(kept.iterdir())) == 2
    assert "author 0" not in "".join(str(pd.read_parquet(path)) for path in kept.glob("*/*.parquet"))
    with monkeypatch.context() as patch:
        sizes = tagging(patch)
        again = run.run(reviews.pipeline, week=WEEK)[0]
    assert sizes == [2]
    for name, table in whole.items():
        pd.testing.assert_frame_equal(again.table(name), table, obj=name)
    assert not kept.exists()


def test_a_kept_batch_that_was_damaged_is_tagged_anew(reviews, monkeypatch):
    with monkeypatch.context() as patch:
        tagging(patch, until=2)
        with pytest.raises(Stopped):
            run.run(reviews.pipeline, week=WEEK)
    first, second = sorted((store.runs_folder(reviews.root) / WEEK / resume.FOLDER).iterdir())
    cut = first / "segments.parquet"
    cut.write_bytes(cut.read_bytes()[:-9])
    (second / resume.REDACTED).write_text("{", "utf-8")
    sizes = tagging(monkeypatch)
    assert len(run.run(reviews.pipeline, week=WEEK)[0].table("comments")) == len(ROWS)
    assert sizes == [2, 2, 2]


def test_what_rests_on_other_rows_or_settings_is_tagged_anew(reviews, monkeypatch):
    with monkeypatch.context() as patch:
        tagging(patch, until=2)
        with pytest.raises(Stopped):
            run.run(reviews.pipeline, week=WEEK)
    reviews.drop("b.csv", ("a1", "2026-11-12", "author 1", "5", "It did scan in the end"))
    with monkeypatch.context() as patch:
        sizes = tagging(patch)
        patch.setattr(run, "mark_duplicates", stop)
        with pytest.raises(Stopped):
            run.run(reviews.pipeline, week=WEEK)
    assert sizes == [2, 2]
    written = reviews.pipeline.read_text("utf-8")
    reviews.pipeline.write_text(f"{written}\nthresholds: {{touchpoint: 0.4}}\n", "utf-8")
    sizes = tagging(monkeypatch)
    run.run(reviews.pipeline, week=WEEK)
    assert sizes == [2, 2, 2]
