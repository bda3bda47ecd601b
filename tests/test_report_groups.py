"""No figure is of a persona, a place, a product or a channel, so none can single out the few customers of one.

Whoever adds such a figure has to leave out groups under `thresholds.min_count`, and to say so here.
"""

import pytest
from golden import factory

from feedback.export import export, targets
from feedback.journey import Persona
from feedback.report import Results, render

GROUPS = {
    "persona": "groupe-timide",
    "product": "Strapontin Rare",
    "location": "Quimperlé Minuscule",
    "channel": "borne-isolée",
}


@pytest.fixture(scope="module")
def results() -> Results:
    """A week in which two customers have each group for themselves, and the journey names the persona."""
    made = factory.results()
    people = made.tables["submissions"].copy()
    for column, value in GROUPS.items():
        people[column] = people[column].astype("object")
        people.loc[people.index[:2], column] = value
    persona = Persona(id=GROUPS["persona"], name="Persona Introuvable", when={"product": ["strapontin"]})
    journey = made.journey.model_copy(update={"personas": [persona]})
    return made._replace(
        tables={**made.tables, "submissions": people.astype(dict.fromkeys(GROUPS, "str"))}, journey=journey
    )


def named(text: str) -> list[str]:
    return [group for group in (*GROUPS.values(), "Persona Introuvable") if group in text]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_report_names_no_persona_place_product_or_channel(results, language):
    assert named(render(results, language)) == []


@pytest.mark.parametrize("target", ["csv", "mermaid"])
def test_only_the_table_of_submissions_holds_them_in_exports(results, tmp_path, target):
    assert target in targets()
    paths = export(target, results, tmp_path)
    assert paths
    holding = {path.stem for path in paths if named(path.read_text("utf-8"))}
    assert holding == ({"submissions"} if target == "csv" else set())


def test_tables_of_figures_have_no_column_of_a_group(results):
    for name in ("friction", "topics"):
        assert GROUPS.keys().isdisjoint(results.tables[name].columns)
