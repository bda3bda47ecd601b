"""Two journey files, and what a person is told of their differences."""

import copy

import small
import yaml
from typer.testing import CliRunner

from feedback import cli, diff
from feedback.journey import Journey


def changed(edit) -> list[str]:
    """The lines for the shop's journey before and after an edit of what its file says."""
    after = copy.deepcopy(small.JOURNEY)
    edit(after)
    return diff.diff(Journey.model_validate(small.JOURNEY), Journey.model_validate(after))


def test_the_same_journey_differs_in_nothing():
    assert changed(lambda _: None) == []


def test_what_came_and_went_is_told_with_its_place():
    def edit(journey):
        journey["version"] = 2
        journey["stages"][1]["touchpoints"] = [{"id": "seats", "name": {"en": "Seats", "fr": "Places"}}]
        journey["stages"].append({"id": "after", "name": "Afterwards"})
        journey["personas"] = [{"id": "fan", "name": "Fan", "when": {"product": ["vip"]}}]

    assert changed(edit) == [
        "version 1 -> 2",
        "- touchpoint gate in attend: Gate",
        "+ touchpoint seats in attend: Seats",
        "+ stage after: Afterwards",
        "+ persona fan: Fan",
    ]


def test_what_changed_within_a_touchpoint_is_told_key_by_key():
    def edit(journey):
        fees = journey["stages"][0]["touchpoints"][0]
        fees["name"]["fr"] = "Frais de service"
        fees["terms"] = {"en": ["fee"], "fr": ["frais"]}
        fees["from"] = {"source": ["shop"]}
        fees["owner"] = "brand"

    assert changed(edit) == [
        "~ fees: name (fr) 'Frais' -> 'Frais de service'",
        "~ fees: terms (en): + 'fee'",
        "~ fees: terms (fr): + 'frais'",
        "~ fees: owner none -> brand",
        "~ fees: from none -> {'source': ['shop']}",
    ]


def test_moves_and_another_order_are_told():
    def move(journey):
        journey["stages"][1]["touchpoints"].append(journey["stages"][0]["touchpoints"].pop())

    assert changed(move) == [
        "~ fees: moved from buy to attend",
        "the order is now buy, attend, gate, fees",
    ]


def test_the_command_compares_two_files(tmp_path):
    one, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    one.write_text(yaml.safe_dump(small.JOURNEY), "utf-8")
    other.write_text(yaml.safe_dump(small.JOURNEY | {"version": 2}), "utf-8")
    run = CliRunner().invoke
    assert run(cli.app, ["journey", "diff", str(one), str(other)]).output == "version 1 -> 2\n"
    assert run(cli.app, ["journey", "diff", str(one), str(one)]).output == "no difference\n"
