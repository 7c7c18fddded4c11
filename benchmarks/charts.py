"""Charts: a section's results beside their peers and goals, and curves over time."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from benchmarks.results import Result

PAPER, INK, OURS, THEIRS, GOAL = "#ffffff", "#16202b", "#0072b2", "#c3cad2", "#d55e00"
ROW_IN, WIDTH_IN, HEAD_IN = 0.9, 8.0, 0.7
CURVE_IN = 1.8


def chart(title: str, results: Sequence[Result]) -> bytes:
    """An SVG: for each result a bar, its peer's below it, and a line where the goal is.

    The same results make the same bytes. A bar that would be too short to be seen is as long as a
    hair; the figures stand beside the bars.
    """
    height = HEAD_IN + ROW_IN * len(results)
    figure = _figure(title, height)
    for number, result in enumerate(results):
        below = height - HEAD_IN - ROW_IN * (number + 1)
        axes = figure.add_axes((0.03, (below + 0.1) / height, 0.72, 0.5 / height))
        _bars(axes, result)
    return _svg(figure)


def curves(title: str, minutes: Sequence[float], of: Mapping[str, Sequence[float]]) -> bytes:
    """An SVG: each as a curve of its own, one below the other, from zero up."""
    height = HEAD_IN + CURVE_IN * len(of)
    figure = _figure(title, height)
    for number, (name, values) in enumerate(of.items()):
        below = height - HEAD_IN - CURVE_IN * (number + 1)
        axes = figure.add_axes((0.08, (below + 0.4) / height, 0.88, (CURVE_IN - 0.7) / height))
        axes.plot(minutes, values, color=OURS, linewidth=1)
        axes.set_title(name, loc="left", fontsize=9, color=INK, pad=3)
        axes.set_ylim(bottom=0)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        if number == len(of) - 1:
            axes.set_xlabel("minutes", fontsize=8, color=INK)
    return _svg(figure)


def _figure(title: str, height_in: float) -> Figure:
    mpl.rcParams["svg.hashsalt"] = "mooring"
    mpl.rcParams["svg.fonttype"] = "none"
    mpl.rcParams["text.parse_math"] = False
    figure = Figure(figsize=(WIDTH_IN, height_in), facecolor=PAPER)
    FigureCanvasSVG(figure)
    figure.text(0.03, 1 - 0.35 / height_in, title, fontsize=13, weight="bold", color=INK)
    return figure


def _svg(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _bars(axes: Axes, result: Result) -> None:
    rows = [(result.value, OURS)]
    if result.peer_value is not None:
        rows.append((result.peer_value, THEIRS))
    goal = _goal(result)
    longest = max([abs(value) for value, _ in rows] + ([goal] if goal is not None else []))
    longest = longest or 1
    for place, (value, colour) in enumerate(rows):
        axes.barh(-place, max(value, longest / 300), color=colour, height=0.8)
        words = f"{value:.4g} {result.unit}"
        axes.text(longest * 1.03, -place, words, va="center", fontsize=8, color=INK)
    if goal is not None:
        axes.axvline(goal, color=GOAL, linestyle="--", linewidth=1.2)
    verdict = "" if goal is None else (", goal met" if result.is_met else ", goal missed")
    peer = f" (grey: {result.peer})" if result.peer_value is not None else ""
    axes.set_title(result.name + peer + verdict, loc="left", fontsize=9, color=INK, pad=3)
    axes.set_xlim(0, longest)
    axes.set_ylim(-1.5, 0.5)
    axes.axis("off")


def _goal(result: Result) -> float | None:
    """Where the line of the goal stands, in the result's unit."""
    if result.ratio_goal is not None and result.peer_value is not None:
        return result.ratio_goal * result.peer_value
    return result.goal
