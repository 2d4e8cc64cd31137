"""Capacity against demand for one county: beds and care need, as arrays of years and draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eldercare.care import (
    age_gradient,
    allocate,
    care_need,
    demand_by_need,
    demand_by_ratio,
    prevalence_by_age,
    shares_by_setting,
    shift_factor,
)
from eldercare.inputs import Settings
from eldercare.model.demography import BASES, GROUP_STARTS, SEXES, CountyProjection, Demography, Drawer
from eldercare.model.supply import BED_TYPES, supply_path

ELDER_GROUPS = GROUP_STARTS >= 60
# City totals of the 2018 report that are split over the counties, and the parameter of a county's own number.
SPLIT = {
    "beds_institutional": "supply.institution_beds",
    "beds_home_care_centres": "supply.home_care_centre_beds",
    "meal_points": "supply.meal_points",
}
# Age pattern of dependency behind each definition: (measure, region) in disability_prevalence.
PATTERNS = {
    "survey": ("padl_disability", "china_meta_analysis"),
    "administrative": ("padl_disability", "china_meta_analysis"),
    "census": ("unable_to_care_for_self", "shanghai_towns"),
}


@dataclass(frozen=True)
class Split:
    """A city total split over the counties: values and whether each was allocated or reported."""

    values: dict[str, float]
    allocated: dict[str, bool]


@dataclass(frozen=True)
class Capacity:
    """One county's supply and demand.

    Attributes
    ----------
    supply : dict of ndarray, shape (years,)
        Beds by bed type.
    demand_ratio, demand_need : dict of ndarray, shape (years, draws)
        Beds by bed type.
    dependents : ndarray, shape (years, draws)
        Elders in care need, persons.
    dependents_unshifted : ndarray, shape (years, draws)
        The same at the prevalence by age of the launch year, persons.
    shares : dict of ndarray, shape (draws,)
        Shares of dependents by setting: institution, home_care_centre and home; they add to 1.
    occupancy : dict of ndarray, shape (draws,)
        Target occupancy by bed type.
    """

    supply: dict[str, np.ndarray]
    demand_ratio: dict[str, np.ndarray]
    demand_need: dict[str, np.ndarray]
    dependents: np.ndarray
    dependents_unshifted: np.ndarray
    shares: dict[str, np.ndarray]
    occupancy: dict[str, np.ndarray]


def reported(tables: Mapping[str, pd.DataFrame], indicator: str) -> float:
    """Return a figure of the 2018 report by indicator."""
    rows = tables["report_2018"].query("indicator == @indicator")
    return float(rows["value"].iloc[0])


def elders_at_launch(demography: Demography, rule: str) -> np.ndarray:
    """Return elders 60+ by county at launch on the basis that an allocation rule names."""
    populations = getattr(demography.launch, rule.removesuffix("_60plus"))
    return populations[:, 60:, :].sum(axis=(1, 2))


def split_total(total: float, demography: Demography, settings: Mapping[str, Settings], parameter: str | None) -> Split:
    """Split a city total over the counties by the rule in force, keeping counties' own numbers."""
    counties = tuple(settings)
    rule = settings[counties[0]].value("allocation.rule")
    own = [settings[c].value(parameter) if parameter else None for c in counties]
    values, allocated = allocate(total, elders_at_launch(demography, rule), own)
    return Split(dict(zip(counties, values, strict=True)), dict(zip(counties, map(bool, allocated), strict=True)))


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


def prevalences(
    settings: Settings, drawer: Drawer, projection: CountyProjection, demography: Demography, tables
) -> tuple[np.ndarray, np.ndarray]:
    """Return the prevalence of dependency as at launch, and the factor on it by year.

    Returns
    -------
    prevalence : ndarray, shape (groups 60+, sexes, draws)
    factor : ndarray, shape (years, sexes, draws)
        1 under constant morbidity.
    """
    definition = settings.value("need.definition")
    city = demography.launch.resident.sum(axis=0)
    reference = np.add.reduceat(city, GROUP_STARTS, axis=0)[ELDER_GROUPS]
    pattern = age_pattern(tables, definition)[ELDER_GROUPS]
    prevalence = prevalence_by_age(drawer(f"need.{definition}.prevalence"), pattern, reference)
    gained = projection.gained_at_60(len(demography.years))
    if settings.value("need.morbidity") == "constant":
        return prevalence, np.ones_like(gained)
    gradient = age_gradient(pattern, GROUP_STARTS[ELDER_GROUPS] + 2.5, reference)
    return prevalence, shift_factor(gradient[:, None], drawer("need.morbidity_share") * gained)


def planned_shares(settings: Settings, drawer: Drawer) -> dict[str, np.ndarray]:
    """Return the draws of the shares of dependents by setting, shape (draws,) each."""
    keys = [f"need.{settings.value('need.definition')}.{kind}_share" for kind in BED_TYPES]
    return shares_by_setting(*(drawer(key) for key in keys))


def county_capacity(
    settings: Settings,
    stream: int,
    county: str,
    demography: Demography,
    tables: Mapping[str, pd.DataFrame],
    splits: Mapping[str, Split],
    changes: pd.DataFrame,
    scores: Mapping[str, np.ndarray] | None = None,
) -> Capacity:
    """Compute one county's supply and demand from its projection and settings, at random draws or given scores."""
    drawer = Drawer(settings, stream, scores)
    projection = demography.counties[county]
    resident = projection.population["resident"][:, ELDER_GROUPS]
    elders = {b: projection.population[b][:, ELDER_GROUPS].sum(axis=(1, 2)) for b in BASES}
    counted = elders[settings.value("beds.ratio_basis")]

    norm_share = settings.value("beds.norm_institution_share")
    norm = {
        "institution": settings.value("beds.norm") * norm_share,
        "home_care_centre": settings.value("beds.norm") * (1 - norm_share),
    }
    demand_ratio = {kind: demand_by_ratio(counted, norm[kind]) for kind in BED_TYPES}

    prevalence, factor = prevalences(settings, drawer, projection, demography, tables)
    unshifted = care_need(resident, prevalence)
    dependents = (
        unshifted if settings.value("need.morbidity") == "constant" else care_need(resident, prevalence, factor)
    )
    shares = planned_shares(settings, drawer)
    occupancy = {kind: drawer(f"beds.occupancy_{kind}") for kind in BED_TYPES}
    demand_need = {kind: demand_by_need(dependents, shares[kind], occupancy[kind]) for kind in BED_TYPES}

    start = {
        "institution": splits["beds_institutional"].values[county],
        "home_care_centre": splits["beds_home_care_centres"].values[county],
    }
    supply = {}
    for kind in BED_TYPES:
        required = {
            "ratio": np.median(demand_ratio[kind], axis=1),
            "need": np.median(demand_need[kind], axis=1),
        }
        supply[kind] = supply_path(settings, county, kind, start[kind], required, demography.years, changes)

    return Capacity(supply, demand_ratio, demand_need, dependents, unshifted, shares, occupancy)
