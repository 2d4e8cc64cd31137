"""Services: what was reported in 2018, what keeps pace with the elders, and the care workers that care asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eldercare.care import care_workers, pace_by_year
from eldercare.model.capacity import reported, split_total
from eldercare.model.demography import Drawer
from eldercare.model.frames import QUANTILES, settings_of, spread

if TYPE_CHECKING:
    from eldercare.model.run import Run

PURCHASED = "elders_with_government_purchased_home_care"
WORKERS, TRAINEES = "care_workers", "care_worker_trainees"


@dataclass(frozen=True)
class Kind:
    """A service of the report: its unit, the parameter of its share of another service, a county's own number."""

    unit: str
    of: str = ""
    share: str = ""
    own: str | None = None


# Services in the order of the page. Care workers were not reported: only trainees were.
SERVICES = {
    PURCHASED: Kind("persons", own="services.purchased"),
    "home_care_centres": Kind("centres"),
    "home_care_centres_demonstration": Kind("centres"),
    "home_care_centres_socially_run": Kind("centres"),
    "home_care_centres_with_medical_agreement": Kind("centres", "home_care_centres", "services.agreement_share"),
    "institutions": Kind("institutions"),
    "institutions_with_internal_medical": Kind("institutions", "institutions", "services.medical_unit_share"),
    "institutions_with_medical_partner": Kind("institutions", "institutions", "services.medical_partner_share"),
    "institutions_public_built_private_run": Kind("institutions"),
    WORKERS: Kind("persons"),
    TRAINEES: Kind("persons"),
}


@dataclass(frozen=True)
class CountyServices:
    """One county's services.

    Attributes
    ----------
    levels : dict of float
        Level of 2018 by service: the county's share of the city total or its own; NaN where nothing was reported.
    allocated : dict of bool
        Whether the level was split from the city total.
    needed : dict of ndarray, shape (years, draws)
        Level that keeps pace, by service; trainees are persons per year.
    workers_institution, workers_home : ndarray, shape (years, draws)
        Care workers asked for in institutions and in home care, full-time equivalents.
    trained : float
        Trainees per year at the assumed number of courses, persons.
    """

    levels: dict[str, float]
    allocated: dict[str, bool]
    needed: dict[str, np.ndarray]
    workers_institution: np.ndarray
    workers_home: np.ndarray
    trained: float


def county_services(run: Run, county: str) -> CountyServices:
    """Compute one county's services from its projection, dependents and settings."""
    settings = run.county_settings[county]
    drawer = Drawer(settings, run.streams[county])
    tables = run.project.tables
    splits = {
        name: split_total(reported(tables, name), run.demography, run.county_settings, kind.own)
        for name, kind in SERVICES.items()
        if name != WORKERS
    }
    levels = {name: split.values[county] for name, split in splits.items()}
    own = settings.value("services.workers")
    levels[WORKERS] = np.nan if own is None else float(own)

    capacity = run.capacities[county]
    dependents = capacity.dependents
    drivers = {
        "elders": lambda: run.elders(county),
        "oldest_old": lambda: run.elders(county, from_age=80),
        "dependents": lambda: dependents,
    }
    driver = drivers[settings.value("services.keep_pace_with")]()
    growth = driver / driver[0]
    needed = {}
    for name, kind in SERVICES.items():
        target = settings.value(kind.share) if kind.share else None
        if name in levels and name not in (PURCHASED, WORKERS, TRAINEES):
            needed[name] = levels[name] * growth if target is None else target * needed[kind.of]
    needed[PURCHASED] = settings.value("services.purchased_share") * run.elders(county, "registered")

    inside = dependents * capacity.shares["institution"]
    institution = care_workers(inside, drawer("services.residents_per_worker"))
    home = care_workers(
        (dependents - inside) * drawer("services.home_care_share"), drawer("services.clients_per_worker")
    )
    needed[WORKERS] = institution + home
    needed[TRAINEES] = needed[WORKERS] * drawer("services.turnover")
    trained = levels[TRAINEES] / reported(tables, "care_worker_training_cohorts")
    return CountyServices(
        levels,
        {name: split.allocated[county] for name, split in splits.items()} | {WORKERS: False},
        needed,
        institution,
        home,
        trained * float(settings.value("services.cohorts_per_year")),
    )


def services_frame(run: Run, area: str) -> pd.DataFrame:
    """Return what it takes to keep pace by service and year, and what is to be added per year from the first year on.

    Trainees are a flow: what is needed are trainees per year who replace the care workers that leave.
    """
    members, years = run.members(area), run.demography.years
    parts = [run.county_services[c] for c in members]
    first = int(settings_of(run, area).value("services.first_year"))
    blocks = []
    for name, kind in SERVICES.items():
        level = float(sum(part.levels[name] for part in parts))
        draws = sum(part.needed[name] for part in parts)
        needed = spread(draws)
        if name == TRAINEES:
            # A flow is not built up in steps: what is missing is missing every year.
            trained = sum(part.trained for part in parts)
            steps = {q: np.where(years >= first, np.maximum(needed[q] - trained, 0.0), np.nan) for q in QUANTILES}
        else:
            existing = np.full(len(years), level)
            steps = {q: pace_by_year(draws, existing, years, first, share) for q, share in QUANTILES.items()}
        blocks.append(
            pd.DataFrame(
                {
                    "scenario": run.scenario,
                    "area": area,
                    "year": years,
                    "service": name,
                    "unit": kind.unit,
                    "reported": level,
                    "allocated": len(members) == 1 and parts[0].allocated[name],
                    "needed_mean": draws.mean(axis=1),
                    **{f"needed_{q}": needed[q] for q in QUANTILES},
                    **{f"to_add_per_year_{q}": steps[q] for q in QUANTILES},
                }
            )
        )
    return pd.concat(blocks, ignore_index=True)
