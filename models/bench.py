"""Speed of the command and of the line, measured in one go on this machine.

    python -m models.bench [COMMENTS]

Ratios hold across machines, absolute times do not: the start of the command is given in times of an empty
Python process, the steps of the line beside one plain spaCy pass over the same comments.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from statistics import median

import pandas as pd

from feedback import inbox, journey, parse, pipeline, run, weeks, workspace

STARTS = 7


def start_ratio() -> float:
    """Median time of `feedback --help` over that of an empty Python process, in turns."""

    def seconds(*command: str) -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, capture_output=True)  # noqa: S603  our own command
        return time.perf_counter() - begin

    pairs = [(seconds("-m", "feedback", "--help"), seconds("-c", "pass")) for _ in range(STARTS)]
    return median(a for a, _ in pairs) / median(b for _, b in pairs)


def main() -> None:
    """Measure and print."""
    print(f"feedback --help takes {start_ratio():.1f} times as long as an empty Python process")
    root = workspace.packaged()
    settings = pipeline.load(root / "pipelines" / "weekly.yaml")
    raw = inbox.gather(settings, root, inbox.look(settings, root))
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    keep = raw.submissions[raw.submissions["has_text"]]
    raw = weeks.keep(raw, keep.head(wanted))
    line = run.load_line(settings, journey.load(root / settings.journey), None)
    run.tag(weeks.keep(raw, raw.submissions.head(20)), line, run.Steps())
    steps = run.Steps()
    begin = time.perf_counter()
    for batch in run.batches(raw):
        run.tag(batch, line, steps)
    whole = time.perf_counter() - begin
    texts = raw.comments["text"].tolist()
    begin = time.perf_counter()
    for name in line.spacy.values():
        list(parse.load(name).pipe(texts[: len(texts) // 2], batch_size=256))
    plain = time.perf_counter() - begin
    print(f"{len(texts):,} comments in {whole:.1f} s: {len(texts) / whole:.0f} a second, read to map")
    shares = pd.Series(steps.seconds).sort_values(ascending=False)
    for name, seconds in shares.items():
        print(f"  {name:<12} {seconds:7.2f} s  {seconds / whole:6.1%}  {seconds / plain:6.2f} times a plain spaCy pass")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
