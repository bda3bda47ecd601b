"""Feed the readers with broken exports: `python tests/fuzz.py --engine xml --inputs 100000`.

Real shapes (tests/cases, tests/formats) are mutated and read: by the four engines (delimited, json, workbook, xml), by
the special cases that no record can say (headings of Qualtrics, pages of X, tickets, transcripts, packed files, dates
and numbers of mappings), and as whole exports (formats). An input passes when it gives tables whose records are
numbered without a gap, or one of our own errors; anything else is a crash, and what takes ten seconds of processor
time is a hang. Each engine prints its inputs, crashes, hangs and inputs a second of processor time; a crash prints the
input's number and seed, which bring it back.
"""

from __future__ import annotations

import argparse
import gzip
import io
import random
import signal
import sys
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from feedback import read
from feedback.errors import FeedbackError
from feedback.pipeline import Mapping, Source
from feedback.read.cells import Opened
from feedback.read.delimited import open_delimited
from feedback.read.markup import open_xml
from feedback.read.objects import open_json
from feedback.read.packed import GZIP, Packed
from feedback.read.workbook import open_workbook

CASES = sorted(path for folder in ("cases", "formats") for path in (Path(__file__).parent / folder).rglob("*.*"))
SPECIAL = ("qualtrics", "x", "zendesk", "zendesk-comments", "webvtt", "reddit", "youtube", "intercom", "surveymonkey")
LIMIT = 10
SEED_SIZE = 3_000
TOKENS = (
    b'"', b'""', b"'", b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3",
    b"sep=;\n", b"{", b"}", b"[", b"]", b"[" * 2_000, b"null", b"NaN", b"1e999", b"9" * 5_000, b'"\\ud83d"', b"\\",
    b"<", b"&", b"-99", b"true", b"2026-13-45", b"," * 30, b"\x85", b"\xe2\x80\xa8", b"\x1a", b'{"a":' * 1_500,
)  # fmt: skip


XML = (
    b'<?xml version="1.0"?>\n<r><c id="1"><t>Cold food</t><n>4</n></c><c><t>Fine &amp; quick</t></c></r>',
    b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:im="urn:x"><entry><im:rating>4</im:rating></entry></feed>',
)


class Counts(NamedTuple):
    """What one engine did."""

    inputs: int
    crashes: int
    hangs: int
    a_second: float


class _HungError(BaseException):
    """An input takes too long; no handler of the readers may swallow it."""


@cache
def seeds(*endings: str) -> list[bytes]:
    """The fixtures with these endings, their beginnings where they are long."""
    return [path.read_bytes()[:SEED_SIZE] for path in CASES if path.name.endswith(endings)]


