"""Write the shipped encoder: the base with its vocabulary pruned to Latin script, as tokenizer and weights.

python -m models.export
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

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


def tensors(source: base.Base, kept: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
    """Weights under the names of transformers' BertModel; a packed one as `<name>` (nibbles) and `<name>.scale`."""
    out: dict[str, NDArray[np.generic]] = {
        "embeddings.position_embeddings.weight": source.plain["emb.pos"].reshape(-1, base.WIDTH),
        "embeddings.token_type_embeddings.weight": source.plain["emb.type"].reshape(-1, base.WIDTH),
        "embeddings.LayerNorm.weight": source.plain["emb.ln.w"],
        "embeddings.LayerNorm.bias": source.plain["emb.ln.b"],
    }
    nibbles, scales = source.packed["emb.word"]
    per_row = base.WIDTH // base.BLOCK
    _pack(
        out,
        "embeddings.word_embeddings.weight",
        nibbles.reshape(-1, per_row, 16)[kept],
        scales.reshape(-1, per_row)[kept],
    )
    for layer in range(base.LAYERS):
        for short, long in NAMES.items():
            name = f"encoder.layer.{layer}.{long}"
            bias = source.plain[f"l{layer}.{short}.b"]
            out[f"{name}.bias"] = bias
            if short.endswith("ln"):
                out[f"{name}.weight"] = source.plain[f"l{layer}.{short}.w"]
            else:
                nibbles, scales = source.packed[f"l{layer}.{short}.w"]
                _pack(out, f"{name}.weight", nibbles.reshape(len(bias), -1, 16), scales.reshape(len(bias), -1))
    return out


def _pack(
    out: dict[str, NDArray[np.generic]], name: str, nibbles: NDArray[np.uint8], scales: NDArray[np.float16]
) -> None:
    out[name] = np.ascontiguousarray(nibbles.reshape(len(nibbles), -1))
    out[f"{name}.scale"] = np.ascontiguousarray(scales)


def write_manifest() -> None:
    """List every shipped file with its size and SHA-256."""
    files = sorted(p for p in WEIGHTS.iterdir() if p.name != "manifest.json")
    listed = {p.name: {"bytes": p.stat().st_size, "sha256": sha256(p.read_bytes()).hexdigest()} for p in files}
    (WEIGHTS / "manifest.json").write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Unpack, prune and write."""
    source = base.read(base.packed_file())
    special = {0, 1, 2, 3}
    kept = np.array([i for i, p in enumerate(source.pieces) if i in special or KEPT.fullmatch(p)])
    WEIGHTS.mkdir(exist_ok=True)
    tokenizer([source.pieces[i] for i in kept], source.scores[kept]).save(str(WEIGHTS / "tokenizer.json"), pretty=False)
    save_file(tensors(source, kept), WEIGHTS / "encoder.safetensors")
    write_manifest()
    print(f"{len(kept):,} pieces kept of {len(source.pieces):,}")
    for path in sorted(WEIGHTS.iterdir()):
        print(f"{path.stat().st_size / 1e6:8.1f} MB  {path.name}")


if __name__ == "__main__":
    main()
