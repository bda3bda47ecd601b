"""A mapping to edit: what the columns seem to be, with how sure that is, and questions that somebody has to answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from feedback.pipeline import UNANSWERED, Score
from feedback.read.proposal import About, Proposed, Question

MARK = "# QUESTION:"
_HIDDEN = re.compile(r"[^\x20-\x7e]")


class Draft(NamedTuple):
    """What is proposed for the columns of a table, and what is to be asked about them."""

    roles: list[Proposed]
    scores: list[Score]
    questions: list[Question]
    missing: Sequence[str] = ()


def lines(draft: Draft) -> list[str]:
    """The mapping as lines of YAML. Each question stands above the key that its answer belongs to."""
    texts = [f"{_quoted(p.column)}  # {p.sure}: {p.why}" for p in draft.roles if p.role == "text"]
    written = [f"text: {texts[0]}"] if len(texts) == 1 else ["text:", *(f"  - {text}" for text in texts)]
    for found in draft.roles:
        if found.role == "created_at" and _asked(draft, "first"):
            written += [f"created_at:  # {found.sure}: {found.why}", f"  column: {_quoted(found.column)}"]
            written += _question(draft, "first", "  ")
        elif found.role != "text":
            written.append(f"{found.role}: {_quoted(found.column)}  # {found.sure}: {found.why}")
    written += [*_question(draft, "timezone"), *_scores(draft.scores), *_question(draft, "decimal")]
    if draft.missing:
        written.append(f"missing: [{', '.join(map(_quoted, draft.missing))}]  # likely: these say that nobody answered")
    return written


def file_text(name: str, draft: Draft) -> str:
    """The mapping as a file of its own, for the export of that name."""
    head = [
        f"# How the columns of {shown(name)} are read: a proposal, to be checked and edited.",
        "# Every key: see `feedback schema mapping`. A line may be deleted; `text` must stay.",
    ]
    if draft.questions:
        head.append(f'# Lines that begin with "{MARK}" ask what the file does not tell: write the answer for "?".')
    return "\n".join([*head, *lines(draft)]) + "\n"


def shown(text: str) -> str:
    r"""Text of an export fit for one line of a terminal or a comment: no control characters, no line breaks.

    >>> shown("What\nelse\x1b[31m?")
    'What else [31m?'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _asked(draft: Draft, about: About) -> list[Question]:
    return [question for question in draft.questions if question.about == about]


def _question(draft: Draft, about: About, indent: str = "") -> list[str]:
    return [
        line
        for asked in _asked(draft, about)
        for line in (
            f"{indent}{MARK} {shown(asked.text)} Write {asked.answer}.",
            f'{indent}{about}: "{UNANSWERED}"',
        )
    ]


def _scores(scores: Sequence[Score]) -> list[str]:
    if not scores:
        return ["# scores: [{column: NAME, metric: nps, min: 0, max: 10}]"]
    head = ["scores:  # likely: by names and values; check what each measures, and its lowest and highest answer"]
    return head + [
        f"  - {{column: {_quoted(s.column)}, metric: {s.metric}, min: {s.min:g}, max: {s.max:g}}}" for s in scores
    ]


def _quoted(name: str) -> str:
    r"""A column's name as a double-quoted YAML text.

    >>> _quoted('Say "why"\n')
    '"Say \\"why\\"\\n"'
    """
    return _HIDDEN.sub(_escaped, json.dumps(name, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0].isprintable():
        return found[0]
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
