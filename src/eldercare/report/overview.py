"""Overview: five numbers of an area, what to build, and what to count first."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from eldercare.report.beds import own_crossing
from eldercare.report.chart import Table
from eldercare.report.html import Html
from eldercare.report.page import Page
from eldercare.report.text import Text

# How numbers that are no counts of people or beds are written.
WRITTEN: dict[str, Callable[[Text, float], str]] = {
    "per_1000": lambda t, value: t.number(value, 1),
    "uptake": lambda t, value: t.percent(value, 0),
}

ENDS = {"mean": "", "low": "_p10", "high": "_p90"}


def five_table(page: Page, five: pd.DataFrame) -> Table:
    """Return the numbers (columns with _p10 and _p90, by year) as rows, each year a column with its interval."""
    names = [name for name in five if f"{name}_p10" in five]
    basis = page.say(f"beds.basis_{page.run.bases[0]}")
    rows = []
    for name in names:
        row: dict[str, object] = {"measure": page.say(f"five_{name}", basis=basis)}
        written = WRITTEN.get(name)
        for year in five.index:
            of = {part: float(five.loc[year, f"{name}{end}"]) for part, end in ENDS.items()}
            shown = {part: written(page.t, value) if written else value for part, value in of.items()}
            row[str(year)] = page.say("value", **shown)
        rows.append(row)
    columns = [page.column("measure text"), *(page.column(f"{year} text", str(year)) for year in five.index)]
    return page.table("five", pd.DataFrame(rows), columns)


def building(page: Page) -> Html:
    """Say how many beds a year would meet the norm in the target year, and that a county's are shares."""
    row, first = own_crossing(page.run), int(page.run["supply.first_year"])
    half, safe = row["beds_per_year_to_hold"], row["beds_per_year_to_hold_80"]
    if not safe > 0:
        return page.finding(page.say("build_none", norm=page.t.number(row["norm"])))
    norm = page.t.number(row["norm"])
    return page.finding(page.say("build", norm=norm, from_year=first, half=float(max(half, 0)), safe=float(safe)))


def count_first(page: Page, widths: pd.DataFrame) -> Html:
    """Name what would make the answer surest if it were counted, by the norm and by care need."""
    alone = widths[widths["part"] != "all"].set_index("part")
    parts = dict.fromkeys(alone[ladder].idxmax() for ladder in ("ratio", "need"))
    said = [page.say(f"count_{place}_{part}") for place, part in zip(("first", "then"), parts, strict=False)]
    return page.finding(*said)
