"""Zendesk tickets: whose words a ticket holds, and what the telephone system wrote into it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from feedback.read.cells import Opened, Refused
from feedback.read.objects import inner, refused, several, word

_MACHINES = ("system", "rule", "monitor_event")
_CALL_LINE = re.compile(
    r"^\s*(?:(?:call|voicemail|incoming call|phone call) (?:from|to)|time of call|length of (?:phone )?call"
    r"|call duration|answered by|listen to the recording)\s*:[^\n]*$"
    r"|^\s*(?:transcription|transcript|transcribed text)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_RATINGS: dict[str | None, int] = {"good": 1, "bad": 0}
_NOT_FEEDBACK = ("deleted", "suspended")


def _is_ticket(value: Any) -> bool:
    keys = set(value) if isinstance(value, dict) else set()
    return {"id", "subject", "description"} <= keys and bool(keys & {"requester_id", "via"})


def recognise(opened: Opened) -> bool:
    """Whether the first value is a ticket, or a page of tickets."""
    value = opened.value
    if isinstance(value, dict) and isinstance(value.get("tickets"), list):
        return not value["tickets"] or _is_ticket(value["tickets"][0])
    return _is_ticket(value)


def unfold(value: Any) -> Iterable[dict[str, Any] | Refused | str]:
    """The tickets of a value as flat records; a refusal is of one ticket, a text of the value."""
    if isinstance(value, dict) and isinstance(value.get("tickets"), list):
        staff = {word(user, "id") for user in several(value, "users") if user.get("role") in ("agent", "admin")}
        return (_ticket(t, staff) if _is_ticket(t) else refused(t, "not a ticket") for t in value["tickets"])
    return [_ticket(value, set()) if _is_ticket(value) else "not a ticket"]


def _ticket(ticket: dict[str, Any], staff: set[str | None]) -> dict[str, Any]:
    via, rating = inner(ticket, "via"), inner(ticket, "satisfaction_rating")
    maker = _maker(ticket, via, staff)
    score, remark = _RATINGS.get(word(rating, "score")), word(rating, "comment")
    subject, description = word(ticket, "subject"), word(ticket, "description")
    if maker != "customer":
        subject = description = None
    elif word(inner(via, "source"), "rel") == "voicemail" or word(via, "channel") == "voice":
        subject, description = _spoken(subject), _spoken(description)
    status = word(ticket, "status")
    tags = ticket.get("tags")
    return {
        "id": word(ticket, "id"),
        "subject": subject,
        "description": description,
        "satisfaction_comment": remark,
        "satisfaction": score,
        "created_at": word(ticket, "created_at"),
        "updated_at": word(ticket, "updated_at"),
        "author": word(ticket, "requester_id"),
        "channel": word(via, "channel"),
        "url": word(ticket, "url"),
        "set_aside": status if status in _NOT_FEEDBACK else maker if score is None and not remark else None,
        "tags": ", ".join(map(str, tags)) if isinstance(tags, list) else None,
        "status": status,
        "priority": word(ticket, "priority"),
    }


def _maker(ticket: dict[str, Any], via: dict[str, Any], staff: set[str | None]) -> str:
    """Whose words the description is: the customer's, an agent's, or the help desk's own."""
    if word(via, "channel") in _MACHINES:
        return "machine"
    requester, submitter = word(ticket, "requester_id"), word(ticket, "submitter_id")
    called_out = word(inner(via, "source"), "rel") == "outbound"
    if called_out or submitter in staff or (submitter is not None and submitter != requester):
        return "agent"
    return "customer"


def _spoken(text: str | None) -> str | None:
    """What a caller said: without the lines that the telephone system writes, its backslash-n as line breaks."""
    return _CALL_LINE.sub("", text.replace("\\n", "\n")).strip() or None if text else None
