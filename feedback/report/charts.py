"""Charts as SVG text: drawn by vl-convert on this machine, with nothing fetched."""

from __future__ import annotations

import io
import json
import textwrap
from typing import Any, NamedTuple

import pandas as pd

INK, MUTED, LIGHT, LINE = "#22303c", "#5d6b78", "#a9b7c4", "#dfe5ea"
BANDS = ("#f4f6f8", "#fbfcfd")
WIDE, TALL = (1085, 230), (140, 52)


class Labels(NamedTuple):
    """The words at the ends of the value axis."""

    positive: str
    negative: str


def curve(table: pd.DataFrame, labels: Labels, *, tall: bool = False) -> str:
    """The emotional curve as SVG: across the page, or down it for narrow screens.

    `table` has position, stage, stage_id, name, n, shown, sentiment, low, high and before, in journey order;
    null sentiment is a gap in the line.
    """
    import altair as alt

    length = len(table)
    step = TALL[1] if tall else max(64, WIDE[0] // max(length, 1))
    width, height = (TALL[0], step * length) if tall else (step * length, WIDE[1])
    points = table.assign(
        run=(~table["shown"]).cumsum(),
        past=table["before"].isna().cumsum(),
        label=[_wrap(name, 24 if tall else (step - 4) // 6) for name in table["name"]],
        count=[f"n = {n}" for n in table["n"]],
    )
    along, value = ("y", "x") if tall else ("x", "y")
    layers = [
        _bands(alt, points, along, tall=tall),
        *_lines(alt, points, along, value, _value_axis(alt, labels, tall=tall), length),
        *_names(alt, points, along, width if tall else height, tall=tall),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return _svg(chart.configure(font="sans-serif", padding=2).configure_view(stroke=None))


def _svg(chart: Any) -> str:
    buffer = io.StringIO()
    chart.save(buffer, format="svg")
    return buffer.getvalue()


def _wrap(name: str, width: int) -> str:
    lines = textwrap.wrap(name, max(width, 9), break_long_words=False) or [name]
    return "\n".join(lines[:4])


def _along(alt: Any, along: str, length: int) -> Any:
    channel = alt.X if along == "x" else alt.Y
    scale = alt.Scale(domain=[-0.5, length - 0.5], nice=False, zero=False, reverse=along == "y")
    return channel("position:Q", scale=scale, axis=None)


def _value_axis(alt: Any, labels: Labels, *, tall: bool) -> Any:
    ends = (json.dumps([f"+1", labels.positive]), json.dumps(["−1", labels.negative]))
    return alt.Axis(
        values=[-1, 0, 1],
        labelExpr=f"datum.value > 0 ? {ends[0]} : datum.value < 0 ? {ends[1]} : '0'",
        labelColor=MUTED,
        labelFontSize=11,
        labelAlign="center" if tall else "right",
        orient="top" if tall else "left",
        domain=False,
        ticks=False,
        gridColor=alt.condition("datum.value == 0", alt.value(LIGHT), alt.value(LINE)),
        labelPadding=8,
        title=None,
    )


def _bands(alt: Any, points: pd.DataFrame, along: str, *, tall: bool) -> Any:
    """One shaded lane a stage, with its name at the head of it."""
    stages = points.groupby("stage_id", sort=False).agg(
        stage=("stage", "first"), first=("position", "min"), last=("position", "max")
    )
    stages = stages.assign(start=stages["first"] - 0.5, stop=stages["last"] + 0.5, middle=(stages["first"] + stages["last"]) / 2)
    stages["shade"] = [BANDS[k % 2] for k in range(len(stages))]
    stages["title"] = [_wrap(s, 22 if tall else 13 * (b - a + 1)) for s, a, b in zip(stages["stage"], stages["first"], stages["last"], strict=True)]
    one, two = ("y", "y2") if tall else ("x", "x2")
    axis = _along(alt, along, len(points))
    base = alt.Chart(stages.reset_index(drop=True))
    lanes = base.mark_rect().encode(
        **{one: axis.copy(), two: "stop:Q"}, color=alt.Color("shade:N", scale=None)
    )
    lanes.encoding[one].shorthand = "start:Q"
    style = {"fontSize": 12, "fontWeight": 600, "color": INK, "lineBreak": "\n"}
    if tall:
        names = base.mark_text(align="left", baseline="top", dy=4, **style).encode(y=_at(alt, "y", "start"), x=alt.value(-172), text="title:N")
    else:
        names = base.mark_text(baseline="bottom", **style).encode(x=_at(alt, "x", "middle"), y=alt.value(-8), text="title:N")
    return lanes + names


def _at(alt: Any, along: str, field: str) -> Any:
    return (alt.X if along == "x" else alt.Y)(f"{field}:Q", axis=None)


def _lines(alt: Any, points: pd.DataFrame, along: str, value: str, axis: Any, length: int) -> list[Any]:
    """Last time's curve in a light line, this time's with its intervals and points on top."""
    channel = alt.X if value == "x" else alt.Y
    scale = alt.Scale(domain=[-1, 1], nice=False)

    def at(field: str) -> Any:
        return channel(f"{field}:Q", scale=scale, axis=axis)

    now, before = points[points["shown"]], points[points["before"].notna()]
    place = {along: _along(alt, along, length)}
    order = alt.Order("position:Q")
    return [
        alt.Chart(points).mark_point(opacity=0).encode(**place, **{value: at("nothing")}).transform_calculate(nothing="0"),
        alt.Chart(before)
        .mark_line(color=LIGHT, strokeWidth=1.5, strokeDash=[4, 3])
        .encode(**place, **{value: at("before")}, detail="past:N", order=order),
        alt.Chart(before).mark_point(color=LIGHT, size=22, filled=True, opacity=1).encode(**place, **{value: at("before")}),
        alt.Chart(now)
        .mark_line(color=INK, strokeWidth=2)
        .encode(**place, **{value: at("sentiment")}, detail="run:N", order=order),
        alt.Chart(now).mark_rule(color=INK, strokeWidth=1).encode(**place, **{value: at("low"), f"{value}2": "high:Q"}),
        alt.Chart(now).mark_point(color=INK, size=52, filled=True, opacity=1).encode(**place, **{value: at("sentiment")}),
    ]


def _names(alt: Any, points: pd.DataFrame, along: str, extent: int, *, tall: bool) -> list[Any]:
    base = alt.Chart(points)
    place = {along: _at(alt, along, "position")}
    if tall:
        return [
            base.mark_text(align="left", baseline="middle", dy=8, fontSize=11, color=INK, lineBreak="\n").encode(
                **place, x=alt.value(-172), text="label:N"
            ),
            base.mark_text(align="left", baseline="middle", fontSize=11, color=MUTED).encode(
                **place, x=alt.value(extent + 8), text="count:N"
            ),
        ]
    return [
        base.mark_text(baseline="top", fontSize=11, color=MUTED).encode(**place, y=alt.value(extent + 8), text="count:N"),
        base.mark_text(baseline="top", fontSize=10.5, color=INK, lineBreak="\n").encode(
            **place, y=alt.value(extent + 25), text="label:N"
        ),
    ]
