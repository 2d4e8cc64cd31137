"""Beds page, what moves the gap: the waterfall from today's use to the need of 2035, and its table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eldercare.model.institutions import PARTS
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.institutions import sourced
from eldercare.report.page import Page


def waterfall_chart(page: Page) -> Chart:
    """Draw the parts of the gap of institution beds by need in 2035; they add to it exactly."""
    t = page.t
    parts = page.run.gap_change()
    gap = sum(parts.values())
    names = [*PARTS, "gap"]
    sizes = np.array([*parts.values(), gap])
    starts = np.append(np.cumsum([0.0, *parts.values()])[:-1], 0.0)
    colours = [style.ORANGE if size > 0 else style.GREEN for size in sizes[:-1]] + [style.INK]
    rows = np.arange(len(names))[::-1]
    with style.drawing():
        figure, ax = style.canvas(height=4.2)
        ax.barh(rows, sizes, left=starts, color=colours, height=0.58, lw=0)
        ends = np.append(starts[:-1] + sizes[:-1], gap)
        for at, (row, end) in enumerate(zip(rows[:-1], ends[:-1], strict=True)):
            ax.plot([end, end], [row - 0.29, rows[at + 1] - 0.29], color=style.GREY, lw=0.8, zorder=0)
        low, high = min(starts.min(), ends.min(), 0), max(starts.max(), ends.max(), 0)
        room = (high - low) or 1.0
        for row, start, size in zip(rows, starts, sizes, strict=True):
            right = max(start, start + size) + room * 0.012
            # White behind the number keeps it readable where it lies on the line of nought.
            ax.text(
                right,
                row,
                signed(page, size),
                va="center",
                fontsize=9,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )
        ax.axvline(0, color=style.INK, lw=1, zorder=1.5)
        ax.set_xlim(low - room * 0.03, high + room * 0.14)
        ax.set_yticks(rows, [t(f"beds.part_{name}", year=page.run.target_year) for name in names])
        ax.grid(visible=False, axis="y")
        ax.grid(axis="x")
        ax.xaxis.set_major_formatter(lambda value, _: t.number(value))
        ax.set_xlabel(t("beds.axis_parts"))
    return Chart(
        "waterfall",
        figure,
        t("beds.parts_title", area=page.area_name, year=page.run.target_year),
        finding(page, parts, gap),
        sourced(page, "beds.parts_source"),
        twin(page),
        page.twin_label(),
    )


def signed(page: Page, value: float) -> str:
    """Return a number of beds with its sign."""
    return ("+" if round(value) > 0 else "") + page.t.number(value)


def finding(page: Page, parts: dict[str, float], gap: float) -> str:
    """Say how large the gap is and what makes it larger and smaller."""
    t = page.t
    items = {
        up: [
            t("beds.part_item", name=t(f"beds.part_{name}"), n=t.rounded(abs(value)))
            for name, value in sorted(parts.items(), key=lambda item: -abs(item[1]))
            if round(value) != 0 and (value > 0) == up
        ]
        for up in (True, False)
    }
    opening = t(
        "beds.parts_short" if gap > 0 else "beds.parts_spare",
        year=page.run.target_year,
        area=page.area_name,
        n=t.rounded(abs(gap)),
    )
    sentences = [opening]
    for up, key in ((True, "beds.parts_up"), (False, "beds.parts_down")):
        if items[up]:
            sentences.append(t(key, items=t.join(items[up])))
    return t("page.space").join(sentences)


def twin(page: Page) -> pd.DataFrame:
    """Return the parts as a table; on the city's page with every county, which add to the city."""
    t, run = page.t, page.run
    areas = run.areas if page.is_city else (run.area,)
    columns = {}
    for area in areas:
        parts = run.gap_change(area)
        columns[page.area_of(area)] = [signed(page, value) for value in [*parts.values(), sum(parts.values())]]
    return pd.DataFrame(
        {t("beds.c_part"): [t(f"beds.part_{name}", year=page.run.target_year) for name in [*PARTS, "gap"]], **columns}
    )
