"""X (Twitter): pages of the API's second version, one JSON page or one page per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from feedback.read.cells import Opened
from feedback.read.format import Format, Roles

_OWN_KEYS = ("author_id", "conversation_id", "edit_history_tweet_ids")


def _is_post(value: Any) -> bool:
    return isinstance(value, dict) and {"id", "text"} <= set(value) and any(key in value for key in _OWN_KEYS)


def _recognise(opened: Opened) -> bool:
    page = opened.value
    if not isinstance(page, dict):
        return False
    if "data" not in page:
        meta = page.get("meta")
        return _is_post(page) or (isinstance(meta, dict) and meta.get("result_count") == 0)
    data = page["data"]
    return _is_post(data[0] if isinstance(data, list) and data else data)


def _unfold(page: Any) -> Iterable[dict[str, Any] | str]:
    if not isinstance(page, dict):
        return ["not a page of posts"]
    data = [page] if _is_post(page) else page.get("data", [])
    return _posts(data if isinstance(data, list) else [data], page)


def _posts(data: list[Any], page: dict[str, Any]) -> Iterator[dict[str, Any] | str]:
    includes = page.get("includes") if isinstance(page.get("includes"), dict) else {}
    assert isinstance(includes, dict)
    users = {user["id"]: user for user in includes.get("users") or [] if isinstance(user, dict) and "id" in user}
    others = {post["id"]: post for post in includes.get("tweets") or [] if isinstance(post, dict) and "id" in post}
    for post in data:
        yield _post(post, users, others) if _is_post(post) else "not a post: id, text or author is missing"


def _post(post: dict[str, Any], users: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    links = [link for link in post.get("referenced_tweets") or [] if isinstance(link, dict)]
    related = {str(link.get("type")): str(link.get("id")) for link in links}
    passed_on = related.get("retweeted")
    history = post.get("edit_history_tweet_ids") or [post["id"]]
    name = (users.get(str(post.get("author_id"))) or post.get("author") or {}).get("username")
    return {
        "id": str(history[0]),
        "text": _full_text(others.get(str(passed_on), post)),
        "author": post.get("author_id") or name,
        "created_at": post.get("created_at"),
        "updated_at": post.get("created_at") if len(history) > 1 else None,
        "language": post.get("lang"),
        "thread": post.get("conversation_id"),
        "parent": related.get("replied_to"),
        "repost": passed_on is not None,
        "url": f"https://x.com/{name}/status/{post['id']}" if name else None,
    }


def _full_text(post: dict[str, Any]) -> Any:
    """Long posts carry the whole text in a note; `text` is cut."""
    note = post.get("note_tweet")
    return (note.get("text") if isinstance(note, dict) else None) or post.get("text")


def _roles(_table: pd.DataFrame) -> Roles:
    return Roles(
        text=("text",),
        fields={"text": "post"},
        questions={"text": ""},
        id=("id",),
        created_at=("created_at",),
        updated_at=("updated_at",),
        zone="UTC",
        author=("author",),
        language=("language",),
        url=("url",),
        thread=("thread",),
        parent=("parent",),
        repost=("repost",),
    )


X = Format("x", "social", _recognise, _roles, _unfold)
