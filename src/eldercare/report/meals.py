"""Meals page: meals wanted and served, by age; density of points, what to add; yardsticks, sites, equity."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eldercare.care import gini, pace_by_year, probability_crossed, year_quantile
from eldercare.model.draws import QUANTILES, spread
from eldercare.model.meals import AGES
from eldercare.model.results import PER
from eldercare.model.sites import Catchment, catchment
from eldercare.model.supply import elders_at_launch
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.html import Html, element, join, table
from eldercare.report.page import Page

REPORT_YEAR, TARGET = 2018, 2035
AGE_COLOURS = dict(zip(AGES, (style.GREEN, style.BLUE, style.PURPLE), strict=True))


def rows_of(page: Page) -> pd.DataFrame:
    """Return the meals frame indexed by year."""
    return page.run.meals.set_index("year")


def case(page: Page, measure: str) -> tuple[str, dict[str, object]]:
    """Return whether an area falls below a measure already at launch, in a year, or never, with words for it."""
    years, draws = page.run.years, page.run.meals_crossed(measure)
    median = year_quantile(draws, 0.5)
    name = "never" if np.isinf(median) else "already" if median <= years[0] else "crossing"
    words = {
        "first": int(years[0]),
        "last": int(years[-1]),
        "year": 0 if np.isinf(median) else int(median),
        "probability": page.t.percent(probability_crossed(draws, 2030), 0),
    }
    return name, words


def answer(page: Page) -> Html:
    """Return the answer of the page: since when meals are short, how many are missing, and what decides it."""
    t, rows = page.t, rows_of(page)
    row, allocated = rows.loc[TARGET], bool(rows["allocated"].iloc[0])
    name, words = case(page, "short")
    gap = row["gap"]
    text = t(f"meals.answer_{name}", area=page.area_name, **words) + t("page.space")
    text += t(
        "meals.answer_short" if gap > 0 else "meals.answer_enough",
        target=TARGET,
        points=t.number(row["points"]),
        served=t.rounded(row["meals_supply_per_day"]),
        wanted=t.rounded(row["meals_demand_per_day_p50"]),
        low=t.rounded(row["meals_demand_per_day_p10"]),
        high=t.rounded(row["meals_demand_per_day_p90"]),
        uptake=t.percent(page.run.settings.value("meals.uptake")),
        even=t.percent(row["break_even_uptake"]),
    )
    return join(
        [
            element("p", text, cls="answer"),
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
            t("page.c_year"): [str(y) for y in page.years],
            t("meals.c_wanted"): [t.number(rows.loc[y, "meals_demand_per_day_p50"]) for y in page.years],
            t("page.c_interval"): [
                t.interval(rows.loc[y, "meals_demand_per_day_p10"], rows.loc[y, "meals_demand_per_day_p90"])
                for y in page.years
            ],
            t("meals.c_served"): [t.number(rows.loc[y, "meals_supply_per_day"]) for y in page.years],
        }
    )
    return Chart(
        "meals",
        figure,
        t("meals.demand_title", area=page.area_name),
        t(
            "meals.demand_alt",
            last=int(years[-1]),
            start=t.rounded(rows.loc[2020, "meals_demand_per_day_p50"]),
            end=t.rounded(rows["meals_demand_per_day_p50"].iloc[-1]),
            served=t.rounded(rows["meals_supply_per_day"].iloc[-1]),
        ),
        t("meals.source"),
        twin,
        page.twin_label(),
    )


def age_chart(page: Page) -> Chart:
    """Draw meals wanted per day by age, stacked (means, which add)."""
    t, rows = page.t, rows_of(page)
    years = rows.index.to_numpy()
    parts = {name: rows[f"meals_demand_{name}_mean"] for name in AGES}
    total = sum(parts.values())
    with style.drawing():
        figure, ax = style.canvas(height=3.6)
        ax.stackplot(years, *parts.values(), colors=[AGE_COLOURS[n] for n in AGES], alpha=0.8, lw=0)
        base, labels = 0.0, []
        for name, values in parts.items():
            labels.append((years[-1], base + values.iloc[-1] / 2, t(f"meals.age_{name}"), AGE_COLOURS[name]))
            base += values.iloc[-1]
        style.count_axis(ax, t, t("meals.axis_meals"))
        style.year_axis(ax, years[0], years[-1])
        style.end_labels(ax, labels)
    twin = pd.DataFrame(
        {
            t("page.c_year"): [str(y) for y in page.years],
            **{t(f"meals.age_{n}"): [t.number(v.loc[y]) for y in page.years] for n, v in parts.items()},
        }
    )
    return Chart(
        "age",
        figure,
        t("meals.age_title", area=page.area_name),
        t(
            "meals.age_alt",
            pattern=page.value("meals.age_pattern", page.run.settings.value("meals.age_pattern")),
            start=t.percent(parts["80plus"].iloc[0] / total.iloc[0], 0),
            end=t.percent(parts["80plus"].iloc[-1] / total.iloc[-1], 0),
            last=int(years[-1]),
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
            t("page.c_year"): [str(y) for y in page.years],
            t("meals.c_even"): [t.percent(rows.loc[y, "break_even_uptake"]) for y in page.years],
        }
    )
    return Chart(
        "even",
        figure,
        t("meals.even_title", area=page.area_name),
        t(
            "meals.even_alt",
            last=int(years[-1]),
            start=t.percent(rows.loc[2020, "break_even_uptake"]),
            end=t.percent(rows["break_even_uptake"].iloc[-1]),
            assumed=t.percent(setting.value),
        ),
        t("meals.source"),
        twin,
        page.twin_label(),
    )


def density_chart(page: Page) -> Chart:
    """Draw points per 10,000 elders with their band against the level of the launch year and the norm."""
    t, run, rows = page.t, page.run, rows_of(page)
    years = rows.index.to_numpy()
    band = spread(rows["points"].to_numpy()[:, None] * PER / run.elders())
    norm, launch = float(run.settings.value("meals.norm")), float(band["p50"][0])
    with style.drawing():
        figure, ax = style.canvas(height=3.6)
        ax.axhline(norm, color=style.INK, lw=1.2)
        ax.axhline(launch, color=style.GREY, lw=1.2, ls=(0, (5, 2)))
        ax.fill_between(years, band["p10"], band["p90"], color=style.BLUE, alpha=0.18, lw=0)
        ax.plot(years, band["p50"], color=style.BLUE)
        ax.set_ylim(0, 1.15 * max(norm, launch, band["p90"].max()))
        style.count_axis(ax, t, t("meals.axis_density"))
        style.year_axis(ax, years[0], years[-1])
        style.end_labels(
            ax,
            [
                (years[-1] + 0.5, band["p50"][-1], t("meals.line_density"), style.BLUE),
                (years[-1] + 0.5, norm, t("meals.line_norm", norm=t.number(norm, 1)), style.INK),
                (years[-1] + 0.5, launch, t("meals.line_launch", first=int(years[0])), style.GREY),
            ],
            gap=0.09,
        )
    at = {y: int(np.searchsorted(years, y)) for y in page.years}
    twin = pd.DataFrame(
        {
            t("page.c_year"): [str(y) for y in at],
            t("meals.c_points"): [t.number(rows.loc[y, "points"]) for y in at],
            t("meals.c_density"): [t.number(band["p50"][i], 1) for i in at.values()],
            t("page.c_interval"): [t.interval(band["p10"][i], band["p90"][i], 1) for i in at.values()],
        }
    )
    name, words = case(page, "norm")
    return Chart(
        "density",
        figure,
        t("meals.density_title", area=page.area_name),
        t(
            f"meals.density_{name}",
            norm=t.number(norm, 1),
            start=t.number(launch, 1),
            end=t.number(band["p50"][-1], 1),
            **words,
        ),
        t("meals.source_allocated" if rows["allocated"].iloc[0] else "meals.source_points"),
        twin,
        page.twin_label(),
    )


def answers_table(page: Page) -> Html:
    """Return for each measure when it is broken, how likely, and the points per year that hold it to 2035."""
    t, run = page.t, page.run
    years, rows = run.years, rows_of(page)
    first, points = int(run.settings.value("meals.first_year")), rows["points"].to_numpy()
    norm = float(run.settings.value("meals.norm"))
    required = {
        "launch": run.points_to_hold(),
        "norm": norm * run.elders() / PER,
        "short": sum(run.counties[c].meals.required for c in run.members()),
    }
    at = int(np.searchsorted(years, TARGET))
    level = t.number(rows["points_per_10000"].iloc[0], 1)
    columns = {}
    for measure, needed in required.items():
        draws = run.meals_crossed(measure)
        low, mid, high = (year_text(page, year_quantile(draws, q)) for q in QUANTILES.values())
        columns[t(f"meals.measure_{measure}", level=level, norm=t.number(norm, 1))] = {
            t("meals.c_crossing"): mid,
            t("page.c_interval"): mid if low == high else f"{low} \N{EN DASH} {high}",
            **{
                t("meals.c_probability", year=year): t.percent(probability_crossed(draws, year), 0)
                for year in (2025, 2030, TARGET)
            },
            **{
                t("meals.c_per_year", q=q): t.number(pace_by_year(needed, points, years, first, q / 100)[at], 1)
                for q in (50, 80)
            },
        }
    frame = pd.DataFrame(columns).rename_axis(t("meals.c_measure")).reset_index()
    return join(
        [
            table(frame, t("meals.answers_caption", area=page.area_name), numeric=list(frame.columns[1:])),
            page.note("meals.answers_note", first=first),
        ]
    )


def year_text(page: Page, year: float) -> str:
    """Return a crossing year in words: a year, already below at launch, or not within the horizon."""
    years = page.run.years
    if np.isinf(year):
        return page.t("meals.never", last=int(years[-1]))
    return page.t("meals.already", first=int(years[0])) if year <= years[0] else str(int(year))


def yardsticks(page: Page) -> Html:
    """Return points per 10,000 elders, share of villages and communities, catchment radius, neighbours."""
    t, run, rows = page.t, page.run, rows_of(page)
    tables = run.project.tables
    launch, target = rows.iloc[0], rows.loc[TARGET]
    points = float(launch["points"])
    registered = float(run.elders(basis="registered")[0].mean())
    allocated, radius = bool(launch["allocated"]), float(run.settings.value("meals.radius"))
    tag = page.tag("allocated" if allocated else "derived")
    first = int(rows.index[0])
    records = [
        (t("meals.y_points", first=REPORT_YEAR), t.number(points), page.supply_tag(allocated)),
        (t("meals.y_per_10000", first=first), t.number(launch["points_per_10000"], 1), tag),
        (t("meals.y_registered", first=first), t.number(registered / points), page.tag("estimated")),
        (
            t("meals.y_points", first=TARGET),
            t.number(target["points"]),
            page.tag("allocated" if allocated else "assumed"),
        ),
        (t("meals.y_per_10000", first=TARGET), t.number(target["points_per_10000"], 1), page.tag("projected")),
        (t("meals.y_per_need", first=TARGET), t.number(target["meals_per_elder_in_need"], 3), page.tag("projected")),
        (t("meals.y_villages", n=t.number(launch["places"])), t.percent(launch["places_share"], 0), tag),
        (t("meals.y_radius"), t.number(launch["catchment_radius_km"], 1), tag),
        (t("meals.y_circle", radius=t.number(radius, 1)), t.number(launch["points_for_radius"]), page.tag("derived")),
    ]
    if page.is_city:
        centres = page.run.reported("home_care_centres")
        records.append((t("meals.y_centres", n=t.number(centres)), t.percent(points / centres, 0), page.tag("derived")))
    evidence = tables["care_evidence"].query("area == 'jiaxing'").set_index("indicator")["value"]
    for name in ("meal_points", "elder_canteens"):
        ratio = t.number(evidence["meals_users_per_day"] / evidence[name], 1)
        records.append((t(f"meals.y_jiaxing_{name}"), ratio, page.tag("derived")))
    frame = pd.DataFrame(records, columns=[t("meals.c_yardstick"), t("page.c_value"), t("page.c_kind")])
    return join(
        [
            table(frame, t("meals.yardsticks_caption", area=page.area_name), numeric=[t("page.c_value")]),
            page.note("meals.yardsticks_note"),
        ]
    )


def points_to_add(page: Page) -> Html:
    """Return the meals missing by year, and the points or the kitchens that would serve them."""
    t, run, rows = page.t, page.run, rows_of(page)
    required = sum(run.counties[c].meals.required for c in run.members())
    missing = spread(np.maximum(required - rows["points"].to_numpy()[:, None], 0.0))
    at = {y: int(np.searchsorted(rows.index, y)) for y in page.years if y != 2040}
    records = []
    for year, i in at.items():
        row = rows.loc[year]
        low, mid, high = (np.ceil(missing[q][i]) for q in QUANTILES)
        records.append(
            {
                t("page.c_year"): str(year),
                t("meals.c_points"): t.number(row["points"]),
                t("meals.c_gap"): t(
                    "meals.banded", mid=t.number(row["gap"]), ends=t.interval(row["gap_p10"], row["gap_p90"])
                ),
                t("meals.c_points_needed"): t("meals.banded", mid=t.number(mid), ends=t.interval(low, high)),
                t("meals.c_kitchens"): t.number(np.ceil(row["kitchens_to_serve"])),
            }
        )
    frame = pd.DataFrame(records)
    return table(frame, t("meals.points_caption", area=page.area_name), numeric=list(frame.columns[1:]))


def sites(page: Page) -> Chart | Html:
    """Draw the meal points, the elders within reach and the best new sites; or say how to provide the places."""
    found = catchment(page.run, page.run.area)
    if found is None:
        return page.note("meals.sites_absent")
    return sites_chart(page, found)


def sites_chart(page: Page, found: Catchment) -> Chart:
    """Draw places with their elders, existing points and chosen sites on a plain map."""
    t, places = page.t, found.places
    size = 10 + 200 * places["elders"] / places["elders"].max()
    colours = np.where(places["now"], style.BLUE, np.where(places["then"], style.GREEN, style.GREY))
    marks = (
        (found.existing_sites, "s", 40, style.INK, t("meals.mark_existing")),
        (found.chosen, "*", 150, style.ORANGE, t("meals.mark_chosen")),
    )
    with style.drawing():
        figure, ax = style.canvas(height=4.8)
        ax.scatter(places["lon"], places["lat"], s=size, c=colours, alpha=0.45, lw=0)
        for rows, marker, area, colour, label in marks:
            ax.scatter(rows["lon"], rows["lat"], s=area, marker=marker, c=colour, lw=0, label=label, zorder=3)
        for key, colour in (("now", style.BLUE), ("then", style.GREEN), ("out", style.GREY)):
            ax.scatter([], [], s=60, c=colour, alpha=0.45, lw=0, label=t(f"meals.mark_{key}"))
        # A kilometre is as long to the east as to the north.
        ax.set_aspect(1 / np.cos(np.radians(places["lat"].mean())))
        ax.grid(visible=True, axis="both")
        ax.set_xlabel(t("meals.axis_lon"))
        ax.set_ylabel(t("meals.axis_lat"))
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=9)
    total = places["elders"].sum()
    chosen = found.chosen
    running = found.share_now + chosen["added"].cumsum() / total
    twin = pd.DataFrame(
        {
            t("meals.c_site"): list(chosen["name"]),
            t("page.c_area"): [page.area_of(a) for a in chosen["area"]],
            t("meals.c_added"): [t.number(v) for v in chosen["added"]],
            t("meals.c_covered"): [t.percent(v) for v in running],
        }
    )
    return Chart(
        "sites",
        figure,
        t("meals.sites_title", area=page.area_name, radius=t.number(found.radius, 1)),
        t(
            "meals.sites_alt" if len(chosen) else "meals.sites_alt_none",
            existing=t.number(found.existing),
            candidates=t.number(found.candidates),
            radius=t.number(found.radius, 1),
            now=t.percent(found.share_now),
            then=t.percent(found.share_then),
            n=t.number(len(chosen)),
            names=t.join(list(chosen["name"])) if len(chosen) else "",
        ),
        t("meals.source_sites"),
        twin,
        page.twin_label(),
    )


def counties_table(page: Page) -> Html:
    """Return points, demand and equity of all counties on the city's page, a pointer to it on a county's."""
    if not page.is_city:
        return page.note("page.see_city")
    t, run = page.t, page.run
    counties = list(run.project.counties)
    frame = pd.concat([run.table("meals", area) for area in counties]).set_index(["area", "year"])
    records = []
    for area in counties:
        row = frame.loc[(area, TARGET)]
        records.append(
            {
                t("page.c_area"): page.area_of(area),
                t("meals.c_points"): t.number(row["points"]),
                t("page.c_kind"): page.supply_tag(bool(row["allocated"])),
                t("meals.c_per_10000"): t.number(row["points_per_10000"], 1),
                t("meals.c_radius"): t.number(row["catchment_radius_km"], 1),
                t("meals.c_gap"): t(
                    "meals.banded", mid=t.number(row["gap"]), ends=t.interval(row["gap_p10"], row["gap_p90"])
                ),
                t("meals.c_hold"): t.number(row["points_per_year_to_hold_80"], 1),
            }
        )
    shown = pd.DataFrame(records)
    start = [frame.loc[(a, int(run.years[0])), "points"] for a in counties]
    elders = elders_at_launch(run.launch, run.settings.value("allocation.rule"))
    target = frame.loc[[(a, TARGET) for a in counties]]
    later = gini(target["points"] / target["elders_60plus"], target["elders_60plus"])
    own = not target["allocated"].all()
    return join(
        [
            table(shown, t("meals.counties_caption"), numeric=[shown.columns[1], *shown.columns[3:]]),
            page.note(
                "meals.equity_reported" if own else "meals.equity_allocated",
                first=t.number(gini(np.array(start) / elders, elders), 3),
                later=t.number(later, 3),
                target=TARGET,
            ),
        ]
    )
