"""The network of the shipped encoder: BERT (Devlin et al. 2019) whose matrices are multiplied as 8-bit integers.

Activations are rounded row by row, each by its own largest value, and sums of integers are exact. So on a processor
what comes out for a text depends, to the last bit, neither on the texts beside it nor on the number of threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

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


class Network(NamedTuple):
    """The whole network; word embeddings stay in their blocks of 4-bit weights until a token needs them."""

    words: torch.Tensor
    word_scales: torch.Tensor
    positions: torch.Tensor
    norm: Norm
    layers: list[Layer]
    head_weight: torch.Tensor
    head_bias: torch.Tensor

    @property
    def shape(self) -> tuple[int, int]:
        """How many dimensions a vector has, and how many logits there are."""
        return self.head_weight.shape[1], self.head_weight.shape[0]

    def __call__(
        self, ids: NDArray[np.int64], real: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The unit mean of each text's last layer (texts, dimensions), and what the head reads from the mean.

        `ids` (texts, tokens) begin with the start token; `real` is false where a text is filled up.
        """
        device = self.positions.device
        tokens, mask = torch.from_numpy(ids).to(device), torch.from_numpy(real).to(device)
        with torch.inference_mode():
            bias = torch.zeros(mask.shape, device=device).masked_fill_(~mask, -torch.inf)[:, None, None]
            x = self._embedded(tokens)
            for layer in self.layers:
                x = layer(x, bias)
            x = x.view(*ids.shape, -1)
            means = (x * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
            # torch sums a matrix product, or a norm, of one row in another order than those of several.
            logits = (means.unsqueeze(1) * self.head_weight).sum(2) + self.head_bias
        vectors = means.cpu().numpy()
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), logits.cpu().numpy()

    def _embedded(self, tokens: torch.Tensor) -> torch.Tensor:
        rows = tokens.flatten()
        blocks = self.words[rows].view(len(rows), -1, BLOCK // 2)
        weights = torch.cat([blocks & 15, blocks >> 4], dim=2).float().sub_(8)
        words = weights.mul_(self.word_scales[rows].float().unsqueeze(-1)).view(*tokens.shape, -1)
        return self.norm((words + self.positions[: tokens.shape[1]]).view(len(rows), -1))


def read(stored: Mapping[str, NDArray[Any]], device: str, *, integers: bool | None = None) -> Network:
    """The network from the tensors of models/weights/encoder.safetensors, on "cpu" or "cuda".

    `integers` tells whether matrices are multiplied as integers or as floats that hold the same integers; by default
    as integers where the processor has instructions for them (AVX-512 VNNI), as without they are slow.
    """
    fast = device == "cpu" and torch.backends.mkldnn.is_available() and torch.cpu._is_vnni_supported()  # type: ignore[no-untyped-call]
    tensors = {name: torch.from_numpy(values).to(device) for name, values in stored.items()}
    layers = 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layer."))
    types = tensors["embeddings.token_type_embeddings.weight"][0]
    return Network(
        words=tensors[WORDS],
        word_scales=tensors[f"{WORDS}.scale"],
        positions=tensors["embeddings.position_embeddings.weight"] + types,
        norm=_norm(tensors, "embeddings"),
        layers=[_layer(tensors, f"encoder.layer.{i}", fast if integers is None else integers) for i in range(layers)],
        head_weight=tensors[f"{HEAD}.weight"],
        head_bias=tensors[f"{HEAD}.bias"],
    )


def _layer(tensors: Mapping[str, torch.Tensor], name: str, integers: bool) -> Layer:
    def linear(*parts: str) -> Linear:
        weight = torch.cat([tensors[f"{name}.{part}.weight"] for part in parts]).t()
        scale = torch.cat([tensors[f"{name}.{part}.weight.scale"] for part in parts])
        bias = torch.cat([tensors[f"{name}.{part}.bias"] for part in parts])
        return Linear(weight if integers else weight.float(), scale, bias)

    return Layer(
        query_key_value=linear("attention.self.query", "attention.self.key", "attention.self.value"),
        attention_output=linear("attention.output.dense"),
        attention_norm=_norm(tensors, f"{name}.attention.output"),
        intermediate=linear("intermediate.dense"),
        output=linear("output.dense"),
        norm=_norm(tensors, f"{name}.output"),
    )


def _norm(tensors: Mapping[str, torch.Tensor], name: str) -> Norm:
    return Norm(tensors[f"{name}.LayerNorm.weight"], tensors[f"{name}.LayerNorm.bias"])
