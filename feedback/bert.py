"""The network of the shipped encoder: BERT (Devlin et al. 2019) whose matrices are multiplied as 8-bit integers.

Activations are rounded row by row, each by its own largest value, and sums of integers are exact. So on a processor
what comes out for a text depends, to the last bit, neither on the texts beside it nor on the number of threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

HEADS, EPSILON, LARGEST, LEAST_SCALE = 12, 1e-12, 127, 1e-12
WORDS = "embeddings.word_embeddings.weight"
HEAD = "sentiment"
BLOCK = 32
EXACT = 2**24  # up to here 32-bit floats hold every integer


class Linear(NamedTuple):
    """A matrix (inputs, outputs) of integers from −127 to 127, and the scale and bias of each output."""

    weight: torch.Tensor
    scale: torch.Tensor
    bias: torch.Tensor

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Rows of float32 through the matrix; as integers and as floats the sums are the same."""
        scale = x.abs().amax(dim=1, keepdim=True).mul_(1 / LARGEST).clamp_(min=LEAST_SCALE)
        rounded = (x / scale).round_()
        if self.weight.dtype == torch.int8:
            product = torch._int_mm(rounded.to(torch.int8), self.weight).float()
        else:
            product = rounded @ self.weight
        return product.mul_(scale).mul_(self.scale).add_(self.bias)


