"""X (Twitter), API version 2: posts with what their page includes about authors and posts passed on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from feedback.read.cells import Opened, Refused
from feedback.read.objects import inner, refused, several, word

_ById = dict[str | None, dict[str, Any]]
_LONG = re.compile(r"\d{8,}")
_NUMBERED = ("author_id", "conversation_id")
_OWN_KEYS = ("author_id", "conversation_id", "edit_history_tweet_ids")


def _is_post(value: Any) -> bool:
    return isinstance(value, dict) and {"id", "text"} <= set(value) and any(key in value for key in _OWN_KEYS)


def _is_sure(value: Any) -> bool:
    """Whether an object is a post and not one of another service: long numbers are its ids."""
    numbered = _is_post(value) and _LONG.fullmatch(str(value["id"])) is not None
    return numbered and all(str(value[key]).isdecimal() for key in _NUMBERED if key in value)


def recognise(opened: Opened) -> bool:
    """Whether the first value is a page of posts, or a post."""
    page = opened.value
    if not isinstance(page, dict):
        return False
    if "data" not in page:
        meta = page.get("meta")
        return _is_sure(page) or (isinstance(meta, dict) and meta.get("result_count") == 0)
    data = page["data"]
    return _is_sure(data[0] if isinstance(data, list) and data else data)


def unfold(page: Any) -> Iterable[dict[str, Any] | Refused | str]:
    """The posts of a page as flat records; a refusal is of one post, a text of the page."""
    if not isinstance(page, dict):
        return ["not a page of posts"]
    data = [page] if _is_post(page) else page.get("data", [])
    return _posts(data if isinstance(data, list) else [data], page)


def _posts(data: list[Any], page: dict[str, Any]) -> Iterator[dict[str, Any] | Refused]:
    includes = inner(page, "includes")
    users = {word(user, "id"): user for user in several(includes, "users")}
    others = {word(post, "id"): post for post in several(includes, "tweets")}
    for post in data:
        missing = "not a post: id, text or author is missing"
        yield _post(post, users, others) if _is_post(post) else refused(post, missing)


def _post(post: dict[str, Any], users: _ById, others: _ById) -> dict[str, Any]:
    related = {word(link, "type"): word(link, "id") for link in several(post, "referenced_tweets")}
    passed_on = related.get("retweeted")
    history = post.get("edit_history_tweet_ids")
    versions = [str(version) for version in history] if isinstance(history, list) else []
    author = word(post, "author_id")
    name = word(users.get(author) or inner(post, "author"), "username")
    return {
        "id": versions[0] if versions else word(post, "id"),
        "text": _full_text(others.get(passed_on, post) if passed_on else post),
        "author": author or name,
        "created_at": word(post, "created_at"),
        "updated_at": word(post, "created_at") if len(versions) > 1 else None,
        "language": word(post, "lang"),
        "thread": word(post, "conversation_id"),
        "parent": related.get("replied_to"),
        "repost": passed_on is not None,
        "url": f"https://x.com/{name}/status/{post['id']}" if name else None,
    }


def _full_text(post: dict[str, Any]) -> str | None:
    """Long posts carry the whole text in a note; `text` is cut."""
    return word(inner(post, "note_tweet"), "text") or word(post, "text")
