"""The line as a whole: the same input gives the same tables, weeks follow one another, nothing personal is left."""

import html
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small
import yaml

from feedback import console, encode, inbox, run, store, tables
from feedback.errors import StoreError
from feedback.store import Run

ROOT = Path(__file__).parents[1]
PLANTED = ROOT / "tests/cases/planted_personal_data.json"
QUIET = {"report": {"languages": []}, "exports": []}
SPAN = "2026-W46..2026-W47"
KEYS = {
    "submissions": ["source", "submission_id"],
    "scores": ["source", "submission_id", "question"],
    "comments": ["comment_id"],
    "segments": ["segment_id"],
    "rejects": ["reason", "excerpt"],
    "topics": ["topic_id"],
    "friction": ["touchpoint"],
}


# --- the sample's first rows, tagged by the shipped models ---------------------------------------


@pytest.fixture(scope="module")
def weekly(tmp_path_factory) -> list[Run]:
    """Two weeks of the sample, a few rows of each export."""
    return run.run(small.cut(tmp_path_factory.mktemp("weekly"), **QUIET), span=SPAN)


def test_a_week_run_again_gives_the_same_tables(weekly, tmp_path):
    shutil.copytree(weekly[0].folder.parents[3], tmp_path / "again", ignore=shutil.ignore_patterns("runs", "cache"))
    again = run.run(tmp_path / "again/pipelines/weekly.yaml", span=SPAN)
    for first, second in zip(weekly, again, strict=True):
        for name, table in first.tables().items():
            pd.testing.assert_frame_equal(table, second.table(name), check_exact=True, obj=f"{first.week} {name}")
        volatile = {"seconds", "seal"}
        assert {k: v for k, v in first.info.items() if k not in volatile} == {
            k: v for k, v in second.info.items() if k not in volatile
        }


def test_shuffled_rows_in_renamed_files_give_the_same_ids_and_tags(weekly, tmp_path):
    pipeline = small.cut(tmp_path, arrange=small.shuffled(7), rename=lambda name: f"drop {name}", **QUIET)
    shutil.copy(weekly[0].folder.parents[2] / "salt", tmp_path / "data/salt")
    for first, second in zip(weekly, run.run(pipeline, span=SPAN), strict=True):
        for name in KEYS:
            left, right = (_sorted(r.table(name), name) for r in (first, second))
            pd.testing.assert_frame_equal(left, right, check_exact=False, atol=1e-6, rtol=0, obj=f"{first.week} {name}")


def _sorted(table: pd.DataFrame, name: str) -> pd.DataFrame:
    where = [column for column in ("file", "row") if column in table]
    return table.drop(columns=where).sort_values(KEYS[name]).reset_index(drop=True)


def test_a_week_holds_its_own_submissions_of_all_sources(weekly):
    for done in weekly:
        submissions = done.table("submissions")
        local = submissions["created_at"].dropna().dt.tz_convert("Europe/Paris").dt.strftime("%G-W%V")
        assert set(local) == {done.week}
        assert submissions["source"].nunique() == 5


def test_the_second_week_is_compared_with_the_first(weekly):
    first, second = (done.table("friction") for done in weekly)
    assert [done.info["previous"] for done in weekly] == [None, "2026-W46"]
    assert first["previous"].isna().all()
    assert set(second["previous"]) == {"2026-W46"}
    assert second["previous_n_negative"].tolist() == first["n_negative"].tolist()
    assert second["previous_base"].tolist() == first["base"].tolist()


def test_the_rows_add_up(weekly):
    for done in weekly:
        counts = done.info["counts"]
        rejected = int(done.table("rejects")["row"].notna().sum())
        assert counts["read"] == len(done.table("submissions")) + counts["other_weeks"] + rejected
        assert counts["read"] > counts["other_weeks"] > 0


def test_tables_keep_their_contracts_and_refer_to_each_other(weekly):
    for done in weekly:
        found = done.tables()
        for name, schema in tables.SCHEMAS.items():
            pd.testing.assert_frame_equal(tables.conform(found[name], schema), found[name])
        comments, segments = found["comments"], found["segments"]
        assert set(segments["comment_id"]) == set(comments["comment_id"])
        texts = comments.set_index("comment_id")["text"]
        said = segments.dropna(subset="start")
        assert said["text"].tolist() == [
            texts[c][a:b] for c, a, b in zip(said["comment_id"], said["start"], said["end"], strict=True)
        ]
        keys = pd.MultiIndex.from_frame(found["submissions"][["source", "submission_id"]])
        assert pd.MultiIndex.from_frame(comments[["source", "submission_id"]]).isin(keys).all()
        assert keys.is_unique


