"""`feedback tag`: tag the comments of one file and write them with their tags, row by row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from feedback import head, parse, privacy, read, run, sentiment, tables, workspace
from feedback import journey as journeys
from feedback.errors import ReadError, UsageError, nearest
from feedback.export import file
from feedback.export.guard import FREE_TEXT
from feedback.pipeline import Pipeline, Source
from feedback.read.assemble import rejects_of, unread
from feedback.read.cells import safe
from feedback.read.format import lacking
from feedback.tables import Tables

LEVELS = ("segment", "comment")
COMMENT_COLUMNS = (
    "comment_id", "language", "sentiment", "sentiment_score", "p_negative", "p_neutral", "p_positive", "assignment",
    "stage", "touchpoint", "touchpoint_confidence", "touchpoints",
)  # fmt: skip
CARRIED = "carried "
PROSE = 5  # words in one cell that show that people write freely in its column


class Written(NamedTuple):
    """How many rows were written, and how many records of the file could not be read."""

    rows: int
    unread: int


def tag(
    source: Path,
    journey: Path,
    out: Path,
    *,
    text: str | None = None,
    identifier: str | None = None,
    keep: Sequence[str] = (),
    level: str = "segment",
    scores: bool = False,
    steps: run.Steps | None = None,
) -> Written:
    """Tag a file and write OUT; returns how many rows were written.

    With `text`, every data row of any table is tagged, in order; `identifier` names the column carried as
    comment_id. Without, the file is read as a known export. `keep` names columns to carry along (`all`: all).
    Raises UsageError for a column, level or suffix that does not exist, ReadError when the file cannot be read.
    """
    _check(source, out, text, identifier, level)
    steps = steps or run.Steps()
    if text is not None:
        carried, raw = steps("read", _plain_rows, source, text, identifier, keep)
    else:
        raw = steps("read", _export_rows, source, keep)
    line = steps("load models", line_for, journey)
    parts = [_tagged(batch, line, level, scores, steps) for batch in run.batches(raw)]
    table = pd.concat([tags for tags, _ in parts], ignore_index=True)
    stored = pd.concat([comments for _, comments in parts]).set_index("comment_id", drop=False)
    if text is None:
        carried = _carried(stored, raw.comments["comment_id"], keep)
    elif (own := f"{CARRIED}{text}") in carried:
        carried[own] = stored["text"].reindex(carried.index).fillna(carried[own])
    result = _ordered(table, carried, level)
    steps("write", _write, result, out, _free_text(result, carried, known=text is None))
    return Written(len(result), int(unread(raw.rejects)["row"].notna().sum()))


def _check(source: Path, out: Path, text: str | None, identifier: str | None, level: str) -> None:
    if identifier is not None and text is None:
        remedy = "name the column of the comments with --text too, or leave --id out"
        raise UsageError("--id needs --text", got=identifier, remedy=remedy)
    workspace.destination(out, [source])
    if level not in LEVELS:
        raise UsageError("unknown level", got=level, allowed=LEVELS)
    if not source.is_file():
        raise UsageError("no such file", got=source, remedy="check the path")


def line_for(path: Path) -> run.Line:
    """The line with every default, outside any workspace: nothing is stored but OUT."""
    journey = journeys.load(path)
    pipeline = Pipeline(pipeline="tag", timezone="UTC", journey=str(path), sources=[Source(name="tag", files=[])])
    parse.check(pipeline.spacy)
    return run.load_line(pipeline, journey, None)


def _plain_rows(path: Path, text: str, identifier: str | None, keep: Sequence[str]) -> tuple[pd.DataFrame, Tables]:
    """Each data row as a comment of its own, a broken row as one without text; and the columns carried along.

    The first column carried is comment_id, the index the row's number in the file.
    """
    try:
        parts = list(read.open_file(path).cells(None))
    except ReadError as error:
        what = f"the file cannot be read as a table: {error.what}"
        raise ReadError(what, where=path.name, remedy=error.remedy) from None
    refused = [r for part in parts for r in part.refused if r.row is not None]
    cells = pd.concat([part.table for part in parts])
    cells = cells.reindex(sorted({*cells.index, *(r.row for r in refused)}))
    for name in (text, *([identifier] if identifier else []), *(k for k in keep if k != "all")):
        if name not in cells:
            raise lacking(UsageError, "no such column", name, cells.columns, where=path.name)
    cells = cells.map(safe, na_action="ignore")
    keys = [f"{row:010d}" for row in cells.index]  # sort as the rows do
    numbers = pd.Series(cells.index.astype("str"), index=cells.index, dtype="str")
    carried = pd.DataFrame({"comment_id": cells[identifier].fillna("") if identifier else numbers})
    kept = cells.columns if "all" in keep else list(dict.fromkeys(keep))
    carried = pd.concat([carried, _redacted(cells[kept], text).add_prefix(CARRIED)], axis=1)
    raw = tables.of_texts(cells[text].fillna("").set_axis(keys), "tag")
    return carried.set_axis(keys), raw._replace(rejects=rejects_of(refused, path.name))


def _redacted(cells: pd.DataFrame, text: str) -> pd.DataFrame:
    """The columns to carry along; those that people write freely in are redacted by patterns, the text itself later."""
    free = [name for name in cells if name != text and (cells[name].str.count(r"\S+") >= PROSE).any()]
    known = {text: privacy.redact_text(text) for name in free for text in cells[name].dropna().unique()}
    return cells.assign(**{str(name): cells[name].map(known, na_action="ignore").astype("str") for name in free})


def _export_rows(path: Path, keep: Sequence[str]) -> Tables:
    """The tables of a known export, whose comments must have the columns to keep."""
    if read.recognise(path) is None:
        remedy = "name its text column with --text, or see `feedback read FILE --explain`"
        raise ReadError("the format is not recognised", where=path.name, remedy=remedy)
    names = list(tables.COMMENTS.columns)
    for name in keep:
        if name not in (*names, "all"):
            raise UsageError("no such column", got=name, allowed=names, remedy=nearest(name, names))
    return Tables(*(pd.concat(part, ignore_index=True) for part in zip(*read.read_any([path]), strict=True)))


def _carried(stored: pd.DataFrame, order: pd.Series[str], keep: Sequence[str]) -> pd.DataFrame:
    """The comments that reading keeps, in the order of reading, with the columns of theirs carried along, redacted."""
    comments = tables.conform(stored, tables.COMMENTS).set_index("comment_id", drop=False)
    comments = comments.loc[pd.Index(order[order.isin(comments.index)])]
    chosen = list(comments.columns) if "all" in keep else list(dict.fromkeys(keep))
    kept = comments[[name for name in chosen if name != "comment_id"]].add_prefix(CARRIED)
    return pd.concat([comments[["comment_id"]], kept], axis=1)


def _tagged(
    raw: Tables, line: run.Line, level: str, scores: bool, steps: run.Steps
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A batch's segments, or its comments, with their tags; and its comments as they may be stored."""
    tagged = run.tag(raw, line, steps)
    segments, points = tagged.segments, line.targets.ids[:-1]
    p = pd.DataFrame(tagged.probabilities, columns=[f"score:{t}" for t in points], index=segments.index)
    if level == "segment":
        table = tables.conform(segments, tables.SEGMENTS)
        table = pd.concat([table, p], axis=1) if scores else table
    else:
        table = steps("comments", _comments, tagged, line)
        if scores:
            best = p.groupby(segments["comment_id"]).max()
            table = table.merge(best, left_on="comment_id", right_index=True, how="left")
    return table, tagged.tables.comments


