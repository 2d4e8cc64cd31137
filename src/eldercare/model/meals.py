"""Meals of one county and of an area: points under a plan, meals served and wanted, probabilities, points to add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eldercare.care import (
    break_even_uptake,
    care_need,
    catchment_radius,
    crossing_years,
    meals_demand,
    meals_supply,
    pace_by_year,
    points_plan,
    prevalence_by_age,
)
from eldercare.inputs import InputError, Problem, Settings
from eldercare.model.capacity import ELDER_GROUPS, Split, age_pattern
from eldercare.model.demography import GROUP_STARTS, SEXES, Demography, Drawer
from eldercare.model.frames import QUANTILES, is_allocated, settings_of, spread

if TYPE_CHECKING:
    from eldercare.model.run import Run

# Ages that demand is shown by: name and first age; the next one ends it.
AGES = {"60_69": 60, "70_79": 70, "80plus": 80}
# Survey pattern of dependency that stands for the age pattern of meal help where it is chosen.
PATTERN = "survey"
PER = 10_000
PROBABILITIES = (50, 80)


@dataclass(frozen=True)
class CountyMeals:
    """One county's meals.

    Attributes
    ----------
    points, kitchens : ndarray, shape (years,)
        Meal points and delivery kitchens at the end of each year.
    served : ndarray, shape (years,)
        Meals served per day at the values of the parameters.
    in_need_mid : ndarray, shape (years,)
        Mean number of elders who need help with meals at the values of the parameters, persons.
    supply, required : ndarray, shape (years, draws)
        Meals served per day; points that would serve all meals wanted beside the kitchens.
    demand : dict of ndarray, shape (years, draws)
        Meals wanted per day by age, see ``AGES``.
    """

    points: np.ndarray
    kitchens: np.ndarray
    served: np.ndarray
    in_need_mid: np.ndarray
    supply: np.ndarray
    required: np.ndarray
    demand: dict[str, np.ndarray]


def county_meals(
    settings: Settings,
    stream: int,
    county: str,
    demography: Demography,
    tables: Mapping[str, pd.DataFrame],
    splits: Mapping[str, Split],
) -> CountyMeals:
    """Compute one county's meals from its projection and settings.

    Raises
    ------
    InputError
        If more people of an age would need help than live there.
    """
    drawer, years = Drawer(settings, stream), demography.years
    resident = demography.counties[county].population["resident"][:, ELDER_GROUPS]
    elders = np.median(resident.sum(axis=(1, 2)), axis=1)
    first, full = (int(settings.value(f"meals.{key}_year")) for key in ("first", "full"))
    points = points_plan(
        settings.value("meals.plan"),
        splits["meal_points"].values[county],
        elders,
        splits["places"].values[county],
        years,
        first,
        full,
    )
    kitchens = np.where(years >= first, float(settings.value("meals.kitchens")), 0.0)
    per_point, per_kitchen = drawer("meals.per_point"), drawer("meals.per_kitchen")
    by_kitchens = meals_supply(0.0, 0.0, kitchens[:, None], per_kitchen)

    flat = settings.value("meals.age_pattern") == "flat"
    pattern = np.ones((ELDER_GROUPS.sum(), len(SEXES))) if flat else age_pattern(tables, PATTERN)[ELDER_GROUPS]
    city = np.add.reduceat(demography.launch.resident.sum(axis=0), GROUP_STARTS, axis=0)[ELDER_GROUPS]
    try:
        prevalence = prevalence_by_age(drawer("meals.need_share"), pattern, city)
        middle = prevalence_by_age(settings.value("meals.need_share"), pattern, city)
    except ValueError as error:
        where = settings["meals.need_share"].trail[-1].where
        raise InputError(
            Problem(where, "meals.need_share", settings.value("meals.need_share"), f"with this age pattern the {error}")
        ) from error
    use = (drawer("meals.uptake"), drawer("meals.days_share"), drawer("meals.meals_per_user"))
    starts = GROUP_STARTS[ELDER_GROUPS]
    demand = {}
    for name, low, high in zip(AGES, AGES.values(), [*list(AGES.values())[1:], np.inf], strict=True):
        group = (starts >= low) & (starts < high)
        demand[name] = meals_demand(care_need(resident[:, group], prevalence[group]), *use)
    return CountyMeals(
        points,
        kitchens,
        meals_supply(points, settings.value("meals.per_point"), kitchens, settings.value("meals.per_kitchen")),
        care_need(resident.mean(axis=-1), middle),
        meals_supply(points[:, None], per_point) + by_kitchens,
        (sum(demand.values()) - by_kitchens) / per_point,
        demand,
    )


def land_area(run: Run, area: str) -> float:
    """Return the land area in km2 that is marked as used; the city is the sum of its counties."""
    geography = run.project.table("geography")
    rows = geography[geography["used"] & (geography["indicator"] == "land_area")]
    return float(rows[rows["area"].isin(run.members(area))].groupby("area")["value"].first().sum())


def crossed(run: Run, area: str, measure: str) -> np.ndarray:
    """Return the first year of each draw in which an area falls below a measure; ``inf`` where it does not.

    Parameters
    ----------
    run : Run
    area : str
    measure : {"launch", "norm", "short"}
        Points per 10,000 elders of the launch year; the norm for points; meals served against meals wanted.
    """
    years, members = run.demography.years, [run.county_meals[c] for c in run.members(area)]
    if measure == "short":
        wanted = sum(sum(one.demand.values()) for one in members)
        return crossing_years(sum(one.supply for one in members) / wanted, years, 1.0)
    ratio = sum(one.points for one in members)[:, None] * PER / run.elders(area)
    # The launch year is not below itself by rounding.
    level = float(ratio[0].mean()) * (1 - 1e-9) if measure == "launch" else settings_of(run, area).value("meals.norm")
    return crossing_years(ratio, years, level)


def hold_required(run: Run, area: str) -> np.ndarray:
    """Return the points that keep the launch year's points per elder, shape (years, draws)."""
    start = sum(run.county_meals[c].points[0] for c in run.members(area))
    elders = run.elders(area)
    return start * elders / elders[0].mean()