def test_run_json_says_what_went_in_and_each_week_has_its_own_seconds_and_rows(weekly):
    for done in weekly:
        info = done.info
        assert len(info["inputs"]) == 10
        assert all(len(digest) == 64 and not Path(name).is_absolute() for name, digest in info["inputs"].items())
        assert set(info["models"]) == {"encoder", "sentiment", "mapping", "spacy"}
        assert info["journey"]["id"] == "concert-tickets"
        assert {"encode", "sentiment", "map", "friction", "store", "report"} <= set(info["seconds"])
        assert info["rows"]["split"] == info["rows"]["encode"] == info["rows"]["topics"] == len(done.table("segments"))
        assert info["rows"]["redact"] == info["rows"]["duplicates"] == len(done.table("comments"))
        assert json.loads((done.folder / "run.json").read_text("utf-8")) == info
        assert info["models"]["spacy"]["fr"].startswith("fr_core_news_sm 3.")
    assert "load models" in weekly[0].info["seconds"]
    assert "load models" not in weekly[1].info["seconds"]


def test_a_comments_tags_do_not_depend_on_the_rest_of_its_batch(weekly):
    root = weekly[0].folder.parents[3]
    _, pipeline, journey = run.prepare(root / "pipelines/weekly.yaml")
    line = run.load_line(pipeline, journey, None)  # in a workspace no text would be encoded twice
    raw = inbox.gather(pipeline, root, inbox.look(pipeline, root))
    whole = run.tag(raw, line, run.Steps())
    order = np.random.default_rng(5).permutation(len(raw.submissions))
    for part in np.array_split(order, 2):
        few = run.tag(run.weeks.keep(raw, raw.submissions.iloc[part]), line, run.Steps())
        left, right = (t.segments.set_index("segment_id") for t in (whole, few))
        pd.testing.assert_frame_equal(left.loc[right.index], right, check_exact=False, atol=1e-6, rtol=0)


# --- weeks of reviews, tagged by the tiny models -------------------------------------------------

W46 = [
    ("a1", "2026-11-10", "ann", "2", "The QR code would not scan at the gate"),
    ("b1", "2026-11-11", "bob", "5", "Le concert était magnifique du début à la fin"),
    ("u1", "", "una", "3", "Nobody told us when the doors would open"),
]
W47 = [("c1", "2026-11-17", "cid", "1", "Service fees are far too high for a digital ticket")]


@pytest.fixture
def reviews(tmp_path, models) -> small.Reviews:
    made = small.Reviews(tmp_path, models)
    made.drop("46.csv", *W46)
    made.drop("47.csv", *W47)
    return made


def ids(done: Run) -> set[str]:
    return set(done.table("submissions")["submission_id"])


def one(reviews: small.Reviews, week: str) -> Run:
    return run.run(reviews.pipeline, week=week)[0]


def test_models_are_found_by_their_folders_in_the_workspace(reviews):
    done = one(reviews, "2026-W46")
    versions = done.info["models"]["encoder"], done.info["models"]["sentiment"]
    assert re.fullmatch(r"models/encoder-[0-9a-f]{12} models/classifier-[0-9a-f]{12}", " ".join(versions))
    segments = done.table("segments")
    assert segments["model_version"].str.startswith("/".join(versions) + "/").all()
    assert np.allclose(segments[["p_negative", "p_neutral", "p_positive"]].sum(axis=1), 1)


def test_a_late_arrival_is_listed_and_its_week_marked_until_it_is_run_again(reviews):
    assert one(reviews, "2026-W46").info["counts"]["late"] == []
    reviews.drop("later.csv", ("d1", "2026-11-12", "dan", "2", "The seat map does not load on my phone"))
    assert one(reviews, "2026-W47").info["counts"]["late"] == [{"week": "2026-W46", "n": 1}]
    assert store.rerun_reason(reviews.root, "2026-W46") == "1 submission of this week arrived late"
    assert "d1" in ids(one(reviews, "2026-W46"))
    assert store.rerun_reason(reviews.root, "2026-W46") is None
    assert one(reviews, "2026-W47").info["counts"]["late"] == []


