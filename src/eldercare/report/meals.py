"""Meals: wanted and served, by age; the uptake that decides it; density of points and what to add; sites, counties."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from eldercare.model.meals import AGES
from eldercare.model.sites import Catchment
from eldercare.report import marks, style
from eldercare.report.beds import year_text
from eldercare.report.chart import Chart, Column, Table
from eldercare.report.html import Html, join
from eldercare.report.marks import Axis, Panel, Series
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
DOTS = {
    "now": (style.BLUE, "o"),
    "then": (style.GREEN, "o"),
    "out": (style.GREY, "o"),
    "existing": (style.INK, "s"),
    "chosen": (style.ORANGE, "*"),
}


def allocated(page: Page) -> bool:
    """Say whether the points of the area were split from the city's total."""
    return page.run.is_allocated(["meal_points"])


def neighbour(page: Page) -> str:
    """Return the name of the place whose meals per point are used."""
    areas = page.run.project.table("areas").set_index("area")
    return str(areas.loc[page.city.neighbours.meals, f"name_{page.t.language}"])


def source(page: Page, key: str = "source") -> str:
    """Return a source line, and that the points are allocated where they are."""
    text = page.say(key, neighbour=neighbour(page))
    return text + page.t("page.space") + page.say("also_allocated") if allocated(page) else text


def crossing_text(page: Page, measure: str, stem: str, **values: object) -> str:
    """Return the sentence ``STEM_already``, ``_crossing`` or ``_never`` on when a measure is first not met."""
    row = page.run.meals_crossing.to_dict("index")[measure]
    year = row["crossing_year_p50"]
    key = "never" if pd.isna(year) else "already" if year <= page.first else "crossing"
    probability = page.t.percent(row[f"probability_by_{page.near}"], 0)
    when = "" if pd.isna(year) else int(year)
    span = {"first": page.first, "last": page.last}
    return page.say(f"{stem}_{key}", year=when, probability=probability, **span, **values)


def answer(page: Page) -> Html:
    """Return the answer of the page: since when meals are short, how many are missing, and what decides it."""
    row = page.run.meals.set_index("year").to_dict("index")[page.target]
    closing = page.say(
        "answer_short" if row["gap_mean"] > 0 else "answer_enough",
        points=page.t.number(row["points"]),
        served=page.t.rounded(row["meals_supply_per_day"]),
        wanted=page.t.rounded(row["meals_demand_per_day_mean"]),
        low=page.t.rounded(row["meals_demand_per_day_p10"]),
        high=page.t.rounded(row["meals_demand_per_day_p90"]),
        uptake=page.t.percent(page.run["meals.uptake"]),
        even=page.t.percent(row["break_even_uptake_mean"]),
    )
    origin = page.say("supply_allocated" if allocated(page) else "supply_reported")
    tagged = Html('<p class="note">{} {}</p>').format(page.supply_tag(allocated(page)), origin)
    return join([page.answer(crossing_text(page, "short", "answer"), closing), tagged])


def demand_chart(page: Page, meals: pd.DataFrame) -> Chart:
    """Draw meals wanted and served a day (columns wanted, served, gap), with their intervals."""
    series = [
        Series("wanted", page.say("line_wanted"), style.BLUE),
        Series("served", page.say("line_served"), style.INK, width=2.4),
    ]
    return page.chart(
        "demand",
        meals,
        [page.year_column(), *(Column(n, page.say(f"c_{n}"), interval=True) for n in ("wanted", "served", "gap"))],
        marks.lines(page.t, Panel(meals, series), Axis(page.say("axis_meals"), "meals")),
        finding=page.say(
            "demand_alt",
            first=page.first,
            last=page.last,
            start=page.t.rounded(meals["wanted"].iloc[0]),
            end=page.t.rounded(meals["wanted"].iloc[-1]),
            served=page.t.rounded(meals["served"].iloc[-1]),
        ),
        source=source(page),
    )


def age_chart(page: Page, meals: pd.DataFrame) -> Chart:
    """Draw meals wanted a day by age (columns ``wanted_AGE``) on top of each other; the means add up."""
    series = [Series(f"wanted_{age}", page.say(f"age_{age}"), colour) for age, colour in AGE_COLOURS.items()]
    oldest = meals["wanted_80plus"] / meals["wanted"]
    return page.chart(
        "age",
        meals,
        [page.year_column(), *(Column(s.name, s.label) for s in series), Column("wanted", page.say("c_wanted"))],
        marks.stacked(page.t, meals, series, Axis(page.say("axis_age"), "meals")),
        finding=page.say(
            "age_alt",
            pattern=page.value("meals.age_pattern", page.run["meals.age_pattern"]),
            first=page.first,
            last=page.last,
            start=page.t.percent(oldest.iloc[0], 0),
            end=page.t.percent(oldest.iloc[-1], 0),
        ),
        source=source(page, "age_source"),
    )


