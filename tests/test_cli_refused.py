"""Pipelines, journeys and inboxes that cannot be used: one line says what, where and what to do."""

import shutil
from pathlib import Path

import pytest


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.usefixtures("brand")
def test_a_missing_pipeline_or_journey_is_misuse(refused):
    assert "no such file" in refused(2, "run", "none.yaml")
    edit("pipelines/weekly.yaml", "shop.yaml", "none.yaml")
    assert "none.yaml: no such file" in refused(2, "run", "pipelines/weekly.yaml")


def test_a_pipeline_outside_any_workspace_is_misuse(brand, tmp_path_factory, refused):
    tmp_path = tmp_path_factory.mktemp("nowhere")
    shutil.copy(brand / "pipelines/weekly.yaml", tmp_path)
    assert "in no workspace" in refused(2, "run", tmp_path / "weekly.yaml")


@pytest.mark.usefixtures("brand")
def test_broken_yaml_and_unknown_keys_name_their_line(refused):
    edit("pipelines/weekly.yaml", "timezone:", "timezon:")
    line = refused(1, "run", "pipelines/weekly.yaml")
    assert "weekly.yaml, line 2: unknown key 'timezon'" in line
    assert "Did you mean 'timezone'?" in line
    edit("pipelines/weekly.yaml", "timezon: ", "timezone: [")
    assert "not valid YAML" in refused(1, "run", "pipelines/weekly.yaml")


@pytest.mark.parametrize(
    ("old", "new"),
    [("data/inbox/*.csv", "../*.csv"), ("data/journeys/shop.yaml", "../shop.yaml"), ("data/inbox", "/tmp")],
)
@pytest.mark.usefixtures("brand")
def test_a_path_outside_the_workspace_is_refused(refused, old, new):
    edit("pipelines/weekly.yaml", old, new)
    assert "leaves the workspace" in refused(1, "run", "pipelines/weekly.yaml", "--dry-run")


@pytest.mark.usefixtures("brand")
def test_an_unknown_export_names_those_that_there_are(refused):
    edit("pipelines/weekly.yaml", "sources:", "exports: [mermade]\nsources:")
    assert "Did you mean 'mermaid'?" in refused(1, "run", "pipelines/weekly.yaml", "--dry-run")


@pytest.mark.usefixtures("brand")
def test_a_spacy_model_that_is_not_there_names_the_command_that_installs_it(refused):
    edit("pipelines/weekly.yaml", "sources:", "spacy: {en: en_core_web_huge}\nsources:")
    assert "Run `pip install en-core-web-huge`" in refused(1, "run", "pipelines/weekly.yaml", "--dry-run")


def test_an_empty_inbox_says_where_to_drop_exports(brand, refused):
    (brand / "data/inbox/reviews.csv").unlink()
    line = refused(1, "run", "pipelines/weekly.yaml")
    assert "no files to read" in line
    assert "data/inbox/*.csv" in line


@pytest.mark.usefixtures("brand")
def test_a_week_without_feedback_names_the_weeks_that_have_some(refused):
    line = refused(1, "run", "pipelines/weekly.yaml", "--week", "2020-W01")
    assert "no feedback in this week" in line
    assert "2026-W45 to 2026-W45" in line


def test_a_wrong_column_in_a_mapping_names_the_nearest(brand, refused):
    edit("pipelines/weekly.yaml", "*.csv}", "*.csv, format: plain, mapping: {text: comentt}}")
    (brand / "data/inbox/reviews.csv").write_text("id,comment\n1,Slow\n")
    assert "did you mean 'comment'?" in refused(1, "run", "pipelines/weekly.yaml", "--dry-run").lower()


# What is wrong with a journey


@pytest.mark.usefixtures("brand")
def test_a_good_journey_is_fine(feedback):
    assert feedback("journey", "check", "data/journeys/shop.yaml")[:2] == (
        0, "shop version 1: 2 stages, 0 touchpoints, fine\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id: buy", "id: find", "line 6: stages.1.id: ids are unique"),
        ("id: buy", "id: general", "line 6: stages.1.id: this id is reserved"),
        ("name: Buy", "nome: Buy", "line 6: unknown key 'nome'. Allowed: "),
        ("stages:", "stages: x", "not valid YAML"),
    ],
)
@pytest.mark.usefixtures("brand")
def test_a_journey_with_a_slip_names_its_line(refused, old, new, says):
    edit("data/journeys/shop.yaml", old, new)
    assert says in refused(1, "journey", "check", "data/journeys/shop.yaml")


# Stored runs
