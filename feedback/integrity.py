"""Whether stored runs are whole: every file as it was when the run was stored, and of a layout that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from feedback import forgotten, migrate, seal, store
from feedback.errors import StoreError
from feedback.tables import SCHEMAS
from feedback.weeks import ALL


class Condition(NamedTuple):
    """What became of a week's run: its id (None without one), what is wrong, what is only worth knowing, what to do."""

    week: str
    run: str | None
    wrong: list[str]
    notes: list[str]

    remedy: str


def check(root: Path) -> list[Condition]:
    """The condition of every week's run, oldest first, and last that of what was to be forgotten, when it is not."""
    found = [_of_week(root, week) for week in store.stored_weeks(root)]
    try:
        if forgotten.is_unfinished(root):
            finish = "finish it with `feedback forget PIPELINE`"
            found.append(Condition("forget", None, ["somebody was to be forgotten, and it was stopped"], [], finish))
    except StoreError as error:
        found.append(Condition("forget", None, [error.what], [], error.remedy or ""))
    return found


def _of_week(root: Path, week: str) -> Condition:
    again = f"run it again: `feedback run PIPELINE {'--all' if week == ALL else f'--week {week}'}`"
    folder = store.runs_folder(root) / week
    pointer = folder / "current"
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    whole = [name for name in names if not name.startswith(".")]
    notes = ["a run was stopped; the next one takes up what it had tagged"] if len(whole) < len(names) else []
    if not pointer.is_file():
        wrong = [f"no run is the current one, and there are {', '.join(whole)}"] if whole else []
        return Condition(week, None, wrong, notes, again)
    run_id = pointer.read_text(encoding="ascii", errors="replace").strip() or "none"
    if run_id not in whole:
        return Condition(week, run_id, ["the current run is missing"], notes, again)
    wrong, more = _of_run(folder / run_id)
    if left := [name for name in whole if name != run_id]:
        more.append(f"the next run of the week removes older ones: {', '.join(left)}")
    if wrong:  # no other week could be run while this run is in the way
        again = f"delete data/runs/{week}/{run_id}, then {again}"
    return Condition(week, run_id, wrong, [*more, *notes], again)


def _of_run(folder: Path) -> tuple[list[str], list[str]]:
    """What is wrong with a run's folder, and what is worth knowing."""
    if not (folder / seal.RUN_JSON).is_file():
        return [f"{seal.RUN_JSON} is missing"], []
    try:
        run = store.load(folder)
    except StoreError as error:
        return [error.what], []
    wrong = list(_altered(run)) if store.layout_of(run.info) > 1 else []
    wrong += [] if wrong else list(_unreadable(run))
    if wrong:
        return wrong, []
    return [], ["of an older layout; the next run brings it to this one"] if migrate.is_outdated(run) else []


def _altered(run: store.Run) -> Iterator[str]:
    """The files that are not what they were."""
    if not seal.holds(run.info):
        yield f"{seal.RUN_JSON} was altered"
    there, told = seal.of_files(run.folder), run.info.get("files")
    kept = told if isinstance(told, dict) else {}
    for name in sorted({*there, *kept}):
        if name not in there:
            yield f"{name} is missing"
        elif name not in kept:
            yield f"{name} does not belong to it"
        elif there[name] != kept[name]:
            yield f"{name} was altered"


def _unreadable(run: store.Run) -> Iterator[str]:
    """What cannot be read of a run whose files are those it was stored with, or that has no digests of them."""
    try:
        _ = run.journey
        migrate.is_outdated(run)
        for name in (*SCHEMAS, "lemmas"):
            run.table(name)
    except StoreError as error:
        yield f"{error.what}: {Path(error.where or '').name}"
