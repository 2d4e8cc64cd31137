"""Meals page: meals wanted against meals served, density of points, yardsticks and break-even uptake."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eldercare.care import catchment_radius
from eldercare.figures import style
from eldercare.figures.chart import Chart
from eldercare.figures.html import Html, element, join, table
from eldercare.figures.page import Page
from eldercare.model.capacity import reported
from eldercare.model.meals import land_area

SHOWN_YEARS = (2020, 2025, 2030, 2035, 2040, 2050)


def rows_of(page: Page) -> pd.DataFrame:
    """Return the meals frame indexed by year."""
    return page.run.meals.set_index("year")


def answer(page: Page) -> Html:
    """Return the answer of the page: meals wanted and served in 2030, and what decides it."""
    t, rows = page.t, rows_of(page)
    row = rows.loc[2030]
    allocated = bool(row["allocated"])
    key = "meals.answer_short" if row["gap"] > 0 else "meals.answer_enough"
    return join(
        [
            element(
                "p",
                t(
                    key,
                    area=page.area_name,
                    points=t.number(row["points"]),
                    served=t.rounded(row["meals_supply_per_day"]),
                    wanted=t.rounded(row["meals_demand_per_day_p50"]),
                    low=t.rounded(row["meals_demand_per_day_p10"]),
                    high=t.rounded(row["meals_demand_per_day_p90"]),
                    even=t.percent(row["break_even_uptake"]),
                    uptake=t.percent(page.run.settings.value("meals.uptake"), 0),
                ),
                cls="answer",
            ),
            element(
                "p",
                Html(
                    page.supply_tag(allocated)
                    + " "
                    + element("span", t("meals.supply_allocated" if allocated else "meals.supply_reported"))
                ),
                cls="note",
            ),
        ]
    )


def demand_chart(page: Page) -> Chart:
    """Draw meals wanted per day with its band against meals served."""
    t, rows = page.t, rows_of(page)
    years = rows.index.to_numpy()
    with style.drawing():
        figure, ax = style.canvas()
        ax.fill_between(
            years,
            rows["meals_demand_per_day_p10"],
            rows["meals_demand_per_day_p90"],
            color=style.BLUE,
            alpha=0.18,
            lw=0,
        )
        ax.plot(years, rows["meals_demand_per_day_p50"], color=style.BLUE)
        ax.plot(years, rows["meals_supply_per_day"], color=style.INK, lw=2.4)
        ax.set_ylim(0, None)
        style.count_axis(ax, t, t("meals.axis_meals"))
        style.year_axis(ax, years[0], years[-1])
        style.end_labels(
            ax,
            [
                (years[-1], rows["meals_demand_per_day_p50"].iloc[-1], t("meals.line_wanted"), style.BLUE),
                (years[-1], rows["meals_supply_per_day"].iloc[-1], t("meals.line_served"), style.INK),
            ],
        )
    twin = pd.DataFrame(
        {
            t("page.c_year"): [str(y) for y in SHOWN_YEARS],
            t("meals.c_wanted"): [t.number(rows.loc[y, "meals_demand_per_day_p50"]) for y in SHOWN_YEARS],
            t("page.c_interval"): [
                t.interval(rows.loc[y, "meals_demand_per_day_p10"], rows.loc[y, "meals_demand_per_day_p90"])
                for y in SHOWN_YEARS
            ],
            t("meals.c_served"): [t.number(rows.loc[y, "meals_supply_per_day"]) for y in SHOWN_YEARS],
        }
    )
    return Chart(
        "meals",
        figure,
        t("meals.demand_title", area=page.area_name),
        t(
            "meals.demand_alt",
            start=t.rounded(rows.loc[2020, "meals_demand_per_day_p50"]),
            end=t.rounded(rows["meals_demand_per_day_p50"].iloc[-1]),
            served=t.rounded(rows["meals_supply_per_day"].iloc[0]),
        ),
        t("meals.source"),
        twin,
        page.twin_label(),
    )


def even_chart(page: Page) -> Chart:
    """Draw the uptake at which today's points are just enough, by year, against the assumed uptake."""
    t, rows = page.t, rows_of(page)
    years = rows.index.to_numpy()
    setting = page.run.settings["meals.uptake"]
    with style.drawing():
        figure, ax = style.canvas(height=3.4)
        if setting.interval is not None:
            ax.axhspan(setting.interval[0] * 100, setting.interval[1] * 100, color=style.GREY, alpha=0.15, lw=0)
        ax.axhline(setting.value * 100, color=style.GREY, lw=1.2, ls=(0, (5, 2)))
        ax.plot(years, rows["break_even_uptake"] * 100, color=style.BLUE)
        ax.set_ylim(0, 110 * max(setting.value, *(setting.interval or ()), rows["break_even_uptake"].max()))
        ax.yaxis.set_major_formatter(lambda v, _: f"{v:g}%")
        ax.set_title(t("meals.axis_uptake"), fontweight="normal", color=style.GREY)
        style.year_axis(ax, years[0], years[-1])
        style.end_labels(
            ax,
            [
                (years[-1] + 0.5, rows["break_even_uptake"].iloc[-1] * 100, t("meals.line_even"), style.BLUE),
                (years[-1] + 0.5, setting.value * 100, t("meals.line_assumed"), style.GREY),
            ],
            gap=0.09,
        )
    twin = pd.DataFrame(
        {
            t("page.c_year"): [str(y) for y in SHOWN_YEARS],
            t("meals.c_even"): [t.percent(rows.loc[y, "break_even_uptake"]) for y in SHOWN_YEARS],
        }
    )
    return Chart(
        "even",
        figure,
        t("meals.even_title", area=page.area_name),
        t(
            "meals.even_alt",
            start=t.percent(rows.loc[2020, "break_even_uptake"]),
            end=t.percent(rows["break_even_uptake"].iloc[-1]),
            assumed=t.percent(setting.value, 0),
        ),
        t("meals.source"),
        twin,
        page.twin_label(),
    )


