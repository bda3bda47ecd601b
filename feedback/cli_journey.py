"""The commands of `feedback journey`: parse, call, print. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feedback.errors import FileError

app = typer.Typer(help="Look after the journey file.", no_args_is_help=True, rich_markup_mode=None)


@app.command("check")
def check_journey(
    journey: Annotated[Path, typer.Argument(help="The journey file (YAML).")],
    strict: Annotated[bool, typer.Option("--strict", help="Leave with exit code 1 when there is advice.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Without comparing texts by their meaning.")] = False,
) -> None:
    """Check a journey file, and say what would make the map truer.

    Example: feedback journey check data/journeys/concert.yaml
    """
    from feedback import check, console

    checked = check.check(journey, by_meaning=not quick)
    typer.echo(console.checked(checked, journey))
    if strict and checked.findings:
        number = console.count(len(checked.findings), "finding")
        raise FileError(number, where=str(journey), remedy="what to do stands above; without --strict they are advice")


@app.command("suggest")
def suggest_touchpoints(
    pipeline: Annotated[Path, typer.Argument(help="The pipeline file, such as pipelines/weekly.yaml.")],
    most: Annotated[int, typer.Option("--n", min=1, help="How many touchpoints to suggest at most.")] = 5,
) -> None:
    """Suggest touchpoints that the journey lacks, from what customers said in the stored runs, as YAML to paste.

    Example: feedback journey suggest pipelines/weekly.yaml
    """
    from feedback import console, suggest

    with console.progress() as steps:
        journey, found = suggest.suggest(pipeline, most=most, steps=steps)
    typer.echo(suggest.as_yaml(found, journey) if found else "nothing that the journey lacks is spoken of often enough")


@app.command("diff")
def compare_journeys(
    before: Annotated[Path, typer.Argument(metavar="A", help="A journey file (YAML).")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another, or a later version of it.")],
) -> None:
    """Say what differs between two journey files.

    Example: feedback journey diff old.yaml data/journeys/concert.yaml
    """
    from feedback import diff
    from feedback import journey as journeys

    lines = diff.diff(journeys.load(before), journeys.load(after))
    typer.echo("\n".join(lines) if lines else "no difference")
