"""Services: what was reported, what keeps pace with the elders, and the care workers that care asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eldercare.care.allocation import Split
from eldercare.model.capacity import Need
from eldercare.model.demography import CountyProjection, count_from
from eldercare.model.draws import Drawer, total

PURCHASED = "elders_with_government_purchased_home_care"
WORKERS, TRAINEES = "care_workers", "care_worker_trainees"
# The unit of all kinds of home-care centres, and the percentage of villages and communities that have one.
CENTRES, COVERAGE = "centres", "home_care_centre_coverage"


@dataclass(frozen=True)
class Kind:
    """A service of the report: its unit, the parameter of its share of another service."""

    unit: str
    of: str = ""
    share: str = ""


# Services in the order of the page. Care workers were not reported: only trainees were.
SERVICES = {
    PURCHASED: Kind("persons"),
    "home_care_centres": Kind(CENTRES),
    "home_care_centres_demonstration": Kind(CENTRES),
    "home_care_centres_socially_run": Kind(CENTRES),
    "home_care_centres_with_medical_agreement": Kind(CENTRES, "home_care_centres", "services.agreement_share"),
    "institutions": Kind("institutions"),
    "institutions_with_internal_medical": Kind("institutions", "institutions", "services.medical_unit_share"),
    "institutions_with_medical_partner": Kind("institutions", "institutions", "services.medical_partner_share"),
    "institutions_public_built_private_run": Kind("institutions"),
    WORKERS: Kind("persons"),
    TRAINEES: Kind("persons"),
}
# Those of which the report has a total.
REPORTED = tuple(name for name in SERVICES if name != WORKERS)


@dataclass(frozen=True)
class CountyServices:
    """One county's services.

    Attributes
    ----------
    levels : reported level by service, the county's share of the city total or its own; NaN where none was reported
    allocated : whether the level was split from the city total, by service
    needed : arrays (years, draws), level that keeps pace, by service; trainees are persons per year
    workers_institution, workers_home : arrays (years, draws), care workers asked for there, full-time equivalents
    """

    levels: dict[str, float]
    allocated: dict[str, bool]
    needed: dict[str, np.ndarray]
    workers_institution: np.ndarray
    workers_home: np.ndarray


def degrees(drawer: Drawer) -> dict[str, np.ndarray]:
    """Return the share of each degree among those who depend on care, arrays (draws,); they add up to 1."""
    heavy = np.minimum(drawer("severity.heavy"), 1.0)
    medium = np.minimum(drawer("severity.medium"), 1 - heavy)
    return {"light": 1 - medium - heavy, "medium": medium, "heavy": heavy}


def workers_per_resident(drawer: Drawer) -> np.ndarray:
    """Return the care workers that a resident asks for, mean over the degrees of dependency, (draws,)."""
    return total(share / drawer(f"services.residents_per_worker_{name}") for name, share in degrees(drawer).items())


def county_services(
    drawer: Drawer,
    county: str,
    projection: CountyProjection,
    need: Need,
    residents: np.ndarray,
    splits: Mapping[str, Split],
    covered: bool,
) -> CountyServices:
    """Compute one county's services from the split totals of ``REPORTED``.

    Where every place is ``covered`` by a centre, growth asks for larger centres and not for more: their number stays.

    Care workers follow those who live in institutions, ``residents`` (years, draws), and those who depend on care
    outside: a plan that builds fills its beds as far as people apply as today; one that closes beds sends care home.
    """
    settings = drawer.settings
    levels = {name: split.values[county] for name, split in splits.items()}
    workers = settings.value("services.workers")
    levels[WORKERS] = np.nan if workers is None else workers
    paced, ages = settings.choice("services.keep_pace_with"), {"elders": 60, "oldest_old": 80}
    driver = count_from(projection.population["resident"], ages[paced]) if paced in ages else need.dependents
    growth = driver / driver[0]
    needed: dict[str, np.ndarray] = {}
    for name, kind in SERVICES.items():
        if name not in (PURCHASED, WORKERS, TRAINEES):
            target = settings.value(kind.share) if kind.share else None
            pace = np.ones_like(growth) if covered and kind.unit == CENTRES else growth
            needed[name] = levels[name] * pace if target is None else target * needed[kind.of]
    registered = count_from(projection.population["registered"], 60)
    needed[PURCHASED] = settings.number("services.purchased_share") * registered
    inside = np.minimum(residents, need.dependents)
    institution = inside * workers_per_resident(drawer)
    home = (need.dependents - inside) * drawer("services.home_care_share") / drawer("services.clients_per_worker")
    needed[WORKERS] = institution + home
    needed[TRAINEES] = needed[WORKERS] * drawer("services.turnover")
    allocated = {name: split.allocated[county] for name, split in splits.items()} | {WORKERS: False}
    return CountyServices(levels, allocated, needed, institution, home)
