"""Population: people aged 60 and over by year, their ages, what moves their number, and published counts beside it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from eldercare.model.demography import GROUP_STARTS
from eldercare.report import marks, style
from eldercare.report.chart import Chart, turned
from eldercare.report.marks import Axis, Panel, Series
from eldercare.report.page import Page

AGES = {60: style.BLUE, 65: style.GREEN, 80: style.PURPLE}
DRIVERS = {"turning_60": style.BLUE, "deaths_60plus": style.GREY, "migration_60plus": style.ORANGE}
# Old-age dependency: people from an age, and the ages that they are compared with.
RATIOS = {"60": (60, 15, 59), "65": (65, 15, 64)}
RATIO_COLOURS = {"60": style.BLUE, "65": style.ORANGE}
# The large cohorts born after the famine.
WAVE = (1962, 1975)


def pyramid_shares(page: Page, pyramid: pd.DataFrame, years: Mapping[str, int]) -> dict[str, Any]:
    """Return the fields of the finding: the years, and the part of the people who are 60 and over in each."""
    old, both = np.asarray(GROUP_STARTS) >= min(AGES), pyramid["female"] + pyramid["male"]
    shares = {name: page.t.percent(both.loc[old, year].sum() / both[year].sum(), 0) for name, year in years.items()}
    told = {"second": years["next"], "third": years["then"], "years": page.t.join(map(str, years.values()))}
    return shares | told


def counties_chart(page: Page, index: pd.DataFrame) -> Chart:
    """Draw people aged 60 and over by county (columns), launch year = 100, a field each, the fastest first."""
    until = index.loc[page.target]
    ranked = sorted(page.run.project.counties, key=lambda county: -until[county])
    others = [Series(county, "", style.RULE, band=False, width=1.0) for county in ranked]
    panels = [Panel(index, [*others, Series(county, "")], page.area_of(county)) for county in ranked]
    years = [year for year in page.years if year != page.first]
    up, less = (page.t.percent(until[county] / 100 - 1, 0) for county in (ranked[0], ranked[-1]))
    return page.chart(
        "counties",
        turned(index, years),
        [page.column("row text =page.c_area", words=page.area_of), *(page.column(f"{y} ~", str(y)) for y in years)],
        marks.lines(page.t, panels, Axis(zero=False), height=2.9),
        fast=page.area_of(ranked[0]),
        slow=page.area_of(ranked[-1]),
        up=up,
        less=less,
    )
