"""Texts and labels for training and measuring, read from the datasets folder beside the checkout.

Only sets whose licence allows it train shipped weights; a text that occurs in any test set, or in a set
kept for measuring, is removed from training.
"""

from __future__ import annotations

import json
import os
from functools import cache
from hashlib import sha1
from pathlib import Path

import numpy as np
import pandas as pd

from feedback import cache as caches
from feedback import encode, parse, split
from feedback.pipeline import SPACY
from models import journeys

SEED = 20261121
FAMILIAR = ("en", "fr")
PUBLIC = ("tweeteval", "umsab")  # labelled as the public speaks: news is neutral there, and much of what customers mean
TRAINED_PER_CELL = {
    "app_reviews": 1600, "hospital": 1200, "opinions": 2000, "posts": 2000, "products": 400, "pros_cons": 400,
    "requests": 400,
}  # fmt: skip
TRAINED_OF_OTHERS = 800
CALIBRATING_SHARE, CALIBRATING_AT_MOST = 0.07, 150
CARELESS_SHARE = 0.12
HERE = Path(__file__).parent
WORK, REMARKS, POINTS = HERE / "work", HERE / "remarks.csv", HERE / "touchpoints.csv"
UNSEEN_DOMAINS = ("city-administration-services", "museum-and-theme-park")


def folder() -> Path:
    """Where the datasets lie: $FEEDBACK_DATASETS, or ../shared/datasets beside the checkout."""
    if not is_there():
        raise SystemExit(f"no datasets at {_folder()}; set FEEDBACK_DATASETS")
    return _folder()


def is_there() -> bool:
    """Whether there are datasets."""
    return _folder().is_dir()


def _folder() -> Path:
    return Path(os.environ.get("FEEDBACK_DATASETS", HERE.parents[1] / "shared" / "datasets"))


def encoder() -> encode.Encoder:
    """The shipped encoder, its rows kept in models/work."""
    return caches.kept(encode.load(), WORK)


def normalised(text: pd.Series) -> pd.Series:
    """Lower case, white space collapsed: the form in which texts are compared and split."""
    return text.str.lower().str.split().str.join(" ")


def is_test(text: pd.Series) -> pd.Series:
    """Whether a row is test where its set names no split: SHA-1 of the normalised text is 0 modulo 5."""
    return normalised(text).map(lambda t: int(sha1(t.encode("utf-8"), usedforsecurity=False).hexdigest(), 16) % 5 == 0)


def _rows(
    name: str, text: pd.Series, label: pd.Series | str, language: pd.Series | str, test: pd.Series
) -> pd.DataFrame:
    table = pd.DataFrame({"text": text, "label": label, "language": language, "test": test})
    return table.assign(set=name).dropna(subset=["text", "label"])


def tweets_en() -> pd.DataFrame:
    """TweetEval sentiment: validation trains, test measures."""
    raw = pd.read_csv(folder() / "tweeteval_en" / "tweeteval.csv").query("task == 'sentiment'")
    return _rows("tweeteval", raw["text"], raw["label"], "en", raw["split"] == "test")


def tweets_fr_en() -> pd.DataFrame:
    """UMSAB, English and French."""
    raw = pd.read_csv(folder() / "umsab_tweets_en_fr" / "umsab.csv")
    return _rows("umsab", raw["text"], raw["label"], raw["lang"].str[:2], raw["split"] == "test")


def tweets_of_others() -> pd.DataFrame:
    """UMSAB, the other languages in Latin script; training only."""
    raw = pd.read_csv(folder() / "umsab_tweets_en_fr" / "umsab_other_langs.csv")
    codes = raw["lang"].map({"spanish": "es", "italian": "it", "german": "de", "portuguese": "pt"})
    raw = raw[codes.notna() & (raw["split"] != "test")]
    return _rows("umsab", raw["text"], raw["label"], codes.loc[raw.index], pd.Series(False, index=raw.index))


def app_reviews() -> pd.DataFrame:
    """Reviews of watch apps: 1–2 stars negative, 4–5 positive; a request without a problem is neutral."""
    raw = pd.read_csv(folder() / "minibar_app_reviews_en_fr" / "classification.csv").dropna(subset=["data"])
    stars = raw["score"].map({1: "negative", 2: "negative", 4: "positive", 5: "positive"})
    asks = (raw["feature_request"] == 1) & (raw["problem_report"] == 0) & raw["score"].between(2, 4)
    label = stars.mask(asks, "neutral").mask((raw["score"] == 3) & (raw["irrelevant"] == 1), "neutral")
    return _rows("app_reviews", raw["data"], label, raw["ori_lang"], is_test(raw["data"]))