class Norm(NamedTuple):
    """Layer normalisation (Ba et al. 2016)."""

    weight: torch.Tensor
    bias: torch.Tensor

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Each row at mean 0 and variance 1, then scaled and shifted."""
        return layer_norm(x, self.weight.shape, self.weight, self.bias, EPSILON)


class Layer(NamedTuple):
    """One layer: self-attention, with query, key and value in one matrix, then the feed-forward part."""

    query_key_value: Linear
    attention_output: Linear
    attention_norm: Norm
    intermediate: Linear
    output: Linear
    norm: Norm

    def __call__(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Rows (texts × tokens) through the layer; `bias` (texts, 1, 1, tokens) is −∞ at tokens that fill up."""
        shape = (bias.shape[0], bias.shape[-1], 3, HEADS, x.shape[1] // HEADS)
        query, key, value = self.query_key_value(x).view(shape).permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(query, key, value, attn_mask=bias)
        x = self.attention_norm(self.attention_output(seen.transpose(1, 2).reshape(x.shape)).add_(x))
        return self.norm(self.output(gelu(self.intermediate(x))).add_(x))


class Reading(Protocol):
    """Anything that reads a text's logits from the means over its tokens, layer by layer."""

    @property
    def width(self) -> int:
        """How many logits there are."""
        ...

    def __call__(self, means: list[torch.Tensor]) -> torch.Tensor:
        """From a mean (texts, dimensions) for each layer to (texts, width)."""
        ...


class Sentiment(NamedTuple):
    """Reads the sentiment from some layers, each dimension at mean 0 and deviation 1, through one hidden layer."""

    layers: list[int]
    mean: torch.Tensor
    deviation: torch.Tensor
    hidden: Linear
    weight: torch.Tensor
    bias: torch.Tensor

    @property
    def width(self) -> int:
        """How many logits there are."""
        return len(self.bias)

    def __call__(self, means: list[torch.Tensor]) -> torch.Tensor:
        """From a mean (texts, dimensions) for each layer to (texts, width)."""
        x = torch.cat([means[layer] for layer in self.layers], dim=1)
        x = gelu(self.hidden((x - self.mean) / self.deviation))
        # torch sums a matrix product of one row in another order than those of several.
        return (x.unsqueeze(1) * self.weight).sum(2) + self.bias


class Network(NamedTuple):
    """The whole network; word embeddings stay in their blocks of 4-bit weights until a token needs them."""

    words: torch.Tensor
    word_scales: torch.Tensor
    positions: torch.Tensor
    norm: Norm
    layers: list[Layer]
    reading: Reading

    @property
    def shape(self) -> tuple[int, int]:
        """How many dimensions a vector has, and how many logits there are."""
        return self.positions.shape[1], self.reading.width

    def __call__(
        self, ids: NDArray[np.int64], real: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The unit mean of each text's last layer (texts, dimensions), and what is read from the means of all.

        `ids` (texts, tokens) begin with the start token; `real` is false where a text is filled up.
        """
        device = self.positions.device
        tokens, mask = torch.from_numpy(ids).to(device), torch.from_numpy(real).to(device)
        with torch.inference_mode():
            bias = torch.zeros(mask.shape, device=device).masked_fill_(~mask, -torch.inf)[:, None, None]
            x = self._embedded(tokens)
            means = []
            for layer in self.layers:
                x = layer(x, bias)
                means.append((x.view(*ids.shape, -1) * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True))
            logits = self.reading(means)
        # torch takes the norm of one row in another order than those of several.
        vectors = means[-1].cpu().numpy()
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), logits.cpu().numpy()

    def _embedded(self, tokens: torch.Tensor) -> torch.Tensor:
        rows = tokens.flatten()
        blocks = self.words[rows].view(len(rows), -1, BLOCK // 2)
        weights = torch.cat([blocks & 15, blocks >> 4], dim=2).float().sub_(8)
        words = weights.mul_(self.word_scales[rows].float().unsqueeze(-1)).view(*tokens.shape, -1)
        return self.norm((words + self.positions[: tokens.shape[1]]).view(len(rows), -1))


def read(
    stored: Mapping[str, NDArray[Any]], device: str, *, integers: bool | None = None, reading: Reading | None = None
) -> Network:
    """The network from the tensors of models/weights/encoder.safetensors, on "cpu" or "cuda".

    `integers` tells whether matrices are multiplied as integers or as floats that hold the same integers; by default
    as integers where the processor has instructions for them (AVX-512 VNNI), as without they are slow. `reading`
    takes the place of what the tensors say of the sentiment.
    """
    fast = device == "cpu" and torch.backends.mkldnn.is_available() and torch.cpu._is_vnni_supported()  # type: ignore[no-untyped-call]
    tensors = {name: torch.from_numpy(values).to(device) for name, values in stored.items()}
    layers = 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layer."))
    types = tensors["embeddings.token_type_embeddings.weight"][0]
    whole = fast if integers is None else integers
    return Network(
        words=tensors[WORDS],
        word_scales=tensors[f"{WORDS}.scale"],
        positions=tensors["embeddings.position_embeddings.weight"] + types,
        norm=_norm(tensors, "embeddings"),
        layers=[_layer(tensors, f"encoder.layer.{i}", whole) for i in range(layers)],
        reading=reading or _sentiment(tensors, whole),
    )


def _sentiment(tensors: Mapping[str, torch.Tensor], integers: bool) -> Sentiment:
    return Sentiment(
        layers=tensors[f"{HEAD}.layers"].tolist(),
        mean=tensors[f"{HEAD}.mean"],
        deviation=tensors[f"{HEAD}.deviation"],
        hidden=_linear(tensors, [f"{HEAD}.hidden"], integers),
        weight=tensors[f"{HEAD}.weight"],
        bias=tensors[f"{HEAD}.bias"],
    )


def _layer(tensors: Mapping[str, torch.Tensor], name: str, integers: bool) -> Layer:
    def linear(*parts: str) -> Linear:
        return _linear(tensors, [f"{name}.{part}" for part in parts], integers)

    return Layer(
        query_key_value=linear("attention.self.query", "attention.self.key", "attention.self.value"),
        attention_output=linear("attention.output.dense"),
        attention_norm=_norm(tensors, f"{name}.attention.output"),
        intermediate=linear("intermediate.dense"),
        output=linear("output.dense"),
        norm=_norm(tensors, f"{name}.output"),
    )


def _linear(tensors: Mapping[str, torch.Tensor], names: list[str], integers: bool) -> Linear:
    weight = torch.cat([tensors[f"{name}.weight"] for name in names]).t()
    scale = torch.cat([tensors[f"{name}.weight.scale"] for name in names])
    bias = torch.cat([tensors[f"{name}.bias"] for name in names])
    return Linear(weight if integers else weight.float(), scale, bias)


def _norm(tensors: Mapping[str, torch.Tensor], name: str) -> Norm:
    return Norm(tensors[f"{name}.LayerNorm.weight"], tensors[f"{name}.LayerNorm.bias"])
