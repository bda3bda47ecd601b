"""Delimited text: any table comes back as it was written, and what is broken is set aside, not lost."""

import csv
import gzip
import io
import random
import string
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.errors import ReadError
from feedback.pipeline import Mapping
from feedback.read import open_file
from feedback.read.packed import zstd

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
FRENCH = st.text(st.sampled_from(string.ascii_letters + " ,;'éèêàçùôîï’«»€"), max_size=30)


def written(table, *, delimiter=",", newline="\r\n", quoting=csv.QUOTE_MINIMAL):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=quoting).writerows(table)
    return out.getvalue()


def back(path: Path):
    batches = list(open_file(path).cells(None))
    refused = [r for batch in batches for r in batch.refused]
    return pd.concat([batch.table for batch in batches]), refused


def rows_of(path: Path):
    table, refused = back(path)
    assert refused == []
    return [list(table.columns), *table.to_numpy().tolist()]


@st.composite
def tables(draw, cell):
    width = draw(st.integers(2, 5))
    return [
        [f"name{i}" for i in range(width)],
        *draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=8)),
    ]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("delimited") / "table"


@settings(max_examples=80, deadline=None)
@given(
    table=tables(CELL),
    delimiter=st.sampled_from(",;\t|"),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_every_table_reads_back_identical(path, table, delimiter, newline, encoding):
    text = written(table, delimiter=delimiter, newline=newline, quoting=csv.QUOTE_ALL)
    path.write_bytes(text.encode(encoding))
    assert rows_of(path) == table


@settings(max_examples=40, deadline=None)
@given(table=tables(FRENCH), delimiter=st.sampled_from(",;\t|"), encoding=st.sampled_from(["cp1252", "utf-16-le"]))
def test_french_tables_read_back_from_windows_encodings(path, table, delimiter, encoding):
    path.write_bytes(written(table, delimiter=delimiter).encode(encoding))
    assert rows_of(path) == table


@settings(max_examples=60, deadline=None)
@given(
    table=tables(st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=20)),
    delimiter=st.sampled_from(",;\t|"),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso8859-15", "cp850"]),
    pack=st.sampled_from([bytes, gzip.compress, zstd.compress]),
)
def test_every_way_of_writing_a_table_reads_back_identical_when_its_delimiter_is_named(
    path, table, delimiter, newline, quoting, encoding, pack
):
    text = written(table, delimiter=delimiter, newline=newline, quoting=quoting)
    path.write_bytes(pack(text.encode(encoding)))
    mapping = Mapping(text=["name0"], encoding=encoding, delimiter=delimiter)
    cells = list(open_file(path, mapping).cells(None))
    assert [r for part in cells for r in part.refused] == []
    (part,) = cells
    assert [list(part.table.columns), *part.table.to_numpy().tolist()] == table


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "iso8859-15", "cp850", "mac-roman"])
def test_a_french_sentence_survives_its_encoding(path, encoding):
    text = (
        "id,texte\r\n1,Très déçu : la fosse était bondée et l'entrée gelée à Noël\r\n2,Ça a été réglé par téléphone\r\n"
    )
    path.write_bytes(text.encode(encoding))
    assert rows_of(path)[1][1] == "Très déçu : la fosse était bondée et l'entrée gelée à Noël"


def test_latin_1_with_cp850_bytes_inside_is_repaired_cell_by_cell(path):
    latin, dos = "Placement très aéré".encode("latin-1"), "contrôle à l'entrée dépassé".encode("cp850")
    path.write_bytes(b"id,texte\n1," + latin + b"\n2," + dos + b"\n")
    assert [row[1] for row in rows_of(path)[1:]] == ["Placement très aéré", "contrôle à l'entrée dépassé"]


def test_a_stray_windows_byte_does_not_spoil_a_utf_8_file(path):
    path.write_bytes("id,texte\n1,déjà payé\n2,billet reçu\n3,l".encode() + b"\x92" + "entrée gênée\n".encode())
    assert rows_of(path)[1:] == [["1", "déjà payé"], ["2", "billet reçu"], ["3", "l’entrée gênée"]]


