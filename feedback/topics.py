"""Topics: what people speak of that no journey file foresaw, found by BERTopic over the run's segments.

The vectors are given, so no embedding model is loaded, and the reduction is deterministic, so the topics depend on the
set of segments alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import blake2b
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback import encode, tables

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

UNIT = ["source", "submission_id"]
NEIGHBOURS, DIMENSIONS, DENSITY = 10, 20, 5
SOUGHT_IN, AT_ONCE = 20_000, 1000
MOST_TOPICS = 150
EXAMPLES, EXAMPLE_WORDS = 3, 4
LABEL_TERMS = 3
SPOKEN = 3  # segments of a language below which its words say little of the topic
PLACEHOLDER = re.compile(r"<[A-Z_]+>|https?://\S+")
WORD = r"(?u)\b[^\W\d_]{2,}\b"
PHRASE = re.compile(r"[^\W\d_]+(?:[\s'-]+[^\W\d_]+){1,3}")
# What the language data lack: halves of elisions and contractions that the word pattern leaves over.
FURTHER_STOP_WORDS = {
    "en": "ain aren couldn didn doesn don hadn hasn haven isn ll mustn re shouldn ve wasn weren won wouldn",
    "fr": "ai as aujourd avez avons est es hui jusqu lorsqu ont puisqu qu quelqu sont suis étaient était être",
}
# What a message opens and closes with. "Dear" and "cher" are also prices, so they count before whom they address only.
COURTESIES = re.compile(
    r"\b(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|to whom it may concern|cheers|sincerely|faithfully"
    r"|(?:(?:kind|best|warm)(?:est)? )?regards|(?:all the )?best wishes|yours (?:truly|sincerely|faithfully)"
    r"|(?:(?:many|a word of) )?thanks?(?: you)?(?: (?:so|very) much)?(?: in advance)?"
    r"|dear (?=<|sirs?\b|madam\b|all\b|team\b)|sirs?|madam"
    r"|bonjour|bonsoir|salut|coucou|(?:bien )?cordialement|(?:sincères )?salutations|bien à (?:vous|toi)"
    r"|bonne (?:journée|soirée|réception)|(?:un grand )?merci(?: (?:beaucoup|bien))?(?: (?:d'|par )avance)?"
    r"|ch(?:er|ère)s? (?=<|monsieur\b|madame\b|messieurs\b|mesdames\b)|monsieur|madame|messieurs|mesdames)(?!\w)",
    re.IGNORECASE,
)


@tables.stage(
    needs=("segment_id", "comment_id", "text", "sentiment", "sentiment_score", "stage", "touchpoint"),
    adds=("topic_id", "topic_score"),
)
def find(
    segments: pd.DataFrame,
    comments: pd.DataFrame,
    vectors_of: Callable[[list[str]], npt.NDArray[np.float32]],
    *,
    week: str,
    languages: Sequence[str],
    min_size: int = 10,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Group the run's segments into topics: the segments with topic_id and topic_score (0–1), and the table TOPICS.

    `vectors_of` gives the vectors of texts. Duplicates, reposts and segments without a word of content (a greeting, a
    sign-off) take no part; whoever stands between topics has none. Equal texts count as one when topics are sought, so
    that a formula makes no topic; fewer than twice `min_size` different ones make none. Among more than 20,000 they
    are sought in so many, drawn by the hash of their words, and the others join their neighbours. Topics are numbered
    by customers; a label holds the words that set the topic apart within one language. A topic has the touchpoint that
    holds at least half of its segments.
    """
    result = segments.assign(topic_id=pd.Series(None, index=segments.index, dtype="str"), topic_score=np.nan)
    chosen = taking_part(segments, comments, languages)
    each, _ = pd.factorize(chosen["said"])
    distinct = chosen.loc[~chosen["said"].duplicated(), ["said", "text", "language"]]
    if len(distinct) < 2 * min_size:
        return result, tables.empty(tables.TOPICS)
    found, near = _grouped(distinct, vectors_of, languages, min_size)
    labels = _by_size(found[each], np.asarray(chosen.groupby(UNIT).ngroup(), np.int64))
    scores = near[each]
    placed = chosen.assign(label=labels, score=scores)[labels >= 0]
    if placed.empty:
        return result, tables.empty(tables.TOPICS)
    placed["topic_id"] = week + "-t" + (placed["label"] + 1).astype(str)
    by_position = placed.set_index("position")[["topic_id", "score"]].reindex(range(len(segments)))
    result["topic_id"], result["topic_score"] = by_position["topic_id"].to_numpy(), by_position["score"].to_numpy()
    return result, summed(_described(placed, languages), result, comments)


