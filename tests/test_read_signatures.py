"""Files that look like a native format and are another service's: none is claimed."""

import json

import pytest
from reading import written

from feedback import read

WHEN = "2026-11-10T18:45:03"
TABLES = {
    "an employer's reviews (no capterra)": "Pros,Cons,Rating,Job Title,Work/Life Balance\nPay,Hours,4,Cook,3\n",
    "a shop's comparison of pros (no capterra)": "Product,Pros,Cons,Overall\nTent,Light,Dear,4\n",
    "a log of a chat (no instagram)": f"id,text,timestamp,username\n1,Hello,{WHEN}+0000,ann\n",
    "a log of messages (no facebook)": f"id,message,created_time\n1,Disk full,{WHEN}+0000\n",
    "reviews of any shop (no trustpilot)": "Review ID,Review Title,Rating,Review Text\n1,Fine,5,A good tent\n",
    "a quiz (no asknicely)": "response_id,answer,comment,responded\n1,Paris,I guessed,yes\n",
    "a help desk's scores (no zendesk-csat)": "ticket_id,score,comment,group_id\n1,0.93,Spam filter,4\n",
    "reviews of a library (no yelp)": "review_id,user_id,stars,text,date\n1,2,4,A fine book,2026-11-10\n",
    "a table of talks (no calls)": "turn,speaker,text\n1,Ann,Welcome\n",
}
VALUES = {
    "a chat (no instagram)": {"data": [{"id": "1", "text": "Hi", "timestamp": f"{WHEN}Z", "username": "ann"}]},
    "a forum (no instagram)": {"data": [{"text": "Hi", "timestamp": f"{WHEN}+0000", "username": "a", "like_count": 1}]},
    "a queue of messages (no facebook)": {"data": [{"id": "1", "message": "Disk full", "created_time": WHEN}]},
    "a messenger (no x)": {"data": [{"id": "m-1", "text": "Hi", "conversation_id": "c-4"}]},
    "a ticket's messages (no x)": {"data": [{"id": 12, "text": "Hi", "author_id": 4}]},
    "an indexed page (no intercom)": {"id": "1", "created_at": 1, "source": {"body": "<p>Hi</p>", "url": "/"}},
    "tasks (no formbricks)": {"data": [{"surveyId": "s", "finished": True, "createdAt": WHEN, "updatedAt": WHEN}]},
    "photos (no mastodon)": [{"content": "Sunset", "visibility": "public", "created_at": WHEN, "account": "ann"}],
    "videos (no youtube)": {"kind": "youtube#videoListResponse", "items": [{"snippet": {"title": "A"}}]},
}


@pytest.mark.parametrize("content", TABLES.values(), ids=TABLES)
def test_a_table_of_another_service_is_not_claimed(tmp_path, content):
    assert read.recognise(written(tmp_path / "a.csv", content)) is None


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_page_of_another_service_is_not_claimed(tmp_path, value):
    assert read.recognise(written(tmp_path / "a.json", json.dumps(value))) is None
