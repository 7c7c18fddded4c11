"""Draws a picture of uptimes with matplotlib. Only the child imports this.

It has a background of its own, so it reads the same in a light and in a dark chat. A phase is told
by colour, by pattern and by height: none of them alone.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from math import nan

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Patch

from bot.charts.picture import Bar, Curve, Picture, Row

WIDTH_PX = 1080
DPI = 120
_INCH = 1 / DPI
PAPER, INK, FAINT = "#f5f6f8", "#16202b", "#8a95a1"
BLUE = "#0072b2"
LARGE, PLAIN, SMALL = 24, 19, 17
"""A phone shows the picture at a third of its size."""
LONGEST_LABEL = 22
SHORTEST_RUN = 0.006
"""What is worse than connected stays visible, however short it was."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a phase is drawn."""

    colour: str
    hatch: str
    height: float
    edge: str


# The colours are told apart also by those who see fewer of them (Okabe and Ito).
LOOKS = {
    "connected": Look("#009e73", "", 0.84, "#009e73"),
    "retrying": Look("#f0b429", "////", 0.62, "#5c3d00"),
    "down": Look("#c8102e", "xxx", 0.40, "#ffffff"),
    "stopped": Look("#c3cad2", "", 0.12, "#c3cad2"),
    "unknown": Look("#ffffff", "...", 0.62, "#6b7682"),
}


def png(picture: Picture) -> bytes:
    """The picture, 1080 pixels wide."""
    mpl.rcParams["hatch.linewidth"] = 1.6
    mpl.rcParams["text.parse_math"] = False  # a name may hold dollars
    row_px, rest_px = 78, 180
    panels = [
        max(2, len(picture.rows)) * row_px,
        rest_px,
        rest_px if picture.curve else max(1, len(picture.bars)) * 56,
    ]
    top_px, gap_px, bottom_px = 214, 148, 74
    height = top_px + sum(panels) + gap_px * (len(panels) - 1) + bottom_px
    figure = Figure(figsize=(WIDTH_PX * _INCH, height * _INCH), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    _write(figure, picture, height)
    below = height - top_px
    axes = []
    for panel in panels:
        below -= panel
        axes.append(figure.add_axes((0.04, below / height, 0.92, panel / height)))
        below -= gap_px
    _timelines(axes[0], picture)
    _counts(axes[1], picture)
    if picture.curve:
        _curve(axes[2], picture.curve, picture.ticks)
    else:
        _bars(axes[2], picture.bars_title, picture.bars)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()


def _write(figure: Figure, picture: Picture, height: float) -> None:
    """The title, the main figure below it, and what the patterns mean."""
    figure.text(
        0.04,
        1 - 52 / height,
        _readable(picture.title, 60),
        fontsize=LARGE,
        color=INK,
        weight="bold",
        va="center",
    )
    figure.text(0.04, 1 - 108 / height, picture.subtitle, fontsize=PLAIN, color=INK, va="center")
    keys = [
        Patch(facecolor=LOOKS[phase].colour, hatch=LOOKS[phase].hatch, edgecolor=LOOKS[phase].edge)
        for phase, _ in picture.legend
    ]
    figure.legend(
        keys,
        [words for _, words in picture.legend],
        loc="upper left",
        bbox_to_anchor=(0.03, 1 - 136 / height),
        ncols=len(keys),
        fontsize=SMALL,
        labelcolor=INK,
        frameon=False,
        handlelength=1.3,
        handleheight=1.1,
        handletextpad=0.5,
        columnspacing=0.9,
        borderpad=0,
    )


def _timelines(axes: Axes, picture: Picture) -> None:
    _bare(axes)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(picture.rows), 0)
    for place, row in enumerate(picture.rows):
        _timeline(axes, row, place)
    _clock(axes, picture.ticks)


