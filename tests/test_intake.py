"""`feedback read`: what is written beside what, what is refused, and that nothing personal gets through."""

import csv
import json
import os
from pathlib import Path

import pandas as pd
import pytest

from feedback import console, intake, tables
from feedback.errors import ReadError, UsageError
from feedback.run import Steps

CASES = Path(__file__).parent / "cases"
REVIEWS = CASES / "trustpilot/reviews.csv"
HEAD = REVIEWS.read_text(encoding="utf-8").splitlines()[0]
PARTS = ("comments", "submissions", "scores", "rejects")


def take(out: Path, *inputs: Path) -> intake.Taken:
    return intake.intake(inputs, out, Steps())


def beside(out: Path, part: str) -> Path:
    return out if part == "comments" else out.with_name(f"{out.stem}.{part}{out.suffix}")


def test_four_tables_of_the_contract_are_written(tmp_path):
    out = tmp_path / "comments.parquet"
    taken = take(out, REVIEWS)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "comments.parquet", "comments.rejects.parquet", "comments.scores.parquet", "comments.submissions.parquet",
    ]  # fmt: skip
    for part in PARTS:
        tables.SCHEMAS[part].validate(pd.read_parquet(beside(out, part)))
    assert (taken.comments, taken.submissions, taken.by_file, taken.usable) == (3, 3, {REVIEWS.as_posix(): 3}, True)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
def test_every_kind_of_file_holds_the_same_comments(tmp_path, suffix):
    out = tmp_path / f"c{suffix}"
    take(out, REVIEWS)
    if suffix == ".xlsx":
        found = pd.read_excel(out, dtype=str, engine="calamine")
    else:
        found = pd.read_csv(out, dtype=str) if suffix == ".csv" else pd.read_json(out, lines=True, dtype=False)
    assert found["submission_id"].tolist() == ["653f1", "653f2", "653f3"]
    assert found["text"].str.startswith("Billets reçus en deux").sum() == 1


def test_nothing_personal_is_written(tmp_path):
    review = HEAD.replace("Review Content", "x").split(",")
    row = dict.fromkeys(review, "")
    text = "My name is Camille Girard, write to camille.girard@example.org or call +33 6 12 34 56 78"
    row |= {"Review ID": "r1", "Review Created  (UTC)": "2026-11-03 18:22:41", "x": text, "Review Stars": "1",
            "Review Username": "Camille Girard", "Review User Email": "camille.girard@example.org"}  # fmt: skip
    source = tmp_path / "in.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD.split(","), list(row.values())])
    out = tmp_path / "c.jsonl"
    take(out, source)
    written = "".join(beside(out, part).read_text(encoding="utf-8") for part in PARTS)
    assert '"submission_id":"r1"' in written
    assert "<EMAIL>" in written
    assert not [word for word in ("Camille", "Girard", "example.org", "12 34 56") if word in written]
    assert json.loads(beside(out, "submissions").read_text(encoding="utf-8"))["author"] is None


def test_a_spreadsheet_runs_no_comment_as_a_formula(tmp_path):
    source = tmp_path / "in.csv"
    lines = REVIEWS.read_text(encoding="utf-8").splitlines()
    source.write_text(
        "\n".join([lines[0], lines[3].replace("Parfait", '"=HYPERLINK(""http://x"",""y"") parfait"')]), "utf-8"
    )
    take(tmp_path / "c.csv", source)
    assert pd.read_csv(tmp_path / "c.csv")["text"][0].startswith("'=")
    take(tmp_path / "c.jsonl", source)
    assert pd.read_json(tmp_path / "c.jsonl", lines=True)["text"][0].startswith("=")


@pytest.mark.parametrize("content", [b"", HEAD.encode()], ids=["nothing", "a header"])
def test_a_file_without_rows_is_read_to_empty_tables(tmp_path, content):
    (tmp_path / "in.csv").write_bytes(content)
    taken = take(tmp_path / "c.csv", tmp_path / "in.csv")
    assert (taken.comments, taken.refused, taken.usable) == (0, [], True)
    assert list(pd.read_csv(tmp_path / "c.csv").columns) == list(tables.COMMENTS.columns)


@pytest.mark.parametrize(
    "content",
    ["day;note\n1;Slow\n".encode("utf-16-le")[1:], b"PK\x03\x04 no workbook", b"\x00\x01\x02" * 50, b"day\n1\n"],
)
def test_a_file_that_cannot_be_read_is_one_reject_and_the_others_are_read(tmp_path, content):
    (tmp_path / "in.csv").write_bytes(content)
    alone = take(tmp_path / "c.parquet", tmp_path / "in.csv")
    assert not alone.usable
    assert [(r.file, r.row) for r in alone.refused] == [((tmp_path / "in.csv").as_posix(), None)]
    assert alone.refused[0].remedy
    both = take(tmp_path / "c.parquet", tmp_path / "in.csv", REVIEWS)
    assert (both.usable, both.comments) == (True, 3)
    rejects = pd.read_parquet(tmp_path / "c.rejects.parquet")
    assert len(rejects) == 1


def test_authors_are_hashed_with_the_workspaces_own_salt(tmp_path):
    found = []
    for name in ("a", "b"):
        (tmp_path / name / "pipelines").mkdir(parents=True)
        take(tmp_path / name / "c.parquet", REVIEWS)
        found.append(pd.read_parquet(tmp_path / name / "c.submissions.parquet")["author"])
    assert found[0].str.fullmatch("[0-9a-f]{16}").all()
    assert not set(found[0]) & set(found[1])


def test_the_same_file_twice_counts_once(tmp_path):
    (tmp_path / "again.csv").write_bytes(REVIEWS.read_bytes())
    taken = take(tmp_path / "c.parquet", REVIEWS, tmp_path / "again.csv")
    assert taken.comments == 3
    assert sum(r.reason.startswith("read again") for r in taken.refused) == 3


def test_a_file_that_does_not_exist_stops_before_anything_is_written(tmp_path):
    absent = tmp_path / "none.csv"
    for call in (lambda: take(tmp_path / "c.csv", REVIEWS, absent), lambda: intake.explain([absent])):
        with pytest.raises(UsageError, match="no such file"):
            call()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_file_whose_name_is_no_utf_8_is_counted_and_written(tmp_path, suffix):
    source, broken = (tmp_path / os.fsdecode(name) for name in (b"enqu\xeate.csv", b"\xff.csv"))
    source.write_bytes(REVIEWS.read_bytes())
    broken.write_bytes(b"PK\x03\x04 no workbook")
    taken = take(tmp_path / f"c{suffix}", source, broken)
    assert list(taken.by_file.values()) == [3, 0]
    assert "enqu\ufffdte.csv: 3 comments" in console.taken(taken).encode("utf-8").decode("utf-8")
    assert (taken.usable, take(tmp_path / f"c{suffix}", broken).usable) == (True, False)


def test_explain_names_the_format_and_its_columns():
    assert "trustpilot" in intake.explain([REVIEWS])


def test_a_folder_without_files_is_one_clear_line(tmp_path):
    (tmp_path / "drops").mkdir()
    with pytest.raises(ReadError, match=r"the folder holds no files\. Drop exports there"):
        take(tmp_path / "c.csv", tmp_path / "drops")
