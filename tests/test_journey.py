"""The journey file: what may be left out, what is refused, and in which order places come."""

from pathlib import Path

import pytest

from feedback import journey
from feedback.errors import FileError

ROOT = Path(__file__).parents[1]
HEAD = "journey: shop\nversion: 1\ntitle: Shop\nstages:\n"
SHORT = HEAD + "  - {id: find, name: Find}\n  - id: buy\n    name: {en: Buy, fr: Achat}\n    touchpoints:\n"
POINTS = "      - {id: cart, name: Basket}\n      - {id: pay, name: {en: Payment}}\n"


@pytest.fixture
def load(tmp_path):
    def loaded(text: str) -> journey.Journey:
        path = tmp_path / "journey.yaml"
        path.write_text(text, encoding="utf-8")
        return journey.load(path)

    return loaded


def test_names_alone_make_a_journey(load):
    read = load(SHORT + POINTS)
    assert [place.id for place in read.places()] == ["find", "buy", "cart", "pay"]
    assert [(stage.id, target.id) for stage, target in read.targets()] == [
        ("find", "find"), ("buy", "cart"), ("buy", "pay"),
    ]  # fmt: skip


def test_a_missing_language_falls_back_to_the_other(load):
    read = load(SHORT + POINTS)
    assert (read.name_of("pay", "fr"), read.name_of("cart", "fr"), read.name_of("buy", "fr")) == (
        "Payment", "Basket", "Achat",
    )  # fmt: skip


def test_an_id_that_the_journey_lacks_is_its_own_name(load):
    assert load(SHORT + POINTS).name_of("general", "en") == "general"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (SHORT + POINTS + "      - {id: cart, name: Again}\n", 11, "unique over stages and touchpoints. Got 'cart'"),
        (SHORT + "      - {id: buy, name: As the stage}\n", 9, "unique over stages and touchpoints. Got 'buy'"),
        (SHORT + POINTS + "  - {id: find, name: Again}\n", 11, "unique over stages and touchpoints. Got 'find'"),
        (SHORT + "      - {id: general, name: G}\n", 9, "reserved"),
        (HEAD + "  - {id: unassigned, name: U}\n", 5, "reserved"),
        (SHORT + "      - {id: Été, name: E}\n", 9, "should match pattern"),
        (SHORT + f"      - {{id: {'a' * 61}, name: E}}\n", 9, "should match pattern"),
        (SHORT + "      - {id: a, name: A, exemples: [x]}\n", 9, "Did you mean 'examples'?"),
        (SHORT + "      - {id: a, name: A, from: {sources: [x]}}\n", 9, "Did you mean 'source'?"),
        (SHORT + "      - {id: a, name: A, from: {}}\n", 9, "touchpoints.0.from: give at least one of source"),
        (SHORT + "      - id: a\n        name: A\n        from: {only: true}\n", 11, "or leave `from` out"),
        (SHORT + "      - {id: a, name: A, from: {product: []}}\n", 9, "give at least one of source"),
        (SHORT + "      - {id: a, name: 404}\n", 9, "write a text, or a text for each language. Got '404'"),
        (SHORT + "      - {id: a, name: {}}\n", 9, "write a text, or a text for each language"),
        (SHORT + "      - {id: a, name: ''}\n", 9, "write a text, or a text for each language"),
        (SHORT + "      - {id: a, name: A, owner: brnd}\n", 9, "Got 'brnd'"),
        (SHORT + "      - {id: a}\n", 9, "touchpoints.0.name' is missing"),
        ("journey: shop\nversion: 1\ntitle: Shop\nstages: []\n", 4, "at least 1 item"),
        ("journey: shop\nversion: 0\ntitle: Shop\nstages: []\n", 2, "greater than or equal to 1"),
    ],
)
def test_a_slip_is_answered_with_its_line(load, text, line, says):
    with pytest.raises(FileError) as error:
        load(text)
    assert f"journey.yaml, line {line}: " in str(error.value)
    assert says in str(error.value)


def test_a_persona_asks_only_for_columns_of_submissions(load):
    with pytest.raises(FileError, match=r"line 8: personas\.0\.when\.produit: .*'product'"):
        load(HEAD.replace("stages:\n", "personas:\n  - id: fan\n    name: Fan\n    when:\n      produit: [vip]\n")
             + "stages:\n  - {id: find, name: Find}\n")  # fmt: skip


@pytest.mark.parametrize("path", sorted((ROOT / "data/journeys").glob("*.yaml")), ids=lambda p: p.name)
def test_the_shipped_journeys_have_five_stages(path):
    assert len(journey.load(path).stages) == 5
