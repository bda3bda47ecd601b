"""Speed and memory of the command and of the line, beside the conventional stack, measured in one go on this machine.

    python -m models.bench [--comments N] [--growth N]
    python -m models.bench --whole 10000

Ratios hold across machines, absolute times do not: the start of the command is given in times of an empty Python
process, the steps of the line in times of one plain spaCy pass, the whole line in times of the conventional stack.
`--whole` runs a pipeline over so many comments, from the export to the reports, then maps the run to a changed journey;
what it found of each size is kept in models/work, so that the growth from one size to the next can be measured in as
many commands. `--growth` does so for each size up to N.
The stack is what a team would build today: a transformers pipeline for the sentiment and one for zero-shot labels, both
of the size of XLM-R base, and BERTopic with an embedding model of the size of its default. Random weights have the
speed of trained ones.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from feedback import encode, inbox, journey, language, parse, pipeline, remap, run, tables, topics, workspace
from models import data

STARTS, STACK, TOPICS = 7, 16, 1000
GROWTH = Path(__file__).parent / "work" / "growth.json"
WORDS_A_COMMENT, WORDS_OF_OTHERS = 34, 0.2
LARGE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
         "max_position_embeddings": 514, "pad_token_id": 1}  # fmt: skip


def seconds(work: Callable[[], Any]) -> float:
    """How long a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def start_ratio() -> float:
    """Median time of `feedback --help` over that of an empty Python process, in turns."""

    def once(*command: str) -> float:
        return seconds(lambda: subprocess.run([sys.executable, *command], check=True, capture_output=True))  # noqa: S603

    pairs = [(once("-m", "feedback", "--help"), once("-c", "pass")) for _ in range(STARTS)]
    return median(a for a, _ in pairs) / median(b for _, b in pairs)


@cache
def spoken() -> list[list[str]]:
    """The sample's comments in English and in French."""
    root = workspace.packaged()
    settings = pipeline.load(root / "pipelines" / "weekly.yaml")
    raw = inbox.gather(settings, root, inbox.look(settings, root))
    found = language.detect(raw.comments, {}, ("en", "fr"))
    return [found.loc[found["language"] == code, "text"].tolist() for code in ("en", "fr")]


def comments(count: int, seed: int = data.SEED) -> list[str]:
    """So many distinct comments of about 47 tokens, put together from the sample's, a fifth of the words exchanged.

    Without the exchange the same segments would come again and again, and be encoded once.
    """
    pools, chance = spoken(), random.Random(seed)  # noqa: S311  no secret
    made = []
    for i in range(count):
        pool, words = pools[i % len(pools)], list[str]()
        while len(words) < WORDS_A_COMMENT:
            words += chance.choice(pool).split()
        other = chance.choice(pool).split()
        made.append(" ".join(chance.choice(other) if chance.random() < WORDS_OF_OTHERS else word for word in words))
    return made


def line() -> run.Line:
    """The line of the sample, its models loaded and warm."""
    root = workspace.packaged()
    settings = pipeline.load(root / "pipelines" / "weekly.yaml")
    loaded = run.load_line(settings, journey.load(root / settings.journey), None)
    tagged(["All good", "Tout va bien"] * 8, loaded)
    return loaded


def tagged(texts: Sequence[str], loaded: run.Line) -> tuple[run.Steps, list[str]]:
    """Tag the texts from cleaning to topics; returns the seconds of each step, and the texts of the segments."""
    steps = run.Steps()
    raw = tables.of_texts(pd.Series(texts, index=[f"{i:07}" for i in range(len(texts))]), "bench")
    (batch,) = run.batches(raw)
    made = run.tag(batch, loaded, steps)
    comments = made.tables.comments.assign(duplicate_of=None)
    known = dict(zip(made.segments["text"], made.encoded.vectors, strict=True))
    steps(
        "topics", topics.find, made.segments, comments, lambda wanted: np.array([known[text] for text in wanted]),
        week="bench", languages=("en", "fr"),
    )  # fmt: skip
    return steps, made.segments["text"].tolist()


