"""The pictures of the accuracy card, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from feedback.report.charts import BANDS, INK, LIGHT, LINE, MUTED, NAMES, svg, wrapped

BLUE, RUST, GREY = "#1f5f99", "#a8431f", "#8da3b5"
PALE, FAINT = "#cfd8e0", "#eef1f4"
SPAN = 268  # what a small chart leaves to its plot on a phone, its axis and names aside


def labels(table: pd.DataFrame, unit: str, *, tall: bool = False) -> str:
    """Precision and recall of each label with their intervals: across the page, or narrow for phones.

    `table`: position, group_id, group, name, count and f1 (texts), and for each of precision and recall its value,
    _low and _high; null values are not drawn. Texts must have gone through `clean`.
    """
    import altair as alt

    step, width = (54, 122) if tall else (34, 560)
    height = step * len(table)
    table = table.assign(label=[wrapped(name, 25 if tall else 60) for name in table["name"]])
    y = alt.Y("y:Q", scale=_down(alt, len(table)), axis=None)
    axis = _axis(alt, unit, [0, 0.5, 1] if tall else [0, 0.25, 0.5, 0.75, 1], orient="top")
    layers = [_lanes(alt, table, y, tall=tall), *_beside(alt, table, y, width, tall=tall)]
    for name, lift, colour, shape in (("precision", -0.14, INK, "circle"), ("recall", 0.14, BLUE, "diamond")):
        shown = alt.Chart(table.assign(y=table["position"] + lift)[table[name].notna()])
        x = alt.X(f"{name}:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)
        ends = alt.X(f"{name}_low:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)
        layers += [
            shown.mark_rule(color=colour, strokeWidth=1.4).encode(x=ends, x2=f"{name}_high:Q", y=y),
            shown.mark_point(color=colour, shape=shape, size=58, filled=True, opacity=1).encode(x=x, y=y),
        ]
    return _drawn(alt.layer(*layers).properties(width=width, height=height))


def _down(alt: Any, length: int) -> Any:
    return alt.Scale(domain=[-0.5, length - 0.5], nice=False, zero=False, reverse=True)


def _lanes(alt: Any, table: pd.DataFrame, y: Any, *, tall: bool) -> Any:
    """One shaded lane a group with its name: above its first row on a phone, else beside it."""
    groups = table.groupby("group_id", sort=False).agg(
        group=("group", "first"), y=("position", "min"), stop=("position", "max")
    )
    groups = groups.assign(y=groups["y"] - 0.5, stop=groups["stop"] + 0.5).reset_index(drop=True)
    groups["shade"] = [BANDS[place % 2] for place in range(len(groups))]
    groups["title"] = [wrapped(name, 24) for name in groups["group"]]
    lanes = alt.Chart(groups).mark_rect().encode(y=y, y2="stop:Q", color=alt.Color("shade:N", scale=None))
    style = {"align": "left", "baseline": "top", "fontSize": 12, "fontWeight": 600, "color": INK, "lineBreak": "\n"}
    place = alt.value(NAMES if tall else -420)
    titles = alt.Chart(groups[groups["title"] != ""])
    return lanes + titles.mark_text(dy=4 if tall else 9, **style).encode(y=y, x=place, text="title:N")


def _beside(alt: Any, table: pd.DataFrame, y: Any, width: int, *, tall: bool) -> list[Any]:
    """The name of each row on the left; on the right its F1, and its n in a column of its own or below."""
    rows = table.assign(y=table["position"] + (0.16 if tall else 0))
    lifted = rows.assign(y=rows["y"] - 0.11 * rows["label"].str.count("\n"))
    text = {"align": "left", "baseline": "middle", "fontSize": 11 if tall else 12.5}
    name = alt.Chart(lifted).mark_text(color=INK, lineBreak="\n", **text)
    f1, count = alt.Chart(table.assign(y=table["position"] - (0.13 if tall else 0))), alt.Chart(
        table.assign(y=table["position"] + (0.13 if tall else 0))
    )  # fmt: skip
    return [
        name.encode(y=y, x=alt.value(NAMES if tall else -250), text="label:N"),
        f1.mark_text(color=INK, **text).encode(y=y, x=alt.value(width + 10), text="f1:N"),
        count.mark_text(color=MUTED, **text).encode(y=y, x=alt.value(width + (10 if tall else 84)), text="count:N"),
    ]


def risk(points: pd.DataFrame, marks: pd.DataFrame, limit: float, words: dict[str, str], unit: str) -> str:
    """The risk–coverage curve with its band, the risk aimed at, and the thresholds that matter.

    `points`: coverage, risk, low, high. `marks`: coverage, risk, label (text), now (whether it is the present one).
    """
    import altair as alt

    ends = [limit, *points["risk"].tail(1), *marks["risk"]]
    top = min(round(max(ends) * 1.25 + 0.05, 1), 1.0)
    x = alt.X("coverage:Q", scale=alt.Scale(domain=[0, 1]), axis=_axis(alt, unit, [0, 0.25, 0.5, 0.75, 1], words["x"]))
    values = [step / 10 for step in range(int(top * 10) + 1) if top <= 0.5 or step % 2 == 0]
    scale, axis = alt.Scale(domain=[0, top], nice=False), _axis(alt, unit, values, words["y"])
    y = alt.Y("risk:Q", scale=scale, axis=axis)
    curve, aim = alt.Chart(points), alt.Chart(pd.DataFrame({"risk": [limit], "text": [words["limit"]]}))
    layers = [
        curve.mark_area(color=FAINT, clip=True).encode(x=x, y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q"),
        aim.mark_rule(color=RUST, strokeDash=[5, 3]).encode(y=y),
        aim.mark_text(color=RUST, align="left", dy=-6, dx=4, fontSize=11).encode(y=y, x=alt.value(0), text="text:N"),
        curve.mark_line(color=INK, strokeWidth=2, clip=True).encode(x=x, y=y, order="coverage:Q"),
    ]
    for now, colour, dy in ((True, INK, -12), (False, BLUE, 16)):
        mark = alt.Chart(marks[marks["now"] == now])
        layers += [
            mark.mark_point(color=colour, size=90, filled=True, opacity=1, shape="circle" if now else "diamond").encode(
                x=x, y=y
            ),
            mark.mark_text(color=colour, align="right", dy=dy, dx=-4, fontSize=11, fontWeight=600).encode(
                x=x, y=y, text="label:N"
            ),
        ]
    return _drawn(alt.layer(*layers).properties(width=SPAN, height=220))


def reliability(bins: pd.DataFrame, words: dict[str, str], unit: str) -> str:
    """Share of right ones against probability, bin by bin with its interval; the diagonal is perfect.

    `bins`: probability, right, low, high.
    """
    import altair as alt

    scale, values = alt.Scale(domain=[0, 1]), [0, 0.25, 0.5, 0.75, 1]
    across, up = _axis(alt, unit, values, words["x"]), _axis(alt, unit, values, words["y"])
    x = alt.X("probability:Q", scale=scale, axis=across)
    y = alt.Y("right:Q", scale=scale, axis=up)
    found, perfect = alt.Chart(bins), alt.Chart(pd.DataFrame({"probability": [0, 1], "right": [0, 1]}))
    layers = [
        perfect.mark_line(color=LIGHT, strokeDash=[4, 3]).encode(x=x, y=y),
        found.mark_rule(color=INK).encode(x=x, y=alt.Y("low:Q", scale=scale, axis=up), y2="high:Q"),
        found.mark_point(color=INK, size=46, filled=True, opacity=1).encode(x=x, y=y),
    ]
    return _drawn(alt.layer(*layers).properties(width=220, height=220))


def fates(table: pd.DataFrame, colours: Sequence[str]) -> str:
    """One bar for each kind of span, parted by what became of it.

    `table`, a row for each part: bar (place of the bar), title (its text), start and stop (0–1), part (place in
    `colours`), count (text, empty where the part is too narrow for it).
    """
    import altair as alt

    bars = table.assign(
        top=table["bar"] + 0.12, bottom=table["bar"] + 0.5, middle=table["bar"] + 0.31,
        centre=(table["start"] + table["stop"]) / 2, shade=[colours[part] for part in table["part"]],
        ink=["white" if colours[part] in (BLUE, RUST) else INK for part in table["part"]],
    )  # fmt: skip
    scale = alt.Scale(domain=[0, table["bar"].max() + 0.6], nice=False, zero=False, reverse=True)

    def at(field: str) -> Any:
        return alt.Y(f"{field}:Q", scale=scale, axis=None)

    across = alt.Scale(domain=[0, 1], nice=False)
    drawn, titles = alt.Chart(bars), alt.Chart(bars.drop_duplicates("bar"))
    layers = [
        drawn.mark_rect(stroke="white", strokeWidth=1).encode(
            x=alt.X("start:Q", scale=across, axis=None), x2="stop:Q", y=at("top"), y2="bottom:Q",
            color=alt.Color("shade:N", scale=None),
        ),
        drawn.mark_text(fontSize=11.5).encode(
            x=alt.X("centre:Q", scale=across, axis=None), y=at("middle"), text="count:N",
            color=alt.Color("ink:N", scale=None),
        ),
        titles.mark_text(fontSize=12, align="left", baseline="bottom", dy=-3, color=INK).encode(
            x=alt.value(0), y=at("top"), text="title:N"
        ),
    ]  # fmt: skip
    return _drawn(alt.layer(*layers).properties(width=SPAN + 56, height=220))


def languages(table: pd.DataFrame, unit: str) -> str:
    """Each figure of each language with its interval, figure by figure.

    `table`: position (of the row), title (text, empty but on the first row of a figure), language (text), place (of
    the language), value, low, high; null values are not drawn.
    """
    import altair as alt

    colours, shapes = (INK, BLUE, RUST, GREY), ("circle", "diamond", "square", "triangle-up")
    rows = table.assign(y=table["position"])
    down = alt.Scale(domain=[-0.9, rows["y"].max() + 0.5], nice=False, zero=False, reverse=True)
    y = alt.Y("y:Q", scale=down, axis=None)
    axis, scale = _axis(alt, unit, [0, 0.25, 0.5, 0.75, 1]), alt.Scale(domain=[0, 1])
    titles = alt.Chart(rows[rows["title"] != ""].assign(y=lambda t: t["y"] - 0.72))
    layers = [titles.mark_text(align="left", fontSize=12, color=INK).encode(y=y, x=alt.value(0), text="title:N")]
    for place in sorted(rows["place"].unique()):
        shown = alt.Chart(rows[(rows["place"] == place) & rows["value"].notna()])
        colour = colours[place % len(colours)]
        layers += [
            shown.mark_rule(color=colour, strokeWidth=1.4).encode(
                x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y
            ),
            shown.mark_point(color=colour, shape=shapes[place % len(shapes)], size=58, filled=True, opacity=1).encode(
                x=alt.X("value:Q", scale=scale, axis=axis), y=y
            ),
            shown.mark_text(color=colour, align="left", fontSize=11).encode(
                y=y, x=alt.value(SPAN + 8), text="language:N"
            ),
        ]
    return _drawn(alt.layer(*layers).properties(width=SPAN, height=int(26 * (rows["y"].max() + 1.4))))


def _axis(alt: Any, unit: str, values: Sequence[float], title: str | None = None, orient: str | None = None) -> Any:
    """An axis of shares in per cent with faint lines."""
    given = {"orient": orient} if orient else {}
    return alt.Axis(
        values=list(values), labelExpr=f"format(datum.value * 100, '.0f') + '{unit}'", title=title, titleFontSize=11,
        titleFontWeight="normal", titleColor=MUTED, labelColor=MUTED, labelFontSize=11, domain=False, ticks=False,
        grid=True, gridColor=LINE, gridOpacity=0.6, **given,
    )  # fmt: skip


def _drawn(chart: Any) -> str:
    return svg(chart.configure(font="sans-serif", padding=2).configure_view(stroke=None))
