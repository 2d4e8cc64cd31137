"""Overview: what to build."""

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