def meals_frame(run: Run, area: str) -> pd.DataFrame:
    """Return meal points, meals served and wanted per day, the gap (positive = shortage), and what closes it."""
    members = run.members(area)
    parts = [run.county_meals[c] for c in members]
    years, elders, settings = run.demography.years, run.elders(area), settings_of(run, area)
    first = int(settings.value("meals.first_year"))

    def total(name: str) -> np.ndarray:
        return sum(getattr(part, name) for part in parts)

    points, kitchens, served, in_need = (total(n) for n in ("points", "kitchens", "served", "in_need_mid"))
    by_age = {name: sum(part.demand[name] for part in parts) for name in AGES}
    demand, supply = sum(by_age.values()), total("supply")
    wanted, gap = spread(demand), spread(demand - supply)
    places = sum(run.splits["places"].values[c] for c in members)
    reached = {name: crossed(run, area, name) for name in ("launch", "norm", "short")}
    targets = {"hold": hold_required(run, area), "serve": total("required")}
    return pd.DataFrame(
        {
            "scenario": run.scenario,
            "area": area,
            "year": years,
            "points": points,
            "meals_supply_per_day": served,
            **{f"meals_demand_per_day_{q}": wanted[q] for q in QUANTILES},
            "points_per_10000": points / elders.mean(axis=1) * PER,
            "gap": gap["p50"],
            "gap_p10": gap["p10"],
            "gap_p90": gap["p90"],
            "meals_demand_per_day_mean": demand.mean(axis=1),
            **{f"meals_demand_{name}_mean": values.mean(axis=1) for name, values in by_age.items()},
            "allocated": is_allocated(run, area, ("meal_points",)),
            "elders_60plus": elders.mean(axis=1),
            "elders_needing_meals": in_need,
            "meals_per_elder_in_need": served / in_need,
            "break_even_uptake": break_even_uptake(
                served, in_need, settings.value("meals.days_share"), settings.value("meals.meals_per_user")
            ),
            "kitchens": kitchens,
            "places": places,
            "places_share": np.minimum(points / places, 1.0),
            "catchment_radius_km": catchment_radius(land_area(run, area), points),
            "points_for_radius": land_area(run, area) / (np.pi * settings.value("meals.radius") ** 2),
            **{
                f"probability_{name}_by": (values <= years[:, None]).mean(axis=1)
                for name, values in (
                    ("below_launch", reached["launch"]),
                    ("below_norm", reached["norm"]),
                    ("short", reached["short"]),
                )
            },
            **{
                f"points_per_year_to_{name}_{q}": pace_by_year(required, points, years, first, q / 100)
                for name, required in targets.items()
                for q in PROBABILITIES
            },
            "kitchens_to_serve": np.maximum(gap["p50"], 0.0) / settings.value("meals.per_kitchen"),
        }
    )
