"""Care need of one county, and the beds that norm and need ask for, as arrays of years and draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eldercare.care.beds import demand_by_need, demand_by_ratio
from eldercare.care.need import age_gradient, care_need, prevalence_by_age, shares_by_setting, shift_factor
from eldercare.inputs import InputError, Problem
from eldercare.inputs.city import City
from eldercare.inputs.problems import _
from eldercare.model.demography import ELDER_AGE, GROUP_STARTS, CountyProjection, count_from
from eldercare.model.draws import Drawer
from eldercare.model.launch import AGES, Launch, Tables, ages_of
from eldercare.model.supply import BED_TYPES
from eldercare.population import SEXES

ELDER_GROUPS = GROUP_STARTS >= ELDER_AGE
# Measure of dependency by age behind each definition, in disability_prevalence; its area is the city's choice.
MEASURES = {"survey": "padl_disability", "administrative": "padl_disability", "census": "unable_to_care_for_self"}


@dataclass(frozen=True)
class Need:
    """Elders of one county who depend on care.

    Attributes
    ----------
    dependents, dependents_unshifted : array (years, draws), persons, the other at the prevalence by age of the launch
    shares : arrays (draws,) by setting (institution, home_care_centre, home), shares of dependents; they add to 1
    """

    dependents: np.ndarray
    dependents_unshifted: np.ndarray
    shares: dict[str, np.ndarray]

    def planned(self, setting: str) -> np.ndarray:
        """Return those whose care is planned in a setting, shape (years, draws)."""
        return self.dependents * self.shares[setting]


@dataclass(frozen=True)
class Demand:
    """Beds of one county that are asked for, by bed type.

    Attributes
    ----------
    by_basis : by basis and bed type, arrays (years, draws), beds that the norm asks for if it counts that basis
    basis : the one in force
    need : arrays (years, draws), beds that the care need at target occupancy asks for
    occupancy : arrays (draws,), target occupancy
    """

    by_basis: dict[str, dict[str, np.ndarray]]
    basis: str
    need: dict[str, np.ndarray]
    occupancy: dict[str, np.ndarray]

    @property
    def ratio(self) -> dict[str, np.ndarray]:
        """Beds that the norm asks for on the basis in force."""
        return self.by_basis[self.basis]


def age_pattern(tables: Tables, city: City, definition: str) -> np.ndarray:
    """Return relative dependency by elder age group and sex, shape (groups 60+, sexes).

    Published bands are carried to the five-year groups inside them; a source without sexes serves both.
    """
    measure, region = MEASURES[definition], getattr(city.dependency_patterns, definition)
    table = tables["disability_prevalence"]
    table = table[(table["measure"] == measure) & (table["area"] == region) & (table["age_group"] != f"{ELDER_AGE}+")]
    starts = GROUP_STARTS[ELDER_GROUPS]
    pattern = np.zeros((len(starts), len(SEXES)))
    for s, sex in enumerate(SEXES):
        rows = table[table["sex"] == (sex if sex in set(table["sex"]) else "total")]
        for group, value in zip(rows["age_group"], rows["value"], strict=True):
            pattern[np.isin(starts, AGES[ages_of(str(group))]), s] = value
    return pattern


def elders_by_age(launch: Launch) -> np.ndarray:
    """Return the city's residents at launch by elder age group and sex, persons."""
    return np.add.reduceat(launch.resident.sum(axis=0), GROUP_STARTS, axis=0)[ELDER_GROUPS]


def prevalence_at(
    drawer: Drawer, key: str, level: float | np.ndarray, pattern: np.ndarray, reference: np.ndarray
) -> np.ndarray:
    """Return the prevalence by age and sex at an overall ``level`` of a parameter; InputError where it exceeds 1."""
    try:
        return prevalence_by_age(level, pattern, reference)
    except ValueError as error:
        share = drawer.settings.read(key)
        message = _("with this age pattern more people of an age and sex would need help than live there")
        raise InputError(Problem(share.trail[-1].where, key, share.value, message)) from error


def county_need(drawer: Drawer, projection: CountyProjection, pattern: np.ndarray, reference: np.ndarray) -> Need:
    """Compute who depends on care in one county, and where the care is planned.

    Prevalence by age is set so that the city's residents at launch have the drawn share of dependents; under changing
    morbidity it shifts as life expectancy at 60 grows. ``pattern`` is that of :func:`age_pattern` for the definition in
    force, ``reference`` that of :func:`elders_by_age`.
    """
    settings = drawer.settings
    definition = settings.choice("need.definition")
    resident = projection.population["resident"][:, ELDER_GROUPS]
    key = f"need.{definition}.prevalence"
    prevalence = prevalence_at(drawer, key, drawer(key), pattern, reference)
    dependents = unshifted = care_need(resident, prevalence)
    if settings.choice("need.morbidity") != "constant":
        gained = projection.gained_at_60(len(resident))
        gradient = age_gradient(pattern, GROUP_STARTS[ELDER_GROUPS] + 2.5, reference)
        factor = shift_factor(gradient[:, None], drawer("need.morbidity_share") * gained)
        dependents = care_need(resident, prevalence, factor)
    institution, centre = (drawer(f"need.{definition}.{kind}_share") for kind in BED_TYPES)
    return Need(dependents, unshifted, shares_by_setting(institution, centre))


def county_demand(drawer: Drawer, projection: CountyProjection, need: Need) -> Demand:
    """Compute the beds of one county that the norm and the care need ask for."""
    settings = drawer.settings
    norm, share = settings.number("beds.norm"), settings.number("beds.norm_institution_share")
    norms = {"institution": norm * share, "home_care_centre": norm * (1 - share)}
    occupancy = {kind: drawer(f"beds.occupancy_{kind}") for kind in BED_TYPES}
    by_basis = {
        basis: {kind: demand_by_ratio(count_from(people, ELDER_AGE), norms[kind]) for kind in BED_TYPES}
        for basis, people in projection.population.items()
    }
    return Demand(
        by_basis,
        settings.choice("beds.ratio_basis"),
        {kind: demand_by_need(need.dependents, need.shares[kind], occupancy[kind]) for kind in BED_TYPES},
        occupancy,
    )
