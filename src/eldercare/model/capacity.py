"""Care need of one county, and the beds that norm and need ask for, as arrays of years and draws."""

from dataclasses import dataclass

import numpy as np

from eldercare.care.beds import demand_by_need, demand_by_ratio
from eldercare.care.need import age_gradient, care_need, prevalence_by_age, prevalence_by_states, rising_within
from eldercare.inputs.city import City
from eldercare.model.demography import ELDER_AGE, GROUP_STARTS, CountyProjection, count_from
from eldercare.model.draws import Drawer
from eldercare.model.launch import AGES, Launch, Tables, ages_of
from eldercare.model.supply import BED_TYPES
from eldercare.population import SEXES

ELDER_GROUPS = GROUP_STARTS >= ELDER_AGE
ELDER_AGES = GROUP_STARTS[ELDER_GROUPS] + 2.5
# Share of elders who are severely dependent: those whom the census found unable to care for themselves.
SEVERE = "need.census.prevalence"


@dataclass(frozen=True)
class Need:
    """Elders of one county who depend on care.

    Attributes
    ----------
    dependents, dependents_unshifted : array (years, draws), persons, the other at the prevalence by age of the launch
    shares : arrays (draws,) by setting (institution, home_care_centre, home), over dependents; at home is the remainder
        of 1, nobody where more than all dependents are planned for elsewhere
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
    occupancy : arrays (draws,), residents per bed there is, at target occupancy of those that can be used
    """

    by_basis: dict[str, dict[str, np.ndarray]]
    basis: str
    need: dict[str, np.ndarray]
    occupancy: dict[str, np.ndarray]

    @property
    def ratio(self) -> dict[str, np.ndarray]:
        """Beds that the norm asks for on the basis in force."""
        return self.by_basis[self.basis]


def age_pattern(tables: Tables, city: City, name: str, reference: np.ndarray) -> np.ndarray:
    """Return relative dependency by elder age group and sex under a definition, shape (groups 60+, sexes).

    Published bands are carried to the five-year groups inside them, where it rises on as it does from band to band; a
    source without sexes serves both. ``reference`` is that of :func:`elders_by_age`.
    """
    source, table = getattr(city.dependency_patterns, name), tables["disability_prevalence"]
    table = table[(table["measure"] == source.measure) & (table["area"] == source.area)]
    table = table[table["age_group"] != f"{ELDER_AGE}+"]
    starts = GROUP_STARTS[ELDER_GROUPS]
    pattern, band = np.zeros((len(starts), len(SEXES))), np.zeros(len(starts))
    for s, sex in enumerate(SEXES):
        rows = table[table["sex"] == (sex if sex in set(table["sex"]) else "total")]
        for number, (group, value) in enumerate(zip(rows["age_group"], rows["value"], strict=True)):
            inside = np.isin(starts, AGES[ages_of(str(group))])
            pattern[inside, s], band[inside] = value, number
    return rising_within(pattern, band, ELDER_AGES, reference)


def elders_by_age(launch: Launch) -> np.ndarray:
    """Return the city's residents at launch by elder age group and sex, persons."""
    return np.add.reduceat(launch.resident.sum(axis=0), GROUP_STARTS, axis=0)[ELDER_GROUPS]


def institution_share(drawer: Drawer, way: str) -> np.ndarray:
    """Return the share of the city's elders who need a place in an institution at launch, by a way to find it."""
    keys = (SEVERE, "need.severe_in_institution") if way == "severity" else (f"need.institution_{way}",)
    return np.prod([drawer(key) for key in keys], axis=0) * drawer.settings.number("need.institution_factor")


def county_need(
    drawer: Drawer,
    projection: CountyProjection,
    pattern: np.ndarray,
    reference: np.ndarray,
    definition: str,
    way: str,
    rates: np.ndarray | None = None,
) -> Need:
    """Compute who depends on care in one county, and where the care is planned.

    Prevalence by age is set so that the city's residents at launch have the drawn share of dependents; under changing
    morbidity it shifts as life expectancy at 60 grows. Shares by setting are of the city's elders at launch; they are
    put on its dependents, with whom they go to the counties and on in time. ``pattern`` is that of :func:`age_pattern`
    for the ``definition``, ``reference`` that of :func:`elders_by_age`, ``way`` that of :func:`institution_share`.
    With ``rates``, death rates of elders by single age (years, ages, sexes, draws), states take the place of shares.
    """
    settings = drawer.settings
    resident = projection.population["resident"][:, ELDER_GROUPS]
    level = drawer(f"need.{definition}.prevalence")
    prevalence = prevalence_by_age(level, pattern, reference)
    dependents = unshifted = care_need(resident, prevalence)
    if rates is not None:
        single = np.stack([np.interp(AGES[ELDER_AGE:], ELDER_AGES, unit) for unit in np.eye(len(ELDER_AGES))], axis=1)
        by_age = np.minimum(np.exp(np.einsum("ag,gsd->asd", single, np.log(prevalence))), 0.95)
        path = prevalence_by_states(by_age, rates[: len(resident)], drawer("need.dependent_mortality"))
        path = np.add.reduceat(path, GROUP_STARTS[ELDER_GROUPS] - ELDER_AGE, axis=1)
        dependents = (resident * np.minimum(prevalence * path / path[0], 1)).sum(axis=(1, 2))
    elif settings.choice("need.morbidity") == "shifted":
        gained = projection.gained_at_60(len(resident))
        gradient = age_gradient(pattern, ELDER_AGES, reference)
        # The pattern moves to higher ages, where prevalence rises as exp(gradient x age): see docs/methods.md.
        factor = np.exp(-gradient[:, None] * drawer("need.morbidity_share") * gained)
        dependents = care_need(resident, prevalence, factor)
    institution, centre = institution_share(drawer, way) / level, drawer("need.home_care_centre_share") / level
    home = np.maximum(1 - institution - centre, 0)
    return Need(dependents, unshifted, {"institution": institution, "home_care_centre": centre, "home": home})


def county_demand(drawer: Drawer, projection: CountyProjection, need: Need) -> Demand:
    """Compute the beds of one county that the norm and the care need ask for."""
    settings = drawer.settings
    norm, share = settings.number("beds.norm"), settings.number("beds.norm_institution_share")
    norms = {"institution": norm * share, "home_care_centre": norm * (1 - share)}
    occupancy = {kind: drawer(f"beds.occupancy_{kind}") for kind in BED_TYPES}
    occupancy["institution"] = occupancy["institution"] * drawer("beds.usable_share")
    by_basis = {
        basis: {kind: demand_by_ratio(count_from(people, ELDER_AGE), norms[kind]) for kind in BED_TYPES}
        for basis, people in projection.population.items()
    }
    by_need = {kind: demand_by_need(need.dependents, need.shares[kind], occupancy[kind]) for kind in BED_TYPES}
    return Demand(by_basis, settings.choice("beds.ratio_basis"), by_need, occupancy)
