"""Run folders: data/runs/<week>/<run id>/ with the tables as Parquet and run.json; `current` names the one that counts.

A run is written beside the others under a hidden name, renamed when it is whole, and only then does
`current` point at it: whoever reads sees the old run or the new one, never a half. One process writes at a time
(feedback.lock), so what else lies in a week's folder was left by one that was killed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from feedback import atomic, seal, weeks
from feedback.atomic import PART
from feedback.errors import StoreError, UsageError
from feedback.journey import Journey
from feedback.tables import SCHEMAS, SEGMENTS, conform
from feedback.weeks import ALL

LAYOUT = 2  # of run folders; 1 had no digests of its files
AGAIN = "delete this run's folder and run its week again"
# What is read again of run.json; the other entries may be absent.
NEEDED: dict[str, Any] = {
    "week": str,
    "journey": {"version": int},
    "models": dict,
    "thresholds": {"touchpoint": int | float, "stage": int | float},
    "inputs": dict,
    "resolved": {"report": {"languages": list}},
}


class Run(NamedTuple):
    """A stored run: where it lies and what it says of itself."""

    folder: Path
    info: dict[str, Any]

    @property
    def week(self) -> str:
        """The week it covers, or `all`."""
        return str(self.info["week"])

    @property
    def journey(self) -> Journey:
        """The journey that it was mapped to, as it was then. Raises StoreError when the file is missing or damaged."""
        path = self.folder / "journey.json"
        try:
            return Journey.model_validate_json(path.read_bytes())
        except (OSError, ValueError) as error:
            raise StoreError("the run's journey cannot be read", where=str(path), remedy=AGAIN) from error

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One of its tables, or some columns of it. Raises StoreError when the file is missing or damaged."""
        path = self.folder / f"{name}.parquet"
        try:
            return pd.read_parquet(path, columns=list(columns) if columns else None)
        except (OSError, ValueError) as error:
            raise StoreError("a table of the run cannot be read", where=str(path), remedy=AGAIN) from error

    def tables(self) -> dict[str, pd.DataFrame]:
        """All its tables by name."""
        return {name: self.table(name) for name in SCHEMAS}


def with_lemmas(segments: pd.DataFrame, run: Run) -> pd.DataFrame:
    """Segments of a run with the lemmas that it holds apart from them."""
    lemmas = run.table("lemmas").set_index("segment_id")["lemmas"]
    return segments.assign(lemmas=segments["segment_id"].map(lemmas))


def runs_folder(root: Path) -> Path:
    """Where a workspace keeps its runs."""
    return root / "data" / "runs"


def stored_weeks(root: Path) -> list[str]:
    """The weeks, and perhaps `all`, that have a folder among the runs, in order."""
    folder = runs_folder(root)
    return sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []


@contextmanager
def writing(root: Path, week: str) -> Iterator[Path]:
    """A folder to write a run into; it becomes the week's current run when the block ends without an error.

    Raises StoreError when the disk is full or the folder cannot be written; the last good run stays in place.
    """
    folder = runs_folder(root) / week
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(2).hex()}"
    part = folder / f".{run_id}{PART}"
    with explained(folder):
        part.mkdir(parents=True)
        try:
            yield part
            _finish(folder, part, run_id)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Raise StoreError with what to do when the block cannot write to the disk, below this folder."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the run cannot be written: {error.strerror or error}",
            where=str(folder),
            remedy="free space or give write access, then run again; the last good run is untouched",
        ) from error


def _finish(folder: Path, part: Path, run_id: str) -> None:
    for path in part.iterdir():
        atomic.sync(path)
    part.rename(folder / run_id)
    with atomic.replacing(folder / "current") as pointer:
        pointer.write_text(run_id + "\n", encoding="ascii")
    atomic.sync(folder)
    (folder / "rerun").unlink(missing_ok=True)
    # The run is stored; what nobody may remove does not unmake it.
    with suppress(OSError):
        prune(folder, run_id)


def prune(folder: Path, run_id: str | None) -> None:
    """Remove from a week's folder all runs but one, and what killed ones left. Raises OSError when it cannot."""
    for path in folder.iterdir():
        if path.is_dir() and path.name != run_id:
            shutil.rmtree(path)
        elif path.name.startswith(".current"):
            path.unlink(missing_ok=True)