def hospital() -> pd.DataFrame:
    """NHS comments, coded from 1 (very positive) to 5 (very negative)."""
    raw = pd.read_csv(folder() / "nhs_fft_themes_en" / "clean_themes.csv").dropna(subset=["text"])
    label = raw["sentiment_1pos_5neg"].map({1: "positive", 2: "positive", 3: "neutral", 4: "negative", 5: "negative"})
    return _rows("hospital", raw["text"], label, "en", is_test(raw["text"]))


def products() -> pd.DataFrame:
    """Sentences of product reviews: the sign of their aspects; those without one are left out, they are no opinion."""
    raw = pd.read_csv(folder() / "huliu_product_aspects_en" / "huliu.csv").dropna(subset=["text"])
    signs = raw["aspects"].map(lambda cell: {np.sign(strength) for _, strength in json.loads(cell)})
    label = signs.map(lambda s: {1: "positive", -1: "negative"}.get(s.pop()) if len(s) == 1 else None)
    return _rows("products", raw["text"], label, "en", is_test(raw["text"]))


def pros_and_cons() -> pd.DataFrame:
    """Short lists of advantages and drawbacks."""
    raw = (
        pd.read_csv(folder() / "pros_cons_en" / "pros_cons.csv")
        .dropna()
        .drop_duplicates("text")
        .sample(4000, random_state=SEED)
    )
    return _rows(
        "pros_cons", raw["text"], raw["label"].map({"pro": "positive", "con": "negative"}), "en", is_test(raw["text"])
    )


def requests() -> pd.DataFrame:
    """Plain requests and questions to an assistant: neutral."""
    raw = (
        pd.read_csv(folder() / "clinc150_en" / "clinc150.csv")
        .query("domain != 'small_talk'")
        .sample(1200, random_state=SEED)
    )
    return _rows("requests", raw["text"], "neutral", "en", raw["split"].str.contains("test"))


def restaurants() -> pd.DataFrame:
    """Clauses of MAMS sentences, cut by our own splitting, whose terms agree in polarity; training split."""
    raw = (
        pd.read_json(folder() / "mams_restaurants_en" / "mams.jsonl", lines=True)
        .query("task == 'ATSA' and split == 'train'")
        .drop_duplicates("text")
        .reset_index(drop=True)
    )
    comments = pd.DataFrame({"comment_id": raw.index.astype("str"), "text": raw["text"], "language": "en"})
    segments = split.split(comments, parse.parse(comments, SPACY), [()] * len(comments))
    terms = raw["aspects"].map(lambda a: json.loads(a) if isinstance(a, str) else a).explode()
    polarity = pd.DataFrame(terms.tolist(), index=terms.index).assign(place=lambda t: t["from"].astype(int))
    polarity["comment_id"] = polarity.index.astype("str")
    both = segments.merge(polarity, on="comment_id").query("start <= place < end")
    agreed = both.groupby("segment_id").agg(
        text=("text", "first"), label=("polarity", "first"), n=("polarity", "nunique")
    )
    agreed = agreed.query("n == 1").reset_index(drop=True)
    return _rows("restaurants", agreed["text"], agreed["label"], "en", pd.Series(False, index=agreed.index))


def concerts() -> pd.DataFrame:
    """The tuning segments of the sample journey, written for it; many complain without a word of feeling."""
    raw = pd.read_csv(HERE.parent / "data" / "gold" / "concert-tuning.csv")
    text = pd.Series([t[int(a) : int(b)] for t, a, b in zip(raw["text"], raw["start"], raw["end"], strict=True)])
    return _rows("concerts", text, raw["sentiment"], raw["language"], pd.Series(False, index=raw.index))


def remarks() -> pd.DataFrame:
    """Remarks of customers in both languages, written for training: domain, touchpoint, sentiment, kind, en, fr.

    A remark of kind `subjects` may speak of several touchpoints, joined by `|`.
    """
    return pd.read_csv(REMARKS, keep_default_na=False)


def written() -> pd.DataFrame:
    """The written remarks in either language; two domains are never trained on."""
    table = remarks()
    test = table["domain"].isin(UNSEEN_DOMAINS)
    both = [_rows("written", table[language], table["sentiment"], language, test) for language in ("en", "fr")]
    return pd.concat(both, ignore_index=True)


def opinions() -> pd.DataFrame:
    """Reviews, posts and clauses of either language, written for training: kind, subject, sentiment, language, text."""
    return _written_for_training("opinions")


