"""Fine-tune the encoder for sentiment and for matching a text with a label that it has never seen, in two languages.

    python -m models.train_encoder

Three kinds of batches take turns: texts with their sentiment (cross-entropy of a linear head on the mean over the
tokens); texts of one inventory with some of its labels (InfoNCE, van den Oord et al. 2018, the wrong ones as
negatives); and remarks with their translation. Word embeddings are not trained. Checkpoints lie in
models/work/checkpoints; a second call goes on from the last, so delete them when the recipe or the data have changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from datasets import Dataset, DatasetDict
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.base.modules import Transformer
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling
from torch.nn.functional import cross_entropy
from transformers.trainer_utils import get_last_checkpoint

from feedback import encode
from feedback.bert import HEAD
from feedback.tables import SENTIMENTS
from models import data, export, inventories

BATCH, LONGEST, EPOCHS = 32, 128, 1
RATE, HEAD_RATE, WARM_UP = 5e-5, 1e-3, 0.06
TEMPERATURE, SMOOTHING = 0.05, 0.05
LABELS = 32
MEAN = "sentence_embedding"


class SentimentLoss(torch.nn.Module):
    """Cross-entropy of the sentiment that the head reads."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, features: list[dict[str, torch.Tensor]], labels: torch.Tensor) -> torch.Tensor:
        """The loss of a batch; `labels` are places in SENTIMENTS."""
        return cross_entropy(self.model(features[0])[HEAD], labels, label_smoothing=SMOOTHING)


class Inventory(NamedTuple):
    """Texts, the wordings of each label, and which labels are right for each text: bool, (texts, labels)."""

    texts: list[str]
    wordings: list[list[str]]
    right: NDArray[np.bool_]


class MatchingLoss(torch.nn.Module):
    """InfoNCE of texts against labels of their inventory, and of its labels against the texts.

    A label is worded anew in each batch; where several are right for a text, each is.
    """

    def __init__(self, model: SentenceTransformer, inventory: Inventory) -> None:
        super().__init__()
        self.model, self.inventory = model, inventory

    def forward(self, features: list[dict[str, torch.Tensor]], labels: torch.Tensor) -> torch.Tensor:
        """The loss of a batch; `labels` are places among the inventory's texts."""
        right = self.inventory.right[labels.cpu().numpy()]
        some = torch.randperm(right.shape[1]).numpy()
        shown = np.concatenate([some[right[:, some].any(axis=0)], some[~right[:, some].any(axis=0)]])[:LABELS]
        wordings = [self.inventory.wordings[i] for i in shown]
        texts = [words[int(torch.randint(len(words), ()))] for words in wordings]
        named = self.model.preprocess(texts, prompt=encode.PREFIX)
        named = {name: value.to(labels.device) for name, value in named.items() if torch.is_tensor(value)}
        scores = self.model(features[0])[MEAN] @ self.model(named)[MEAN].T
        logits, target = scores / TEMPERATURE, torch.from_numpy(right[:, shown]).to(labels.device)
        return (_contrast(logits, target) + _contrast(logits.T, target.T)) / 2


def _contrast(logits: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Mean log loss of each right column against the wrong ones of its row, over the rows that have a right one."""
    wrong = logits.masked_fill(right, -1e4).logsumexp(dim=1, keepdim=True)
    loss = torch.nn.functional.softplus(wrong - logits).masked_fill(~right, 0).sum(dim=1)
    count = right.sum(dim=1)
    return (loss / count.clamp(min=1)).sum() / (count > 0).sum().clamp(min=1)


class Batches(DefaultBatchSampler):
    """Batches of texts of like length, in random order."""

    def __init__(self, dataset: Dataset, batch_size: int, drop_last: bool, **settings: Any) -> None:
        super().__init__(dataset, batch_size=batch_size, drop_last=drop_last, **settings)
        self.length = pd.Series(dataset["text"]).str.len().clip(upper=5 * LONGEST)

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng([data.SEED, self.epoch])
        rows = random.permutation(len(self.length))
        alike = [part[np.argsort(self.length.iloc[part])] for part in np.split(rows, range(512, len(rows), 512))]
        batches = [
            part[i : i + self.batch_size].tolist() for part in alike for i in range(0, len(part), self.batch_size)
        ]
        yield from (batches[i] for i in random.permutation(len(batches)))

    def __len__(self) -> int:
        whole, rest = divmod(len(self.length), 512)
        return whole * -(-512 // self.batch_size) + -(-rest // self.batch_size)


def untrained(folder: Path) -> SentenceTransformer:
    """The pruned base with mean pooling and a head for the sentiment; its word embeddings are frozen."""
    if not (folder / "config.json").is_file():
        export.unpacked(folder)
    body = Transformer(str(folder), max_seq_length=LONGEST, config_kwargs={"attention_probs_dropout_prob": 0.0})
    width = body.get_embedding_dimension()
    plain = torch.nn.Identity()
    head = Dense(width, len(SENTIMENTS), activation_function=plain, module_input_name=MEAN, module_output_name=HEAD)
    model = SentenceTransformer(modules=[body, Pooling(width, "mean"), head, Normalize()])
    bert: Any = body.model
    bert.embeddings.requires_grad_(False)
    return model


def inventory(rows: pd.DataFrame) -> Inventory:
    """One inventory's texts against its labels; equal groups are one label in other words, null: none fits."""
    right = pd.crosstab(rows["text"], rows["group"]).astype(bool)
    right = right.reindex(rows["text"].unique(), fill_value=False)
    wordings = rows.groupby("group")["label"].unique().map(sorted)
    return Inventory(list(right.index), wordings.loc[right.columns].tolist(), right.to_numpy())


def training_data() -> tuple[DatasetDict, dict[str, Inventory]]:
    """One dataset for sentiment, one for translations, one for each inventory; and the inventories."""
    feelings = data.roughened(data.sentiment().query("split == 'train'"))
    remarks = data.remarks().query("domain not in @data.UNSEEN_DOMAINS")
    sets = {
        "sentiment": pd.DataFrame({"text": feelings["text"], "label": feelings["label"].map(SENTIMENTS.index)}),
        "translations": pd.DataFrame({"text": remarks["en"], "partner": remarks["fr"]}),
    }
    found = {str(name): inventory(rows) for name, rows in inventories.matching().groupby("inventory")}
    for name, one in found.items():
        sets[name] = pd.DataFrame({"text": one.texts, "label": range(len(one.texts))})
    return DatasetDict({name: Dataset.from_pandas(rows, preserve_index=False) for name, rows in sets.items()}), found


def train() -> dict[str, torch.Tensor]:
    """The state of the fine-tuned BertModel; the head has done its work."""
    torch.manual_seed(data.SEED)
    torch.set_num_threads(encode.threads())
    model = untrained(data.WORK / "base")
    sets, found = training_data()
    losses: dict[str, torch.nn.Module] = {
        "sentiment": SentimentLoss(model),
        "translations": MultipleNegativesRankingLoss(model, scale=1 / TEMPERATURE),
        **{name: MatchingLoss(model, one) for name, one in found.items()},
    }
    checkpoints = data.WORK / "checkpoints"
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir=str(checkpoints),
            num_train_epochs=EPOCHS,
            per_device_train_batch_size=BATCH,
            learning_rate=RATE,
            learning_rate_mapping={r"linear\.": HEAD_RATE},
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
        loss=losses,
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
