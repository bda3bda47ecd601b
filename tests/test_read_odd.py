"""Shapes of real exports that differ from the plain one of their format: mixed, overlapping, nested, or with codes."""

import json
import zipfile

from reading import joined, texts, written

from feedback import read

LIMESURVEY_VV = (
    "Response ID\tDate submitted\tLast page\tStart language\tWhat would you change?\tAnything else?\n"
    "id\tsubmitdate\tlastpage\tstartlanguage\tQ1\tQ2\n"
    "7\t2026-11-09 18:00:00\t2\ten\tShow the fees on the first page\tThe stairs were slippery{newline}and dark\n"
    "8\t2026-11-09 18:30:00\t2\ten\tNothing at all, it was quick\t{question_not_shown}\n"
)


def test_a_limesurvey_file_with_codes_under_its_headings_has_no_submission_of_codes(tmp_path):
    tables = joined(read.read_any([written(tmp_path / "vv.csv", LIMESURVEY_VV)]))
    assert texts(tables) == {
        ("7", "What would you change?"): "Show the fees on the first page",
        ("7", "Anything else?"): "The stairs were slippery{newline}and dark",
        ("8", "What would you change?"): "Nothing at all, it was quick",
    }
    assert list(tables.rejects["reason"]) == ["not feedback: a second row of headings"]


BOOKING = """Review date,Guest name,Reservation number,Review title,Positive review,Negative review,Review,Review score
2026-11-10 18:00:00,Ann,4001,,Two steps from the hall,Thin walls,,7.5
2026-11-11 18:00:00,Kim,A-77,,,,The shower was cold and the lift was out of order,4.8
"""


def test_guests_of_agoda_in_a_booking_file_are_read_from_their_own_column(tmp_path):
    tables = joined(read.read_any([written(tmp_path / "guests.csv", BOOKING)]))
    assert sorted(tables.comments["text"]) == [
        "The shower was cold and the lift was out of order",
        "Thin walls",
        "Two steps from the hall",
    ]
    assert len(tables.scores) == 2
    assert tables.rejects.empty


def _review(number, comment, **more):
    name = f"accounts/11/locations/22/reviews/Ab{number}"
    when = {"createTime": "2026-11-10T18:00:00Z", "updateTime": "2026-11-10T18:00:00Z"}
    return {"reviewer": {"displayName": "Ann"}, "starRating": "TWO", "comment": comment, "name": name} | when | more


def test_a_takeout_archive_gives_each_review_once_and_tells_what_is_none(tmp_path):
    edited = _review(1, "The desk was shut, and opened after an hour", updateTime="2026-11-12T18:00:00Z")
    files = {
        "reviews.json": {"reviews": [_review(1, "The desk was shut"), _review(2, "Easy to park")]},
        "reviews-1aB.json": {"reviews": [edited, _review(3, "Friendly staff")]},
        "data.json": {"title": "The venue", "address": {"lines": ["1 Quay"]}},
    }
    path = tmp_path / "takeout.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in files.items():
            folder = "Takeout/Google Business Profile/account-11/location-22"
            archive.writestr(f"{folder}/{name}", json.dumps(value))
    tables = joined(read.read_any([path]))
    assert dict(zip(tables.comments["submission_id"], tables.comments["text"], strict=True)) == {
        "Ab1": "The desk was shut, and opened after an hour",
        "Ab2": "Easy to park",
        "Ab3": "Friendly staff",
    }
    assert sorted(reason.partition(":")[0] for reason in tables.rejects["reason"]) == [
        "read again",
        "the format is not recognised",
    ]


MELTWATER = """Date,Headline,URL,Opening Text,Hit Sentence,Source,Influencer,Country,Language
03-Nov-2026 06:45PM,,https://x.example/1,,The gate staff sent us to three doors,X,@ann,France,English
14-Nov-2026 12:05AM,A night to forget,https://news.example/2,The second act began late,,Post,J. Writer,,English
"""


def test_meltwater_times_of_a_twelve_hour_clock_are_understood(tmp_path):
    tables = joined(read.read_any([written(tmp_path / "a.csv", MELTWATER)]))
    assert tables.submissions["created_at"].dt.strftime("%Y-%m-%d %H:%M").to_list() == [
        "2026-11-03 18:45",
        "2026-11-14 00:05",
    ]


BRANDWATCH = "Report:,Bulk\nFrom:,Mon\n\nQuery Name,Date,Url,Full Text,Author,Resource Id,Thread Entry Type{}\n"


def test_overlapping_brandwatch_exports_with_other_columns_add_nothing_twice(tmp_path):
    rows = [
        f"tickets,2026-11-1{n} 18:00:00.0,https://x.example/{n},The barriers to the lift were shut {n},ann,r{n},post"
        for n in range(4)
    ]
    first = written(tmp_path / "a.csv", BRANDWATCH.format("") + "\n".join(rows[:3]) + "\n")
    more = BRANDWATCH.format(",Region,Impact") + "\n".join(f"{row},Brittany,{n}.5" for n, row in enumerate(rows[1:]))
    tables = joined(read.read_any([first, written(tmp_path / "b.csv", more + "\n")]))
    assert sorted(tables.comments["submission_id"]) == ["r0", "r1", "r2", "r3"]
    assert [reason.partition(":")[0] for reason in tables.rejects["reason"]] == ["read again"] * 2


PLAY = (
    "Package Name,App Version Code,Reviewer Language,Device,Review Submit Date and Time,"
    "Review Last Update Date and Time,Star Rating,Review Title,Review Text,Review Link\n"
    "org.tickets,7,en,pixel,2026-10-30T10:00:00Z,{},{},,{},https://play.example/console?reviewid=gp:AOq1\n"
)


def test_a_play_review_that_was_edited_counts_in_its_last_words_in_whatever_order_the_months_are_read(tmp_path):
    october = PLAY.format("2026-10-30T10:00:00Z", 1, "It crashes at the QR code")
    november = PLAY.format("2026-11-04T10:00:00Z", 4, "It works since the update")
    files = []
    for month, text in {"202610": october, "202611": november}.items():
        files.append(tmp_path / f"reviews_{month}.csv")
        files[-1].write_bytes(text.encode("utf-16"))
    for order in (files, files[::-1]):
        tables = joined(read.read_any(order))
        assert list(tables.comments["text"]) == ["It works since the update"]
        assert list(tables.scores["score"]) == [0.75]


def test_a_qualtrics_heading_that_nests_without_end_is_no_setting(tmp_path):
    head = "RecordedDate,ResponseId,Q1\nDate,Id,Why?\n"
    imports = '"{""ImportId"":""recordedDate""}","{""ImportId"":""_recordId""}",' + '"' + '{""a"":' * 3_000 + '"\n'
    rows = joined(read.read_any([written(tmp_path / "a.csv", head + imports + "2026-11-09 10:00:00,R_1,Fine\n")]))
    assert list(rows.submissions["submission_id"]) == ["R_1"]
