"""A person who asks to be forgotten: no byte of the workspace holds anything of them, the team's own exports aside."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import killing
import pandas as pd
import pytest
import small
import yaml
from typer.testing import CliRunner

from feedback import (
    abstention,
    cli,
    console,
    corrections,
    forget,
    forgotten,
    head,
    inbox,
    intake,
    integrity,
    run,
    store,
    tables,
)
from feedback.errors import StoreError, UsageError
from feedback.tables import Tables
from feedback.traces import zstd

KILLS = int(os.environ.get("FEEDBACK_KILLS", "10"))
FIRST = "The turnstile at gate nine swallowed my voucher twice"
SECOND = "Une borne gloutonne a encore avalé mon billet, c'est agaçant"
COPIED = "We stood at the north gate for forty minutes because every second scanner was broken that night"
W46 = [
    ("zoe-quartz-1", "2026-11-10", "Zoe Quartz", "2", FIRST),
    ("b1", "2026-11-11", "bob", "5", "Le concert était magnifique du début à la fin"),
    ("slate-ada-1", "2026-11-12", "Ada Slate", "1", COPIED),
    ("zoe-quartz-3", "2026-11-10", "Zoe Quartz", "5", "Zoe", "Quartz", "wrote too many cells"),
]
W47 = [
    ("zoe-quartz-2", "2026-11-17", "Zoe Quartz", "1", SECOND),
    ("kim-onyx-1", "2026-11-17", "Kim Onyx", "1", f"{COPIED}!"),
]
HERS = ("turnstile", "gloutonne", "zoe-quartz", "Quartz")


@pytest.fixture(scope="module")
def told(tmp_path_factory, models) -> Path:
    """The pipeline of a workspace with two weeks, their reports and exports, corrections, a lesson and reviews."""
    root = tmp_path_factory.mktemp("told")
    reviews = small.Reviews(root, models)
    written = yaml.safe_load(reviews.pipeline.read_text("utf-8"))
    small.pipeline(root, written, report={"languages": ["fr"]}, exports=["csv", "parquet", "xlsx"])
    reviews.drop("46.csv", *W46)
    reviews.drop("47.csv", *W47)
    runs = run.run(reviews.pipeline, span="2026-W46..2026-W47")
    segments = pd.concat([one.table("segments") for one in runs])
    said = segments[["segment_id", "text"]].assign(touchpoint="gate")
    said["touchpoint"] = said["touchpoint"].mask(segments["touchpoint"] == "gate", "fees")
    said.to_csv(root / "edited.csv", index=False)
    corrections.take(root / "edited.csv", root, runs[0].journey, "ann")
    (root / "edited.csv").unlink()
    head.file(root, "shop").parent.mkdir()
    head.file(root, "shop").write_bytes(b"learned")
    abstention.file(root, "shop").write_text("{}", "utf-8")
    said.to_excel(root / "reports/review-1.xlsx", index=False)
    said.to_csv(root / "reports/review-2.csv", index=False)
    return reviews.pipeline


@pytest.fixture
def pipeline(told, tmp_path) -> Path:
    """A copy of it."""
    shutil.copytree(told.parents[1], tmp_path / "copy")
    return tmp_path / "copy" / told.relative_to(told.parents[1])


def files(root: Path) -> dict[str, bytes]:
    """Every file but the exports, as it lies there and as it unpacks."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not name.startswith("data/inbox/"):
            found[name] = name.encode() + path.read_bytes()
            if path.suffix == ".parquet":
                table = pd.read_parquet(path)
                found[name] += "\n".join(str(cell) for column in table for cell in table[column]).encode()
            elif zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as book:
                    found[name] += b"".join(book.read(part) for part in book.namelist())
    return found


def traces(root: Path, words) -> dict[str, list[str]]:
    """The files that hold each word, of those that some file holds."""
    held = files(root)
    sought = {word: word if isinstance(word, bytes) else word.encode() for word in words}
    found = {word: [name for name, data in held.items() if form in data] for word, form in sought.items()}
    return {word: names for word, names in found.items() if names}


def identity(root: Path) -> list[str | bytes]:
    """What stands for Zoe in the tables and among the vectors: her author's hash, her comments, keys of her texts."""
    found: list[str | bytes] = []
    for one in store.history(root):
        people, comments = one.table("submissions"), one.table("comments")
        hers = people["submission_id"].str.startswith("zoe-quartz")
        found += people.loc[hers, "author"].tolist()
        mine = comments[comments["submission_id"].isin(people.loc[hers, "submission_id"])]
        segments = one.table("segments")
        texts = segments.loc[segments["comment_id"].isin(mine["comment_id"]), "text"]
        found += [*mine["comment_id"], *(sha256(text.encode()).digest()[:16] for text in texts)]
    return found


