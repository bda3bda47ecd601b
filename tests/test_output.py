"""What a stored run gives to people: whole or not at all, and nothing that is older."""

import os
import shutil
from pathlib import Path

import pandas as pd
import small
from golden import factory

from feedback import output, store
from feedback.store import Run

MADE = factory.results()
INFO = small.info()
MODELS = INFO["models"]


def keep(root: Path, week: str, **info) -> Run:
    with store.writing(root, week) as folder:
        small.save(folder, dict(MADE.tables), MADE.journey, MADE.info | INFO | {"week": week} | info)
    return store.find(root, week)


def test_the_weeks_before_are_those_of_the_same_pipeline_and_models(tmp_path):
    keep(tmp_path, "2026-W42", models=MODELS | {"encoder": "e0"})
    keep(tmp_path, "2026-W43", pipeline="other")
    keep(tmp_path, "2026-W44", thresholds={"touchpoint": 0.4, "stage": 0.6})
    keep(tmp_path, "2026-W45", thresholds={"touchpoint": 0.5, "stage": 0.6, "min_count": 30})
    now = keep(tmp_path, "2026-W46")
    keep(tmp_path, "2026-W47")
    assert [week for week, _ in output.results(now, tmp_path).history] == ["2026-W45"]


def test_a_run_of_everything_has_no_weeks_before_it(tmp_path):
    keep(tmp_path, "2026-W45")
    assert output.results(keep(tmp_path, "all"), tmp_path).history == []


def test_pages_and_exports_of_an_earlier_run_are_removed_and_other_files_stay(tmp_path):
    done, where = keep(tmp_path, "2026-W46"), tmp_path / "reports/2026-W46"
    output.write(done, tmp_path, ["en", "fr"], ["csv", "mermaid"], alone=True)
    (where / "notes.txt").write_text("ours")
    paths = output.write(done, tmp_path, ["fr"], ["mermaid"], alone=True)
    assert {path for path in where.rglob("*") if path.is_file()} == {*paths, where / "notes.txt"}
    assert {path.relative_to(where).as_posix() for path in paths} == {
        "report.fr.html", "mermaid/journey.csv", "mermaid/journey.en.mmd", "mermaid/journey.fr.mmd",
    }  # fmt: skip


def test_a_report_or_an_export_written_by_itself_leaves_the_others(tmp_path):
    done, where = keep(tmp_path, "2026-W46"), tmp_path / "reports/2026-W46"
    first = output.write(done, tmp_path, ["en"], ["mermaid"], alone=True)
    more = output.write(done, tmp_path, [], ["parquet"])
    assert {path for path in where.rglob("*") if path.is_file()} == {*first, *more}


def test_an_export_stopped_at_any_step_on_the_disk_is_the_old_one_or_the_new_one_or_none(tmp_path, monkeypatch):
    done, target = keep(tmp_path, "2026-W46"), tmp_path / "reports/2026-W46/csv"
    whole = {path.name for path in output.write(done, tmp_path, [], ["csv"])}
    step, stopped = 0, True
    while stopped:
        for path in target.iterdir():
            path.write_text("old")
        left = [step]
        with monkeypatch.context() as patch:
            for name in ("replace", "rename", "unlink", "mkdir", "rmdir"):
                patch.setattr(os, name, _deadly(getattr(os, name), left))
            patch.setattr(pd.DataFrame, "to_csv", _deadly(pd.DataFrame.to_csv, left))
            # A killed process tidies nothing up.
            patch.setattr(shutil, "rmtree", _until_stopped(shutil.rmtree, left))
            stopped = _stopped(done, tmp_path)
        if target.exists():
            assert {path.name for path in target.iterdir()} == whole
            assert len({path.read_text("utf-8-sig") == "old" for path in target.iterdir()}) == 1
        output.write(done, tmp_path, [], ["csv"])
        assert [path.name for path in target.parent.iterdir()] == ["csv"]
        step += 1
    assert step > len(whole)


class Killed(BaseException):
    """As far as the export goes."""


def _deadly(function, left):
    def stepped(*args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return function(*args, **kwargs)

    return stepped


def _until_stopped(function, left):
    return lambda *args, **kwargs: None if left[0] < 0 else function(*args, **kwargs)


def _stopped(done: Run, root: Path) -> bool:
    try:
        output.write(done, root, [], ["csv"])
    except Killed:
        return True
    return False