def posts() -> pd.DataFrame:
    """Social posts in English, and in both languages what is hard: irony, praise by negation, trouble that is over."""
    return _written_for_training("posts")


def reviews() -> pd.DataFrame:
    """Long reviews of books and other things, written for training, with the stars that they give: 1, 2, 4 or 5.

    The encoder has not seen them; they train what reads its layers.
    """
    raw = pd.read_csv(HERE / "reviews.csv")
    label = raw["stars"].map(lambda stars: "negative" if stars < 3 else "positive")
    return _rows("reviews", raw["text"], label, raw["language"], pd.Series(False, index=raw.index))


def _written_for_training(name: str) -> pd.DataFrame:
    raw = pd.read_csv(HERE / f"{name}.csv", keep_default_na=False)
    return _rows(name, raw["text"], raw["sentiment"], raw["language"], pd.Series(False, index=raw.index))


def trades() -> pd.DataFrame:
    """The remarks of the written journeys; those of the held-out ones measure."""
    parts = [
        _rows("trades", table["text"], table["sentiment"], table["language"], pd.Series(held, index=table.index))
        for name in journeys.names()
        for table, held in [(journeys.remarks(name), name in journeys.HELD_OUT)]
    ]
    return pd.concat(parts, ignore_index=True)


SETS = (
    concerts, written, opinions, posts, trades, tweets_en, tweets_fr_en, tweets_of_others, app_reviews, hospital,
    products, pros_and_cons, requests, restaurants,
)  # fmt: skip


MEASURING_ONLY = (
    "absa_quads_rest_laptop_en", "mabsa_en_fr", "semeval14_restaurants_en", "sst_cr_mr_en", "cls_amazon_books_fr",
    "drugscom_sample_en", "langid_short_reviews", "trustpilot_xlsx_multi", "trustpilot_scrape_json", "sentihood_en",
    "goemotions_en", "sentimentr_bundle_en", "nlupp_banking_hotels_en",
)  # fmt: skip


@cache
def held_out() -> frozenset[str]:
    """Normalised texts of the sets that only measure, and of MAMS' test; none of them may train."""
    found = []
    for name in MEASURING_ONLY:
        for path in sorted((folder() / name).glob("*.csv")) + sorted((folder() / name).glob("*.json*")):
            table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_json(path, lines=path.suffix == ".jsonl")
            found += [table[column] for column in ("text", "sentence", "review", "comment") if column in table]
    mams = pd.read_json(folder() / "mams_restaurants_en" / "mams.jsonl", lines=True)
    found.append(mams["text"][mams["split"] != "train"])
    return frozenset(normalised(pd.concat(found).dropna().astype(str)))


def sentiment(at_most: int | None = None) -> pd.DataFrame:
    """One table for sentiment: text, label, language, set, split (train, calibration, test).

    No training text occurs in any test. Of each cell (set, language, label) in English or French 7 % of the rows,
    at most 150, calibrate; of the others `at_most` train, by default 800 (of some sets more or fewer:
    TRAINED_PER_CELL).
    """
    table = pd.concat([read() for read in SETS], ignore_index=True)
    key = normalised(table["text"])
    measured = set(key[table["test"]]) | held_out()
    table = table[table["test"] | ~key.isin(measured)]
    table = table[table["test"] | ~normalised(table["text"]).duplicated()]
    shuffled = table.sample(frac=1, random_state=SEED)
    cells = shuffled.groupby(["set", "language", "label", "test"])["text"]
    place, size = cells.cumcount(), cells.transform("size")
    held = (CALIBRATING_SHARE * size).round().clip(upper=CALIBRATING_AT_MOST)
    held = held.where(shuffled["language"].isin(FAMILIAR), 0)
    cap = at_most or shuffled["set"].map(TRAINED_PER_CELL).fillna(TRAINED_OF_OTHERS)
    part = np.select([shuffled["test"], place < held, place < held + cap], ["test", "calibration", "train"], "")
    return shuffled.drop(columns="test").assign(split=part).query("split != ''").reset_index(drop=True)


def roughened(table: pd.DataFrame) -> pd.DataFrame:
    """The table, and an eighth of its texts again as typed in a hurry: lower case, no accents, no full stop."""
    again = table.sample(frac=CARELESS_SHARE, random_state=SEED)
    bare = again["text"].str.lower().str.normalize("NFD").str.replace(r"[\u0300-\u036f]|[.!]+$", "", regex=True)
    return pd.concat([table, again.assign(text=bare)], ignore_index=True)
