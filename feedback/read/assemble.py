"""From text cells and their roles to the tables of the contract; nothing is cleaned or redacted here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import tzinfo

import pandas as pd

from feedback.pipeline import Kind, Score
from feedback.read import identity, times
from feedback.read.cells import Refused, excerpt, safe, unique_names
from feedback.read.derivation import replaced
from feedback.read.editions import Met
from feedback.read.format import Names, Roles
from feedback.tables import COMMENTS, REJECTS, SCORES, SUBMISSIONS, TIME, Tables, conform, empty

MISSING = ("NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "-99")
_NAMED_LANGUAGES = {"english": "en", "anglais": "en", "eng": "en", "french": "fr", "français": "fr", "francais": "fr",
                    "fra": "fr", "fre": "fr"}  # fmt: skip
_NUMBER = r"^\s*(-?\d+(?:[.,]\d+)?)"
_UNTIMED = r"^note: \d+ values? of .* (?:is no time|are no times)"
_THOUSANDS = r"^\s*(-?[1-9]\d{0,2}(?:[, '’\u00a0\u202f]\d{3})+)(?!\d)"


@dataclass(frozen=True)
class Origin:
    """Where a file's records come from, as the pipeline says; `days` is the zone of its weeks."""

    source: str
    kind: Kind
    file: str
    language: str | None
    channel: str | None
    zone: tzinfo
    days: tzinfo
    month_first: bool = False
    format: str = ""


def filled(table: pd.DataFrame, missing: Names) -> pd.DataFrame:
    """The table with cells that stand for nothing (blank, NA, -99 …) as null."""
    stripped = table.apply(lambda column: column.str.strip())
    return table.mask(stripped.isin(("", *MISSING, *missing)))


def first(table: pd.DataFrame, names: Names) -> pd.Series[str]:
    """The first filled cell of each row among the named columns; null where none is."""
    found = pd.Series(pd.NA, index=table.index, dtype="str")
    for name in names:
        if name in table:
            found = found.fillna(table[name])
    return found


def submission_ids(table: pd.DataFrame, raw: pd.DataFrame, roles: Roles, seen: Met) -> pd.Series[str]:
    """The export's own ids, those of the raw cells where it gives none; `seen` counts equal rows of the file."""
    ids = first(table, roles.id).str.strip()
    if roles.id_pattern is not None:
        ids = ids.str.extract(roles.id_pattern, expand=False).astype("str")
    ids = identity.private(ids)
    nameless = raw[ids.isna()]
    return ids.fillna(pd.Series(identity.of_cells(nameless, seen), index=nameless.index, dtype="str"))


def when(table: pd.DataFrame, names: Names, roles: Roles, origin: Origin) -> pd.Series[pd.Timestamp]:
    """Times of a role as UTC: of the first of its columns that holds a time."""
    found = pd.Series(pd.NaT, index=table.index, dtype=TIME)
    for name in names:
        if name in table:
            parsed = times.to_utc(
                table[name],
                origin.zone,
                days=origin.days,
                pattern=roles.time_format,
                month_before_day=origin.month_first,
            )
            found = found.fillna(parsed)
    return found


def set_aside(table: pd.DataFrame, roles: Roles) -> pd.Series[str]:
    """Why a record is declared to be no feedback; null for feedback."""
    reasons = pd.Series(pd.NA, index=table.index, dtype="str")
    empty = table.isna().all(axis=1)
    reasons[empty] = "an empty row"
    for column, values in roles.set_aside.items():
        if column in table:
            reasons = reasons.fillna(replaced(table[column], values))
    return "not feedback: " + reasons


def assemble(table: pd.DataFrame, ids: pd.Series[str], roles: Roles, origin: Origin) -> tuple[Tables, list[Refused]]:
    """Submissions, scores and comments of records that are feedback, and notes about dates and scores left out."""
    shared = _shared(table, ids, roles, origin)
    scores, notes = _scores(table, shared, roles)
    notes = [*_untimed(table, shared["created_at"], roles), *notes]
    comments = _comments(table, shared, roles, _main_scores(scores, ids, roles))
    submissions = shared.assign(
        source_kind=origin.kind,
        author=first(table, roles.author),
        product=first(table, roles.product),
        location=first(table, roles.location),
        channel=first(table, roles.channel).fillna(origin.channel) if origin.channel else first(table, roles.channel),
        url=first(table, roles.url),
        has_text=shared["submission_id"].isin(comments["submission_id"]),
        extra=_extra(table, roles.extra),
    )
    scores = scores.drop(columns="column")
    refused = empty(REJECTS)
    tables = Tables(conform(submissions, SUBMISSIONS), conform(scores, SCORES), conform(comments, COMMENTS), refused)
    return tables, notes


