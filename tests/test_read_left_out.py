"""Running text that a format does not take for comments is told; what is known to be none is not."""

import json

import pandas as pd
import pytest
from reading import CASES, joined, mapped, written

from feedback import read
from feedback.pipeline import Source
from feedback.read.declared import declarations, made
from feedback.report import quality

SENTENCES = [
    "The queue at the east gate moved far too slowly for us",
    "Nobody at the information desk could tell me where to go",
    "I paid for a seat and had to stand for the whole evening",
]
NOTE = "note: columns with running text that are not read as comments: "


def reviews(path, **more):
    """Three reviews of Trustpilot with further columns."""
    head = pd.read_csv(CASES / "trustpilot/reviews.csv", dtype="str")
    head.assign(**more).to_csv(path, index=False)
    return path


def told(path):
    rejects = joined(read.read_any([path])).rejects
    return rejects.loc[rejects["reason"].str.startswith(NOTE), "reason"].to_list()


def test_a_column_of_sentences_that_no_role_claims_is_told_with_its_name(tmp_path):
    path = reviews(tmp_path / "a.csv", **{"What else?": SENTENCES, "Desk": ["east", "west", "east"]})
    (note,) = told(path)
    assert note == f"{NOTE}'What else?'"
    assert "colonnes de texte suivi" in quality.told(note, "fr")


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("Company Reply", SENTENCES),
        ("Review Username", SENTENCES),
        ("Plan", ["Gold plan with a seat on the floor"] * 3),
        ("Agent", [f"Mozilla/5.0 (Windows NT 10.0; rv:{n}) like Gecko and so on" for n in range(3)]),
        ("Page", [f"https://shop.example/the/way/to/the/gate/{n}" for n in range(3)]),
        ("Mail", [f"ann{n}@example.org" for n in range(3)]),
        ("When", [f"Tue Nov {n} 2026 at 10:00 in the early evening" for n in (3, 3, 3)]),
    ],
)
def test_what_is_no_comment_is_not_told(tmp_path, heading, values):
    assert told(reviews(tmp_path / "a.csv", **{heading: values})) == []


def test_a_column_that_a_mapping_leaves_out_is_left_out_on_purpose(tmp_path):
    path = reviews(tmp_path / "a.csv", **{"What else?": SENTENCES})
    rejects = mapped(path, {"text": "Review Content"}, format="trustpilot").rejects
    assert not rejects["reason"].str.startswith(NOTE).any()


def test_a_column_that_another_file_shows_to_hold_comments_is_read_and_not_told(tmp_path):
    head = "Horodateur,Vos remarques sur la soirée ?,Âge\n"
    rows = [f"2026-11-0{n} 18:00:00,{text},3{n}\n" for n, text in enumerate(SENTENCES, start=1)]
    files = [written(tmp_path / "a.csv", head + "".join(rows)), written(tmp_path / "b.csv", head + rows[0])]
    tables = joined(read.read(Source(name="forms", files=[]), files))
    assert not tables.rejects["reason"].str.startswith(NOTE).any()


def test_what_the_interfaces_of_networks_and_desks_give_beside_a_comment_is_not_told(tmp_path):
    post = {"subreddit": "x", "created_utc": 1793000000, "author": "ann", "author_flair_text": "", "body_html": ""}
    lines = [
        json.dumps(post | {"id": f"a{n}", "body": text, "body_html": f"&lt;p&gt;{text}", "author_flair_text": text})
        for n, text in enumerate(SENTENCES)
    ]
    assert told(written(tmp_path / "a.jsonl", "\n".join(lines))) == []


def test_every_column_that_a_record_bars_is_one_that_it_never_reads():
    for record in declarations().values():
        header = {name: SENTENCES for names in record.roles.values() for name in names}
        found = made(record).roles(pd.DataFrame(header, dtype="str"))
        assert not set(found.text) & set(found.never), record.format