def test_ragged_rows_are_refused_with_their_number_and_the_others_kept(path):
    path.write_text("id,text\n1,fine\n2,one, two\n3\n4,good,,\n\n5,last\n", encoding="utf-8")
    table, refused = back(path)
    assert table["id"].to_dict() == {1: "1", 4: "4", 5: "5"}
    assert [(r.row, r.reason) for r in refused] == [
        (2, "3 cells where the header has 2"),
        (3, "1 cells where the header has 2"),
    ]
    assert refused[0].excerpt == "2 | one |  two"


@pytest.mark.parametrize("rest", ["", '5,the "pit"\n'])
def test_a_quote_that_is_never_closed_costs_one_row(path, rest):
    path.write_text('id,text\n1,fine\n2,"lost\n3,kept\n4,kept too\n' + rest, encoding="utf-8")
    table, refused = back(path)
    assert list(table["text"])[:3] == ["fine", "kept", "kept too"]
    assert [(r.row, r.reason) for r in refused] == [(2, "a quote is opened and not closed")]


def test_line_breaks_inside_quoted_cells_stay_even_in_a_ragged_row(path):
    path.write_text('id,text\n1,"two\nlines"\n2,"three\nmore\nlines",x\n3,end\n', encoding="utf-8")
    table, refused = back(path)
    assert list(table["text"]) == ["two\nlines", "end"]
    assert [r.row for r in refused] == [2]


def test_one_column_needs_no_delimiter(path):
    path.write_text("text\nSlow, but friendly; really\nFine\n", encoding="utf-8")
    assert rows_of(path) == [["text"], ["Slow, but friendly; really"], ["Fine"]]


def test_excel_says_its_delimiter_in_a_line_of_its_own(path):
    path.write_text("sep=;\nid;text\n1;a,b\n", encoding="utf-8")
    assert rows_of(path) == [["id", "text"], ["1", "a,b"]]


def test_names_given_twice_or_not_at_all_become_unique(path):
    path.write_text("Q1, Q1 ,,Q1 (2)\n1,2,3,4\n", encoding="utf-8")
    assert rows_of(path)[0] == ["Q1", "Q1 (3)", "column 3", "Q1 (2)"]


def test_a_cell_of_a_megabyte_is_read(path):
    path.write_text("id,text\n1," + "x" * 1_000_000 + "\n", encoding="utf-8")
    assert len(rows_of(path)[1][1]) == 1_000_000


def test_nuls_become_replacement_characters(path):
    path.write_bytes(b"id,text\n1,be\0fore and after the show we waited for long\n")
    assert rows_of(path)[1][1].startswith("be\ufffdfore")


@pytest.mark.parametrize("content", [b"", b"id,text", b"id,text\n", b"\xef\xbb\xbfid,text\r\n"])
def test_a_file_without_rows_is_a_table_without_rows(path, content):
    path.write_bytes(content)
    table, refused = back(path)
    assert len(table) == 0
    assert refused == []


def test_a_picture_is_no_text(path):
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4 + bytes(500))
    with pytest.raises(ReadError, match="no text"):
        open_file(path)


def test_a_compressed_stream_is_no_text_even_with_few_nuls(path):
    path.write_bytes(random.Random(1).randbytes(5_000))
    with pytest.raises(ReadError, match="no text"):
        open_file(path)


def test_a_packed_file_says_to_unpack_it(path):
    path.write_bytes(b"\x1f\x8b\x08\x00 packed")
    with pytest.raises(ReadError, match="Unpack it"):
        open_file(path)


def test_records_before_a_header_that_is_whole_are_refused_and_not_lost(path):
    path.write_text('"id,te\nid,text\n1,fine\n2,fine too\n', encoding="utf-8")
    (cells,) = open_file(path, Mapping(text=["text"], delimiter=",")).cells(None)
    assert cells.table["text"].to_dict() == {2: "fine", 3: "fine too"}
    assert [(r.row, r.reason) for r in cells.refused] == [(1, "a quote is opened and not closed")]
