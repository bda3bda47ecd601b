"""What a stored run gives to people: the report in each language and the exports, in reports/<week>/."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from feedback import atomic, card, stats, store, workspace
from feedback.card import Card
from feedback.errors import StoreError, UsageError
from feedback.export import export, targets
from feedback.journey import Journey
from feedback.report import Results, render, render_card

LANGUAGES = ("en", "fr")


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
        card=card.newest(root, journey, run.info),
    )


def folder(root: Path, week: str) -> Path:
    """Where a week's report and exports lie."""
    return root / "reports" / week


def write_reports(found: Results, where: Path, languages: Sequence[str]) -> list[Path]:
    """Write one page per language, report.<language>.html, each at once or not at all; returns the paths."""
    where.mkdir(parents=True, exist_ok=True)
    return [_whole(where / f"report.{language}.html", render(found, language)) for language in languages]


def _whole(path: Path, text: str) -> Path:
    """Write a file at once or not at all."""
    with atomic.replacing(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


def card_folder(gold: Path, out: Path | None, here: Path) -> Path | None:
    """Where the card of a gold file goes: OUT, else its place in the workspace that `here` lies in, else nowhere.

    Raises UsageError when OUT is a file.
    """
    if out is not None and out.exists() and not out.is_dir():
        raise UsageError("OUT is a file", got=out, remedy="name a folder")
    root = workspace.find(here)
    return out or (root / card.FOLDER / gold.stem if root else None)


def write_card(made: Card, journey: Journey, where: Path) -> list[Path]:
    """Write an accuracy card as a page in each language and as card.json, which reports read; returns the paths.

    Raises StoreError when they cannot be written.
    """
    try:
        where.mkdir(parents=True, exist_ok=True)
        pages = [_whole(where / f"card.{code}.html", render_card(made, journey, code)) for code in LANGUAGES]
        return [*pages, _whole(where / card.FILE, made.model_dump_json(indent=2) + "\n")]
    except OSError as error:
        what = f"the accuracy card cannot be written: {error.strerror or error}"
        remedy = "give access or free space, or name another folder with --out"
        raise StoreError(what, where=str(error.filename or where), remedy=remedy) from error


def write(
    run: store.Run, root: Path, languages: Sequence[str], exports: Sequence[str], *, alone: bool = False
) -> list[Path]:
    """Write a run's reports and exports; returns the paths, the reports first.

    With `alone`, other reports and exports, which an earlier run of the week left, are removed.
    Raises StoreError when they cannot be written; the run itself is stored.
    """
    found, where = results(run, root), folder(root, run.week)
    try:
        with ThreadPoolExecutor(1) as beside:
            pages = beside.submit(write_reports, found, where, languages)
            exported = [path for target in exports for path in _export(target, found, where / target)]
            paths = [*pages.result(), *exported]
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
