"""Every error that a user can meet.

    FeedbackError              exit code 1
    ├── UsageError             exit code 2: a path that does not exist, options that do not fit
    ├── FileError              a pipeline, journey, mapping or gold file that breaks its contract
    ├── ReadError              an export that cannot be read at all
    ├── ModelError             model files that are missing, damaged or unfit
    └── StoreError             a run folder that is missing, locked, damaged or cannot be written

A message says what happened and where, what was got, what is allowed, and what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class FeedbackError(Exception):
    """What went wrong, as one line of text.

    >>> str(FeedbackError("unknown stage", where="journey.yaml, line 4", got="buyy", allowed=["buy"]))
    "journey.yaml, line 4: unknown stage. Got 'buyy'; allowed: buy."
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        got: object = None,
        allowed: Iterable[str] | str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.what, self.where, self.got, self.remedy = what, where, got, remedy
        self.allowed = allowed if isinstance(allowed, str) or allowed is None else ", ".join(allowed)
        super().__init__(self._line())

    def _line(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        facts = []
        if self.got is not None:
            facts.append(f"got {str(self.got)[:120]!r}")
        if self.allowed:
            facts.append(f"allowed: {self.allowed}")
        line = _sentence(head)
        if facts:
            detail = "; ".join(facts)
            line += f" {detail[0].upper()}{detail[1:]}."
        if self.remedy:
            line += f" {_sentence(self.remedy[0].upper() + self.remedy[1:])}"
        return " ".join(line.split())


def _sentence(text: str) -> str:
    return text if text.endswith(("?", ".", "!")) else f"{text}."


class UsageError(FeedbackError):
    """The command was called with something that cannot be: exit code 2."""

    exit_code = 2


class FileError(FeedbackError):
    """A file of the workspace (pipeline, journey, mapping, gold) breaks its contract."""


class ReadError(FeedbackError):
    """An export cannot be read at all; broken rows alone are rejects, not errors."""


class ModelError(FeedbackError):
    """Model files are missing, damaged, or do not fit what they are asked to do."""


class StoreError(FeedbackError):
    """A run folder is missing, locked or damaged, or cannot be written."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """Say which valid name was probably meant: ``did you mean 'x'?`` or an empty string.

    >>> nearest("timezon", ["timezone", "journey"])
    "did you mean 'timezone'?"
    """
    found = get_close_matches(name, list(valid), n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}?" if found else ""
