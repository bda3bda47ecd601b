"""Train the sentiment head on the shipped encoder's vectors, calibrate it, and ship it.

    python -m models.train_sentiment

Vectors are kept in models/work, so that a second call encodes nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from feedback.tables import SENTIMENTS
from models import data
from models.export import WEIGHTS, write_manifest

STRENGTH = 0.03


def temperature(logits: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """The scaling of the logits with the least log loss (Guo et al. 2017, On Calibration of Modern Neural Networks)."""

    def loss(t: float) -> float:
        z = logits / t
        z = z - z.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]))

    return float(minimize_scalar(loss, bounds=(0.3, 5), method="bounded").x)


def main() -> None:
    """Encode, fit on the training rows, calibrate on rows that neither encoder nor head has seen, and ship."""
    table = data.sentiment().query("split != 'test'").reset_index(drop=True)
    x = data.encoder().encode(table["text"].tolist()).astype(np.float64)
    fitted, held = (np.flatnonzero(table["split"] == part) for part in ("train", "calibration"))
    centre, spread = x[fitted].mean(axis=0), x[fitted].std()
    x = (x - centre) / spread
    y = table["label"].map(SENTIMENTS.index).to_numpy()
    head = LogisticRegression(C=STRENGTH, max_iter=1000).fit(x[fitted], y[fitted])
    logits = x[held] @ head.coef_.T + head.intercept_
    scale = temperature(logits, y[held])
    shipped = {"centre": centre, "weight": head.coef_ / spread / scale, "bias": head.intercept_ / scale}
    plain = {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in shipped.items()}
    save_file(plain, WEIGHTS / "sentiment.safetensors")
    write_manifest()
    right = (logits.argmax(axis=1) == y[held]).mean()
    print(f"temperature {scale:.2f}; right {right:.3f} on {len(held):,} rows held for calibration")


if __name__ == "__main__":
    main()