def test_nothing_of_a_person_is_left_in_any_byte_of_the_workspace_but_the_exports(pipeline):
    root = pipeline.parents[1]
    words = [*HERS[:3], *identity(root)]
    assert len(words) == 3 + 2 * 3
    before = traces(root, words)
    assert set(before) == set(words)
    assert {Path(name).suffix for names in before.values() for name in names} >= {
        ".parquet", ".html", ".csv", ".xlsx", ".jsonl", ".sqlite",
    }  # fmt: skip

    done = forget.forget(pipeline, author="Zoe Quartz")
    assert traces(root, [*HERS, *words]) == {}
    assert (done.submissions, done.comments, done.weeks) == (2, 2, ["2026-W46", "2026-W47"])
    assert (done.corrections, done.reviewed, done.unlearned) == (2, 4, ["shop"])  # both reviews had both segments
    assert done.exports == {"data/inbox/46.csv": 1, "data/inbox/47.csv": 1}
    assert done.elsewhere == []
    assert list(head.file(root, "shop").parent.iterdir()) == []
    assert "data/inbox/46.csv: 1 row" in console.forgot(done)
    assert [one.wrong for one in integrity.check(root)] == [[], []]


def test_others_keep_what_is_theirs_and_a_copy_counts_when_its_first_writer_is_forgotten(pipeline):
    root = pipeline.parents[1]
    before = [one.table("comments") for one in store.history(root)]
    assert before[1].set_index("submission_id")["duplicate_of"]["kim-onyx-1"] in set(before[0]["comment_id"])
    tagged = store.find(root, "2026-W46")
    kept = tagged.table("segments").set_index("segment_id")
    forget.forget(pipeline, author="Ada Slate")
    first, second = store.history(root)
    assert all(first.info[name] == tagged.info[name] for name in ("seconds", "rows"))
    assert second.table("comments").set_index("submission_id")["duplicate_of"].isna().all()
    assert set(second.table("friction")["base"]) == {2}
    left = first.table("segments").set_index("segment_id")
    assert len(corrections.load(root)) == len(left) + len(second.table("segments"))
    pd.testing.assert_frame_equal(left, kept.loc[left.index])
    assert set(first.table("comments")["submission_id"]) == {"zoe-quartz-1", "b1"}
    assert set(pd.read_excel(root / "reports/review-1.xlsx", engine="openpyxl")["text"]) >= {FIRST}


def test_the_rows_of_a_run_still_add_up_and_a_rerun_brings_nobody_back(pipeline):
    root = pipeline.parents[1]
    words = identity(root)
    corrections.file(root).unlink()  # they would change tags in a rerun
    shutil.rmtree(head.file(root, "shop").parent)
    forget.forget(pipeline, author="Zoe Quartz")
    left = store.find(root, "2026-W46")
    kept = left.tables()
    rejects = kept["rejects"]
    assert rejects["excerpt"].isna().all()
    assert rejects.loc[rejects["reason"] == forgotten.REASON, "row"].tolist() == [1]
    counts = left.info["counts"]
    assert counts["read"] == len(kept["submissions"]) + counts["other_weeks"] + int(rejects["row"].notna().sum())

    edited = ("zoe-quartz-1", "2026-11-10", "Zoe Quartz", "3", f"{FIRST}, and then a third time")
    with (root / "data/inbox/again.csv").open("w", encoding="utf-8") as out:
        pd.DataFrame([edited], columns=small.Reviews.columns).to_csv(out, index=False)
    again = run.run(pipeline, week="2026-W46")[0]
    assert traces(root, [*HERS, *words]) == {}
    for name in ("submissions", "scores", "comments", "segments", "friction"):
        pd.testing.assert_frame_equal(again.table(name), kept[name], obj=name)
    taken = intake.intake([root / "data/inbox/again.csv"], root / "read.csv", run.Steps())
    assert taken.comments == 0


def test_a_comment_takes_its_submission_with_it_and_nobody_elses(pipeline):
    root = pipeline.parents[1]
    comments = store.find(root, "2026-W46").table("comments").set_index("submission_id")["comment_id"]
    called = ["forget", str(pipeline), "--comment", comments["zoe-quartz-1"]]
    done = CliRunner().invoke(cli.app, called, catch_exceptions=False)
    assert "1 submission with 1 comment forgotten" in done.output
    assert "data/inbox/46.csv: 1 row" in done.output
    assert set(traces(root, HERS)) == {"gloutonne", "zoe-quartz"}
    assert set(inbox.look(*_looked(pipeline)).submissions["submission_id"]) >= {"zoe-quartz-2"}
    with pytest.raises(UsageError, match="no stored run holds this comment"):
        forget.forget(pipeline, comment=comments["zoe-quartz-1"])


