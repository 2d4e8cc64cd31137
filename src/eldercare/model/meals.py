"""Meals of one county: points under a plan, meals served and wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eldercare.care import (
    care_need,
    meals_demand,
    meals_supply,
    points_plan,
    prevalence_by_age,
)
from eldercare.inputs import InputError, Problem
from eldercare.model.capacity import ELDER_GROUPS, age_pattern
from eldercare.model.demography import GROUP_STARTS, SEXES, CountyProjection, Drawer
from eldercare.model.launch import Launch

# Ages that demand is shown by: name and first age; the next one ends it.
AGES = {"60_69": 60, "70_79": 70, "80plus": 80}
# Survey pattern of dependency that stands for the age pattern of meal help where it is chosen.
PATTERN = "survey"


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
    drawer: Drawer,
    projection: CountyProjection,
    launch: Launch,
    tables: Mapping[str, pd.DataFrame],
    start: Mapping[str, float],
    years: np.ndarray,
) -> CountyMeals:
    """Compute one county's meals from its projection and settings.

    Parameters
    ----------
    drawer : Drawer
    projection : CountyProjection
    launch : Launch
    tables : mapping of data/raw tables
    start : mapping of str to float
        The county's ``meal_points`` of the report, and its ``places`` (villages and urban communities).
    years : ndarray, shape (years,)

    Raises
    ------
    InputError
        If more people of an age would need help than live there.
    """
    settings = drawer.settings
    resident = projection.population["resident"][:, ELDER_GROUPS]
    elders = np.median(resident.sum(axis=(1, 2)), axis=1)
    first, full = (int(settings.value(f"meals.{key}_year")) for key in ("first", "full"))
    points = points_plan(
        settings.value("meals.plan"), start["meal_points"], elders, start["places"], years, first, full
    )
    kitchens = np.where(years >= first, float(settings.value("meals.kitchens")), 0.0)
    per_point, per_kitchen = drawer("meals.per_point"), drawer("meals.per_kitchen")
    by_kitchens = meals_supply(0.0, 0.0, kitchens[:, None], per_kitchen)

    flat = settings.value("meals.age_pattern") == "flat"
    pattern = np.ones((ELDER_GROUPS.sum(), len(SEXES))) if flat else age_pattern(tables, PATTERN)[ELDER_GROUPS]
    city = np.add.reduceat(launch.resident.sum(axis=0), GROUP_STARTS, axis=0)[ELDER_GROUPS]
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
