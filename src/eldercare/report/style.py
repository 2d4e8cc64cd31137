"""One style for every figure: type, colours, axes, direct labels. No global state is changed."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import MaxNLocator

from eldercare.inputs.explain import width_of

# Colour-blind safe (Okabe & Ito), each dark enough for text on white or used with a label in ink.
BLUE, ORANGE, GREEN, PURPLE = "#0b5c8e", "#b8460b", "#00724f", "#8a4878"
INK, GREY, RULE = "#1f2933", "#5b6770", "#d5dbe1"


@cache
def font_families() -> tuple[str, ...]:
    """Register the shipped fonts once and return the families to use, the shipped one first."""
    families = []
    for file in sorted(resources.files("eldercare.report").joinpath("fonts").iterdir(), key=lambda f: f.name):
        if file.name.endswith((".otf", ".ttf")):
            font_manager.fontManager.addfont(str(file))
            families.append(font_manager.FontProperties(fname=str(file)).get_name())
    return (*dict.fromkeys(families), "DejaVu Sans")


@cache
def characters() -> frozenset[str]:
    """Return the characters that every style of the shipped font has."""
    folder = resources.files("eldercare.report").joinpath("fonts")
    maps = [FT2Font(str(file)).get_charmap() for file in folder.iterdir() if file.name.endswith(".otf")]
    return frozenset(map(chr, set.intersection(*map(set, maps))))


@cache
def _look() -> matplotlib.RcParams:
    file = resources.files("eldercare.report") / "pages.mplstyle"
    return matplotlib.rc_params_from_file(str(file), use_default_template=False)


@contextmanager
def drawing() -> Iterator[None]:
    """Draw inside this context to get the suite's style, whatever the user's own is, which comes back afterwards."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        own: dict[Any, Any] = dict.fromkeys(("axes.labelcolor", "xtick.color", "ytick.color", "text.color"), INK)
        own |= {"axes.edgecolor": GREY, "grid.color": RULE, "font.family": list(font_families())}
        matplotlib.rcParams.update(_look() | own)
        yield


def canvas(rows: int = 1, columns: int = 1, width: float = 8.4, height: float = 4.1, **kwargs: Any) -> tuple:
    """Return a figure and its axes, without touching pyplot."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **kwargs)


def settle(figure: Figure) -> None:
    """Fix the place of the axes' words where there are none: it would be looked for beside all ticks, many times."""
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0, 0)


def few_ticks() -> MaxNLocator:
    """Return the places of about six round ticks."""
    return MaxNLocator(6, steps=[1, 2, 5, 10])


def year_axis(ax: Axes, first: int, last: int, every: int = 5) -> None:
    """Give the x axis whole round years."""
    ax.set_xticks([year for year in range(first, last + 1) if last - first <= 12 or year % every == 0])
    ax.set_xlim(first - 0.5, last + 0.5)


def end_labels(ax: Axes, labels: Sequence[tuple[float, float, str, str]], gap: float = 0.062) -> None:
    """Write labels (x, y, text, colour) right of the ends of lines, moved apart where they would overlap.

    Labels that would overlap form a block around the mean of the places they ask for, within the axis, and are led to.
    """
    low, high = ax.get_ylim()
    distance = gap * (high - low)
    labels = sorted(labels, key=lambda item: item[1])
    # Place of each label above the first one of its block.
    blocks: list[tuple[float, list[float], list[tuple[float, float, str, str]]]] = []
    for label in labels:
        blocks.append((label[1], [0.0], [label]))
        while len(blocks) > 1:
            (below, under, first), (at, over, second) = blocks[-2:]
            apart = distance * (1 + 0.5 * (first[-1][2] + second[0][2]).count("\n"))
            if at - (below + under[-1]) >= apart:
                break
            offsets = [*under, *(under[-1] + apart + offset for offset in over)]
            members = first + second
            wanted = sum(one[1] - offset for one, offset in zip(members, offsets, strict=True)) / len(members)
            blocks[-2:] = [(max(min(wanted, high - offsets[-1]), low), offsets, members)]
    for at, offsets, members in blocks:
        for (x, y, text, colour), offset in zip(members, offsets, strict=True):
            drawn: dict[str, Any] = {"linespacing": 1.05, "textcoords": ("offset points", "data")}
            is_moved = abs(at + offset - y) > distance / 2
            if is_moved:
                drawn["arrowprops"] = {"arrowstyle": "-", "color": colour, "lw": 0.8, "relpos": (0, 0.5), "shrinkA": 0}
            place = (16 if is_moved else 6, at + offset)
            ax.annotate(text, (x, y), place, va="center", color=colour, fontsize=9, annotation_clip=False, **drawn)


def wrapped(text: str, width: int) -> str:
    """Return a label in as few lines as a width in characters allows, of about the same length.

    A Chinese character counts as two; numbers and Latin words stay whole; no line begins with a closing mark or ends
    with an opening one.

    Examples
    --------
    >>> wrapped("未来净迁移占2010—2015年水平的比例", 20).splitlines()
    ['未来净迁移占', '2010—2015年', '水平的比例']
    """
    parts = re.findall(r"[（【“]*(?:[\x21-\x7e\u2013\u2014]+ ?|.)[）】、，。＝”]*", text)
    widest = _filled(parts, width)
    narrower = (_filled(parts, less) for less in range(1, width))
    return "\n".join(next((lines for lines in narrower if len(lines) == len(widest)), widest))


def _filled(parts: Sequence[str], width: int) -> list[str]:
    lines = [""]
    for part in parts:
        if lines[-1] and width_of(lines[-1] + part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return [line.strip() for line in lines]
