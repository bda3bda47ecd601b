"""When to keep silent: a stated risk is kept on labels never seen, and a team's labels replace what is shipped."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from feedback import abstention, console, encode, learn, pipeline, run
from feedback.abstention import Cutoffs, Own
from feedback.errors import FileError, ModelError, StoreError
from feedback.pipeline import RISKS, Thresholds


def labelled(random, n):
    """Probabilities, and whether each is right, which most are: from 70 % of the least to 98 % of the highest."""
    p = random.random(n)
    return p, random.random(n) < 0.7 + 0.28 * p


@pytest.mark.parametrize(("risk", "n"), [(0.15, 300), (0.12, 600)])
def test_a_stated_risk_is_kept_on_labels_never_seen_nine_times_in_ten(risk, n):
    random = np.random.default_rng(0)
    found = [abstention.threshold(*labelled(random, n), risk) for _ in range(100)]
    known = [at for at in found if at is not None]
    # Of those given from `at` on, the share that is wrong is known here: 0.3 − 0.14 (1 + at).
    assert sum(0.3 - 0.14 * (1 + at) > risk for at in known) <= 10
    assert len(known) >= 40, "the labels show something"


def test_the_confidence_is_shared_among_the_shares_that_are_looked_at():
    # Eleven shares of 44, twelve of 48: alone the last would be shown by 22 right ones.
    assert abstention.threshold(np.linspace(0.5, 1, 44), np.ones(44, dtype=bool), 0.1) is None
    assert abstention.threshold(np.linspace(0.5, 1, 48), np.ones(48, dtype=bool), 0.1) == 0.5


@given(seed=st.integers(0, 999), n=st.integers(1, 400))
def test_a_lower_risk_never_has_a_lower_threshold(seed, n):
    found = abstention.table(*labelled(np.random.default_rng(seed), n))
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert all(0 <= at <= 1 for at in found.values())


def test_few_labels_show_nothing_and_many_show_more():
    p = np.linspace(0.5, 1, 20)
    assert abstention.threshold(p, np.ones(20, dtype=bool), 0.1) is None
    assert abstention.threshold(np.linspace(0.5, 1, 200), np.ones(200, dtype=bool), 0.1) == 0.5
    assert abstention.threshold(p, np.zeros(20, dtype=bool), 0.5) is None


def test_shipped_thresholds_fall_as_the_risk_grows_and_the_pipeline_chooses():
    shipped = abstention.shipped()
    assert tuple(shipped) == RISKS
    assert list(shipped.values()) == sorted(shipped.values(), reverse=True)
    assert abstention.cutoffs(Thresholds(), None) == Cutoffs(shipped[0.15], 0.6)
    assert abstention.cutoffs(Thresholds(risk=0.34), None).touchpoint == shipped[0.3]
    assert abstention.cutoffs(Thresholds(risk=0.2, touchpoint=0.9, stage=0.7), None) == Cutoffs(0.9, 0.7)


def test_own_labels_replace_what_is_shipped_where_they_show_something():
    own = Own(60, {0.3: 0.41})
    assert abstention.cutoffs(Thresholds(risk=0.3), own).touchpoint == 0.41
    assert abstention.cutoffs(Thresholds(risk=0.15), own).touchpoint == abstention.shipped()[0.15]


@given(shown=st.lists(st.floats(0, 1), max_size=len(RISKS)))
def test_asking_for_less_risk_never_gives_a_laxer_threshold(shown):
    highest = RISKS[len(RISKS) - len(shown) :]
    own = Own(60, dict(zip(highest, sorted(shown, reverse=True), strict=True)))
    found = [abstention.cutoffs(Thresholds(risk=risk), own).touchpoint for risk in RISKS]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("risk", ["0.01", "0.9", "often"])
def test_a_risk_that_cannot_be_kept_is_refused_with_its_line(tmp_path, risk):
    path = small.cut(tmp_path, rows=1, weeks=["47"], thresholds={"risk": risk if risk == "often" else float(risk)})
    with pytest.raises(FileError, match=r"weekly\.yaml, line \d+"):
        pipeline.load(path)


@pytest.mark.parametrize("stored", ['{"weights": {}}', '{"risks": {"0.10": 0.9, "0.15": 0.7}}'])
def test_weights_without_the_thresholds_say_what_is_missing(monkeypatch, stored):
    monkeypatch.setattr(encode, "verified", lambda _: encode.File(stored.encode(), "0"))
    with pytest.raises(ModelError, match=r"mapping\.json.*0\.10, 0\.15, 0\.20.*models\.train_mapping"):
        abstention.shipped.__wrapped__()


def test_own_thresholds_are_read_as_kept_for_the_same_models_only(tmp_path):
    own = Own(60, {0.15: 0.66, 0.2: 0.5})
    abstention.save(tmp_path, "shop", own, "e/m")
    assert abstention.load(tmp_path, "shop", "e/m") == own
    assert abstention.load(tmp_path, "shop", "e/n") is None
    assert abstention.load(tmp_path, "brand", "e/m") is None


def test_own_thresholds_are_for_the_same_touchpoints_only():
    key = abstention.resting_on("e/m", ["fees", "gate", "general"])
    assert key == abstention.resting_on("e/m", ["gate", "fees", "general"])
    assert key != abstention.resting_on("e/m", ["fees", "general"])
    assert key != abstention.resting_on("e/n", ["fees", "gate", "general"])


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "[]",
        '{"n": 1}',
        *(f'{{"n": 1, "version": "v", "risks": {{{at}}}}}' for at in ('"x": 1', '"0.1": 7', '"0.1": NaN')),
    ],
)
def test_own_thresholds_that_are_damaged_are_told(tmp_path, damage):
    abstention.save(tmp_path, "shop", Own(60, {}), "e/m")
    abstention.file(tmp_path, "shop").write_text(damage, encoding="utf-8")
    with pytest.raises(StoreError, match=r"shop\.risks\.json.*feedback learn"):
        abstention.load(tmp_path, "shop", "e/m")


def test_only_labels_of_random_samples_say_when_to_keep_silent():
    utility = np.zeros((200, 4))
    utility[:, 0] = np.linspace(0, 8, 200)
    place = np.zeros(200, dtype=np.int64)
    place[:150] = 1  # what people corrected: all wrong
    random = np.arange(200) >= 150
    alone = np.full((2, 200), -1)
    own = learn._own(utility, place, random, alone)
    assert own.n == 50
    assert own.risks[0.15] == pytest.approx(np.exp(utility[150, 0]) / (np.exp(utility[150, 0]) + 3))
    assert learn._own(utility, place, random & (np.arange(200) > 150), alone) == Own(49, {})


def test_the_terminal_says_what_the_labels_show():
    assert (
        console.silence(Own(1, {}), silenced=False)
        == "1 label of random samples; the shipped thresholds hold until there are 50"
    )
    assert "60 labels of random samples: 15 % from 0.66 on, 20 % from 0.50 on" in console.silence(
        Own(60, {0.15: 0.66, 0.2: 0.5}), silenced=True
    )
    assert console.silence(Own(60, {}), silenced=True).endswith("none is shown yet")


@pytest.mark.parametrize(
    ("kept", "silenced", "says", "never"),
    [
        (True, True, ["15 % from 0.66 on", "\nlearned; bring"], "stay"),
        (
            False,
            True,
            ["15 % from 0.66 on", "the mapping stays as it is", "only when to keep silent was"],
            "thresholds stay",
        ),
        (False, False, ["the thresholds stay", "the mapping stays as it is"], "0.66"),
    ],
)
def test_the_terminal_says_which_of_mapping_and_thresholds_was_put_in_place(kept, silenced, says, never):
    changed = pd.DataFrame({"touchpoint": ["fees"], "before": [1], "after": [1], "n": [2], "p": [1.0]})
    lesson = learn.Lesson(60, 30, 30, changed, kept, Own(60, {0.15: 0.66}), silenced)
    told = console.lesson(lesson, Path("weekly.yaml"))
    assert all(part in told for part in says)
    assert never not in told


def test_a_run_uses_the_thresholds_that_its_labels_gave_and_says_which(tmp_path):
    path = small.cut(tmp_path, rows=2, weeks=["47"], thresholds={"risk": 0.2}, report={"languages": []}, exports=[])
    done = run.run(path, week="2026-W47")[0]
    assert done.info["thresholds"]["touchpoint"] == abstention.shipped()[0.2]
    models = done.info["models"]
    targets = [*(point.id for _, point in done.journey.targets()), "general"]
    version = abstention.resting_on(f"{models['encoder']}/{models['mapping']}", targets)
    abstention.save(tmp_path, done.journey.journey, Own(60, {0.2: 0.99}), version)
    again = run.run(path, week="2026-W47")[0]
    assert again.info["thresholds"] == {
        "risk": 0.2, "touchpoint": 0.99, "stage": 0.6, "min_count": 10, "false_discovery_rate": 0.05,
    }  # fmt: skip
    stored = json.loads((again.folder / "run.json").read_text(encoding="utf-8"))
    assert stored["resolved"]["thresholds"]["risk"] == 0.2
