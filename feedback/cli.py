"""The command line: parse, call, print. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from feedback import __version__, cli_journey, cli_store
from feedback.errors import FeedbackError, ReadError, StoreError, UsageError

app = typer.Typer(
    help="Tag customer feedback in French and English, map it to your customer journey, and report friction.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(cli_journey.app, name="journey")
app.add_typer(cli_store.app)

JourneyFile = Annotated[Path, typer.Option("--journey", help="The journey file (YAML).")]
STOPPED = 130  # what the shell expects of a command ended by Ctrl-C
TARGETS = ("csv", "formbricks-hub", "mermaid", "parquet", "xlsx")


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"feedback {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    del version


@app.command("run")
def run_pipeline(
    pipeline: Annotated[Path, typer.Argument(help="The pipeline file, such as pipelines/weekly.yaml.")],
    week: Annotated[str | None, typer.Option(help="One ISO week, such as 2026-W47.")] = None,
    weeks: Annotated[str | None, typer.Option(help="Several weeks, such as 2026-W45..2026-W47.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="One run of everything, whatever its date.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be run, and write nothing.")] = False,
) -> None:
    """Read the week's exports, tag them, and write the friction report.

    Without a week, the newest complete one is run.

    Example: feedback run pipelines/weekly.yaml --week 2026-W47
    """
    from feedback import console, run, workspace

    if sum((week is not None, weeks is not None, everything)) > 1:
        raise UsageError("--week, --weeks and --all exclude each other", remedy="give one of them")
    if dry_run:
        typer.echo(console.plan(run.plan(pipeline, week=week, span=weeks, everything=everything)))
        return
    with console.progress() as steps:
        done = run.run(pipeline, week=week, span=weeks, everything=everything, steps=steps)
    root = workspace.around(pipeline)
    typer.echo(console.summary(done, root))


@app.command("read")
def read_files(
    inputs: Annotated[list[Path], typer.Argument(help="Exports to read: files, folders, archives.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write the comments (.parquet, .csv, .jsonl, .xlsx); with --explain the mapping."),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="A mapping file (YAML) that says what the columns mean.")] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Say how each file is read; for an unknown one write a mapping to edit, FILE.mapping.yaml beside it.",
        ),
    ] = False,
) -> None:
    """Read exports, redact them and write their comments; say what was found, what was not, and why.

    Submissions, scores and rejects are written beside the comments.

    Example: feedback read inbox/*.csv --out comments.parquet
    """
    from feedback import console, intake

    if explain:
        typer.echo(intake.explain(inputs, out))
        return
    if out is None:
        raise UsageError("--out is missing", remedy="name the file to write, or ask for --explain")
    with console.progress() as steps:
        taken = intake.intake(inputs, out, steps, mapping)
    typer.echo(console.taken(taken))
    if not taken.usable:
        raise ReadError("nothing could be read", remedy="the reasons stand above; see also --explain")


@app.command("tag")
def tag_file(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="A known export, or with --text any table.")],
    journey: JourneyFile,
    out: Annotated[Path, typer.Option(help="Where to write (.csv, .jsonl, .parquet, .xlsx).")],
    text: Annotated[str | None, typer.Option(help="Column that holds the comments.")] = None,
    identifier: Annotated[str | None, typer.Option("--id", help="Column carried along as comment_id.")] = None,
    keep: Annotated[
        str | None, typer.Option(help="Columns to carry along, separated by commas; `all` for all.")
    ] = None,
    level: Annotated[str, typer.Option(help="A row per `segment` or per `comment`.")] = "segment",
    scores: Annotated[bool, typer.Option("--scores", help="Add the probability of every touchpoint.")] = False,
) -> None:
    """Tag the comments of one file with sentiment, stage and touchpoint.

    Example: feedback tag survey.xlsx --text comment --level comment --journey journey.yaml --out tags.xlsx
    """
    from feedback import console, tag

    columns = [c.strip() for c in keep.split(",") if c.strip()] if keep else []
    with console.progress() as steps:
        written = tag.tag(
            source,
            journey,
            out,
            text=text,
            identifier=identifier,
            keep=columns,
            level=level,
            scores=scores,
            steps=steps,
        )
    typer.echo(console.tagged(written, out))


@app.command("report")
def write_report(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A week such as 2026-W47, `all`, or a run's folder.")],
) -> None:
    """Write a stored run's report again, without tagging anything.

    Example: feedback report 2026-W47
    """
    from feedback import lock, output, store, workspace

    root = workspace.here()
    with lock.held(root, f"report {name}"):
        stored = store.find(root, name)
        languages = stored.info["resolved"]["report"]["languages"]
        for path in output.write(stored, root, languages, []):
            typer.echo(path)


@app.command("export")
def export_run(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A week such as 2026-W47, `all`, or a run's folder.")],
    to: Annotated[str, typer.Option("--to", help=f"Where to: {', '.join(TARGETS)}, or one that a package adds.")],
) -> None:
    """Write a stored run for another tool: a journey diagram, the tables, or records for Formbricks Hub.

    Example: feedback export 2026-W47 --to mermaid
    """
    from feedback import lock, output, store, workspace

    root = workspace.here()
    with lock.held(root, f"export {name} --to {to}"):
        for path in output.write(store.find(root, name), root, [], [to]):
            typer.echo(path)


@app.command("evaluate")
def evaluate_gold(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Labelled comments (.csv, .jsonl, .parquet).")],
    journey: Annotated[
        Path | None, typer.Option(help="The journey file (YAML); by default that of the pipeline.")
    ] = None,
    pipeline: Annotated[
        Path | None, typer.Option(help="Tag as this pipeline does: its thresholds, its models, what it learned.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the card; in a workspace else reports/accuracy/<GOLD's name>/.")
    ] = None,
) -> None:
    """Tag labelled comments and say how often the tags are right: in lines, and on an accuracy card.

    The card is a page in English and one in French, and card.json. Outside a workspace it is written with --out only.
    Reports show a card that fits their run: make it with --pipeline. Without, every default and the shipped models tag.

    Example: feedback evaluate data/gold/concert.csv --journey data/journeys/concert.yaml
    """
    from feedback import console, evaluate, output
    from feedback import journey as journeys

    journey = evaluate.journey_file(journey, pipeline)
    folder = output.card_folder(gold, out, pipeline.parent if pipeline else Path.cwd())
    with console.progress() as steps:
        card = evaluate.evaluate(gold, journey, steps, pipeline)
    typer.echo(evaluate.as_text(card))
    if folder is not None:
        paths = output.write_card(card, journeys.load(journey), folder)
        typer.echo("\n".join(["", "The accuracy card:", *(f"  {path}" for path in paths)]))


@app.command("correct")
def correct_tags(
    corrections_file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Edited segments (.csv, .xlsx), or JSON of Label Studio or Argilla.")
    ],
    by: Annotated[str | None, typer.Option(help="Who says so, where the file does not tell; by default you.")] = None,
) -> None:
    """Keep the tags that people have corrected; they win over the model for ever.

    Example: feedback correct segments.csv --by ann
    """
    import getpass

    from feedback import console, corrections, lock, store, workspace
    from feedback import journey as journeys

    root = workspace.here()
    stored = store.history(root, whole=True)
    if not stored:
        raise UsageError("no run to correct", got=root, remedy="make one with `feedback run PIPELINE`")
    journey = journeys.load(root / stored[-1].info["journey"]["file"])
    with lock.held(root, f"correct {corrections_file.name}", lock.PATIENCE):
        taken = corrections.take(corrections_file, root, journey, by or getpass.getuser())
    typer.echo(console.corrected(taken, root))


@app.command("learn")
def learn_corrections(
    pipeline: Annotated[Path, typer.Argument(help="The pipeline file, such as pipelines/weekly.yaml.")],
) -> None:
    """Teach the mapping what people have corrected; what was right stays right.

    Example: feedback learn pipelines/weekly.yaml
    """
    from feedback import console, learn

    with console.progress() as steps:
        lesson = learn.learn(pipeline, steps=steps)
    typer.echo(console.lesson(lesson, pipeline))


@app.command("review")
def review_segments(
    pipeline: Annotated[Path, typer.Argument(help="The pipeline file, such as pipelines/weekly.yaml.")],
    n: Annotated[int, typer.Option("--n", help="How many segments.")] = 50,
    out: Annotated[
        Path | None, typer.Option(help="Where to write (.xlsx, .csv); by default reports/review-….xlsx.")
    ] = None,
    week: Annotated[str | None, typer.Option(help="Only segments of one week, such as 2026-W47.")] = None,
) -> None:
    """Write the segments whose labels would teach most, and some at random, for people to fill in.

    Fill in the sheet, then give it to `feedback correct`.

    Example: feedback review pipelines/weekly.yaml --n 50
    """
    from feedback import console, review, workspace

    with console.progress() as steps:
        written = review.review(pipeline, n=n, out=out, week=week, steps=steps)
    root = workspace.around(pipeline)
    typer.echo(console.reviewed(written, root))


@app.command("remap")
def remap_runs(
    pipeline: Annotated[Path, typer.Argument(help="The pipeline file, such as pipelines/weekly.yaml.")],
) -> None:
    """Bring the stored runs to the journey and the corrections as they are now; nothing is read or encoded again.

    Example: feedback remap pipelines/weekly.yaml
    """
    from feedback import console, remap, workspace

    with console.progress() as steps:
        done = remap.remap(pipeline, steps=steps)
    root = workspace.around(pipeline)
    typer.echo(console.summary(done, root) if done else "every run is on this journey already; nothing was written")


@app.command("init")
def init_workspace(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")]) -> None:
    """Make a workspace of your own: pipelines, journeys, an inbox with sample exports.

    Example: feedback init brand
    """
    from feedback import workspace

    workspace.create(folder)
    typer.echo(f"{folder} is ready. Next: cd {folder} && feedback run pipelines/weekly.yaml --week 2026-W47")


@app.command("status")
def show_status() -> None:
    """List the weeks that were run, and those to run again.

    Example: feedback status
    """
    from feedback import console, workspace

    typer.echo(console.status(workspace.here()))


@app.command("schema")
def show_schema(
    name: Annotated[str, typer.Argument(help="pipeline, journey, mapping, gold, card or tables.")],
) -> None:
    """Print the JSON Schema of a file that you write, of an accuracy card, or of the tables that a run leaves.

    Example: feedback schema pipeline
    """
    from feedback import schema

    typer.echo(schema.of(name))


def main() -> None:
    """Run the command; an error of ours is one line on stderr, with exit code 1 or 2."""
    # No model of ours is on a hub; a name that is not a local folder must fail at once, not after retries.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    try:
        code = app(prog_name="feedback", standalone_mode=False)
    except FeedbackError as error:
        _leave(error)
    except TyperException as error:
        _leave(_misused(error))
    except OSError as error:
        _leave(StoreError(error.strerror or str(error), where=error.filename))
    if code == STOPPED:
        kept = "; the last good run is untouched" if sys.argv[1:2] == ["run"] else ""
        typer.echo(f"feedback: stopped{kept}", err=True)
    sys.exit(code)


def _leave(error: FeedbackError) -> NoReturn:
    typer.echo(f"feedback: {error}", err=True)
    sys.exit(error.exit_code)


def _misused(error: TyperException) -> UsageError:
    """A slip in the command line as an error of ours; a command group on its own shows its help."""
    what, context = error.format_message(), getattr(error, "ctx", None)
    if what.startswith("Usage:"):
        typer.echo(what, err=True)
        sys.exit(error.exit_code)
    return UsageError(what, remedy=f"see `{context.command_path if context else 'feedback'} --help`")


if __name__ == "__main__":
    main()
