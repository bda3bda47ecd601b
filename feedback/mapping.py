"""Segments to the journey: which touchpoint each one concerns, how sure that is, and why.

A segment's utility for a touchpoint is a weighted sum of its similarity to the touchpoint's name,
description and examples, of the terms it holds and of where it came from. A softmax over all
touchpoints, general praise or blame, and "none of these" makes probabilities of the utilities
(conditional logit, McFadden 1974). The few weights are shared by all touchpoints, so they hold for a
journey that was never seen; they are fitted by models/train_mapping.py. What people corrected is learned
on top of them (feedback.learn), and what the segments beside it are about counts too (feedback.neighbours).
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from feedback import encode, head, neighbours, split
from feedback.abstention import Cutoffs
from feedback.head import FEATURES, KINDS, NONE, Learned, Probabilities
from feedback.journey import Journey, Origin, Stage, Touchpoint
from feedback.tables import Tables, stage

BRIEF = 5


class Targets(NamedTuple):
    """A journey placed among the encoder's vectors. The last target is general praise or blame.

    `vectors` (texts, dimensions) are centred and of unit length, with the target (`owner`) and the kind
    of text (`kind`, an index into KINDS) of each; `baseline` (targets, kinds) is the similarity that
    a target shows to the other targets' texts, which is taken off. `learned` is what corrections taught of them.
    """

    journey: Journey
    ids: list[str]
    stages: list[str]
    vectors: encode.Vectors
    owner: NDArray[np.int64]
    kind: NDArray[np.int64]
    centre: encode.Vectors
    baseline: NDArray[np.float64]
    terms: dict[str, dict[str, list[list[frozenset[str]]]]]
    origins: list[Origin | None]
    learned: Learned | None


def place(
    journey: Journey, encoder: encode.Encoder, spacy: Mapping[str, str], learned: Learned | None = None
) -> Targets:
    """Encode a journey's names, descriptions and examples, and lemmatise its terms with the spaCy models."""
    points: list[Touchpoint | Stage] = [*(point for _, point in journey.targets()), general()]
    texts = [
        (owner, kind, text)
        for owner, point in enumerate(points)
        for kind, found in enumerate(_texts(point))
        for text in found
    ]
    vectors = encoder.encode([text for _, _, text in texts]).vectors
    centre = vectors.mean(axis=0)
    centred = encode.unit(vectors - centre)
    owner = np.array([o for o, _, _ in texts])
    kind = np.array([k for _, k, _ in texts])
    return Targets(
        journey=journey,
        ids=[point.id for point in points],
        stages=[s.id for s, _ in journey.targets()],
        vectors=centred,
        owner=owner,
        kind=kind,
        centre=centre,
        baseline=_baseline(centred, owner, kind, len(points)),
        terms={code: _terms(points, code, spacy) for code in spacy},
        origins=[point.origin for point in points],
        learned=learned.on([*(point.id for point in points), NONE]) if learned else None,
    )


@cache
def general() -> Touchpoint:
    """Praise and blame of the whole, as a touchpoint of every journey."""
    written = yaml.safe_load((Path(__file__).parent / "general.yaml").read_text(encoding="utf-8"))
    return Touchpoint.model_validate({"id": "general", **written})


def wordings(point: Touchpoint | Stage) -> list[str]:
    """What a touchpoint is called and how it is described, in every language that it has."""
    names, described, _ = _texts(point)
    return [*names, *described]


def _texts(point: Touchpoint | Stage) -> tuple[list[str], list[str], list[str]]:
    names = list(point.name.values())
    described = [f"{point.name.get(code) or names[0]}. {text}" for code, text in (point.description or {}).items()]
    return names, described, [text for texts in point.examples.values() for text in texts]


def _terms(
    points: list[Touchpoint | Stage], language: str, spacy: Mapping[str, str]
) -> dict[str, list[list[frozenset[str]]]]:
    found = {p.id: [*p.terms.get(language, []), *p.terms.get("*", [])] for p in points}
    lemmatised = iter(split.lemmatise(list(chain(*found.values())), language, spacy))
    return {identifier: list(islice(lemmatised, len(terms))) for identifier, terms in found.items() if terms}


