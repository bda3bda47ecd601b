"""What a format's record may say: the keys of the YAML files in `formats/`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from feedback.pipeline import Kind, Metric


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _regular(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return value


Headings = Annotated[list[str], BeforeValidator(_as_list)]
"""A heading or key, or several by rank; case, spacing and punctuation do not matter."""
Expression = Annotated[str, AfterValidator(_regular)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Signature(_Strict):
    """What shows that a file is of this format: each of the columns (or one of the alternatives) must be there.

    `like` are expressions that some heading matches, `first` one for the first heading; `page` are paths in the
    JSON or XML value around the records, with an expression for the value or null; `cells` are expressions for
    cells of the first records.
    """

    columns: list[Headings] = []
    like: list[Expression] = []
    first: Expression | None = None
    page: dict[str, Expression | None] = {}
    cells: dict[str, Expression] = {}


class Comment(_Strict):
    """Columns that hold comments: by heading, or all others whose heading is `like` an expression.

    `label` matches the cell of the heading row below; with `open`, only columns whose answers read like free text.
    """

    column: Headings = []
    like: Expression | None = None
    label: Expression | None = None
    open: bool = False
    field: str | None = None
    question: str | None = None


class Scale(_Strict):
    """A column that holds a score, or all numeric ones whose heading is `like` an expression."""

    column: Headings = []
    like: Expression | None = None
    metric: Metric
    min: float
    max: float
    question: str | None = None
    lower_is_better: bool = False


class Derived(_Strict):
    """A column made of others: their first filled cell, or all of them joined.

    `pattern` takes its first group out of it, `into` replaces it ("*" stands for any other; without it others stay);
    `equals` makes it "true" where another column says the same. It is empty unless the columns of `when` match.
    """

    of: Headings
    join: str | None = None
    pattern: Expression | None = None
    into: dict[str, str | None] = {}
    equals: str | None = None
    when: dict[str, Expression] = {}


class Pivot(_Strict):
    """A list inside a record, such as answers, as columns: named by a template of keys, filled by the first value.

    Keys are looked for in the item, then in what it lies in.
    """

    at: str
    name: str
    value: Headings


class Join(_Strict):
    """Objects that a page lists once: put into the records that give their `key` at `by`."""

    at: str
    key: str = "id"
    by: str
    name: str


class Records(_Strict):
    """Where records lie in a JSON or XML value: at a path of keys; lists on the way are gone through.

    `keep` are values (by path) that the records `within` get, as columns of these names, and `mark` constants.
    Without `record` the objects only hold others. `again` is the path from a record to further ones of its kind.
    `first` are keys of which a repeated element counts once. What lacks a `needed` place is refused.
    """

    at: str = ""
    record: bool = True
    keep: dict[str, str] = {}
    mark: dict[str, str] = {}
    within: list[Records] = []
    again: str | None = None
    pivot: list[Pivot] = []
    joins: list[Join] = []
    first: list[str] = []
    needed: bool = False
    gather: Pivot | None = None
    gather_by: str | None = None


class Heading(_Strict):
    """Rows under the header that are headings too: told by a column that is blank there.

    With `spread` a question stands over the first of its columns only.
    """

    blank: str
    spread: bool = False


class Declaration(_Strict):
    """A format as a record."""

    format: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    export: str
    kind: Kind
    status: Literal["verified", "unverified"]
    recognise: Signature = Signature()
    code: Literal["qualtrics", "x", "zendesk"] | None = None
    refuse: str | None = None
    records: list[Records] = []
    heading: Heading | None = None
    derived: dict[str, Derived] = {}
    comments: list[Comment] = []
    never: list[Expression] = []
    roles: dict[str, Headings] = {}
    id_pattern: Expression | None = None
    zone: str | None = None
    time_format: str | None = None
    scores: list[Scale] = []
    missing: list[str] = []
    set_aside: dict[str, dict[str, str | None]] = {}
    about: str = ""
