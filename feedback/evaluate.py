"""How often the tags are right: a gold file's labels met with the tags of the same texts, span by span."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from feedback import accuracy, record, run, seal, tables
from feedback import journey as journeys
from feedback.card import Card, Figure, GoldUsed, Label, Point, journey_used
from feedback.errors import FileError, UsageError, nearest
from feedback.journey import Journey
from feedback.tables import SENTIMENTS
from feedback.tag import line_for

NEEDED = ("comment_id", "text", "touchpoint")
OPTIONAL = ("start", "end", "language", "stage", "sentiment", "annotator", "touchpoint_2", "sentiment_2", "annotator_2")
SCHEMA = "see `feedback schema gold`"
_TEXT = dict.fromkeys(("comment_id", "text", "touchpoint", *OPTIONAL[2:]), "str")
_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": lambda path: pd.read_csv(path, dtype=_TEXT, keep_default_na=False, na_values={"start": "", "end": ""}),
    ".jsonl": lambda path: pd.read_json(path, lines=True, dtype=False),
    ".parquet": pd.read_parquet,
}
PAIRS = 8  # lines on the terminal; card.json has all
TAGS = ["assignment", "likeliest", "probability", "p_negative", "p_neutral", "p_positive"]
WORDED = {
    "right": "right among the assigned",
    "coverage": "assigned where people name a touchpoint",
    "general": "general found",
    "sentiment": "sentiment right",
    "macro_f1": "macro-F1",
}


def evaluate(gold: Path, journey: Path, steps: run.Steps, pipeline: Path | None = None) -> Card:
    """Tag the texts of a gold file as a pipeline does, or else with every default, and compare.

    Raises UsageError or FileError when a file is unfit.
    """
    read = journeys.load(journey)
    labels = read_gold(gold, [*(target.id for _, target in read.targets()), *journeys.RESERVED])
    line, spacy = steps("load models", _line, journey, pipeline, read)
    spans = tagged(labels, read, line, steps)
    return Card(
        measured=datetime.now(UTC).date(),
        gold=_used(gold, labels),
        journey=journey_used(read),
        models=record.models(line, spacy),
        thresholds=line.thresholds._asdict(),
        **accuracy.figures(spans, read, line.thresholds),
    )


def journey_file(journey: Path | None, pipeline: Path | None) -> Path:
    """The journey file that is named, else that of the pipeline. Raises UsageError when neither is."""
    if journey is not None:
        return journey
    if pipeline is None:
        raise UsageError("--journey is missing", remedy="name the journey file, or a pipeline with --pipeline")
    root, settings, _ = run.prepare(pipeline)
    return root / settings.journey


def _line(journey: Path, pipeline: Path | None, read: Journey) -> tuple[run.Line, dict[str, str]]:
    """What tags, and its spaCy models under the names that runs have for them."""
    if pipeline is not None:
        root, settings, _ = run.prepare(pipeline)
        line = run.load_line(settings, read, root)
        return line, {code: settings.spacy[code] for code in settings.languages}
    line = line_for(journey)
    return line, line.spacy


def tagged(labels: pd.DataFrame, journey: Journey, line: run.Line, steps: run.Steps) -> pd.DataFrame:
    """The labelled spans with the tags that their texts get, as `accuracy` takes them."""
    texts = labels.sort_values(["text", "language"]).drop_duplicates("text").reset_index(drop=True)
    keys = [f"{i:08d}" for i in range(len(texts))]
    raw = tables.of_texts(texts["text"].set_axis(keys), "gold", texts["language"])
    parts = [run.tag(part, line, steps) for part in run.batches(raw)]
    stored = pd.concat([part.tables.comments for part in parts]).set_index("comment_id")["text"]
    labels = labels.assign(comment=labels["text"].map(pd.Series(keys, index=texts["text"])))
    labels = _moved(labels, labels["comment"].map(stored).fillna(""))
    segments = pd.concat([part.segments for part in parts], ignore_index=True)
    p = np.concatenate([part.probabilities for part in parts])
    points = np.array([target.id for _, target in journey.targets()], dtype=object)
    segments = segments.assign(likeliest=points[np.nan_to_num(p).argmax(axis=1)], probability=p.max(axis=1))
    return _matched(_staged(labels, journey), segments)


def _used(gold: Path, labels: pd.DataFrame) -> GoldUsed:
    people = {*labels["annotator"].dropna(), *labels["annotator_2"].dropna()} - {""}
    return GoldUsed(
        file=gold.name,
        sha256=seal.digest(gold),
        spans=len(labels),
        comments=int(labels["text"].nunique()),
        languages={str(code): int(n) for code, n in labels["language"].value_counts().sort_index().items()},
        annotators=sorted(map(str, people)),
    )


def _staged(labels: pd.DataFrame, journey: Journey) -> pd.DataFrame:
    """The labels with the stage of their touchpoint; where that is none, the stage that people gave, if it is known."""
    stage_of = {target.id: stage.id for stage, target in journey.targets()}
    known = labels["stage"].where(labels["stage"].isin([stage.id for stage in journey.stages]))
    return labels.assign(stage=labels["touchpoint"].map(stage_of).fillna(known).astype("str"))


def read_gold(path: Path, known: Sequence[str]) -> pd.DataFrame:
    """The rows of a gold file, each with its span in code points; `known` are the touchpoints that may be named.

    Raises UsageError when it does not exist, FileError with the row when it breaks the contract.
    """
    if not path.is_file():
        raise UsageError("no such file", got=path, remedy="check the path")
    if path.suffix not in _READERS:
        raise UsageError("unknown kind of gold file", got=path.name, allowed=_READERS)
    try:
        table = _READERS[path.suffix](path)
    except (ValueError, OSError) as error:
        raise FileError(f"the file cannot be read: {error}", where=str(path), remedy=SCHEMA) from None
    missing = [c for c in NEEDED if c not in table]
    if missing:
        allowed = ", ".join(map(str, table.columns))
        raise FileError(f"the column {missing[0]!r} is missing", where=str(path), got=allowed, remedy=SCHEMA)
    if table.empty:
        raise FileError("no row is labelled", where=str(path), remedy=SCHEMA)
    return _checked(table, path, known)


def _checked(table: pd.DataFrame, path: Path, known: Sequence[str]) -> pd.DataFrame:
    table = table.reindex(columns=list(dict.fromkeys([*NEEDED, *OPTIONAL, *table.columns]))).reset_index(drop=True)
    text = table["text"].astype("str").fillna("")
    _refuse(path, text, text != "", "no text")
    _refuse(path, table["touchpoint"], table["touchpoint"].isin(known), "unknown touchpoint", known)
    for name, allowed in (("touchpoint_2", known), ("sentiment", SENTIMENTS), ("sentiment_2", SENTIMENTS)):
        fine = table[name].astype("str").fillna("").isin(["", *allowed])
        _refuse(path, table[name], fine, f"unknown {name}", allowed)
    whole = table["start"].isna() & table["end"].isna()
    start = pd.to_numeric(table["start"].mask(whole, 0), errors="coerce").astype("float64")
    end = pd.to_numeric(table["end"].mask(whole, text.str.len()), errors="coerce").astype("float64")
    spans = table["start"].astype("str") + " to " + table["end"].astype("str")
    _refuse(path, spans, (start >= 0) & (start < end) & (end <= text.str.len()), "this span is none of the text")
    blank = {name: table[name].astype("str").replace("", None) for name in OPTIONAL[2:]}
    return table.assign(text=text, start=start.astype("int64"), end=end.astype("int64"), **blank)


def _refuse(path: Path, values: pd.Series, fine: pd.Series, what: str, allowed: Sequence[str] = ()) -> None:
    """Raise FileError for the first value that is not fine."""
    if not fine.all():
        row = int(fine.argmin())
        got = str(values.iloc[row])
        where = f"{path}, row {row + 1}"
        raise FileError(what, where=where, got=got, allowed=allowed, remedy=nearest(got, allowed) or SCHEMA)


def _moved(labels: pd.DataFrame, stored: pd.Series) -> pd.DataFrame:
    """The labels with start and end in the text as it is stored, repaired and redacted; empty where nothing is left."""
    spans = zip(labels["text"], stored, labels["start"], labels["end"], strict=True)
    starts, ends = zip(*(_place(*span) for span in spans), strict=True)
    return labels.assign(start=starts, end=ends)


def _place(raw: str, stored: str, start: int, end: int) -> tuple[int, int]:
    """A span of one text in the other, aligned by the fewest edits; where it touches a change it takes all of it."""
    from rapidfuzz.distance import Levenshtein

    kept = Levenshtein.opcodes(raw, stored).as_matching_blocks()
    first = max((b + min(start - a, size) for a, b, size in kept if a <= start), default=0)
    return first, min(b + max(end - a, 0) for a, b, size in kept if a + size >= end)


def _matched(labels: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Each labelled span with the tags of the segment that it shares most with; unassigned where it shares none.

    Adds given, stage_given and sentiment_given; of a stage that has no touchpoints the stage itself is given.
    """
    spans = labels.reset_index(drop=True).reset_index(names="span")
    pairs = spans.merge(segments, left_on="comment", right_on="comment_id", suffixes=("", "_given"), how="left")
    low, high = pairs[["start", "start_given"]].max(axis=1), pairs[["end", "end_given"]].min(axis=1)
    pairs["shared"] = (high - low).astype("float64").fillna(0)
    best = pairs.sort_values(["span", "shared", "start_given"], ascending=[True, False, True]).drop_duplicates("span")
    best = best.reset_index(drop=True)
    tags = [*TAGS, "stage_given", "sentiment_given", "touchpoint_given"]
    best[tags] = best[tags].where(best["shared"] > 0)
    given = best["touchpoint_given"].where(best["assignment"] == "touchpoint", best["assignment"])
    whole_stage = (given == "stage") & (best["stage_given"] == best["likeliest"])
    given = given.mask(whole_stage, best["stage_given"])
    return best.assign(given=given.where(given != "stage", "unassigned").fillna("unassigned"))


