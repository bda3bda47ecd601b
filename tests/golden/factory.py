"""Invented results of a run: a concert week in which the QR code got worse and e-mail delivery better."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from feedback import journey as journeys
from feedback import tables
from feedback.report.results import Results

ROOT = Path(__file__).parents[2]
JOURNEY = journeys.load(ROOT / "data/journeys/concert.yaml")
SOURCES = {"post_purchase_survey": "survey", "app_reviews": "review", "trustpilot": "review", "x": "social"}

# touchpoint: (weight of being spoken of, share negative now, complaints last week of 271)
SHAPE = {
    "ad": (0.03, 0.4, 4),
    "site": (0.12, 0.45, 14),
    "waiting-room": (0.12, 0.75, 21),
    "price": (0.14, 0.8, 28),
    "fees": (0.22, 0.92, 52),
    "checkout": (0.12, 0.5, 16),
    "email-delivery": (0.18, 0.22, 33),
    "app": (0.16, 0.6, 25),
    "wallet": (0.05, 0.7, 8),
    "qr-gate": (0.28, 0.84, 24),
    "entrance": (0.14, 0.5, 18),
    "venue": (0.12, 0.45, 13),
    "show": (0.42, 0.07, 9),
    "suggestions": (0.03, 0.4, 3),
    "support": (0.1, 0.75, 19),
    "refund": (0.04, 0.9, 9),
}

PHRASES = {
    ("qr-gate", "en", "negative"): [
        "the QR code would not scan and we missed the first three songs",
        "our QR codes were refused twice at the gate",
        "the scanner could not read the code on my phone",
    ],
    ("qr-gate", "fr", "negative"): [
        "le QR code ne passait pas à l'entrée",
        "trente minutes bloqués devant le portique, code illisible",
        "le code refusait de s'afficher au moment du contrôle",
    ],
    ("fees", "en", "negative"): ["£14 of service fees on a £40 ticket", "the fees only appear on the last page"],
    ("fees", "fr", "negative"): ["les frais de service sont abusifs", "12 € de frais pour un billet électronique"],
    ("email-delivery", "en", "positive"): ["the tickets were in my inbox within a minute"],
    ("email-delivery", "fr", "positive"): ["billets reçus par mail tout de suite"],
    ("show", "en", "positive"): ["the band was on fire", "best night of the year"],
    ("show", "fr", "positive"): ["concert magnifique, son impeccable", "une soirée inoubliable"],
}
PLAIN = {
    ("en", "negative"): ["{name}: not good enough", "I was let down by {name}", "{name} needs work, honestly"],
    ("fr", "negative"): ["{name} : pas à la hauteur", "déçue par {name}", "{name}, franchement à revoir"],
    ("en", "positive"): ["{name} was great", "no complaint about {name}"],
    ("fr", "positive"): ["{name} : parfait", "rien à redire sur {name}"],
    ("en", "neutral"): ["{name} was as expected"],
    ("fr", "neutral"): ["{name} : normal"],
}


def results(n: int = 290, seed: int = 46, *, previous: bool = True) -> Results:
    """A run over `n` submissions with its earlier week; the same each time."""
    rng = np.random.default_rng(seed)
    submissions = _submissions(n, rng)
    comments, segments = _comments(submissions, rng)
    scores = _scores(submissions, segments, comments, rng)
    comments = _with_scores(comments, scores)
    friction = _friction(comments, segments, previous=previous)
    data = {
        "submissions": tables.conform(submissions, tables.SUBMISSIONS),
        "scores": tables.conform(scores, tables.SCORES),
        "comments": tables.conform(comments, tables.COMMENTS),
        "segments": tables.conform(segments, tables.SEGMENTS),
        "rejects": tables.conform(_rejects(), tables.REJECTS),
        "topics": tables.conform(_topics(segments, comments), tables.TOPICS),
        "friction": tables.conform(friction, tables.FRICTION),
    }
    return Results(data, _info(n, previous=previous), JOURNEY, _metrics(scores), _history(friction) if previous else ())


def _submissions(n: int, rng: np.random.Generator) -> pd.DataFrame:
    sources = list(SOURCES)
    rows = []
    for i in range(n):
        source = sources[int(rng.choice(4, p=[0.55, 0.2, 0.15, 0.1]))]
        rows.append(
            {
                "submission_id": f"s{i:04d}",
                "source": source,
                "source_kind": SOURCES[source],
                "created_at": pd.Timestamp("2026-11-09T08:00Z") + pd.Timedelta(minutes=int(rng.integers(0, 9000))),
                "has_text": bool(rng.random() < 0.92 or source == "x"),
                "product": ["floor", "seated", "vip"][int(rng.integers(0, 3))],
                "file": f"{source}.csv",
                "row": i + 1,
            }
        )
    rows[3]["created_at"] = pd.NaT
    return pd.DataFrame(rows)


def _comments(submissions: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    comments, segments = [], []
    for sub in submissions[submissions["has_text"]].itertuples():
        language = "fr" if rng.random() < 0.55 else "en"
        comment_id = hashlib.sha256(f"{sub.source}\x1f{sub.submission_id}\x1ftext".encode()).hexdigest()[:16]
        parts, text = _parts(language, rng), ""
        for k, (point, sentiment, phrase) in enumerate(parts):
            text += "" if k == 0 else (", mais " if language == "fr" else ", but ")
            start, text = len(text), text + phrase
            segments.append(_segment(comment_id, k, start, phrase, point, sentiment, rng))
        comments.append(
            {
                "comment_id": comment_id,
                "submission_id": sub.submission_id,
                "source": sub.source,
                "field_id": "text",
                "question": "How was it?" if sub.source_kind == "survey" else None,
                "text": text,
                "language": language,
                "language_confidence": 0.95,
                "created_at": sub.created_at,
                "is_repost": sub.source == "x" and rng.random() < 0.2,
                "duplicate_of": None,
                "file": sub.file,
                "row": sub.row,
            }
        )
    table = pd.DataFrame(comments)
    table.loc[table.index[-1], "duplicate_of"] = table["comment_id"].iloc[0]
    posts = table.index[table["is_repost"]]
    table.loc[posts[: len(posts) // 2], "duplicate_of"] = table["comment_id"].iloc[0]
    table.loc[table.index[-2], "language"] = None
    table.loc[table.index[-3], "language"] = "de"
    return table, pd.DataFrame(segments)


def _parts(language: str, rng: np.random.Generator) -> list[tuple[str, str, str]]:
    parts = []
    for point, (weight, negative, _) in SHAPE.items():
        if rng.random() < weight:
            roll = rng.random()
            sentiment = (
                "negative" if roll < negative else ("positive" if roll < negative + (1 - negative) * 0.7 else "neutral")
            )
            choice = PHRASES.get((point, language, sentiment)) or PLAIN[language, sentiment]
            name = JOURNEY.name_of(point, language)
            parts.append((point, sentiment, choice[int(rng.integers(0, len(choice)))].format(name=name)))
    if not parts or rng.random() < 0.1:
        text = {"fr": "Ravis dans l'ensemble", "en": "Happy overall"}[language]
        parts.append(("general", "positive", text))
    if rng.random() < 0.04:
        parts.append(("unassigned", "neutral", "RAS" if language == "fr" else "n.a."))
    order = rng.permutation(len(parts))
    return [parts[i] for i in order][:4]


def _segment(
    comment_id: str, k: int, start: int, text: str, point: str, sentiment: str, rng: np.random.Generator
) -> dict[str, object]:
    low, high = {"negative": (-0.98, -0.35), "neutral": (-0.2, 0.2), "positive": (0.4, 0.98)}[sentiment]
    score = float(rng.uniform(low, high))
    stage = next((s.id for s in JOURNEY.stages for t in s.touchpoints if t.id == point), None)
    return {
        "segment_id": f"{comment_id}:{k}",
        "comment_id": comment_id,
        "start": start,
        "end": start + len(text),
        "text": text,
        "sentiment": sentiment,
        "sentiment_score": score,
        "p_negative": max(0.0, -score),
        "p_neutral": 1 - abs(score),
        "p_positive": max(0.0, score),
        "assignment": "touchpoint" if stage else point,
        "stage": stage,
        "touchpoint": point if stage else None,
        "touchpoint_confidence": 0.8 if stage else None,
        "reason": "term" if stage else None,
        "topic_id": None,
        "tagged_by": "model",
        "model_version": "invented-1",
    }


def _scores(
    submissions: pd.DataFrame, segments: pd.DataFrame, comments: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    mood = segments.merge(comments[["comment_id", "submission_id"]]).groupby("submission_id")["sentiment_score"].mean()
    rows = []
    for sub in submissions[submissions["source_kind"] != "social"].itertuples():
        score = float(np.clip(0.82 + 0.25 * mood.get(sub.submission_id, 0.5) + rng.normal(0, 0.1), 0, 1))
        top = 10 if sub.source_kind == "survey" else 5
        low = 0 if top == 10 else 1
        raw = round(low + score * (top - low))
        rows.append(
            {
                "submission_id": sub.submission_id,
                "source": sub.source,
                "metric": "nps" if top == 10 else "stars",
                "question": None,
                "score_raw": raw,
                "score_min": low,
                "score_max": top,
                "score": (raw - low) / (top - low),
            }
        )
    return pd.DataFrame(rows)


def _with_scores(comments: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    return comments.merge(
        scores[["submission_id", "score_raw", "score_min", "score_max", "metric"]], on="submission_id", how="left"
    )


def _friction(comments: pd.DataFrame, segments: pd.DataFrame, *, previous: bool) -> pd.DataFrame:
    used = comments[comments["duplicate_of"].isna() & ~comments["is_repost"]]
    base = used["submission_id"].nunique()
    joined = segments.merge(used[["comment_id", "submission_id"]])
    rows = [_friction_row(stage.id, point.id, joined, base, previous=previous) for stage, point in JOURNEY.targets()]
    table = pd.DataFrame(rows)
    table["rank"] = table["friction"].where(table["n"] >= 10).rank(ascending=False, method="first").astype("Int64")
    tested = table["direction"] != "untested"
    q = stats.false_discovery_control(table.loc[tested, "p_value"]) if tested.any() else []
    table.loc[tested, "q_value"] = q
    sign = tested & (table["q_value"] <= 0.05)
    table.loc[sign, "direction"] = np.where(table.loc[sign, "change"] > 0, "worse", "better")
    return table


def _friction_row(stage: str, point: str, joined: pd.DataFrame, base: int, *, previous: bool) -> dict[str, object]:
    here = joined[joined["touchpoint"] == point]
    of = here.groupby("submission_id")["sentiment_score"]
    n, negative = of.ngroups, here.loc[here["sentiment"] == "negative", "submission_id"].nunique()
    severity = float(-of.min()[of.min() < -0.3].mean()) if negative else float("nan")
    # Reach is drawn toward a mean of 5 %, so that it is not the share complaining.
    reach, mean = (negative + 0.05 * 40) / (base + 40), float(of.mean().mean()) if n else float("nan")
    half = 1.96 * float(of.mean().std()) / np.sqrt(n) if n > 1 else float("nan")
    impact = 1.15 if negative >= 10 else 1.0
    value = 100 * reach * severity * impact
    before, before_base = SHAPE[point][2], 271
    tested = previous and max(negative, before) >= 10
    share, negative_share = _wilson(n, base), _wilson(negative, max(n, 1))
    complaint = _wilson(negative, base)
    change = (
        confint_proportions_2indep(negative, base, before, before_base, method="newcomb")
        if previous
        else (np.nan, np.nan)
    )
    p = stats.fisher_exact([[negative, base - negative], [before, before_base - before]])[1] if tested else np.nan
    return {
        "stage": stage, "touchpoint": point, "base": base, "n_segments": len(here), "n": n,
        "n_negative": negative, "n_positive": here.loc[here["sentiment"] == "positive", "submission_id"].nunique(),
        "share": n / base, "share_low": share[0], "share_high": share[1],
        "negative_share": negative / n if n else np.nan,
        "negative_low": negative_share[0], "negative_high": negative_share[1], "negative_shrunk": 0.5,
        "complaint_share": negative / base, "complaint_low": complaint[0], "complaint_high": complaint[1],
        "sentiment": mean, "sentiment_low": max(-1.0, mean - half), "sentiment_high": min(1.0, mean + half),
        "reach": reach, "severity": severity, "impact": impact, "impact_measured": negative >= 10,
        "friction": value, "friction_low": value * 0.75, "friction_high": value * 1.3,
        "previous": "2026-W45" if previous else None,
        "previous_base": before_base if previous else None,
        "previous_n_negative": before if previous else None,
        "previous_complaint_share": before / before_base if previous else np.nan,
        "change": negative / base - before / before_base if previous else np.nan,
        "change_low": change[0], "change_high": change[1], "p_value": p, "q_value": np.nan,
        "direction": "same" if tested else "untested",
    }  # fmt: skip


def _wilson(k: int, n: int) -> tuple[float, float]:
    low, high = proportion_confint(k, n, method="wilson")
    return float(low), float(high)


def _history(friction: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Three earlier weeks; the last is the one compared with."""
    weeks = []
    for k, week in enumerate(["2026-W43", "2026-W44", "2026-W45"]):
        table = friction.copy()
        share = table["previous_complaint_share"] * (0.9 + 0.05 * k)
        table["complaint_share"], table["n"] = share, (table["n"] * 0.9).astype(int)
        table["base"] = table["previous_base"]
        shift = (friction["complaint_share"] - share) * 2
        for column in ("sentiment", "sentiment_low", "sentiment_high"):
            table[column] = (friction[column] + shift).clip(-1, 1)
        weeks.append((week, tables.conform(table, tables.FRICTION)))
    return weeks


