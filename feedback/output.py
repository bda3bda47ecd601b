"""What a stored run gives to people: the report in each language and the exports, in reports/<week>/."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from feedback import stats, store
from feedback.errors import StoreError
from feedback.export import export, targets
from feedback.report import Results, render


def results(run: store.Run, root: Path) -> Results:
    """A stored run with its score metrics and the friction of comparable weeks before it, oldest first."""
    tables, journey = run.tables(), run.journey
    earlier = store.earlier(root, run.week, run.info.get("pipeline", ""))
    mapped_again = [r.info["remapped"]["on"] for r in (run, *earlier) if "remapped" in r.info]
    return Results(
        tables=tables,
        info={**run.info, "run_id": run.folder.name, "remapped": max(mapped_again, default=None)},
        journey=journey,
        metrics=stats.metrics(tables["scores"], tables["submissions"]),
        history=[(r.week, r.table("friction")) for r in earlier if not store.changed(r, run.info, journey)],
    )


def folder(root: Path, week: str) -> Path:
    """Where a week's report and exports lie."""
    return root / "reports" / week


def write_reports(found: Results, where: Path, languages: Sequence[str]) -> list[Path]:
    """Write one page per language, report.<language>.html, each at once or not at all; returns the paths."""
    where.mkdir(parents=True, exist_ok=True)
    paths = []
    for language in languages:
        path = where / f"report.{language}.html"
        part = path.with_name(f".{path.name}.part")
        part.write_text(render(found, language), encoding="utf-8")
        paths.append(part.replace(path))
    return paths


def write(
    run: store.Run, root: Path, languages: Sequence[str], exports: Sequence[str], *, alone: bool = False
) -> list[Path]:
    """Write a run's reports and exports; returns the paths, the reports first.

    With `alone`, other reports and exports, which an earlier run of the week left, are removed.
    Raises StoreError when they cannot be written; the run itself is stored.
    """
    found, where = results(run, root), folder(root, run.week)
    try:
        paths = write_reports(found, where, languages)
        for target in exports:
            paths += _export(target, found, where / target)
        if alone:
            for page in set(where.glob("report.*.html")) - set(paths):
                page.unlink()
            for target in set(targets()) - set(exports):
                shutil.rmtree(where / target, ignore_errors=True)
    except OSError as error:
        what = f"the report or an export cannot be written: {error.strerror or error}"
        remedy = f"give access or free space, then run `feedback report {run.week}`; the run itself is stored"
        raise StoreError(what, where=str(error.filename or where), remedy=remedy) from error
    return paths


def _export(target: str, found: Results, folder: Path) -> list[Path]:
    """Export into a hidden folder beside, and put it in place when it is whole; returns the paths in place."""
    part, old = (folder.with_name(f".{folder.name}.{end}") for end in ("part", "old"))
    for left in (part, old):
        shutil.rmtree(left, ignore_errors=True)
    try:
        paths = export(target, found, part)
        if folder.exists():
            folder.replace(old)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return [folder / path.relative_to(part) if path.is_relative_to(part) else path for path in paths]