def as_text(card: Card) -> str:
    """The card as lines for the terminal."""
    everything = card.groups[0]
    lines = [f"{card.gold.file}: {card.gold.spans:,} labelled spans", ""]
    lines += [f"{label.id:<28} n {label.n:>4}  {_marks(label)}" for label in card.touchpoints]
    macro = everything.macro_f1
    lines += ["", f"macro-F1 over {macro.n} touchpoints: {_number(macro.value):.3f}"]
    for group in card.groups:
        shares = [(WORDED[name], getattr(group, name)) for name in accuracy.SHARES]
        lines += [f"{said}, {group.language}: {_interval(figure)}, n = {figure.n}" for said, figure in shares]
    return "\n".join([*lines, "", *_further(card)])


def _further(card: Card) -> Iterator[str]:
    """What the page shows beside: stages, languages, confusions, risk and calibration, agreement."""
    for label in card.stages:
        yield f"stage {label.id}: n {label.n}, {_marks(label)}"
    for group in card.groups:
        yield f"macro-F1, {group.language}: {_interval(group.macro_f1)}"
    for d in card.differences:
        ends = f"{_number(d.value):+.3f} [{_number(d.low):+.3f} to {_number(d.high):+.3f}]"
        yield f"{WORDED[d.figure]}, {d.first} less {d.second}: {ends}"
    for fate in card.fates:
        became = f"right {fate.right}, wrong {fate.wrong}, stage only {fate.stage}"
        yield f"{fate.said} by people, {fate.n}: {became}, general {fate.general}, unassigned {fate.unassigned}"
    for pair in card.confused[:PAIRS]:
        verdict = "worth merging or telling apart" if pair.merge else "may be chance"
        taken = f"{sum(pair.taken)} of {pair.share.n} taken for one another"
        yield f"{pair.first} and {pair.second}: {taken}, {_interval(pair.share)}: {verdict}"
    found = card.risk_coverage
    yield f"area under the risk-coverage curve: {_number(found.area):.3f}"
    yield f"now {_reached(found.now)}"
    yield f"risk of at most {found.limit:.2f}: {_reached(found.within) if found.within else 'no threshold keeps it'}"
    for part in card.reliability:
        yield f"calibration error, {part.of}: {_number(part.error):.3f} (chance {_number(part.chance):.3f})"
    for agreed in card.agreement:
        for who, pair_of in (("people", agreed.people), ("tagger", agreed.tagger)):
            alpha = f"alpha {_number(pair_of.alpha):.2f}, {pair_of.share.n} spans"
            yield f"agreement on {agreed.on}, {who}: kappa {_interval(pair_of.kappa, 2)}, {alpha}"


def _reached(point: Point) -> str:
    risk, coverage = _number(point.risk), _number(point.coverage)
    return f"threshold {_number(point.threshold):.3f}, risk {risk:.3f}, coverage {coverage:.3f}"


def _marks(label: Label) -> str:
    shares = (("precision", label.precision), ("recall", label.recall), ("F1", label.f1))
    return "  ".join(f"{name} {_number(figure.value):5.2f}" for name, figure in shares)


def _interval(figure: Figure, digits: int = 3) -> str:
    value, low, high = (f"{_number(x):.{digits}f}" for x in (figure.value, figure.low, figure.high))
    return f"{value} [{low} to {high}]"


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
