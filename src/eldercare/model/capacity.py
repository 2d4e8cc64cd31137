"""Care need of one county, and its beds against those that norm and need ask for, as arrays of years and draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eldercare.care import (
    age_gradient,
    care_need,
    demand_by_need,
    demand_by_ratio,
    prevalence_by_age,
    shares_by_setting,
    shift_factor,
)
from eldercare.model.demography import GROUP_STARTS, SEXES, CountyProjection, Drawer
from eldercare.model.launch import Launch
from eldercare.model.supply import BED_TYPES, supply_path

ELDER_GROUPS = GROUP_STARTS >= 60
# Age pattern of dependency behind each definition: (measure, region) in disability_prevalence.
PATTERNS = {
    "survey": ("padl_disability", "china_meta_analysis"),
    "administrative": ("padl_disability", "china_meta_analysis"),
    "census": ("unable_to_care_for_self", "shanghai_towns"),
}


@dataclass(frozen=True)
class Need:
    """Elders of one county who depend on care.

    Attributes
    ----------
    dependents : ndarray, shape (years, draws)
        Elders in care need, persons.
    dependents_unshifted : ndarray, shape (years, draws)
        The same at the prevalence by age of the launch year, persons.
    shares : dict of ndarray, shape (draws,)
        Shares of dependents by setting: institution, home_care_centre and home; they add to 1.
    """

    dependents: np.ndarray
    dependents_unshifted: np.ndarray
    shares: dict[str, np.ndarray]


@dataclass(frozen=True)
class Capacity:
    """One county's supply and demand, beds by bed type.

    Attributes
    ----------
    supply : dict of ndarray, shape (years,)
    demand_ratio, demand_need : dict of ndarray, shape (years, draws)
        Beds that the norm, and the care need at target occupancy ask for.
    occupancy : dict of ndarray, shape (draws,)
        Target occupancy.
    """

    supply: dict[str, np.ndarray]
    demand_ratio: dict[str, np.ndarray]
    demand_need: dict[str, np.ndarray]
    occupancy: dict[str, np.ndarray]


def age_pattern(tables: Mapping[str, pd.DataFrame], definition: str) -> np.ndarray:
    """Return relative dependency by elder age group and sex, shape (groups, sexes); zero below age 60.

    Published bands are carried to the five-year groups inside them; a source without sexes serves both.
    """
    measure, region = PATTERNS[definition]
    table = tables["disability_prevalence"].query("measure == @measure and area == @region")
    pattern = np.zeros((len(GROUP_STARTS), len(SEXES)))
    for s, sex in enumerate(SEXES):
        rows = table[table["sex"] == sex]
        if set(rows["age_group"]) <= {"60+"}:
            rows = table[table["sex"] == "total"]
        for row in rows.itertuples():
            if row.age_group == "60+":
                continue
            low, high = _ends(row.age_group)
            pattern[(GROUP_STARTS >= low) & (GROUP_STARTS <= high), s] = row.value
    return pattern


def _ends(age_group: str) -> tuple[int, int]:
    low, _, high = age_group.partition("-")
    return int(low.rstrip("+")), int(high) if high else 200


def county_need(
    drawer: Drawer, projection: CountyProjection, launch: Launch, tables: Mapping[str, pd.DataFrame]
) -> Need:
    """Compute who depends on care in one county, and where the care is planned.

    Prevalence by age is set so that the city's residents at launch have the drawn share of dependents; under changing
    morbidity it shifts as life expectancy at 60 grows.
    """
    settings = drawer.settings
    definition = settings.value("need.definition")
    resident = projection.population["resident"][:, ELDER_GROUPS]
    reference = np.add.reduceat(launch.resident.sum(axis=0), GROUP_STARTS, axis=0)[ELDER_GROUPS]
    pattern = age_pattern(tables, definition)[ELDER_GROUPS]
    prevalence = prevalence_by_age(drawer(f"need.{definition}.prevalence"), pattern, reference)
    dependents = unshifted = care_need(resident, prevalence)
    if settings.value("need.morbidity") != "constant":
        gained = projection.gained_at_60(len(resident))
        gradient = age_gradient(pattern, GROUP_STARTS[ELDER_GROUPS] + 2.5, reference)
        factor = shift_factor(gradient[:, None], drawer("need.morbidity_share") * gained)
        dependents = care_need(resident, prevalence, factor)
    keys = [f"need.{definition}.{kind}_share" for kind in BED_TYPES]
    return Need(dependents, unshifted, shares_by_setting(*(drawer(key) for key in keys)))


def county_capacity(
    drawer: Drawer,
    county: str,
    projection: CountyProjection,
    need: Need,
    start: Mapping[str, float],
    changes: pd.DataFrame,
    years: np.ndarray,
) -> Capacity:
    """Compute one county's beds by year, and those that the norm and the need ask for.

    Parameters
    ----------
    drawer : Drawer
    county : str
    projection : CountyProjection
    need : Need
    start : mapping of str to float
        Beds of the report by bed type.
    changes : DataFrame
        Of :func:`~eldercare.model.supply.changes_by_county`.
    years : ndarray, shape (years,)
    """
    settings = drawer.settings
    counted = projection.population[settings.value("beds.ratio_basis")][:, ELDER_GROUPS].sum(axis=(1, 2))
    share = settings.value("beds.norm_institution_share")
    norm = {
        "institution": settings.value("beds.norm") * share,
        "home_care_centre": settings.value("beds.norm") * (1 - share),
    }
    occupancy = {kind: drawer(f"beds.occupancy_{kind}") for kind in BED_TYPES}
    ratio = {kind: demand_by_ratio(counted, norm[kind]) for kind in BED_TYPES}
    by_need = {kind: demand_by_need(need.dependents, need.shares[kind], occupancy[kind]) for kind in BED_TYPES}
    supply = {}
    for kind in BED_TYPES:
        required = {"ratio": np.median(ratio[kind], axis=1), "need": np.median(by_need[kind], axis=1)}
        supply[kind] = supply_path(settings, county, kind, start[kind], required, years, changes)
    return Capacity(supply, ratio, by_need, occupancy)
