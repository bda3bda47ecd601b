"""Times: many ways to write them, one instant."""

from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from feedback.read.times import month_first, order, to_utc

PARIS, DENVER = ZoneInfo("Europe/Paris"), ZoneInfo("America/Denver")


def utc(text, zone=PARIS, **options):
    return to_utc(pd.Series([text], dtype="str"), zone, **options)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-03T18:22:41Z", "2026-11-03 18:22:41"),
        ("2026-11-03T18:22:41.123+02:00", "2026-11-03 16:22:41.123"),
        ("2021-08-10T18:45:03+0000", "2021-08-10 18:45:03"),
        ("2026-11-03 18:22:41", "2026-11-03 17:22:41"),
        ("2026-11-03", "2026-11-02 23:00"),
        ("2026-07-03", "2026-07-02 22:00"),
        ("2026-01-01 20:00:00 UTC", "2026-01-01 20:00"),
        ("2026-01-01 20:00:00 GMT+8", "2026-01-01 12:00"),
        ("1793643761", "2026-11-02 18:22:41"),
        ("1793643761000", "2026-11-02 18:22:41"),
        ("03/11/2026 18:00", "2026-11-03 17:00"),
        ("December 03, 2024", "2024-12-02 23:00"),
        ("Thursday, December 5, 2024 at 09:05:36 PM", "2024-12-05 20:05:36"),
        ("3 août 2026 à 21h30", "2026-08-03 19:30"),
        ("mardi 3 nov. 2026", "2026-11-02 23:00"),
    ],
)
def test_a_time_is_the_same_instant_however_it_is_written(text, expected):
    assert utc(text) == pd.Timestamp(expected, tz="UTC")


@pytest.mark.parametrize("text", ["soon", "11.0", "4711", "2026", "2026-13-45", "0001-01-01", "", None])
def test_what_is_no_time_is_null(text):
    assert pd.isna(utc(text))


def test_a_date_keeps_its_calendar_day_in_the_zone_of_the_weeks():
    assert utc("2026-11-02", ZoneInfo("Asia/Tokyo"), days=PARIS) == pd.Timestamp("2026-11-01 23:00", tz="UTC")
    assert utc("2026-11-02 00:00:00", ZoneInfo("Asia/Tokyo"), days=PARIS) == pd.Timestamp("2026-11-01 23:00", tz="UTC")
    assert utc("2026-11-02 08:00", ZoneInfo("Asia/Tokyo"), days=PARIS) == pd.Timestamp("2026-11-01 23:00", tz="UTC")


def test_a_pattern_of_the_mapping_replaces_guessing():
    assert utc("11.03.26", pattern="%m.%d.%y") == pd.Timestamp("2026-11-02 23:00", tz="UTC")


def test_the_hour_that_does_not_exist_and_the_one_that_comes_twice_are_times_all_the_same():
    assert utc("2026-03-29 02:30:00") == pd.Timestamp("2026-03-29 01:00", tz="UTC")
    assert utc("2026-10-25 02:30:00") == pd.Timestamp("2026-10-25 00:30", tz="UTC")


@pytest.mark.parametrize(
    ("dates", "zone", "expected"),
    [
        (["03/04/2026", "25/04/2026"], DENVER, False),
        (["03/04/2026", "04/25/2026"], PARIS, True),
        (["03/04/2026"], PARIS, False),
        (["03/04/2026"], DENVER, True),
        (["2026-11-03"], PARIS, False),
    ],
)
def test_day_and_month_are_told_apart_by_proof_then_by_place(dates, zone, expected):
    proof, _ = order(pd.Series(dates, dtype="str"))
    assert month_first(proof, zone) is expected
