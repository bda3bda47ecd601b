"""Excerpts of refused records hold enough for redaction to see whole addresses and names."""

import json

import pytest

from feedback.read import open_file
from feedback.read.assemble import rejects_of
from feedback.read.cells import Refused, excerpt


def test_an_excerpt_is_long_enough_to_be_redacted_before_it_is_cut():
    record = "x" * 110 + " write to jean.dupont@example.org"
    assert excerpt(record) == record
    assert len(excerpt("x" * 100_000)) == 2_000


@pytest.mark.parametrize("text", ["Éloïse a écrit", "lone \ud83d half"])
def test_refused_json_is_shown_as_people_wrote_it(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"text": "fine"}, text]), encoding="utf-8")
    refused = [r for cells in open_file(path).cells(None) for r in cells.refused]
    assert [r.excerpt for r in refused] == [json.dumps(text, ensure_ascii=False).replace("\ud83d", "\ufffd")]


def test_a_refused_record_can_be_stored_whatever_its_file_is_called():
    assert list(rejects_of([Refused(1, "broken", "export it again")], "enqu\udceate.csv")["file"]) == [
        "enqu\ufffdte.csv"
    ]
