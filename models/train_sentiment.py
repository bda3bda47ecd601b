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
    """Rows of rare classes and small sets count more: inverse square root of the cell's size, mean 1."""
    size = table.groupby(["set", "language", "label", "split"])["text"].transform("size")
    inverse = 1 / np.sqrt(size.to_numpy(dtype=np.float64))
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
    """Encode, fit on the training rows, calibrate on rows that neither encoder nor head has seen, and ship."""
    table = data.sentiment().query("split != 'test'").reset_index(drop=True)
    x = vectors(table)
    fitted, held = (np.flatnonzero(table["split"] == part) for part in ("train", "calibration"))
    centre, spread = x[fitted].mean(axis=0), x[fitted].std()
    x = ((x - centre) / spread).astype(np.float32)
    y = table["label"].map(SENTIMENTS.index).to_numpy()
    w = weights(table)
    head = fit(x[fitted], y[fitted], w[fitted])
    with torch.inference_mode():
        logits = head(torch.from_numpy(x[held])).numpy().astype(np.float64)
    scale = temperature(logits, y[held], w[held])
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
    right = (logits.argmax(axis=1) == y[held]).mean()
    print(f"temperature {scale:.2f}; right {right:.3f} on {len(held):,} rows held for calibration")


if __name__ == "__main__":
    main()
