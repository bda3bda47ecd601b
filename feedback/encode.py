"""Texts to vectors and feelings in one pass: the shipped multilingual encoder, or any sentence-transformers model.

A text's row must not depend on the texts beside it. So texts are sorted by length into a few widths: a text
is always filled up to the same one, and the network (feedback.bert) does the same sums for it in any batch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from feedback import workspace
from feedback.errors import ModelError

if TYPE_CHECKING:
    from feedback.bert import Network

Vectors = NDArray[np.float32]
Floating = TypeVar("Floating", np.float32, np.float64)
Batch = tuple[NDArray[np.int64], NDArray[np.bool_]]

WIDTHS = (8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128)
TOKENS_PER_BATCH, TEXTS_AT_ONCE = 512, 8192
PREFIX = "query: "
START, FILLER, END = 0, 1, 2


class Encoded(NamedTuple):
    """What one pass over texts gives, a row a text.

    `vectors`, of unit length (texts, dimensions), lie near those of texts that speak of the same. `logits`
    (texts, 3 × meanings) are the log-probabilities, but for a constant, of SENTIMENTS as customers mean them, and as
    the public does; (texts, 0) where a model has none.
    """

    vectors: Vectors
    logits: Vectors

    def at(self, rows: int | slice | Sequence[int] | NDArray[np.int64] | NDArray[np.bool_]) -> Encoded:
        """The rows at these places, or where this mask is true."""
        return Encoded(self.vectors[rows], self.logits[rows])


class Encoder(Protocol):
    """Anything that turns texts into rows of `Encoded`."""

    @property
    def version(self) -> str:
        """Name and digest of its weights."""
        ...

    def encode(self, texts: Sequence[str]) -> Encoded:
        """One row a text, the same whatever the other texts are."""
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


def distinct(texts: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct texts in order, so that each is worked on once, and every text's place among them.

    >>> found, place = distinct(["late", "lost", "late"])
    >>> found, place.tolist()
    (['late', 'lost'], [0, 1, 0])
    """
    found = sorted(set(texts))
    where = {text: i for i, text in enumerate(found)}
    return found, np.array([where[t] for t in texts], dtype=np.int64)


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


def unit(vectors: NDArray[Floating]) -> NDArray[Floating]:
    """Rows of length 1; one of length 0 stays.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), vectors.dtype)


def threads() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _shipped() -> Encoder:
    import torch
    from safetensors.numpy import load
    from tokenizers import Tokenizer

    from feedback import bert

    torch.set_num_threads(min(threads(), torch.get_num_threads()))
    file = verified("encoder.safetensors")
    tokenizer = Tokenizer.from_buffer(verified("tokenizer.json").data)
    network = bert.read(load(file.data), "cuda" if torch.cuda.is_available() else "cpu")
    return Shipped(network, tokenizer, f"shipped-{file.digest}")


class Shipped(NamedTuple):
    """A network with its tokenizer, such as the encoder in models/weights."""

    network: Network
    tokenizer: Any
    version: str

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Vectors are means over the tokens, logits are read from them; a long text's are means over its windows."""
        found, place = distinct(texts)
        parts = [self._encode(found[i : i + TEXTS_AT_ONCE]) for i in range(0, max(1, len(found)), TEXTS_AT_ONCE)]
        return Encoded(*(np.concatenate(rows) for rows in zip(*parts, strict=True))).at(place)

    def _encode(self, texts: list[str]) -> Encoded:
        windows = list(self._windows(texts))
        owner = np.array([window.text for window in windows], dtype=np.int64)
        size = np.array([len(window.ids) for window in windows], dtype=np.int64)
        found = [np.zeros((len(windows), n), dtype=np.float32) for n in self.network.shape]
        batches = _batches(size)
        passes = self._passes(_filled(width, [windows[i].ids for i in batch]) for width, batch in batches)
        for (_, batch), rows in zip(batches, passes, strict=True):
            for whole, part in zip(found, rows, strict=True):
                whole[batch] = part
        vectors, logits = (_means(rows, owner, size) for rows in found)
        return Encoded(unit(vectors), logits)

    def _passes(self, batches: Iterator[Batch]) -> Iterator[tuple[Vectors, Vectors]]:
        """The network's rows for each batch, a core a batch: cores that share one would wait for each other."""
        import torch

        with ThreadPoolExecutor(threads(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield from pool.map(lambda batch: self.network(*batch), batches)

    def _windows(self, texts: list[str]) -> Iterator[_Window]:
        room = WIDTHS[-1] - 2
        encoded = self.tokenizer.encode_batch_fast([PREFIX + t for t in texts], add_special_tokens=False)
        for i, encoding in enumerate(encoded):
            for start in range(0, len(encoding.ids), room):
                yield _Window(i, encoding.ids[start : start + room])


def _filled(width: int, windows: list[list[int]]) -> Batch:
    """Token ids with the special ones, filled up to the width, and where they are not filler."""
    ids = np.full((len(windows), width), FILLER, dtype=np.int64)
    for row, window in zip(ids, windows, strict=True):
        row[: len(window) + 2] = [START, *window, END]
    return ids, np.arange(width) < np.array([[len(window) + 2] for window in windows])


def _means(rows: Vectors, owner: NDArray[np.int64], size: NDArray[np.int64]) -> Vectors:
    """The mean of each text's windows, weighted by their tokens."""
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    sums = np.add.reduceat(rows * size[:, None].astype(np.float64), first)
    return np.asarray(sums / np.add.reduceat(size, first)[:, None], dtype=np.float32)


def _batches(size: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
    """Windows by the smallest width that holds them with both special tokens, in batches of about as many tokens."""
    buckets = np.searchsorted(WIDTHS, size + 2)
    found = []
    for bucket in np.unique(buckets):
        width, members = WIDTHS[bucket], np.flatnonzero(buckets == bucket)
        height = TOKENS_PER_BATCH // width
        found += [(width, members[start : start + height]) for start in range(0, len(members), height)]
    return found


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

    def encode(self, texts: Sequence[str]) -> Encoded:
        """As the model pools, one text at a time: beside longer ones a text would be padded, and its vector move."""
        found, place = distinct(texts)
        vectors = np.zeros((0, self.model.get_embedding_dimension()), dtype=np.float32)
        if found:
            vectors = self.model.encode(
                found, batch_size=1, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        vectors = np.asarray(vectors, dtype=np.float32)
        return Encoded(vectors, np.zeros((len(found), 0), dtype=np.float32)).at(place)
