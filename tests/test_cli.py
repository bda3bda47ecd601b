"""The command as people use it: exit codes, and one line that says what to do when something is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import small
from golden import factory

from feedback import abstention, cli, record, run, store
from feedback.card import Card, unlike

ROOT = Path(__file__).parents[1]
HEAVY = {"pandas", "numpy", "torch", "spacy", "pydantic", "transformers", "sklearn", "altair"}


@pytest.fixture
def ran(brand):
    """The workspace with one stored run, 2026-W47."""
    made = factory.results()
    own = small.info("2026-W47", resolved={"report": {"languages": ["fr"]}})
    with store.writing(brand, "2026-W47") as folder:
        small.save(folder, made.tables, made.journey, made.info | own)
    return brand


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


# What must start fast


def test_help_imports_nothing_heavy():
    script = (
        "import runpy, sys\nsys.argv = ['feedback', '--help']\n"
        "try:\n    runpy.run_module('feedback', run_name='__main__')\n"
        "except SystemExit as left:\n    assert not left.code\n"
        "print('MODULES', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "friction" in done.stdout
    modules = set(done.stdout.rpartition("MODULES")[2].split())
    assert "typer" in modules
    assert not HEAVY & modules


def test_the_module_and_the_command_are_the_same_and_leave_their_exit_code():
    for arguments, code in (
        (["--version"], 0),
        (["journey", "check", str(ROOT / "tests/cases/trustpilot/reviews.csv")], 1),
        (["run", "none.yaml"], 2),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "feedback", *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == code
        assert "Traceback" not in done.stderr


def test_a_reader_that_stops_reading_causes_no_traceback():
    command = [sys.executable, "-m", "feedback", "schema", "tables"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


# What is wrong in the command line


def test_version_and_help_are_no_errors(feedback):
    assert feedback("--version")[0] == 0
    for command in ("run", "read", "tag", "report", "export", "evaluate", "journey", "init", "status", "schema"):
        code, out, _ = feedback(command, "--help")
        assert (code, out.startswith(f"Usage: feedback {command}")) == (0, True)


def test_a_bare_command_shows_its_help(feedback):
    code, _, err = feedback()
    assert code == 2
    assert "evaluate" in err


def test_an_unknown_option_is_misuse_and_names_the_nearest(refused):
    line = refused(2, "run", "weekly.yaml", "--wek", "2026-W47")
    assert "--wek" in line
    assert "--week" in line
    assert "See `feedback run --help`" in line


def test_an_unknown_command_and_a_missing_argument_are_misuse(refused):
    assert "'rum'" in refused(2, "rum")
    assert "Missing argument" in refused(2, "run")


@pytest.mark.parametrize(
    "options",
    [
        ("--week", "2026-W47", "--all"),
        ("--week", "2026-W47", "--weeks", "2026-W46..2026-W47"),
        ("--weeks", "x", "--all"),
    ],
)
@pytest.mark.usefixtures("brand")
def test_one_week_several_and_all_exclude_each_other(refused, options):
    assert "exclude each other" in refused(2, "run", "pipelines/weekly.yaml", *options)


@pytest.mark.parametrize(
    "options",
    [("--week", "2026-47"), ("--week", "2026-W54"), ("--week", "2026-W45..2026-W46"), ("--weeks", "2026-W45..")],
)
@pytest.mark.usefixtures("brand")
def test_a_bad_week_is_misuse(refused, options):
    assert "not an ISO week" in refused(2, "run", "pipelines/weekly.yaml", *options)


@pytest.mark.parametrize(
    ("command", "says"), [("run", "stopped; the last good run is untouched"), ("schema", "stopped")]
)
def test_a_stopped_command_speaks_of_runs_only_where_one_was_made(feedback, monkeypatch, command, says):
    monkeypatch.setattr(cli, "app", lambda **_: cli.STOPPED)
    assert feedback(command, "x") == (cli.STOPPED, "", f"feedback: {says}\n")


# What is wrong with a pipeline


def test_a_dry_run_says_what_would_be_run_and_writes_nothing(brand, feedback):
    before = sorted(brand.rglob("*"))
    code, out, _ = feedback("run", "pipelines/weekly.yaml", "--week", "2026-W45", "--dry-run")
    assert code == 0
    assert "reviews: 1 file, 3 submissions, 0 rejects" in out
    assert "would run 2026-W45" in out
    assert sorted(brand.rglob("*")) == before


@pytest.mark.usefixtures("brand")
def test_status_lists_the_runs_and_says_how_to_begin(feedback):
    assert feedback("status")[:2] == (0, "no run yet; start with `feedback run pipelines/weekly.yaml`\n")


def test_a_stored_run_is_listed_exported_and_reported(ran, feedback):
    assert feedback("status")[1].startswith("2026-W47 ")
    code, out, _ = feedback("export", "2026-W47", "--to", "mermaid")
    assert code == 0
    assert all(Path(line).is_file() for line in out.splitlines())
    code, out, _ = feedback("report", "2026-W47")
    assert (code, out) == (0, f"{ran.resolve() / 'reports/2026-W47/report.fr.html'}\n")


@pytest.mark.usefixtures("ran")
def test_an_unknown_run_or_target_names_those_that_there_are(refused):
    assert "2026-W47" in refused(2, "report", "2026-W40")
    assert "Did you mean 'mermaid'?" in refused(2, "export", "2026-W47", "--to", "mermade")


def test_a_damaged_run_is_named(ran, refused):
    next((ran / "data/runs/2026-W47").glob("*/friction.parquet")).write_bytes(b"no table")
    assert "a table of the run cannot be read" in refused(1, "export", "2026-W47", "--to", "csv")


def test_outside_a_workspace_the_way_to_make_one_is_told(tmp_path, monkeypatch, refused):
    monkeypatch.chdir(tmp_path)
    for command in (("status",), ("report", "2026-W47"), ("export", "2026-W47", "--to", "csv")):
        assert "make one with `feedback init DIR`" in refused(2, *command)


def test_init_makes_a_workspace_once(tmp_path, feedback, refused):
    assert feedback("init", tmp_path / "new")[0] == 0
    assert "not empty" in refused(2, "init", tmp_path / "new")
    assert feedback("journey", "check", tmp_path / "new/data/journeys/concert.yaml")[0] == 0


# Reading and tagging files


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("read", "none.csv", "--out", "out.csv"), "no such file"),
        (("read", "data/inbox/reviews.csv"), "--out is missing"),
        (("read", "data/inbox/reviews.csv", "--out", "out.pdf"), "unknown kind of output"),
        (("read", "data/inbox/reviews.csv", "--out", "none/out.csv"), "no such folder"),
        (("read", "data/inbox/reviews.csv", "--out", "data/inbox/reviews.csv"), "would replace"),
        (("tag", "none.csv", "--out", "out.csv"), "no such file"),
        (("tag", "data/inbox/reviews.csv", "--out", "out.txt"), "unknown kind of output"),
        (("tag", "data/inbox/reviews.csv", "--out", "data/inbox/reviews.csv"), "would replace"),
        (("tag", "data/inbox/reviews.csv", "--out", "out.csv", "--level", "word"), "unknown level"),
        (
            ("tag", "data/inbox/reviews.csv", "--out", "out.csv", "--text", "Review Contents"),
            "Did you mean 'Review Content'",
        ),
        (
            ("tag", "data/inbox/reviews.csv", "--out", "out.csv", "--text", "Review Content", "--id", "no"),
            "no such column",
        ),
        (("evaluate", "none.csv"), "no such file"),
        (("evaluate", "pipelines/weekly.yaml"), "unknown kind of gold file"),
        (("evaluate", "data/inbox/reviews.csv", "--out", "pipelines/weekly.yaml"), "OUT is a file"),
    ],
)
def test_misuse_is_told_before_any_work(brand, refused, arguments, says):
    journey = () if arguments[0] == "read" else ("--journey", "data/journeys/shop.yaml")
    assert says in refused(2, *arguments, *journey)
    assert not list(brand.glob("out.*"))


def test_an_unknown_export_is_no_known_one_and_tag_says_how_to_go_on(brand, refused):
    (brand / "notes.csv").write_text("day,note\n1,Slow\n")
    line = refused(1, "tag", "notes.csv", "--out", "out.csv", "--journey", "data/journeys/shop.yaml")
    assert "Name its text column with --text" in line


def test_explain_says_what_is_read_and_how_to_map_what_is_not(brand, feedback):
    (brand / "notes.csv").write_text("day,note\n1,Slow\n")
    code, out, _ = feedback("read", "data/inbox/reviews.csv", "notes.csv", "--explain")
    assert code == 0
    assert "trustpilot" in out
    assert "mapping:" in out


def test_a_table_without_data_rows_is_tagged_to_a_header(brand, feedback):
    (brand / "empty.csv").write_text("id,comment\n")
    code, _, err = feedback(
        "tag", "empty.csv", "--text", "comment", "--id", "id", "--keep", "all", "--level", "comment", "--scores",
        "--journey", "data/journeys/shop.yaml", "--out", "out.csv",
    )  # fmt: skip
    assert code == 0, err
    table = pd.read_csv("out.csv")
    assert len(table) == 0
    assert {"comment_id", "sentiment", "touchpoint", "score:find", "score:buy", "id", "comment"} <= set(table.columns)


def test_labelled_comments_make_an_accuracy_card_in_the_workspace_or_where_asked(brand, feedback, monkeypatch):
    gold = "comment_id,text,touchpoint,language\n1,I could not find the page,find,en\n2,Achat impossible,buy,fr\n"
    (brand / "labels.csv").write_text(gold)
    journey = brand / "data/journeys/shop.yaml"
    code, out, err = feedback("evaluate", "labels.csv", "--journey", journey)
    assert code == 0, err
    assert "labels.csv: 2 labelled spans" in out
    folder = brand.resolve() / "reports/accuracy/labels"
    assert out.splitlines()[-3:] == [f"  {folder / name}" for name in ("card.en.html", "card.fr.html", "card.json")]
    card = Card.model_validate_json((folder / "card.json").read_bytes())
    assert [label.id for label in card.touchpoints] == ["find", "buy", "general"]
    assert [(group.language, group.spans) for group in card.groups] == [("all", 2), ("en", 1), ("fr", 1)]
    elsewhere = brand.parent / f"{brand.name}-elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    pipeline = brand / "pipelines/weekly.yaml"
    pipeline.write_text(pipeline.read_text() + "thresholds: {risk: 0.3, stage: 0.7}\n")
    code, _, err = feedback("evaluate", brand / "labels.csv", "--pipeline", pipeline)
    assert code == 0, err
    card = Card.model_validate_json((folder / "card.json").read_bytes())
    assert card.thresholds == {"touchpoint": abstention.shipped()[0.3], "stage": 0.7}
    _, settings, read = run.prepare(pipeline)
    line = run.load_line(settings, read, brand)
    assert unlike(card, read, record.settings(settings, read, line, brand)) == []
    assert "--pipeline" in feedback("evaluate", brand / "labels.csv")[2]
    assert "card" not in feedback("evaluate", brand / "labels.csv", "--journey", journey)[1]
    assert list(elsewhere.iterdir()) == []


@pytest.mark.usefixtures("brand")
def test_what_the_disk_refuses_is_one_line(refused):
    Path("out.csv").mkdir()
    assert "out.csv" in refused(1, "read", "data/inbox/reviews.csv", "--out", "out.csv")


@pytest.mark.parametrize("name", ["pipeline", "journey", "mapping", "gold", "card", "tables"])
def test_each_schema_is_printed_as_json(feedback, name):
    code, out, _ = feedback("schema", name)
    assert code == 0
    assert json.loads(out)


def test_an_unknown_schema_names_the_nearest(refused):
    assert "Did you mean 'journey'?" in refused(2, "schema", "journy")
