"""One style for every figure: type, colours, axes, direct labels. No global state is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import FuncFormatter, MaxNLocator

from eldercare.figures.text import Text

# Colour-blind safe (Okabe & Ito), each dark enough for text on white or used with a label in ink.
BLUE, ORANGE, GREEN, PURPLE, INK, GREY, RULE = (
    "#0b5c8e",
    "#b8460b",
    "#00724f",
    "#8a4878",
    "#1f2933",
    "#5b6770",
    "#d5dbe1",
)


@cache
def font_families() -> tuple[str, ...]:
    """Register the shipped fonts once and return the families to use, the shipped one first."""
    families = []
    for file in sorted(resources.files("eldercare.figures").joinpath("fonts").iterdir(), key=lambda f: f.name):
        if file.name.endswith((".otf", ".ttf")):
            font_manager.fontManager.addfont(str(file))
            families.append(font_manager.FontProperties(fname=str(file)).get_name())
    return (*dict.fromkeys(families), "DejaVu Sans")


@cache
def characters() -> frozenset[str]:
    """Return the characters that every style of the shipped font has."""
    folder = resources.files("eldercare.figures").joinpath("fonts")
    maps = [FT2Font(str(file)).get_charmap() for file in folder.iterdir() if file.name.endswith(".otf")]
    return frozenset(map(chr, set.intersection(*map(set, maps))))


@contextmanager
def drawing() -> Iterator[None]:
    """Draw inside this context to get the suite's style; settings of the caller come back afterwards."""
    with matplotlib.rc_context(
        {
            "font.family": list(font_families()),
            "font.size": 10,
            "axes.edgecolor": GREY,
            "axes.labelcolor": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "grid.color": RULE,
            "grid.linewidth": 0.7,
            "axes.axisbelow": True,
            "xtick.color": INK,
            "ytick.color": INK,
            "ytick.left": False,
            "text.color": INK,
            "axes.titlesize": 10.5,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "lines.linewidth": 2.0,
            "axes.unicode_minus": False,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "svg.fonttype": "none",
        }
    ):
        yield


def canvas(rows: int = 1, columns: int = 1, width: float = 8.4, height: float = 4.1, **kwargs) -> tuple:
    """Return a figure and its axes, without touching pyplot."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, columns, **kwargs)
    return figure, axes


def count_axis(ax: Axes, t: Text, label: str, decimals: int = 0) -> None:
    """Give the y axis few ticks, thousands separators and its unit above it."""
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: t.number(value, decimals)))
    ax.set_title(label, fontweight="normal", color=GREY)


def year_axis(ax: Axes, first: int, last: int, room: float = 0.0) -> None:
    """Give the x axis whole years every five or ten, with room to the right for direct labels."""
    step = 5 if last - first <= 40 else 10
    ax.set_xticks(range(first, last + 1, step))
    ax.set_xlim(first - 0.5, last + 0.5 + room)


def end_labels(ax: Axes, labels: Sequence[tuple[float, float, str, str]], gap: float = 0.062) -> None:
    """Write labels (x, y, text, colour) right of the ends of lines, moved apart where they would overlap."""
    low, high = ax.get_ylim()
    distance = gap * (high - low)
    placed: list[tuple[float, float, str, str]] = []
    for x, y, text, colour in sorted(labels, key=lambda item: item[1]):
        lines = text.count("\n")
        if placed:
            below = placed[-1]
            y = max(y, below[1] + distance * (1 + 0.5 * (lines + below[2].count("\n"))))
        placed.append((x, y, text, colour))
    overshoot = placed[-1][1] - high if placed else 0
    for x, y, text, colour in placed:
        shift = overshoot if overshoot > 0 and len(placed) > 1 else 0
        ax.annotate(
            text,
            (x, y - shift),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            ha="left",
            color=colour,
            fontsize=9,
            annotation_clip=False,
            linespacing=1.05,
        )