def test_an_undated_submission_belongs_to_the_first_run_that_reads_it(reviews):
    assert "u1" in ids(one(reviews, "2026-W46"))
    assert "u1" not in ids(one(reviews, "2026-W47"))
    assert "u1" in ids(one(reviews, "2026-W46"))
    reviews.drop("undated.csv", ("u2", "some day", "ugo", "3", "The newsletter came a day after the sale"))
    assert ids(one(reviews, "2026-W47")) == {"c1", "u2"}
    assert ids(one(reviews, "2026-W46")) == {"a1", "b1", "u1"}


def test_a_comment_copied_into_the_next_week_counts_once(reviews):
    long = "We stood at the north gate for forty minutes because every second scanner was broken that night"
    reviews.drop("sunday.csv", ("n1", "2026-11-15", "nil", "1", long))
    reviews.drop("monday.csv", ("n2", "2026-11-16", "nat", "1", f"{long}."), ("n3", "2026-11-16", "ned", "4", "Fine"))
    first, second = run.run(reviews.pipeline, span=SPAN)
    original = first.table("comments").set_index("submission_id").loc["n1", "comment_id"]
    comments = second.table("comments").set_index("submission_id")
    assert comments["duplicate_of"].dropna().to_dict() == {"n2": original}
    assert set(comments.index) == {"c1", "n2", "n3"}
    assert set(second.table("friction")["base"]) == {2}


def settings(reviews: small.Reviews, **changed) -> None:
    small.pipeline(reviews.root, yaml.safe_load(reviews.pipeline.read_text("utf-8")), **changed)


def test_weeks_that_were_tagged_otherwise_are_not_compared_and_the_reason_is_kept(reviews):
    one(reviews, "2026-W46")
    assert one(reviews, "2026-W47").info["not_compared"] is None
    settings(reviews, thresholds={"touchpoint": 0.4})
    done = one(reviews, "2026-W47")
    assert (done.info["previous"], done.info["not_compared"]) == ("2026-W46", "thresholds")
    assert done.table("friction")["previous"].isna().all()
    assert (done.table("friction")["direction"] == "untested").all()
    one(reviews, "2026-W46")
    done = one(reviews, "2026-W47")
    assert done.info["not_compared"] is None
    assert set(done.table("friction")["previous"]) == {"2026-W46"}


def test_another_pipeline_of_the_workspace_is_never_compared_with_and_never_replaced(reviews):
    one(reviews, "2026-W46")
    settings(reviews, pipeline="second")
    assert one(reviews, "2026-W47").info["previous"] is None
    with pytest.raises(StoreError, match="'reviews' has run this week"):
        one(reviews, "2026-W46")
    assert store.find(reviews.root, "2026-W46").info["pipeline"] == "reviews"


def test_rows_that_were_not_read_are_told_once(reviews):
    (reviews.root / "data/inbox/broken.csv").write_bytes(b"PK\x03\x04 not really a workbook")
    reviews.drop("wide.csv", ("w1", "2026-11-10", "una", "5", "Too", "many", "cells"))
    first, second = run.run(reviews.pipeline, span=SPAN)
    assert first.table("rejects")["row"].isna().tolist() == [True, False]
    assert len(second.table("rejects")) == 0
    assert (first.info["counts"]["told_before"], second.info["counts"]["told_before"]) == (0, 1)


def test_a_file_whose_name_is_no_utf_8_goes_through_a_whole_run(reviews):
    settings(reviews, report={"languages": ["en", "fr"]}, exports=["csv", "xlsx"])
    (reviews.root / "data/inbox/46.csv").rename(reviews.root / "data/inbox" / os.fsdecode(b"\xff.csv"))
    assert run.plan(reviews.pipeline, week="2026-W46").sources == [("reviews", 2, 4, 1, 0)]
    done = one(reviews, "2026-W46")
    assert set(done.table("submissions")["file"]) == {"data/inbox/\ufffd.csv"}
    assert "data/inbox/\ufffd.csv" in done.info["inputs"]
    assert json.loads((done.folder / "run.json").read_text("utf-8")) == done.info


def test_dates_that_are_none_are_told_in_the_summary_and_the_report(reviews):
    source = yaml.safe_load(reviews.pipeline.read_text("utf-8"))["sources"][0]
    source["mapping"]["created_at"] = {"column": "date", "format": "%d/%m/%Y"}
    settings(reviews, sources=[source], report={"languages": ["fr"]})
    assert run.plan(reviews.pipeline, week="2026-W47").sources == [("reviews", 2, 4, 4, 2)]
    done = one(reviews, "2026-W47")
    told = "note: 2 values of 'date' are no times (format %d/%m/%Y), the first in row 1"
    assert told in done.table("rejects")["reason"].tolist()
    assert told in console.summary([done], reviews.root)
    page = html.unescape((reviews.root / "reports/2026-W47/report.fr.html").read_text("utf-8"))
    assert "qui ne sont pas des dates au format %d/%m/%Y" in page


