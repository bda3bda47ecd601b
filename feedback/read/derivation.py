"""Columns made of other columns: joined, cut out with an expression, or replaced by values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

ANY = "*"


@dataclass(frozen=True)
class Derivation:
    """How a column is made: see `declaration.Derived`, whose names are here those of the file."""

    name: str
    of: tuple[str, ...]
    join: str | None = None
    pattern: str | None = None
    into: Mapping[str, str | None] = field(default_factory=dict)
    equals: str | None = None
    when: Mapping[str, str] = field(default_factory=dict)


def derived_cells(table: pd.DataFrame, derived: Sequence[Derivation]) -> pd.DataFrame:
    """The table with derived columns, in their order; one may be made of those before it.

    >>> stars = Derivation("stars", ("starRating",), into={"one": "1", "five": "5"})
    >>> derived_cells(pd.DataFrame({"starRating": ["FIVE", None]}, dtype="str"), [stars])["stars"].to_list()
    ['5', nan]
    """
    for made in derived:
        table = table.assign(**{made.name: _column(table, made)})
    return table


def replaced(cells: pd.Series[str], values: Mapping[str, str | None]) -> pd.Series[str]:
    """What `values` says of each cell, whatever its case: "" of an empty one, "*" of any other; else null."""
    lower = {key.casefold(): value for key, value in values.items()}
    found = cells.str.strip().str.casefold().map(lower).astype("str")
    if ANY in lower:
        others = cells.notna() & (cells.str.strip() != "") & ~cells.str.strip().str.casefold().isin(list(lower))
        found = found.mask(others, lower[ANY])
    if "" in lower:
        found = found.mask(cells.isna() | (cells.str.strip() == ""), lower[""])
    return found


def _column(table: pd.DataFrame, made: Derivation) -> pd.Series[str]:
    cells = _joined(table, made) if made.join is not None else _first(table, made.of)
    if made.pattern is not None:
        cells = cells.str.extract(made.pattern, flags=re.DOTALL, expand=False).astype("str")
    if made.into:
        known = cells.str.strip().str.casefold().isin([key for key in made.into if key])
        changed = replaced(cells, made.into)
        cells = changed if ANY in made.into else changed.where(known | cells.isna() | (cells == ""), cells)
    if made.equals is not None:
        other = _first(table, (made.equals,))
        cells = cells.eq(other).map({True: "true", False: "false"}).astype("str").where(cells.notna())
    for name, pattern in made.when.items():
        fits = _first(table, (name,)).str.fullmatch(pattern, case=False, na=False)
        cells = cells.where(fits.astype(bool))
    return cells


def _first(table: pd.DataFrame, names: Sequence[str]) -> pd.Series[str]:
    found = pd.Series(pd.NA, index=table.index, dtype="str")
    for name in names:
        if name in table:
            found = found.fillna(table[name].where(table[name].str.strip() != ""))
    return found


def _joined(table: pd.DataFrame, made: Derivation) -> pd.Series[str]:
    parts = [table[name].fillna("").str.strip() for name in made.of if name in table]
    rows = zip(*parts, strict=True) if parts else [()] * len(table)
    texts = [(made.join or "").join(cell for cell in row if cell) or None for row in rows]
    return pd.Series(texts, index=table.index, dtype="str")
