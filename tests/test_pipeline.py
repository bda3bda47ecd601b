"""The pipeline file: what is required, what is refused, and which files a source has."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedback import pipeline
from feedback.errors import FileError, UsageError

ROOT = Path(__file__).parents[1]
SHORT = "pipeline: weekly\ntimezone: Europe/Paris\njourney: j.yaml\nsources:\n  - {name: survey, files: inbox/*.csv}\n"


@pytest.fixture
def load(tmp_path):
    def loaded(text: str) -> pipeline.Pipeline:
        path = tmp_path / "pipeline.yaml"
        path.write_text(text, encoding="utf-8")
        return pipeline.load(path)

    return loaded


def test_four_keys_are_enough(load):
    read = load(SHORT)
    assert read.zone == ZoneInfo("Europe/Paris")
    assert read.sources[0].files == ["inbox/*.csv"]
    assert read.thresholds.min_count == 10


@pytest.mark.parametrize("path", sorted((ROOT / "pipelines").glob("*.yaml")), ids=lambda p: p.name)
def test_the_shipped_pipelines_load(path):
    assert pipeline.load(path).sources


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (SHORT.replace("timezone", "timezon"), 2, "unknown key 'timezon'"),
        (SHORT.replace("timezone: Europe/Paris\n", ""), 1, "'timezone' is missing"),
        (SHORT.replace("Europe/Paris", "Europe/Pariss"), 2, "did you mean 'Europe/Paris'? Got 'Europe/Pariss'"),
        (SHORT + "languages: [en, de]\n", 6, "Got 'de'"),
        (SHORT + "thresholds: {min_cont: 3}\n", 6, "Did you mean 'min_count'?"),
        (SHORT + "thresholds:\n  touchpoint: 1.5\n", 7, "less than or equal to 1. Got '1.5'"),
        (SHORT + "  - {name: survey, files: []}\n", 6, "sources.1.name: names of sources are unique. Got 'survey'"),
        (SHORT + "  - {name: Reviews, files: []}\n", 6, "should match pattern"),
        (SHORT + "  - {name: reviews, file: []}\n", 6, "Did you mean 'files'?"),
        (SHORT + "  - {name: reviews, files: [], mapping: {txt: a}}\n", 6, "Did you mean 'text'?"),
        (
            SHORT + "  - {name: reviews, files: [], mapping: {text: a, scores: [{column: b}]}}\n",
            6,
            "metric' is missing",
        ),
    ],
)
def test_a_slip_is_answered_with_its_line(load, text, line, says):
    with pytest.raises(FileError) as error:
        load(text)
    assert f"pipeline.yaml, line {line}: " in str(error.value)
    assert says in str(error.value)


def source(*files: str) -> pipeline.Source:
    return pipeline.Source(name="s", files=list(files))


def test_the_files_of_a_source_come_once_and_in_name_order(tmp_path):
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).touch()
    (tmp_path / "d.csv").mkdir()
    found = pipeline.files_of(source("*.csv", "a.csv"), tmp_path)
    assert [path.name for path in found] == ["a.csv", "b.csv"]


def test_a_glob_may_match_nothing_but_a_plain_name_must_exist(tmp_path):
    assert pipeline.files_of(source("inbox/*.csv"), tmp_path) == []
    with pytest.raises(UsageError, match=r"no such file. Got 'inbox/a.csv'"):
        pipeline.files_of(source("inbox/a.csv"), tmp_path)


@pytest.mark.parametrize("name", ["../a.csv", "inbox/../../*.csv", "/tmp/*.csv"])
def test_a_path_outside_the_workspace_is_refused(tmp_path, name):
    with pytest.raises(FileError, match="source s: this path leaves the workspace"):
        pipeline.files_of(source(name), tmp_path)
    with pytest.raises(FileError, match="this path leaves the workspace"):
        pipeline.inside(name, tmp_path, "journey")