def _timeline(axes: Axes, row: Row, place: int) -> None:
    """The label above its line, so that the line has the whole width."""
    axes.text(0, place + 0.24, _readable(row.label), fontsize=SMALL, color=INK, va="center")
    axes.text(1, place + 0.24, row.share, fontsize=SMALL, color=INK, va="center", ha="right", weight="bold")  # fmt: skip
    bottom, full = place + 0.88, 0.42
    order = list(LOOKS)
    for phase, begin, end in sorted(row.runs, key=lambda run: order.index(run[0])):
        look = LOOKS[phase]
        width = end - begin
        if phase in {"retrying", "down"}:
            width = max(width, SHORTEST_RUN)
        height = look.height / LOOKS["connected"].height * full
        axes.broken_barh(
            [(min(begin, 1 - width), width)],
            (bottom - height, height),
            facecolor=look.colour,
            edgecolor=look.edge,
            hatch=look.hatch,
            linewidth=0,
        )


def _counts(axes: Axes, picture: Picture) -> None:
    _head(axes, picture.counts_title)
    _bare(axes)
    width = 1 / max(1, len(picture.counts))
    most = max(picture.counts, default=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(1, most) * 1.2)
    lefts = [place * width for place in range(len(picture.counts))]
    axes.bar(lefts, picture.counts, width=width * 0.86, align="edge", color=BLUE)
    axes.axhline(0, color=FAINT, linewidth=1.5)
    if most:
        at = picture.counts.index(most)
        side = "right" if at > len(picture.counts) * 0.9 else "left"
        axes.text(
            (at + (side == "right")) * width,
            most,
            str(most),
            fontsize=SMALL,
            color=INK,
            weight="bold",
            va="bottom",
            ha=side,
        )
    _clock(axes, picture.ticks)


def _bars(axes: Axes, title: str, bars: Sequence[Bar]) -> None:
    _head(axes, title)
    _bare(axes)
    most = max((bar.value or 0 for bar in bars), default=0) or 1
    axes.set_xlim(0, 1)
    axes.set_ylim(max(1, len(bars)), 0)
    for place, bar in enumerate(bars):
        middle = place + 0.5
        axes.text(0, middle, _readable(bar.label), fontsize=SMALL, color=INK, va="center",
                  parse_math=False)  # fmt: skip
        width = 0.24 * (bar.value or 0) / most
        axes.barh(middle, width, left=0.42, height=0.55, color=BLUE)
        axes.text(0.43 + width, middle, bar.words, fontsize=SMALL, color=INK, va="center")


def _curve(axes: Axes, curve: Curve, ticks: Sequence[tuple[float, str]]) -> None:
    _head(axes, curve.title)
    _bare(axes)
    most = max((y for _, y in curve.points if y is not None), default=1) or 1
    axes.set_xlim(0, 1)
    axes.set_ylim(0, most * 1.25)
    lefts, values = (
        [x for x, _ in curve.points],
        [nan if y is None else y for _, y in curve.points],
    )
    axes.plot(lefts, values, color=BLUE, linewidth=2.5, marker="o", markersize=3)
    failed = [x for x, y in curve.points if y is None]
    axes.plot(failed, [most * 0.06] * len(failed), "x", color=LOOKS["down"].colour, markersize=9,
              markeredgewidth=2.5)  # fmt: skip
    axes.axhline(0, color=FAINT, linewidth=1.5)
    axes.axhline(most, color=FAINT, linewidth=1, linestyle=":")
    axes.text(0, most, f"{most:.0f} ms", fontsize=SMALL, color=INK, va="bottom")
    _clock(axes, ticks)


def _head(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=PLAIN, color=INK, weight="bold", loc="left", pad=10)


def _bare(axes: Axes) -> None:
    axes.set_facecolor("none")
    axes.spines[:].set_visible(False)
    axes.set_yticks([])
    axes.set_xticks([])


def _clock(axes: Axes, ticks: Sequence[tuple[float, str]]) -> None:
    axes.set_xticks([x for x, _ in ticks], [words for _, words in ticks])
    axes.tick_params(axis="x", labelsize=SMALL, labelcolor=INK, color=FAINT, length=7, width=1.5)


@cache
def _glyphs() -> frozenset[int]:
    """The characters that the font has."""
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


def _readable(label: str, longest: int = LONGEST_LABEL) -> str:
    """The label without what the font lacks, and not too long: names hold anything."""
    known = "".join(
        c for c in unicodedata.normalize("NFC", label) if ord(c) in _glyphs() and c.isprintable()
    )
    known = " ".join(known.split())
    return known if len(known) <= longest else known[: longest - 1] + "…"
