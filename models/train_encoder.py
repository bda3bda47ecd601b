"""Fine-tune the encoder for two things at once: sentiment, and matching a text with a label it has never seen.

    python -m models.train_encoder

Two kinds of batches take turns: texts with a sentiment (cross-entropy through a linear head, which is thrown
away), and texts with their labels, all of one inventory (InfoNCE, van den Oord et al. 2018: the labels of the
other rows are the negatives). The upper layers alone are trained, which keeps the base's two languages aligned
and a run on two cores under half an hour. A checkpoint is kept in models/work.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.numpy import load_file, save_file
from torch.nn.functional import cross_entropy, normalize

from feedback import encode
from feedback.tables import SENTIMENTS
from models import data, inventories
from models.export import WEIGHTS, write_manifest

ROOT = Path(__file__).parents[1]
WORK = Path(__file__).parent / "work"
JOURNEYS = [
    ROOT / "tests/real/data/journeys/garden.yaml",
    ROOT / "tests/real/data/journeys/watch-app.yaml",
    ROOT / "tests/real/data/journeys/hospital.yaml",
    ROOT / "data/journeys/default.yaml",
]
BATCH, PAIRS, LONGEST = 32, 20, 48
RATE, HEAD_RATE, WARM_UP, TEMPERATURE = 1e-4, 1e-3, 0.1, 0.04
STEPS, PER_CHECKPOINT = 400, 100
TRAINED_LAYERS = 4


def tokens(tokenizer: Any, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask, padded to the longest of the texts; at most 48 tokens."""
    rows = [
        e.ids[: LONGEST - 2]
        for e in tokenizer.encode_batch_fast([encode.PREFIX + t for t in texts], add_special_tokens=False)
    ]
    width = max(map(len, rows)) + 2
    ids, mask = torch.ones(len(rows), width, dtype=torch.long), torch.zeros(len(rows), width, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row) + 2] = torch.tensor([0, *row, 2])
        mask[i, : len(row) + 2] = 1
    return ids, mask


def vectors(model: Any, tokenizer: Any, texts: list[str]) -> torch.Tensor:
    """Unit vectors with gradients; shape (texts, dimensions)."""
    ids, mask = tokens(tokenizer, texts)
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weight = mask.unsqueeze(-1).float()
    return normalize((hidden.float() * weight).sum(1) / weight.sum(1), dim=1)


def sentiment_batches(random: np.random.Generator) -> Iterator[tuple[list[str], torch.Tensor]]:
    """Texts and classes for ever; small cells (set, language, class) come more often than their share."""
    table = data.sentiment().query("not test").reset_index(drop=True)
    size = table.groupby(["set", "language", "label"])["text"].transform("size").to_numpy(dtype=np.float64)
    chance = 1 / np.sqrt(size)
    length = table["text"].str.len().to_numpy()
    while True:
        # Texts of like length share a batch: little padding.
        drawn = random.choice(len(table), 8 * BATCH, replace=False, p=chance / chance.sum())
        by_length = drawn[np.argsort(length[drawn])].reshape(8, BATCH)
        for rows in by_length[random.permutation(8)]:
            labels = torch.tensor([SENTIMENTS.index(s) for s in table["label"].iloc[rows]])
            yield table["text"].iloc[rows].tolist(), labels


def matching_batches(random: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Rows of one inventory for ever, each label once, so that all other labels are true negatives."""
    table = inventories.matching(JOURNEYS)
    groups = {name: part.reset_index(drop=True) for name, part in table.groupby("inventory")}
    names = sorted(groups)
    chance = np.array([np.sqrt(len(groups[n])) for n in names])
    while True:
        part = groups[names[random.choice(len(names), p=chance / chance.sum())]]
        rows = part.iloc[random.permutation(len(part))].drop_duplicates("group").head(PAIRS)
        if len(rows) > 3:
            yield rows


def train() -> Any:
    """The fine-tuned model."""
    torch.manual_seed(data.SEED)
    random = np.random.default_rng(data.SEED)
    shipped: Any = encode.load()
    model, tokenizer = shipped.model, shipped.tokenizer
    model.requires_grad_(False)
    for layer in model.encoder.layer[-TRAINED_LAYERS:]:
        layer.requires_grad_(True)
    head = torch.nn.Linear(model.config.hidden_size, len(SENTIMENTS))
    body = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": RATE}, {"params": head.parameters(), "lr": HEAD_RATE}], weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / (WARM_UP * STEPS), (STEPS - s) / ((1 - WARM_UP) * STEPS))
    )
    feelings, matches = sentiment_batches(random), matching_batches(random)
    next(feelings), next(matches)
    start, seen = time.time(), list[tuple[float, float]]()
    model.train()
    for step in range(STEPS):
        texts, labels = next(feelings)
        feeling = cross_entropy(head(vectors(model, tokenizer, texts) * 10), labels, label_smoothing=0.05)
        rows = next(matches)
        said, named = (vectors(model, tokenizer, rows[c].tolist()) for c in ("text", "label"))
        similarity = said @ named.T / TEMPERATURE
        own = torch.arange(len(rows))
        match = (cross_entropy(similarity, own) + cross_entropy(similarity.T, own)) / 2
        optimiser.zero_grad()
        (feeling + 0.5 * match).backward()
        torch.nn.utils.clip_grad_norm_(body, 1.0)
        optimiser.step()
        schedule.step()
        seen.append((float(feeling.detach()), float(match.detach())))
        if (step + 1) % 10 == 0:
            recent = np.mean(seen[-50:], axis=0).round(3)
            print(
                f"{step + 1:5} of {STEPS}  {time.time() - start:6.0f} s  sentiment {recent[0]}  matching {recent[1]}",
                flush=True,
            )
        if (step + 1) % PER_CHECKPOINT == 0:
            ship(model)
    return model


def ship(model: Any) -> None:
    """Write the encoder: word embeddings in their 4-bit blocks, other matrices in 8-bit blocks of 32 with a scale."""
    stored = load_file(WEIGHTS / "encoder.safetensors")
    out = {k: stored[k] for k in ("embeddings.word_embeddings.weight", "embeddings.word_embeddings.weight.scale")}
    for name, tensor in model.state_dict().items():
        if "word_embeddings" in name or name.endswith("_ids"):
            continue
        values = tensor.detach().float().numpy()
        if values.ndim == 2 and "encoder.layer" in name:
            blocks = values.reshape(len(values), -1, encode.BLOCK)
            scale = (np.abs(blocks).max(axis=2) / 127).astype(np.float16)
            out[name] = (
                np.rint(blocks / np.maximum(scale.astype(np.float32), 1e-8)[:, :, None])
                .clip(-127, 127)
                .astype(np.int8)
                .reshape(values.shape)
            )
            out[f"{name}.scale"] = scale
        else:
            out[name] = values.astype(np.float32)
    WORK.mkdir(exist_ok=True)
    save_file(out, WORK / "encoder.safetensors")


def main() -> None:
    """Train, then put the result in place of the base."""
    ship(train())
    (WEIGHTS / "encoder.safetensors").write_bytes((WORK / "encoder.safetensors").read_bytes())
    write_manifest()


if __name__ == "__main__":
    main()
