"""Touchpoints that a journey lacks: found in what customers said, named, quoted, and ready to paste."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from feedback import cli, journey, store, suggest, tables, uncovered
from feedback.errors import UsageError
from models import catalogue, journeys

ROOT = Path(__file__).parents[1]
PLACES = {
    "fees": ("Fees", "Frais", "The service fee is far too high", "Les frais de service sont trop élevés"),
    "staff": ("Staff", "Personnel", "The steward was friendly", "Le personnel était aimable"),
    "sound": ("Sound", "Son", "The sound was muffled", "Le son était inaudible"),
}
PARKING = [
    ("en", "The car park was full an hour before"), ("en", "Nowhere to park within a mile"),
    ("en", "Parking cost more than dinner"), ("en", "We could not find a parking space"),
    ("en", "It took an hour to leave the car park"), ("fr", "Le parking était complet"),
    ("fr", "Impossible de se garer près de la salle"), ("fr", "Le parking coûte trop cher"),
    ("fr", "Une heure pour sortir du parking"), ("fr", "Aucune place de stationnement"),
]  # fmt: skip
COVERED = [
    ("en", "The service fee doubled the price"), ("en", "Fees appear at the end"), ("fr", "Des frais cachés partout"),
    ("fr", "Les frais de service sont absurdes"), ("en", "The stewards were rude"), ("en", "Staff helped us at once"),
    ("fr", "Le personnel nous a bien aidés"), ("fr", "Un agent désagréable"), ("en", "The sound was too loud"),
    ("en", "We heard nothing but bass"), ("fr", "Le son grésillait"), ("fr", "On n'entendait pas la voix"),
]  # fmt: skip
OTHERS = [
    ("cinema", "parking", "Parking", "Parking", "There is not enough parking", "Il manque des places de stationnement"),
    ("hotel", "breakfast", "Breakfast", "Petit-déjeuner", "The buffet was cold", "Le buffet était froid"),
    ("bank", "login", "Signing in", "Connexion", "The password is refused", "Le mot de passe est refusé"),
    ("clinic", "wait", "Waiting time", "Temps d'attente", "An hour in the waiting room", "Une heure d'attente"),
]


@pytest.fixture(autouse=True)
def _few_other_trades(tmp_path, monkeypatch):
    """A catalogue of four touchpoints, which is encoded at once."""
    path = tmp_path / "catalogue.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(suggest.CATALOGUE_COLUMNS)
        for trade, point, *texts in OTHERS:
            kinds = zip(("name", "name", "example", "example"), ("en", "fr") * 2, texts, strict=True)
            csv.writer(file).writerows([trade, point, *row] for row in kinds)
    monkeypatch.setattr(suggest, "CATALOGUE", path)


def known(**more: tuple[str, str, str, str]) -> journey.Journey:
    """A journey of one stage with the places and more."""
    points = [
        {"id": i, "name": {"en": en, "fr": fr}, "examples": {"en": [one], "fr": [other]}}
        for i, (en, fr, one, other) in (PLACES | more).items()
    ]
    stage = {"id": "visit", "name": "Visit", "touchpoints": points}
    return journey.Journey.model_validate({"journey": "hall", "version": 1, "title": "Hall", "stages": [stage]})


def segments(*spoken: tuple[str, str]) -> pd.DataFrame:
    """What customers said, one segment each, as `said` gives it."""
    table = pd.DataFrame(spoken, columns=["language", "text"])
    numbers = [f"c{i:03}" for i in range(len(table))]
    said = table["text"].str.lower()
    return table.assign(
        segment_id=numbers,
        submission_id=numbers,
        said=said,
        source="s",
        sentiment="negative",
        week="2026-W46",
        doubt=1.0,
    )


def made(places=None, spoken=(*PARKING, *COVERED), smallest=5, most=5):
    places = places or known()
    return suggest.proposals(segments(*spoken), places, small.encoder(), ("en", "fr"), smallest=smallest, most=most)


def test_what_no_touchpoint_covers_is_proposed_first_with_its_customers():
    one = made()[0]
    parking = {text for _, text in PARKING}
    assert (one.id, one.names) == ("parking", {"en": "Parking", "fr": "Parking"})
    assert one.segments["text"].isin(parking).mean() > 0.8
    assert len(parking.intersection(one.segments["text"])) > len(parking) / 2
    assert one.customers == len(one.segments)


def test_what_the_journey_has_is_not_proposed():
    parking = ("Parking", "Parking", "There is not enough parking", "Il manque des places de stationnement")
    assert made(known(parking=parking)) == []


def test_quotes_are_of_their_language_differ_and_are_said_words():
    quotes = made()[0].quotes
    for code in ("en", "fr"):
        assert len(set(quotes[code])) == suggest.QUOTES
        assert set(quotes[code]) <= {text for language, text in (*PARKING, *COVERED) if language == code}


def test_what_is_said_in_one_language_only_says_so():
    english = [row for row in PARKING if row[0] == "en"]
    found = made(spoken=(*english, *COVERED), smallest=3)
    text = suggest.as_yaml(found[:1], known())
    assert "# too little is said in fr" in text
    assert yaml.safe_load(text)[0]["name"] == {"en": "Parking", "fr": "Parking"}
    assert set(yaml.safe_load(text)[0]["examples"]) == {"en"}


def test_too_few_are_no_proposal():
    assert made(smallest=15) == []
    assert made(spoken=PARKING[:2], smallest=3) == []


def test_the_order_of_rows_changes_nothing():
    rows = segments(*PARKING, *COVERED)
    shuffled = rows.sample(frac=1, random_state=1).sort_values("segment_id", ignore_index=True)
    one, other = (
        suggest.proposals(table, known(), small.encoder(), ("en", "fr"), smallest=5, most=5)
        for table in (rows, shuffled)
    )
    assert suggest.as_yaml(one, known()) == suggest.as_yaml(other, known())


def test_an_id_that_the_journey_has_is_not_given_again():
    taken = ("Lawn", "Pelouse", "The lawn was muddy", "La pelouse était boueuse")
    assert made(known(parking=taken))[0].id == "parking-2"


def test_the_yaml_can_be_pasted_into_the_journey_file():
    places = known()
    text = suggest.as_yaml(made(), places)
    assert "# 1. " in text
    assert "nearest touchpoint: " in text
    head = "journey: hall\nversion: 2\ntitle: Hall\nstages:\n  - id: visit\n    name: Visit\n    touchpoints:\n"
    pasted = journey.Journey.model_validate(yaml.safe_load(head + text))
    assert pasted.stages[0].touchpoints[0].id == "parking"


def test_hostile_quotes_stay_text():
    hostile = [("en", "Parking: [x]\n# {y} & *z \x1b[31m parking was full"), *PARKING]
    text = suggest.as_yaml(made(spoken=(*hostile, *COVERED)), known())
    assert "\x1b" not in text
    assert all(isinstance(quote, str) for one in yaml.safe_load(text) for q in one["examples"].values() for quote in q)


# From stored runs


@pytest.fixture
def workspace(tmp_path):
    """A workspace with a journey, a pipeline and one run of all that is said."""
    (tmp_path / "data/journeys").mkdir(parents=True)
    places = known()
    (tmp_path / "data/journeys/hall.yaml").write_text(
        yaml.safe_dump(places.model_dump(mode="json", by_alias=True, exclude_defaults=True)), encoding="utf-8"
    )
    path = small.pipeline(
        tmp_path,
        {"pipeline": "weekly", "timezone": "Europe/Paris", "journey": "data/journeys/hall.yaml",
         "sources": [{"name": "s", "files": []}], "thresholds": {"min_count": 5}},
    )  # fmt: skip
    return tmp_path, path


def stored(root: Path, **columns: object) -> None:
    """Store a run whose segments have some columns set."""
    table = segments(*PARKING, *COVERED).assign(comment_id=lambda t: t["segment_id"])
    shared = table.drop(columns=["segment_id", "said", "week", "sentiment", "doubt"])
    held = {name: tables.empty(schema) for name, schema in tables.SCHEMAS.items()}
    spoken = table[["segment_id", "comment_id", "text", "sentiment"]].assign(assignment="unassigned", tagged_by="model")
    held["comments"] = held["comments"].merge(shared.assign(is_repost=False), how="right")
    held["segments"] = held["segments"].merge(spoken.assign(**columns), how="right")
    with store.writing(root, "2026-W46") as folder:
        small.save(folder, held, known(), small.info())


def test_the_command_prints_yaml_with_the_weeks(workspace):
    root, path = workspace
    stored(root)
    told = CliRunner().invoke(cli.app, ["journey", "suggest", str(path), "--n", "1"])
    assert told.exit_code == 0
    [one] = yaml.safe_load(told.output)
    assert one["id"] == "parking"
    assert "2026-W46" in told.output


@pytest.mark.parametrize(
    "columns", [{"assignment": "general"}, {"assignment": "touchpoint", "touchpoint": "fees", "tagged_by": "human"}]
)
def test_general_praise_and_what_people_have_placed_take_no_part(workspace, columns):
    root, path = workspace
    stored(root, **columns)
    told = CliRunner().invoke(cli.app, ["journey", "suggest", str(path)])
    assert told.output == "nothing that the journey lacks is spoken of often enough\n"


def test_what_the_mapping_is_sure_of_counts_little(workspace):
    root, path = workspace
    stored(root, touchpoint_confidence=1.0)
    assert suggest.suggest(path)[1] == []


def test_what_was_put_to_a_touchpoint_that_is_gone_is_open_again(workspace):
    root, path = workspace
    stored(root, assignment="touchpoint", touchpoint="car-park", touchpoint_confidence=1.0, tagged_by="human")
    assert [one.id for one in suggest.suggest(path)[1]][:1] == ["parking"]


def test_the_same_runs_give_the_same_proposals(workspace):
    root, path = workspace
    stored(root)
    one, other = (suggest.as_yaml(suggest.suggest(path)[1], known()) for _ in range(2))
    assert one == other
    assert one


def test_without_a_run_there_is_nothing_to_suggest_from(workspace):
    with pytest.raises(UsageError, match=r"no run yet.*feedback run"):
        suggest.suggest(workspace[1])


# Groups of vectors


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_planted_group_is_found_and_is_disjoint_from_what_is_covered(seed):
    """Eight directions: four touchpoints of the journey, and four of the catalogue of which segments follow one."""
    random = np.random.default_rng(seed)
    axes = np.linalg.qr(random.normal(size=(32, 8)))[0].T
    near = lambda axis, n: (axis + random.normal(scale=0.08, size=(n, 32))).astype(np.float32)  # noqa: E731  a shorthand
    spoken = np.concatenate([near(axes[i], 12) for i in range(4)] + [near(axes[5], 12)])
    place = uncovered.Map(np.concatenate([near(axes[i], 3) for i in range(4)]), np.repeat(np.arange(4), 3))
    other = uncovered.Map(np.concatenate([near(axes[i], 3) for i in range(4, 8)]), np.repeat(np.arange(4), 3))
    found = uncovered.groups(spoken, np.ones(60, np.float32), np.zeros(60, np.int64), place, other, smallest=6, most=3)
    assert [group.like for group in found] == [1]
    assert set(found[0].members) <= set(range(48, 60))
    assert (np.diff(found[0].gains) <= 0).all()


# The catalogue


def test_the_catalogue_is_that_of_the_journeys_and_names_all_in_both_languages(monkeypatch):
    monkeypatch.undo()
    table = suggest.catalogue()
    assert list(table.itertuples(index=False, name=None)) == catalogue.rows(), "run python -m models.catalogue"
    names = table[table["kind"] == "name"].groupby(["trade", "touchpoint"])["language"].agg(set)
    assert len(names) == table.groupby(["trade", "touchpoint"]).ngroups
    assert (names == {"en", "fr"}).all()


def test_what_is_measured_on_is_not_in_the_catalogue(monkeypatch):
    monkeypatch.undo()
    trades = set(suggest.catalogue()["trade"])
    assert trades.isdisjoint(journeys.HELD_OUT)
    assert not any("concert" in trade or "ticket" in trade for trade in trades)
