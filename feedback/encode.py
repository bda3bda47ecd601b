"""Texts to vectors: the shipped multilingual encoder, or any sentence-transformers model.

A text's vector must not depend on the texts beside it. So texts are sorted by length into a few
widths, and every batch of a width has the same shape: the last one is filled up. The kernels then
do the same sums for a row whatever stands in the other rows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from feedback import workspace
from feedback.errors import ModelError

Vectors = NDArray[np.float32]

WIDTHS = (12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
TOKENS_PER_BATCH = 768
PREFIX = "query: "
BLOCK = 32


class Encoder(Protocol):
    """Anything that turns texts into unit vectors."""

    @property
    def version(self) -> str:
        """Name and digest of its weights."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a text: float32, shape (len(texts), dimensions)."""
        ...


class _Window(NamedTuple):
    """A piece of a text that fits the model: which text, and its token ids without the special ones."""

    text: int
    ids: list[int]


def load(name: str = "shipped", root: Path | None = None) -> Encoder:
    """The encoder of that name: `shipped`, or a sentence-transformers model's name, or folder relative to `root`.

    Raises ModelError when files are missing or damaged, or the model cannot be found.
    """
    return _shipped() if name == "shipped" else _foreign(name, workspace.place_of(name, root))


def unique(texts: Sequence[str], encode: Callable[[list[str]], Vectors]) -> Vectors:
    """Encode each distinct text once and give every text its vector; shape (len(texts), dimensions)."""
    distinct = sorted(set(texts))
    where = {text: i for i, text in enumerate(distinct)}
    vectors = encode(distinct)
    return vectors[np.array([where[t] for t in texts], dtype=np.int64)]


class File(NamedTuple):
    """A shipped model file: its bytes, and the first digits of their SHA-256."""

    data: bytes
    digest: str


def verified(name: str) -> File:
    """A shipped model file whose SHA-256 is the one in the manifest.

    Raises ModelError when it is missing or differs.
    """
    folder = workspace.packaged() / "models" / "weights"
    try:
        expected = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))[name]["sha256"]
        data = (folder / name).read_bytes()
    except (OSError, KeyError, ValueError):
        raise ModelError("a shipped model file is missing", where=str(folder / name), remedy="reinstall") from None
    if (found := sha256(data).hexdigest()) != expected:
        raise ModelError(
            "a shipped model file is damaged", where=str(folder / name), got=found, allowed=expected, remedy="reinstall"
        )
    return File(data, found[:12])


def threads() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _shipped() -> Encoder:
    import torch
    from safetensors.numpy import load
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    torch.set_num_threads(min(threads(), torch.get_num_threads()))
    file = verified("encoder.safetensors")
    tokenizer = Tokenizer.from_buffer(verified("tokenizer.json").data)
    stored = load(file.data)
    weights = {k: unpacked(v, stored[f"{k}.scale"]) if f"{k}.scale" in stored else v for k, v in stored.items()}
    state = {k: torch.from_numpy(v) for k, v in weights.items() if not k.endswith(".scale")}
    pieces, width = state["embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=pieces,
        hidden_size=width,
        num_hidden_layers=1 + max(int(k.split(".")[2]) for k in state if k.startswith("encoder.layer.")),
        num_attention_heads=12,
        intermediate_size=state["encoder.layer.0.intermediate.dense.bias"].shape[0],
        max_position_embeddings=state["embeddings.position_embeddings.weight"].shape[0],
        pad_token_id=1,
    )
    config._attn_implementation = "sdpa"
    with torch.device("meta"):
        model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state, assign=True)
    positions = torch.arange(config.max_position_embeddings)[None]
    model.embeddings.register_buffer("position_ids", positions, persistent=False)
    model.embeddings.register_buffer("token_type_ids", torch.zeros_like(positions), persistent=False)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return _Shipped(model.train(False).to(device), tokenizer, device, f"shipped-{file.digest}")


