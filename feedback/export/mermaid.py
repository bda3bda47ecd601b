"""The journey as a Mermaid diagram, with the exact figures in a table beside it.

Mermaid draws a face from 1 to 5 per task, and its lexer ends a name at "#", ":", ";" or a line
break and reads a few words at its start as keywords; so labels are cleaned and figures rounded.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from feedback.export.guard import guard
from feedback.journey import in_language
from feedback.report import weeks
from feedback.report.figures import number
from feedback.report.results import Results, min_count, name

WORDS = {
    "en": {"actor": "Customers", "gap": "no face, too few customers"},
    "fr": {"actor": "Clients", "gap": "pas de visage, trop peu de clients"},
}
_KEYWORD = re.compile(r"(?i)(journey|title|section|acctitle|accdescr)\b")
_ENDS = re.compile(r"[#:;%<>{}\x00-\x1f\x7f\u2028\u2029\s]+")


def write(results: Results, folder: Path) -> list[Path]:
    """Write journey.en.mmd, journey.fr.mmd and journey.csv (stage, touchpoint, names, n, sentiment, face …)."""
    figures = table(results)
    beside = folder / "journey.csv"
    texts = ("stage_en", "stage_fr", "touchpoint_en", "touchpoint_fr")
    guard(figures, texts).to_csv(beside, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    paths = [beside]
    for language in WORDS:
        path = folder / f"journey.{language}.mmd"
        path.write_text(diagram(results, language), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def diagram(results: Results, language: str) -> str:
    """The diagram's text. Touchpoints below the minimum count are named in a comment, without a face."""
    words = WORDS[language]
    head = f"{in_language(results.journey.title, language)}, {weeks.title(results.info['week'], language)}"
    lines = ["journey", f"    title {label(head)}"]
    for stage, points in table(results).groupby("stage", sort=False):
        lines.append(f"    section {label(name(results.journey, str(stage), language))}")
        for point in points.to_dict("records"):
            task = label(f"{point[f'touchpoint_{language}']} (n={number(point['n'], language)})")
            if pd.isna(point["face"]):
                lines.append(f"    %% {task}, {words['gap']}")
            else:
                lines.append(f"      {task}: {point['face']}: {words['actor']}")
    return "\n".join(lines) + "\n"


def table(results: Results) -> pd.DataFrame:
    """The figures behind the faces, one row per target in journey order; `face` is null below the minimum count."""
    journey, friction = results.journey, results.tables["friction"].set_index("touchpoint")
    targets = [(stage.id, point.id) for stage, point in journey.targets()]
    figures = friction.reindex([point for _, point in targets])
    columns = ["n", "n_negative", "sentiment", "sentiment_low", "sentiment_high", "complaint_share", "friction", "rank"]
    out = pd.DataFrame(targets, columns=["stage", "touchpoint"])
    for language in WORDS:
        for column in ("stage", "touchpoint"):
            out[f"{column}_{language}"] = [name(journey, i, language) for i in out[column]]
    for column in columns:
        out[column] = figures[column].to_numpy()
    out["n"] = out["n"].fillna(0).astype("int64")
    out["face"] = face(out["sentiment"].where(out["n"] >= min_count(results)))
    return out


def face(sentiment: pd.Series) -> pd.Series:
    """Sentiment −1…1 as Mermaid's whole number 1…5; null stays null.

    >>> face(pd.Series([-1.0, 0.0, 0.25, 1.0])).to_list()
    [1, 3, 4, 5]
    """
    return ((2 * sentiment + 3.5) // 1).clip(1, 5).astype("Int64")


def label(text: str) -> str:
    """A name that Mermaid reads as one name.

    >>> label("Title: page #1"), label("Queue; 20% done")
    ('“Title page 1”', 'Queue 20 done')
    """
    kept = _ENDS.sub(" ", text).strip() or "–"
    return f"“{kept}”" if _KEYWORD.match(kept) else kept
