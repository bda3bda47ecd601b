"""Between the base, the model in training and the shipped files.

`unpacked` writes the base, its vocabulary pruned to Latin script, as a folder that sentence-transformers loads;
`ship` packs a trained encoder into models/weights. Word embeddings are not trained and keep the base's 4-bit
blocks; the other matrices go into 8-bit integers, of which each row has its scale.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from feedback import bert, encode
from models import base

WEIGHTS = Path(__file__).parent / "weights"

# Latin letters, marks, punctuation, currency, arrows, symbols and emoji: what English, French and most
# European languages need. Pieces outside it fall apart into <unk>, which costs those scripts alone.
KEPT = re.compile(
    "[▁\u0000-\u024f\u0300-\u036f\u2000-\u206f\u20a0-\u20cf\u2100-\u214f\u2190-\u23ff\u2460-\u27bf"
    "\u2b00-\u2bff\u3000-\u3003\ufe0f\ufffd\U0001f000-\U0001faff]+"
)

NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def kept(pieces: list[str]) -> NDArray[np.int64]:
    """Places of the pieces that stay: the special ones and those in Latin script."""
    return np.array([i for i, piece in enumerate(pieces) if i < 4 or KEPT.fullmatch(piece)])


def tokenizer(pieces: list[str], scores: NDArray[np.float32]) -> Tokenizer:
    """The unigram tokenizer of XLM-R over the given pieces; `nmt_nfkc` as three plain normalisers."""
    made = Tokenizer(models.Unigram(list(zip(pieces, map(float, scores), strict=True)), unk_id=3, byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\x00-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"), ""),
            normalizers.Replace(Regex("[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return made


def tensors(source: base.Base, places: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    """The base's weights under the names of transformers' BertModel."""
    out = {
        "embeddings.position_embeddings.weight": source.plain["emb.pos"].reshape(-1, base.WIDTH),
        "embeddings.token_type_embeddings.weight": source.plain["emb.type"].reshape(-1, base.WIDTH),
        "embeddings.LayerNorm.weight": source.plain["emb.ln.w"],
        "embeddings.LayerNorm.bias": source.plain["emb.ln.b"],
        bert.WORDS: unpacked_blocks(*embeddings(source, places)),
    }
    for layer in range(base.LAYERS):
        for short, long in NAMES.items():
            name, bias = f"encoder.layer.{layer}.{long}", source.plain[f"l{layer}.{short}.b"]
            out[f"{name}.bias"] = bias
            if short.endswith("ln"):
                out[f"{name}.weight"] = source.plain[f"l{layer}.{short}.w"]
            else:
                nibbles, scales = source.packed[f"l{layer}.{short}.w"]
                rows = nibbles.reshape(len(bias), -1), scales.reshape(len(bias), -1)
                out[f"{name}.weight"] = unpacked_blocks(*rows)
    return out


def unpacked_blocks(nibbles: NDArray[np.uint8], scales: NDArray[np.float16]) -> NDArray[np.float32]:
    """A matrix of blocks of 32 weights, two in a byte, that share a scale, as 32-bit floats."""
    halves = nibbles.reshape(len(nibbles), -1, bert.BLOCK // 2)
    blocks = np.concatenate([halves & 15, halves >> 4], axis=2).astype(np.float32) - 8
    return (blocks * scales.astype(np.float32)[:, :, None]).reshape(len(nibbles), -1)


def embeddings(source: base.Base, places: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """The kept rows of the word embeddings, as the base packs them: nibbles and scales."""
    nibbles, scales = source.packed["emb.word"]
    blocks = base.WIDTH // base.BLOCK
    return (
        np.ascontiguousarray(nibbles.reshape(-1, blocks * base.BLOCK // 2)[places]),
        np.ascontiguousarray(scales.reshape(-1, blocks)[places]),
    )


def config(pieces: int) -> BertConfig:
    """The shape of the encoder over so many word pieces."""
    return BertConfig(
        vocab_size=pieces, hidden_size=base.WIDTH, num_hidden_layers=base.LAYERS,
        num_attention_heads=base.HEADS, intermediate_size=base.FEED_FORWARD,
        max_position_embeddings=base.POSITIONS, pad_token_id=1,
    )  # fmt: skip


def unpacked(folder: Path) -> None:
    """Write the pruned base as a folder that transformers and sentence-transformers load."""
    source = base.read(base.packed_file())
    places = kept(source.pieces)
    model = BertModel(config(len(places)), add_pooling_layer=False)
    state = {name: torch.from_numpy(values.copy()) for name, values in tensors(source, places).items()}
    model.load_state_dict(state)
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer([source.pieces[i] for i in places], source.scores[places]),
        bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>", model_max_length=base.POSITIONS,
    ).save_pretrained(folder)  # fmt: skip


def ship(state: dict[str, Any]) -> None:
    """Write tokenizer, encoder and manifest from the state of a trained BertModel, without what reads its sentiment."""
    source = base.read(base.packed_file())
    places = kept(source.pieces)
    nibbles, scales = embeddings(source, places)
    out: dict[str, NDArray[Any]] = {bert.WORDS: nibbles, f"{bert.WORDS}.scale": scales}
    for name, tensor in state.items():
        values = tensor.detach().float().cpu().numpy()
        if values.ndim == 2 and name.startswith("encoder.layer"):
            out[name], out[f"{name}.scale"] = packed(values)
        elif name != bert.WORDS and not name.startswith("pooler") and not name.endswith("_ids"):
            out[name] = values
    WEIGHTS.mkdir(exist_ok=True)
    tokenizer([source.pieces[i] for i in places], source.scores[places]).save(
        str(WEIGHTS / "tokenizer.json"), pretty=False
    )
    save_file(out, WEIGHTS / "encoder.safetensors")
    write_manifest()
    print(f"{len(places):,} pieces kept of {len(source.pieces):,}")
    for path in sorted(WEIGHTS.iterdir()):
        print(f"{path.stat().st_size / 1e6:8.1f} MB  {path.name}")


def in_floats() -> Callable[[list[str]], tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """The shipped encoder as transformers would run it in 32-bit floats: texts to unit vectors and logits."""
    stored = load_file(WEIGHTS / "encoder.safetensors")
    state = {name: values for name, values in stored.items() if not name.startswith(bert.HEAD)}
    state[bert.WORDS] = unpacked_blocks(state[bert.WORDS], state.pop(f"{bert.WORDS}.scale"))
    for name in [name for name in state if name.endswith(".scale")]:
        matrix = name.removesuffix(".scale")
        state[matrix] = state[matrix] * state.pop(name)[:, None]
    model = BertModel(config(len(state[bert.WORDS])), add_pooling_layer=False).train(False)
    model.load_state_dict({name: torch.from_numpy(np.float32(values)) for name, values in state.items()})
    pieces = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    read = {name.removeprefix(f"{bert.HEAD}."): stored[name] for name in stored if name.startswith(bert.HEAD)}
    hidden = read["hidden.weight"] * read["hidden.weight.scale"][:, None]

    def run(texts: list[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        means = []
        for text in texts:
            inside = pieces.encode(encode.PREFIX + text, add_special_tokens=False).ids
            ids = torch.tensor([[encode.START, *inside, encode.END]])
            with torch.inference_mode():
                layers = model(input_ids=ids, output_hidden_states=True).hidden_states[1:]
            means.append([layer[0].mean(dim=0).numpy() for layer in layers])
        found = np.array(means)
        x = (found[:, read["layers"]].reshape(len(texts), -1) - read["mean"]) / read["deviation"]
        x = torch.nn.functional.gelu(torch.from_numpy(x @ hidden.T + read["hidden.bias"])).numpy()
        return encode.unit(found[:, -1]), x @ read["weight"].T + read["bias"]

    return run


def packed(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix as integers from −127 to 127 and the scale of each of its rows.

    >>> q, scale = packed(np.linspace(-1, 1, 64, dtype=np.float32).reshape(2, 32))
    >>> float(np.abs(q * scale[:, None] - np.linspace(-1, 1, 64).reshape(2, 32)).max()) < 0.004
    True
    """
    scale = np.abs(values).max(axis=1) / bert.LARGEST
    steps = np.rint(values / np.maximum(scale, bert.LEAST_SCALE)[:, None])
    if np.abs(steps).sum(axis=1).max() * bert.LARGEST >= bert.EXACT:
        raise ValueError("sums of this matrix may be too large for 32-bit floats to hold exactly")
    return steps.astype(np.int8), scale.astype(np.float32)


def write_manifest() -> None:
    """List every shipped file with its size and SHA-256."""
    files = sorted(p for p in WEIGHTS.iterdir() if p.name != "manifest.json")
    listed = {p.name: {"bytes": p.stat().st_size, "sha256": sha256(p.read_bytes()).hexdigest()} for p in files}
    (WEIGHTS / "manifest.json").write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
