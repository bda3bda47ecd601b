"""What corrections teach: the head follows people, leaves the rest alone, and is kept only when it is better."""

import numpy as np
import pandas as pd
import pytest
import small
from scipy.optimize import approx_fprime
from typer.testing import CliRunner

from feedback import abstention, cli, head, learn, neighbours, remap, run, store
from feedback.errors import StoreError, UsageError
from feedback.head import Learned

IDS = ["fees", "gate", "general", "unassigned"]


def cluster(random, axis, count, wide=0.3, dimensions=8):
    """Unit vectors about an axis."""
    vectors = np.eye(dimensions)[axis] + wide * random.normal(size=(count, dimensions)) / dimensions**0.5
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rows(random, *groups):
    """Labelled rows: (axis, what the shared weights favour, the label, how many)."""
    utility, vectors, wanted = [], [], []
    for axis, favoured, label, count in groups:
        utility.append(2 * np.eye(len(IDS))[[favoured] * count] + 0.1 * random.normal(size=(count, len(IDS))))
        vectors.append(cluster(random, axis, count))
        wanted.append(np.eye(len(IDS))[[label] * count])
    count = sum(group[-1] for group in groups)
    return learn.Rows(*map(np.concatenate, (utility, vectors, wanted)), np.ones(count))


def test_the_head_follows_corrections_and_leaves_what_it_was_not_told_of():
    random = np.random.default_rng(0)
    taught = rows(random, (0, 0, 1, 16), (1, 1, 1, 8))  # axis 0: tagged fees, people say gate
    rest = rows(random, (2, 0, 0, 60), (1, 1, 1, 60))
    rest = rest._replace(weight=np.full(120, 0.1))
    fitted, left_out = learn.cross_validated(taught, rest, np.arange(24) % learn.FOLDS)
    assert (left_out.argmax(axis=1) == 1).all()
    unseen = rows(random, (0, 0, 1, 20), (2, 0, 0, 20), (1, 1, 1, 20))
    assert (fitted(unseen).argmax(axis=1) == unseen.wanted.argmax(axis=1)).mean() > 0.95


def test_the_slope_of_the_likelihood_is_right():
    made = rows(np.random.default_rng(1), (0, 0, 1, 3), (1, 1, 1, 2))
    utility = made.utility.ravel()
    found = approx_fprime(utility, lambda u: learn._likelihood(u.reshape(5, -1), made)[0], 1e-7)
    assert found == pytest.approx(learn._likelihood(made.utility, made)[1].ravel(), abs=1e-4)


def test_corrections_that_say_nothing_new_change_next_to_nothing():
    random = np.random.default_rng(2)
    taught = rows(random, (0, 0, 0, 12), (1, 1, 1, 12))
    fitted = learn.fit(taught, 10.0)
    assert (fitted(taught).argmax(axis=1) == taught.utility.argmax(axis=1)).all()


def made(digest=""):
    random = np.random.default_rng(3)
    return Learned(IDS, 1.2, np.float32(random.normal(size=(4, 8))), np.float32(random.normal(size=4)), digest)


def test_what_was_learned_is_read_as_it_was_kept_and_only_for_its_encoder(tmp_path):
    head.save(tmp_path, "shop", made(), "e1")
    found = head.load(tmp_path, "shop", "e1")
    assert found.ids == IDS
    assert found.scale == 1.2
    assert np.array_equal(found.directions, made().directions)
    assert len(found.digest) == 12
    assert head.load(tmp_path, "shop", "e2") is None
    assert head.load(tmp_path, "brand", "e1") is None


def test_what_was_learned_and_damaged_is_told(tmp_path):
    head.save(tmp_path, "shop", made(), "e1")
    head.file(tmp_path, "shop").write_bytes(b"no weights")
    with pytest.raises(StoreError, match=r"shop\.safetensors.*feedback learn"):
        head.load(tmp_path, "shop", "e1")