def _baseline(
    vectors: encode.Vectors, owner: NDArray[np.int64], kind: NDArray[np.int64], targets: int
) -> NDArray[np.float64]:
    best = _best(vectors @ vectors.T, owner, kind, targets)
    return np.array([np.nan_to_num(best[owner != t, t], nan=0.0).mean(axis=0) for t in range(targets)])


def _best(
    similarity: NDArray[np.floating[Any]], owner: NDArray[np.int64], kind: NDArray[np.int64], targets: int
) -> NDArray[np.float64]:
    """The highest similarity to each target's texts by kind, (rows, targets, kinds); NaN where it has none."""
    best = np.full((len(similarity), targets, len(KINDS)), np.nan)
    for target in range(targets):
        for k in range(len(KINDS)):
            columns = (owner == target) & (kind == k)
            if columns.any():
                best[:, target, k] = similarity[:, columns].max(axis=1)
    return best


@stage(
    needs=("segment_id", "comment_id", "start", "end", "text", "lemmas"),
    adds=("assignment", "stage", "touchpoint", "stage_confidence", "touchpoint_confidence", "reason"),
)
def map_to_journey(
    segments: pd.DataFrame, vectors: encode.Vectors, tables: Tables, targets: Targets, thresholds: Cutoffs
) -> tuple[pd.DataFrame, Probabilities]:
    """Add assignment, stage, touchpoint, their confidences (0–1), reason and its span.

    A touchpoint is assigned at or above `thresholds.touchpoint`, when neither general praise or blame nor "none of
    these" is likelier; else the stage, when the sum over its touchpoints reaches `thresholds.stage` and exceeds both;
    else general praise or blame when that is likeliest and reaches `thresholds.stage`; else nothing (`unassigned`).
    Also returns each touchpoint's probability,
    shape (len(segments), touchpoints). Rows without text get nulls.
    """
    features, spans = evidence(segments, vectors, tables, targets)
    utility = head.adjusted(head.utilities(features), vectors, targets.learned)
    utility[~(segments["text"].str.len() > 0).to_numpy(dtype=bool)] = np.nan
    points = len(targets.stages)
    beside = neighbours.rows(segments)
    p, lean = head.probabilities(utility, beside)
    tagged = _assigned(segments, p, targets, thresholds)
    return _explained(tagged, features, spans, lean, beside, targets, p[:, :points]), p[:, :points]


def evidence(
    segments: pd.DataFrame, vectors: encode.Vectors, tables: Tables, targets: Targets
) -> tuple[NDArray[np.float64], pd.DataFrame]:
    """What speaks for each target, (segments, targets, FEATURES), and the terms found: segment_id, key, start, end."""
    context = _context(segments, tables)
    spans = term_hits(segments, context["language"], targets)
    return features_of(segments, vectors, context, spans, targets), spans


