"""Label inventories that no training saw, for zero-shot matching: texts, each with the set of its right labels.

The rows of the training split are there to sample examples and corrections from; nothing shipped was trained on them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha1
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models import data

FEWEST = 30
NO_CATEGORY = re.compile(r"\b(?:positive|negative|neutral|polarity|null|other|overall)\b", re.IGNORECASE)
BANKING_AND_HOTEL_NOUNS = (
    "card", "account", "fees_interests", "limits", "restaurant", "balance", "overdraft", "savings", "loan", "refund",
    "contactless", "mortgage", "direct_debit", "spa", "withdrawal", "pin", "room_service", "cheque", "room_ammenities",
    "gym", "standing_order", "parking",
)  # fmt: skip


class Inventory(NamedTuple):
    """Texts, the labels as short texts, and which labels are right for each text: bool, (texts, labels)."""

    name: str
    texts: list[str]
    labels: list[str]
    right: NDArray[np.bool_]

    def at(self, rows: NDArray[Any]) -> Inventory:
        """Some of the rows, by place or by a mask."""
        return self._replace(texts=np.array(self.texts, dtype=object)[rows].tolist(), right=self.right[rows])

    def labelled_as(self, other: Inventory) -> Inventory:
        """With the labels of another, in its order; rows that have none of them, or a text of its, leave."""
        place = {label: i for i, label in enumerate(self.labels)}
        right = np.array([self.right[:, place[label]] for label in other.labels]).T
        known = set(other.texts)
        found = Inventory(self.name, self.texts, other.labels, right)
        return found.at(right.any(axis=1) & np.array([text not in known for text in self.texts]))


def inventory(name: str, table: pd.DataFrame, fewest: int = FEWEST) -> Inventory:
    """From one row per text and label; labels with too few texts, and texts without another label, leave."""
    pairs = table.dropna(subset=["label"]).drop_duplicates(["row", "label"])
    size = pairs.groupby("label")["row"].transform("nunique")
    pairs = pairs[size >= fewest]
    right = pd.crosstab(pairs["row"], pairs["label"]).astype(bool)
    texts = pairs.drop_duplicates("row").set_index("row")["text"].loc[right.index]
    return Inventory(name, texts.tolist(), [words(label) for label in right.columns], right.to_numpy())


def words(label: str) -> str:
    """A category's name as words: `Seller Service#Attitude` becomes `seller service attitude`."""
    return " ".join(re.sub(r"[_#/-]+", " ", label).lower().split())


def parallel(language: str, split: str = "test") -> list[Inventory]:
    """Reviews of hotels, phones, courses, lectures and food; the French is machine translated, line by line."""
    raw = pd.read_json(data.folder() / "mabsa_en_fr" / "mabsa_en_fr.jsonl", lines=True)
    raw = raw[raw["split"] == split]
    found = []
    for domain in ("hotel", "phone", "coursera", "sight", "food"):
        both = raw[raw["domain"] == domain].pivot_table(
            index="line", columns="lang", values=["text", "triplets"], aggfunc="first"
        )
        # The English labels serve both languages: those of the French were projected from them.
        labels = both[("triplets", "en")].map(lambda cell: [t[1] for t in _list(cell) if len(t) > 1])
        rows = pd.DataFrame({"row": both.index, "text": both[("text", language)], "label": labels}).explode("label")
        keep = rows["label"].notna() & ~rows["label"].astype("str").str.contains(NO_CATEGORY)
        found.append(inventory(f"mabsa {domain}", rows[keep].dropna(subset=["text"]), _fewest(split)))
    return found


def _list(cell: object) -> list[list[str]]:
    return json.loads(cell) if isinstance(cell, str) else list(cell)  # type: ignore[call-overload]


def _fewest(split: str) -> int:
    """Labels count by their test rows alone."""
    return FEWEST if split == "test" else 1


def neighbourhoods(split: str = "test") -> Inventory:
    """SentiHood: what makes a part of a city good to live in; its label `general` names nothing."""
    raw = pd.read_json(data.folder() / "sentihood_en" / "sentihood.jsonl", lines=True)
    raw = raw[raw["split"] == split]
    labels = raw["opinions"].map(lambda cell: [o["aspect"] for o in json.loads(cell) if o["aspect"] != "general"])
    rows = pd.DataFrame({"row": raw["id"], "text": raw["text"], "label": labels}).explode("label")
    return inventory("sentihood", rows, _fewest(split))


def laptops(split: str = "test") -> Inventory:
    """ACOS laptop reviews and their aspect categories."""
    raw = pd.read_json(data.folder() / "absa_quads_rest_laptop_en" / "quads.jsonl", lines=True)
    raw = raw[(raw["set"] == "acos_laptop") & (raw["split"] == split)]
    labels = raw["quads"].map(lambda cell: [q[1] for q in _list(cell)])
    rows = pd.DataFrame({"row": raw.index, "text": raw["text"], "label": labels}).explode("label")
    return inventory("laptops", rows, _fewest(split))


def bank_and_hotel() -> Inventory:
    """Spoken requests to a bank and a hotel (NLU++), by the things they name; all of it is unseen."""
    raw = pd.read_json(data.folder() / "nlupp_banking_hotels_en" / "nlupp.jsonl", lines=True)
    labels = raw["intents"].fillna("").map(lambda c: [p for p in c.split("|") if p in BANKING_AND_HOTEL_NOUNS])
    rows = pd.DataFrame({"row": raw.index, "text": raw["text"], "label": labels}).explode("label")
    return inventory("nlupp", rows)


def written(language: str) -> list[Inventory]:
    """The two domains of the written remarks that no training sees, with the touchpoints' names in the language."""
    points = pd.read_csv(data.POINTS)
    remarks = data.remarks().merge(points, on=["domain", "touchpoint"]).reset_index(names="row")
    found = []
    for domain in data.UNSEEN_DOMAINS:
        part = remarks[remarks["domain"] == domain]
        names = part[f"name_{language}"]
        right = pd.crosstab(part["row"], names).astype(bool)
        found.append(Inventory(f"written {domain}", part[language].tolist(), list(right.columns), right.to_numpy()))
    return found


def halves() -> Iterator[tuple[str, Inventory, Inventory]]:
    """Each inventory of real texts: its language, the rows that measure, and others with the same labels to learn from.

    NLU++ names no split: rows whose text has an even hash measure.
    """
    sets = [("en", read("test"), read("train")) for read in (neighbourhoods, laptops)]
    for code in ("en", "fr"):
        pairs = zip(parallel(code), parallel(code, "train"), strict=True)
        sets += [(code, test, train) for test, train in pairs]
    whole = bank_and_hotel()
    even = np.array([sha1(text.encode(), usedforsecurity=False).digest()[0] % 2 == 0 for text in whole.texts])
    sets.append(("en", whole.at(even), whole.at(~even)))
    for code, test, train in sets:
        yield code, test, train.labelled_as(test)
