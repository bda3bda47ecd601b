"""Archives, compressed files and folders: each file in them is read as its own, and what is made to harm is refused."""

import gzip
import io
import stat
import warnings
import weakref
import zipfile

import pandas as pd
import pytest
from reading import CASES, joined, mapped, written

from feedback import intake, read
from feedback.errors import ReadError
from feedback.read import limits, packed
from feedback.read.packed import zstd

CSV = "id,text\n1,The queue was long\n2,Très bien\n"
REVIEWS = (CASES / "trustpilot/reviews.csv").read_bytes()


def zipped(path, members):
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, data in members:
            archive.writestr(name, data)
    return path


def reasons(tables):
    return dict(zip(tables.rejects["file"], tables.rejects["reason"], strict=True))


def test_every_file_of_an_archive_is_read_as_its_own(tmp_path):
    workbook = io.BytesIO()
    pd.DataFrame({"id": ["3"], "text": ["Froid"]}).to_excel(workbook, index=False)
    parquet = io.BytesIO()
    pd.DataFrame({"id": ["4"], "text": ["Warm"]}).to_parquet(parquet)
    path = zipped(
        tmp_path / "week.zip",
        [("a.csv", CSV), ("more/b.xlsx", workbook.getvalue()), ("c", parquet.getvalue()),
         ("d.json", '[{"id": 5, "text": null}]'),
         ("e.csv", "id,text\n6,ok\n7,one,two\n"), ("__MACOSX/._a.csv", b"\0\5"), (".DS_Store", b"\0"), ("more/", "")],
    )  # fmt: skip
    tables = mapped(path, {"text": "text", "id": "id"})
    found = tables.submissions.groupby("file")["submission_id"].agg(list).to_dict()
    assert found == {
        "week.zip/a.csv": ["1", "2"], "week.zip/c": ["4"], "week.zip/d.json": ["5"],
        "week.zip/e.csv": ["6"], "week.zip/more/b.xlsx": ["3"],
    }  # fmt: skip
    assert tables.rejects[["file", "row"]].to_numpy().tolist() == [["week.zip/e.csv", 2]]


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
def test_a_compressed_file_is_read_under_its_own_name(tmp_path, compress):
    path = tmp_path / "reviews.csv.packed"
    path.write_bytes(compress(REVIEWS))
    plain, packed = joined(read.read_any([CASES / "trustpilot/reviews.csv"])), joined(read.read_any([path]))
    pd.testing.assert_frame_equal(plain.comments.drop(columns="file"), packed.comments.drop(columns="file"))
    assert set(packed.comments["file"]) == {path.as_posix()}


def test_zstandard_with_the_long_window_of_large_archives_is_read(tmp_path):
    window = {zstd.CompressionParameter.window_log: 31, zstd.CompressionParameter.enable_long_distance_matching: 1}
    path = tmp_path / "posts.zst"
    made = zstd.ZstdCompressor(options=window)
    path.write_bytes(made.compress(CSV.encode()) + made.flush())
    assert len(mapped(path).comments) == 2


def test_a_folder_stands_for_the_files_in_it_and_in_its_archives(tmp_path):
    drop = tmp_path / "drop"
    (drop / "inner").mkdir(parents=True)
    (drop / ".git").mkdir()
    written(drop / ".git" / "config", "id,text\n9,hidden\n")
    written(drop / "inner" / "a.csv", CSV)
    zipped(drop / "b.zip", [("b.csv", "id,text\n3,packed\n")])
    tables = mapped(drop, {"text": "text", "id": "id"})
    assert list(tables.comments["file"]) == ["drop/b.zip/b.csv", "drop/inner/a.csv", "drop/inner/a.csv"]


def test_an_archive_of_one_file_can_stand_where_one_file_is_needed(tmp_path):
    one = zipped(tmp_path / "one.zip", [("a.csv", CSV)])
    two = zipped(tmp_path / "two.zip", [("a.csv", CSV), ("b.csv", CSV)])
    assert read.open_file(one).header == ("id", "text")
    with pytest.raises(ReadError, match="holds 2 files where one is needed"):
        read.open_file(two)


def test_two_files_of_one_name_are_told_apart(tmp_path):
    path = zipped(tmp_path / "a.zip", [("a.csv", CSV), ("a.csv", "id,text\n3,second\n")])
    assert sorted(set(mapped(path).comments["file"])) == ["a.zip/a.csv", "a.zip/a.csv (2)"]


@pytest.mark.parametrize("name", ["../../etc/evil.csv", "/etc/evil.csv", "C:\\evil.csv", "..\\evil.csv", "a\tb.csv"])
def test_a_name_that_leads_out_of_the_archive_is_refused_and_the_others_read(tmp_path, name):
    path = zipped(tmp_path / "a.zip", [(name, CSV), ("good.csv", CSV)])
    tables = mapped(path)
    assert len(tables.comments) == 2
    (reason,) = reasons(tables).values()
    assert reason == "the name of this file leads out of the archive"


