"""Formats as data: the records in `formats/`, each made into a `Format`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from feedback import yamlfile
from feedback.errors import FileError
from feedback.pipeline import Score
from feedback.read import qualtrics, x, zendesk
from feedback.read.answers import is_contact_data, is_free_text, is_numeric
from feedback.read.cells import Opened, unique_names
from feedback.read.declaration import Comment, Declaration, Derived, Signature
from feedback.read.derivation import Derivation, derived_cells
from feedback.read.format import Format, Names, Roles, columns, normal
from feedback.read.objects import flat, plain_records
from feedback.read.unfolding import unfold, walk

FOLDER = Path(__file__).parent / "formats"
CODE = {"qualtrics": qualtrics, "x": x, "zendesk": zendesk}
"""Modules with what a record cannot say: `recognise`, and `unfold` or `complete`, which adds to declared roles."""
_SHOWN = 50
_HEADING = 300
"""Characters of a heading that tell its format: a table without header has comments in their place."""
_BARRED = re.compile(
    r"^(?:your |votre |vos )?(?:(?:full|first|last|middle|user) ?)?(?:name|nom|prénom|prenom|surname"
    r"|e-?mail(?: address)?|adresse e-?mail|courriel|phone(?: number)?|(?:numéro de )?téléphone"
    r"|(?:postal )?address|adresse(?: postale)?|ip address|adresse ip|url|user ?agent)\s*\??$"
    r"|\bid\s*$|\b(?:job title|occupation|cargo laboral|intitulé d[eu] (?:votre )?poste"
    r"|(?:check|select) all that apply|cochez tout|plusieurs réponses possibles|which statement|choose the (?:statement"
    r"|option)|quelle affirmation|marc(?:a|ar|ue) tod[oa]s?|marque tod[oa]s?|selecciona(?:r|e)? tod[oa]s?"
    r"|eli(?:ge|ja) la (?:opción|declaración))\b",
    re.IGNORECASE,
)
"""Headings of columns that are no comments, however they read: about persons, or boxes to tick."""


def native() -> dict[str, Format]:
    """The shipped formats by name, those with the most telling signatures first."""
    found = [load(path) for path in sorted(FOLDER.glob("*.yaml"))]
    ranked = sorted(found, key=lambda pair: -_weight(pair[0]))
    return {declaration.format: made for declaration, made in ranked}


def declarations() -> dict[str, Declaration]:
    """The records of the shipped formats by name."""
    return {path.stem: yamlfile.load(path, Declaration) for path in sorted(FOLDER.glob("*.yaml"))}


def load(path: Path) -> tuple[Declaration, Format]:
    """A format's record and what it makes. Raises FileError with the line when the record breaks its contract."""
    declaration = yamlfile.load(path, Declaration)
    unknown = sorted(set(declaration.roles) - set(Roles.__dataclass_fields__))
    if unknown:
        raise FileError("no such role", where=f"{path}, roles", got=unknown[0], allowed=Roles.__dataclass_fields__)
    return declaration, made(declaration)


def made(declaration: Declaration) -> Format:
    """The format that a record declares."""
    code = CODE.get(declaration.code or "")
    own = unfold(declaration.records, declaration.export) if declaration.records else None
    return Format(
        declaration.format,
        declaration.kind,
        getattr(code, "recognise", None) or partial(_recognise, declaration),
        partial(_roles, declaration),
        getattr(code, "unfold", own),
        verified=declaration.status == "verified",
        refuse=declaration.refuse,
    )


def _weight(declaration: Declaration) -> int:
    sign = declaration.recognise
    return len(sign.columns) + len(sign.like) + len(sign.page) + len(sign.cells)


