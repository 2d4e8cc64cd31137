"""Meals of one county: points under a plan, meals served and wanted."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eldercare.care.meals import points_plan
from eldercare.care.need import care_need, prevalence_by_age
from eldercare.model.capacity import ELDER_GROUPS
from eldercare.model.demography import GROUP_STARTS, CountyProjection
from eldercare.model.draws import Drawer, total
from eldercare.model.supply import opened

# Ages that demand is shown by: name and first age; the next one ends it.
AGES = {"60_69": 60, "70_79": 70, "80plus": 80}


@dataclass(frozen=True)
class CountyMeals:
    """One county's meals.

    Attributes
    ----------
    points, kitchens : arrays (years,), meal points and delivery kitchens at the end of each year
    in_need_mid : array (years,), mean number of persons who need help with meals at the values of the parameters
    supply : array (years, draws), meals served per day
    required : array (years, draws), points, counted as in the report, that would serve all wanted beside the kitchens
    at_full_uptake : array (years, draws), meals that would be wanted per day if all who need help were users
    demand : arrays (years, draws), meals wanted per day by age, see ``AGES``
    """

    points: np.ndarray
    kitchens: np.ndarray
    in_need_mid: np.ndarray
    supply: np.ndarray
    required: np.ndarray
    at_full_uptake: np.ndarray
    demand: dict[str, np.ndarray]


def county_meals(
    drawer: Drawer,
    projection: CountyProjection,
    pattern: np.ndarray,
    reference: np.ndarray,
    start: Mapping[str, float],
    unsure: np.ndarray,
    years: np.ndarray,
) -> CountyMeals:
    """Compute one county's meals.

    Parameters
    ----------
    pattern, reference : arrays (groups 60+, sexes), relative need by age, and the city's residents at launch
    start : the county's ``meal_points`` of the report, and its ``places`` (villages and urban communities)
    unsure : array (years, draws), points in use beyond those of the report
    """
    settings = drawer.settings
    resident = projection.population["resident"][:, ELDER_GROUPS]
    elders = np.median(resident.sum(axis=(1, 2)), axis=1)
    first, full = settings.integer("meals.first_year"), settings.integer("meals.full_year")
    given = start["meal_points"], elders, start["places"], years, first, full
    points = points_plan(settings.choice("meals.plan"), *given) + opened(settings, "meal_points", years)
    kitchens = np.where(years >= first, settings.number("meals.kitchens"), 0.0)
    per_point, per_kitchen = drawer("meals.per_point"), drawer("meals.per_kitchen")
    by_kitchens = kitchens[:, None] * per_kitchen
    levels = drawer("meals.need_share"), settings.number("meals.need_share")
    prevalence, central = (prevalence_by_age(level, pattern, reference) for level in levels)
    uptake, days, per_user = (drawer(f"meals.{name}") for name in ("uptake", "days_share", "meals_per_user"))
    group = np.digitize(GROUP_STARTS[ELDER_GROUPS], list(AGES.values())) - 1
    # Meals a day by age if all who need help were users.
    wanted = {
        name: care_need(resident[:, group == g], prevalence[group == g]) * days * per_user
        for g, name in enumerate(AGES)
    }
    return CountyMeals(
        points,
        kitchens,
        care_need(resident.mean(axis=-1), central),
        np.maximum(points[:, None] + unsure, 0.0) * per_point + by_kitchens,
        (uptake * total(wanted.values()) - by_kitchens) / per_point - unsure,
        total(wanted.values()),
        {name: uptake * meals for name, meals in wanted.items()},
    )