def mutated(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """The data with one to six changes: bytes flipped, cut, doubled, tokens put in, a piece of another shape."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.randint(0, len(found)) for _ in range(2))
        kind = chance.randrange(6)
        if kind == 0 and found:
            found[min(at, len(found) - 1)] = chance.randrange(256)
        elif kind == 1:
            found[at:at] = chance.choice(TOKENS)
        elif kind == 2:
            del found[at : min(to, at + 40)]
        elif kind == 3:
            found[at:at] = found[at : min(to, at + 400)]
        elif kind == 4:
            piece = chance.choice(others)
            start = chance.randint(0, len(piece))
            found[at:to] = piece[start : start + chance.randint(0, 300)]
        else:
            del found[to:]
    return bytes(found)


def file_of(data: bytes) -> Packed:
    """A file in memory."""
    return Packed(Path("fuzz"), "input", len(data), lambda: io.BytesIO(data))


def read_through(opened: Opened, found: read.Format | None = None) -> None:
    """Read all cells, of a format with their roles; their numbers and those of refused records run from 1 on."""
    numbers: list[int] = []
    for cells in opened.cells(found.unfold if found else None):
        if found is not None:
            found.roles(cells.table)
        numbers += [*cells.table.index.tolist(), *(r.row for r in cells.refused if r.row is not None)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1)), "records are lost or numbered twice"


def delimited(chance: random.Random) -> None:
    """One broken CSV."""
    known = seeds(".csv", ".tsv", ".txt")
    read_through(open_delimited(file_of(mutated(chance.choice(known), known, chance))))


def objects(chance: random.Random) -> None:
    """One broken JSON file."""
    known = seeds(".json", ".jsonl")
    read_through(open_json(file_of(mutated(chance.choice(known), known, chance))))


def workbook(chance: random.Random) -> None:
    """One broken XLSX or ODS: its XML, or its bytes."""
    made = _workbooks()
    data = chance.choice(made)
    broken = mutated(data, made, chance) if chance.random() < 0.3 else _rewritten(data, chance)
    read_through(open_workbook(file_of(broken)))


def formats(chance: random.Random) -> None:
    """One broken export of a native format, from its bytes to its tables; a mapping reads what is not recognised."""
    known = seeds("")
    file = file_of(mutated(chance.choice(known), known, chance))
    source = Source(name="fuzz", files=[])
    try:
        first = read.open_file(file)
        if read.recognise(file) is None and first.header:
            source = source.model_copy(update={"mapping": _mapping(first.header, chance)})
    except FeedbackError:
        pass
    seen: set[int] = set()
    for tables in read.read(source, [file]):
        rows = [*tables.submissions["row"], *tables.rejects["row"].dropna().astype("int64")]
        assert not seen & set(rows), "a record is counted twice"
        seen.update(rows)
    assert len(seen) == max(seen, default=0), "a record is lost"


def markup(chance: random.Random) -> None:
    """One broken XML file."""
    known = [*seeds(".xml"), *XML]
    read_through(open_xml(file_of(mutated(chance.choice(known), known, chance))))


def special(chance: random.Random) -> None:
    """One broken export whose reading needs code, as it is or packed: its records and the roles of its columns."""
    known = [path.read_bytes()[:SEED_SIZE] for path in _special()]
    data = mutated(chance.choice(known), known, chance)
    if chance.random() < 0.2:
        data = mutated(gzip.compress(data, 1), [data], chance) if chance.random() < 0.5 else gzip.compress(data, 1)
    file = _unpacked(data)
    opened = read.open_file(file)
    found = next((known for known in read.formats().values() if known.recognise(opened)), None)
    read_through(opened, found)


@cache
def _special() -> list[Path]:
    return [path for path in CASES if path.parent.name in SPECIAL]


ENGINES: dict[str, Callable[[random.Random], None]] = {
    "delimited": delimited,
    "json": objects,
    "workbook": workbook,
    "xml": markup,
    "special": special,
    "formats": formats,
}


def _unpacked(data: bytes) -> Packed:
    """A file in memory, or what a file in memory holds packed."""
    if not data.startswith(GZIP):
        return file_of(data)
    return Packed(Path("fuzz"), "", len(data), lambda: gzip.open(io.BytesIO(data)))  # type: ignore[arg-type, return-value]


def _mapping(header: tuple[str, ...], chance: random.Random) -> Mapping:
    """Any columns in any roles."""
    text, when, number = (chance.choice(header) for _ in range(3))
    score = {"column": number, "metric": "other", "min": 0, "max": chance.choice([10, 5_000])}
    return Mapping.model_validate(
        {
            "text": [text],
            "created_at": {"column": when, "first": chance.choice([None, "day", "month"])},
            "scores": [score],
            "decimal": chance.choice([None, ",", "."]),
        }
    )


@cache
def _workbooks() -> list[bytes]:
    import pandas as pd

    frame = pd.DataFrame({"id": [1, 2, 3], "text": ["Très bien", None, "Queue & gate"], "score": [9.0, 0.5, None]})
    sheet = io.BytesIO()
    frame.to_excel(sheet, index=False)
    cell = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
    blank = '<table:table-cell table:number-columns-repeated="3"/>'
    return [sheet.getvalue(), open_document(f"<table:table-row>{cell}{blank}</table:table-row>" * 3)]


def open_document(rows: str) -> bytes:
    """An ODS workbook of one sheet."""
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    declared = " ".join(f'xmlns:{name}="{names}{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<office:document-content {declared}><office:body><office:spreadsheet><table:table table:name="s">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{names}manifest:1.0"/>')
        archive.writestr("content.xml", content)
    return made.getvalue()


def _rewritten(data: bytes, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as made:
        names = archive.namelist()
        broken = chance.choice(names)
        for name in names:
            part = archive.read(name)
            made.writestr(name, mutated(part, [part], chance) if name == broken else part)
    return out.getvalue()


@contextmanager
def _watched() -> Iterator[None]:
    def stop(_signal: int, _frame: object) -> None:
        raise _HungError

    before = signal.signal(signal.SIGPROF, stop)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def fuzz(engine: str, inputs: int, seed: int = 0) -> Counts:
    """Feed one engine; crashes and hangs go to the error stream."""
    crashes = hangs = 0
    with suppress(Exception):
        ENGINES[engine](random.Random(seed))  # what is imported on the first input is no part of the others' time
    start = time.process_time()
    with _watched():
        for number in range(inputs):
            signal.setitimer(signal.ITIMER_PROF, LIMIT)
            try:
                ENGINES[engine](random.Random(f"{engine} {seed} {number}"))
            except FeedbackError:
                pass
            except _HungError:
                hangs += 1
                print(f"{engine}: input {number} of seed {seed} hangs", file=sys.stderr)  # noqa: T201
            except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
                crashes += 1
                print(f"{engine}: input {number} of seed {seed}\n{traceback.format_exc()}", file=sys.stderr)  # noqa: T201
    return Counts(inputs, crashes, hangs, inputs / max(time.process_time() - start, 1e-9))


def main() -> int:
    """Fuzz and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--inputs", type=int, default=1_000, help="inputs of each engine")
    asked.add_argument("--engine", nargs="+", choices=ENGINES, default=list(ENGINES), help="by default all of them")
    asked.add_argument("--seed", type=int, default=0)
    options = asked.parse_args()
    bad = 0
    for engine in options.engine:
        found = fuzz(engine, options.inputs, options.seed)
        bad += found.crashes + found.hangs
        print(  # noqa: T201
            f"{engine:<10} {found.inputs:>9,} inputs  {found.crashes} crashes  {found.hangs} hangs  "
            f"{found.a_second:,.0f} a second",
            flush=True,
        )
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
