"""The sample workspace keeps the promises that its README makes."""

import csv
import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from feedback import clean, journey, language, pipeline, read, tables

ROOT = Path(__file__).parent.parent
PLANTED = ROOT / "tests/cases/planted_personal_data.json"


@cache
def inbox() -> tables.Tables:
    """All that the sample's pipeline reads, repaired."""
    weekly = pipeline.load(ROOT / "pipelines/weekly.yaml")
    batches = [
        clean.clean(batch)
        for source in weekly.sources
        for batch in read.read(source, pipeline.files_of(source, ROOT), zone=weekly.zone, root=ROOT)
    ]
    return tables.Tables(*(pd.concat(parts, ignore_index=True) for parts in zip(*batches, strict=True)))


@cache
def sample() -> pd.DataFrame:
    """All comments of the inbox with their language and their ISO week in the pipeline's zone."""
    weekly = pipeline.load(ROOT / "pipelines/weekly.yaml")
    comments = language.detect(inbox().comments, {}, weekly.languages)
    week = comments["created_at"].dt.tz_convert(weekly.zone).dt.strftime("%G-W%V")
    return comments.assign(week=week)


@cache
def gold() -> pd.DataFrame:
    return pd.read_csv(ROOT / "data/gold/concert.csv", dtype={"stage": "str"}, keep_default_na=False)


@pytest.mark.parametrize("week", ["2026-W45", "2026-W46", "2026-W47"])
def test_each_week_has_enough_distinct_comments_in_both_languages(week: str) -> None:
    comments = sample()[sample()["week"] == week]
    assert comments["text"].nunique() >= 250
    assert 0.45 <= (comments["language"] == "fr").mean() <= 0.55


def test_only_the_three_weeks_and_one_broken_date_occur() -> None:
    weeks = sample()["week"]
    assert set(weeks.dropna()) == {"2026-W45", "2026-W46", "2026-W47"}
    assert weeks.isna().sum() == 1


def test_five_sources_speak_in_every_week() -> None:
    assert (sample().groupby("week")["source"].nunique() == 5).all()


def test_each_week_has_repeated_comments_and_reposts() -> None:
    marked = clean.mark_duplicates(sample(), inbox().submissions)
    repeated = marked[marked["duplicate_of"].notna() & ~marked["is_repost"]]
    assert repeated.groupby("week").size().to_dict() == {"2026-W45": 5, "2026-W46": 5, "2026-W47": 5}
    assert marked[marked["is_repost"]].groupby("week").size().to_dict() == {"2026-W45": 4, "2026-W46": 4, "2026-W47": 4}


def test_broken_rows_previews_and_overlaps_are_listed() -> None:
    reasons = inbox().rejects["reason"]
    for found, times in [("cells where the header", 2), ("not feedback", 9), ("not valid JSON", 1), ("read again", 5)]:
        assert reasons.str.contains(found).sum() == times, found


def test_qr_code_complaints_rise_in_the_last_week() -> None:
    week = sample().drop_duplicates("comment_id").set_index("comment_id")["week"]
    complaints = gold()[(gold()["touchpoint"] == "qr-gate") & (gold()["sentiment"] == "negative")]
    counts = complaints["comment_id"].map(week).value_counts()
    assert counts["2026-W47"] > 3 * max(counts["2026-W45"], counts["2026-W46"])


def test_gold_has_600_spans_that_lie_in_their_text() -> None:
    spans = [text[start:end] for text, start, end in zip(gold()["text"], gold()["start"], gold()["end"], strict=True)]
    assert len(spans) == 600
    assert all(span.strip() for span in spans)


def test_gold_names_touchpoints_of_the_journey_and_their_stages() -> None:
    concert = journey.load(ROOT / "data/journeys/concert.yaml")
    stage_of = {target.id: stage.id for stage, target in concert.targets()} | {"general": "", "unassigned": ""}
    assert set(gold()["touchpoint"]) == set(stage_of)
    assert list(gold()["stage"]) == [stage_of[t] for t in gold()["touchpoint"]]


def test_gold_comments_are_comments_of_the_sample() -> None:
    assert set(gold()["comment_id"]) <= set(sample()["comment_id"])


def test_no_other_labelled_file_holds_a_text_of_gold() -> None:
    others = sorted(set((ROOT / "data/gold").glob("*.csv")) - {ROOT / "data/gold/concert.csv"})
    shared = {path.name: len(set(pd.read_csv(path)["text"]) & set(gold()["text"])) for path in others}
    assert shared == dict.fromkeys(shared, 0)


def test_gold_is_bilingual_and_has_all_sentiments() -> None:
    assert set(gold()["sentiment"]) == {"negative", "neutral", "positive"}
    assert 0.45 <= (gold()["language"] == "fr").mean() <= 0.55


def test_personal_data_is_planted_in_the_drops_and_absent_from_gold() -> None:
    planted = json.loads(PLANTED.read_text("utf-8"))
    assert min(map(len, planted)) >= 6
    raw = "\n".join(_text(path) for path in sorted((ROOT / "data/inbox").rglob("*.*")))
    with (ROOT / "data/gold/concert.csv").open(encoding="utf-8", newline="") as file:
        kept = "\n".join(row["text"] for row in csv.DictReader(file))
    assert sum(string in raw for string in planted) > 0.6 * len(planted) > 500
    assert [string for string in planted if string in kept] == []


def _text(path: Path) -> str:
    data = path.read_bytes()
    return data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8")