def _looked(pipeline: Path):
    root, settings, _ = run.prepare(pipeline)
    return settings, root


def test_a_name_of_another_source_and_one_that_nobody_bears_change_nothing(pipeline):
    root = pipeline.parents[1]
    before = [one.folder for one in store.history(root)]
    for asked in ({"author": "Zoe Quartz", "source": "elsewhere"}, {"author": "Nobody Known"}):
        done = forget.forget(pipeline, **asked)
        assert (done.submissions, done.exports) == (0, {})
    assert {len(one.table("submissions")) for one in store.history(root)} == {3, 2}
    assert [one.week for one in store.history(root)] == ["2026-W46", "2026-W47"]
    assert len(before) == 2
    assert forget.forget(pipeline, author="Zoe Quartz", source="reviews").submissions == 2


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"author": "ann", "comment": "x"}, "exclude each other"),
        ({"author": "Anonymous"}, "stands for nobody"),
        ({"author": "  "}, "stands for nobody"),
        ({"comment": "0000000000000000"}, "no stored run holds this comment"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_notes_nobody(pipeline, asked, message):
    with pytest.raises(UsageError, match=message):
        forget.forget(pipeline, **asked)
    assert not forgotten.file(pipeline.parents[1]).exists()


def test_an_author_whom_no_run_holds_is_noted_and_said_to_be_unknown(pipeline):
    def told(*asked: str) -> str:
        return CliRunner().invoke(cli.app, ["forget", str(pipeline), *asked], catch_exceptions=False).output

    unknown = "no stored run holds this author; noted, so that exports leave them out when read; check the spelling"
    assert unknown in told("--author", "Zoé Quarts")
    assert unknown not in told("--author", "Zoe Quartz")


def test_with_nothing_to_forget_nothing_is_written(pipeline):
    root = pipeline.parents[1]
    before = files(root) | {"data/runs/.lock": b""}
    assert forget.forget(pipeline) == forget.NOTHING
    assert files(root) | {"data/runs/.lock": b""} == before
    told = CliRunner().invoke(cli.app, ["forget", str(pipeline)], catch_exceptions=False).output
    assert told == "nothing was left to forget; say whom with --author or --comment\n"


def test_runs_of_which_none_is_the_current_one_stay_and_are_named(pipeline):
    root = pipeline.parents[1]
    found = store.find(root, "2026-W47").folder
    (found.parent / "current").unlink()
    with pytest.raises(StoreError, match=rf"no run of this week is the current one.*{found.name}.*un the week again"):
        forget.forget(pipeline, author="Zoe Quartz")
    assert found.is_dir()
    assert not forgotten.file(root).exists()


def test_whoever_is_forgotten_before_the_first_run_is_left_out_of_it(tmp_path, models):
    reviews = small.Reviews(tmp_path, models)
    reviews.drop("46.csv", *W46[:3])
    done = forget.forget(reviews.pipeline, author="Zoe Quartz")
    assert (done.submissions, done.exports) == (0, {"data/inbox/46.csv": 1})
    assert set(inbox.look(*_looked(reviews.pipeline)).submissions["submission_id"]) == {"b1", "slate-ada-1"}


def test_the_note_of_who_was_forgotten_does_not_tell_them_and_rests_on_the_salt(pipeline):
    root = pipeline.parents[1]
    forget.forget(pipeline, author="Zoe Quartz")
    told = json.loads(forgotten.file(root).read_text("ascii"))
    assert len(told["marks"]) == 3
    assert {len(mark) for mark in told["marks"]} == {64}
    (root / "data/salt").write_text("0" * 32, "ascii")
    with pytest.raises(StoreError, match=r"salt is not the one.*[Rr]estore data/salt"):
        run.run(pipeline, week="2026-W46")
    forgotten.file(root).write_text("{", "ascii")
    with pytest.raises(StoreError, match="who was forgotten is damaged"):
        run.run(pipeline, week="2026-W46")


def test_other_files_of_the_workspace_that_hold_their_words_are_named(pipeline):
    root = pipeline.parents[1]
    (root / "notes.txt").write_text(f"Zoé? {SECOND}\n", "utf-8")
    (root / "minutes.json").write_text(json.dumps({"said": SECOND}), "ascii")
    pd.DataFrame({"said": [FIRST]}).to_parquet(root / "old.parquet")
    done = forget.forget(pipeline, author="Zoe Quartz")
    assert [path.as_posix() for path in done.elsewhere] == ["minutes.json", "notes.txt", "old.parquet"]
    assert "look after them yourself" in console.forgot(done)


def test_a_short_name_leaves_no_byte_in_what_is_made_and_is_named_where_it_stands(pipeline):
    root = pipeline.parents[1]
    (root / "notes").mkdir()
    (root / "notes/calls.csv.zst").write_bytes(zstd.compress(b"7,bob,rang twice\n"))
    (root / "notes/bobbin.csv").write_text("7,bobbin\n", "utf-8")
    done = forget.forget(pipeline, author="bob")
    assert done.submissions == 1
    assert traces(root, ["magnifique"]) == {}
    made = {name: data for name, data in files(root).items() if not name.startswith("notes")}
    assert [name for name, data in made.items() if re.search(rb"\bbob\b", data)] == []
    assert (done.exports, [path.as_posix() for path in done.elsewhere]) == (
        {"data/inbox/46.csv": 1}, ["notes/calls.csv.zst"],
    )  # fmt: skip


def test_exports_that_hold_the_same_row_or_a_broken_one_are_named_too(pipeline):
    inbox_folder = pipeline.parents[1] / "data/inbox"
    shutil.copy(inbox_folder / "46.csv", inbox_folder / "46-again.csv")
    broken = ",".join(("zoe-quartz-9", "2026-11-10", "Zoe Quartz", "5", "Zoe", "too", "many"))
    (inbox_folder / "48.csv").write_text(f"{','.join(small.Reviews.columns)}\n{broken}\n", "utf-8")
    done = forget.forget(pipeline, author="Zoe Quartz")
    named = {*done.exports, *(path.as_posix() for path in done.elsewhere)}
    assert named == {f"data/inbox/{name}.csv" for name in ("46", "46-again", "47", "48")}
    assert done.exports.keys().isdisjoint(path.as_posix() for path in done.elsewhere)


def test_threads_that_a_forgotten_person_began_lose_their_name():
    raw = tables.of_texts(pd.Series({"p1": "Where is my ticket?", "p2": "Mine came"}), "posts")
    raw = raw._replace(comments=raw.comments.assign(thread_id="p1", parent_id=[None, "p1"]))
    known = forgotten.Forgotten(b"salt")
    known = known._replace(marks=frozenset({known.submission("posts", "p1")}))
    left = forgotten.leave_out(raw, known)
    assert left.comments[["comment_id", "thread_id", "parent_id"]].fillna("").to_numpy().tolist() == [["p2", "", ""]]
    assert left.rejects["reason"].tolist() == [forgotten.REASON]
    none = Tables(*(table.iloc[:0] for table in raw))
    assert [len(table) for table in forgotten.leave_out(none, known)] == [0, 0, 0, 0]


# --- stopped -----------------------------------------------------------------------------------

SERVER = """
import os, pathlib, sys
import altair, jinja2, openpyxl, pyarrow.parquet, spacy  # once
import killing
from feedback import forget, topics
topics.stop_words("en"), topics.stop_words("fr")


for line in sys.stdin:
    pipeline, steps, *author = line.rstrip("\\n").split("\\t")
    if (pid := os.fork()) == 0:
        if int(steps) >= 0:
            killing.after(int(steps))
        forget.forget(pathlib.Path(pipeline), author=author[0] if author else None)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


def test_forgetting_that_is_killed_at_random_steps_is_told_and_finished(told, tmp_path):
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-c", SERVER]
    words = [*HERS, *identity(told.parents[1])]
    steps = random.Random(5).sample(range(60), KILLS // 2)
    killed = 0
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=small.offline(PYTHONPATH=killing.HERE, **threads),
    ) as server:

        def ask(*words: str) -> int:
            print(*words, sep="\t", file=server.stdin, flush=True)
            return int(server.stdout.readline())

        for k in steps:
            root = tmp_path / str(k)
            shutil.copytree(told.parents[1], root)
            pipeline = str(root / "pipelines/weekly.yaml")
            code = ask(pipeline, str(k), "Zoe Quartz")
            assert code in (0, -signal.SIGKILL)
            killed += code != 0
            assert [one.wrong for one in integrity.check(root) if one.week != "forget"] == [[], []]
            if forgotten.file(root).exists():
                assert integrity.check(root)[-1].wrong or code == 0 or traces(root, words) == {}
                assert ask(pipeline, "-1") == 0
            else:
                assert ask(pipeline, "-1", "Zoe Quartz") == 0
            assert traces(root, words) == {}
            assert list(head.file(root, "shop").parent.iterdir()) == []
            assert [len(one.table("comments")) for one in store.history(root)] == [2, 1]
            assert [one.wrong for one in integrity.check(root)] == [[], []]
            shutil.rmtree(root)
        server.stdin.close()
    assert killed >= KILLS // 4
