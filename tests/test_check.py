"""Advice on a journey file: what is amiss, in which line, and what to do."""

from pathlib import Path

import pandas as pd
import pytest
import small
import yaml
from typer.testing import CliRunner

from feedback import alike, check, cli, console, encode, journey, store, tables, yamlfile
from feedback.errors import ModelError

ROOT = Path(__file__).parents[1]
HEAD = (
    "journey: shop\nversion: 1\ntitle: {en: Shop, fr: Magasin}\nstages:\n  - id: buy\n    name: {en: Buy, fr: Achat}\n"
)
POINTS = HEAD + "    touchpoints:\n"
SHIPPED = sorted((ROOT / "data/journeys").glob("*.yaml"))


@pytest.fixture
def found(tmp_path):
    """What the check says of a text as a journey file, without meaning: (line, what) each."""

    def checked(text: str, **options: bool) -> list[tuple[int, str]]:
        path = tmp_path / "journey.yaml"
        path.write_text(text, encoding="utf-8")
        return [(line, one.what) for line, one in check.check(path, **{"by_meaning": False} | options).findings]

    return checked


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (POINTS + "      - {id: pay, name: {en: Payment}}\n", 8, "pay: no French name; readers see 'Payment'"),
        (
            POINTS + "      - id: pay\n        name: Pay\n        description: {fr: Payer}\n", 10,
            "pay: no English description; comments in that language",
        ),
        (
            POINTS + "      - id: pay\n        name: Pay\n        examples:\n          en: [Too slow]\n", 10,
            "pay: no French examples",
        ),
        (
            POINTS + "      - id: pay\n        name: Pay\n        examples: {en: [Too slow], fr: []}\n", 10,
            "pay: no French examples",
        ),
        (
            POINTS + "      - id: pay\n        name: Pay\n        terms: {fr: [payer]}\n", 10,
            "pay: no English terms; terms count only in comments of their own language",
        ),
        (HEAD.replace("fr: Magasin", "de: Laden"), 3, "the journey: no French title; readers see 'Shop'"),
    ],
)  # fmt: skip
def test_what_lacks_a_language_is_told_with_its_line(found, text, line, says):
    [(where, what)] = found(text)
    assert where == line
    assert what.startswith(says)


def test_one_text_for_all_languages_lacks_none(found):
    assert found(POINTS + "      - {id: pay, name: Pay, description: D, examples: [a], terms: [b]}\n") == []


def test_of_a_stage_with_touchpoints_only_the_name_needs_both_languages(found):
    text = HEAD + "    description: {en: Buying}\n    touchpoints:\n      - {id: pay, name: Pay}\n"
    assert found(text) == []


def test_what_a_stage_with_touchpoints_says_in_vain_is_told(found):
    text = HEAD + "    terms: [buy]\n    touchpoints:\n      - {id: pay, name: Pay}\n"
    assert found(text) == [(7, "buy: `terms` of a stage that has touchpoints steers no tag")]


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("{fr: [délai]}", "{fr: [delais]}", True),
        ("{en: [refund]}", "[Refunds]", True),
        ("{en: [service charge]}", "{en: [service charges]}", True),
        ("{en: [charge]}", "{en: [service charge]}", False),
        ("{en: [four]}", "{fr: [four]}", False),
    ],
)
def test_a_term_that_two_touchpoints_claim_is_told_once(found, one, other, shared):
    lines = [f"      - {{id: a, name: A, terms: {one}}}\n", f"      - {{id: b, name: B, terms: {other}}}\n"]
    told = [one for one in found(POINTS + "".join(lines)) if "claimed" in one[1]]
    assert [line for line, _ in told] == ([9] if shared else [])
    assert all("by a and b" in what for _, what in told)


