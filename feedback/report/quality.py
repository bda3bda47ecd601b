"""Where every row went: sums that add up, what was refused and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from feedback.report.figures import NONE, clamp, clean, number, words
from feedback.report.results import NOT_FEEDBACK, READ_AGAIN, Results, counted
from feedback.report.weeks import title

LOW_STARS, HIGH_STARS = 0.25, 0.75  # two and four of five


@dataclass(frozen=True)
class Part:
    """One line of a sum; `open` marks rows that nobody can account for."""

    label: str
    n: str
    open: bool = False


@dataclass(frozen=True)
class Sum:
    """Parts that add up to a total."""

    title: str
    parts: tuple[Part, ...]
    total: str


@dataclass(frozen=True)
class Refused:
    """Rows set aside for one reason."""

    reason: str
    n: str
    example: str
    remedy: str


@dataclass(frozen=True)
class Quality:
    """The data-quality section."""

    sums: tuple[Sum, ...]
    refused: tuple[Refused, ...]
    redacted: str
    undated: str
    contradicted: str
    late: str


def rows_read(results: Results) -> dict[str, int]:
    """How many rows were read and where each went; `open` is what is left over, 0 when all is well."""
    counts, rejects = results.info.get("counts", {}), results.tables["rejects"]
    rows = rejects[rejects["row"].notna()]
    not_feedback = int(rows["reason"].str.startswith(NOT_FEEDBACK).sum())
    again = int(rows["reason"].str.startswith(READ_AGAIN).sum())
    parts = {
        "kept": len(results.tables["submissions"]),
        "other_weeks": int(counts.get("other_weeks", 0)),
        "read_again": again or int(counts.get("read_again", 0)),
        "not_feedback": not_feedback,
        "rejected": len(rows) - not_feedback - again,
    }
    told = int(counts.get("told_before", 0))
    read = int(counts.get("read", sum(parts.values()))) + told
    return {"read": read, **parts, "told_before": told, "open": read - told - sum(parts.values())}


def quality(results: Results, language: str) -> Quality:
    """Everything that was read, kept, counted, replaced or refused, as text."""
    tables, counts = results.tables, results.info.get("counts", {})
    text = words(language)["quality"]
    late = ", ".join(
        f"{title(w['week'], language)} (n\u00a0=\u00a0{number(w['n'], language)})" for w in counts.get("late", [])
    )
    redacted = sorted((counts.get("redacted") or {}).items())
    replaced = ", ".join(f"{_replaced(kind, text)} {number(n, language)}" for kind, n in redacted)
    return Quality(
        sums=(
            *(_sum(name, parts, language) for name, parts in _parts(results).items()),
            _languages(tables, language),
        ),
        refused=_refused(tables["rejects"], language),
        redacted=replaced or text["redacted_none"],
        undated=number(int(tables["submissions"]["created_at"].isna().sum()), language),
        contradicted=_contradicted(tables, language),
        late=late or text["none"],
    )


def _contradicted(tables: Mapping[str, pd.DataFrame], language: str) -> str:
    n, both = contradicted(tables)
    text = words(language)["quality"]
    return str(text["with_both"].format(number(n, language), number(both, language)) if both else text["no_stars"])


def contradicted(tables: Mapping[str, pd.DataFrame]) -> tuple[int, int]:
    """How many submissions give stars that every segment of their text contradicts, and how many have both.

    1–2 of 5 stars are against text that is positive throughout, 4–5 against text that is negative throughout.
    """
    keys = ["source", "submission_id"]
    stars = tables["scores"].query("metric == 'stars'").groupby(keys)["score"].mean().rename("stars")
    said = counted(tables["comments"]).merge(tables["segments"][["comment_id", "sentiment"]].dropna(), on="comment_id")
    both = pd.concat([stars, said.groupby(keys)["sentiment"].agg(["first", "nunique"])], axis=1, join="inner")
    against = (both["stars"] <= LOW_STARS) & (both["first"] == "positive")
    against |= (both["stars"] >= HIGH_STARS) & (both["first"] == "negative")
    return int((against & (both["nunique"] == 1)).sum()), len(both)


def _parts(results: Results) -> dict[str, dict[str, int]]:
    tables = results.tables
    submissions, comments, segments = tables["submissions"], tables["comments"], tables["segments"]
    used = segments[segments["comment_id"].isin(counted(comments)["comment_id"])]
    kinds = used["assignment"].value_counts()
    rows = rows_read(results)
    with_text = int(submissions["has_text"].sum())
    reposts = comments["is_repost"]
    return {
        "rows": {k: v for k, v in rows.items() if k != "read" and (k != "open" or v)},
        "submissions": {"with_text": with_text, "without": len(submissions) - with_text},
        "comments": {
            "counted": len(counted(comments)),
            "duplicates": int((comments["duplicate_of"].notna() & ~reposts).sum()),
            "reposts": int(reposts.sum()),
        },
        "segments": {
            **{kind: int(kinds.get(kind, 0)) for kind in ("touchpoint", "stage", "general", "unassigned")},
            "no_text": int(used["assignment"].isna().sum()),
            "left_out": len(segments) - len(used),
        },
    }


def _sum(name: str, parts: Mapping[str, int], language: str) -> Sum:
    text = words(language)["quality"][name]
    lines = tuple(Part(text[k], number(n, language), k == "open") for k, n in parts.items())
    return Sum(text["title"], lines, number(sum(parts.values()), language))


def _languages(tables: Mapping[str, pd.DataFrame], language: str) -> Sum:
    text = words(language)["quality"]["languages"]
    found = tables["comments"]["language"].value_counts(dropna=False)
    order = sorted(found.items(), key=lambda item: (-item[1], str(item[0])))
    lines = tuple(Part(_language(code, text), number(n, language)) for code, n in order)
    return Sum(text["title"], lines, number(len(tables["comments"]), language))


def _language(code: Any, text: dict[str, str]) -> str:
    if pd.isna(code):
        return text["unknown"]
    return text[code] if code in ("en", "fr") else text["other"].format(code=clean(code))


def _refused(rejects: pd.DataFrame, language: str) -> tuple[Refused, ...]:
    groups = rejects.groupby("reason", sort=False)
    apart = (NOT_FEEDBACK, READ_AGAIN)
    order = sorted(groups, key=lambda item: (str(item[0]).startswith(apart), -len(item[1]), str(item[0])))
    return tuple(
        Refused(
            reason=clamp(told(clean(reason), language), 200),
            n=number(len(group), language),
            example=_place(group.iloc[0], language),
            remedy=clamp(told(clean(group["remedy"].iloc[0]), language), 200),
        )
        for reason, group in order
    )


def told(text: str, language: str) -> str:
    """A reason or remedy in the page's language; a text that nobody translated stays as it is.

    >>> told("20 cells where the header has 24", "fr")
    '20 cellules au lieu des 24 de l’en-tête'
    """
    for pattern, form in words(language)["quality"]["told"].items():
        if found := re.fullmatch(pattern, text):
            return str(form.format(*found.groups()))
    return text


def _replaced(placeholder: str, text: dict[str, Any]) -> str:
    kind = placeholder.strip("<>")
    return str(text["placeholders"].get(kind, clean(kind)))


def _place(reject: pd.Series, language: str) -> str:
    text = words(language)["quality"]
    row = text["whole_file"] if pd.isna(reject["row"]) else f"{text['row']} {number(int(reject['row']), language)}"
    excerpt = clamp(clean(reject["excerpt"]), 60)
    return f"{clean(reject['file'])}, {row}" + (f" {NONE} {excerpt}" if excerpt else "")