def even_chart(page: Page, even: pd.DataFrame) -> Chart:
    """Draw the uptake at which the points are just enough, against the assumed one (columns even, assumed)."""
    series = [
        Series("assumed", page.say("line_assumed"), style.GREY, dashed=True),
        Series("even", page.say("line_even"), style.BLUE),
    ]
    return page.chart(
        "even",
        even,
        [
            page.year_column(),
            Column("even", page.say("c_even"), 1, "percent", interval=True),
            Column("assumed", page.say("c_assumed"), 1, "percent", interval=True),
        ],
        marks.lines(page.t, Panel(even, series), Axis(page.say("axis_uptake"), share=True), height=3.4),
        finding=page.say(
            "even_alt",
            first=page.first,
            last=page.last,
            start=page.t.percent(even["even"].iloc[0]),
            end=page.t.percent(even["even"].iloc[-1]),
            assumed=page.t.percent(even["assumed"].iloc[0]),
        ),
        source=source(page, "even_source"),
    )


def density_chart(page: Page, density: pd.DataFrame) -> Chart:
    """Draw points per 10,000 elders (column density) against the norm and the level of the launch year (launch)."""
    norm = page.run["meals.norm"]
    series = [
        Series("launch", page.say("line_launch", first=page.first), style.GREY, dashed=True),
        Series("density", page.say("line_density"), style.BLUE),
    ]
    rule = (norm, page.say("line_norm", norm=page.t.number(norm, 1)))
    points, per_10000 = (
        Column("points", page.say("c_points")),
        Column("density", page.say("c_density"), 1, interval=True),
    )
    return page.chart(
        "density",
        density,
        [page.year_column(), points, per_10000, Column("launch", page.say("line_launch", first=page.first), 1)],
        marks.lines(page.t, Panel(density, series, rules=[rule]), Axis(page.say("axis_density")), height=3.6),
        finding=crossing_text(
            page,
            "norm",
            "density",
            norm=page.t.number(norm, 1),
            start=page.t.number(density["density"].iloc[0], 1),
            end=page.t.number(density["density"].iloc[-1], 1),
        ),
        source=source(page, "points_source"),
    )


def crossing_table(page: Page, crossing: pd.DataFrame) -> Table:
    """Return for each measure when it is first not met, how likely, and the points a year that hold it."""
    levels = crossing["level"].to_dict()
    chances = {year: f"probability_by_{year}" for year in range(page.first, page.target + 1)}

    def measure(name: str) -> str:
        return page.say(f"measure_{name}", level=page.t.number(levels[name], 1))

    def year(quantile: str) -> Column:
        words = partial(year_text, page)
        return Column(f"crossing_year_{quantile}", page.say(f"c_crossing_{quantile}"), form="year", words=words)

    columns = [
        Column("measure", page.say("c_measure"), form="text", words=measure),
        *map(year, ("p50", "p10", "p90")),
        *(
            Column(name, page.say("c_probability", year=year), 0, "percent")
            for year, name in chances.items()
            if name in crossing
        ),
        *(Column(f"points_per_year_{q}", page.say("c_per_year", q=q), 1) for q in (50, 80)),
    ]
    return page.table("answers", crossing, columns)


def missing_table(page: Page, missing: pd.DataFrame) -> Table:
    """Return meals missing a day (column gap), and the points or kitchens that would serve them."""
    columns = [
        page.year_column(),
        Column("points", page.say("c_points")),
        Column("gap", page.say("c_gap"), interval=True),
        Column("points_missing", page.say("c_points_missing"), interval=True),
        Column("kitchens_missing", page.say("c_kitchens")),
    ]
    return page.table("points", missing, columns)


