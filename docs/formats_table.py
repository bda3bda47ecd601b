"""Writes the table of docs/formats.md from the formats' records and from what reading their fixtures finds.

    python docs/formats_table.py

A fixture and what to expect of it are described in tests/formats/FORMAT.yaml.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import yaml

from feedback import read
from feedback.pipeline import Source
from feedback.read.declared import declarations
from feedback.tables import Tables

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests/formats"
PAGE = ROOT / "docs/formats.md"
START, END = "<!-- formats_table.py writes from here -->\n", "<!-- to here -->\n"


class Case(NamedTuple):
    """A fixture of a format and what is expected of it."""

    format: str
    path: Path
    expected: dict

    @property
    def name(self) -> str:
        """The fixture's path from tests/formats on."""
        return self.path.relative_to(FIXTURES.parent).as_posix()


def cases() -> list[Case]:
    """All fixtures, by format and in the order in which they are described."""
    return [
        Case(file.stem, (FIXTURES / case["file"]).resolve(), case)
        for file in sorted(FIXTURES.glob("*.yaml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


def tables_of(case: Case) -> Tables:
    """What reading a fixture gives, with its own mapping if it has one, else without configuration."""
    if mapping := case.expected.get("mapping"):
        batches = list(read.read(Source(name=case.format, files=[], mapping=mapping), [case.path]))
    else:
        batches = list(read.read_any([case.path]))
    return Tables(*(pd.concat(parts, ignore_index=True) for parts in zip(*batches, strict=True)))


def comments_of(tables: Tables) -> list[list[str]]:
    """Submission, field and text of each comment, in order."""
    return tables.comments[["submission_id", "field_id", "text"]].to_numpy().tolist()


def taken(tables: Tables, never: list[str]) -> list[str]:
    """Those texts that were taken for comments though they are none."""
    said = "\n".join(tables.comments["text"])
    return [text for text in never if text in said]


def _row(case: Case, status: str) -> str:
    expected, tables = case.expected, tables_of(case)
    wanted, never = expected.get("comments", []), expected.get("never", [])
    right = [comment for comment in comments_of(tables) if comment in wanted]
    aside = int(tables.rejects["reason"].str.startswith("not feedback: ").sum())
    none = f"{len(never) - len(taken(tables, never))} of {len(never)}" if never else "—"
    traps = "; ".join(expected.get("traps", [])) or "—"
    found = f"{len(right)} of {len(wanted)}"
    return f"| `{case.format}` | `{case.name}` | {found} | {none} | {aside} | {traps} | {status} |"


def render() -> str:
    """The table, and what each format reads."""
    records = declarations()
    told = [f"| `{name}` | {d.kind} | {d.export} | {d.about} |" for name, d in records.items()]
    rows = [_row(case, records[case.format].status) for case in cases() if case.format in records]
    lines = [
        "| Format | Kind | Export | How it is read |",
        "| --- | --- | --- | --- |",
        *told,
        "| `plain` | survey | any other table or list of records | as a [mapping](pipelines.md#mapping) says |",
        "",
        "What reading the fixtures finds. Non-comments are texts planted in the fixture that look like comments and",
        "are none: replies, tags, names, other people's words. Set aside are rows declared to be no feedback.",
        "",
        "| Format | Fixture | Comments found | Non-comments left out | Set aside | Traps covered | Status |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def page() -> str:
    """docs/formats.md with the table as it should be."""
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    return head + START + "\n" + render() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