def _comments(tagged: run.Tagged, line: run.Line) -> pd.DataFrame:
    """One row per comment: its sentiment from its whole text, its touchpoints from its segments."""
    comments, segments = tagged.tables.comments.reset_index(drop=True), tagged.segments
    first = segments.reset_index().drop_duplicates("comment_id").set_index("comment_id")
    first = first.loc[comments["comment_id"]]
    encoded = tagged.encoded.at(first["index"].to_numpy())
    several = (first["text"].to_numpy() != comments["text"].to_numpy()).astype(bool)
    if several.any():
        whole = line.encoder.encode(comments.loc[several, "text"].tolist())
        encoded.vectors[several], encoded.logits[several] = whole
    table = sentiment.score(comments[["comment_id", "language", "text"]], encoded, line.sentiment)
    found = _touchpoints(segments, tagged.probabilities, line)
    return table.merge(found, on="comment_id", how="left")[list(COMMENT_COLUMNS)]


def _touchpoints(segments: pd.DataFrame, p: head.Probabilities, line: run.Line) -> pd.DataFrame:
    """What each comment speaks of: its touchpoints, else its stage, else praise or blame of the whole."""
    listed = _listed(segments, p, line)
    found = pd.DataFrame({"comment_id": segments["comment_id"].drop_duplicates()})
    lists = [listed.get(comment, []) for comment in found["comment_id"]]
    by_comment = segments.assign(best=p.max(axis=1, initial=0)).groupby("comment_id", sort=False)
    stages = segments[segments["assignment"] == "stage"].drop_duplicates("comment_id").set_index("comment_id")["stage"]
    general = by_comment["assignment"].agg(lambda kinds: "general" in set(kinds)).reindex(found["comment_id"])
    stage_of = found["comment_id"].map(stages).astype("str")
    on_point = np.array([bool(entries) for entries in lists], dtype=bool)
    own = np.array([bool(e) and e[0]["touchpoint"] == e[0]["stage"] for e in lists], dtype=bool)
    first = pd.DataFrame([e[0] if e else {} for e in lists], columns=["stage", "touchpoint"], index=found.index)
    first = first.astype("str")
    return found.assign(
        assignment=np.select(
            [own, on_point, stage_of.notna(), general.to_numpy(dtype=bool)],
            ["stage", "touchpoint", "stage", "general"],
            "unassigned",
        ),
        stage=first["stage"].fillna(stage_of),
        touchpoint=first["touchpoint"].mask(own),
        touchpoint_confidence=by_comment["best"].max().reindex(found["comment_id"]).to_numpy(),
        touchpoints=[json.dumps(e, ensure_ascii=False) for e in lists],
    )