def test_a_link_in_an_archive_is_refused(tmp_path):
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = zipped(tmp_path / "a.zip", [(link, "/etc/passwd"), ("good.csv", CSV)])
    assert reasons(mapped(path)) == {"a.zip/link.csv": "this is a link and no file"}


@pytest.mark.parametrize("kind", ["gzip", "zstd", "zip", "7z"])
def test_an_archive_in_an_archive_is_refused(tmp_path, kind):
    inner = {
        "gzip": gzip.compress(CSV.encode()), "zstd": zstd.compress(CSV.encode()), "7z": b"7z\xbc\xaf' rest",
        "zip": zipped(tmp_path / "inner.zip", [("a.csv", CSV)]).read_bytes(),
    }[kind]  # fmt: skip
    path = zipped(tmp_path / "outer.zip", [("inner", inner), ("good.csv", CSV)])
    tables = mapped(path)
    assert reasons(tables) == {"outer.zip/inner": "an archive inside an archive is not read"}
    assert len(tables.comments) == 2


@pytest.mark.parametrize("kind", ["gzip", "zstd", "zip"])
def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(limits, "FREE", 1 << 16)
    data = b"id,text\n" + b"1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 200_000
    path = tmp_path / "bomb"
    if kind == "zip":
        zipped(path, [("a.csv", data)])
    else:
        path.write_bytes({"gzip": gzip, "zstd": zstd}[kind].compress(data))
    tables = mapped(path)
    assert tables.submissions.empty
    assert list(tables.rejects["reason"]) == ["the packed file expands to more than 250 times its size"]


def test_an_archive_whose_files_overlap_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", [(f"{n}.csv", CSV * 40) for n in range(2)])
    data = bytearray(path.read_bytes())
    for start in [i for i in range(len(data)) if data[i : i + 4] == b"PK\x01\x02"]:
        data[start + 20 : start + 24] = (len(data)).to_bytes(4, "little")
    path.write_bytes(data)
    assert reasons(mapped(path)) == {"a.zip": "the files of the archive overlap"}


def test_an_archive_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MEMBERS", 2)
    path = zipped(tmp_path / "a.zip", [(f"{n}.csv", CSV) for n in range(3)])
    assert reasons(mapped(path)) == {"a.zip": "the archive holds too many files"}


@pytest.mark.parametrize("cut", [20, 60, -8])
@pytest.mark.parametrize("kind", ["gzip", "zstd", "zip"])
def test_a_packed_file_that_is_cut_off_is_one_reject_with_a_remedy(tmp_path, kind, cut):
    path = tmp_path / "cut"
    if kind == "zip":
        zipped(path, [("a.csv", CSV * 50)])
    else:
        path.write_bytes({"gzip": gzip, "zstd": zstd}[kind].compress((CSV * 50).encode()))
    path.write_bytes(path.read_bytes()[:cut])
    tables = mapped(path)
    assert tables.submissions.empty
    assert tables.rejects["reason"][0].startswith("the packed file cannot be read")
    assert "unpack it first" in tables.rejects["remedy"][0]


def test_a_packed_file_with_a_password_is_one_reject(tmp_path):
    path = zipped(tmp_path / "a.zip", [("a.csv", CSV)])
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    path.write_bytes(data)
    assert "password" in reasons(mapped(path))["a.zip/a.csv"]


def test_other_ways_of_packing_say_what_is_read(tmp_path):
    path = tmp_path / "a.rar"
    path.write_bytes(b"Rar!\x1a\x07\x01\x00 rest")
    assert reasons(mapped(path)) == {"a.rar": "the file is packed in a way that is not read"}


def test_explain_and_the_command_see_every_file(tmp_path):
    path = zipped(tmp_path / "a.zip", [("reviews.csv", REVIEWS), ("x.csv", "colour\nred\n")])
    text = read.explain(path)
    assert "a.zip/reviews.csv: delimited text" in text
    assert "a.zip/x.csv: delimited text" in text
    assert "recognised as trustpilot" in text
    with pytest.raises(Exception, match="no such file"):
        intake.explain([tmp_path / "none.zip"])


def test_many_archives_are_read_with_few_of_them_open(tmp_path, monkeypatch):
    made = []

    class Counted(zipfile.ZipFile):
        def __init__(self, *args):
            super().__init__(*args)
            made.append(weakref.ref(self))

    monkeypatch.setattr(packed, "ZipFile", Counted)
    for n in range(12):
        zipped(tmp_path / f"{n}.zip", [("a.csv", CSV)])
    found = read.inside([tmp_path])
    assert [file.open().read() for file in found] == [CSV.encode()] * 12
    assert len(made) >= 12
    assert sum(archive() is not None for archive in made) <= 4
