"""What a stored run gives to people: the report in each language and the exports, in reports/<week>/."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from feedback import stats, store
from feedback.export import export
from feedback.report import Results, render


def results(run: store.Run, root: Path) -> Results:
    """A stored run with its score metrics and the friction of the weeks before it, oldest first."""
    tables = run.tables()
    return Results(
        tables=tables,
        info=run.info,
        journey=run.journey,
        metrics=stats.metrics(tables["scores"], tables["submissions"]),
        history=[(r.week, r.table("friction")) for r in store.history(root) if r.week < run.week],
    )


def folder(root: Path, week: str) -> Path:
    """Where a week's report and exports lie."""
    return root / "reports" / week


def write_reports(found: Results, where: Path, languages: Sequence[str]) -> list[Path]:
    """Write one page per language, report.<language>.html; returns the paths."""
    where.mkdir(parents=True, exist_ok=True)
    paths = []
    for language in languages:
        path = where / f"report.{language}.html"
        path.write_text(render(found, language), encoding="utf-8")
        paths.append(path)
    return paths


def write(run: store.Run, root: Path, languages: Sequence[str], targets: Sequence[str]) -> list[Path]:
    """Write a run's reports and exports; returns the paths, the reports first."""
    found, where = results(run, root), folder(root, run.week)
    paths = write_reports(found, where, languages)
    for target in targets:
        paths += export(target, found, where / target)
    return paths