def _listed(segments: pd.DataFrame, p: head.Probabilities, line: run.Line) -> dict[str, list[dict[str, object]]]:
    """Every touchpoint at or above the threshold by comment, by its surest segment, highest first, ties by id.

    A segment whose likeliest touchpoint was not given has none.
    """
    likeliest = np.array(line.targets.ids)[np.nan_to_num(p).argmax(axis=1)]
    given = (segments["touchpoint"].fillna(segments["stage"]) == likeliest).to_numpy(dtype=bool)
    rows, columns = np.nonzero((p >= line.thresholds.touchpoint) & given[:, None])
    said = segments[["comment_id", "sentiment", "sentiment_score"]].iloc[rows]
    said = said.assign(
        touchpoint=np.array(line.targets.ids)[columns],
        stage=np.array(line.targets.stages)[columns],
        confidence=p[rows, columns],
    )
    said = said.sort_values(["confidence", "touchpoint"], ascending=[False, True], kind="stable")
    said = said.drop_duplicates(["comment_id", "touchpoint"])
    keys = ["touchpoint", "stage", "confidence", "sentiment", "sentiment_score"]
    listed: dict[str, list[dict[str, object]]] = {}
    for comment, entry in zip(said["comment_id"], said[keys].to_dict("records"), strict=True):
        listed.setdefault(comment, []).append({str(key): value for key, value in entry.items()})
    return listed


def _ordered(table: pd.DataFrame, carried: pd.DataFrame, level: str) -> pd.DataFrame:
    """The tagged rows in the order of the file, none missing, under their own ids, with the columns carried along."""
    merged = carried.reset_index(names="key").merge(
        table.rename(columns={"comment_id": "key"}), on="key", how="left", sort=False
    )
    if level == "segment":
        part = merged["segment_id"].str.extract(r"(\d+)$", expand=False).fillna("0")
        merged["segment_id"] = merged["comment_id"] + ":" + part
        merged["text"] = merged["text"].fillna("")
        merged["tagged_by"] = merged["tagged_by"].fillna("model")
        merged["model_version"] = merged["model_version"].fillna(merged["model_version"].mode().get(0, ""))
    names = {c: c.removeprefix(CARRIED) for c in map(str, carried.columns) if c != "comment_id"}
    for column in names:
        while names[column] in table or list(names.values()).count(names[column]) > 1:
            names[column] = f"input:{names[column]}"
    return merged[[*map(str, table.columns), *names]].rename(columns=names)


def _free_text(result: pd.DataFrame, carried: pd.DataFrame, *, known: bool) -> list[str]:
    """The columns of a result that people wrote: its text, and what is carried unless it is `known` to be no text."""
    origin = [c.removeprefix(CARRIED) for c in carried.columns[1:]]
    kept = zip(result.columns[len(result.columns) - len(origin) :], origin, strict=True)
    free = [str(name) for name, was in kept if not known or was in FREE_TEXT["comments"]]
    return ["text", *free] if "segment_id" in result else free


def _write(table: pd.DataFrame, out: Path, free: Sequence[str]) -> None:
    """Write the tags; in JSON a comment's touchpoints are a list, not the text of one."""
    if out.suffix == ".jsonl" and "touchpoints" in table:
        table = table.assign(touchpoints=table["touchpoints"].map(json.loads, na_action="ignore"))
    file.write(table, out, free)
