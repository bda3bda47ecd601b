"""Words are found in whatever coding a file has, and a file that cannot be unpacked is searched as it is."""

import gzip
import zipfile

import pytest

from feedback import traces
from feedback.traces import zstd

NAME = "Zoé Lefèvre"


@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le", "cp1252"])
def test_a_name_is_found_in_each_coding(tmp_path, coding):
    (tmp_path / "export.csv").write_bytes(f"1,{NAME},late\n".encode(coding))
    (tmp_path / "other.csv").write_bytes("2,Zoe Lefevre,late\n".encode(coding))
    assert traces.holding(tmp_path, [NAME]) == [tmp_path / "export.csv"]


def test_a_word_that_a_coding_lacks_is_not_looked_for_in_it(tmp_path):
    (tmp_path / "marks.csv").write_bytes(b"1,??????,late\n")
    assert traces.holding(tmp_path, ["Дмитрий"]) == []


def test_damaged_and_locked_archives_stop_nothing(tmp_path):
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"x" * 100)[:20] + NAME.encode())
    with zipfile.ZipFile(tmp_path / "locked.zip", "w") as archive:
        archive.writestr("a.csv", "nothing")
    data = bytearray((tmp_path / "locked.zip").read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    assert traces.holding(tmp_path, [NAME]) == [tmp_path / "broken.gz"]


def test_what_is_packed_is_searched_also_within_an_archive(tmp_path):
    said = f"1,{NAME},late\n".encode()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(said))
    (tmp_path / "b.csv.zst").write_bytes(zstd.compress(said))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("d.csv.zst", zstd.compress(said))
    (tmp_path / "e.csv.zst").write_bytes(zstd.compress(b"1,nobody,late\n" * 100)[:20])
    assert [path.name for path in traces.holding(tmp_path, [NAME])] == ["a.csv.gz", "b.csv.zst", "c.zip"]


def test_files_that_bear_a_name_hold_it(tmp_path):
    (tmp_path / f"{NAME}.csv").write_text("1,late\n", "utf-8")
    with zipfile.ZipFile(tmp_path / "calls.zip", "w") as archive:
        archive.writestr(f"{NAME}.txt", "late")
    assert {path.name for path in traces.holding(tmp_path, [NAME])} == {f"{NAME}.csv", "calls.zip"}


@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le", "cp1252"])
def test_a_short_name_is_found_where_it_stands_alone(tmp_path, coding):
    (tmp_path / "export.csv").write_bytes('7,"Bo",late\n'.encode(coding))
    (tmp_path / "other.csv").write_bytes("8,Bob,éBo,Bo2,boring Bossa\n".encode(coding))
    assert traces.holding(tmp_path, [], ["Bo"]) == [tmp_path / "export.csv"]
    assert traces.holding(tmp_path, ["Bo"], ["B"]) == []
