"""Which language a comment is written in, and when not to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from feedback.tables import stage

MIN_WORDS = 4
MIN_CONFIDENCE = 0.7
OTHERS = (
    "ar", "ca", "da", "de", "el", "en", "es", "fr", "he", "hi", "hr", "id", "it", "ja", "ko", "nb", "nl", "pl", "pt",
    "ro", "ru", "sk", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip


@stage(needs=("text", "source", "language"), adds=("language", "language_confidence"))
def detect(comments: pd.DataFrame, declared: Mapping[str, str | None], languages: Sequence[str]) -> pd.DataFrame:
    """Add `language` (ISO 639-1 or null) and `language_confidence` (0–1, null when not detected).

    The candidates are `languages`. A text under four words, or below 0.7 confidence, takes the
    language that its export declares (`comments.language`), else its source (`declared`, by
    source name), else null. A text confidently in another language gets that language's code.
    """
    known = comments["language"].where(comments["language"].notna(), comments["source"].map(dict(declared)))
    texts = comments["text"]
    wordy = texts.str.count(r"[^\W\d_]+") >= MIN_WORDS
    wordy |= texts.str.contains(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{4}")
    distinct = list(texts[wordy].unique())
    best = _best(distinct, tuple(languages))
    code = texts.map({text: code for text, (code, _) in zip(distinct, best, strict=True)})
    # lingua adds up in an order of its own, so that the last digits differ from one process to the next.
    sure = {text: round(sure, 6) for text, (_, sure) in zip(distinct, best, strict=True)}
    confidence = texts.map(sure).astype("float64")
    language = code.where(confidence >= MIN_CONFIDENCE, known).astype("str")
    return comments.assign(language=language, language_confidence=confidence)


def _best(texts: list[str], languages: tuple[str, ...]) -> list[tuple[str, float]]:
    """The likeliest language of each text and how sure that is.

    Where a candidate is likeliest, the confidence is the one among the candidates alone; where
    another language is, the one among all.
    """
    if not texts:
        return []
    results = []
    for values in _detector(languages).compute_language_confidence_values_in_parallel(texts):
        chance = {value.language.iso_code_639_1.name.lower(): value.value for value in values}
        top = next(iter(chance))
        among = sum(chance[code] for code in languages) if top in languages else 1.0
        results.append((top, chance[top] / among if among else 0.0))
    return results


@cache
def _detector(languages: tuple[str, ...]) -> Any:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, code.upper()) for code in sorted({*languages, *OTHERS})]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()