def save(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    segments: Iterable[pd.DataFrame],
    journey: Journey,
    info: Mapping[str, Any],
) -> None:
    """Write the tables as Parquet, the journey, and run.json with the layout and the digests of these files.

    `segments` come in parts, with their lemmas, which are a table of their own.
    """
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")
    _save_segments(folder, segments)
    (folder / "journey.json").write_text(journey.model_dump_json(by_alias=True), encoding="utf-8")
    _describe(folder, {**info, "layout": LAYOUT, "files": seal.of_files(folder)})


def _save_segments(folder: Path, parts: Iterable[pd.DataFrame]) -> None:
    """A row group for each part: all segments at once would be the most that a run holds in memory."""
    import pyarrow as pa
    from pyarrow import parquet

    with ExitStack() as files:
        writers: dict[str, parquet.ParquetWriter] = {}
        for part in parts:
            tables = {"segments": conform(part, SEGMENTS), "lemmas": part[["segment_id", "lemmas"]]}
            for name, table in tables.items():
                rows = pa.Table.from_pandas(table, preserve_index=False)
                if name not in writers:
                    writer = parquet.ParquetWriter(folder / f"{name}.parquet", rows.schema, compression="zstd")
                    writers[name] = files.enter_context(writer)
                writers[name].write_table(rows)


def amend(run: Run, more: Mapping[str, Any]) -> Run:
    """The stored run with further entries in its run.json, or other values of those it has."""
    return Run(run.folder, _describe(run.folder, {**run.info, **more}))


