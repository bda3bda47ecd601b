"""Train the sentiment head on the shipped encoder's vectors, calibrate it, and ship it.

    python -m models.train_sentiment

Vectors are kept in models/work (ignored by git), so that a second call trains in seconds.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy.optimize import minimize_scalar

from feedback import encode
from feedback.tables import SENTIMENTS
from models import data
from models.export import WEIGHTS, write_manifest

WORK = Path(__file__).parent / "work"
HIDDEN, EPOCHS, BATCH, RATE, DECAY = 192, 30, 256, 2e-3, 1e-2
IMPLICIT = 3


def vectors(table: pd.DataFrame) -> NDArray[np.float32]:
    """The shipped encoder's vectors of the table's texts, from the store in models/work where they are."""
    encoder = encode.load()
    store = WORK / f"{encoder.version}.npz"
    known: dict[str, NDArray[np.float32]] = {}
    if store.is_file():
        with np.load(store) as saved:
            known = dict(zip(saved["texts"].tolist(), saved["vectors"], strict=True))
    missing = sorted(set(table["text"]) - set(known))
    for start in range(0, len(missing), 4000):
        part = missing[start : start + 4000]
        known.update(zip(part, encoder.encode(part), strict=True))
        WORK.mkdir(exist_ok=True)
        np.savez(store, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
        print(f"encoded {start + len(part):,} of {len(missing):,}", flush=True)
    return np.stack([known[t] for t in table["text"]])


def weights(table: pd.DataFrame) -> NDArray[np.float32]:
    """Rows of rare classes and small sets count more: inverse square root of the cell's size, mean 1.

    Customers' remarks that complain or praise without a word of feeling are rare in all sets but the concerts'.
    """
    size = table.groupby(["set", "language", "label"])["text"].transform("size")
    inverse = np.where(table["set"] == "concerts", IMPLICIT, 1) / np.sqrt(size.to_numpy(dtype=np.float64))
    return (inverse / inverse.mean()).astype(np.float32)


def fit(x: NDArray[np.float32], y: NDArray[np.int64], w: NDArray[np.float32]) -> torch.nn.Sequential:
    """A network with one hidden layer, trained from a fixed seed."""
    torch.manual_seed(data.SEED)
    head = torch.nn.Sequential(
        torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.GELU(), torch.nn.Dropout(0.3), torch.nn.Linear(HIDDEN, 3)
    )
    steps = EPOCHS * (len(x) // BATCH)
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    tx, ty, tw = torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(w)
    for step in range(steps):
        if step % (len(x) // BATCH) == 0:
            order = torch.randperm(len(x))
        rows = order[(step * BATCH) % (len(x) - BATCH) :][:BATCH]
        losses = torch.nn.functional.cross_entropy(head(tx[rows]), ty[rows], reduction="none", label_smoothing=0.05)
        optimiser.zero_grad()
        (losses * tw[rows]).mean().backward()
        optimiser.step()
        schedule.step()
    return head.eval()


def temperature(logits: NDArray[np.float64], y: NDArray[np.int64], w: NDArray[np.float32]) -> float:
    """The scaling of the logits with the least log loss (Guo et al. 2017, On Calibration of Modern Neural Networks)."""

    def loss(t: float) -> float:
        z = logits / t
        z = z - z.max(axis=1, keepdims=True)
        return float(np.average(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y], weights=w))

    return float(minimize_scalar(loss, bounds=(0.3, 5), method="bounded").x)


def main() -> None:
    """Encode, fit on nine tenths of the training rows, calibrate on the rest, ship, and print what it reaches."""
    table = data.sentiment()
    x = vectors(table)
    centre, spread = x[~table["test"]].mean(axis=0), x[~table["test"]].std()
    x = ((x - centre) / spread).astype(np.float32)
    y = table["label"].map(SENTIMENTS.index).to_numpy()
    rows = np.flatnonzero(~table["test"])
    held = np.random.default_rng(data.SEED).random(len(rows)) < 0.1
    train, calibration = rows[~held], rows[held]
    w = weights(table)
    head = fit(x[train], y[train], w[train])
    with torch.inference_mode():
        logits = head(torch.from_numpy(x)).numpy().astype(np.float64)
    scale = temperature(logits[calibration], y[calibration], w[calibration])
    first, last = head[0], head[3]
    save_file(
        {
            "centre": centre.astype(np.float32),
            "hidden.weight": (first.weight.detach().numpy() / spread).astype(np.float32),
            "hidden.bias": first.bias.detach().numpy(),
            "output.weight": (last.weight.detach().numpy() / scale).astype(np.float32),
            "output.bias": (last.bias.detach().numpy() / scale).astype(np.float32),
        },
        WEIGHTS / "sentiment.safetensors",
    )
    write_manifest()
    report(table[table["test"]], logits[table["test"].to_numpy()], y[table["test"].to_numpy()])


def report(table: pd.DataFrame, logits: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    """Print recall per class, macro-recall, macro-F1 and accuracy per set and language of the test rows."""
    from sklearn.metrics import accuracy_score, f1_score, recall_score

    for (name, language), rows in table.reset_index(drop=True).groupby(["set", "language"]).groups.items():
        guess, truth = logits[rows].argmax(axis=1), y[rows]
        recall = recall_score(truth, guess, labels=np.unique(truth), average=None)
        f1 = f1_score(truth, guess, labels=np.unique(truth), average="macro")
        print(
            f"{name:12} {language}  n {len(rows):6,}  recall {np.round(recall, 3)}  macro-recall {recall.mean():.3f}"
            f"  macro-F1 {f1:.3f}  accuracy {accuracy_score(truth, guess):.3f}"
        )


if __name__ == "__main__":
    main()
