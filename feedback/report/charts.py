"""Charts as SVG text: drawn by vl-convert on this machine, with nothing fetched."""

from __future__ import annotations

import io
import json
import textwrap
from typing import Any, NamedTuple

import pandas as pd

INK, MUTED, LIGHT, LINE = "#22303c", "#5d6b78", "#9fb0bf", "#cfd8e0"
BANDS = ("#f4f6f8", "#fbfcfd")
WIDE, TALL = (1085, 230), (140, 54)
NAMES = -172


class Labels(NamedTuple):
    """The words at the ends of the value axis."""

    positive: str
    negative: str


def curve(table: pd.DataFrame, labels: Labels, *, tall: bool = False) -> str:
    """The emotional curve as SVG: across the page, or down it for narrow screens.

    `table` has position, stage, stage_id, name, n, shown, sentiment, low, high and before, in journey order;
    null sentiment is a gap in the line. Texts must have gone through `clean`: a character that XML cannot
    hold ends the whole process inside vl-convert.
    """
    import altair as alt

    length = len(table)
    step = TALL[1] if tall else max(64, WIDE[0] // max(length, 1))
    width, height = (TALL[0], step * length) if tall else (step * length, WIDE[1])
    points = table.assign(
        run=(~table["shown"]).cumsum(),
        past=table["before"].isna().cumsum(),
        label=[wrapped(name, 27 if tall else (step - 4) // 6) for name in table["name"]],
        count=[f"n = {n}" for n in table["n"]],
    )
    along, value = ("y", "x") if tall else ("x", "y")
    layers = [
        _bands(alt, points, along, tall=tall),
        *_lines(alt, points, along, value, _value_axis(alt, labels, tall=tall), length),
        *_names(alt, points, along, width if tall else height, tall=tall),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return svg(chart.configure(font="sans-serif", padding=2).configure_view(stroke=None))


def svg(chart: Any) -> str:
    """A chart as SVG text."""
    buffer = io.StringIO()
    chart.save(buffer, format="svg")
    return buffer.getvalue()


def wrapped(name: str, width: int) -> str:
    """A name in at most four lines of about so many characters."""
    lines = textwrap.wrap(name, max(width, 9), break_long_words=False) or [name]
    return "\n".join(lines[:4])


def _along(alt: Any, along: str, length: int, field: str = "position") -> Any:
    channel = alt.X if along == "x" else alt.Y
    scale = alt.Scale(domain=[-0.5, length - 0.5], nice=False, zero=False, reverse=along == "y")
    return channel(f"{field}:Q", scale=scale, axis=None)


def _value_axis(alt: Any, labels: Labels, *, tall: bool) -> Any:
    glue = " " if tall else "\n"
    high, low = (json.dumps(end.split("\n")) for end in (f"+1{glue}{labels.positive}", f"−1{glue}{labels.negative}"))
    return alt.Axis(
        values=[-1, 0, 1],
        labelExpr=f"datum.value > 0 ? {high} : datum.value < 0 ? {low} : '0'",
        labelColor=MUTED,
        labelFontSize=11,
        labelAlign="center" if tall else "right",
        labelPadding=8,
        orient="top" if tall else "left",
        domain=False,
        ticks=False,
        grid=False,
        title=None,
    )


def _bands(alt: Any, points: pd.DataFrame, along: str, *, tall: bool) -> Any:
    """One shaded lane a stage, with its name at the head of it."""
    stages = points.groupby("stage_id", sort=False).agg(
        stage=("stage", "first"), start=("position", "min"), stop=("position", "max"), size=("position", "size")
    )
    stages["start"], stages["stop"] = stages["start"] - 0.5, stages["stop"] + 0.5
    stages["middle"] = (stages["start"] + stages["stop"]) / 2
    stages["shade"] = [BANDS[k % 2] for k in range(len(stages))]
    stages["title"] = [wrapped(s, 22 if tall else 10 * n) for s, n in zip(stages["stage"], stages["size"], strict=True)]
    base = alt.Chart(stages.reset_index(drop=True))
    lane = {along: _along(alt, along, len(points), "start"), f"{along}2": "stop:Q"}
    lanes = base.mark_rect().encode(**lane, color=alt.Color("shade:N", scale=None))
    style = {"fontSize": 12, "fontWeight": 600, "color": INK, "lineBreak": "\n"}
    if tall:
        names = base.mark_text(align="left", baseline="top", dy=4, **style)
        return lanes + names.encode(y=_at(alt, "y", "start"), x=alt.value(NAMES), text="title:N")
    further = int(stages["title"].str.count("\n").max())
    names = base.mark_text(baseline="bottom", dy=-8 - 15 * further, **style)
    return lanes + names.encode(x=_at(alt, "x", "middle"), y=alt.value(0), text="title:N")


def _at(alt: Any, along: str, field: str) -> Any:
    return (alt.X if along == "x" else alt.Y)(f"{field}:Q", axis=None)


def _lines(alt: Any, points: pd.DataFrame, along: str, value: str, axis: Any, length: int) -> list[Any]:
    """Last time's curve in a light line, this time's with its intervals and points on top."""
    channel = alt.X if value == "x" else alt.Y
    scale = alt.Scale(domain=[-1, 1], nice=False)

    def at(field: str) -> Any:
        return channel(f"{field}:Q", scale=scale, axis=axis)

    now, before = alt.Chart(points[points["shown"]]), alt.Chart(points[points["before"].notna()])
    place, order = {along: _along(alt, along, length)}, alt.Order("position:Q")
    dots = {"filled": True, "opacity": 1}
    return [
        alt.Chart(pd.DataFrame({"level": [-1, 0, 1]})).mark_rule(color=LINE).encode(**{value: at("level")}),
        before.mark_line(color=LIGHT, strokeWidth=1.6, strokeDash=[4, 3]).encode(
            **place, **{value: at("before")}, detail="past:N", order=order
        ),
        before.mark_point(color=LIGHT, size=22, **dots).encode(**place, **{value: at("before")}),
        now.mark_line(color=INK, strokeWidth=2).encode(
            **place, **{value: at("sentiment")}, detail="run:N", order=order
        ),
        now.mark_rule(color=INK, strokeWidth=1).encode(**place, **{value: at("low"), f"{value}2": "high:Q"}),
        now.mark_point(color=INK, size=52, **dots).encode(**place, **{value: at("sentiment")}),
    ]


def _names(alt: Any, points: pd.DataFrame, along: str, extent: int, *, tall: bool) -> list[Any]:
    """The number of customers and the name of each touchpoint, outside the lanes."""
    if tall:
        # Vega hangs further lines below the first: start half a line higher for each.
        lifted = points.assign(position=points["position"] + 0.12 - 0.12 * points["label"].str.count("\n"))
        name = alt.Chart(lifted).mark_text(align="left", fontSize=11, color=INK, lineBreak="\n")
        count = alt.Chart(points).mark_text(align="left", fontSize=11, color=MUTED)
        return [
            name.encode(_at(alt, along, "position"), x=alt.value(NAMES), text="label:N"),
            count.encode(_at(alt, along, "position"), x=alt.value(extent + 8), text="count:N"),
        ]
    name = alt.Chart(points).mark_text(baseline="top", fontSize=10.5, color=INK, lineBreak="\n")
    count = alt.Chart(points).mark_text(baseline="top", fontSize=11, color=MUTED)
    return [
        count.encode(_at(alt, along, "position"), y=alt.value(extent + 8), text="count:N"),
        name.encode(_at(alt, along, "position"), y=alt.value(extent + 25), text="label:N"),
    ]
