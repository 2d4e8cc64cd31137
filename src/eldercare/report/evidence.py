"""Evidence: what was reported, whether the figures agree, and what that means for an area."""

import pandas as pd

from eldercare.report.chart import Table
from eldercare.report.html import Html
from eldercare.report.page import Page, Specs

# Total, its printed ratio, and how many persons the ratio refers to.
RATIOS = {
    "all_beds": ("beds_total", "beds_per_1000_elders", 1000),
    "institution_beds": ("beds_institutional", "beds_institutional_per_1000_elders", 1000),
    "purchased_care": (
        "elders_with_government_purchased_home_care",
        "share_elders_government_purchased_home_care",
        100,
    ),
}
# Tables that hold published figures beside the ones in use.
WITH_CONFLICTS = ("geography", "resident_population", "registered_population", "vital_events", "census_bands")


def conflicts(page: Page) -> Table | Html:
    """Return published figures that disagree, with the one used and why; all areas' on the city's page."""
    run = page.run
    areas = run.areas if page.is_city else (run.area,)
    tables = [run.project.table(name) for name in WITH_CONFLICTS if name in run.project.tables]
    unused = [table[~table["used"].astype(bool) & table["area"].isin(areas)] for table in tables if "used" in table]
    frame = pd.concat(unused, ignore_index=True) if unused else pd.DataFrame()
    if frame.empty:
        return page.note("no_conflicts")

    columns: Specs = [
        "area",
        "indicator :f =c_figure",
        page.column("year year =page.c_year", words=lambda n: page.say("no_year") if pd.isna(n) else str(int(n))),
        page.column("value =page.c_value", words=lambda n: page.t.number(n) if abs(n) >= 100 else f"{n:g}"),
        page.column("note text =c_why", words=lambda why: page.own_words(why) if isinstance(why, str) else ""),
        page.column("source_id text =page.c_source", words=page.source),
    ]
    return page.table("conflicts", frame, columns)
