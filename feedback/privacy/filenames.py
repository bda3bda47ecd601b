"""Names of files as they are stored: call recordings and exports are often called after a customer."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256

from feedback.privacy.names import Unparsed, people
from feedback.privacy.patterns import cards, emails, handles, ibans, identifiers, phones

_FINDERS = {"EMAIL": emails, "IBAN": ibans, "CARD": cards, "PHONE": phones, "ID": identifiers, "HANDLE": handles}
_DAY = re.compile(r"(?:19|20)\d{6}|\d{4}(?:19|20)\d\d")


@lru_cache(maxsize=10_000)
def redact_path(path: str) -> str:
    """A path without e-mail addresses, numbers and names of people; what is cut is told apart by 4 digits of a hash.

    >>> redact_path("data/inbox/call_0612345678.vtt"), redact_path("data/inbox/survey/2026-W46.csv")
    ('data/inbox/call_<PHONE>-eb8e.vtt', 'data/inbox/survey/2026-W46.csv')
    """
    return "/".join(map(_redacted, path.split("/")))


def _redacted(name: str) -> str:
    words = name.replace("_", " ")  # an underscore is a letter to the patterns
    stem = words[: words.rfind(".")] if "@" not in words and "." in words else words
    found = [(*span, kind) for kind, finder in _FINDERS.items() for span in finder(stem)]
    found += [(*span, "PERSON") for span in people(Unparsed(stem, "xx"))]
    told = [
        (start, end, kind)
        for start, end, kind in sorted(found, key=lambda span: (span[0], -span[1]))
        if not _DAY.fullmatch(stem[start:end])
    ]
    parts, last = [], 0
    for start, end, kind in told:
        if start >= last:
            tag = sha256(name[start:end].encode()).hexdigest()[:4]
            parts += [name[last:start], f"<{kind}>-{tag}"]
        last = max(last, end)
    return "".join([*parts, name[last:]])