def described_again(segments: pd.DataFrame, comments: pd.DataFrame, languages: Sequence[str]) -> pd.DataFrame:
    """The table TOPICS of segments that lie in topics already, when some have gone; one without segments is none."""
    placed = taking_part(segments, comments, languages)
    placed = placed.assign(topic_id=segments["topic_id"].to_numpy()[placed["position"]])
    placed = placed.assign(score=segments["topic_score"].to_numpy()[placed["position"]])
    placed = placed[placed["topic_id"].notna()]
    if placed.empty:
        return tables.empty(tables.TOPICS)
    placed["label"] = placed["topic_id"].str.rpartition("-t")[2].astype(int)
    return summed(_described(placed, languages), segments, comments)


def summed(found: pd.DataFrame, segments: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    """The topics with what their segments' tags come to: how many complain, the mean feeling, and where it is said.

    A topic has the stage and touchpoint of at least half of its segments, and none where none has as many.
    """
    held = segments[segments["topic_id"].notna()].merge(comments[["comment_id", *UNIT]], on="comment_id")
    places = held.groupby(["topic_id", "stage", "touchpoint"], as_index=False).size()  # those that have both
    half = held["topic_id"].value_counts().reindex(places["topic_id"]).to_numpy() / 2
    main = places[places["size"] >= half].sort_values("size", ascending=False, kind="stable")
    place = main.drop_duplicates("topic_id").set_index("topic_id")
    complaints = held[held["sentiment"] == "negative"].drop_duplicates(["topic_id", *UNIT])["topic_id"].value_counts()
    known = found.set_index("topic_id", drop=False)
    known = known.assign(
        touchpoint=place["touchpoint"].reindex(known.index),
        stage=place["stage"].reindex(known.index),
        n_negative=complaints.reindex(known.index, fill_value=0),
        sentiment=held.groupby("topic_id")["sentiment_score"].mean().reindex(known.index),
    )
    return tables.conform(known, tables.TOPICS)


def taking_part(segments: pd.DataFrame, comments: pd.DataFrame, languages: Sequence[str]) -> pd.DataFrame:
    """The segments that take part in the order of their ids, with position, customer, language and words."""
    counted = comments.loc[
        comments["duplicate_of"].isna() & ~comments["is_repost"],
        ["comment_id", *UNIT, "language"],
    ]
    said = segments[["segment_id", "comment_id", "text"]]
    chosen = said.assign(position=np.arange(len(said))).merge(counted, on="comment_id").sort_values("segment_id")
    stop = frozenset().union(*(stop_words(language) for language in languages))
    chosen["said"] = [" ".join(_words(text)) for text in chosen["text"]]
    tells = np.array([not stop.issuperset(_words(_bare(text))) for text in chosen["text"]], bool)
    return chosen[tells].reset_index(drop=True)


@cache
def stop_words(language: str) -> frozenset[str]:
    """Words that say nothing about the subject: spaCy's list of the language, and halves of elisions."""
    listed = import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS
    return frozenset(_words(" ".join([*listed, FURTHER_STOP_WORDS.get(language, "")])))


def _words(text: str) -> list[str]:
    return re.findall(WORD, PLACEHOLDER.sub(" ", text).lower())


def _bare(text: str) -> str:
    """The text with a full stop for each courtesy and placeholder, across which no phrase reaches."""
    return PLACEHOLDER.sub(" . ", COURTESIES.sub(" . ", text.replace("’", "'"))).lower()


def _centres(vectors: Floats, spoken: pd.Series, languages: Sequence[str], enough: int) -> dict[str, Floats]:
    """The mean of all vectors under "", and of each language that has enough."""
    own = {language: (spoken == language).to_numpy() for language in languages}
    means = {language: vectors[rows].mean(0) for language, rows in own.items() if rows.sum() >= enough}
    return {"": vectors.mean(0), **means}


def _centred(vectors: Floats, spoken: pd.Series, centres: dict[str, Floats]) -> Floats:
    """Unit vectors around each language's own mean: otherwise topics part by language before they part by subject."""
    points = vectors - np.array([centres.get(language, centres[""]) for language in spoken.fillna("")])
    return encode.unit(points)


def _cluster(documents: list[str], points: Floats, min_size: int) -> Labels:
    """A topic number per document, −1 for none; `min_size` grows with the run, so that topics stay few to read."""
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction
    from hdbscan import HDBSCAN
    from sklearn.feature_extraction.text import CountVectorizer

    size = max(min_size, len(documents) // MOST_TOPICS)
    model = BERTopic(
        language="multilingual",  # the default strips accents
        embedding_model=None,
        umap_model=BaseDimensionalityReduction(),  # the points are reduced already
        hdbscan_model=HDBSCAN(
            min_cluster_size=size, min_samples=DENSITY, cluster_selection_method="leaf", core_dist_n_jobs=1
        ),
        vectorizer_model=CountVectorizer(token_pattern=WORD),
    )
    labels, _ = model.fit_transform(documents, embeddings=_eigenmaps(points))
    return np.asarray(labels, np.int64)


def _eigenmaps(points: Floats) -> Floats:
    """Reduce unit vectors to the leading eigenvectors of their neighbour graph, each row of unit length.

    Laplacian eigenmaps (Belkin and Niyogi 2003; rows as in Ng, Jordan and Weiss 2002) with UMAP's edge weights: where
    UMAP begins, without its random walk from there.
    """
    from scipy import sparse
    from sklearn.neighbors import NearestNeighbors
    from sklearn.utils.extmath import randomized_svd

    n = len(points)
    k = min(NEIGHBOURS, n - 1)
    neighbours = NearestNeighbors(n_neighbors=k, metric="sqeuclidean", algorithm="brute")
    distance, index = neighbours.fit(points.astype(np.float32)).kneighbors()
    beyond = distance - distance[:, :1]
    weight = np.exp(-beyond / np.maximum(beyond.mean(1, keepdims=True), 1e-6))
    near = sparse.csr_array((weight.ravel(), (np.repeat(np.arange(n), k), index.ravel())), shape=(n, n))
    graph = near + near.T - near * near.T
    scale = sparse.diags_array(1 / np.sqrt(graph.sum(1)))
    positive = (scale @ graph @ scale + sparse.eye_array(n)) / 2
    leading, _, _ = randomized_svd(positive, min(DIMENSIONS, n - 1), n_iter=20, random_state=0)
    return encode.unit(np.asarray(leading, dtype=np.float64))


def _grouped(
    distinct: pd.DataFrame,
    vectors_of: Callable[[list[str]], npt.NDArray[np.float32]],
    languages: Sequence[str],
    min_size: int,
) -> tuple[Labels, Floats]:
    """The topic of each text, −1 for none, and its closeness to the topic's centre."""
    drawn = sought_in(distinct["said"])
    vectors = np.asarray(vectors_of(distinct["text"][drawn].tolist()), float)
    centres = _centres(vectors, distinct["language"][drawn], languages, 2 * min_size)
    points = _centred(vectors, distinct["language"][drawn], centres)
    labels, scores = np.full(len(distinct), -1, np.int64), np.zeros(len(distinct))
    labels[drawn] = _cluster(distinct["said"][drawn].tolist(), points, min_size)
    middles = _middles(points, labels[drawn])
    scores[drawn] = _closeness(points, labels[drawn], middles)
    others = np.flatnonzero(~drawn)
    for part in np.split(others, range(AT_ONCE, len(others), AT_ONCE)):
        texts, spoken = distinct["text"].iloc[part].tolist(), distinct["language"].iloc[part]
        if texts:
            further = _centred(np.asarray(vectors_of(texts), float), spoken, centres)
            labels[part] = _joined(further, points, labels[drawn])
            scores[part] = _closeness(further, labels[part], middles)
    return labels, scores


def sought_in(said: pd.Series) -> npt.NDArray[np.bool_]:
    """Which texts topics are sought in: all, or those whose hash comes first."""
    digests = (blake2b(text.encode("utf-8", "replace"), digest_size=8).digest() for text in said)
    order = np.argsort([int.from_bytes(digest, "big") for digest in digests], kind="stable")
    drawn = np.zeros(len(said), bool)
    drawn[order[:SOUGHT_IN]] = True
    return drawn


def _joined(points: Floats, known: Floats, labels: Labels) -> Labels:
    """The topic of most of each point's nearest known neighbours, −1 counting as one of them."""
    near = np.argpartition(points @ known.T, -DENSITY, axis=1)[:, -DENSITY:]
    votes = np.apply_along_axis(np.bincount, 1, labels[near] + 1, minlength=int(labels.max(initial=-1)) + 2)
    return np.asarray(votes.argmax(axis=1) - 1, np.int64)


def _by_size(labels: Labels, customers: Labels) -> Labels:
    """The same topics numbered from the one with most customers; equal ones by segments, then by the first of them."""
    found, first, size = np.unique(labels, return_index=True, return_counts=True)
    people = [len(np.unique(customers[labels == label])) for label in found]
    order = np.lexsort((first, -size, np.negative(people)))
    number = {label: i for i, label in enumerate(found[order][found[order] >= 0])}
    return np.array([number.get(label, -1) for label in labels], np.int64)


def _middles(points: Floats, labels: Labels) -> Floats:
    """The centre of each topic, a unit vector."""
    means = np.array([points[labels == label].mean(0) for label in range(int(labels.max(initial=-1)) + 1)])
    middles = means.reshape(-1, points.shape[1])
    return encode.unit(middles)


def _closeness(points: Floats, labels: Labels, middles: Floats) -> Floats:
    """Cosine, 0–1, of each point with the centre of its topic; 0 where it has none."""
    closeness = np.zeros(len(points))
    placed = labels >= 0
    closeness[placed] = (points[placed] * middles[labels[placed]]).sum(axis=1)
    return np.clip(closeness, 0, 1)


def _described(placed: pd.DataFrame, languages: Sequence[str]) -> pd.DataFrame:
    """One row per topic: its customers, labels and most typical segments."""
    names = {language: words_apart(placed[placed["language"] == language], language) for language in languages}
    placed = placed.assign(telling=placed["text"].map(reads_alone))
    rows: list[dict[str, Any]] = []
    for label, group in placed.groupby("label", sort=True):
        customers = group[UNIT]
        typical = group.sort_values(["telling", "score", "segment_id"], ascending=[False, False, True])
        rows.append(
            {
                "topic_id": group["topic_id"].iloc[0],
                **{f"label_{language}": named.get(label) for language, named in names.items()},
                "n_segments": len(group),
                "n": len(customers.drop_duplicates()),
                "examples": json.dumps(typical.drop_duplicates("said")["segment_id"].head(EXAMPLES).tolist()),
            }
        )
    return pd.DataFrame(rows)


def reads_alone(text: str) -> bool:
    """Whether a text can be read by itself as an example: words enough, and none of them redacted."""
    return not PLACEHOLDER.search(text) and len(re.findall(r"\w+", text)) >= EXAMPLE_WORDS


def words_apart(spoken: pd.DataFrame, language: str) -> dict[Any, str]:
    """For each topic the words of one language that set it apart from the others, by c-TF-IDF."""
    from bertopic.vectorizers import ClassTfidfTransformer
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer

    spoken = spoken[spoken.groupby("label")["label"].transform("size") >= SPOKEN]
    counter = CountVectorizer(analyzer=lambda text: _terms(text, stop_words(language)), min_df=2)
    try:
        counts = counter.fit_transform(spoken["text"])
    except ValueError:  # no topic is spoken of in it, or no word occurs twice
        return {}
    if counts.shape[1] == 1:  # one word alone sets nothing apart
        return {}
    topics, member = np.unique(spoken["label"], return_inverse=True)
    together = sparse.csr_matrix(np.equal.outer(np.arange(len(topics)), member), dtype=float) @ counts
    weights = ClassTfidfTransformer(reduce_frequent_words=True).fit_transform(together).toarray()
    terms = counter.get_feature_names_out()
    return {topic: label for topic, row in zip(topics, weights, strict=True) if (label := _label(terms, row))}


def _terms(text: str, stop: frozenset[str]) -> list[str]:
    """The words of content in a text, and the phrases from one to the next: "frais", "frais de service"."""
    said = _bare(text)
    words = [m for m in re.finditer(WORD, said) if m.group() not in stop]
    phrases = (said[a.start() : b.end()] for a, b in pairwise(words))
    return [m.group() for m in words] + [" ".join(p.split()) for p in phrases if PHRASE.fullmatch(p)]


def _label(terms: npt.NDArray[Any], weights: Floats) -> str:
    """The heaviest terms that have no word in common; a phrase stands for its word where it is half of its uses.

    Words with the same first five letters are one: "caisse", "caisses".
    """
    texts = terms.astype(str)
    heavy = np.round(weights * np.where(np.char.find(texts, " ") >= 0, 2**0.5, 1), 9)
    chosen: list[str] = []
    stems: set[str] = set()
    for i in np.lexsort((texts, np.char.str_len(texts), -heavy)):
        own = {word[:5] for word in _words(terms[i]) if len(word) > 3} or {terms[i]}
        if weights[i] <= 0 or len(chosen) == LABEL_TERMS:
            break
        if not own & stems:
            chosen.append(str(terms[i]))
            stems |= own
    return ", ".join(chosen)
