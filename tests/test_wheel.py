"""The wheel installs and runs by itself: no checkout, no make, no network."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import small

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, env=small.offline(), capture_output=True, check=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory) -> Path:
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def feedback(unpacked: Path, folder: Path, *arguments: str) -> str:
    environment = small.offline(PYTHONPATH=str(unpacked), FEEDBACK_NETWORK_TRACE=str(folder / "network"))
    command = [sys.executable, "-m", "feedback", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (folder / "network").exists()
    return done.stdout


def test_the_wheel_holds_the_package_and_its_workspace_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert {name.split("/")[0].split("-")[0] for name in names} == {"feedback", "feedback_journey"}
    inside = [name.removeprefix("feedback/workspace/") for name in names if name.startswith("feedback/workspace/")]
    assert {"pipelines/weekly.yaml", "data/journeys/concert.yaml", "models/weights/manifest.json"} <= set(inside)
    assert not [name for name in names if "__pycache__" in name or "/runs/" in name or name.endswith("/salt")]
    assert {"feedback/general.yaml", "feedback/report/template.html", "feedback/report/words.fr.yaml"} <= set(names)
    assert all(mode & 0o444 == 0o444 for mode in modes.values())


def test_a_workspace_made_by_the_wheel_runs_a_week(unpacked, tmp_path):
    where = subprocess.run(
        [sys.executable, "-c", "import feedback; print(feedback.__file__)"],
        cwd=tmp_path, env=small.offline(PYTHONPATH=str(unpacked)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(unpacked)
    assert "pipelines/weekly.yaml" in feedback(unpacked, tmp_path, "init", "brand")
    brand = tmp_path / "brand"
    inbox = sorted((brand / "data/inbox").rglob("*W4*"))
    assert len(inbox) == 15
    # A few rows are enough to show that it works, and save a minute.
    for path in inbox:
        small.cutters[path.parent.name](path, path, 8, list)
    said = feedback(unpacked, brand, "run", os.path.join("pipelines", "weekly.yaml"), "--week", "2026-W47")  # noqa: PTH118
    assert "2026-W47:" in said
    for language in ("en", "fr"):
        assert "</html>" in (brand / f"reports/2026-W47/report.{language}.html").read_text("utf-8")
    assert (brand / "data/runs/2026-W47/current").is_file()
    assert (brand / "reports/2026-W47/xlsx/feedback.xlsx").stat().st_size > 0
