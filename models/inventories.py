"""Label inventories to learn matching from: texts, each with the label that people gave it, as a short text.

Only sets that may train shipped weights; whole inventories named in the manifest stay unseen.
"""

from __future__ import annotations

import json
import re

import pandas as pd

from feedback import mapping
from models import data, journeys
from models.data import SEED, folder, held_out, is_test, normalised

PER_LABEL, PER_INVENTORY = 60, 300
NO_LABEL = re.compile(
    r"oos|no_nodes|contentonly|confirmation|rejection|greeting|thankyou|outofdomain|not assigned|unspecified|"
    r"positive experience|negative experience|miscellaneous",
    re.IGNORECASE,
)


def _table(name: str, text: pd.Series, label: pd.Series) -> pd.DataFrame:
    words = (
        label.astype("str")
        .str.replace(r"[_/#-]+", " ", regex=True)
        .str.replace(r"(?<=[a-z])(?=[A-Z])", " ", regex=True)
    )
    return pd.DataFrame({"inventory": name, "text": text, "label": words.str.lower().str.strip()})


def hospital() -> pd.DataFrame:
    """NHS themes; a comment with several is a row for each."""
    raw = pd.read_csv(folder() / "nhs_fft_themes_en" / "clean_themes.csv").dropna(subset=["text", "themes"])
    raw = raw[~is_test(raw["text"])].assign(theme=lambda t: t["themes"].str.split(r"\|", regex=True)).explode("theme")
    return _table("hospital", raw["text"], raw["theme"])


def banking() -> pd.DataFrame:
    """Banking77, training split."""
    raw = pd.read_csv(folder() / "banking77_en" / "banking77.csv").query("split == 'train'")
    return _table("banking", raw["text"], raw["category"])


def assistant() -> pd.DataFrame:
    """CLINC150, training split, one inventory a domain."""
    raw = pd.read_csv(folder() / "clinc150_en" / "clinc150.csv").query("split == 'train' and domain != 'small_talk'")
    return _table("assistant", raw["text"], raw["intent"]).assign(inventory="assistant-" + raw["domain"])


def support() -> pd.DataFrame:
    """Bitext support requests."""
    raw = pd.read_csv(folder() / "bitext_support_intents_en" / "bitext.csv").query("split == 'train'")
    return _table("support", raw["utterance"], raw["intent"])


def shops() -> pd.DataFrame:
    """HINT3 chat questions, one inventory a shop."""
    raw = pd.read_csv(folder() / "hint3_retail_intents_en" / "hint3_v2.csv").query("split == 'train'")
    return _table("shops", raw["sentence"], raw["label"]).assign(inventory="shop-" + raw["bot"])


def services() -> pd.DataFrame:
    """MultiDoGO turns, one inventory a domain."""
    raw = pd.read_csv(folder() / "multidogo_intents_en" / "multidogo_turns.csv", low_memory=False).query(
        "split == 'train'"
    )
    raw = raw[~raw["intent"].astype("str").str.contains("<div>")]
    return _table("services", raw["utterance"], raw["intent"]).assign(inventory="service-" + raw["domain"])


def restaurants() -> pd.DataFrame:
    """MAMS aspect categories, training split."""
    raw = pd.read_json(folder() / "mams_restaurants_en" / "mams.jsonl", lines=True).query(
        "task == 'ACSA' and split == 'train'"
    )
    aspects = raw["aspects"].map(lambda a: [x["category"] for x in (json.loads(a) if isinstance(a, str) else a)])
    raw = raw.assign(category=aspects).explode("category")
    return _table("restaurants", raw["text"], raw["category"])


def products() -> pd.DataFrame:
    """Sentences about products and the aspect that they speak of."""
    raw = pd.read_csv(folder() / "huliu_product_aspects_en" / "huliu.csv").dropna(subset=["text"])
    raw = raw[~is_test(raw["text"]) & (raw["n_aspects"] > 0)]
    raw = raw.assign(aspect=raw["aspects"].map(lambda cell: [name for name, _ in json.loads(cell)])).explode("aspect")
    return _table("products", raw["text"], raw["aspect"]).assign(inventory="product-" + raw["product"])


def written() -> pd.DataFrame:
    """The written remarks, each in both languages, with its touchpoint's name or description in either."""
    remarks = data.remarks().query("touchpoint != 'general'")
    remarks = remarks[~remarks["domain"].isin(data.UNSEEN_DOMAINS)]
    remarks = remarks.assign(touchpoint=remarks["touchpoint"].str.split("|")).explode("touchpoint")
    points = pd.read_csv(data.POINTS)
    rows = [
        pd.DataFrame(
            {"inventory": "written-" + both["domain"], "text": both[language], "label": both[label],
             "group": both["touchpoint"]}
        )
        for both in [remarks.merge(points, on=["domain", "touchpoint"])]
        for language in ("en", "fr")
        for label in ("name_en", "name_fr", "description_en", "description_fr")
    ]  # fmt: skip
    return pd.concat(rows, ignore_index=True).dropna(subset=["label"])


def trades() -> pd.DataFrame:
    """The remarks of the written journeys with the names and descriptions of their touchpoints in either language.

    What belongs to none of them has no label: it is only ever a wrong text.
    """
    found = []
    for name in journeys.names():
        if name in journeys.HELD_OUT:
            continue
        texts = journeys.remarks(name).assign(inventory=f"trade-{name}")[["inventory", "text", "touchpoint"]]
        points = [*(point for _, point in journeys.load(name).targets()), mapping.general()]
        labels = pd.DataFrame(
            [(p.id, text) for p in points for text in mapping.wordings(p)], columns=["group", "label"]
        )
        found.append(texts.merge(labels, left_on="touchpoint", right_on="group", how="left"))
    return pd.concat(found, ignore_index=True)[["inventory", "text", "label", "group"]]


def matching() -> pd.DataFrame:
    """One table for matching: inventory, text, label, group (equal groups are the same label in other words)."""
    found = pd.concat(
        [hospital(), banking(), assistant(), support(), shops(), services(), restaurants(), products()],
        ignore_index=True,
    )
    found = found.dropna()
    found = found[~found["label"].str.contains(NO_LABEL) & (found["text"].str.split().str.len() >= 3)]
    found = found[~normalised(found["text"]).isin(held_out())].drop_duplicates()
    found = found.sample(frac=1, random_state=SEED)
    place = found.groupby(["inventory", "label"]).cumcount()
    chosen = found[place < PER_LABEL].drop_duplicates(["inventory", "text"]).groupby("inventory").head(PER_INVENTORY)
    found = found.merge(chosen[["inventory", "text"]]).assign(group=lambda t: t["label"])
    return pd.concat([found, written(), trades()], ignore_index=True)
