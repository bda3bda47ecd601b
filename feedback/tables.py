"""The column contracts: what each table holds, what each stage needs and what it adds.

Every column has a type and a description; `feedback schema tables` prints them. A stage is a
function over tables marked with `stage`, which checks both ends at run time: a missing column
is our defect, never the user's, and is found at the boundary where it appears.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

import pandas as pd
import pandera.pandas as pa

TEXT, FLOAT, INT, BOOL = "str", "float64", "int64", "bool"
TIME = pd.DatetimeTZDtype("us", "UTC")

SENTIMENTS = ("negative", "neutral", "positive")
ASSIGNMENTS = ("touchpoint", "stage", "general", "unassigned")
REASONS = ("name", "description", "example", "term", "origin", "neighbour", "correction")
SOURCE_KINDS = ("survey", "review", "social", "support")
METRICS = ("nps", "csat", "ces", "stars", "other")


def _column(
    dtype: Any, doc: str, *, null: bool = False, unique: bool = False, check: pa.Check | None = None
) -> pa.Column:
    return pa.Column(dtype, checks=check, nullable=null, unique=unique, description=doc)


def _schema(name: str, columns: dict[str, pa.Column]) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(columns, name=name, strict=True, ordered=True)


def _optional_text(doc: str) -> pa.Column:
    return _column(TEXT, doc, null=True)


def _optional_choice(allowed: tuple[str, ...], doc: str) -> pa.Column:
    return _column(TEXT, doc, null=True, check=pa.Check.isin(allowed))


def _optional_number(doc: str) -> pa.Column:
    return _column(FLOAT, doc, null=True)


_SHARE = pa.Check.in_range(0, 1)

SUBMISSIONS = _schema(
    "submissions",
    {
        "submission_id": _column(
            TEXT, "identity of the survey answer sheet, review, post or message within its source"
        ),
        "source": _column(TEXT, "the source's name in the pipeline file; the format's name outside a pipeline"),
        "source_kind": _column(TEXT, "survey, review, social or support", check=pa.Check.isin(SOURCE_KINDS)),
        "created_at": _column(TIME, "when it was written, UTC; null when the export does not say", null=True),
        "updated_at": _column(TIME, "last edit, UTC", null=True),
        "author": _optional_text("salted hash of the author; null outside a workspace"),
        "persona": _optional_text("persona id of the journey file"),
        "product": _optional_text("what was bought or used"),
        "location": _optional_text("place, shop or venue"),
        "channel": _optional_text("web, app, e-mail, phone …"),
        "url": _optional_text("link to the original, redacted"),
        "has_text": _column(BOOL, "whether it holds at least one comment"),
        "extra": _optional_text("JSON of the further columns that the mapping lists, redacted"),
        "file": _column(TEXT, "file it was read from"),
        "row": _column(INT, "1-based row (record) in that file"),
    },
)

SCORES = _schema(
    "scores",
    {
        "submission_id": _column(TEXT, "the submission"),
        "source": _column(TEXT, "its source"),
        "metric": _column(TEXT, "nps, csat, ces, stars or other", check=pa.Check.isin(METRICS)),
        "question": _optional_text("the question or column answered"),
        "score_raw": _column(FLOAT, "as answered"),
        "score_min": _column(FLOAT, "lowest answer of the scale"),
        "score_max": _column(FLOAT, "highest answer of the scale"),
        "score": _column(FLOAT, "0–1, higher is better", check=_SHARE),
    },
)

COMMENTS = _schema(
    "comments",
    {
        "comment_id": _column(
            TEXT, "first 16 hex digits of SHA-256 over source, submission_id and field_id", unique=True
        ),
        "submission_id": _column(TEXT, "the submission it belongs to"),
        "source": _column(TEXT, "its source"),
        "field_id": _column(TEXT, "which free-text field of the submission"),
        "question": _optional_text("the question that it answers"),
        "text": _column(TEXT, "repaired and redacted text; offsets refer to it"),
        "language": _optional_text("ISO 639-1 code, null when unknown"),
        "language_confidence": _optional_number("0–1"),
        "created_at": _column(TIME, "as its submission's", null=True),
        "updated_at": _column(TIME, "as its submission's", null=True),
        "thread_id": _optional_text("conversation"),
        "parent_id": _optional_text("submission that it answers"),
        "is_repost": _column(BOOL, "passes on somebody else's words"),
        "duplicate_of": _optional_text("comment_id of the earlier comment that it repeats"),
        "business_reply": _optional_text("the company's answer, redacted; never analysed"),
        "score_raw": _optional_number("the submission's main score as answered"),
        "score_min": _optional_number("lowest answer of its scale"),
        "score_max": _optional_number("highest answer of its scale"),
        "metric": _optional_text("metric of the main score"),
        "file": _column(TEXT, "file it was read from"),
        "row": _column(INT, "1-based row (record) in that file"),
    },
)

SEGMENTS = _schema(
    "segments",
    {
        "segment_id": _column(TEXT, "<comment_id>:<k>, k from 0 in reading order", unique=True),
        "comment_id": _column(TEXT, "the comment"),
        "start": _column("Int64", "first code point in comments.text", null=True),
        "end": _column("Int64", "one past the last code point", null=True),
        "text": _column(TEXT, "comments.text[start:end]"),
        "sentiment": _optional_choice(SENTIMENTS, "negative, neutral or positive; null without text"),
        "sentiment_score": _optional_number("p_positive − p_negative, −1…1"),
        "p_negative": _optional_number("probability, 0–1"),
        "p_neutral": _optional_number("probability, 0–1"),
        "p_positive": _optional_number("probability, 0–1"),
        "assignment": _optional_choice(ASSIGNMENTS, "touchpoint, stage, general or unassigned; null without text"),
        "stage": _optional_text("stage id"),
        "touchpoint": _optional_text("touchpoint id"),
        "stage_confidence": _optional_number("calibrated probability of `stage`, or where it is null of the best, 0–1"),
        "touchpoint_confidence": _optional_number("calibrated probability of the best touchpoint, 0–1"),
        "reason": _optional_choice(REASONS, "name, description, example, term, origin, neighbour or correction"),
        "reason_start": _column("Int64", "first code point, in comments.text, of the words that decided", null=True),
        "reason_end": _column("Int64", "one past the last", null=True),
        "topic_id": _optional_text("topic of the run; null for none"),
        "topic_score": _optional_number("closeness to the topic, 0–1"),
        "tagged_by": _column(TEXT, "model or human", check=pa.Check.isin(("model", "human"))),
        "model_version": _column(TEXT, "encoder, sentiment and mapping versions"),
    },
)

REJECTS = _schema(
    "rejects",
    {
        "file": _column(TEXT, "file it was read from"),
        "row": _column("Int64", "1-based row (record); null when the whole file is meant", null=True),
        "reason": _column(TEXT, "why it was not kept"),
        "remedy": _column(TEXT, "what to do"),
        "excerpt": _optional_text("its beginning, redacted"),
    },
)

TOPICS = _schema(
    "topics",
    {
        "topic_id": _column(TEXT, "<week>-t<number>, the one with most customers first", unique=True),
        "touchpoint": _optional_text("touchpoint that at least half of its segments were mapped to"),
        "stage": _optional_text("that touchpoint's stage"),
        "label_en": _optional_text("English words that set it apart"),
        "label_fr": _optional_text("French words that set it apart"),
        "n_segments": _column(INT, "segments"),
        "n": _column(INT, "submissions"),
        "n_negative": _column(INT, "submissions with a negative segment in it"),
        "sentiment": _column(FLOAT, "mean sentiment_score, −1…1"),
        "examples": _column(
            TEXT, "JSON list of the segment_ids nearest to its centre, those that can be read by themselves first"
        ),
    },
)

FRICTION = _schema(
    "friction",
    {
        "stage": _column(TEXT, "stage id"),
        "touchpoint": _column(TEXT, "touchpoint id, or the stage's own id when it has none"),
        "base": _column(
            INT, "submissions with a comment that counts (no duplicate, no repost): the denominator of every share"
        ),
        "n_segments": _column(INT, "segments mapped to it"),
        "n": _column(INT, "submissions that speak of it"),
        "n_negative": _column(INT, "submissions that complain of it (at least one negative segment)"),
        "n_positive": _column(INT, "submissions that praise it (at least one positive segment)"),
        "share": _column(FLOAT, "n / base", check=_SHARE),
        "share_low": _column(FLOAT, "Wilson 95 %", check=_SHARE),
        "share_high": _column(FLOAT, "Wilson 95 %", check=_SHARE),
        "negative_share": _optional_number("n_negative / n"),
        "negative_low": _optional_number("Wilson 95 %"),
        "negative_high": _optional_number("Wilson 95 %"),
        "negative_shrunk": _optional_number("negative_share shrunk toward the journey's mean (empirical Bayes)"),
        "complaint_share": _column(FLOAT, "n_negative / base", check=_SHARE),
        "complaint_low": _column(FLOAT, "Wilson 95 %", check=_SHARE),
        "complaint_high": _column(FLOAT, "Wilson 95 %", check=_SHARE),
        "by_source": _optional_text("JSON: n_negative and base of each source, {source: [n_negative, base]}"),
        "sentiment": _optional_number(
            "mean over submissions of their mean sentiment_score here, −1…1: the emotional curve"
        ),
        "sentiment_low": _optional_number("95 %, t"),
        "sentiment_high": _optional_number("95 %, t"),
        "reach": _column(FLOAT, "factor of friction: share of customers who complain, shrunk, 0–1"),
        "severity": _optional_number(
            "factor of friction: mean over the complaining submissions of the worst segment's −sentiment_score, 0–1; "
            "0 when nobody complains, null when nobody speaks of it"
        ),
        "impact": _column(
            FLOAT,
            "factor of friction: 1 + how far the complainers' mean score lies below the others', scores taken as their "
            "distance from their source's mean (0–1 scale), never below 1",
        ),
        "impact_measured": _column(BOOL, "false: fewer than 10 scores of complainers or of others, impact set to 1"),
        "friction": _optional_number("100 × reach^a × severity^b × impact^c with the pipeline's weights"),
        "friction_low": _optional_number("bootstrap 95 %"),
        "friction_high": _optional_number("bootstrap 95 %"),
        "rank": _column("Int64", "by friction; null when n is below the minimum count", null=True),
        "previous": _optional_text("the earlier week compared with"),
        "previous_base": _column("Int64", "its submissions with text", null=True),
        "previous_n_negative": _column("Int64", "its submissions that complained", null=True),
        "previous_complaint_share": _optional_number("previous_n_negative / previous_base"),
        "change": _optional_number("complaint_share − previous_complaint_share"),
        "change_low": _optional_number("Newcombe 95 %"),
        "change_high": _optional_number("Newcombe 95 %"),
        "unmatched_sources": _optional_text(
            "sources with at least 10 % of one week's base that the other week lacks, comma-separated: they move the "
            "share, not the test"
        ),
        "p_value": _optional_number(
            "two-sided, over the sources that both weeks have: Cochran–Mantel–Haenszel, exact where counts are small"
        ),
        "q_value": _optional_number("Benjamini–Hochberg over the touchpoints with the minimum count in either week"),
        "direction": _column(
            TEXT, "worse, better, same or untested", check=pa.Check.isin(("worse", "better", "same", "untested"))
        ),
    },
)

SCHEMAS = {s.name: s for s in (SUBMISSIONS, SCORES, COMMENTS, SEGMENTS, REJECTS, TOPICS, FRICTION)}


class Tables(NamedTuple):
    """What reading gives: one batch of submissions with their scores and comments, and what was refused."""

    submissions: pd.DataFrame
    scores: pd.DataFrame
    comments: pd.DataFrame
    rejects: pd.DataFrame


def empty(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """The table of a contract without rows, each column with its type."""
    return pd.DataFrame({name: pd.Series(dtype=_dtype(column)) for name, column in schema.columns.items()})


def conform(table: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Order, complete and cast a table to its contract, and check it.

    Missing nullable columns are added as null; columns outside the contract are dropped.
    Raises pandera's SchemaError where values break the contract.
    """
    columns = {}
    for name, column in schema.columns.items():
        dtype = _dtype(column)
        if name in table:
            columns[name] = table[name].astype(dtype)
        elif column.nullable:
            columns[name] = pd.Series(None, index=table.index, dtype=dtype)
        else:
            raise KeyError(f"{schema.name}: column {name} is missing")
    return schema.validate(pd.DataFrame(columns, index=table.index).reset_index(drop=True))