def test_no_text_is_encoded_twice_in_a_workspace(reviews, monkeypatch):
    before = one(reviews, "2026-W46").tables()
    (vectors,) = (reviews.root / "data/cache").glob("*.sqlite")

    def again(*_):
        raise AssertionError("the encoder worked again")

    loaded = encode.load("models/encoder", reviews.root)
    monkeypatch.setattr(type(loaded), "encode", again)
    after = one(reviews, "2026-W46").tables()
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, after[name], check_exact=True)
    assert vectors.is_file()


def test_one_run_of_everything_takes_all_weeks_and_leaves_them_alone(reviews):
    one(reviews, "2026-W46")
    (done,) = run.run(reviews.pipeline, everything=True)
    assert ids(done) == {"a1", "b1", "u1", "c1"}
    assert [r.week for r in store.history(reviews.root)] == ["2026-W46"]
    assert "u1" in ids(one(reviews, "2026-W46"))


def test_duplicates_and_reposts_are_kept_and_not_counted(reviews):
    text = W46[0][4]
    long = "We stood at the north gate for forty minutes because every second scanner was broken that night"
    reviews.drop(
        "more.csv",
        ("a2", "2026-11-12", "ann", "2", text),
        ("e1", "2026-11-12", "eve", "2", text),
        ("f1", "2026-11-12", "fay", "1", long),
        ("g1", "2026-11-13", "gus", "1", long + "!"),
    )
    done = one(reviews, "2026-W46")
    comments = done.table("comments").set_index("submission_id")
    repeated = comments["duplicate_of"].dropna()
    assert repeated.to_dict() == {"a2": comments.loc["a1", "comment_id"], "g1": comments.loc["f1", "comment_id"]}
    assert set(done.table("friction")["base"]) == {len(comments) - 2}


def test_reposts_of_the_sample_are_kept_and_not_counted(tmp_path, models):
    shutil.copytree(models, tmp_path / "models")
    (done,) = run.run(small.cut(tmp_path, rows=60, weeks=("47",), **small.TINY), week="2026-W47")
    comments = done.table("comments")
    assert comments["is_repost"].any()
    counted = comments[~comments["is_repost"] & comments["duplicate_of"].isna()]
    base = len(counted.drop_duplicates(["source", "submission_id"]))
    assert set(done.table("friction")["base"]) == {base}


def test_a_file_without_rows_beside_others_changes_nothing(reviews):
    before = one(reviews, "2026-W46").tables()
    reviews.drop("empty.csv")
    after = one(reviews, "2026-W46").tables()
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, after[name])


# --- personal data -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def left(tmp_path_factory, models) -> dict[str, str]:
    """The text of every file that a run of the whole sample leaves, by name."""
    root = tmp_path_factory.mktemp("left")
    shutil.copytree(models, root / "models")
    settings = small.TINY | {"report": {"languages": ["en", "fr"]}, "exports": ["csv", "mermaid", "parquet", "xlsx"]}
    run.run(small.cut(root, rows=10_000, weeks=("45", "46", "47"), **settings), everything=True)
    files = [p for folder in ("data/runs", "reports") for p in sorted((root / folder).rglob("*")) if p.is_file()]
    return {p.relative_to(root).as_posix(): _text(p) for p in files}


def _text(path: Path) -> str:
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
        return "\n".join(str(cell) for column in table for cell in table[column].dropna().unique())
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return html.unescape("\n".join(book.read(name).decode("utf-8") for name in book.namelist()))
    text = path.read_text("utf-8-sig")
    return html.unescape(text) if path.suffix == ".html" else text


def test_no_planted_personal_data_is_left_in_any_file_of_a_run(left):
    assert {Path(name).suffix for name in left} >= {".parquet", ".json", ".html", ".csv", ".xlsx", ".mmd"}
    planted = json.loads(PLANTED.read_text("utf-8"))
    found = {s: sorted(name for name, text in left.items() if s in text) for s in planted}
    assert {s: names for s, names in found.items() if names} == {}
