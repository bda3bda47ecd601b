"""Tags against people's labels: a slip in the gold file is told with its row, and the arithmetic is right."""

from pathlib import Path

import pandas as pd
import pytest

from feedback import evaluate
from feedback import journey as journeys
from feedback.errors import FileError, UsageError
from feedback.run import Steps

ROOT = Path(__file__).parents[1]
HEAD = "comment_id,text,language,start,end,touchpoint,sentiment\n"
KNOWN = ("fees", "app", "general", "unassigned")


@pytest.fixture
def read(tmp_path):
    def gold(text: str | bytes, suffix: str = ".csv") -> pd.DataFrame:
        path = tmp_path / f"gold{suffix}"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return evaluate.read_gold(path, KNOWN)

    return gold


def test_a_span_left_open_is_the_whole_comment(read):
    found = read(HEAD + "1,Too dear,en,,,fees,negative\n1,Too dear,en,4,8,fees,\n")
    assert list(zip(found["start"], found["end"], strict=True)) == [(0, 8), (4, 8)]


def test_spans_languages_and_sentiments_may_be_left_out(read):
    for text, suffix in (
        ("comment_id,text,touchpoint\n1,Too dear,fees\n", ".csv"),
        ('{"comment_id": 1, "text": "Too dear", "touchpoint": "fees"}\n', ".jsonl"),
    ):
        found = read(text, suffix)
        assert (found["start"][0], found["end"][0], found["sentiment"].notna().sum()) == (0, 8, 0)


def test_a_language_left_empty_is_unknown(read):
    assert read(HEAD + "1,Too dear,,,,fees,\n2,Trop cher,fr,,,fees,\n")["language"].isna().tolist() == [True, False]


REDACTED = ("Jean-Baptiste Dupont was lovely, but the QR code failed", "<PERSON> was lovely, but the QR code failed")


@pytest.mark.parametrize(
    ("raw", "stored", "said", "meant"),
    [
        (*REDACTED, "the QR code", "the QR code"),
        (*REDACTED, "Jean-Baptiste Dupont", "<PERSON>"),
        (*REDACTED, "Dupont was", "<PERSON> was"),
        (*REDACTED, REDACTED[0], REDACTED[1]),
        ("  cafÃ©   tr&egrave;s <b>bon</b> !", "café très bon !", "<b>bon</b>", "bon"),
        ("  cafÃ©   tr&egrave;s <b>bon</b> !", "café très bon !", "tr&egrave;s", "très"),
        ("🎟️ perdu, 06 12 34 56 78", "🎟️ perdu, <PHONE>", "06 12 34 56 78", "<PHONE>"),
        ("same text", "same text", "text", "text"),
        ("not kept", "", "kept", ""),
    ],
)
def test_a_span_is_found_in_the_text_as_it_is_stored(raw, stored, said, meant):
    start, end = evaluate._place(raw, stored, raw.index(said), raw.index(said) + len(said))
    assert stored[start:end] == meant


SPAN = {"comment": "c", "language": "en", "touchpoint": "fees", "stage": "buy", "sentiment": "negative"}
SEGMENT = {
    "comment_id": "c", "start": 4, "end": 9, "assignment": "touchpoint", "touchpoint": "fees", "stage": "buy",
    "sentiment": "negative", "likeliest": "fees", "probability": 0.8, "p_negative": 0.9, "p_neutral": 0.1,
    "p_positive": 0.0,
}  # fmt: skip


def test_a_span_that_shares_nothing_with_a_segment_is_unassigned():
    labels = pd.DataFrame([SPAN | {"start": 0, "end": 4}, SPAN | {"start": 4, "end": 9}, SPAN | {"start": 9, "end": 9}])
    matched = evaluate._matched(labels, pd.DataFrame([SEGMENT]))
    assert matched["given"].tolist() == ["unassigned", "fees", "unassigned"]
    assert matched["sentiment_given"].isna().tolist() == [True, False, True]
    assert matched["probability"].isna().tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("segment", "given"),
    [
        ({"assignment": "stage", "touchpoint": None}, "unassigned"),
        ({"assignment": "stage", "touchpoint": None, "likeliest": "buy"}, "buy"),
        ({"assignment": "general", "touchpoint": None, "stage": None}, "general"),
    ],
)
def test_a_stage_is_given_only_where_it_has_no_touchpoints(segment, given):
    labels = pd.DataFrame([SPAN | {"start": 4, "end": 9}])
    assert evaluate._matched(labels, pd.DataFrame([SEGMENT | segment]))["given"].tolist() == [given]


def test_the_stage_of_a_span_is_its_touchpoints_else_the_one_that_people_gave():
    journey = journeys.load(ROOT / "data/journeys/concert.yaml")
    labels = pd.DataFrame(
        {
            "touchpoint": ["fees", "unassigned", "unassigned", "general"],
            "stage": ["after", "after", "nowhere", None],
        },
        dtype="str",
    )
    staged = evaluate._staged(labels, journey)["stage"]
    assert staged.where(staged.notna(), "").tolist() == ["buy", "after", "", ""]


def test_a_second_annotator_may_leave_rows_out(read):
    found = read(HEAD.strip() + ",touchpoint_2,sentiment_2\n1,Slow,en,,,app,negative,fees,\n2,Dear,en,,,fees,,,\n")
    assert found["touchpoint_2"].isna().tolist() == [False, True]
    assert found["sentiment_2"].isna().all()