SAID = [
    ("pay", "Payment", "Paiement", "My card was declined", "Carte refusée"),
    ("settle", "Paying", "Payer", "The card payment failed", "La carte ne passe pas"),
    ("park", "Car park", "Parking", "No room to park", "Le parking est complet"),
    ("staff", "Staff", "Personnel", "The man at the till was rude", "Vendeuse aimable"),
]
TWINS = POINTS + "".join(
    f"      - {{id: {i}, name: {{en: {en}, fr: {fr}}}, examples: {{en: [{one}], fr: [{other}]}}}}\n"
    for i, en, fr, one, other in SAID
)


def test_touchpoints_that_mean_the_same_come_first_at_the_second_ones_line(found):
    line, what = found(TWINS, by_meaning=True)[0]
    assert line == 9
    assert what.startswith("pay and settle can hardly be told apart")


def test_only_those_are_told_that_mean_the_same(found):
    assert [
        what for _, what in found(TWINS, by_meaning=True) if "told apart" in what and "pay and settle" not in what
    ] == []


def test_an_example_in_the_wrong_place_is_told_with_its_line(found):
    text = TWINS.replace("fr: [Vendeuse aimable]", "fr: [Vendeuse aimable, Le parking est toujours plein]")
    text = text.replace("rude]", "rude, The car park is always full]")
    told = [(line, what) for line, what in found(text, by_meaning=True) if "lies nearer" in what]
    assert (11, "an example of staff lies nearer to park: 'Le parking est toujours plein'") in told
    assert (11, "an example of staff lies nearer to park: 'The car park is always full'") in told
    assert not any("Vendeuse" in what for _, what in told)


def test_hostile_texts_are_shown_harmless_on_one_line(found, tmp_path):
    hostile = r'"Le parking\e[2J est\n=HYPERLINK(1) <script> toujours plein"'
    text = TWINS.replace("fr: [Vendeuse aimable]", f"fr: [Vendeuse aimable, {hostile}]")
    text = text.replace("name: {en: Staff, fr: Personnel}", r'name: {en: "Staff\e[31m\nx"}')
    told = found(text, by_meaning=True)
    assert any("staff: no French name" in what for _, what in told)
    shown = console.checked(check.check(tmp_path / "journey.yaml"), tmp_path / "journey.yaml")
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == len(told) + 1


@pytest.mark.parametrize("names", [["{en: A, fr: B}"], ["A"], ["A", "B"], ["A", "A"]])
def test_a_journey_that_says_little_is_checked_too(found, names):
    points = "".join(f"      - {{id: t{i}, name: {name}}}\n" for i, name in enumerate(names))
    told = found(POINTS + points, by_meaning=True)
    assert all("told apart" in what for _, what in told)


def test_what_is_alike_is_so_for_any_scale_of_the_encoder():
    class Narrow:
        """The shipped encoder with all vectors drawn toward one direction, as a narrower one has them."""

        version = "narrow"

        def encode(self, texts):
            drawn = small.encoder().encode(texts)
            return encode.Encoded(drawn.vectors * 0.2 + 0.5, drawn.logits)

    read = journey.Journey.model_validate(yaml.safe_load(TWINS))
    plain, narrow = (alike.encoded(read, encoder) for encoder in (small.encoder(), Narrow()))
    assert [pair[:2] for pair in alike.pairs(plain)] == [pair[:2] for pair in alike.pairs(narrow)]
    assert [text.text for text in alike.astray(plain)] == [text.text for text in alike.astray(narrow)]


def test_a_missing_model_leaves_the_rest_of_the_check(found, tmp_path, monkeypatch):
    def missing(*_):
        raise ModelError("a shipped model file is missing", remedy="reinstall")

    monkeypatch.setattr(encode, "load", missing)
    assert found(TWINS, by_meaning=True) == []
    assert "not compared by meaning: a shipped model file is missing" in check.check(tmp_path / "journey.yaml").notes[0]


