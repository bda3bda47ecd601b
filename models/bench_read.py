"""The memory and the speed of reading a large export, beside pandas' own reader.

Writes CSV files of the sizes asked for (quoted comments with line breaks, ids, dates, scores), reads each with
`feedback.read` in a process of its own, and prints the rows of both readers in a second of processor time, which other
work on the machine does not change, and the peak memory. Memory is flat when the peak of a larger file is that of a
smaller one, plus the 8 to 16 bytes a record by which ids are compared.

    python -m models.bench_read --megabytes 200 400
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from feedback import read
from feedback.pipeline import Mapping, Score, Source
from models.bench import peak

WORDS = [
    "the", "queue", "at", "gate", "moved", "slowly", "staff", "were", "kind", "sound", "great", "parking", "too", "far",
    "la", "file", "était", "longue", "billet", "reçu", "tard", "très", "aimable", "l'entrée", "gelée", "scène",
]  # fmt: skip
BLOCK = 5_000


def write(path: Path, size: int, *, ids: bool) -> int:
    """Write a CSV of about so many bytes; returns its records."""
    chance = random.Random(7)  # noqa: S311
    written = rows = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("id,date,score,place,comment\r\n" if ids else "date,score,place,comment\r\n")
        while written < size:
            lines = []
            for row in range(rows, rows + BLOCK):
                comment = " ".join(chance.choices(WORDS, k=chance.randint(3, 40))) + chance.choice(["", ',\n"" ok ""'])
                start = f"R_{row:09}," if ids else ""
                day = f"2026-{chance.randint(1, 11):02}-{chance.randint(1, 28):02} {row % 24:02}:15:00"
                lines.append(f'{start}{day},{chance.randint(0, 10)},hall {row % 40},"{comment}"\r\n')
            block = "".join(lines)
            out.write(block)
            written, rows = written + len(block.encode()), rows + BLOCK
    return rows


def alone(path: Path) -> dict[str, float]:
    """Read one file: records, seconds of processor time and peak memory of this process."""
    header = path.open(encoding="utf-8").readline()
    mapping = Mapping(
        text=["comment"], id="id" if header.startswith("id,") else None, created_at="date", location="place",
        scores=[Score(column="score", metric="nps", min=0, max=10)],
    )  # fmt: skip
    start, rows = time.process_time(), 0
    for tables in read.read(Source(name="bench", files=[], mapping=mapping), [path]):
        rows += len(tables.submissions) + int(tables.rejects["row"].notna().sum())
    return {"rows": rows, "seconds": time.process_time() - start, "peak": peak()}


def measured(path: Path) -> dict[str, float]:
    """What `alone` finds in a process of its own."""
    command = [sys.executable, "-m", "models.bench_read", "--alone", str(path)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
    return found


def pandas_seconds(path: Path) -> float:
    """The seconds of processor time of pandas for the same file, every cell as text, in parts of 10,000 rows."""
    start = time.process_time()
    for _ in pd.read_csv(path, dtype="str", chunksize=10_000):
        pass
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--megabytes", type=int, nargs="+", default=[200, 400], help="sizes of the files to read")
    asked.add_argument("--without-ids", action="store_true", help="records are told apart by their cells")
    asked.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.alone:
        print(json.dumps(alone(options.alone)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for size in options.megabytes:
            path = Path(folder) / "export.csv"
            rows = write(path, size * 1_000_000, ids=not options.without_ids)
            found, plain = measured(path), pandas_seconds(path)
            if found["rows"] != rows:
                raise SystemExit(f"{rows:,} records written, {found['rows']:,} read")
            print(
                f"{size:>6,} MB, {rows:,} records: {rows / found['seconds']:,.0f} a second, "
                f"{plain / found['seconds']:.3f} times pandas.read_csv ({rows / plain:,.0f}); "
                f"peak memory {found['peak'] / 1e6:.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    main()
