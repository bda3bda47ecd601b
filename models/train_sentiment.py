"""Fit what reads the sentiment from the layers of the trained encoder, make its probabilities right, and ship it.

    python -m models.train_sentiment

The public calls news neutral where customers would hear a complaint, so the sentiment is read in either meaning: six
classes, not three. Three small networks are averaged, each with one hidden layer; together they are one such network.
A temperature (Guo et al. 2017, On Calibration of Modern Neural Networks), fitted on rows whose sentiment nothing was
taught, is multiplied into the last matrix; some of their texts the encoder has seen for matching.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.optimize import minimize_scalar
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy

from feedback import bert, encode, sentiment
from feedback.bert import HEAD
from feedback.tables import SENTIMENTS
from models import data
from models.export import WEIGHTS, packed, write_manifest

LAYERS = (5, 7, 9, 10, 11)
MEANINGS, TIMES = 2, 3
AT_MOST, ENSEMBLE, HIDDEN, DROPOUT = 3000, 3, 64, 0.3
BATCH, EPOCHS, RATE, DECAY, SMOOTHING = 512, 10, 2e-3, 0.05, 0.05
Rows = NDArray[np.float32]


class Means(NamedTuple):
    """Reads nothing: the means of some layers themselves, in the place of logits."""

    layers: tuple[int, ...]
    width: int

    def __call__(self, means: list[torch.Tensor]) -> torch.Tensor:
        """The means of the layers side by side."""
        return torch.cat([means[layer] for layer in self.layers], dim=1)


def means(texts: list[str]) -> Rows:
    """What the shipped layers make of texts; shape (texts, len(LAYERS) × dimensions)."""
    stored = load_file(WEIGHTS / "encoder.safetensors")
    width = len(LAYERS) * stored["embeddings.LayerNorm.weight"].size
    network = bert.read(stored, "cuda" if torch.cuda.is_available() else "cpu", reading=Means(LAYERS, width))
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    return encode.Shipped(network, tokenizer, "means").encode(texts).logits


def classes(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Places in SENTIMENTS, those of the public's meaning after the customers'."""
    place = rows["label"].map(SENTIMENTS.index).to_numpy(dtype=np.int64)
    return np.asarray(place + len(SENTIMENTS) * rows["set"].isin(data.PUBLIC).to_numpy())


def fit(x: torch.Tensor, y: torch.Tensor, seed: int) -> tuple[torch.nn.Linear, torch.nn.Linear]:
    """The hidden layer and the last of one network."""
    torch.manual_seed(seed)
    hidden, last = torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, MEANINGS * len(SENTIMENTS))
    drop, activation = torch.nn.Dropout(DROPOUT), torch.nn.GELU()
    network = torch.nn.Sequential(drop, hidden, activation, drop, last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = len(x) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x))[: steps * BATCH].split(BATCH):
            optimizer.zero_grad()
            cross_entropy(network(x[batch]), y[batch], label_smoothing=SMOOTHING).backward()
            optimizer.step()
            schedule.step()
    return hidden, last


def averaged(networks: list[tuple[torch.nn.Linear, torch.nn.Linear]]) -> dict[str, Rows]:
    """The mean of several networks as one, by the names of feedback.bert.Sentiment."""
    parts = {
        "hidden.weight": torch.cat([hidden.weight for hidden, _ in networks]),
        "hidden.bias": torch.cat([hidden.bias for hidden, _ in networks]),
        "weight": torch.cat([last.weight for _, last in networks], dim=1) / len(networks),
        "bias": torch.stack([last.bias for _, last in networks]).mean(dim=0),
    }
    return {name: part.detach().numpy() for name, part in parts.items()}


def ship(parts: dict[str, Rows]) -> None:
    """Put these parts into the encoder's file, in the place of those before."""
    file = WEIGHTS / "encoder.safetensors"
    stored = {name: values for name, values in load_file(file).items() if not name.startswith(HEAD)}
    whole = dict(parts)
    whole["hidden.weight"], whole["hidden.weight.scale"] = packed(parts["hidden.weight"])
    whole["layers"] = np.array(LAYERS)
    save_file(stored | {f"{HEAD}.{name}": np.ascontiguousarray(values) for name, values in whole.items()}, file)
    write_manifest()


def calibrated(parts: dict[str, Rows], rows: pd.DataFrame) -> dict[str, Rows]:
    """The same with a last matrix whose probabilities fit how often they are right on these rows."""
    logits = encode.load().encode(rows["text"].tolist()).logits
    right = rows["label"].map(SENTIMENTS.index).to_numpy()

    def loss(scale: float) -> float:
        return float(-np.log(sentiment.read(np.float32(scale * logits))[np.arange(len(right)), right]).mean())

    scale = minimize_scalar(loss, bounds=(0.2, 5), method="bounded").x
    print(
        f"{len(right):,} rows calibrate: loss {loss(1):.4f}, with logits times {scale:.3f} {loss(scale):.4f}",
        flush=True,
    )
    return parts | {name: np.float32(scale * parts[name]) for name in ("weight", "bias")}


def training(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows to fit on; English and French tweets and long reviews, which are few, count three times."""
    trained = pd.concat([rows[rows["split"] == "train"], data.reviews()], ignore_index=True)
    few = trained["set"].isin([*data.PUBLIC, "reviews"]) & trained["language"].isin(data.FAMILIAR)
    return data.roughened(trained.loc[trained.index.repeat(np.where(few, TIMES, 1))].reset_index(drop=True))


def main() -> None:
    """Read the layers, fit, calibrate, and put the result into models/weights."""
    rows = data.sentiment(AT_MOST)
    trained = training(rows)
    print(f"reading {trained['text'].nunique():,} texts", flush=True)
    found = torch.from_numpy(means(trained["text"].tolist()))
    center, spread = found.mean(dim=0), found.std(dim=0)
    x, y = (found - center) / spread, torch.from_numpy(classes(trained))
    parts = averaged([fit(x, y, data.SEED + i) for i in range(ENSEMBLE)])
    parts |= {"mean": center.numpy(), "deviation": spread.numpy()}
    ship(parts)
    ship(calibrated(parts, rows.query("split == 'calibration' and language in @data.FAMILIAR")))


if __name__ == "__main__":
    main()