def _rejects() -> pd.DataFrame:
    preview = "not feedback: a survey preview", "nothing to do; it is counted apart", None
    ragged = "9 cells where the header has 7", "quote the cells that hold the delimiter, or export it again", "=1+1"
    again = "read again: a later or equal edit stands elsewhere", "nothing to do; the last edit counts", None
    unknown = "the format is not recognised", "see `feedback read FILE --explain`", None
    rows = [("post_purchase_survey.csv", 300 + i, *preview) for i in range(12)]
    rows += [("trustpilot.csv", 40 + i, *ragged) for i in range(3)]
    rows += [("app_reviews.csv", 20 + i, *again) for i in range(2)]
    rows += [("notes.docx", None, *unknown)]
    return pd.DataFrame(rows, columns=["file", "row", "reason", "remedy", "excerpt"])


def _topics(segments: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    rows = []
    labels = {
        "qr-gate": ("scan, code, refused", "code, portique, illisible"),
        "fees": ("fees, last page", "frais, abusifs"),
    }
    for k, (point, (en, fr)) in enumerate(labels.items()):
        here = segments[(segments["touchpoint"] == point) & (segments["sentiment"] == "negative")].merge(
            comments[["comment_id", "submission_id"]]
        )
        rows.append(
            {
                "topic_id": f"2026-W46-t{k + 1}",
                "touchpoint": point,
                "stage": here["stage"].iloc[0] if len(here) else None,
                "label_en": en,
                "label_fr": fr,
                "n_segments": len(here),
                "n": here["submission_id"].nunique(),
                "n_negative": here["submission_id"].nunique(),
                "sentiment": float(here["sentiment_score"].mean()) if len(here) else 0.0,
                "examples": json.dumps(list(here["segment_id"].head(3))),
            }
        )
    return pd.DataFrame(rows)


def _metrics(scores: pd.DataFrame) -> pd.DataFrame:
    """In the columns of stats.metrics; the intervals are invented."""
    rows = []
    for (source, metric), group in scores.groupby(["source", "metric"]):
        raw, is_nps = group["score_raw"], metric == "nps"
        value = 100 * float((raw >= 9).mean() - (raw <= 6).mean()) if is_nps else float(raw.mean())
        half = 9.0 if is_nps else 0.2
        rows.append(
            {
                "source": source,
                "metric": metric,
                "question": "How likely are you to recommend us?" if is_nps else "stars",
                "score_min": float(group["score_min"].iloc[0]),
                "score_max": float(group["score_max"].iloc[0]),
                "unit": "points" if is_nps else "mean",
                "definition_en": "promoters (9–10) less detractors (0–6)" if is_nps else "mean of the stars",
                "definition_fr": "promoteurs (9–10) moins détracteurs (0–6)" if is_nps else "moyenne des étoiles",
                "n": len(group),
                "value": value,
                "low": value - half,
                "high": value + half,
                "n_text": int(len(group) * 0.9),
                "value_text": value - half / 2,
                "low_text": value - 1.5 * half,
                "high_text": value + half / 2,
            }
        )
    return pd.DataFrame(rows)


def _info(n: int, *, previous: bool) -> dict[str, object]:
    return {
        "pipeline": "concert-weekly",
        "week": "2026-W46",
        "run_id": "20261116T070000Z",
        "previous": "2026-W45" if previous else None,
        "timezone": "Europe/Paris",
        "journey": {"file": "data/journeys/concert.yaml"},
        "models": {
            "encoder": "invented-1",
            "sentiment": "shipped-0123456789ab",
            "spacy": {"en": "invented_en", "fr": "invented_fr"},
        },
        "thresholds": {"min_count": 10, "false_discovery_rate": 0.05, "touchpoint": 0.5, "stage": 0.6},
        "weights": {"version": 1, "reach": 1.0, "severity": 1.0, "impact": 1.0},
        "counts": {
            "read": n + 15 + 20,
            "other_weeks": 18,
            "told_before": 6,
            "redacted": {"<PERSON>": 7, "<EMAIL>": 3},
            "late": [{"week": "2026-W45", "n": 4}],
        },
        "seconds": {"read": 0.4, "encode": 2.1},
    }