def rejects_of(refused: list[Refused], file: str) -> pd.DataFrame:
    """Refused records as the table of rejects."""
    table = pd.DataFrame(refused, columns=["row", "reason", "remedy", "excerpt"])
    return conform(table.assign(file=safe(file)), REJECTS)


def unread(rejects: pd.DataFrame) -> pd.DataFrame:
    """The rejects that somebody should look at: neither notes, nor declared no feedback, nor read twice."""
    return rejects[~rejects["reason"].str.startswith(("not feedback: ", "note: ", "read again"))]


def untimed(rejects: pd.DataFrame) -> pd.DataFrame:
    """The notes about dates that are none."""
    return rejects[rejects["reason"].str.contains(_UNTIMED)]


def _shared(table: pd.DataFrame, ids: pd.Series[str], roles: Roles, origin: Origin) -> pd.DataFrame:
    """Columns that submissions and comments have in common."""
    return pd.DataFrame(
        {
            "submission_id": ids,
            "source": origin.source,
            "created_at": when(table, roles.created_at, roles, origin),
            "updated_at": when(table, roles.updated_at, roles, origin),
            "file": origin.file,
            "row": table.index,
        },
        index=table.index,
    ).assign(language=_languages(first(table, roles.language), origin.language))


def _languages(declared: pd.Series[str], otherwise: str | None) -> pd.Series[str]:
    """Declared languages as ISO 639-1; codes that mean "none" or "unknown" count as not declared."""
    lower = declared.str.strip().str.lower()
    code = lower.map(_NAMED_LANGUAGES).astype("str").fillna(lower.str.extract(r"^([a-z]{2})(?:[-_]|$)", expand=False))
    return code.fillna(otherwise) if otherwise else code


def _texts(table: pd.DataFrame, roles: Roles) -> dict[str, pd.Series[str]]:
    """The text of each free-text column; a title goes before the first where it adds words."""
    texts = {name: first(table, (name,)) for name in roles.text}
    if roles.title and roles.text:
        head = first(table, roles.title)
        body = texts[roles.text[0]]
        pairs = zip(head, body, strict=True)
        joined = [titled(h, b) if isinstance(h, str) else b for h, b in pairs]
        texts[roles.text[0]] = pd.Series(joined, index=table.index, dtype="str")
    return texts


def titled(title: str, text: object) -> str:
    """A title and its text as one: the title alone is enough without text, and goes where it repeats it.

    >>> titled("Great night", "The sound was perfect")
    'Great night. The sound was perfect'
    >>> titled("The sound was…", "The sound was perfect")
    'The sound was perfect'
    """
    if not isinstance(text, str):
        return title
    words, all_words = _words(title), _words(text)
    if f" {words} " in f" {all_words} " or (title.rstrip().endswith(("…", "...")) and all_words.startswith(words)):
        return text
    stop = "" if title.rstrip().endswith((".", "!", "?", "…", ":")) else "."
    return f"{title.strip()}{stop} {text}"


