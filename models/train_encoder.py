"""Fine-tune the encoder for two things at once: sentiment, and matching a text with a label it has never seen.

    python -m models.train_encoder

Three kinds of batches take turns: texts with their sentiment (cross-entropy through a linear head, which is
thrown away); texts with their labels, all of one inventory (InfoNCE, van den Oord et al. 2018: the labels of
the other rows, near ones all, are the negatives); and remarks with their translation. Word embeddings and the
lower layers are not trained, which keeps the base's two languages aligned. Checkpoints lie in models/work; a
second call goes on from the last.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from datasets import Dataset, DatasetDict
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.base.modules import Transformer
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from torch.nn.functional import cross_entropy
from transformers.trainer_utils import get_last_checkpoint

from feedback import encode
from feedback.tables import SENTIMENTS
from models import data, export, inventories

WORK = Path(__file__).parent / "work"
BATCH, LONGEST, EPOCHS = 32, 48, 2
RATE, HEAD_RATE, WARM_UP = 1e-4, 1e-3, 0.06
TEMPERATURE, SMOOTHING, SHARPNESS = 0.05, 0.05, 10
FROZEN_LAYERS = 4
FEWEST = 4


class SentimentLoss(torch.nn.Module):
    """Cross-entropy of the sentiment, read from the unit vector by a linear head."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model
        self.head = torch.nn.Linear(model.get_embedding_dimension() or 0, len(SENTIMENTS))

    def forward(self, features: list[dict[str, torch.Tensor]], labels: torch.Tensor) -> torch.Tensor:
        """The loss of a batch; `labels` are places in SENTIMENTS."""
        vectors = self.model(features[0])["sentence_embedding"]
        return cross_entropy(self.head(SHARPNESS * vectors), labels, label_smoothing=SMOOTHING)


class Batches(DefaultBatchSampler):
    """Batches of texts of like length; where texts have partners, no two rows of a batch share a label.

    Rows with one label are a row's other right answers, and would be taken for wrong ones.
    """

    def __init__(self, dataset: Dataset, batch_size: int, drop_last: bool, **settings: Any) -> None:
        super().__init__(dataset, batch_size=batch_size, drop_last=drop_last, **settings)
        self.paired = len(dataset.column_names) > 2
        self.labels = pd.Series(dataset["label"])
        self.length = pd.Series(dataset["text"]).str.len().clip(upper=5 * LONGEST)

    def __iter__(self) -> Iterator[list[int]]:
        yield from self._batches(np.random.default_rng([data.SEED, self.epoch]))

    def __len__(self) -> int:
        return len(self._batches(np.random.default_rng(0)))

    def _batches(self, random: np.random.Generator) -> list[list[int]]:
        rows = random.permutation(len(self.labels))
        if self.paired:
            turn = self.labels.iloc[rows].groupby(self.labels.iloc[rows]).cumcount().to_numpy()
            rounds = [rows[turn == t] for t in range(turn.max() + 1)]
        else:
            rounds = [part[np.argsort(self.length.iloc[part])] for part in np.split(rows, range(512, len(rows), 512))]
        cut = [r[i : i + self.batch_size] for r in rounds for i in range(0, len(r), self.batch_size)]
        batches = [batch.tolist() for batch in cut if len(batch) >= FEWEST]
        return [batches[i] for i in random.permutation(len(batches))]


def untrained(folder: Path) -> SentenceTransformer:
    """The pruned base with mean pooling; word embeddings and lower layers are frozen."""
    if not (folder / "config.json").is_file():
        export.unpacked(folder)
    without_dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    body = Transformer(str(folder), max_seq_length=LONGEST, config_kwargs=without_dropout)
    model = SentenceTransformer(modules=[body, Pooling(body.get_embedding_dimension(), "mean"), Normalize()])
    bert: Any = body.model
    for part in (bert.embeddings, *bert.encoder.layer[:FROZEN_LAYERS]):
        part.requires_grad_(False)
    return model


def training_data() -> DatasetDict:
    """One dataset for sentiment, one for translations, one for each inventory; columns text, (partner,) label."""
    feelings = data.sentiment().query("split == 'train'")
    feelings = feelings[["text"]].assign(label=feelings["label"].map(SENTIMENTS.index))
    remarks = data.remarks()
    translations = pd.DataFrame({"text": remarks["en"], "partner": remarks["fr"], "label": range(len(remarks))})
    sets = {"sentiment": feelings, "translations": translations}
    for name, rows in inventories.matching().groupby("inventory"):
        pairs = pd.DataFrame({"text": rows["text"], "partner": rows["label"], "label": pd.factorize(rows["group"])[0]})
        sets[str(name)] = pairs
    return DatasetDict({name: Dataset.from_pandas(rows, preserve_index=False) for name, rows in sets.items()})


def train() -> dict[str, torch.Tensor]:
    """The fine-tuned BertModel's state."""
    torch.manual_seed(data.SEED)
    torch.set_num_threads(encode.threads())
    model = untrained(WORK / "base")
    sets = training_data()
    match = MultipleNegativesRankingLoss(model, scale=1 / TEMPERATURE, directions=("query_to_doc", "doc_to_query"))
    checkpoints = WORK / "checkpoints"
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir=str(checkpoints),
            num_train_epochs=EPOCHS,
            per_device_train_batch_size=BATCH,
            learning_rate=RATE,
            learning_rate_mapping={r"head\.": HEAD_RATE},
            warmup_steps=WARM_UP,
            weight_decay=0.01,
            seed=data.SEED,
            prompts=encode.PREFIX,
            batch_sampler=Batches,
            save_steps=200,
            save_total_limit=2,
            logging_steps=50,
            report_to="none",
        ),
        train_dataset=sets,
        loss={name: SentimentLoss(model) if name == "sentiment" else match for name in sets},
    )
    print({name: len(rows) for name, rows in sets.items()}, flush=True)
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None)
    bert: Any = model[0]
    return dict(bert.model.state_dict())


def main() -> None:
    """Train, and put the result into models/weights."""
    export.ship(train())


if __name__ == "__main__":
    main()
