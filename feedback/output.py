"""What a stored run gives to people: the report in each language and the exports, in reports/<week>/."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from feedback import stats, store
from feedback.errors import StoreError
from feedback.export import export
from feedback.report import Results, render


def results(run: store.Run, root: Path) -> Results:
    """A stored run with its score metrics and the friction of the weeks before it, oldest first."""
    tables = run.tables()
    return Results(
        tables=tables,
        info={**run.info, "run_id": run.folder.name},
        journey=run.journey,
        metrics=stats.metrics(tables["scores"], tables["submissions"]),
        history=[(r.week, r.table("friction")) for r in store.history(root) if r.week < run.week],
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


def write(run: store.Run, root: Path, languages: Sequence[str], targets: Sequence[str]) -> list[Path]:
    """Write a run's reports and exports; returns the paths, the reports first.

    Raises StoreError when they cannot be written; the run itself is stored.
    """
    found, where = results(run, root), folder(root, run.week)
    try:
        paths = write_reports(found, where, languages)
        for target in targets:
            paths += export(target, found, where / target)
    except OSError as error:
        what = f"the report or an export cannot be written: {error.strerror or error}"
        remedy = f"give access or free space, then run `feedback report {run.week}`; the run itself is stored"
        raise StoreError(what, where=str(error.filename or where), remedy=remedy) from error
    return paths
