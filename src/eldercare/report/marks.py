"""Pictures of a frame in the suite's style: lines with bands, bars, parts; columns are drawn as they stand.

Every function takes plain numbers in natural units and returns a matplotlib figure. A column ``name`` holds the
mean; where the frame has ``name_p10`` and ``name_p90`` they are drawn as its 80% interval.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eldercare.report import style
from eldercare.report.text import SCALES, Text

DASHES = (0, (5, 2))
# From this many units on an axis counts in thousands, or in ten thousands in Chinese.
SCALED_FROM = 2
# Values at the ends of bars have a decimal where all are below this.
SMALL = 20
# Degrees that a map shows beside its outermost places, about two kilometres.
MARGIN = 0.02


@dataclass(frozen=True)
class Series:
    """A column of a frame as a line or as bars, with the words at its end.

    A line may be ``dashed``; its interval is drawn as a ``band``; its ``width`` is in points.
    """

    name: str
    label: str
    colour: str = style.BLUE
    dashed: bool = False
    band: bool = True
    width: float = 2.0


@dataclass(frozen=True)
class Panel:
    """What one field of a picture shows: series of a frame that is indexed by year.

    ``points`` are columns of single published counts, drawn as rings, gaps left out; ``rules`` are levels across the
    field, such as a norm, with their labels.
    """

    frame: pd.DataFrame
    series: Sequence[Series]
    title: str = ""
    points: Sequence[Series] = ()
    rules: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True)
class Axis:
    """An axis of counts: its words, empty where the title of the field says them, and what it counts.

    ``unit`` names a unit of the catalogue (``persons``, ``beds``, ``meals``), written in thousands where numbers are
    large; a ratio whose words say its unit has none. Shares are written as percentages. ``zero``: it begins at nought.
    """

    words: str = ""
    unit: str = ""
    share: bool = False
    zero: bool = True

    def fit(self, t: Text, low: float, high: float) -> tuple[str, Callable[[float, object], str]]:
        """Return the words with their unit and the writer of tick labels for a range of values."""
        scale = SCALES[t.language] if self.unit and max(abs(low), abs(high)) >= SCALED_FROM * SCALES[t.language] else 1
        span = abs(high - low) / scale * (100 if self.share else 1)
        decimals = 0 if span > 5 else 1 if span > 0.5 else 2
        words = self.words
        if self.unit:
            unit = t(f"page.unit_{self.unit}_scaled" if scale > 1 else f"page.unit_{self.unit}")
            words = t("page.in_unit", words=words, unit=unit) if words else unit
        if self.share:
            return words, lambda value, _: t.percent(value, decimals)
        return words, lambda value, _: _trimmed(t.number(value / scale, decimals))

    def dress(self, t: Text, ax: Axes, across: bool = False) -> None:
        """Give an axes its grid, ticks and words: above the field, or below it where values run across."""
        counted, low, high = (ax.xaxis, *ax.get_xlim()) if across else (ax.yaxis, *ax.get_ylim())
        words, write = self.fit(t, low, high)
        counted.set_major_locator(style.few_ticks())
        counted.set_major_formatter(write)
        if across:
            ax.grid(visible=False, axis="y")
            ax.grid(axis="x")
            ax.set_xlabel(words)
        elif words:
            ax.set_title(words, fontweight="normal", color=style.GREY)


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _ends(frame: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray] | None:
    if f"{name}_p10" not in frame:
        return None
    return frame[f"{name}_p10"].to_numpy(float), frame[f"{name}_p90"].to_numpy(float)


def lines(
    t: Text, panels: Panel | Sequence[Panel], axis: Axis, height: float = 4.1, columns: int | None = None
) -> Figure:
    """Draw columns by year, labelled at their ends; several panels share one scale and stand in a row.

    With ``columns``, the number of panels in a row, every panel has a scale of its own. ``height`` is in inches.
    """
    fields = [panels] if isinstance(panels, Panel) else list(panels)
    across, single = columns or len(fields), len(fields) == 1
    with style.drawing():
        rows, size = -(-len(fields) // across), {"width": 8.4 if single else 8.8, "height": height}
        figure, grid = style.canvas(rows, across, sharey=columns is None and not single, squeeze=False, **size)
        # Titles of a lower row keep away from the years of the one above.
        figure.get_layout_engine().set(h_pad=0.12 if len(fields) > across else 0.04)
        axes = list(grid.flat)
        for ax, field in zip(axes, fields, strict=False):
            _lines(ax, field)
        tops = [_top(field) for field in fields]
        for ax, field, top in zip(axes, fields, tops, strict=False):
            years = field.frame.index.to_numpy()
            if axis.zero:
                ax.set_ylim(0, 1.06 * (top if columns else max(tops)) or 1)
            if columns or ax is axes[0]:
                axis.dress(t, ax)
            words = ax.get_title(loc="left")
            if field.title:
                ax.set_title(field.title, fontweight="bold", color=style.INK)
                if words and (columns or ax is axes[0]):
                    ax.set_ylabel(words)
            style.year_axis(ax, int(years[0]), int(years[-1]), every=5 if single else 10)
            last = years[-1]
            ends = [(last, float(field.frame[s.name].iloc[-1]), s.label, s.colour) for s in field.series if s.label]
            style.end_labels(ax, [end for end in ends if np.isfinite(end[1])], gap=0.062 if single else 0.24 / height)
        return figure


def _top(field: Panel) -> float:
    bands = [f"{s.name}_p90" for s in field.series if s.band and f"{s.name}_p90" in field.frame]
    drawn = field.frame[[*bands, *(s.name for s in (*field.series, *field.points))]]
    return float(np.nanmax([*(level for level, _ in field.rules), *drawn.to_numpy(float).flat]))


def _lines(ax: Axes, field: Panel) -> None:
    frame, years = field.frame, field.frame.index.to_numpy()
    for level, label in field.rules:
        ax.axhline(level, color=style.INK, lw=1.2, zorder=1.5)
        if label:
            # In the year, not too near the edges, in which lines keep most away from it.
            away = np.nanmin([np.abs(frame[s.name].to_numpy(float) - level) for s in field.series], axis=0)[2:-2]
            place = int(years[2:-2][away.argmax()]), level
            ax.annotate(label, place, (0, 2), textcoords="offset points", ha="center", va="bottom", fontsize=9)
    for series in field.series:
        ends = _ends(frame, series.name) if series.band else None
        if ends is not None:
            ax.fill_between(years, *ends, color=series.colour, alpha=0.17, lw=0)
        ax.plot(years, frame[series.name], color=series.colour, ls=DASHES if series.dashed else "-", lw=series.width)
    for points in field.points:
        known = frame[points.name].dropna()
        ring: dict[str, Any] = {"mec": points.colour, "mew": 1.8, "ms": 6.5, "zorder": 5}
        ax.plot(known.index, known, "o", color=points.colour if points.dashed else "white", **ring)


def bars(
    t: Text,
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    names: Sequence[str],
    axis: Axis,
    *,
    colours: Sequence[str] | None = None,
    texts: Sequence[str] | None = None,
    bold: int | None = None,
) -> Figure:
    """Draw the rows of a frame as bars across, the first one on top, one field for each column, with its interval.

    ``columns`` gives each column the title of its field, ``names`` are the words of the rows. Rows have their
    ``colours``, else orange above nought and green below it; their ends have ``texts``, else the values. The name of
    the row ``bold`` is set in bold.
    """
    rows, single = np.arange(len(frame))[::-1], len(columns) == 1
    width, height = 8.4 if single else 8.8, 1.1 + 0.38 * len(frame)
    with style.drawing():
        figure, axes = style.canvas(1, len(columns), width=width, height=height, sharey=True, squeeze=False)
        for ax, (name, title) in zip(axes.flat, columns.items(), strict=True):
            values, ends = frame[name].to_numpy(float), _ends(frame, name)
            fills = colours or [style.ORANGE if value > 0 else style.GREEN for value in values]
            ax.barh(rows, values, color=fills, alpha=0.85 if ends is None else 0.6, height=0.58, lw=0)
            tips = np.maximum(values, 0)
            if ends is not None:
                spread = [np.maximum(values - ends[0], 0), np.maximum(ends[1] - values, 0)]
                ax.errorbar(values, rows, xerr=spread, fmt="none", ecolor=style.INK, elinewidth=1.2, capsize=3)
                tips = np.maximum(tips, ends[1])
            ax.axvline(0, color=style.INK, lw=1)
            ax.set_title(title)
            away = _room(ax, axis, t)
            if single:
                decimals = decimals_of(frame[name])
                said = texts or [t.percent(v) if axis.share else _trimmed(t.number(v, decimals)) for v in values]
                for row, tip, words in zip(rows, tips + away, said, strict=True):
                    ax.text(tip, row, words, va="center", fontsize=9)
        axes[0, 0].set_yticks(rows, names)
        if bold is not None:
            axes[0, 0].get_yticklabels()[bold].set_fontweight("bold")
        return figure


def _room(ax: Axes, axis: Axis, t: Text) -> float:
    """Make room for words beyond the ends of bars and return how far they keep away from these."""
    low, high = ax.get_xlim()
    low, high = ax.set_xlim(low - (0.04 * (high - low) if low < 0 else 0), high + 0.14 * (high - low))
    axis.dress(t, ax, across=True)
    return (high - low) * 0.012


def swings(
    t: Text, frame: pd.DataFrame, fields: Mapping[str, tuple[str, str]], names: Sequence[str], axis: Axis
) -> Figure:
    """Draw how far each row alone moves a result (a tornado): blue at its lower end, orange at its upper end.

    ``fields`` gives the title of each field the columns of its lower and upper end, as changes of the result.
    """
    rows, height = np.arange(len(frame))[::-1], 0.9 + 0.46 * len(frame)
    with style.drawing():
        figure, axes = style.canvas(1, len(fields), width=8.8, height=height, sharey=True, squeeze=False)
        for ax, (title, ends) in zip(axes.flat, fields.items(), strict=True):
            for name, colour in zip(ends, (style.BLUE, style.ORANGE), strict=True):
                ax.barh(rows, frame[name], color=colour, height=0.55, lw=0)
            ax.axvline(0, color=style.INK, lw=1)
            ax.set_title(title)
            axis.dress(t, ax, across=True)
        axes[0, 0].set_yticks(rows, names)
        return figure


def steps(t: Text, parts: Mapping[str, float], total: str, axis: Axis) -> Figure:
    """Draw parts (words and sizes) that add to a ``total`` (its words) as a waterfall, with their signed sizes."""
    sizes = np.array([*parts.values(), sum(parts.values())])
    starts = np.append(np.cumsum([0.0, *parts.values()])[:-1], 0.0)
    ends, rows = starts + sizes, np.arange(len(sizes))[::-1]
    with style.drawing():
        figure, ax = style.canvas(height=4.2)
        fills = [*(style.ORANGE if size > 0 else style.GREEN for size in sizes[:-1]), style.INK]
        ax.barh(rows, sizes, left=starts, color=fills, height=0.58, lw=0)
        for row, below, end in zip(rows[:-1], rows[1:], ends[:-1], strict=True):
            ax.plot([end, end], [row - 0.29, below - 0.29], color=style.GREY, lw=0.8, zorder=0)
        ax.axvline(0, color=style.INK, lw=1, zorder=1.5)
        away = _room(ax, axis, t)
        # White behind the number keeps it readable where it lies on the line of nought.
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        for row, tip, size in zip(rows, np.maximum(starts, ends) + away, sizes, strict=True):
            ax.text(tip, row, t.signed(size), va="center", fontsize=9, bbox=paper)
        ax.set_yticks(rows, [*parts, total])
        return figure


def stacked(t: Text, frame: pd.DataFrame, series: Sequence[Series], axis: Axis, net: Series | None = None) -> Figure:
    """Draw columns by year on top of each other, negative ones downwards, and their sum as a line.

    The words of the columns stand in two columns above the bars, in their colours.
    """
    years = frame.index.to_numpy()
    above, below = np.zeros(len(years)), np.zeros(len(years))
    with style.drawing():
        figure, ax = style.canvas(height=4.0)
        for one in series:
            values = frame[one.name].to_numpy(float)
            base = np.where(values >= 0, above, below)
            ax.bar(years, values, bottom=base, width=0.8, color=one.colour, alpha=0.5 if one.dashed else 0.9, lw=0)
            above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
        if net is not None:
            ax.plot(years, frame[net.name], color=net.colour, marker="o", ms=3, lw=1.4)
        ax.axhline(0, color=style.INK, lw=0.8)
        ax.set_ylim(below.min() * 1.12, above.max() * 1.32 or 1)
        axis.dress(t, ax)
        style.year_axis(ax, int(years[0]), int(years[-1]))
        for place, one in enumerate([*series, *([net] if net else [])]):
            x, y = 0.012 + 0.5 * (place % 2), 0.955 - 0.075 * (place // 2)
            ax.text(x, y, one.label, color=one.colour, transform=ax.transAxes, va="center")
        return figure


def columns(t: Text, values: pd.Series, axis: Axis, marked: Sequence[bool], words: str) -> Figure:
    """Draw a value by year as upright bars; marked ones in blue, with words that say why."""
    years, colours = values.index.to_numpy(), [style.BLUE if on else style.GREY for on in marked]
    with style.drawing():
        figure, ax = style.canvas(height=3.5)
        ax.bar(years, values, color=colours, width=0.8, alpha=0.85, lw=0)
        ax.set_ylim(0, values.max() * 1.15)
        axis.dress(t, ax)
        style.year_axis(ax, int(years[0]), int(years[-1]))
        ax.text(years[0] + 1.5, values.max() * 1.06, words, color=style.BLUE, ha="left")
        return figure


def ranges(t: Text, frame: pd.DataFrame, names: Sequence[str], axis: Axis, texts: Sequence[str]) -> Figure:
    """Draw the columns ``low`` and ``high`` of a frame as thick lines across, the first row on top."""
    rows = np.arange(len(frame))[::-1]
    with style.drawing():
        figure, ax = style.canvas(height=0.9 + 0.5 * len(frame))
        ax.hlines(rows, frame["low"], frame["high"], lw=9, color=style.BLUE, alpha=0.85)
        low, high = float(frame["low"].min()), float(frame["high"].max())
        for row, end, words in zip(rows, frame["high"], texts, strict=True):
            ax.text(end + (high - low) * 0.02, row, words, va="center", fontsize=9)
        ax.set_yticks(rows, names)
        ax.set(ylim=(-0.6, len(frame) - 0.4), xlim=(low - (high - low) * 0.05, high + (high - low) * 0.4))
        axis.dress(t, ax, across=True)
        return figure


def decimals_of(values: pd.Series) -> int:
    """Return the decimals that a column is written with: none from twenty on."""
    return 0 if values.abs().max() >= SMALL else 1


def places(t: Text, frame: pd.DataFrame, kinds: Mapping[str, tuple[str, str, str]], across: str, up: str) -> Figure:
    """Draw places on a plain map (columns kind, lon, lat, elders): the more elders, the larger; none: a site.

    ``kinds`` gives each kind the words, the colour and the matplotlib marker of its places.
    """
    most = frame["elders"].max()
    with style.drawing():
        figure, ax = style.canvas(height=4.8)
        for kind, (words, colour, marker) in kinds.items():
            drawn = frame[frame["kind"] == kind]
            alpha = 1.0 if drawn["elders"].isna().any() else 0.45
            sizes = (10 + 200 * drawn["elders"] / most).fillna(55)
            ax.scatter(drawn["lon"], drawn["lat"], s=sizes, c=colour, marker=marker, alpha=alpha, lw=0)
            ax.scatter([], [], s=60, c=colour, marker=marker, alpha=alpha, lw=0, label=words)
        ax.update_datalim([frame[["lon", "lat"]].min() - MARGIN, frame[["lon", "lat"]].max() + MARGIN])
        # A kilometre is as long to the east as to the north; places on one line have a map as high as any.
        ax.set_aspect(1 / np.cos(np.radians(frame["lat"].mean())), adjustable="datalim")
        ax.grid(visible=True, axis="both")
        ax.set(xlabel=across, ylabel=up)
        for side in (ax.xaxis, ax.yaxis):
            side.set_major_locator(style.few_ticks())
            side.set_major_formatter(lambda value, _: t.number(value, 2))
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=9)
        return figure


def own(t: Text, frame: pd.DataFrame, words: str) -> Figure:
    """Draw any frame of numbers: lines by year where the index holds years, else bars by row."""
    colours = (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE, style.INK, style.GREY)
    drawn = [str(name) for name in frame.select_dtypes("number") if not str(name).endswith(("_p10", "_p50", "_p90"))]
    if pd.api.types.is_integer_dtype(frame.index.dtype):
        series = [Series(name, name, colours[place % len(colours)]) for place, name in enumerate(drawn)]
        low: Any = np.nanmin(frame[drawn].to_numpy(float))
        return lines(t, Panel(frame, series), Axis(words, zero=bool(low >= 0)))
    return bars(t, frame, {name: name for name in drawn}, [str(row) for row in frame.index], Axis(words))


def pyramid(
    t: Text,
    people: pd.DataFrame,
    names: Mapping[str, str],
    filled: int,
    outlines: Sequence[tuple[int, str]],
    labels: Mapping[int, str],
) -> Figure:
    """Draw people by age group, one field a sex: a filled year and the outlines of later ones in their colours.

    ``people`` has age groups as rows and columns (sex, year); ``names`` are the words of the sexes, left and right,
    ``labels`` those of the years.
    """
    groups = np.arange(len(people))
    edges = np.append(groups, len(people)) - 0.5
    limit = float(people.to_numpy().max()) * 1.05
    with style.drawing():
        figure, axes = style.canvas(1, 2, height=4.6, sharey=True)
        for ax, (sex, words), ends in zip(axes, names.items(), ((limit, 0), (0, limit)), strict=True):
            ax.barh(groups, people[sex, filled], color=style.GREY, alpha=0.35, height=0.9, lw=0)
            for year, colour in outlines:
                outline = people[sex, year].to_numpy(float)
                ax.step(np.append(outline, outline[-1]), edges, where="pre", color=colour, lw=1.6)
            ax.set_xlim(ends)
            Axis(unit="persons").dress(t, ax, across=True)
            ax.set_title(words)
        axes[0].set_yticks(groups[::2], people.index[::2])
        axes[0].yaxis.tick_right()
        axes[1].tick_params(labelleft=False)
        for place, (year, colour) in enumerate([(filled, style.GREY), *outlines]):
            axes[1].text(0.99, 0.96 - 0.06 * place, labels[year], color=colour, ha="right", transform=axes[1].transAxes)
        return figure