def _words(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _comments(table: pd.DataFrame, shared: pd.DataFrame, roles: Roles, main: pd.DataFrame) -> pd.DataFrame:
    shared = shared.join(main).assign(
        thread_id=identity.private(first(table, roles.thread)),
        parent_id=identity.private(first(table, roles.parent)),
        is_repost=first(table, roles.repost).str.lower().isin(("true", "1", "yes")),
        business_reply=first(table, roles.reply),
    )
    parts = [shared.assign(text="", field_id="", question="", comment_id="").iloc[:0]]
    field_ids = unique_names([roles.fields.get(name, name) for name in roles.text])
    for place, (field_id, (name, text)) in enumerate(zip(field_ids, _texts(table, roles).items(), strict=True)):
        asked = first(table, roles.question).fillna(roles.questions.get(name, name) or None)
        part = shared.assign(text=text, field_id=field_id, question=asked)
        part = part[text.notna()].assign(_place=place)
        part["comment_id"] = identity.of_comments(str(shared["source"].iloc[0]), part["submission_id"], field_id)
        parts.append(part)
    return pd.concat(parts).sort_values(["row", "_place"] if len(parts) > 1 else ["row"], kind="stable")


def _scores(table: pd.DataFrame, shared: pd.DataFrame, roles: Roles) -> tuple[pd.DataFrame, list[Refused]]:
    """One row per answer on its scale; answers beyond the scale are left out and noted."""
    notes, parts = [], []
    for score in roles.scores:
        answers = first(table, (score.column,))
        raw = _numbers(answers, roles.decimal, grouped=score.max >= 1000)
        fits = raw.between(score.min, score.max)
        if (off := answers.notna() & ~fits).any():
            notes.append(_note(score, int(off.sum()), answers[off].iloc[0], answers[off].index[0]))
        share = (raw - score.min) / (score.max - score.min)
        part = shared[["submission_id", "source", "row"]].assign(
            column=score.column, metric=score.metric, question=score.question or score.column, score_raw=raw,
            score_min=score.min, score_max=score.max, score=1 - share if score.lower_is_better else share,
        )  # fmt: skip
        parts.append(part[fits])
    if not parts:
        return pd.DataFrame(columns=["column", *SCORES.columns]), notes
    return pd.concat(parts).sort_values("row", kind="stable").drop(columns="row"), notes


def _numbers(answers: pd.Series[str], decimal: str | None, *, grouped: bool) -> pd.Series[float]:
    """The number that each answer begins with, by its mark of decimals.

    Where nobody says the mark, `grouped` reads 1,000 as a thousand, else the comma is decimal.
    """
    if decimal is not None:
        return _marked(answers, decimal)
    found = answers.str.extract(_NUMBER, expand=False).str.replace(",", ".").astype("float64")
    if grouped:
        whole = answers.str.extract(_THOUSANDS, expand=False).str.replace(r"[^\d-]", "", regex=True)
        found = whole.astype("float64").fillna(found)
    return found


def _marked(answers: pd.Series[str], decimal: str) -> pd.Series[float]:
    """The numbers with this mark of decimals and the other one, or blanks, between thousands; null for others."""
    point, group = re.escape(decimal), re.escape(",.".replace(decimal, ""))
    whole = rf"\d{{1,3}}(?:[{group} '’\u00a0\u202f]\d{{3}})+|\d+"
    written = answers.str.extract(rf"^\s*(-?(?:{whole})(?:{point}\d+)?)(?![.,]?\d)", expand=False)
    digits = written.str.replace(rf"[^\d{point}-]", "", regex=True)
    return digits.str.replace(decimal, ".", regex=False).astype("float64")


def _note(score: Score, n: int, value: str, row: object) -> Refused:
    scale = f"{score.min:g}–{score.max:g}"
    answers, lie, are = ("answer", "lies", "is") if n == 1 else ("answers", "lie", "are")
    reason = (
        f"note: {n} {answers} of {score.column!r} {lie} outside its scale {scale} and {are} left out,"
        f" the first in row {row}"
    )
    remedy = "correct the scale in the pipeline if the answers are right; the rows themselves are kept"
    return Refused(None, reason, remedy, excerpt(value))


def _untimed(table: pd.DataFrame, times: pd.Series[pd.Timestamp], roles: Roles) -> list[Refused]:
    """For each column of dates a note about the cells that leave their rows without a time."""
    notes = []
    pattern = f" (format {roles.time_format})" if roles.time_format else ""
    remedy = "correct the dates, or `created_at` in the mapping of the source; the rows are kept, without a date"
    for name in roles.created_at:
        if name in table and len(off := table.loc[times.isna(), name].dropna()):
            values, are = ("value", "is no time") if len(off) == 1 else ("values", "are no times")
            reason = f"note: {len(off)} {values} of {name!r} {are}{pattern}, the first in row {off.index[0]}"
            notes.append(Refused(None, reason, remedy, excerpt(off.iloc[0])))
    return notes


def _main_scores(scores: pd.DataFrame, ids: pd.Series[str], roles: Roles) -> pd.DataFrame:
    """For each row the answer to the first of the format's scores that was answered."""
    order = {score.column: place for place, score in enumerate(roles.scores)}
    ranked = scores.assign(_place=scores["column"].map(order)).sort_values("_place", kind="stable")
    main = ranked.drop_duplicates("submission_id").set_index("submission_id")
    names = ["score_raw", "score_min", "score_max", "metric"]
    return main[names].reindex(ids).set_axis(ids.index)


def _extra(table: pd.DataFrame, names: Names) -> pd.Series[str]:
    present = [name for name in names if name in table]
    rows = table[present].to_dict("records")
    found = [{k: v for k, v in row.items() if isinstance(v, str)} for row in rows]
    texts = [json.dumps(row, ensure_ascii=False) if row else None for row in found]
    return pd.Series(texts, index=table.index, dtype="str")