def plain_spacy(texts: Sequence[str], loaded: run.Line) -> float:
    """The seconds of one spaCy pass, half of the texts by each language's model."""
    models = [parse.load(name) for name in loaded.spacy.values()]
    parts = [texts[i :: len(models)] for i in range(len(models))]
    return sum(
        seconds(lambda m=model, p=part: list(m.pipe(p, batch_size=256)))  # type: ignore[misc]
        for model, part in zip(models, parts, strict=True)
    )


def tokenizer() -> Any:
    """The shipped tokenizer, as transformers wants it."""
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer.from_buffer(encode.verified("tokenizer.json").data)
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
        cls_token="<s>", sep_token="</s>", model_max_length=512,
    )  # fmt: skip


def torch_encoder(layers: int) -> Any:
    """An encoder of so many layers of the shipped one's shape in 32-bit floats, run by sentence-transformers."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel

    words = tokenizer()
    shape = {"hidden_size": 384, "num_hidden_layers": layers, "num_attention_heads": 12, "intermediate_size": 1536}
    with tempfile.TemporaryDirectory() as folder:
        BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=512, **shape)).save_pretrained(folder)
        words.save_pretrained(folder)
        body = Transformer(folder, max_seq_length=256)
    return SentenceTransformer(modules=[body, Pooling(384, "mean"), Normalize()], prompts={"query": encode.PREFIX})


def stack_seconds(texts: Sequence[str], labels: Sequence[str]) -> dict[str, float]:
    """Seconds a comment of the conventional stack, by part."""
    from bertopic import BERTopic
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification
    from transformers import pipeline as ready

    words = tokenizer()

    def classifier(names: Sequence[str]) -> Any:
        ids = {name: i for i, name in enumerate(names)}
        config = XLMRobertaConfig(vocab_size=len(words), id2label=dict(enumerate(names)), label2id=ids, **LARGE)
        return XLMRobertaForSequenceClassification(config).train(False)

    feelings = ready("text-classification", model=classifier(("negative", "neutral", "positive")), tokenizer=words)
    entails = classifier(("contradiction", "neutral", "entailment"))
    zero_shot = ready("zero-shot-classification", model=entails, tokenizer=words)
    few, many = list(texts[:STACK]), list(texts[:TOPICS])
    feelings(few[:2])
    zero_shot(few[:1], list(labels), multi_label=True)
    embedding = torch_encoder(6)
    found = {
        "sentiment": seconds(lambda: feelings(few, truncation=True)) / len(few),
        "zero-shot": seconds(lambda: zero_shot(few, list(labels), multi_label=True)) / len(few),
    }
    usual = BERTopic(embedding_model=embedding)
    return found | {"topics": seconds(lambda: usual.fit_transform(many)) / len(many)}


def peak() -> int:
    """The most memory that this process has taken, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def grown(count: int) -> None:
    """Measure a whole run in a process of its own, and print what is known of all sizes; disk: 12 KB a comment."""
    command = [sys.executable, "-m", "models.bench", "--alone", str(count)]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603
    kept = json.loads(GROWTH.read_text("utf-8")) if GROWTH.is_file() else {}
    kept = {int(size): one for size, one in kept.items()} | {count: json.loads(found)}
    GROWTH.parent.mkdir(parents=True, exist_ok=True)
    GROWTH.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    for size, one in sorted(kept.items()):
        print(
            f"{size:>9,} comments: {size / one['first']:.0f} a second, peak memory {one['peak'] / 1e6:.0f} MB; "
            f"a changed journey mapped again in {one['again']:.1f} s, {one['first'] / one['again']:.0f} times as fast",
            flush=True,
        )
    for (few, one), (many, other) in pairwise(sorted(kept.items())):
        more = (other["peak"] - one["peak"]) / (many - few)
        print(f"from {few:,} to {many:,}: {more / 1e3:.1f} KB more peak memory a comment", flush=True)


