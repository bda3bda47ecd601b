"""Runs over real data, which lies beside the checkout and not in it; without it these tests are skipped."""

import shutil
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from feedback import check, journey, pipeline, stats, store
from feedback import run as line

REAL = Path(__file__).parent / "real"
DATASETS = Path(__file__).parents[2] / "shared" / "datasets"
FILES = {
    "garden": DATASETS / "nps_jardinerie_fr" / "nps_utf8.csv",
    "garden-raw": DATASETS / "nps_jardinerie_fr" / "nps_raw_latin1.csv",
    "watch-app": DATASETS / "minibar_app_reviews_en_fr" / "classification.csv",
    "hospital": DATASETS / "nhs_fft_themes_en" / "clean_themes.csv",
}
SAMPLE = 400
# Words that leave no doubt, and the touchpoints that a reader would name for them.
PLAIN = {
    "garden": [(r"\bprix\b|\bch[eè]re?s?\b|tarif", {"price", "price-labels"}), (r"carte|fid[eé]lit", {"loyalty"})],
    "watch-app": [(r"sleep|sommeil", {"sleep"}), (r"synchro|\bsync", {"sync", "integrations"})],
    "hospital": [(r"paramedic|\bcrew\b", {"ambulance-crew"}), (r"\bdrivers?\b", {"drivers", "transport-times"})],
}
needs_data = pytest.mark.skipif(
    not all(path.is_file() for path in FILES.values()),
    reason="the data sets are not in ../shared/datasets beside the checkout",
)


@pytest.mark.parametrize("name", FILES)
def test_files_load_and_are_named_in_both_languages(name):
    settings = pipeline.load(REAL / "pipelines" / f"{name}.yaml")
    steps = journey.load(REAL / settings.journey)
    assert list(check.lacking(steps, ("en", "fr"))) == []
    assert all(point.description and point.examples and point.terms for _, point in steps.targets())


def workspace(folder: Path, name: str) -> tuple[Path, Path]:
    """A workspace with the real journeys and pipelines, and the place of the pipeline's only file."""
    shutil.copytree(REAL, folder, dirs_exist_ok=True)
    source = pipeline.load(folder / "pipelines" / f"{name}.yaml").sources[0]
    inbox = folder / source.files[0]
    inbox.parent.mkdir(parents=True)
    return folder, inbox


@cache
def sample(name: str) -> pd.DataFrame:
    """Rows spread over the whole file: its first ones are of one shop, app or service only."""
    rows = pd.read_csv(FILES[name], dtype=str, keep_default_na=False)
    return rows.iloc[:: len(rows) // SAMPLE].head(SAMPLE)


@pytest.fixture(scope="module", params=PLAIN)
def run(request, tmp_path_factory):
    """The name of a pipeline, its workspace after a run over a sample, and the stored tables."""
    name = request.param
    root, inbox = workspace(tmp_path_factory.mktemp(name), name)
    sample(name).to_csv(inbox, index=False)
    line.run(root / "pipelines" / f"{name}.yaml", everything=True)
    stored = store.current(root, "all")
    assert stored is not None
    return name, root, stored.tables()


@needs_data
def test_every_row_is_a_submission_or_a_reject(run):
    name, _, tables = run
    settings = pipeline.load(REAL / "pipelines" / f"{name}.yaml")
    text = sample(name)[settings.sources[0].mapping.text[0]].str.strip()
    assert len(tables["submissions"]) + tables["rejects"]["row"].notna().sum() == SAMPLE
    # "RAS", "…" and the like may be no comment; a fifth of the answers is not.
    assert 0.8 * (text != "").sum() <= len(tables["comments"]) <= (text != "").sum()


@needs_data
def test_tags_are_the_journeys_own_and_most_segments_get_one(run):
    name, root, tables = run
    points = {point.id for _, point in journey.load(root / "data" / "journeys" / f"{name}.yaml").targets()}
    segments = tables["segments"]
    assert set(segments["touchpoint"].dropna()) <= points
    assert segments["touchpoint"].nunique() >= len(points) / 2
    assert (segments["assignment"] == "unassigned").mean() < 0.5


@needs_data
def test_plain_words_lead_to_their_touchpoint(run):
    name, _, tables = run
    segments = tables["segments"]
    for words, points in PLAIN[name]:
        said = segments[segments["text"].str.contains(words, case=False, na=False)]
        assert len(said) >= 6, f"the sample hardly mentions {words}"
        assert said["touchpoint"].isin(points).mean() >= 0.6, f"{words}: {said['touchpoint'].value_counts().to_dict()}"


@needs_data
def test_there_is_a_report_in_each_language(run):
    name, root, _ = run
    settings = pipeline.load(root / "pipelines" / f"{name}.yaml")
    pages = list((root / "reports").rglob("*.html"))
    assert len(pages) >= len(settings.report.languages)
    assert all("<h1" in page.read_text(encoding="utf-8") for page in pages)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """All submissions, scores, comments and rejects of a pipeline's file, before any cleaning, by name."""
    return cache(lambda name: read_whole(name, tmp_path_factory.mktemp(name)))


def read_whole(name: str, folder: Path) -> tuple[pd.DataFrame, ...]:
    from feedback import read

    root, inbox = workspace(folder, name)
    inbox.symlink_to(FILES[name])
    source = pipeline.load(root / "pipelines" / f"{name}.yaml").sources[0]
    batches = list(read.read(source, pipeline.files_of(source, root), root=root))
    return tuple(pd.concat(tables, ignore_index=True) for tables in zip(*batches, strict=True))


@needs_data
@pytest.mark.parametrize("name", ["garden", "garden-raw"])
def test_nps_of_the_survey_counts_every_answer(name, whole):
    submissions, scores, _, rejects = whole(name)
    assert (len(submissions), len(rejects)) == (13_954, 0)
    nps = stats.metrics(scores, submissions).set_index("metric").loc["nps"]
    assert nps["n"] == 13_612
    assert nps["value"] == pytest.approx(53.4, abs=0.05)
    # Those who wrote something are the less content ones; their NPS must not stand for all.
    assert nps["value_text"] == pytest.approx(39, abs=1)


@needs_data
def test_damaged_letters_of_the_raw_survey_are_repaired(whole):
    repaired, raw = whole("garden")[2], whole("garden-raw")[2]
    both = repaired.merge(raw, on=["submission_id", "field_id"], how="outer", suffixes=("", "_raw"))
    assert len(both) >= 3_700
    assert (both["text"] == both["text_raw"]).mean() >= 0.99
