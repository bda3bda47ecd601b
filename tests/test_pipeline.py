"""The pipeline file: what is required, what is refused, and which files a source has."""

import contextlib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from feedback import pipeline
from feedback.errors import FeedbackError, FileError, UsageError

ROOT = Path(__file__).parents[1]
SHORT = "pipeline: weekly\ntimezone: Europe/Paris\njourney: j.yaml\nsources:\n  - {name: survey, files: inbox/*.csv}\n"


def scored(*keys: str) -> str:
    """A pipeline whose second source has a score with some keys of its own, from line 12 on."""
    lines = ["- name: reviews", "  files: []", "  mapping:", "    text: a", "    scores:", "      - column: b"]
    lines += [f"        {key}" for key in (*keys, "metric: nps")]
    return SHORT + "".join(f"  {line}\n" for line in lines)


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
        (SHORT + "  - {name: reviews, files: ''}\n", 6, "name files, as in data/inbox/*.csv"),
        (SHORT + "  - {name: reviews, files: '.'}\n", 6, "sources.1.files.0: name files"),
        (SHORT + "  - name: reviews\n    files:\n      - a.csv\n      - ./\n", 9, "sources.1.files.1: name files"),
        (SHORT + "  - {name: reviews, files: '**foo/*.csv'}\n", 6, "** alone between slashes. Got '**foo/*.csv'"),
        (SHORT + "  - name: reviews\n    files: []\n    mapping:\n      text: []\n", 9, "at least one column"),
        (scored("min: -.inf", "max: 10"), 12, "scores.0.min: Input should be a finite number. Got '-inf'"),
        (scored("min: 0", "max: .inf"), 13, "scores.0.max: Input should be a finite number. Got 'inf'"),
        (scored("min: 0", "max: .nan"), 13, "scores.0.max: Input should be a finite number. Got 'nan'"),
        (SHORT + "  - {name: reviews, files: [], scale: [0, .inf]}\n", 6, "scale.1: Input should be a finite number"),
        (
            SHORT + "privacy:\n  policy:\n    EMAIL: mask\n    PERSON: hide\n",
            9,
            "Input should be 'mask' or 'keep'. Got 'hide'",
        ),
        (SHORT + "privacy:\n  policy: {PLATES: keep}\n", 7, "Got 'PLATES'"),
        (SHORT + "friction: {reach: .inf}\n", 6, "friction.reach: Input should be a finite number. Got 'inf'"),
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


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab.*?[]!/ ~-é", max_size=12))
def test_whatever_is_asked_for_the_error_is_ours(tmp_path_factory, pattern):
    with contextlib.suppress(FeedbackError, ValidationError):
        pipeline.files_of(source(pattern), tmp_path_factory.getbasetemp() / "none")


@pytest.mark.parametrize("name", ["../a.csv", "inbox/../../*.csv", "/tmp/*.csv"])
def test_a_path_outside_the_workspace_is_refused(tmp_path, name):
    with pytest.raises(FileError, match="source s: this path leaves the workspace"):
        pipeline.files_of(source(name), tmp_path)
    with pytest.raises(FileError, match="this path leaves the workspace"):
        pipeline.inside(name, tmp_path, "journey")
