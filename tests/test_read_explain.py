"""`feedback read FILE --explain`: what a file is taken for, the mapping that it writes, and what it asks."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from reading import CASES, mapped, written

from feedback import intake, pipeline, read
from feedback.errors import FileError, UsageError
from feedback.read import draft
from feedback.read.proposal import Proposed
from feedback.run import Steps


def test_explain_names_the_format_and_the_role_of_each_column():
    text = read.explain(CASES / "trustpilot/reviews.csv")
    assert "recognised as trustpilot" in text
    assert any(line.split() == ["Review", "Content", "text"] for line in text.splitlines())


def test_explain_offers_a_mapping_that_works(tmp_path):
    path = written(
        tmp_path / "a.csv", "Respondent ID,What went wrong?,Date\n7,The door was shut for an hour,2026-11-02\n"
    )
    text = read.explain(path)
    mapping = yaml.safe_load(text[text.index("mapping:") :])["mapping"]
    assert mapping == {"text": "What went wrong?", "id": "Respondent ID", "created_at": "Date"}
    assert len(mapped(path, mapping).comments) == 1


@pytest.mark.parametrize("content", ["", "id,text\n", "id,text\n,\n", "[]", "5"])
def test_explain_offers_no_mapping_for_a_file_without_rows(tmp_path, content):
    head, *lines = read.explain(written(tmp_path / "a", content)).splitlines()
    assert head.startswith("a: ")
    assert lines == ["the file holds no rows"]


def test_explain_offers_no_mapping_where_no_row_can_be_read(tmp_path):
    assert read.explain(written(tmp_path / "a", "[5]")).endswith("\nno row can be read; row 1: not a record")


def test_explain_redacts_first_values(tmp_path):
    text = "id,remark\n1,Call me on 06 12 34 56 78 please\n2,The queue was long\n"
    explained = read.explain(written(tmp_path / "a.csv", text))
    assert "Call me on" in explained
    assert "06 12 34 56 78" not in explained


def test_explain_counts_columns(tmp_path):
    assert read.explain(written(tmp_path / "a", "text\nGood\n")).startswith(
        "a: delimited text, utf-8, delimiter none, 1 column\n"
    )


def test_explain_says_why_a_file_cannot_be_read(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04 something packed")
    assert "packed" in read.explain(path)


UNKNOWN = """Numéro;Date;Magasin;Note sur 10;Votre avis;Mail;Réponse du magasin
1;03/11/2026 18:00;Lyon;7,5;La file d'attente était interminable;ann@example.org;Merci de votre avis
2;04/11/2026 09:30;Lyon;9;Accueil très chaleureux;bob@example.org;
3;05/11/2026 11:10;Brest;2;Personne ne m'a rappelé au 06 12 34 56 78;zoe@example.org;Nous en sommes désolés
"""


def test_explain_proposes_roles_says_how_sure_it_is_and_shows_rows_as_they_would_be_read(tmp_path):
    path = written(tmp_path / "a.csv", UNKNOWN)
    text = read.explain(path)
    mapping = yaml.safe_load(text[text.index("mapping:") :])["mapping"]
    assert mapping == {
        "text": "Votre avis",
        "id": "Numéro",
        "created_at": {"column": "Date", "first": "?"},
        "timezone": "?",
        "author": "Mail",
        "location": "Magasin",
        "reply": "Réponse du magasin",
        "scores": [{"column": "Note sur 10", "metric": "other", "min": 1, "max": 10}],
        "decimal": "?",
    }
    assert "Votre avis          text: likely, phrases that hardly repeat" in text
    row = "row 2: text Accueil très chaleureux; id 2; created_at 04/11/2026 09:30 (?); location Lyon; other (of 10) 9"
    assert row in text
    answers = {"created_at": {"column": "Date", "first": "day"}, "timezone": "Europe/Paris", "decimal": ","}
    tables = mapped(path, mapping | answers)
    assert [len(tables.comments), len(tables.scores)] == [3, 3]
    assert tables.submissions["created_at"].dt.strftime("%Y-%m-%d %H:%M").to_list()[:2] == [
        "2026-11-03 17:00",
        "2026-11-04 08:30",
    ]


@pytest.mark.parametrize(
    "asked",
    [
        "do dates such as '03/11/2026' in row 1 of 'Date' begin with the day or the month?",
        "in which time zone are the times of 'Date', such as '03/11/2026 18:00'?",
        "does the comma of numbers such as '7,5' in row 1 of 'Note sur 10' mark decimals, or thousands?",
    ],
)
def test_what_the_file_does_not_tell_is_asked_in_the_output_and_on_a_marked_line_of_the_mapping(tmp_path, asked):
    path = written(tmp_path / "a.csv", UNKNOWN)
    assert f"QUESTION: {asked}" in intake.explain([path])
    marked = [line.strip() for line in (tmp_path / "a.mapping.yaml").read_text("utf-8").splitlines()]
    place = next(n for n, line in enumerate(marked) if line.startswith(f"# QUESTION: {asked}"))
    assert marked[place + 1].endswith(': "?"')


def test_a_mapping_with_an_open_question_is_refused_with_its_line_and_read_once_it_is_answered(tmp_path):
    path = written(tmp_path / "a.csv", UNKNOWN)
    intake.explain([path])
    place, out = tmp_path / "a.mapping.yaml", tmp_path / "out.csv"
    text, refused = place.read_text("utf-8"), []
    for key, answer in {"first": "day", "timezone": "Europe/Paris", "decimal": '","'}.items():
        with pytest.raises(FileError, match=r"line \d+: .*write the answer to the question above this line") as error:
            intake.intake([path], out, Steps(), place)
        refused.append(str(error.value).partition(": ")[0])
        text = text.replace(f'{key}: "?"', f"{key}: {answer}")
        place.write_text(text, encoding="utf-8")
    assert len(set(refused)) == 3
    taken = intake.intake([path], out, Steps(), place)
    assert (taken.comments, [r.reason for r in taken.refused]) == (3, [])


def test_a_mapping_without_questions_is_read_and_run_as_it_was_written(tmp_path):
    path = written(
        tmp_path / "a.csv", "n,said,when\n1,The door was shut,2026-11-22\n2,Nobody came to help,2026-11-23\n"
    )
    assert "is written to" in intake.explain([path])
    place = tmp_path / "a.mapping.yaml"
    assert intake.intake([path], tmp_path / "out.csv", Steps(), place).comments == 2
    (tmp_path / "pipelines").mkdir()
    lines = "pipeline: p\ntimezone: Europe/Paris\njourney: j.yaml\nsources:\n  - {name: s, files: a.csv, mapping: M}\n"
    weekly = written(tmp_path / "pipelines/p.yaml", lines.replace("M}", "a.mapping.yaml}"))
    (source,) = pipeline.load(weekly).sources
    assert source.mapping.text == ["said"]
    with pytest.raises(UsageError, match=r"none\.yaml: no such file"):
        pipeline.load(written(weekly, lines.replace("M}", "none.yaml}")))
    with pytest.raises(FileError, match="leaves the workspace"):
        pipeline.load(written(weekly, lines.replace("M}", "../a.yaml}")))


def test_a_mapping_that_is_there_already_is_never_written_over(tmp_path):
    path = written(tmp_path / "a.csv", UNKNOWN)
    place = written(tmp_path / "a.mapping.yaml", "text: Votre avis\n")
    assert "is there already and is left as it is" in intake.explain([path]).replace(", and", " and")
    assert place.read_text("utf-8") == "text: Votre avis\n"
    other = tmp_path / "other.yaml"
    assert f"written to {other}" in intake.explain([path], other)
    assert f"{other} is there already, as proposed" in intake.explain([path], other)
    with pytest.raises(UsageError, match="one mapping file for several exports"):
        intake.explain([path, path], tmp_path / "third.yaml")


def test_a_folder_that_cannot_be_written_is_told_and_the_file_explained_all_the_same(tmp_path):
    said = intake.explain([written(tmp_path / "a.csv", UNKNOWN)], tmp_path / "none" / "a.yaml")
    assert "What they seem to be:" in said
    assert "is not written to" in said


def test_mappings_beside_exports_are_no_exports(tmp_path):
    written(tmp_path / "a.csv", UNKNOWN)
    intake.explain([tmp_path])
    assert [path.name for path in read.inside([tmp_path])] == ["a.csv"]
    source = pipeline.Source(name="s", files=["*"])
    assert [path.name for path in pipeline.files_of(source, tmp_path)] == ["a.csv"]


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), value=st.text(max_size=30))
def test_any_heading_stands_in_the_mapping_as_it_is(name, value):
    asked = [draft.Question("timezone", f"in which zone is {value!r}?\n{value}", "its name")]
    found = draft.Draft([Proposed("text", name, "sure", "x"), Proposed("id", name, "sure", "x")], [], asked)
    read_back = yaml.safe_load(draft.file_text(f"{value}.csv", found))
    assert read_back == {"text": name, "id": name, "timezone": "?"}


@pytest.mark.parametrize(
    ("decimal", "numbers"),
    [(",", [4.5, 1000, None, 9]), (".", [None, 1, 4.5, 9]), (None, [4.5, 1, 4.5, 9])],
)
def test_the_mark_of_decimals_is_what_the_mapping_says(tmp_path, decimal, numbers):
    path = written(tmp_path / "a.csv", "text;n\na;4,5\nb;1.000\nc;4.5\nd;9 of 10\n")
    score = {"column": "n", "metric": "other", "min": 0, "max": 2000 if decimal == "," else 10}
    tables = mapped(path, {"text": "text", "scores": [score], "decimal": decimal})
    assert list(tables.scores["score_raw"]) == [n for n in numbers if n is not None]


@pytest.mark.parametrize(("first", "month"), [("day", 11), ("month", 3)])
def test_what_dates_begin_with_is_what_the_mapping_says(tmp_path, first, month):
    path = written(tmp_path / "a.csv", "text,on\na,03/11/2026\nb,03/11/2026 18:00\n")
    tables = mapped(path, {"text": "text", "created_at": {"column": "on", "first": first}})
    assert set(tables.submissions["created_at"].dt.month) == {month}
    assert len(tables.rejects) == 0


def test_explain_shows_nobody_who_wrote(tmp_path):
    rows = "7,Ann Onym,@ann_o,The door was shut for an hour,Le Havre\n8,Bob Example,@bobby,Nobody came to help,Brest\n"
    path = written(tmp_path / "a.csv", "n,Prénom et nom,compte,avis,ville\n" + rows)
    text = read.explain(path)
    assert [who for who in ("Ann", "Onym", "ann_o", "Bob", "bobby") if who in text] == []
    assert text.count("(not shown)") == 2
    assert "Le Havre" in text


def test_answers_that_say_that_nobody_answered_are_proposed_as_missing(tmp_path):
    rows = ["Did not answer", "Did not answer", "The door was shut for an hour", "Nobody came to help us"]
    path = written(tmp_path / "a.csv", "n,said\n" + "".join(f"{n},{text}\n" for n, text in enumerate(rows)))
    text = read.explain(path)
    mapping = yaml.safe_load(text[text.index("mapping:") :])["mapping"]
    assert mapping["missing"] == ["Did not answer"]
    assert len(mapped(path, mapping).comments) == 2


def test_flags_are_no_places_and_titles_go_before_their_text(tmp_path):
    head = "Titre,Commentaire,Service location,Store\n"
    rows = [
        "Une belle soirée,Le son était vraiment parfait ce soir,1.0,Lyon",
        "Trop de monde,La file au bar était interminable,1.0,Brest",
    ]
    text = read.explain(written(tmp_path / "a.csv", head + "\n".join(rows) + "\n"))
    mapping = yaml.safe_load(text[text.index("mapping:") :])["mapping"]
    assert mapping == {"text": "Commentaire", "title": "Titre", "location": "Store"}


def test_a_file_without_a_header_is_offered_no_mapping_that_names_people(tmp_path):
    text = read.explain(written(tmp_path / "a.csv", "ann@example.org,The door was shut\nbob@example.org,Slow\n"))
    assert "header seems to be missing" in text
    assert "@" not in text


def test_a_known_export_shows_its_first_rows_and_asks_too(tmp_path):
    text = read.explain(CASES / "trustpilot/reviews.csv")
    assert "row 3: title Parfait; id 653f3; created_at 2026-11-05 07:00; language fr; stars (of 5) 5" in text
    head = "Horodateur,Qu'avez-vous pensé de la soirée ?\n"
    rows = "03/11/2026 18:00:00,La file était interminable\n04/11/2026 18:00:00,Un accueil très chaleureux\n"
    said = read.explain(written(tmp_path / "a.csv", head + rows))
    assert "QUESTION: do dates such as '03/11/2026'" in said
    assert "QUESTION: in which time zone" in said


@pytest.mark.parametrize("planted", ["ann@example.org", "06 12 34 56 78"])
def test_explain_shows_no_contact_data_in_its_rows(tmp_path, planted):
    text = read.explain(written(tmp_path / "a.csv", UNKNOWN))
    assert planted not in text[text.index("The first rows") :]


ANSWERS = [
    ("1", "La file était longue et personne ne nous a aidés ce soir", "4", "12/03/1980"),
    ("2", "Très bon accueil, on reviendra avec plaisir l'an prochain", "5", "01/04/1975"),
    ("3", "Le site plante au moment de payer, deux fois de suite", "1", "13/05/1990"),
]


@pytest.mark.parametrize(
    ("heading", "score", "birth"),
    [
        ("Réponse", "Satisfaction client", "Date de naissance"),
        ("Response", "Customer satisfaction", "Date of birth"),
        ("Your response", "App rating", "Birth date"),
    ],
)
def test_answers_are_no_replies_scores_no_people_and_birth_dates_no_times(tmp_path, heading, score, birth):
    lines = [f"Number,{heading},{score},{birth}", *(f'{n},"{said}",{given},{day}' for n, said, given, day in ANSWERS)]
    text = read.explain(written(tmp_path / "a.csv", "\n".join(lines)))
    mapping = yaml.safe_load(text[text.index("mapping:") :])["mapping"]
    assert {**mapping, "scores": [one["column"] for one in mapping["scores"]]} == {
        "text": heading, "id": "Number", "scores": [score],
    }  # fmt: skip
    assert "1980" not in text[text.index("The first rows") :]


def test_an_answer_of_the_company_is_a_reply(tmp_path):
    rows = "\n".join(f'"{said}","Dear guest, we are sorry to hear that {n}"' for n, said, *_ in ANSWERS)
    text = read.explain(written(tmp_path / "a.csv", f"Review,Company response\n{rows}"))
    mapping = yaml.safe_load(text[text.index("mapping:") :])["mapping"]
    assert (mapping["text"], mapping["reply"]) == ("Review", "Company response")
