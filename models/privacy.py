"""Measure redaction: how much of what is personal goes, and how much of the rest stays; writes models/PRIVACY.md.

    python -m models.privacy [--misses] [--touched]

`personal.csv` holds French remarks written for this, with what is personal in marks such as `[[PERSON:Zoé Lefèvre]]`,
`personal_en.csv` English ones. The recognisers are tuned on one half of each, chosen by the SHA-256 of the text, and on
one half of the templates of the synthetic English set, chosen by the SHA-256 of their numbers; the other halves are
measured. That of the French remarks was measured several times and some of its misses were mended, so it flatters;
`personal_fresh.csv` was written after the recognisers and is measured only: its misses are never printed. `--misses`
prints what goes wrong on the tuning halves, `--touched` the French comments touched.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from feedback import language, parse, privacy, stats
from feedback.pipeline import SPACY
from feedback.privacy import patterns
from models import data

HERE = Path(__file__).parent
REMARKS, FRESH, RESULTS = HERE / "personal.csv", HERE / "personal_fresh.csv", HERE / "PRIVACY.md"
ENGLISH_REMARKS = HERE / "personal_en.csv"
MARK = re.compile(r"\[\[([A-Z]+):([^\]]+(?:\][^\]]+)*?)\]\](?!\])")
AIMS = {"EMAIL": 0.97, "IBAN": 0.97, "CARD": 0.97, "PHONE": 0.97, "PERSON": 0.90, "ADDRESS": 0.80}
PRECISION, TOUCHED, COMMENTS = 0.90, 0.01, 600
# What the English set calls by another name …
ENGLISH = {
    "PERSON": "PERSON", "STREET_ADDRESS": "ADDRESS", "PHONE_NUMBER": "PHONE", "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "CARD", "IBAN_CODE": "IBAN", "US_SSN": "ID", "IP_ADDRESS": "ID",
}  # fmt: skip
# … and what may go without being sought, as any placeholder or as the one named.
UNSOUGHT = {"ZIP_CODE": "", "US_DRIVER_LICENSE": "", "DOMAIN_NAME": "", "GPE": "ADDRESS", "DATE_TIME": "BIRTHDATE"}


# Beginnings of the SHA-256 of comments of the survey that hold a name, a signature or a number of their author.
HOLDING = (
    "00dab660", "03ad1285", "04887cfd", "0759f1ee", "131d1ab1", "16a79821", "19e46624", "1e82e4e0", "1fdeb882",
    "239ce7c4", "28292519", "298e00d9", "2ae85537",
)  # fmt: skip


class Marked(NamedTuple):
    """A text with what is personal in it, as (start, end, type)."""

    text: str
    personal: list[tuple[int, int, str]]


class Found(NamedTuple):
    """A marked text and what redaction replaces in it, as (start, end, type)."""

    marked: Marked
    replaced: list[tuple[int, int, str]]


class Tally(NamedTuple):
    """Of a type: spans that are personal and those of them that go; spans replaced and those of them rightly so."""

    personal: int
    gone: int
    replaced: int
    right: int


def unmarked(written: str) -> Marked:
    """A remark without its marks, and where they were.

    >>> unmarked("merci à [[PERSON:Zoé]] !")
    Marked(text='merci à Zoé !', personal=[(8, 11, 'PERSON')])
    """
    text, personal, end = "", [], 0
    for mark in MARK.finditer(written):
        text += written[end : mark.start()]
        personal.append((len(text), len(text) + len(mark.group(2)), mark.group(1)))
        text, end = text + mark.group(2), mark.end()
    return Marked(text + written[end:], personal)


def remarks(file: Path = REMARKS, *, measured: bool) -> list[Marked]:
    """The remarks of a file, the French one by default: of the measuring half, or of the tuning half."""
    return [one for one in _read(file) if _is_measured(one.text) == measured]


def _is_measured(text: str) -> bool:
    return sha256(text.encode()).digest()[0] % 2 == 1


def fresh() -> list[Marked]:
    """The French remarks that were written after the recognisers."""
    return _read(FRESH)


def _read(file: Path) -> list[Marked]:
    return [*map(unmarked, pd.read_csv(file, dtype=str, keep_default_na=False)["text"])]


def english(*, measured: bool | None = None) -> list[Marked]:
    """The synthetic English set, or one half of its templates; a card number without its checksum is none."""
    lines = (data.folder() / "presidio_synth_pii_en" / "synth_dataset_v2.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if measured in (None, _is_measured(str(row["template_id"])))]
    return [Marked(row["text"], sorted(_spans(row))) for row in rows]


def _spans(row: dict[str, str]) -> Iterator[tuple[int, int, str]]:
    for span in json.loads(row["spans"]):
        start, end, kind = int(span["start"]), int(span["end"]), str(span["type"])
        valid = kind != "CREDIT_CARD" or any(patterns.cards(str(span["value"])))
        if kind in ENGLISH and valid:
            yield start, end, ENGLISH[kind]
        elif kind in UNSOUGHT or not valid:
            yield start, end, "~" + UNSOUGHT.get(kind, "")


def real() -> list[str]:
    """Distinct comments of the French garden survey that hold nothing personal, lowest SHA-256 first."""
    table = pd.read_csv(data.folder() / "nps_jardinerie_fr" / "nps_utf8.csv", dtype=str)
    texts = table["explication"].dropna().str.strip().loc[lambda text: text.str.contains(r"[^\W\d_]")].unique()
    digests = sorted((sha256(text.encode()).hexdigest(), text) for text in texts)
    return [text for digest, text in digests if not digest.startswith(HOLDING)][:COMMENTS]


def real_english() -> list[str]:
    """Distinct English comments, half on apps and half on health care, highest SHA-256 first.

    The recognisers were looked at on those with the lowest.
    """
    reviews = pd.read_csv(data.folder() / "minibar_app_reviews_en_fr" / "classification.csv", dtype=str)
    care = pd.read_csv(data.folder() / "nhs_fft_themes_en" / "clean_themes.csv", dtype=str)
    chosen = []
    for column in (reviews.loc[reviews["ori_lang"] == "en", "data"], care["text"]):
        texts = column.dropna().str.strip().loc[lambda text: text.str.contains(r"[^\W\d_]")].unique()
        digests = sorted(((sha256(text.encode()).hexdigest(), text) for text in texts), reverse=True)
        chosen += [text for _, text in digests[: COMMENTS // 2]]
    return chosen


def redacted(texts: Sequence[str], keep: Sequence[str] = ()) -> list[list[privacy.Span]]:
    """What the line replaces in each text, its language found out as in a run."""
    comments = pd.DataFrame({"text": pd.Series(texts, dtype="str"), "source": "", "language": None}).astype("str")
    docs = parse.parse(language.detect(comments, {}, ("en", "fr")), SPACY)
    return [privacy.find(group, keep) for group in docs]


def found(marked: Sequence[Marked]) -> list[Found]:
    """Marked texts with what is replaced in them."""
    spans = redacted([one.text for one in marked])
    return [
        Found(one, [(s.start, s.end, s.placeholder.strip("<>")) for s in row])
        for one, row in zip(marked, spans, strict=True)
    ]


def is_gone(text: str, span: tuple[int, int, str], replaced: Iterable[tuple[int, int, str]]) -> bool:
    """Whether no letter or digit of a span is left, whatever the placeholder."""
    covered = {place for start, end, _ in replaced for place in range(start, end)}
    return all(place in covered for place in range(*span[:2]) if text[place].isalnum())


def is_right(text: str, span: tuple[int, int, str], personal: Iterable[tuple[int, int, str]]) -> bool:
    """Whether at least half of the letters and digits that go are personal."""

    def fits(kind: str) -> bool:
        return not kind.startswith("~") or kind in ("~", "~" + span[2])

    theirs = {place for start, end, kind in personal for place in range(start, end) if fits(kind)}
    signs = [place for place in range(*span[:2]) if text[place].isalnum()]
    return 2 * sum(place in theirs for place in signs) >= len(signs)


def tallies(rows: Sequence[Found]) -> dict[str, Tally]:
    """The tally of each type, and of all under ALL."""
    counts: Counter[tuple[str, str]] = Counter()
    for (text, personal), replaced in rows:
        for span in personal:
            if span[2][0] != "~":
                for name in (span[2], "ALL"):
                    counts[name, "personal"] += 1
                    counts[name, "gone"] += is_gone(text, span, replaced)
        for span in replaced:
            for name in (span[2], "ALL"):
                counts[name, "replaced"] += 1
                counts[name, "right"] += is_right(text, span, personal)
    names = [*sorted({name for name, _ in counts} - {"ALL"}), "ALL"]
    return {name: Tally(*(counts[name, field] for field in Tally._fields)) for name in names}


def misses(rows: Sequence[Found]) -> Iterator[str]:
    """A line for each personal span that stays, and each span that goes wrongly."""
    for (text, personal), replaced in rows:
        for span in personal:
            if span[2][0] != "~" and not is_gone(text, span, replaced):
                yield f"STAYS {span[2]:<10} {text[slice(*span[:2])]!r} in {text!r}"
        for span in replaced:
            if not is_right(text, span, personal):
                yield f"WRONG {span[2]:<10} {text[slice(*span[:2])]!r} in {text!r}"


def _rate(hits: int, n: int) -> str:
    if not n:
        return "–"
    low, high = (float(limit) for limit in stats.wilson(hits, n))
    return f"{hits / n:.3f} [{low:.3f}, {high:.3f}] ({hits} of {n})"


def verdict(hits: int, n: int, least: float) -> str:
    """Whether a share reaches what it should at least be.

    >>> verdict(9, 10, 0.9), verdict(8, 10, 0.9), verdict(0, 0, 0.9)
    ('≥ 0.90: met', '≥ 0.90: missed', '')
    """
    return f"≥ {least:.2f}: {'met' if hits >= least * n else 'missed'}" if n else ""


def table(rows: Sequence[Found]) -> Iterator[str]:
    """A Markdown table of recall and precision by type, with whether each aim is met."""
    yield "| Type | Recall | Aim | Precision | Aim |"
    yield "| --- | --- | --- | --- | --- |"
    for name, (personal, gone, replaced, right) in tallies(rows).items():
        recall = verdict(gone, personal, AIMS[name]) if name in AIMS else ""
        precision = verdict(right, replaced, PRECISION) if name in AIMS or name == "ALL" else ""
        yield f"| {name} | {_rate(gone, personal)} | {recall} | {_rate(right, replaced)} | {precision} |"


def _bare(rows: Sequence[Found]) -> str:
    bare = [row for row in rows if not row.marked.personal]
    touched = sum(bool(row.replaced) for row in bare)
    return f"\nOf its remarks that hold nothing personal, {_rate(touched, len(bare))} are touched."


def results() -> Iterator[str]:
    """The lines of PRIVACY.md."""
    yield "# What redaction finds, and what it leaves\n"
    yield "Made by `python -m models.privacy`. Each figure has a 95 % Wilson interval and its counts. Recall: the share"
    yield "of personal spans of which no letter or digit is left, whatever the placeholder. Precision: the share of"
    yield "replaced spans of which at least half is personal.\n"
    unseen = found(fresh())
    yield f"## French, fresh: {len(unseen)} remarks of `{FRESH.name}`, written to be measured only\n"
    yield "Written after most of the recognisers, by somebody who had read those of addresses; no recogniser was"
    yield "changed for what they show.\n"
    yield from table(unseen)
    yield _bare(unseen)
    measured = found(remarks(measured=True))
    yield f"\n## French: {len(measured)} remarks of `{REMARKS.name}`, the half not tuned on at first\n"
    yield "Some misses of this half were read and mended since, so its figures flatter.\n"
    yield from table(measured)
    yield _bare(measured)
    measured = found(remarks(ENGLISH_REMARKS, measured=True))
    yield f"\n## English: {len(measured)} remarks of `{ENGLISH_REMARKS.name}`, the half not tuned on\n"
    yield "Written by somebody who had read the recognisers, and measured after those were tuned on the other half.\n"
    yield from table(measured)
    yield _bare(measured)
    if not data.is_there():
        yield "\nThe data sets are absent, so the English set and the comments were not measured."
        return
    yield from _of_data_sets()


def _of_data_sets() -> Iterator[str]:
    """The lines on the synthetic English set and on real comments."""
    halves = {measured: found(english(measured=measured)) for measured in (True, False)}
    yield f"\n## English: synthetic sentences, the {len(halves[True])} of the templates not tuned on of late\n"
    yield "The last recognisers were tuned on the other half of the templates alone; some misses of both had been read"
    yield "before. The templates draw names, streets and numbers from the whole world; house numbers and flats are"
    yield "spans of their own. Card numbers count where their checksum is right.\n"
    yield from table(halves[True])
    yield f"\n## English: synthetic sentences, the {len(halves[False])} of the templates tuned on\n"
    yield from table(halves[False])
    yield "\n## English: all synthetic sentences\n"
    yield from table(halves[True] + halves[False])
    yield f"\n## {COMMENTS} comments of a French garden centre's survey that hold nothing personal\n"
    touched = sum(map(bool, redacted(real())))
    met = "met" if touched <= TOUCHED * COMMENTS else "missed"
    yield f"Touched: {_rate(touched, COMMENTS)}; aimed at are at most {TOUCHED:.0%}: {met}."
    yield f"\n## {COMMENTS} English comments on apps and on health care\n"
    yield "Nobody took out those that hold something personal, so that fewer are touched wrongly.\n"
    yield f"Touched: {_rate(sum(map(bool, redacted(real_english()))), COMMENTS)}."


def main() -> None:
    """Print what goes wrong while tuning, or write the results."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--misses", action="store_true", help="print the errors on the tuning half")
    asked.add_argument("--touched", action="store_true", help="print the real comments that are touched")
    options = asked.parse_args()
    if options.misses:
        there = english(measured=False) if data.is_there() else []
        rows = found(remarks(measured=False) + remarks(ENGLISH_REMARKS, measured=False) + there)
        print("\n".join([*misses(rows), *table(rows)]))
    if options.touched:
        for text, spans in zip(real(), redacted(real()), strict=True):
            if spans:
                print(privacy.replace(text, spans), "|", [text[s.start : s.end] for s in spans])
    if not (options.misses or options.touched):
        RESULTS.write_text("\n".join(results()) + "\n", encoding="utf-8")
        print(RESULTS.read_text("utf-8"))


if __name__ == "__main__":
    main()
