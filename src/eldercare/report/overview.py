"""Overview: what to build, and what to count first."""

from __future__ import annotations

import pandas as pd

from eldercare.report.beds import own_crossing
from eldercare.report.html import Html
from eldercare.report.page import Page


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
