"""The commands that look after what is stored: parse, call, print. Heavy imports are made by the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feedback.errors import StoreError, UsageError

app = typer.Typer()


@app.command("check")
def check_runs() -> None:
    """Check that every stored run is whole: no file missing, altered or of a layout that cannot be read.

    Leaves with exit code 1 when something is wrong.

    Example: feedback check
    """
    from feedback import console, integrity, workspace

    found = integrity.check(workspace.here())
    typer.echo(console.conditions(found))
    if wrong := sum(bool(one.wrong) for one in found):
        raise StoreError(f"{wrong} of {len(found)} not whole", remedy="what to do stands above")


@app.command("forget")
def forget_person(
    pipeline: Annotated[Path, typer.Argument(help="The pipeline file, such as pipelines/weekly.yaml.")],
    author: Annotated[
        str | None, typer.Option(help="Who is to be forgotten, as the export writes it, or as stored.")
    ] = None,
    comment: Annotated[
        str | None, typer.Option(help="The comment_id of a comment; its whole submission is forgotten.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only the author of this name in one source.")] = None,
) -> None:
    """Remove a person from every run, report, correction and vector, and leave them out when exports are read again.

    With neither --author nor --comment, finish what was stopped before.

    Example: feedback forget pipelines/weekly.yaml --author "Devon Example"
    """
    from feedback import console, forget

    if source is not None and author is None:
        raise UsageError("--source goes with --author", remedy="name the author, or leave --source out")
    with console.progress() as steps:
        done = forget.forget(pipeline, author=author, comment=comment, source=source, steps=steps)
    typer.echo(console.forgot(done, author))
