"""The documentation says what the program does: commands, keys, defaults, examples and links."""

import re
import shlex
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
import typer
from golden import factory
from typer.testing import CliRunner

from feedback import journey, pipeline, read, yamlfile
from feedback.cli import app
from feedback.journey import Journey
from feedback.pipeline import Pipeline, Source
from feedback.read import declared

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("models/*.md"),
        ROOT / "data/README.md",
        ROOT / "pipelines/README.md",
    ]
)


def _reference():
    spec = spec_from_file_location("cli_reference", ROOT / "docs/cli_reference.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = _reference()
COMMANDS = dict(REFERENCE.commands())


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def anchors(page):
    """The places in a page that a link may name, as GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def accepts(line):
    """Whether the command line knows a command, its options and its number of arguments; nothing is run."""
    words = shlex.split(line, comments=True)[1:]
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context("feedback", words)


def shown_commands():
    """Command lines in any page, without the words beside them; those with placeholders are left out."""
    shown = [
        (page.relative_to(ROOT), re.split(r"\s{2,}", line.strip())[0])
        for page in PAGES
        for line in page.read_text("utf-8").splitlines()
        if re.match(r"\s{4,}feedback ", line) and not re.search(r"\b[A-Z]{3,}\b", line)
    ]
    return [pytest.param(line, id=f"{page}: {line}") for page, line in shown]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example_that_is_its_own(name):
    text, example = REFERENCE.described(COMMANDS[name])
    assert text
    assert example.startswith(name)
    accepts(example)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name):
    assert [p.name for p in COMMANDS[name].params if not p.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_reference(name):
    assert f"\n## {name}\n" in (ROOT / "docs/cli.md").read_text("utf-8")


def test_the_reference_is_up_to_date():
    assert (ROOT / "docs/cli.md").read_text("utf-8") == REFERENCE.render(), "run python docs/cli_reference.py"


@pytest.mark.parametrize("line", shown_commands())
def test_commands_shown_anywhere_exist(line):
    accepts(line)


def test_an_invented_option_would_be_noticed():
    with pytest.raises(Exception, match="--wek"):
        accepts("feedback run pipelines/weekly.yaml --wek 2026-W47")


@pytest.mark.parametrize(
    ("page", "model", "place"),
    [
        (page, model, place)
        for page, model in (("docs/journeys.md", Journey), ("docs/pipelines.md", Pipeline))
        for place in range(len(blocks(page, "yaml")))
    ],
)
def test_yaml_shown_is_valid(page, model, place, tmp_path):
    file = tmp_path / "shown.yaml"
    file.write_text(blocks(page, "yaml")[place], encoding="utf-8")
    assert isinstance(yamlfile.load(file, model), model)


def test_the_check_of_the_journey_shown_says_what_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bakery.yaml").write_text(blocks("docs/journeys.md", "yaml")[2], encoding="utf-8")
    told = CliRunner().invoke(app, ["journey", "check", "--quick", "bakery.yaml"])
    assert told.output == blocks("docs/journeys.md", "text")[0]


def test_there_is_yaml_to_check():
    assert min(len(blocks(page, "yaml")) for page in ("docs/journeys.md", "docs/pipelines.md")) >= 2


def test_the_pipeline_shown_in_full_has_the_defaults(tmp_path):
    file = tmp_path / "shown.yaml"
    file.write_text(blocks("docs/pipelines.md", "yaml")[1], encoding="utf-8")
    shown = pipeline.load(file)
    required = {name: getattr(shown, name) for name in ("pipeline", "timezone", "journey", "sources")}
    assert shown == Pipeline(**required)
    assert set(Pipeline.model_fields) == shown.model_fields_set


@pytest.mark.parametrize(
    ("page", "model"),
    [
        ("docs/journeys.md", journey.Journey),
        ("docs/journeys.md", journey.Touchpoint),
        ("docs/journeys.md", journey.Stage),
        ("docs/journeys.md", journey.Origin),
        ("docs/journeys.md", journey.Persona),
        ("docs/pipelines.md", pipeline.Pipeline),
        ("docs/pipelines.md", pipeline.Source),
        ("docs/pipelines.md", pipeline.Mapping),
        ("docs/pipelines.md", pipeline.Score),
        ("docs/pipelines.md", pipeline.Time),
        ("docs/pipelines.md", pipeline.Thresholds),
        ("docs/pipelines.md", pipeline.Weights),
        ("docs/pipelines.md", pipeline.Privacy),
        ("docs/pipelines.md", pipeline.Report),
    ],
)
def test_every_key_is_explained(page, model):
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    code = " ".join(re.findall(r"`([^`\n]+)`", text))
    keys = {field.alias or name for name, field in model.model_fields.items()}
    assert {key for key in keys if not re.search(rf"\b{key}\b", code)} == set()


def test_every_format_is_described():
    table = (ROOT / "docs/formats.md").read_text("utf-8")
    assert {name for name in read.formats() if f"| `{name}` |" not in table} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_page_is_linked_from_the_readme():
    text = (ROOT / "README.md").read_text("utf-8")
    assert [page.name for page in ROOT.glob("docs/*.md") if f"](docs/{page.name})" not in text] == []


def test_make_targets_shown_exist():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    pages = "\n".join(page.read_text("utf-8") for page in PAGES)
    shown = set(re.findall(r"(?:^ +|`|\" )make ([\w-]+)", pages, re.MULTILINE))
    assert {"demo", "test"} <= shown <= targets


def test_the_changelog_has_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_format_shown_reads_its_file(tmp_path, monkeypatch):
    shown: dict = {}
    exec(blocks("docs/extending.md", "python")[0], shown)
    points = tomllib.loads(blocks("docs/extending.md", "toml")[0])["project"]["entry-points"]["feedback.formats"]
    ((name, target),) = points.items()
    added = shown[target.partition(":")[2]]
    assert added.name == name
    native = read.formats()
    monkeypatch.setattr(read, "formats", lambda: native | {name: added})
    file = tmp_path / "cards.csv"
    file.write_text("Stay number,House,Checkout,Overall,Remarks\n17,Lyon,2026-11-16,4,Quiet room\n", encoding="utf-8")
    (batch,) = read.read(Source(name="hotel", files=[]), [file])
    assert batch.comments["text"].tolist() == ["Quiet room"]
    assert batch.submissions["location"].tolist() == ["Lyon"]
    assert batch.scores["score"].tolist() == [0.75]
    assert batch.rejects.empty


def test_the_export_shown_writes_its_file(tmp_path):
    shown: dict = {}
    exec(blocks("docs/extending.md", "python")[1], shown)
    (path,) = shown["write"](factory.results(), tmp_path)
    assert len(path.read_text("utf-8").splitlines()) == 3


def test_the_record_shown_reads_its_file(tmp_path, monkeypatch):
    record = tmp_path / "stay-cards.yaml"
    record.write_text(blocks("docs/extending.md", "yaml")[0], encoding="utf-8")
    _, added = declared.load(record)
    monkeypatch.setattr(read, "formats", lambda: {added.name: added})
    file = tmp_path / "cards.csv"
    rows = "17,Lyon,2026-11-16,4,Quiet room\n18,Test house,2026-11-16,1,A test\n"
    file.write_text("Stay number,House,Checkout,Overall,Remarks\n" + rows, encoding="utf-8")
    (batch,) = read.read(Source(name="hotel", files=[]), [file])
    assert batch.comments["text"].tolist() == ["Quiet room"]
    assert batch.comments["question"].tolist() == ["What should we know?"]
    assert batch.scores["score"].tolist() == [0.75]
    assert batch.rejects["reason"].tolist() == ["not feedback: a test answer"]