def alone(count: int) -> dict[str, float]:
    """A whole run in a workspace of its own: its seconds and peak memory, and the seconds of a changed journey."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        drop, place = root / "data" / "inbox" / "bench.csv", root / "data" / "journeys" / "concert.yaml"
        file = root / "pipelines" / "bench.yaml"
        for path in (drop, place, file):
            path.parent.mkdir(parents=True)
        place.write_bytes((workspace.packaged() / "data" / "journeys" / "concert.yaml").read_bytes())
        roles = {"text": "text", "id": "id", "created_at": "date"}
        source = {"name": "bench", "kind": "survey", "files": ["data/inbox/bench.csv"], "mapping": roles}
        settings = {"pipeline": "bench", "timezone": "UTC", "journey": "data/journeys/concert.yaml"}
        file.write_text(json.dumps(settings | {"sources": [source]}), encoding="utf-8")
        with drop.open("w", encoding="utf-8") as out:
            out.write("id,date,text\n")
            for part in range(0, count, 1000):
                made = pd.DataFrame({"text": comments(min(1000, count - part), part)})
                made.insert(0, "date", "2026-11-16")
                made.insert(0, "id", range(part, part + len(made)))
                made.to_csv(out, index=False, header=False)
        line()
        spent = seconds(lambda: run.run(file, week="2026-W47"))
        most = peak()
        place.write_text(re.sub(r"^version: 1$", "version: 2", place.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
        again = seconds(lambda: remap.remap(file))
    return {"first": spent, "again": again, "peak": most}


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--comments", type=int, default=1000, help="comments of which the steps are timed")
    asked.add_argument("--growth", type=int, default=0, help="also run 1,000, 10,000 ... up to so many comments")
    asked.add_argument("--whole", type=int, default=0, help="only a whole run of so many comments")
    asked.add_argument("--alone", type=int, default=0, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.alone:
        print(json.dumps(alone(options.alone)))
        return
    if options.whole:
        grown(options.whole)
        return
    print(f"feedback --help takes {start_ratio():.1f} times as long as an empty Python process")
    texts, loaded = comments(options.comments), line()
    steps, segments = tagged(texts, loaded)
    whole, plain = sum(steps.seconds.values()), plain_spacy(texts, loaded)
    print(f"{len(texts):,} comments in {whole:.1f} s: {len(texts) / whole:.0f} a second, from cleaning to topics")
    for name, spent in sorted(steps.seconds.items(), key=lambda item: -item[1]):
        print(f"  {name:<12} {spent:7.2f} s  {spent / whole:6.1%}  {spent / plain:6.2f} times a plain spaCy pass")
    both = sum(steps.seconds.get(name, 0.0) for name in ("parse", "redact", "split"))
    print(f"parse, redact and split together: {both / plain:.2f} times a plain spaCy pass")
    floats = torch_encoder(12)
    slow = seconds(lambda: floats.encode(segments, prompt_name="query", show_progress_bar=False))
    fast = seconds(lambda: loaded.encoder.encode(segments))
    print(f"encoding: {len(segments) / fast:.0f} texts a second, {slow / fast:.2f} times torch in 32-bit floats")
    stack = stack_seconds(texts, [point for point in loaded.targets.ids if point != "general"])
    print(f"the conventional stack: {1 / sum(stack.values()):.2f} comments a second")
    for name, spent in stack.items():
        print(f"  {name:<12} {1 / spent:8.1f} a second")
    print(f"the line is {sum(stack.values()) * len(texts) / whole:.0f} times as fast as the stack")
    print(f"peak memory of this process {peak() / 1e6:.0f} MB")
    for size in (1000, 10_000, 100_000):
        if size <= options.growth:
            grown(size)


if __name__ == "__main__":
    main()