def _dtype(column: pa.Column) -> Any:
    return column.dtype.type if column.dtype is not None else "object"


def of_texts(texts: pd.Series, source: str, language: pd.Series | None = None) -> Tables:
    """Bare texts as comments of one source, under the ids of their index; `language` is declared row by row."""
    shared = pd.DataFrame({"submission_id": texts.index, "source": source, "file": "", "row": range(1, len(texts) + 1)})
    comments = shared.assign(comment_id=texts.index, field_id="text", text=texts.to_numpy(), is_repost=False)
    if language is not None:
        comments["language"] = language.to_numpy()
    return Tables(
        conform(shared.assign(source_kind="survey", has_text=True), SUBMISSIONS),
        empty(SCORES),
        conform(comments, COMMENTS),
        empty(REJECTS),
    )


P = ParamSpec("P")
R = TypeVar("R")


def stage(*, needs: tuple[str, ...], adds: tuple[str, ...]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the columns that a stage needs in its first argument and adds to its result.

    Both ends are checked at each call. Of a batch the comments are meant, of several results the first.
    """

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        name = f"{function.__module__}.{function.__name__}"

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            _require(_meant(args[0]), needs, f"{name} needs")
            result = function(*args, **kwargs)
            _require(_meant(result), adds, f"{name} must add")
            return result

        checked.needs, checked.adds = needs, adds  # type: ignore[attr-defined]
        return checked

    return declare


def _meant(given: Any) -> Any:
    if isinstance(given, Tables):
        return given.comments
    return _meant(given[0]) if isinstance(given, tuple) else given


def _require(table: Any, columns: tuple[str, ...], message: str) -> None:
    missing = [c for c in columns if c not in table.columns]
    if missing:
        raise KeyError(f"{message} column {', '.join(missing)}")
