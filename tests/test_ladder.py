"""Measuring on unseen inventories: journey files for the moment, and figures that tell good rankings from bad ones."""

import numpy as np
import pytest

from feedback.journey import Touchpoint
from models import figures, ladder, temporary
from models.ladder import Ranked
from models.train_mapping import FORMS, in_form
from models.unseen import Inventory

LABELS = ["laptop price", "keyboard design features"]


def inventory(name="laptops", labels=LABELS, texts=8):
    right = np.zeros((texts, len(labels)), dtype=bool)
    right[np.arange(texts), np.arange(texts) % len(labels)] = True
    right[0] = True
    return Inventory(name, [f"text {i}" for i in range(texts)], labels, right)


def test_what_is_written_of_a_label_is_a_valid_journey_file_in_every_language_it_has():
    for name, labels in temporary.described().items():
        for language in next(iter(labels.values())):
            made = temporary.journey(inventory(name, list(labels)), language)
            points: list[Touchpoint] = made.stages[0].touchpoints
            assert [point.name["en"] for point in points] == list(labels)
            assert all(point.description and point.description[language] and point.terms[language] for point in points)


def test_each_form_says_more_than_the_one_before():
    whole = temporary.journey(inventory(), "en", [["too dear"], ["the keys stick"]])
    said = [in_form(whole, form).stages[0].touchpoints[0] for form in FORMS]
    assert [bool(point.description) for point in said] == [False, True, True, True]
    assert [bool(point.examples) for point in said] == [False, False, True, True]
    assert [bool(point.terms) for point in said] == [False, False, False, True]


def test_a_sample_takes_no_row_twice_and_only_rows_that_have_the_label():
    made = inventory(texts=9)
    rows = temporary.sampled(made, 3, seed=1)
    assert [len(own) for own in rows] == [3, 3]
    assert len({row for own in rows for row in own}) == 6
    assert all(made.right[row, label] for label, own in enumerate(rows) for row in own)


def test_rows_to_learn_from_take_the_labels_of_those_that_measure_and_none_of_their_texts():
    other = inventory(labels=[*reversed(LABELS), "sound"], texts=12)
    found = other.labelled_as(inventory(texts=5))
    assert found.labels == LABELS
    assert set(found.texts) <= {f"text {i}" for i in range(5, 12)}
    assert found.right.any(axis=1).all()


def test_a_tag_is_right_if_it_is_among_the_labels_of_its_text():
    made = inventory(texts=4)
    perfect = Ranked(np.where(made.right, 0.9, 0.1), made.right)
    assert perfect.macro_f1() == 1
    assert perfect.area() == 0
    assert perfect.calibration() == pytest.approx(0.1)
    wrong = Ranked(1 - perfect.score, made.right)
    assert wrong.truth()[0] == wrong.guess()[0]
    assert wrong.macro_f1() < 0.5 < wrong.area()
    assert ladder.lift(perfect, wrong).low > 0


def test_an_interval_over_rows_holds_the_figure():
    values = np.arange(50.0)
    found = figures.of_rows(lambda rows: float(values[rows].mean()), 50)
    assert found.low < found.value == 24.5 < found.high