def test_a_changed_journey_keeps_what_was_learned_of_the_touchpoints_that_stay():
    found = made().on(["gate", "parking", "general", "unassigned"])
    assert np.array_equal(found.directions[[0, 2, 3]], made().directions[[1, 2, 3]])
    assert not found.directions[1].any()
    assert found.offsets[1] == 0
    utility, vectors = np.zeros((1, 4)), np.float32(cluster(np.random.default_rng(4), 0, 1))
    assert head.adjusted(utility, vectors, found)[0, 1] == 0


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A workspace of two weeks where people say that most segments of one touchpoint belong to another."""
    pipeline = small.cut(tmp_path_factory.mktemp("taught"), rows=20, report={"languages": []}, exports=[])
    root = pipeline.parents[1]
    segments = pd.concat([r.table("segments") for r in run.run(pipeline, span="2026-W46..2026-W47")])
    theirs = segments[segments["touchpoint"] == segments["touchpoint"].value_counts().index[0]]
    stage, point = ("attend", "show") if theirs["touchpoint"].iloc[0] != "show" else ("buy", "fees")
    theirs = theirs.sort_values("segment_id")
    told = theirs.assign(touchpoint=point, stage=stage)
    told.iloc[::4, told.columns.get_indexer(["touchpoint", "stage"])] = None
    path = root / "edited.csv"
    told[told["touchpoint"].notna()][["segment_id", "touchpoint"]].to_csv(path, index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        answer = CliRunner().invoke(cli.app, ["correct", str(path), "--by", "ann"])
        assert answer.exit_code == 0
        assert "feedback learn" in answer.output
    return pipeline, theirs.iloc[::4]["segment_id"], point


def test_a_random_label_is_judged_by_the_probability_that_its_segment_was_tagged_with(taught, monkeypatch):
    root, settings, journey = run.prepare(taught[0])
    stored = store.current(root, "2026-W47")
    line = run.load_line(settings, journey, root)
    line = line._replace(corrected=line.corrected.assign(random=True))
    table, utility, _ = learn._gathered(stored, line, 0)
    tagged = stored.table("segments").set_index("segment_id")["touchpoint_confidence"]
    counted = table["label"].notna().to_numpy()
    assert not counted.all(), "some label stands in a comment of several segments"
    judged = []
    monkeypatch.setattr(abstention, "ENOUGH", 1)
    monkeypatch.setattr(abstention, "table", lambda p, _: judged.extend(p))
    learn._own(utility, np.zeros(len(table)), counted, neighbours.rows(table))
    assert judged == pytest.approx(tagged[table.loc[counted, "segment_id"]].tolist(), abs=1e-6)
    alone = head.probabilities(utility, np.full((2, len(table)), -1))[0][counted, :-2].max(axis=1)
    assert np.abs(alone - judged).max() > 0.01, "what stands beside counts"


def test_what_stands_beside_a_random_label_is_left_out_with_it_and_teaches_nothing():
    random = np.random.default_rng(5)
    told = rows(random, (0, 0, 1, 12), (1, 1, 1, 12), (2, 2, 2, 12))
    label = pd.Series(["gate", None, "general"]).repeat(12).reset_index(drop=True)
    table = pd.DataFrame({"segment_id": [f"s{i}" for i in range(36)], "comment_id": [f"c{i % 12}" for i in range(36)]})
    table = table.assign(start=[i // 12 for i in range(36)], label=label, random=label == "gate")
    with_them, lesson = learn.refitted(table, told.utility, told.vectors, IDS)
    without, _ = learn.refitted(*(part[label.notna()] for part in (table, told.utility, told.vectors)), IDS)
    assert lesson.corrections == 24
    assert with_them.directions == pytest.approx(without.directions, abs=1e-6)


def test_learning_retags_what_nobody_corrected_and_again_gives_the_same(taught):
    pipeline, others, point = taught
    root = pipeline.parents[1]
    answer = CliRunner().invoke(cli.app, ["learn", str(pipeline)])
    assert answer.exit_code == 0, answer.output
    assert "learned; bring the stored weeks up to date" in answer.output
    (kept,) = (root / "data/learned").iterdir()
    first = kept.read_bytes()
    done = remap.remap(pipeline)
    assert all("+learned-" in one.info["models"]["mapping"] for one in done)
    segments = pd.concat([one.table("segments") for one in done]).set_index("segment_id").loc[others]
    assert (segments["touchpoint"] == point).mean() > 0.5
    assert (segments["tagged_by"] == "model").all()
    learn.learn(pipeline)
    assert kept.read_bytes() == first
    assert remap.remap(pipeline) == []
    assert store.current(root, "2026-W47").info["models"]["mapping"] == done[-1].info["models"]["mapping"]


def test_too_few_corrections_and_no_run_are_told(tmp_path):
    pipeline = small.cut(tmp_path, rows=2, weeks=["47"], report={"languages": []}, exports=[])
    with pytest.raises(UsageError, match="no run yet"):
        learn.learn(pipeline)
    run.run(pipeline, week="2026-W47")
    with pytest.raises(UsageError, match=r"too few corrections.*0.*at least 10"):
        learn.learn(pipeline)