def test_a_slip_of_the_second_annotator_is_answered_too(read):
    with pytest.raises(FileError, match=r"row 1: unknown touchpoint_2\. Got 'feees'"):
        read(HEAD.strip() + ",touchpoint_2\n1,Slow,en,,,app,negative,feees\n")


def test_code_points_are_counted_not_bytes(read):
    assert read(HEAD + "1,🎟️ été,fr,0,6,app,\n")["end"][0] == len("🎟️ été")


def test_csv_jsonl_and_parquet_are_the_same(read, tmp_path):
    first = read(HEAD + "1,Too dear,en,4,8,fees,negative\n2,NA,en,,,app,\n")
    columns = HEAD.strip().split(",")
    first[columns].to_parquet(tmp_path / "gold.parquet")
    assert evaluate.read_gold(tmp_path / "gold.parquet", KNOWN)[columns].astype(str).equals(first[columns].astype(str))
    lines = first[columns].to_json(orient="records", lines=True, force_ascii=False)
    assert read(lines, ".jsonl")[columns].astype(str).equals(first[columns].astype(str))
    assert first["text"][1] == "NA"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            "2,Slow,en,,,feees,",
            "row 2: unknown touchpoint. Got 'feees'; allowed: fees, app, general, unassigned. Did you",
        ),
        ("2,Slow,en,,,,", "row 2: unknown touchpoint"),
        ("2,Slow,en,,,app,bad", "row 2: unknown sentiment. Got 'bad'"),
        ("2,Slow,en,0,5,app,", "row 2: this span is none of the text. Got '0"),
        ("2,Slow,en,3,3,app,", "row 2: this span is none"),
        ("2,Slow,en,-1,3,app,", "row 2: this span is none"),
        ("2,Slow,en,1,,app,", "row 2: this span is none"),
        ("2,Slow,en,a,b,app,", "row 2: this span is none"),
        ("2,,en,,,app,", "row 2: no text"),
    ],
)
def test_a_slip_is_answered_with_its_row(read, row, says):
    with pytest.raises(FileError) as error:
        read(HEAD + "1,Too dear,en,,,fees,\n" + row + "\n")
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("text", "suffix", "says"),
    [
        (b"", ".csv", "cannot be read"),
        (HEAD, ".csv", "no row is labelled"),
        ("comment_id,text\n1,Slow\n", ".csv", "the column 'touchpoint' is missing"),
        ((HEAD + "1,été,fr,,,app,\n").encode("latin-1"), ".csv", "cannot be read"),
        ("{nonsense", ".jsonl", "cannot be read"),
        ("nonsense", ".parquet", "cannot be read"),
    ],
)
def test_a_file_that_is_no_gold_is_one_line(read, text, suffix, says):
    with pytest.raises(FileError, match=says) as error:
        read(text, suffix)
    assert "See `feedback schema gold`." in str(error.value)


def test_a_missing_file_or_another_kind_is_misuse(read, tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        evaluate.read_gold(tmp_path / "none.csv", KNOWN)
    with pytest.raises(UsageError, match="unknown kind"):
        read("", ".txt")


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """Four labels over three comments, two of them plainly wrong."""
    path = tmp_path_factory.mktemp("gold") / "gold.csv"
    path.write_text(
        HEAD + "1,The booking fees are a rip-off at checkout,en,,,fees,negative\n"
        "2,Frais de réservation exorbitants,fr,,,fees,positive\n"
        "3,The mobile app crashes when I open it,en,,,refund,negative\n",
        encoding="utf-8",
    )
    return evaluate.evaluate(path, ROOT / "data/journeys/concert.yaml", Steps())


def test_spans_after_a_name_meet_their_own_segment(tmp_path):
    text = "Jean-Baptiste Dupont was lovely to us all evening, but the QR code failed at the gate"
    start = text.index("but")
    path = tmp_path / "gold.csv"
    path.write_text(HEAD + f'1,"{text}",en,{start},{len(text)},qr-gate,negative\n', encoding="utf-8")
    found = evaluate.evaluate(path, ROOT / "data/journeys/concert.yaml", Steps())
    assert {label.id: label.recall.value for label in found.touchpoints}["qr-gate"] == 1


def test_right_and_wrong_tags_are_counted(card):
    groups = {group.language: group for group in card.groups}
    assert (card.gold.spans, card.gold.languages) == (3, {"en": 2, "fr": 1})
    assert (groups["fr"].sentiment.n, groups["fr"].sentiment.value) == (1, 0)
    assert groups["en"].right.value < 1
    labels = {label.id: label for label in card.touchpoints}
    assert sum(label.n for label in labels.values()) == 3
    assert labels["refund"].recall.value == 0


def test_the_card_says_what_it_rests_on(card):
    assert (card.journey.id, card.journey.version) == ("concert-tickets", 1)
    assert set(card.models) == {"encoder", "sentiment", "mapping", "spacy"}
    assert set(card.thresholds) == {"touchpoint", "stage"}
    assert sum(part.n for part in card.reliability) == 4 * 3
    assert card.risk_coverage.points[-1].given == 3


def test_the_card_is_printed_with_its_figures(card):
    text = evaluate.as_text(card)
    assert "gold.csv: 3 labelled spans" in text
    assert "macro-F1 over 2 touchpoints" in text
    assert len([line for line in text.splitlines() if "n = " in line]) == 4 * len(card.groups)
    assert len([line for line in text.splitlines() if line.startswith("stage ")]) == len(card.stages)
    assert "right among the assigned, en less fr: " in text
    assert "area under the risk-coverage curve: " in text
