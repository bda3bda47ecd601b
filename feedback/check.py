"""Advice on a journey file: what keeps the map from being true, in which line, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from feedback import alike, cache, encode, journey, split, store, workspace, yamlfile
from feedback.errors import ModelError, StoreError
from feedback.journey import Journey, Stage, Touchpoint
from feedback.weeks import ALL
from feedback.yamlfile import Keys

LANGUAGES = {"en": "English", "fr": "French"}
FIELDS = ("name", "description", "examples", "terms")
# How much a finding of each kind bears on the tags; within a kind the stronger comes first.
ALIKE, ASTRAY, SHARED, LACKING, IDLE, SILENT = 6.0, 5.0, 4.0, 3.0, 2.0, 1.0


class Finding(NamedTuple):
    """What is amiss, at which keys of the file, and what to do; `weight` orders findings, the heaviest first."""

    weight: float
    keys: Keys
    what: str
    remedy: str


class Checked(NamedTuple):
    """A journey with its findings, heaviest first, each with its line; and notes on what was looked at."""

    journey: Journey
    findings: list[tuple[int, Finding]]
    notes: list[str]


def check(path: Path, *, by_meaning: bool = True) -> Checked:
    """Read a journey file and say what would make it truer.

    `by_meaning` also compares its texts, with the encoder of the newest run of this journey, else the shipped one.
    Raises UsageError when the file does not exist, FileError with the line when it breaks its contract.
    """
    read = journey.load(path)
    root = workspace.find(path.parent)
    found, notes = [*idle(read), *shared(read)], list[str]()
    resolved: dict[str, Any] = {}
    # The file is good whatever became of the runs and the models, so what ails those is a note.
    try:
        if root and (runs := _runs(root, read)):
            resolved = runs[-1].info["resolved"]
            found += silent(read, runs)
            notes += looked_at(read, runs)
    except StoreError as error:
        notes.append(f"the stored runs were not looked at: {error}")
    found += lacking(read, resolved.get("languages", list(LANGUAGES)))
    try:
        if by_meaning:
            encoder = encode.load(resolved.get("encoder", "shipped"), root)
            found += meant(read, cache.kept(encoder, root) if root and resolved else encoder)
    except (ModelError, StoreError) as error:
        notes.append(f"the texts were not compared by meaning: {error}")
    line = yamlfile.lines(path)
    placed = [(line(one.keys), one) for one in found]
    return Checked(read, sorted(placed, key=lambda found: (-found[1].weight, found[0], found[1].what)), notes)


def _runs(root: Path, read: Journey) -> list[store.Run]:
    """The stored weeks of this journey, or where there are none its run of everything."""
    weeks, everything = (
        [run for run in store.history(root, whole=whole) if run.journey.journey == read.journey]
        for whole in (False, True)
    )
    return weeks or everything


def lacking(read: Journey, languages: Sequence[str]) -> Iterator[Finding]:
    """What is said in one language and not in another; of a stage that has touchpoints only its name counts."""
    named: list[tuple[Keys, str, object]] = [((), "the journey", read), *(
        (("personas", i), f"persona {person.id}", person) for i, person in enumerate(read.personas)
    )]  # fmt: skip
    named += [(keys, place.id, place) for keys, place in read.located()]
    for keys, who, place in named:
        for field in ("title", *FIELDS):
            texts = {code: text for code, text in (getattr(place, field, None) or {}).items() if text}
            absent = [code for code in languages if code not in texts]
            if not texts or "*" in texts or not absent or not _counts(place, field):
                continue
            names = " or ".join(LANGUAGES.get(code, code) for code in absent)
            shown = f"readers see {next(iter(texts.values()))!r}" if field in ("title", "name") else _LOST[field]
            what = f"{who}: no {names} {field}; {shown}"
            yield Finding(LACKING, (*keys, field), what, f"add it under `{'`, `'.join(absent)}`")


_LOST = {
    "description": "comments in that language are compared with the other one's only",
    "examples": "comments in that language are compared with the other one's only",
    "terms": "terms count only in comments of their own language",
}


def _counts(place: object, field: str) -> bool:
    return field in ("title", "name") or (isinstance(place, Stage | Touchpoint) and journey.is_matched(place))


def idle(read: Journey) -> Iterator[Finding]:
    """What a stage says that steers no tag, since it has touchpoints."""
    for keys, place in read.located():
        for field, key in (("examples", "examples"), ("terms", "terms"), ("origin", "from")):
            if not journey.is_matched(place) and getattr(place, field):
                what = f"{place.id}: `{key}` of a stage that has touchpoints steers no tag"
                yield Finding(IDLE, (*keys, key), what, "say it of one of its touchpoints")


def shared(read: Journey) -> Iterator[Finding]:
    """Terms that two touchpoints claim, in a form that both have."""
    claims = [
        (keys, place.id, code, i, term)
        for keys, place in read.located()
        if journey.is_matched(place)
        for code, terms in place.terms.items()
        for i, term in enumerate(terms)
    ]
    forms = split.lemmatise([term for *_, term in claims], "", {})
    told = set()
    for (one, own), (other, its) in combinations(zip(claims, forms, strict=True), 2):
        (_, first, code, _, _), (keys, second, too, i, term) = one, other
        apart = first == second or (code != too and "*" not in (code, too))
        if apart or len(own) != len(its) or any(a.isdisjoint(b) for a, b in zip(own, its, strict=True)):
            continue
        if (first, second, split.fold(term)) not in told:
            told.add((first, second, split.fold(term)))
            what = f"the term {term!r} is claimed by {first} and {second}"
            remedy = "leave it to one of them, or make it a phrase that only one of them is spoken of with"
            yield Finding(SHARED, (*keys, "terms", too, i), what, remedy)


def meant(read: Journey, encoder: encode.Encoder) -> Iterator[Finding]:
    """What the encoder cannot keep apart: touchpoints that mean the same, and texts nearer to another one."""
    texts = alike.encoded(read, encoder)
    keys = {place.id: keys for keys, place in read.located()}
    same = alike.pairs(texts)
    for one, other, likeness in same:
        grade = f"texts of both are {100 * likeness:.0f} % as alike as those of one"
        what = f"{one} and {other} can hardly be told apart: {grade}"
        remedy = "merge them, or say in descriptions and examples what only one of them is about"
        yield Finding(ALIKE + min(likeness, 2) / 3, keys[other], what, remedy)
    known = {frozenset((pair.one, pair.other)) for pair in same}
    for text in alike.astray(texts):
        if frozenset((text.owner, text.nearer)) not in known:
            kind = {"name": "the name", "description": "the description"}.get(str(text.keys[-2]), "an example")
            what = f"{kind} of {text.owner} lies nearer to {text.nearer}: {_short(text.text)!r}"
            remedy = f"move it to {text.nearer}" if text.nearer != "general" else "say what it is about"
            yield Finding(ASTRAY + min(text.excess, 2) / 3, text.keys, what, f"{remedy}, or write it otherwise")


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def silent(read: Journey, runs: Sequence[store.Run]) -> Iterator[Finding]:
    """Touchpoints that no comment of the stored runs was mapped to, of those that the runs knew."""
    spoken: set[str] = set()
    extent = _extent(runs)
    known = {place.id for place in read.places()}
    for run in runs:
        segments = run.table("segments", ["stage", "touchpoint"])
        spoken |= {*segments["touchpoint"].dropna(), *segments["stage"].dropna()}
        known &= {place.id for place in run.journey.places()}
    for keys, place in read.located():
        if journey.is_matched(place) and place.id in known - spoken:
            remedy = "give it examples in the customers’ words if they speak of it, else leave it out"
            yield Finding(SILENT, keys, f"{place.id}: none of {extent} is about it", remedy)


def looked_at(read: Journey, runs: Sequence[store.Run]) -> Iterator[str]:
    """What the findings about comments rest on."""
    yield f"comments: {_extent(runs)}"
    if any(run.journey.stages != read.stages for run in runs):
        yield "stored runs are mapped to another version of this journey; `feedback remap PIPELINE` brings them to it"


def _extent(runs: Sequence[store.Run]) -> str:
    n = sum(len(run.table("comments", ["comment_id"])) for run in runs)
    first, last = runs[0].week, runs[-1].week
    weeks = "the run of everything" if first == ALL else f"1 week ({first})"
    weeks = f"{len(runs)} weeks ({first} to {last})" if len(runs) > 1 else weeks
    return f"{n:,} comment{'s' if n > 1 else ''} of {weeks}"
