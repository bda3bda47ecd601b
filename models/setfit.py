"""SetFit (Tunstall et al. 2022, Efficient Few-Shot Learning Without Prompts), as much of it as a comparison needs.

A sentence encoder is tuned on pairs of labelled texts, whose cosine should be 1 within a label and 0 across labels;
a logistic regression is fitted on the vectors that it then gives. The authors draw 20 pairs of either kind a text;
here they are fewer, as PAIRS says, so that it ends in minutes on two cores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sklearn.linear_model import LogisticRegression
from torch.nn.functional import cosine_similarity, mse_loss

PAIRS, BATCH, RATE, WARMING, TOKENS = 2, 16, 2e-5, 0.1, 64
Pair = tuple[int, int, float]


def pairs(labels: NDArray[np.int64], random: np.random.Generator) -> list[Pair]:
    """PAIRS of equal and as many of different labels for each text, shuffled."""
    found = []
    for row, label in enumerate(labels):
        same, other = np.flatnonzero(labels == label), np.flatnonzero(labels != label)
        same = same[same != row]
        for among, wanted in ((same, 1.0), (other, 0.0)):
            if len(among):
                found += [(row, int(mate), wanted) for mate in random.choice(among, PAIRS)]
    return [found[i] for i in random.permutation(len(found))]


def _batches(found: list[Pair]) -> Iterator[list[Pair]]:
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]


def predicted(
    folder: Path, texts: Sequence[str], labels: NDArray[np.int64], unseen: Sequence[str], seed: int
) -> NDArray[np.int64]:
    """The labels of unseen texts after tuning the encoder in a folder on labelled ones."""
    torch.manual_seed(seed)
    model = SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = TOKENS
    drawn = list(_batches(pairs(labels, np.random.default_rng(seed))))
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
    warm = max(1, round(WARMING * len(drawn)))
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, max(0.0, (len(drawn) - step) / max(1, len(drawn) - warm)))
    )
    model.train()
    for batch in drawn:
        sides = [[texts[pair[side]] for pair in batch] for side in (0, 1)]
        first, second = (model(model.preprocess(side))["sentence_embedding"] for side in sides)
        loss = mse_loss(cosine_similarity(first, second), torch.tensor([pair[2] for pair in batch]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()
    model.eval()
    head = LogisticRegression(max_iter=1000).fit(model.encode(list(texts), show_progress_bar=False), labels)
    return np.asarray(head.predict(model.encode(list(unseen), show_progress_bar=False)))
