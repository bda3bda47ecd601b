"""What people see on the terminal: progress while a command works, and what to do when it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from feedback import agreement, audit, corrections, output, store
from feedback.abstention import ENOUGH, Own
from feedback.errors import FeedbackError
from feedback.read.assemble import unread
from feedback.run import STEPS, Plan, Steps

if TYPE_CHECKING:
    from feedback.check import Checked
    from feedback.corrections import Taken as Corrected
    from feedback.forget import Done
    from feedback.intake import Taken
    from feedback.integrity import Condition
    from feedback.learn import Lesson
    from feedback.review import Reviewed
    from feedback.tag import Written


@contextmanager
def progress() -> Iterator[Steps]:
    """Steps that show a bar with the step at work; quiet where the output is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<14}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=len(STEPS), note="")

        def say(name: str) -> None:
            bar.update(task, description=name, completed=STEPS.index(name) if name in STEPS else None)

        yield Steps(say)


def count(n: int, noun: str) -> str:
    """A number and its noun, as many as there are.

    >>> count(1, "file"), count(1200, "row")
    ('1 file', '1,200 rows')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def plan(found: Plan) -> str:
    """What a run would do."""
    lines = []
    for name, files, n, undated, rejects in found.sources:
        lacking = f" ({undated:,} without a date)" if undated else ""
        lines.append(f"{name}: {count(files, 'file')}, {count(n, 'submission')}{lacking}, {count(rejects, 'reject')}")
    return "\n".join([*lines, f"would run {', '.join(found.weeks)}; nothing was written"])


def summary(runs: Sequence[store.Run], root: Path) -> str:
    """What was run, what changed, and where to look next."""
    lines = []
    for done in runs:
        comments, friction = done.table("comments"), done.table("friction")
        lines.append(f"{done.week}: {count(len(comments), 'comment')} in {sum(done.info['seconds'].values()):.0f} s")
        for direction in ("worse", "better"):
            changed = friction.loc[friction["direction"] == direction].sort_values("q_value")["touchpoint"]
            if len(changed):
                lines.append(f"  {direction}: {', '.join(done.journey.name_of(t, 'en') for t in changed)}")
        rejects = done.table("rejects")
        lines += [f"  {note}" for note in rejects["reason"] if note.startswith("note: ")]
        if lost := len(unread(rejects)):
            verb = "was" if lost == 1 else "were"
            lines.append(f"  {count(lost, 'row')} {verb} not read; the reasons are in the report under data quality")
        lines += [f"  marked for rerun: {w['week']} ({w['n']} late)" for w in done.info["counts"]["late"]]
    newest = output.folder(root, runs[-1].week)
    pages = sorted(newest.glob("report.*.html"))
    return "\n".join([*lines, *(["Open the report:"] if pages else []), *(f"  {page}" for page in pages)])


def taken(found: Taken) -> str:
    """What reading found, file by file, and what it refused."""
    lines = [f"{name}: {count(n, 'comment')}" for name, n in found.by_file.items()]
    for file, row, reason, remedy in found.refused[:20]:
        lines.append(str(FeedbackError(reason, where=file if row is None else f"{file}, row {row}", remedy=remedy)))
    if len(found.refused) > 20:
        lines.append(f"… and {len(found.refused) - 20} more, all in {found.rejects}")
    comments, submissions = count(found.comments, "comment"), count(found.submissions, "submission")
    lines.append(f"{comments} of {submissions} written to {found.out}")
    return "\n".join(lines)


def tagged(found: Written, out: Path) -> str:
    """How many rows were written, and how many of the file could not be read."""
    lines = [f"{count(found.rows, 'row')} written to {out}"]
    if found.unread:
        why = "too few or too many cells, a quote that never closes, or the id of another row"
        lines.append(f"no tags for {count(found.unread, 'row')} of the file: {why}")
    return "\n".join(lines)


def corrected(found: Corrected, root: Path) -> str:
    """What a file of corrections came to, what was refused, where people disagree, and what to do next."""
    said = corrections.load(root)
    lines = [
        f"{count(len(found.new), 'correction')} kept, {found.known:,} known already; "
        f"{count(found.unchanged, 'row')} unchanged, {len(found.refused):,} refused"
    ]
    lines += [f"  row {row}: {reason}; {remedy}" for row, reason, remedy in found.refused]
    clashes = agreement.conflicts(said)
    lines += [f"  people differ on {clash.text!r}: {clash.said}" for clash in clashes.itertuples()]
    agreed = agreement.agreement(said)
    if agreed["n"]:
        lines.append(
            f"{count(int(agreed['n']), 'segment')} labelled by several: Cohen's kappa {agreed['kappa']:.2f}, "
            f"Krippendorff's alpha {agreed['alpha']:.2f}; the last word counts"
        )
    lines += audited(root)
    if len(found.new):
        lines.append(
            "teach the mapping with `feedback learn PIPELINE`, then bring the stored weeks up to date with "
            "`feedback remap PIPELINE`"
        )
    return "\n".join(lines)


def checked(found: Checked, path: Path) -> str:
    """What a check of a journey file found, by line, and what it holds."""
    lines = [
        str(FeedbackError(one.what, where=f"{path}, line {line}", remedy=one.remedy)) for line, one in found.findings
    ]
    lines += [f"note: {note}" for note in found.notes]
    read, number = found.journey, len(found.findings)
    holds = f"{count(len(read.stages), 'stage')}, {count(sum(len(s.touchpoints) for s in read.stages), 'touchpoint')}"
    verdict = f"{count(number, 'thing')} to look at" if number else "fine"
    return "\n".join([*lines, f"{read.journey} version {read.version}: {holds}, {verdict}"])


def lesson(found: Lesson, pipeline: Path) -> str:
    """What was learned from corrections, by touchpoint where that changes something, and what to do next."""
    lines = [
        f"{count(found.corrections, 'correction')}; left out in turn, {found.before:,} were tagged right before, "
        f"{found.after:,} after learning from the others"
    ]
    changed = found.touchpoints[found.touchpoints["before"] != found.touchpoints["after"]]
    lines += [f"  {row.touchpoint}: {row.before} to {row.after} of {row.n}" for row in changed.itertuples()]
    lines.append(silence(found.own, found.silenced))
    if not found.kept:
        lines.append(
            "the mapping stays as it is: its tags would not be better; label what would teach most: `feedback review`"
        )
    if found.kept or found.silenced:
        what = "learned" if found.kept else "only when to keep silent was learned"
        lines.append(f"{what}; bring the stored weeks up to date with `feedback remap {pipeline}`")
    return "\n".join(lines)


def silence(own: Own, silenced: bool) -> str:
    """From which probability a touchpoint is given for each risk, as the labels of random samples show."""
    labels = count(own.n, "label")
    if own.n < ENOUGH:
        return f"{labels} of random samples; the shipped thresholds hold until there are {ENOUGH}"
    if not silenced:
        return f"{labels} of random samples; the thresholds stay, as the mapping learned before does"
    found = ", ".join(f"{100 * risk:.0f} % from {at:.2f} on" for risk, at in own.risks.items())
    return f"a risk that is kept, and the probability, by {labels} of random samples: {found or 'none is shown yet'}"


def reviewed(written: Reviewed, root: Path) -> str:
    """What a review holds, how right the tags were so far, and what to do with it."""
    what = f"{count(written.chosen, 'segment')} that would teach most and {written.random:,} at random"
    rule = "write ok where the touchpoint proposed is right, else choose one; rows that you leave empty say nothing"
    return "\n".join([f"{what}: {written.path}", *audited(root), rule, f"then: feedback correct {written.path}"])


def audited(root: Path) -> list[str]:
    """How right the tags were in random samples that people have labelled, a line each; none where there are none."""
    found = audit.audit(corrections.load(root))
    lines = []
    if found.given:
        right = f"{found.right:,} were right [{100 * found.low:.0f} to {100 * found.high:.0f} %]"
        lines.append(f"of {count(found.given, 'touchpoint')} given in random samples, {right}")
    if found.left:
        lines.append(
            f"of {count(found.left, 'segment')} in random samples that got no touchpoint, {found.missed:,} had one"
        )
    return lines


def status(root: Path) -> str:
    """The weeks that were run, with what they hold, and which should run again."""
    runs = store.history(root, whole=True)
    if not runs:
        return "no run yet; start with `feedback run pipelines/weekly.yaml`"
    lines = []
    for run in runs:
        reason = store.rerun_reason(root, run.week)
        again = f"  run again: {reason}" if reason else ""
        lines.append(
            f"{run.week}  {len(run.table('comments')):>7,} comments"
            f"  journey version {run.info['journey']['version']}{again}"
        )
    return "\n".join([*lines, *audited(root)])


def conditions(found: Sequence[Condition]) -> str:
    """Which stored runs are whole, and of the others what is wrong and what to do."""
    lines = []
    for one in found:
        lines.append(f"{one.week}  {one.run or '-'}  {'; '.join(one.wrong) or ('whole' if one.run else 'no run')}")
        lines += [f"  {note}" for note in one.notes]
        if one.wrong and one.remedy:
            lines.append(f"  {one.remedy}")
    return "\n".join(lines) or "no run yet; start with `feedback run pipelines/weekly.yaml`"


def forgot(done: Done, author: str | None = None) -> str:
    """What went, what was made anew, and which files the team has to look after itself; `author` was asked for."""
    if author is None and not any(done):
        return "nothing was left to forget; say whom with --author or --comment"
    what = f"{count(done.submissions, 'submission')} with {count(done.comments, 'comment')} forgotten"
    also = {"correction": done.corrections, "review row": done.reviewed, "stored vector": done.vectors}
    more = [count(n, noun) for noun, n in also.items() if n]
    lines = [f"{what}; {', '.join(more)} removed" if more else what]
    if author is not None and not done.submissions:
        lines.append(
            "no stored run holds this author; noted, so that exports leave them out when read; check the spelling"
        )
    lines += [f"made anew: {', '.join(done.weeks)}"] if done.weeks else []
    for journey in done.unlearned:
        lines.append(
            f"what {journey} had learned is gone with the corrections: run `feedback learn PIPELINE`, then "
            "`feedback remap PIPELINE`"
        )
    if done.exports:
        lines.append("exports still hold rows of people who were forgotten; they are left out when read:")
        lines += [f"  {name}: {count(n, 'row')}" for name, n in done.exports.items()]
    if done.elsewhere:
        lines.append("these files hold words of theirs and are not made by runs; look after them yourself:")
        lines += [f"  {path}" for path in done.elsewhere]
    return "\n".join(lines)
