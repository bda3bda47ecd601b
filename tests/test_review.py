"""What to label next, as a person meets it: a sheet to fill in, which `feedback correct` takes as it is."""

import json
import shutil
from functools import partial

import openpyxl
import pandas as pd
import pytest
import small
import yaml
from typer.testing import CliRunner

from feedback import audit, cli, corrections, encode, review, run, sheet, store
from feedback import journey as journeys
from feedback.errors import UsageError

SETTINGS = {"report": {"languages": ["fr"]}, "exports": []}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A workspace with two stored weeks, its models and its cache."""
    pipeline = small.cut(tmp_path_factory.mktemp("ran"), rows=4, **SETTINGS)
    run.run(pipeline, span="2026-W46..2026-W47")
    return pipeline.parents[1]


@pytest.fixture
def root(ran, tmp_path):
    shutil.copytree(ran, tmp_path / "copy")
    return tmp_path / "copy"


def ask(root, **options):
    """A review as a table of texts, and where it lies."""
    written = review.review(root / "pipelines/weekly.yaml", **options)
    read = partial(pd.read_excel, engine="openpyxl") if written.path.suffix == ".xlsx" else pd.read_csv
    return read(written.path, dtype="str"), written.path


def take(root, path, by="ann"):
    return corrections.take(path, root, store.find(root, "2026-W47").journey, by)


def fill(path, change):
    """Edit the cells of the first sheet as a person would, row by row, and save the workbook."""
    book = openpyxl.load_workbook(path)
    names = [cell.value for cell in book["review"][1]]
    for cells in book["review"].iter_rows(min_row=2, max_col=len(names)):
        row = dict(zip(names, cells, strict=True))
        if row["segment_id"].value:
            for name, value in change({name: cell.value for name, cell in row.items()}).items():
                row[name].value = value
    book.save(path)


def test_a_review_has_the_rows_asked_for_each_with_what_a_person_needs(root):
    table, path = ask(root, n=20)
    assert path.parent == root / "reports"
    assert (len(table), table["sample"].notna().sum()) == (20, 4)
    assert tuple(table.columns) == sheet.COLUMNS
    held = pd.concat([one.table("segments") for one in store.history(root)]).set_index("segment_id")
    comments = pd.concat([one.table("comments") for one in store.history(root)]).set_index("comment_id")
    own = held.loc[table["segment_id"]]
    assert table["text"].str.removeprefix("'").tolist() == own["text"].str.replace("\r", "\n").tolist()
    whole = comments.loc[own["comment_id"]]
    assert all(part.removeprefix("'") in text for part, text in zip(table["text"], whole["text"], strict=True))
    assert table["language"].fillna("").tolist() == whole["language"].fillna("").tolist()
    assert table["source"].tolist() == whole["source"].tolist()
    assert table[["model_touchpoint", "name", "second", "third", "why", "date"]].notna().all(axis=None)
    assert table[["ok", "touchpoint", "stage", "sentiment"]].isna().all(axis=None)
    assert own.loc[table["sample"].isna().to_numpy(), "comment_id"].is_unique
    chosen, drawn = table[table["sample"].isna()], table[table["sample"].notna()]
    assert set(drawn["why"]) == {"tiré au hasard, pour mesurer la justesse des rattachements"}
    assert chosen["why"].str.contains("hésitation|incertain|encore peu|semble").all()
    tagged = held.loc[drawn["segment_id"]]
    given = tagged["touchpoint"].where(tagged["assignment"] == "touchpoint").fillna("")
    assert drawn["given"].replace("general", None).fillna("").tolist() == given.tolist()


def test_the_workbook_is_made_for_filling_in(root):
    _, path = ask(root, n=5)
    book = openpyxl.load_workbook(path)
    page, journey = book["review"], book["journey"]
    assert page.freeze_panes == "B2"
    assert page["A2"].alignment.wrap_text
    ids = [row[0].value for row in journey.iter_rows(min_row=2)]
    assert {"qr-gate", "general", "unassigned"} <= set(ids)
    offered = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    column = openpyxl.utils.get_column_letter(sheet.COLUMNS.index("touchpoint") + 1)
    assert offered[f"{column}2:{column}{5 + sheet.SPARE_ROWS + 1}"] == f"journey!$A$2:$A${len(ids) + 1}"


def test_the_same_workspace_gives_the_same_bytes_whatever_the_order_of_its_rows(root, tmp_path):
    _, first = ask(root, n=20, out=tmp_path / "first.xlsx")
    for one in store.history(root):
        for name in ("segments", "comments", "lemmas"):
            file = one.folder / f"{name}.parquet"
            pd.read_parquet(file).sample(frac=1, random_state=1).to_parquet(file, index=False)
    _, again = ask(root, n=20, out=tmp_path / "again.xlsx")
    assert first.read_bytes() == again.read_bytes()


def test_nothing_is_encoded_again(root, monkeypatch):
    shipped = encode.load()
    asked = []
    real = type(shipped).encode
    monkeypatch.setattr(type(shipped), "encode", lambda self, texts: (asked.extend(texts), real(self, texts))[1])
    ask(root, n=5)
    held = pd.concat([one.table("segments", ["text"]) for one in store.history(root)])
    assert set(asked) & set(held["text"]) == set()


def test_a_sheet_that_nobody_has_filled_in_says_nothing(root):
    _, path = ask(root, n=10)
    found = take(root, path)
    assert (len(found.new), found.refused) == (0, [])


def test_a_review_is_filled_in_taken_and_the_next_one_is_another(root):
    table, path = ask(root, n=20)
    wrong = table[table["sample"].notna()].iloc[0]["segment_id"]

    def label(row):
        if row["segment_id"] == wrong:
            return {"touchpoint": "refund" if row["model_touchpoint"] != "refund" else "fees"}
        if row["sample"]:
            return {"ok": "OK"}
        return {"touchpoint": "unassigned"} if row["why"].startswith("hésitation") else {}

    fill(path, label)
    found = take(root, path)
    assert found.refused == []
    drawn = found.new[found.new["sample"].notna()]
    assert len(found.new) == 4 + table["why"].str.startswith("hésitation").sum()
    # What `ok` confirms is what was proposed, also where nothing had been given.
    proposed = table[table["sample"].notna()]["model_touchpoint"].tolist()
    assert sum(a == b for a, b in zip(drawn["touchpoint"], proposed, strict=True)) == 3
    audited = audit.audit(corrections.load(root))
    given = table.loc[table["sample"].notna(), "given"].replace("general", None)
    assert (audited.given, audited.left) == (given.notna().sum(), given.isna().sum())
    assert len(take(root, path).new) == 0
    second, other = ask(root, n=20)
    assert other != path
    assert set(second["segment_id"]) & set(table.loc[table["sample"].notna(), "segment_id"]) == set()
    assert second["sample"].dropna().unique().tolist() != table["sample"].dropna().unique().tolist()


def test_the_command_writes_says_and_refuses_to_replace(root, monkeypatch):
    monkeypatch.chdir(root)
    done = CliRunner().invoke(cli.app, ["review", "pipelines/weekly.yaml", "--n", "10", "--out", "list.csv"])
    assert "8 segments that would teach most and 2 at random: list.csv" in done.output
    assert "then: feedback correct list.csv" in done.output
    table = pd.read_csv("list.csv", dtype="str")
    table.assign(ok=table["sample"].where(table["sample"].isna(), "x")).to_csv("list.csv", index=False)
    told = CliRunner().invoke(cli.app, ["correct", "list.csv", "--by", "ann"]).output
    assert "2 corrections kept" in told
    assert "in random samples" in told
    assert "in random samples" in CliRunner().invoke(cli.app, ["status"]).output
    with pytest.raises(UsageError, match="written already"):
        review.review(root / "pipelines/weekly.yaml", out=root / "list.csv")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"n": 0}, "at least one row"),
        ({"out": "list.pdf"}, r"unknown kind of output.*\.xlsx"),
        ({"week": "2026-W40"}, "no run to review.*2026-W46, 2026-W47"),
    ],
)
def test_misuse_is_told_before_any_work(root, options, says):
    options = options | ({"out": root / options["out"]} if "out" in options else {})
    with pytest.raises(UsageError, match=says):
        review.review(root / "pipelines/weekly.yaml", **options)


def test_one_week_can_be_reviewed_and_a_workspace_runs_out(root):
    table, _ = ask(root, n=100_000, week="2026-W46", out=root / "all.csv")
    held = store.find(root, "2026-W46").table("segments")
    assert set(table["segment_id"]) <= set(held["segment_id"])
    assert table["sample"].notna().all()
    table.assign(touchpoint="unassigned").to_csv(root / "all.csv", index=False)
    assert take(root, root / "all.csv").refused == []
    with pytest.raises(UsageError, match="labelled already"):
        ask(root, week="2026-W46")


def test_a_week_without_segments_has_nothing_to_label(root):
    file = store.find(root, "2026-W46").folder / "segments.parquet"
    pd.read_parquet(file).head(0).to_parquet(file, index=False)
    with pytest.raises(UsageError, match="labelled already"):
        ask(root, week="2026-W46")


def test_a_word_in_ok_that_is_no_yes_confirms_nothing(root):
    _, path = ask(root, n=5, out=root / "list.csv")
    table = pd.read_csv(path, dtype="str")
    table["ok"] = ["non", "oui", None, None, None]
    table.loc[2, ["ok", "touchpoint"]] = ["no", "general"]
    table.to_csv(path, index=False)
    found = take(root, path)
    assert [(one.row, one.reason) for one in found.refused] == [(1, "unknown touchpoint 'non'")]
    assert found.new["touchpoint"].tolist() == [table.loc[1, "model_touchpoint"], "general"]


def test_corrections_made_before_there_were_samples_are_read(root):
    said = dict.fromkeys(corrections.FIELDS) | {"id": "1", "comment_id": "c", "start": 0, "end": 4, "text": "late",
                                                "touchpoint": "fees", "by": "ann"}  # fmt: skip
    old = {key: value for key, value in said.items() if key not in corrections.MARKS}
    path = corrections.file(root)
    path.write_text(json.dumps(old) + "\n", encoding="utf-8")
    assert corrections.load(root)["touchpoint"].tolist() == ["fees"]
    assert len(corrections.append(root, pd.DataFrame([said]))) == 0
    assert len(corrections.append(root, pd.DataFrame([said | {"sample": "s", "given": "fees"}]))) == 1
    assert len(corrections.append(root, pd.DataFrame([said]))) == 0


def test_a_stage_without_touchpoints_is_proposed_and_confirmed_as_a_stage(root):
    path = root / "data/journeys/concert.yaml"
    journey = yaml.safe_load(path.read_text("utf-8"))
    for stage in journey["stages"]:
        stage.pop("touchpoints")
    path.write_text(yaml.safe_dump(journey), "utf-8")
    table, path = ask(root, n=10, out=root / "list.csv")
    stages = {stage["id"] for stage in journey["stages"]}
    assert set(table["model_touchpoint"].dropna()) <= {"general"}
    assert set(table["model_stage"].dropna()) <= stages
    table.assign(ok="ok").to_csv(path, index=False)
    found = corrections.take(path, root, journeys.load(root / "data/journeys/concert.yaml"), "ann")
    assert found.refused == []
    assert found.new["stage"].fillna("general").tolist() == table["model_stage"].fillna("general").tolist()
