"""Meals: wanted and served, by age; the uptake that decides it; density of points and what to add; sites, counties."""

import numpy as np
import pandas as pd

from eldercare.model.meals import AGES
from eldercare.model.sites import Catchment
from eldercare.report import marks, style
from eldercare.report.chart import Chart
from eldercare.report.html import Html
from eldercare.report.page import Page

AGE_COLOURS = dict(zip(AGES, (style.GREEN, style.BLUE, style.PURPLE), strict=True))
# Rows of the yardsticks and how their values came about; those of a county rest on allocated points.
YARDSTICKS = {
    "points": "reported",
    "points_per_10000": "derived",
    "registered_per_point": "estimated",
    "meals_per_elder_in_need": "derived",
    "places_share": "derived",
    "catchment_radius_km": "derived",
    "points_for_radius": "derived",
    "centres_share": "derived",
}
FROM_POINTS = ("points", "points_per_10000", "meals_per_elder_in_need", "places_share", "catchment_radius_km")
# How places and sites are drawn on the map: colour and mark.
DOTS = {"now": (style.BLUE, "o"), "then": (style.GREEN, "o"), "out": (style.GREY, "o")}
DOTS |= {"existing": (style.INK, "s"), "chosen": (style.ORANGE, "*")}


def allocated(page: Page) -> bool:
    """Say whether the points of the area were split from the city's total."""
    return page.run.is_allocated(["meal_points"])


def crossing_text(page: Page, measure: str, stem: str, **values: object) -> str:
    """Return the sentence ``STEM_already``, ``_crossing`` or ``_never`` on when a measure is first not met."""
    row = page.run.meals_crossing.to_dict("index")[measure]
    year, probability = row["crossing_year_p50"], page.t.percent(row[f"probability_by_{page.near}"], 0)
    return page.say(f"{stem}_{page.crossing(year)}", year=page.year_text(year), probability=probability, **values)


def answer(page: Page) -> Html:
    """Return the answer of the page: since when meals are short, how many are missing, and what decides it."""
    row = page.run.meals.set_index("year").astype({"meals_supply_per_day": float}).loc[page.target]
    closing = page.say(
        "answer_short" if row["gap_mean"] > 0 else "answer_enough",
        points=page.t.number(row["points"]),
        served=row["meals_supply_per_day"],
        wanted=row["meals_demand_per_day_mean"],
        low=row["meals_demand_per_day_p10"],
        high=row["meals_demand_per_day_p90"],
        uptake=page.t.percent(page.run["meals.uptake"]),
        even=page.t.percent(row["break_even_uptake_mean"]),
    )
    return page.answer(crossing_text(page, "short", "answer"), closing, allocated=allocated(page), own=["meal_points"])


def sites_chart(page: Page, reach: Catchment) -> Chart:
    """Draw places with their elders, existing points and chosen sites on a plain map."""
    kinds = np.where(reach.places["now"], "now", np.where(reach.places["then"], "then", "out"))
    points = {"existing": reach.existing, "chosen": reach.chosen}
    sites = (found.assign(kind=kind, elders=np.nan) for kind, found in points.items())
    frame = pd.concat([reach.places.assign(kind=kinds), *sites], ignore_index=True)
    dots = {kind: (page.say(f"mark_{kind}"), *drawn) for kind, drawn in DOTS.items()}
    return page.chart(
        "sites",
        frame,
        ["name text =c_place", "kind :mark =page.c_kind", "lon .4 =axis_lon", "lat .4 =axis_lat", "elders"],
        marks.places(page.t, frame, dots, page.say("axis_lon"), page.say("axis_lat")),
        key="sites_alt" if len(reach.chosen) else "sites_alt_none",
        existing=page.t.number(len(reach.existing)),
        candidates=page.t.number(len(reach.candidates)),
        radius=page.t.number(page.run["meals.radius"], 1),
        now=page.t.percent(reach.share("now")),
        then=page.t.percent(reach.share("then")),
        n=page.t.number(len(reach.chosen)),
        names=page.t.join(reach.chosen["name"]),
    )
