"""Make the encoder's logits for the three sentiments probabilities that fit how often they are right, and ship that.

    python -m models.calibrate

Matrix scaling (Guo et al. 2017, On Calibration of Modern Neural Networks) on rows whose sentiment the encoder was not
taught; of a written remark it may have seen the translation. A linear map of the head's logits is a linear head
again, and takes its place in the encoder's file.
"""

from __future__ import annotations

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.linear_model import LogisticRegression

from feedback.bert import HEAD
from feedback.tables import SENTIMENTS
from models import data
from models.export import WEIGHTS, write_manifest


def main() -> None:
    """Encode the rows kept for calibration, fit, and put the new head into models/weights."""
    rows = data.sentiment().query("split == 'calibration' and language in @data.FAMILIAR")
    logits = data.encoder().encode(rows["text"].tolist()).logits.astype(np.float64)
    y = rows["label"].map(SENTIMENTS.index).to_numpy()
    fitted = LogisticRegression(max_iter=1000).fit(logits, y)
    file = WEIGHTS / "encoder.safetensors"
    stored = load_file(file)
    weight, bias = stored[f"{HEAD}.weight"].astype(np.float64), stored[f"{HEAD}.bias"].astype(np.float64)
    stored[f"{HEAD}.weight"] = np.float32(fitted.coef_ @ weight)
    stored[f"{HEAD}.bias"] = np.float32(fitted.coef_ @ bias + fitted.intercept_)
    save_file(stored, file)
    write_manifest()
    before, after = (logits.argmax(axis=1) == y).mean(), (fitted.predict(logits) == y).mean()
    print(f"right on the {len(y):,} rows fitted: {before:.3f} before, {after:.3f} after")


if __name__ == "__main__":
    main()
