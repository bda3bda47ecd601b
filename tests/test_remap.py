"""Stored runs mapped to a changed journey: the tags of a run from the exports, without the exports."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import small
import yaml
from typer.testing import CliRunner

from feedback import cli, corrections, parse, privacy, remap, run, store
from feedback.errors import StoreError, UsageError

SETTINGS = {"report": {"languages": ["en", "fr"]}, "exports": []}
SPAN = "2026-W46..2026-W47"


def change_the_journey(pipeline: Path) -> None:
    """Drop a touchpoint, add one, and raise the version."""
    path = pipeline.parents[1] / "data/journeys/concert.yaml"
    journey = yaml.safe_load(path.read_text("utf-8"))
    journey["version"] += 1
    journey["stages"][2]["touchpoints"].pop()
    parking = {"id": "parking", "name": {"en": "Parking", "fr": "Parking"}, "terms": {"en": ["car park"]}}
    journey["stages"][-1]["touchpoints"].append(parking)
    path.write_text(yaml.safe_dump(journey, allow_unicode=True), "utf-8")


def change_the_version(pipeline: Path) -> None:
    """Raise the version of the changed journey, and change nothing else."""
    path = pipeline.parents[1] / "data/journeys/concert.yaml"
    path.write_text(path.read_text("utf-8").replace("version: 2", "version: 3"), "utf-8")


@pytest.fixture(scope="module")
def remapped(tmp_path_factory) -> tuple[Path, list[store.Run], list[store.Run]]:
    """A pipeline's path, its runs mapped anew, and the runs from the exports, both on the changed journey."""
    pipeline = small.cut(tmp_path_factory.mktemp("before"), **SETTINGS)
    run.run(pipeline, span=SPAN)
    other = tmp_path_factory.mktemp("after") / "again"
    shutil.copytree(pipeline.parents[1], other, ignore=shutil.ignore_patterns("runs", "reports"))
    change_the_journey(pipeline)
    change_the_journey(other / "pipelines/weekly.yaml")
    shutil.rmtree(pipeline.parents[1] / "data/inbox")
    store.mark_for_rerun(pipeline.parents[1], "2026-W46", "3 submissions of this week arrived late")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "parse", None)
        patch.setattr(privacy, "redact", None)
        again = remap.remap(pipeline)
    return pipeline, again, run.run(other / "pipelines/weekly.yaml", span=SPAN)


def test_stored_segments_get_the_tags_of_a_new_run(remapped):
    _, again, anew = remapped
    for one, other in zip(again, anew, strict=True):
        assert one.week == other.week
        assert one.journey == other.journey
        for name, table in other.tables().items():
            pd.testing.assert_frame_equal(one.table(name), table, check_exact=True, obj=f"{one.week} {name}")
    assert {name for one in again for name in one.table("segments")["touchpoint"].dropna()} - {"parking"}


def test_weeks_mapped_again_are_compared_and_the_report_says_so(remapped):
    pipeline, again, _ = remapped
    first, second = again
    assert second.info["previous"] == first.week
    assert second.info["not_compared"] is None
    version = second.info["journey"]["version"]
    assert second.info["remapped"]["from_version"] == version - 1
    for language, said in (
        ("en", f"mapped again to version {version}"),
        ("fr", f"sur la version {version} du parcours"),
    ):
        assert said in (pipeline.parents[1] / f"reports/2026-W47/report.{language}.html").read_text("utf-8")


def test_what_a_run_read_and_what_it_lacks_stay_known(remapped):
    pipeline, again, anew = remapped
    for one, other in zip(again, anew, strict=True):
        assert one.info["counts"] == other.info["counts"]
        assert one.info["inputs"] == other.info["inputs"]
    assert store.rerun_reason(pipeline.parents[1], "2026-W46") == "3 submissions of this week arrived late"
    assert store.rerun_reason(pipeline.parents[1], "2026-W47") is None


def test_runs_on_the_journey_already_are_left_alone(remapped):
    pipeline, again, _ = remapped
    done = CliRunner().invoke(cli.app, ["remap", str(pipeline)])
    assert "on this journey already" in done.output
    assert [store.find(pipeline.parents[1], one.week).folder for one in again] == [one.folder for one in again]


def test_a_run_tagged_by_another_encoder_is_refused_before_any_is_written(remapped, tmp_path):
    shutil.copytree(remapped[0].parents[1], tmp_path / "copy")
    pipeline = tmp_path / "copy/pipelines/weekly.yaml"
    change_the_version(pipeline)
    newest = store.find(tmp_path / "copy", "2026-W47")
    models = newest.info["models"] | {"encoder": "shipped-000000000000"}
    (newest.folder / "run.json").write_text(json.dumps(newest.info | {"models": models}), "utf-8")
    with pytest.raises(StoreError, match=r"another encoder model.*Got 'shipped-0+'.*--week 2026-W47"):
        remap.remap(pipeline)
    assert store.find(tmp_path / "copy", "2026-W46").journey == remapped[1][0].journey


def test_a_correction_survives_a_rerun_a_remap_and_a_changed_journey(remapped, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(remapped[2][0].folder.parents[3], root)
    pipeline = root / "pipelines/weekly.yaml"
    segments = store.find(root, "2026-W46").table("segments")
    chosen = segments[segments["text"] != ""].iloc[0]
    sheet = pd.DataFrame({"segment_id": [chosen["segment_id"]], "touchpoint": ["parking"], "sentiment": ["neutral"]})
    sheet.to_csv(tmp_path / "edited.csv", index=False)
    journey = store.find(root, "2026-W46").journey
    assert len(corrections.take(tmp_path / "edited.csv", root, journey, "ann").new) == 1

    def tagged() -> list[str]:
        row = store.find(root, "2026-W46").table("segments").set_index("segment_id").loc[chosen["segment_id"]]
        return [row["touchpoint"], row["sentiment"], row["tagged_by"], row["reason"]]

    right = ["parking", "neutral", "human", "correction"]
    assert [one.week for one in remap.remap(pipeline)] == ["2026-W46", "2026-W47"]
    assert tagged() == right
    assert remap.remap(pipeline) == []
    assert "remapped" not in store.find(root, "2026-W46").info
    run.run(pipeline, week="2026-W46")
    assert tagged() == right
    change_the_version(pipeline)
    remap.remap(pipeline)
    assert tagged() == right
    sheet.assign(touchpoint="general", sentiment=chosen["sentiment"]).to_csv(tmp_path / "edited.csv", index=False)
    corrections.take(tmp_path / "edited.csv", root, journey, "bob")
    remap.remap(pipeline)
    assert tagged()[1:] == [chosen["sentiment"], "human", "correction"]


def test_a_pipeline_without_runs_has_nothing_to_map(tmp_path):
    with pytest.raises(UsageError, match=r"no run yet.*feedback run"):
        remap.remap(small.cut(tmp_path, rows=0, **SETTINGS))