def ran(root: Path, *touchpoints: str, journeys=small.JOURNEY, week="2026-W46") -> Path:
    """A workspace with a journey and a run of it, one comment for each of the touchpoints; the journey's path."""
    path = root / "data/journeys/shop.yaml"
    for folder in (root / "pipelines", path.parent):
        folder.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(small.JOURNEY), encoding="utf-8")
    ids = pd.DataFrame({"comment_id": [f"c{i}" for i in range(len(touchpoints))]})
    segments = ids.assign(segment_id=ids["comment_id"] + ":0", touchpoint=list(touchpoints), stage=None)
    held = {name: tables.empty(schema) for name, schema in tables.SCHEMAS.items()}
    held |= {
        "comments": held["comments"].merge(ids, how="right"),
        "segments": held["segments"].merge(segments, how="right"),
    }
    with store.writing(root, week) as folder:
        small.save(folder, held, journey.Journey.model_validate(journeys), small.info(week))
    return path


def test_a_touchpoint_that_nobody_speaks_of_is_told_with_weeks_and_comments(tmp_path):
    path = ran(tmp_path, "fees", "fees")
    ran(tmp_path, "fees", week="2026-W47")
    checked = check.check(path, by_meaning=False)
    silent = [one.what for _, one in checked.findings if "is about it" in one.what]
    assert silent == ["gate: none of 3 comments of 2 weeks (2026-W46 to 2026-W47) is about it"]
    assert checked.notes == ["comments: 3 comments of 2 weeks (2026-W46 to 2026-W47)"]


def test_a_touchpoint_that_the_runs_did_not_know_is_not_called_silent(tmp_path):
    older = small.JOURNEY | {"stages": small.JOURNEY["stages"][:1]}
    checked = check.check(ran(tmp_path, "fees", journeys=older), by_meaning=False)
    assert not any("is about it" in one.what for _, one in checked.findings)
    assert "another version" in checked.notes[1]


def test_runs_of_another_journey_do_not_count(tmp_path):
    checked = check.check(ran(tmp_path, "fees", journeys=small.JOURNEY | {"journey": "other"}), by_meaning=False)
    assert checked.notes == []


def test_a_damaged_run_leaves_the_rest_of_the_check(tmp_path):
    path = ran(tmp_path, "fees")
    next((tmp_path / "data/runs/2026-W46").glob("*/segments.parquet")).write_bytes(b"no table")
    checked = check.check(path, by_meaning=False)
    assert "the stored runs were not looked at" in checked.notes[0]


def test_a_run_of_everything_counts_only_where_there_are_no_weeks(tmp_path):
    path = ran(tmp_path, "fees", week="all")
    assert check.check(path, by_meaning=False).notes == ["comments: 1 comment of the run of everything"]
    ran(tmp_path, "fees", "fees")
    assert check.check(path, by_meaning=False).notes == ["comments: 2 comments of 1 week (2026-W46)"]


def test_advice_leaves_exit_code_0_and_strict_makes_it_1(tmp_path):
    path = tmp_path / "journey.yaml"
    path.write_text(POINTS + "      - {id: pay, name: {en: Payment}}\n", encoding="utf-8")
    told = CliRunner().invoke(cli.app, ["journey", "check", "--quick", str(path)])
    assert told.exit_code == 0
    assert f"{path}, line 8: pay: no French name; readers see 'Payment'. Add it under `fr`." in told.output
    assert told.output.endswith("shop version 1: 1 stage, 1 touchpoint, 1 thing to look at\n")
    strict = CliRunner().invoke(cli.app, ["journey", "check", "--quick", "--strict", str(path)])
    assert strict.exit_code == 1
    assert "1 finding" in str(strict.exception)


def test_the_line_of_a_missing_key_is_that_of_the_nearest_above(tmp_path):
    path = tmp_path / "journey.yaml"
    path.write_text(TWINS, encoding="utf-8")
    line = yamlfile.lines(path)
    assert [line(keys) for keys in ((), ("title", "fr"), ("stages", 0, "touchpoints", 2, "terms", "en", 0))] == [
        1,
        3,
        10,
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_the_shipped_journeys_say_everything_in_both_languages(path):
    assert check.check(path, by_meaning=False).findings == []