def _context(segments: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Language, source, question, channel and product of each segment's comment, row by row."""
    keys = ["source", "submission_id"]
    comments = tables.comments[["comment_id", *keys, "language", "question"]]
    known = tables.submissions[[*keys, "channel", "product"]].drop_duplicates(keys)
    return segments[["comment_id"]].merge(comments.merge(known, on=keys, how="left"), on="comment_id", how="left")


def term_hits(segments: pd.DataFrame, language: pd.Series, targets: Targets) -> pd.DataFrame:
    """The first term of each target in each segment, in the segment's language (in any, when it is unknown)."""
    found = []
    for code, terms in targets.terms.items():
        rows = (language == code) | ~language.isin(list(targets.terms))
        found.append(split.term_spans(segments[rows.to_numpy(dtype=bool)], terms))
    spans = pd.concat(found) if found else pd.DataFrame(columns=["segment_id", "key", "start", "end"])
    return spans.drop_duplicates(["segment_id", "key"])


def features_of(
    segments: pd.DataFrame, vectors: encode.Vectors, context: pd.DataFrame, spans: pd.DataFrame, targets: Targets
) -> NDArray[np.float64]:
    """What speaks for each target, shape (segments, targets, FEATURES)."""
    count = len(targets.ids)
    # In 32 bits the last digits of a matrix product depend on how many rows it has.
    centred = encode.unit(vectors.astype(np.float64) - targets.centre)
    best = _best(centred @ targets.vectors.T.astype(np.float64), targets.owner, targets.kind, count)
    features = np.zeros((len(segments), count, len(FEATURES)))
    # A touchpoint without description or examples must not lose to those that have some: its name stands in.
    similarity = best - targets.baseline
    features[:, :, :3] = np.where(np.isnan(best), similarity[:, :, :1], similarity)
    rows = pd.Index(segments["segment_id"]).get_indexer(pd.Index(spans["segment_id"]))
    columns = pd.Index(targets.ids).get_indexer(pd.Index(spans["key"]))
    features[rows, columns, FEATURES.index("term")] = 1
    features[:, :, FEATURES.index("origin")] = _origins(context, targets)
    words = segments["text"].str.count(r"\w+").to_numpy(dtype=np.float64)
    without_term = features[:, :, FEATURES.index("term")].max(axis=1, initial=0) == 0
    features[:, -1, FEATURES.index("general")] = 1
    features[:, -1, FEATURES.index("brief")] = np.clip((BRIEF - words) / (BRIEF - 1), 0, 1) * without_term
    return features


def _origins(context: pd.DataFrame, targets: Targets) -> NDArray[np.float64]:
    """1 where the comment came from where a touchpoint's `from` says, −1e3 where it did not and must (`only`)."""
    found = np.zeros((len(context), len(targets.ids)))
    for column, origin in enumerate(targets.origins):
        if origin is None:
            continue
        rules = {c: getattr(origin, c) for c in ("source", "question", "channel", "product") if getattr(origin, c)}
        hit = np.ones(len(context), dtype=bool)
        for name, globs in rules.items():
            hit &= context[name].map(lambda v, g=globs: _matches(v, g)).to_numpy(dtype=bool)
        found[:, column] = np.where(hit, 1.0, -1e3 if origin.only else 0.0)
    return found


def _matches(value: object, globs: list[str]) -> bool:
    return isinstance(value, str) and any(fnmatch(value.casefold(), g.casefold()) for g in globs)


def version(targets: Targets) -> str:
    """The version of the mapping's weights, and of what corrections taught."""
    return head.version(targets.learned)


def _assigned(segments: pd.DataFrame, p: Probabilities, targets: Targets, thresholds: Cutoffs) -> pd.DataFrame:
    count = len(targets.stages)
    names = list(dict.fromkeys(targets.stages))
    member = np.array([[s == name for name in names] for s in targets.stages], dtype=np.float64)
    by_stage = p[:, :count] @ member
    empty = np.isnan(p[:, 0])
    rows, best = np.arange(len(p)), np.nan_to_num(p[:, :count]).argmax(axis=1)
    confidence, general, none = p[rows, best], p[:, count], p[:, count + 1]
    elsewhere = np.maximum(general, none)
    # A touchpoint that is assigned decides the stage too, even where another stage has more in all.
    on_target = (confidence >= thresholds.touchpoint) & (confidence > elsewhere)
    best_stage = np.where(on_target, member[best].argmax(axis=1), np.nan_to_num(by_stage).argmax(axis=1))
    stage_confidence = by_stage[rows, best_stage]
    is_own_stage = np.array([i == s for i, s in zip(targets.ids, targets.stages, strict=False)])[best]
    assignment = np.select(
        [
            empty,
            on_target,
            (stage_confidence >= thresholds.stage) & (stage_confidence > elsewhere),
            (general >= thresholds.stage) & (general > np.maximum(confidence, none)),
        ],
        ["", "touchpoint", "stage", "general"],
        "unassigned",
    )
    # A stage without touchpoints is matched itself: the stage is clear and there is no touchpoint to name.
    assignment = np.where((assignment == "touchpoint") & is_own_stage, "stage", assignment)
    on_point = assignment == "touchpoint"
    return segments.assign(
        assignment=pd.Series(assignment).where(~empty).astype("str").to_numpy(),
        stage=pd.Series(np.array(names)[best_stage])
        .where(np.isin(assignment, ("touchpoint", "stage")))
        .astype("str")
        .to_numpy(),
        touchpoint=pd.Series(np.array(targets.ids)[best]).where(on_point).astype("str").to_numpy(),
        stage_confidence=stage_confidence,
        touchpoint_confidence=confidence,
    )


def _explained(
    segments: pd.DataFrame,
    features: NDArray[np.float64],
    spans: pd.DataFrame,
    lean: NDArray[np.float64],
    beside: NDArray[np.int64],
    targets: Targets,
    p: Probabilities,
) -> pd.DataFrame:
    """Add what spoke most for the target behind each tag, and the words that it rests on."""
    column = _behind(segments, targets, p)
    rows = np.arange(len(segments))
    known = segments["assignment"].isin(("touchpoint", "stage", "general")).to_numpy(dtype=bool)
    own = features[rows, column, : len(KINDS) + 2] * _reason_weights(targets)[column]
    leaning = np.where(column < lean.shape[2], lean[:, rows, np.minimum(column, lean.shape[2] - 1)], 0.0)
    shown = np.column_stack([own, leaning.sum(axis=0)])
    reasons = np.array([*KINDS, "term", "origin", "neighbour"], dtype=object)
    reason = pd.Series(reasons[np.where(shown == 0, -np.inf, shown).argmax(axis=1)]).where(known)
    place = segments[["start", "end"]].astype("Int64").reset_index(drop=True)
    side = pd.Series(beside[leaning.argmax(axis=0), rows])
    theirs = place.reindex(side).reset_index(drop=True)
    first = spans.set_index(["segment_id", "key"])[["start", "end"]]
    words = first.reindex(pd.MultiIndex.from_arrays([segments["segment_id"], np.array(targets.ids)[column]]))
    words = words.astype("Int64").reset_index(drop=True)
    where = {
        name: place[name]
        .mask(reason == "term", words[name])
        .mask(reason == "neighbour", theirs[name])
        .where(known)
        .array
        for name in place
    }
    return segments.assign(reason=reason.astype("str").to_numpy(), reason_start=where["start"], reason_end=where["end"])


def _behind(segments: pd.DataFrame, targets: Targets, p: Probabilities) -> NDArray[np.int64]:
    """The target behind each tag: general, or the likeliest of the stage, which is the touchpoint where one is set."""
    of_stage = segments["stage"].to_numpy(dtype=object)[:, None] == np.array(targets.stages, dtype=object)
    likeliest = np.where(of_stage, np.nan_to_num(p), -1.0).argmax(axis=1)
    return np.where(segments["assignment"] == "general", len(targets.stages), likeliest)


def _reason_weights(targets: Targets) -> NDArray[np.float64]:
    """The weight of each reason for each target, (targets, reasons); a name stands in for the kinds that are absent."""
    weights = np.tile(head.shipped().weights[: len(KINDS) + 2], (len(targets.ids), 1))
    absent = np.ones((len(targets.ids), len(KINDS)), dtype=bool)
    absent[targets.owner, targets.kind] = False
    kinds = weights[:, : len(KINDS)]
    kinds[:, 0] += (kinds * absent).sum(axis=1)
    kinds[absent] = 0
    return weights


def personas(submissions: pd.DataFrame, journey: Journey) -> pd.DataFrame:
    """Fill `persona` with the id of the first persona whose rule matches the submission."""
    persona = pd.Series(None, index=submissions.index, dtype="str")
    for candidate in reversed(journey.personas):
        hit = pd.Series(True, index=submissions.index)
        for column, globs in candidate.when.items():
            hit &= submissions[column].map(lambda v, g=globs: _matches(v, g)).astype(bool)
        persona = persona.mask(hit, candidate.id)
    return submissions.assign(persona=persona)