def yardsticks_table(page: Page, yardsticks: pd.DataFrame) -> Table:
    """Return several measures of the points (rows as in ``YARDSTICKS``) in the launch and the target year (columns)."""
    names = [name for name in YARDSTICKS if name in yardsticks.index]
    frame = yardsticks.loc[names].set_axis(["launch", "target"], axis=1).rename_axis("name").reset_index()
    frame.loc[frame["name"].str.endswith("_share"), ["launch", "target"]] *= 100
    frame["kind"] = ["allocated" if allocated(page) and n in FROM_POINTS else YARDSTICKS[n] for n in names]
    radius = page.t.number(page.run["meals.radius"], 1)
    columns = [
        Column("name", page.say("c_yardstick"), form="text", words=lambda name: page.say(f"y_{name}", radius=radius)),
        Column("launch", str(page.first), decimals=None),
        Column("kind", page.t("page.c_kind"), form="text", words=page.tag),
        Column("target", page.say("c_projected", year=page.target), decimals=None),
    ]
    return page.table("yardsticks", frame, columns)


def neighbour_note(page: Page, served: pd.Series) -> Html:
    """Return how many people a meal point and a canteen of the neighbouring city serve a day (``served``, by kind)."""
    people = {name: page.t.number(number, 0 if number > 100 else 1) for name, number in served.items()}
    return page.note("yardsticks_neighbour", neighbour=neighbour(page), **people)


def sites(page: Page, reach: Catchment | None) -> Html:
    """Draw the meal points, the elders within reach and the best new sites; or say how to provide the places."""
    if reach is None:
        return page.note("sites_absent")
    chart = sites_chart(page, reach)
    return join([chart, chart.said(), *([new_sites_table(page, reach)] if len(reach.chosen) else [])])


def sites_chart(page: Page, reach: Catchment) -> Chart:
    """Draw places with their elders, existing points and chosen sites on a plain map."""
    kinds = np.where(reach.places["now"], "now", np.where(reach.places["then"], "then", "out"))
    points = {"existing": reach.existing_sites, "chosen": reach.chosen}
    frame = pd.concat(
        [reach.places.assign(kind=kinds), *(sites.assign(kind=kind, elders=np.nan) for kind, sites in points.items())],
        ignore_index=True,
    )
    dots = {kind: (page.say(f"mark_{kind}"), *drawn) for kind, drawn in DOTS.items()}
    return page.chart(
        "sites",
        frame,
        [
            Column("name", page.say("c_place"), form="text"),
            Column("kind", page.t("page.c_kind"), form="text", words=lambda kind: dots[kind][0]),
            Column("lon", page.say("axis_lon"), 4),
            Column("lat", page.say("axis_lat"), 4),
            Column("elders", page.say("c_elders")),
        ],
        marks.places(page.t, frame, dots, page.say("axis_lon"), page.say("axis_lat")),
        finding=page.say(
            "sites_alt" if len(reach.chosen) else "sites_alt_none",
            existing=page.t.number(reach.existing),
            candidates=page.t.number(reach.candidates),
            radius=page.t.number(reach.radius, 1),
            now=page.t.percent(reach.share_now),
            then=page.t.percent(reach.share_then),
            n=page.t.number(len(reach.chosen)),
            names=page.t.join(reach.chosen["name"]),
        ),
        source=page.say("sites_source"),
        radius=page.t.number(reach.radius, 1),
    )


def new_sites_table(page: Page, reach: Catchment) -> Table:
    """Return the chosen sites, those that add most elders first, with the share reached so far."""
    covered = reach.share_now + reach.chosen["added"].cumsum() / reach.places["elders"].sum()
    columns = [
        Column("name", page.say("c_site"), form="text"),
        page.area_column(),
        Column("added", page.say("c_added")),
        Column("covered", page.say("c_covered"), 1, "percent"),
    ]
    return page.table("new_sites", reach.chosen.assign(covered=covered), columns)


def counties(page: Page, frame: pd.DataFrame, equity: Mapping[int, float]) -> Html:
    """Return the counties' points and what is missing in the target year, and how even points per elder are spread."""
    columns = [
        page.area_column(),
        Column("points", page.say("c_points")),
        Column("allocated", page.t("page.c_kind"), form="text", words=lambda flag: page.supply_tag(bool(flag))),
        Column("points_per_10000", page.say("c_density"), 1),
        Column("catchment_radius_km", page.say("c_radius"), 1),
        Column("gap", page.say("c_gap"), interval=True),
        Column("points_per_year_to_hold_80", page.say("c_hold"), 1),
    ]
    note = page.note(
        "equity_allocated" if frame["allocated"].all() else "equity_reported",
        first=page.first,
        start=page.t.number(equity[page.first], 3),
        later=page.t.number(equity[page.target], 3),
    )
    return join([page.table("counties", frame, columns), note])
