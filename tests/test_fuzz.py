"""Broken exports of every shape: no crash and no hang (the long run is `python tests/fuzz.py`)."""

import random

import fuzz
import pytest

INPUTS = {"delimited": 150, "json": 150, "workbook": 60, "xml": 150, "special": 60, "formats": 30}


@pytest.mark.parametrize(("engine", "inputs"), INPUTS.items())
def test_a_broken_export_gives_tables_or_an_error_of_ours(engine, inputs, capsys):
    found = fuzz.fuzz(engine, inputs, seed=11)
    assert (found.inputs, found.crashes, found.hangs, capsys.readouterr().err) == (inputs, 0, 0, "")


def test_every_engine_is_fed():
    assert set(INPUTS) == set(fuzz.ENGINES)


def test_a_crash_and_a_hang_are_seen(monkeypatch, capsys):
    def crash(_chance):
        raise KeyError("lost")

    def hang(_chance):
        while True:
            pass

    monkeypatch.setattr(fuzz, "LIMIT", 0.05)
    monkeypatch.setitem(fuzz.ENGINES, "crash", crash)
    first = random.Random(0).random()  # the input that warms up has no watch
    monkeypatch.setitem(fuzz.ENGINES, "hang", lambda chance: None if chance.random() == first else hang(chance))
    assert fuzz.fuzz("crash", 2)[:3] == (2, 2, 0)
    assert fuzz.fuzz("hang", 1)[:3] == (1, 0, 1)
    assert "input 1 of seed 0" in capsys.readouterr().err
