"""WebVTT: the transcript of a call or film as a table of turns, each with its speaker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

from feedback.read import encoding as encodings
from feedback.read.cells import Cells, Opened, Unfold, batched, table_of
from feedback.read.packed import File

HEADER = ("transcript", "turn", "start", "end", "speaker", "text")
_TIMES = re.compile(r"^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{3})\s+-->\s+((?:\d+:)?\d{1,2}:\d{2}[.,]\d{3})")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang)\b[^>]*>|<\d[\d:.]*>")
_NAMED = re.compile(r"^\s*([^\W\d_][\w .'’-]{0,39}?)\s*:\s+(?=\S)")
_NO_CUE = ("NOTE", "STYLE", "REGION", "WEBVTT")


def open_captions(file: File, *, encoding: str) -> Opened:
    """Open a WebVTT file. A turn is what a speaker says without a break, over any number of cues.

    `transcript` is a digest of the file's contents, since the format names no call.
    """
    with file.open("rb") as stream:
        call = sha256(stream.read()).hexdigest()[:16]

    def rows() -> Iterator[list[str | None]]:
        return ([call, str(n), *turn] for n, turn in enumerate(_turns(file, encoding), start=1))

    def cells(_unfold: Unfold | None) -> Iterator[Cells]:
        return batched(enumerate(rows(), start=1), HEADER)

    sample = [row for row, _ in zip(rows(), range(50), strict=False)]
    shown = table_of(sample, HEADER, range(1, len(sample) + 1))
    return Opened("WebVTT", HEADER, shown, None, cells)


def _turns(file: File, encoding: str) -> Iterator[tuple[str, str, str | None, str]]:
    """Start, end, speaker and text of each turn."""
    turn: tuple[str, str, str | None, str] | None = None
    for start, end, speaker, text in _spoken(file, encoding):
        if turn and turn[2] is not None and speaker == turn[2]:
            turn = (turn[0], end, speaker, f"{turn[3]} {text}")
            continue
        if turn:
            yield turn
        turn = (start, end, speaker, text)
    if turn:
        yield turn


def _spoken(file: File, encoding: str) -> Iterator[tuple[str, str, str | None, str]]:
    for block in _blocks(file, encoding):
        place = next((n for n, line in enumerate(block) if _TIMES.match(line)), None)
        if place is None or block[0].startswith(_NO_CUE):
            continue
        times = _TIMES.match(block[place])
        assert times is not None
        for speaker, text in _voices("\n".join(block[place + 1 :])):
            yield times[1], times[2], speaker, text


def _voices(text: str) -> Iterator[tuple[str | None, str]]:
    """Who says what in a cue: by its voice tags, or by the name that a line begins with."""
    head, *rest = _VOICE.split(text)
    parts: list[tuple[str | None, str]] = [(None, head), *zip(rest[::2], rest[1::2], strict=True)]
    for speaker, part in parts:
        said = " ".join(_TAG.sub("", part).split())
        if speaker is None and (named := _NAMED.match(said)):
            speaker, said = named[1], said[named.end() :]  # noqa: PLW2901 - the name was part of the text
        if said:
            yield speaker.strip() if speaker else None, said


def _blocks(file: File, encoding: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in encodings.lines(file, encoding):
        stripped = line.strip("\r\n").removeprefix("\ufeff")
        if stripped.strip():
            block.append(stripped)
        elif block:
            yield block
            block = []
    if block:
        yield block
