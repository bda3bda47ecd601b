"""Files to tag in each form, and what tagging them writes."""

import csv
import json
from pathlib import Path

import openpyxl
import pandas as pd

from feedback import tag

CONCERT = Path(__file__).parents[1] / "data/journeys/concert.yaml"
SUFFIXES = [".csv", ".jsonl", ".parquet", ".xlsx"]
TAGS = list(tag.COMMENT_COLUMNS[1:])


def written(path: Path, **columns: list[str]) -> Path:
    """A file of text cells, of the kind that its suffix says."""
    names, rows = list(columns), list(zip(*columns.values(), strict=True))
    if path.suffix in (".csv", ".tsv"):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="," if path.suffix == ".csv" else "\t").writerows([names, *rows])
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in [names, *rows]:
            book.active.append(row)
        for cell in (c for row in book.active.iter_rows() for c in row if isinstance(c.value, str)):
            cell.data_type = "s"
        book.save(path)
    elif path.suffix == ".parquet":
        pd.DataFrame(columns, dtype="str").to_parquet(path)
    else:
        records = [dict(zip(names, row, strict=True)) for row in rows]
        whole = path.suffix == ".json"
        path.write_text(json.dumps(records) if whole else "".join(f"{json.dumps(r)}\n" for r in records), "utf-8")
    return path


def table_in(path: Path) -> pd.DataFrame:
    """A written table; empty cells of CSV and XLSX are null."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".jsonl":
        records = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        return pd.DataFrame(records)
    if path.suffix == ".xlsx":
        rows = list(openpyxl.load_workbook(path).active.values)
        return pd.DataFrame(rows[1:], columns=list(rows[0]))
    read_as = {"comment_id": "str", "segment_id": "str", "text": "str"}
    return pd.read_csv(path, dtype=read_as, keep_default_na=False, na_values={c: [""] for c in TAGS})


def tags_of(source: Path, out: Path, **options) -> pd.DataFrame:
    written = tag.tag(source, options.pop("journey", CONCERT), out, **{"text": "text"} | options)
    table = table_in(out)
    assert written.rows == len(table)
    return table


def listed(cell: object) -> list[dict]:
    return json.loads(cell) if isinstance(cell, str) else cell