def yardsticks(page: Page) -> Html:
    """Return points per 10,000 elders, share of villages and communities, catchment radius, neighbours."""
    t, run, rows = page.t, page.run, rows_of(page)
    tables = run.project.tables
    points = float(rows["points"].iloc[0])
    area = land_area(run, run.area)
    registered = float(run.elders(basis="registered")[0].mean())
    tag = page.supply_tag(bool(rows["allocated"].iloc[0]))
    records = [
        (t("meals.y_points"), t.number(points), tag),
        (t("meals.y_per_10000"), t.number(rows.loc[2020, "points_per_10000"], 1), tag),
        (t("meals.y_registered"), t.number(registered / points), page.tag("estimated")),
        (t("meals.y_per_10000_2035"), t.number(rows.loc[2035, "points_per_10000"], 1), page.tag("projected")),
        (t("meals.y_radius"), t.number(float(catchment_radius(area, points)), 1), tag),
    ]
    if page.is_city:
        places = reported(tables, "villages") + reported(tables, "urban_communities")
        centres = reported(tables, "home_care_centres")
        records += [
            (t("meals.y_villages", n=t.number(places)), t.percent(points / places, 0), page.tag("derived")),
            (t("meals.y_centres", n=t.number(centres)), t.percent(points / centres, 0), page.tag("derived")),
        ]
    evidence = tables["care_evidence"].query("area == 'jiaxing'").set_index("indicator")["value"]
    records.append(
        (
            t("meals.y_jiaxing"),
            t.number(evidence["meals_users_per_day"] / evidence["meal_points"], 1),
            page.tag("reported"),
        )
    )
    frame = pd.DataFrame(records, columns=[t("meals.c_yardstick"), t("page.c_value"), t("page.c_kind")])
    return join(
        [
            table(frame, t("meals.yardsticks_caption", area=page.area_name), numeric=[t("page.c_value")]),
            page.note("meals.yardsticks_note"),
        ]
    )


def points_to_add(page: Page) -> Html:
    """Return the points needed to serve the median demand, by year."""
    t, rows = page.t, rows_of(page)
    per_point = page.run.settings.value("meals.per_point")
    records = []
    for year in (2025, 2030, 2035, 2050):
        row = rows.loc[year]
        gaps = {"p50": row["gap"], "p10": row["gap_p10"], "p90": row["gap_p90"]}
        missing = {q: np.ceil(max(0.0, gap) / per_point) for q, gap in gaps.items()}
        records.append(
            {
                t("page.c_year"): str(year),
                t("meals.c_gap"): f"{t.number(row['gap'])} ({t.interval(row['gap_p10'], row['gap_p90'])})",
                t(
                    "meals.c_points_needed"
                ): f"{t.number(missing['p50'])} ({t.interval(missing['p10'], missing['p90'])})",
            }
        )
    frame = pd.DataFrame(records)
    return table(frame, t("meals.points_caption", area=page.area_name), numeric=list(frame.columns[1:]))


def counties_table(page: Page) -> Html:
    """Return points and demand of all counties on the city's page, a pointer to it on a county's."""
    if not page.is_city:
        return page.note("meals.see_city")
    t = page.t
    frame = page.run.all_areas()["meals"]
    records = []
    for area in page.run.project.counties:
        row = frame[(frame["area"] == area) & (frame["year"] == 2030)].iloc[0]
        records.append(
            {
                t("page.c_area"): page.area_of(area),
                t("meals.c_points"): t.number(row["points"]),
                t("page.c_kind"): page.supply_tag(bool(row["allocated"])),
                t("meals.c_per_10000"): t.number(row["points_per_10000"], 1),
                t("meals.c_wanted"): t.number(row["meals_demand_per_day_p50"]),
                t("meals.c_gap"): f"{t.number(row['gap'])} ({t.interval(row['gap_p10'], row['gap_p90'])})",
            }
        )
    table_frame = pd.DataFrame(records)
    columns = table_frame.columns
    return table(table_frame, t("meals.counties_caption"), numeric=[columns[1], *columns[3:]])
