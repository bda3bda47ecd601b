"""SPSS files: codes and labels as text, in parts, and what is said where the extra is not installed."""

import sys

import pandas as pd
import pyreadstat
import pytest
from reading import mapped

from feedback.errors import ReadError
from feedback.read import open_file, spss


@pytest.fixture
def path(tmp_path):
    table = pd.DataFrame(
        {
            "nr": [1.0, 2.0, 3.0],
            "open": ["Très bien reçu", "", "The gate was shut"],
            "nps": [9.0, None, 2.0],
            "day": pd.to_datetime(["2026-11-02 10:00", "2026-11-03 00:00", "2026-11-04 00:00"]),
        }
    )
    made = tmp_path / "answers.sav"
    pyreadstat.write_sav(table, str(made), variable_value_labels={"nps": {9.0: "very likely", 2.0: "unlikely"}})
    return made


def test_codes_and_labels_are_columns_of_text(path):
    (cells,) = open_file(path).cells(None)
    assert list(cells.table.columns) == ["nr", "open", "nps", "nps label", "day"]
    assert cells.table.loc[1].to_list() == ["1", "Très bien reçu", "9", "very likely", "2026-11-02T10:00:00"]
    assert cells.table.loc[2].isna().to_list() == [False, False, True, True, False]


def test_an_spss_file_is_read_by_a_mapping_and_in_parts(path, monkeypatch):
    monkeypatch.setattr(spss, "BATCH", 2)
    scores = [{"column": "nps", "metric": "nps", "min": 0, "max": 10}]
    tables = mapped(path, {"text": "open", "id": "nr", "created_at": "day", "scores": scores})
    assert list(tables.comments["text"]) == ["Très bien reçu", "The gate was shut"]
    assert list(tables.scores["score_raw"]) == [9, 2]
    assert list(tables.submissions["row"]) == [1, 2, 3]


def test_a_damaged_file_is_one_reject(path):
    path.write_bytes(path.read_bytes()[:300])
    tables = mapped(path)
    assert tables.rejects["reason"][0].startswith("the SPSS file cannot be read")


def test_without_the_extra_the_error_names_the_command(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(ReadError, match=r"pip install 'feedback-journey\[spss\]'"):
        open_file(path)