def _recognise(declaration: Declaration, opened: Opened) -> bool:
    sign = declaration.recognise
    if opened.value is None and sign.page:
        return False
    if opened.value is None:
        rows = opened.rows.to_dict("records") if sign.cells else []
        return _fits(sign, opened.header, [{str(name): cell for name, cell in row.items()} for row in rows])
    if not all(_matches(opened.value, path, pattern) for path, pattern in sign.page.items()):
        return False
    found = unfold(declaration.records, "") if declaration.records else plain_records
    shown = list(islice(found(opened.value), _SHOWN))
    if not shown:
        return bool(sign.page)
    records = [flat(record) for record in shown if isinstance(record, dict)]
    return any(_fits(sign, tuple(record), [record]) for record in records)


def _matches(value: object, path: str, pattern: str | None) -> bool:
    found = list(islice(walk(value, path), 1))
    return bool(found) and (pattern is None or re.search(pattern, str(found[0])) is not None)


def _fits(sign: Signature, header: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a header has what the signature asks for, and the first rows the values."""
    if not (sign.columns or sign.like or sign.cells):
        return False
    if sign.first is not None and not (header and re.search(sign.first, header[0], re.IGNORECASE)):
        return False
    return (
        all(not _normal(header).isdisjoint(map(normal, names)) for names in sign.columns)
        and all(any(re.search(pattern, name[:_HEADING], re.IGNORECASE) for name in header) for pattern in sign.like)
        and all(_some(rows, name, pattern) for name, pattern in sign.cells.items())
    )


def _some(rows: Sequence[Mapping[str, Any]], name: str, pattern: str) -> bool:
    wanted = {normal(alternative) for alternative in name.split("|")}
    shown = (cell for row in rows for column, cell in row.items() if normal(column) in wanted and isinstance(cell, str))
    return any(re.search(pattern, cell) for cell in shown)


@lru_cache(maxsize=256)
def _normal(header: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normal, header))


class _Header(NamedTuple):
    """The columns of a file with what they are called, the label below, and their answers."""

    names: list[str]
    questions: Mapping[str, str]
    labels: Mapping[str, str]
    answers: pd.DataFrame
    sparse: bool

    def real(self, wanted: Iterable[str]) -> Names:
        """The columns that the file has of those wanted; all of them where records may lack keys."""
        found = columns(self.names, *wanted)
        return found + tuple(name for name in wanted if self.sparse and not columns(self.names, name))


def _roles(declaration: Declaration, table: pd.DataFrame) -> Roles:
    derived = tuple(_derivation(name, d, list(table.columns)) for name, d in declaration.derived.items())
    heading = _heading_rows(declaration, table)
    answers = derived_cells(table.iloc[heading:], derived)
    questions, labels = _questions(declaration, table, heading)
    header = _Header(list(answers.columns), questions, labels, answers, sparse=bool(declaration.records))
    given: dict[str, Any] = {role: header.real(wanted) for role, wanted in declaration.roles.items()}
    set_aside = {n: v for wanted, v in declaration.set_aside.items() for n in header.real([wanted]) or [wanted]}
    sources = {name for d in derived for name in (*d.of, d.name, d.equals, *d.when) if name}
    scores = _scores(declaration, header, {name for names in given.values() for name in names})
    taken = {*sources, *set_aside, *(s.column for s in scores), *(name for names in given.values() for name in names)}
    fields, asked = _comments(declaration, header, taken)
    roles = Roles(
        text=tuple(fields), fields=fields, questions=asked, scores=scores, heading=heading, derived=derived,
        id_pattern=declaration.id_pattern, zone=declaration.zone, time_format=declaration.time_format,
        missing=tuple(declaration.missing), set_aside=set_aside, **given,
        never=(*_never(declaration, header.names), *filter(_BARRED.search, header.names)),
    )  # fmt: skip
    complete = getattr(CODE.get(declaration.code or ""), "complete", None)
    return complete(roles, table) if complete else roles


def _derivation(name: str, declared: Derived, header: list[str]) -> Derivation:
    def real(wanted: str) -> str:
        return next(iter(columns(header, wanted)), wanted)

    return Derivation(
        name=real(name), of=tuple(map(real, declared.of)), join=declared.join, pattern=declared.pattern,
        into={key.casefold(): value for key, value in declared.into.items()},
        equals=real(declared.equals) if declared.equals else None,
        when={real(column): pattern for column, pattern in declared.when.items()},
    )  # fmt: skip


def _heading_rows(declaration: Declaration, table: pd.DataFrame) -> int:
    if declaration.heading is None or table.empty:
        return 0
    blank = columns(table.columns, declaration.heading.blank)
    return int(all(not str(table[name].fillna("").iloc[0]).strip() for name in blank))


def _questions(declaration: Declaration, table: pd.DataFrame, heading: int) -> tuple[dict[str, str], dict[str, str]]:
    """What each column asks, and the label under its heading."""
    names = [str(name) for name in table.columns]
    questions = {name: name for name in names}
    labels = dict(zip(names, table.iloc[0].fillna("").str.strip(), strict=True)) if heading else {}
    if declaration.heading is not None and declaration.heading.spread:
        last = ""
        for place, name in enumerate(names, start=1):
            last = last if name == f"column {place}" else name
            questions[name] = last if last == name else f"{last} – {labels.get(name) or place}"
    return questions, labels


def _scores(declaration: Declaration, header: _Header, taken: set[str]) -> tuple[Score, ...]:
    found: dict[str, Score] = {}
    for scale in declaration.scores:
        names = list(header.real(scale.column)[:1])
        if scale.like is not None:
            others = [n for n in header.names if n not in taken]
            fitting = [n for n in others if re.search(scale.like, header.questions.get(n, n), re.IGNORECASE)]
            names = [n for n in fitting if is_numeric(header.answers[n])]
        for name in names:
            question = scale.question or header.questions.get(name, name)
            score = Score(column=name, metric=scale.metric, min=scale.min, max=scale.max, question=question,
                          lower_is_better=scale.lower_is_better)  # fmt: skip
            found.setdefault(name, score)
    return tuple(found.values())


def _comments(declaration: Declaration, header: _Header, taken: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The field of each column of comments, and its question."""
    fields: dict[str, str] = {}
    asked: dict[str, str] = {}
    barred = _never(declaration, header.names)
    for comment in declaration.comments:
        names = list(header.real(comment.column)[:1])
        if comment.like is not None or comment.label is not None:
            others = [n for n in header.names if n not in taken and n not in barred]
            names = [n for n in others if _wanted(comment, n, header)]
        for name in names:
            if name not in fields:
                fields[name] = comment.field or header.questions.get(name, name)
                asked[name] = header.questions.get(name, name) if comment.question is None else comment.question
    order = {name: place for place, name in enumerate(header.names)}
    titled = "title" in declaration.roles  # a title belongs to the first comment declared
    placed = list(fields) if titled else sorted(fields, key=lambda name: order.get(name, len(order)))
    unique = unique_names([fields[name] for name in placed])
    return dict(zip(placed, unique, strict=True)), asked


def _never(declaration: Declaration, names: Iterable[str]) -> Names:
    """Columns that the record says are no comments, in whatever file."""
    return tuple(n for n in names if any(re.search(never, n, re.IGNORECASE) for never in declaration.never))


def _wanted(comment: Comment, name: str, header: _Header) -> bool:
    return (
        (comment.like is None or re.search(comment.like, name, re.IGNORECASE) is not None)
        and (comment.label is None or re.search(comment.label, header.labels.get(name, ""), re.IGNORECASE) is not None)
        and not is_contact_data(header.answers[name])
        and (not comment.open or _is_open(name, header))
    )


def _is_open(name: str, header: _Header) -> bool:
    """Whether a column reads like free text; a box that was ticked repeats what stands over it."""
    answers = header.answers[name]
    ticked = answers.isin([header.labels.get(name, ""), name])
    return not _BARRED.search(name) and is_free_text(answers[~ticked])