def _describe(folder: Path, info: Mapping[str, Any]) -> dict[str, Any]:
    """Write run.json at once or not at all; returns what it says."""
    told = seal.sealed(info)
    with atomic.replacing(folder / seal.RUN_JSON) as part:
        part.write_text(json.dumps(told, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
    return told


def load(folder: Path) -> Run:
    """The run in a folder. Raises UsageError when there is none, StoreError when it is damaged or of a newer layout."""
    try:
        info = json.loads((folder / seal.RUN_JSON).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError("no run in this folder", got=folder, remedy="see `feedback status`") from None
    except OSError as error:
        what = f"run.json cannot be read: {error.strerror or error}"
        raise StoreError(what, where=str(folder), remedy="give read access, or " + AGAIN) from error
    except ValueError:
        info = None
    if not _holds(info, NEEDED):
        raise StoreError("run.json is damaged", where=str(folder), remedy=AGAIN)
    if layout_of(info) > LAYOUT:
        raise StoreError(
            "a newer version of feedback stored this run", where=str(folder), got=f"layout {layout_of(info)}",
            allowed=f"up to {LAYOUT}", remedy="use that version, or run the week again with this one",
        )  # fmt: skip
    return Run(folder, info)


def layout_of(info: Mapping[str, Any]) -> int:
    """The layout of a run's folder, by what the run says of itself."""
    told = info.get("layout", 1)
    return told if isinstance(told, int) else 1


def _holds(value: Any, needed: Any) -> bool:
    """Whether a value is of a type, or a dictionary that has at least some keys with what they need."""
    if not isinstance(needed, dict):
        return isinstance(value, needed)
    return isinstance(value, dict) and all(key in value and _holds(value[key], needed[key]) for key in needed)


def current(root: Path, week: str) -> Run | None:
    """The current run of a week, or None. Raises StoreError when its run.json is damaged."""
    pointer = runs_folder(root) / week / "current"
    if not pointer.is_file():
        return None
    folder = pointer.parent / (pointer.read_text(encoding="ascii", errors="replace").strip() or "none")
    return load(folder) if folder.is_dir() else None


def history(root: Path, *, pipeline: str | None = None, without: str = ALL, whole: bool = False) -> list[Run]:
    """The current run of every week but one, oldest first, or a pipeline's.

    `all` is no week and not among them; with `whole` it comes last.
    """
    names = [name for name in stored_weeks(root) if name not in (ALL, without)]
    runs = [run for name in [*names, *([ALL] if whole else [])] if (run := current(root, name))]
    return [run for run in runs if pipeline in (None, run.info.get("pipeline"))]


def earlier(root: Path, week: str, pipeline: str) -> list[Run]:
    """A pipeline's current runs of the weeks before one, oldest first; `all` has none before it."""
    runs = history(root, pipeline=pipeline, without=week) if week != ALL else []
    return [run for run in runs if run.week < week]


def changed(before: Run, now: Mapping[str, Any], journey: Journey) -> str | None:
    """What differs from an earlier run of what tags rest on: "models", "journey", "thresholds"; None when nothing does.

    A change of tags would pass for a change of what customers say.
    """
    then = before.info
    known = before.journey
    differs = {
        "models": then["models"] != now["models"],
        "journey": (known.journey, known.version, known.stages) != (journey.journey, journey.version, journey.stages),
        "thresholds": any(then["thresholds"][key] != now["thresholds"][key] for key in ("touchpoint", "stage")),
    }
    return ", ".join(name for name, other in differs.items() if other) or None


def refuse_others(root: Path, chosen: Sequence[str], pipeline: str) -> None:
    """Raise StoreError when a week's current run, which a new one would replace, is another pipeline's."""
    for week in chosen:
        try:
            run = current(root, week)
        except StoreError:  # a damaged run is repaired by a new one
            continue
        if run and (other := run.info.get("pipeline", pipeline)) != pipeline:
            raise StoreError(
                f"the pipeline {other!r} has run this week, and its run would be replaced",
                where=str(runs_folder(root) / week),
                got=pipeline,
                remedy="use another workspace (`feedback init DIR`), or delete this folder",
            )


def find(root: Path, name: str) -> Run:
    """The run that a person means by a week, `all`, or a folder. Raises UsageError with what there is."""
    if (run := current(root, name)) is not None:
        return run
    if Path(name).is_dir():
        return load(Path(name))
    known = stored_weeks(root) or "none yet"
    raise UsageError("no such run", got=name, allowed=known, remedy="make one with `feedback run`")


def mark_for_rerun(root: Path, week: str, reason: str) -> None:
    """Note that a week's run lacks something; `feedback status` shows it, a new run of the week clears it."""
    (runs_folder(root) / week / "rerun").write_text(reason + "\n", encoding="utf-8")


def rerun_reason(root: Path, week: str) -> str | None:
    """Why a week should be run again, or None."""
    path = runs_folder(root) / week / "rerun"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def undated_elsewhere(root: Path, week: str, pipeline: str) -> frozenset[tuple[str, str]]:
    """(source, submission_id) of the undated submissions that a pipeline's runs of other weeks hold."""
    found: set[tuple[str, str]] = set()
    for run in history(root, pipeline=pipeline, without=week):
        table = run.table("submissions", ["source", "submission_id", "created_at"])
        undated = table[table["created_at"].isna()]
        found |= set(zip(undated["source"], undated["submission_id"], strict=True))
    return frozenset(found)


def late(runs: Sequence[Run], submissions: pd.DataFrame) -> list[dict[str, Any]]:
    """Submissions (source, submission_id, week) that the runs of their weeks lack: [{week, n}]."""
    arrivals = []
    keys = ["source", "submission_id"]
    for run in runs:
        held = pd.MultiIndex.from_frame(run.table("submissions", keys))
        present = pd.MultiIndex.from_frame(submissions.loc[submissions["week"] == run.week, keys])
        if n := len(present.difference(held)):
            arrivals.append({"week": run.week, "n": n})
    return arrivals


def spoken(runs: Sequence[Run]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What later comments may repeat: the comments of runs that repeat nothing, and their submissions.

    An undated comment counts as written when the week of its run began, so that it is the earlier one.
    """
    comments, submissions = [], []
    for run in runs:
        said = run.table("comments", ["comment_id", "source", "submission_id", "text", "created_at", "duplicate_of"])
        monday = pd.Timestamp(weeks.parse(run.week), tz="UTC")
        first = said[said["duplicate_of"].isna()].drop(columns="duplicate_of")
        comments.append(first.fillna({"created_at": monday}))
        submissions.append(run.table("submissions", ["source", "submission_id", "author"]))
    return pd.concat(comments, ignore_index=True), pd.concat(submissions, ignore_index=True)