def unpacked(tensor: NDArray[Any], scale: NDArray[np.float16]) -> Vectors:
    """A matrix of blocks of 32 weights, of 8 or (two in a byte) 4 bits, that share a scale, as 32-bit floats."""
    if tensor.dtype == np.uint8:
        nibbles = tensor.reshape(len(tensor), -1, BLOCK // 2)
        blocks = np.concatenate([nibbles & 15, nibbles >> 4], axis=2).astype(np.float32) - 8
    else:
        blocks = tensor.reshape(len(tensor), -1, BLOCK).astype(np.float32)
    return (blocks * scale.astype(np.float32)[:, :, None]).reshape(len(tensor), -1)


class _Shipped:
    """The encoder in models/weights, run by torch in 32-bit floats."""

    def __init__(self, model: Any, tokenizer: Any, device: str, version: str) -> None:
        self.model, self.tokenizer, self.device, self.version = model, tokenizer, device, version

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Mean of the last layer over each text's tokens, at unit length; long texts are means of windows."""
        return unique(texts, self._encode)

    def _encode(self, texts: list[str]) -> Vectors:
        windows = list(self._windows(texts))
        sums = np.zeros((len(texts), self.model.config.hidden_size), dtype=np.float64)
        for width, batch in _batches(windows):
            vectors = self._forward(width, [w.ids for w in batch])
            for window, vector in zip(batch, vectors, strict=False):
                sums[window.text] += vector * len(window.ids)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return (sums / np.where(lengths == 0, 1, lengths)).astype(np.float32)

    def _windows(self, texts: list[str]) -> Iterator[_Window]:
        room = WIDTHS[-1] - 2
        encoded = self.tokenizer.encode_batch_fast([PREFIX + t for t in texts], add_special_tokens=False)
        for i, encoding in enumerate(encoded):
            ids = encoding.ids
            for start in range(0, max(len(ids), 1), room):
                yield _Window(i, ids[start : start + room])

    def _forward(self, width: int, rows: list[list[int]]) -> Vectors:
        import torch

        height = _height(width)
        ids = np.full((height, width), 1, dtype=np.int64)
        mask = np.zeros((height, width), dtype=np.int64)
        for i in range(height):
            row = [0, *rows[min(i, len(rows) - 1)], 2]
            ids[i, : len(row)], mask[i, : len(row)] = row, 1
        with torch.inference_mode():
            tokens, attend = torch.from_numpy(ids).to(self.device), torch.from_numpy(mask).to(self.device)
            hidden = self.model(input_ids=tokens, attention_mask=attend).last_hidden_state
            weights = attend.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weights).sum(1) / weights.sum(1)
            unit = torch.nn.functional.normalize(mean, dim=1)
        return np.asarray(unit.cpu().numpy()[: len(rows)])


def _height(width: int) -> int:
    return TOKENS_PER_BATCH // width


def _batches(windows: list[_Window]) -> Iterator[tuple[int, list[_Window]]]:
    """Windows by the smallest width that holds them with both special tokens, in batches of that width's height."""
    needed = np.array([len(w.ids) + 2 for w in windows])
    buckets = np.searchsorted(WIDTHS, needed)
    for bucket in np.unique(buckets):
        width, members = WIDTHS[bucket], np.flatnonzero(buckets == bucket)
        for start in range(0, len(members), _height(width)):
            yield width, [windows[i] for i in members[start : start + _height(width)]]


@cache
def _foreign(name: str, place: str) -> Encoder:
    from sentence_transformers import SentenceTransformer

    try:
        model = SentenceTransformer(place)
    except (OSError, ValueError) as error:
        raise ModelError(
            "the encoder cannot be loaded",
            got=name,
            allowed="'shipped', or the name or folder of a sentence-transformers model",
            remedy=str(error).splitlines()[0],
        ) from None
    return _Foreign(model, f"{name}-{digest(model)}")


def digest(model: Any) -> str:
    """The first digits of the SHA-256 over a torch module's weights and their names."""
    import torch

    found = sha256()
    for name, tensor in sorted(model.state_dict().items()):
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return found.hexdigest()[:12]


class _Foreign:
    """A sentence-transformers model of the user's choice."""

    def __init__(self, model: Any, name: str) -> None:
        self.model, self.version = model, name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the model pools, one text at a time: beside longer ones a text would be padded, and its vector move."""

        def run(distinct: list[str]) -> Vectors:
            if not distinct:
                return np.zeros((0, self.model.get_embedding_dimension()), dtype=np.float32)
            vectors = self.model.encode(
                distinct, batch_size=1, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
            return np.asarray(vectors, dtype=np.float32)

        return unique(texts, run)
