"""Tidy frames of results with fixed columns; the city is the sum of the counties' draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eldercare.care import (
    add_per_year,
    beds_per_1000,
    crossing_years,
    full_enough,
    probability_crossed,
    year_quantile,
)
from eldercare.inputs import CITY, Settings, resolve
from eldercare.model.capacity import BED_TYPES, reported
from eldercare.model.demography import BASES, EVENTS, GROUP_STARTS, GROUPS, SEXES, CountyProjection
from eldercare.model.institutions import gap_parts

if TYPE_CHECKING:
    from eldercare.model.run import Run

QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
# Broad age groups beside the five-year ones, as (first age, last age).
BROAD = {"0-14": (0, 14), "15-59": (15, 59), "60+": (60, 999), "65+": (65, 999), "80+": (80, 999), "all": (0, 999)}
# Norms that every area is measured against, beside the scenario's own: the report's target and its level of 2018.
REPORT_NORMS = ("beds_per_1000_target", "beds_per_1000_elders")
HOLD_UNTIL = 2035
# Probability with which a norm is to hold where the median is not safe enough.
SAFE = 0.8
# Sizes of home (beds) for which the occupancy margin is shown beside the mean size of the report.
HOME_SIZES = (20, 50, 100)


def add_projections(parts: Sequence[CountyProjection]) -> CountyProjection:
    """Return the sum of projections, draw by draw; life expectancy is weighted by residents."""
    if len(parts) == 1:
        return parts[0]

    def total(name: str) -> dict[str, np.ndarray]:
        return {basis: sum(getattr(p, name)[basis] for p in parts) for basis in BASES}

    weights = np.array([p.population["resident"][0].sum() for p in parts])
    means = {
        name: np.einsum("c,ctsd->tsd", weights / weights.sum(), np.stack([getattr(p, name) for p in parts]))
        for name in ("e0", "e60")
    }
    return CountyProjection(**{name: total(name) for name in ("population", *EVENTS)}, **means)


def count_from(population: np.ndarray, from_age: int) -> np.ndarray:
    """Return persons of an age (a multiple of five) and over, shape (years, draws)."""
    return population[:, GROUP_STARTS >= from_age].sum(axis=(1, 2))


def spread(draws: np.ndarray) -> dict[str, np.ndarray]:
    """Return the quantiles p10, p50 and p90 over the last axis."""
    values = np.quantile(draws, list(QUANTILES.values()), axis=-1)
    return dict(zip(QUANTILES, values, strict=True))


def population_frame(run: Run, area: str) -> pd.DataFrame:
    """Return population by basis, year, sex and age group with mean and quantiles (persons)."""
    years = run.demography.years
    projection = run.projection(area)
    blocks = []
    for basis in BASES:
        population = projection.population[basis]
        by_sex = {**{sex: population[:, :, s] for s, sex in enumerate(SEXES)}, "total": population.sum(axis=2)}
        for sex, groups in by_sex.items():
            cells = [groups]
            for low, high in BROAD.values():
                inside = (GROUP_STARTS >= low) & (GROUP_STARTS <= high)
                cells.append(groups[:, inside].sum(axis=1, keepdims=True))
            values = np.concatenate(cells, axis=1)
            names = GROUPS + list(BROAD)
            blocks.append(
                pd.DataFrame(
                    {
                        "scenario": run.scenario,
                        "area": area,
                        "basis": basis,
                        "year": np.repeat(years, len(names)),
                        "sex": sex,
                        "age_group": names * len(years),
                        "mean": values.mean(axis=-1).ravel(),
                        **{k: v.ravel() for k, v in spread(values).items()},
                    }
                )
            )
    return pd.concat(blocks, ignore_index=True)


def area_supply(run: Run, area: str, kind: str) -> np.ndarray:
    """Return beds of a kind (or of all kinds) by year."""
    kinds = BED_TYPES if kind == "all" else (kind,)
    return sum(run.capacities[c].supply[k] for c in run.members(area) for k in kinds)


def area_demand(run: Run, area: str, kind: str, ladder: str) -> np.ndarray:
    """Return demand draws (years, draws) of a kind (or of all) by ladder ``ratio`` or ``need``."""
    kinds = BED_TYPES if kind == "all" else (kind,)
    return sum(getattr(run.capacities[c], f"demand_{ladder}")[k] for c in run.members(area) for k in kinds)


def is_allocated(run: Run, area: str, indicators: Sequence[str]) -> bool:
    """Say whether any of an area's figures was split from a city total; the city's own totals are reported."""
    members = run.members(area)
    return len(members) == 1 and any(run.splits[i].allocated[members[0]] for i in indicators)


def beds_frame(run: Run, area: str) -> pd.DataFrame:
    """Return beds by year and bed type: supply, both demands, both gaps (positive = shortage)."""
    years = run.demography.years
    basis = run.settings.value("beds.ratio_basis")
    elders = {b: run.elders(area, b) for b in BASES}
    indicators = {
        "institution": ("beds_institutional",),
        "home_care_centre": ("beds_home_care_centres",),
        "all": ("beds_institutional", "beds_home_care_centres"),
    }
    blocks = []
    for kind in (*BED_TYPES, "all"):
        supply = area_supply(run, area, kind)
        demand = {ladder: area_demand(run, area, kind, ladder) for ladder in ("ratio", "need")}
        gaps = {ladder: spread(values - supply[:, None]) for ladder, values in demand.items()}
        blocks.append(
            pd.DataFrame(
                {
                    "scenario": run.scenario,
                    "area": area,
                    "year": years,
                    "bed_type": kind,
                    "supply": supply,
                    "allocated": is_allocated(run, area, indicators[kind]),
                    "elders_60plus": elders[basis].mean(axis=1),
                    "beds_per_1000": beds_per_1000(supply, elders[basis].mean(axis=1)),
                    "demand_ratio": demand["ratio"].mean(axis=1),
                    "demand_need": demand["need"].mean(axis=1),
                    **{f"gap_{ladder}_{q}": gaps[ladder][q] for ladder in gaps for q in ("p50", "p10", "p90")},
                    "elders_basis": basis,
                    "elders_60plus_registered": elders["registered"].mean(axis=1),
                    "beds_per_1000_registered": beds_per_1000(supply, elders["registered"].mean(axis=1)),
                    "elders_60plus_resident": elders["resident"].mean(axis=1),
                    "beds_per_1000_resident": beds_per_1000(supply, elders["resident"].mean(axis=1)),
                    **need_columns(run, area, kind),
                }
            )
        )
    return pd.concat(blocks, ignore_index=True)


def need_columns(run: Run, area: str, kind: str) -> dict[str, np.ndarray]:
    """Return the persons behind the beds of a kind, and for institutions the queue and the nursing-type beds."""
    kinds = BED_TYPES if kind == "all" else (kind,)
    capacities = [run.capacities[c] for c in run.members(area)]
    columns = {
        "dependents": sum(c.dependents for c in capacities).mean(axis=1),
        "need_persons": sum(c.dependents * c.shares[k] for c in capacities for k in kinds).mean(axis=1),
    }
    for name, one in institution_draws(run, area).items() if kind == "institution" else ():
        quantiles = spread(one)
        columns |= {f"{name}_{q}": quantiles[q] for q in ("p50", "p10", "p90")}
    return columns


def institution_draws(run: Run, area: str) -> dict[str, np.ndarray]:
    """Return the draws of an area's institutions (years, draws): persons living there and waiting, beds by type.

    ``residents`` and ``waiting`` hold if all in need ask for a place, those ``_as_today`` if as large a part of
    the dependents as today does.
    """
    parts = [run.institutions[c] for c in run.members(area)]
    nursing = sum(p.nursing for p in parts)
    return {
        "residents": sum(p.queue_need.residents for p in parts),
        "waiting": sum(p.queue_need.waiting for p in parts),
        "residents_as_today": sum(p.queue_demand.residents for p in parts),
        "waiting_as_today": sum(p.queue_demand.waiting for p in parts),
        "nursing_beds": nursing,
        "nursing_missing": sum(p.nursing_wanted for p in parts)[:, None] - nursing,
    }


def gap_change(run: Run, area: str, year: int = HOLD_UNTIL) -> dict[str, float]:
    """Return the parts of the gap of institution beds by need in a year, beds; see ``gap_parts``."""
    members = run.members(area)
    return gap_parts(
        [run.capacities[c] for c in members],
        [run.institutions[c] for c in members],
        [run.elders(c) for c in members],
        int(np.searchsorted(run.demography.years, year)),
    )


def occupancy_margin(run: Run) -> pd.DataFrame:
    """Return how full homes of several sizes can be run without turning away more than the share allowed.

    The last row is the mean size of the homes in the 2018 report.
    """
    tables = run.project.tables
    mean = reported(tables, "beds_institutional") / reported(tables, "institutions")
    sizes = [*HOME_SIZES, round(mean)]
    allowed = float(run.settings.value("beds.turned_away"))
    return pd.DataFrame({"beds": sizes, "occupancy": [full_enough(size, allowed) for size in sizes]})


def crossed_in(run: Run, area: str, norm: float, basis: str) -> np.ndarray:
    """Return the first year below a norm in each draw, shape (draws,); ``inf`` where not within the years."""
    ratio = beds_per_1000(area_supply(run, area, "all")[:, None], run.elders(area, basis))
    return crossing_years(ratio, run.demography.years, norm)


def settings_of(run: Run, area: str) -> Settings:
    """Return the settings of any area of a run."""
    if area == run.area:
        return run.settings
    return run.county_settings[area] if area != CITY else resolve(run.project, CITY, run.scenario)


def crossing_frame(run: Run, area: str) -> pd.DataFrame:
    """Return the first year below each norm, its probability, and the beds per year that hold the norm.

    Beds per year are those from the first building year to 2035 that hold the norm in the median, and in
    80% of the draws.
    An empty crossing year means: not within the horizon in that share of the draws.
    """
    years = run.demography.years
    settings = settings_of(run, area)
    basis = settings.value("beds.ratio_basis")
    first = int(settings.value("supply.first_year"))
    before = area_supply(run, area, "all")[max(first - 1 - years[0], 0)]
    elders = run.elders(area, basis)[HOLD_UNTIL - years[0]]
    building = max(HOLD_UNTIL - first + 1, 1)
    norms = {float(settings.value("beds.norm")), *(reported(run.project.tables, i) for i in REPORT_NORMS)}
    rows = []
    for norm in sorted(norms):
        crossed = {b: crossed_in(run, area, norm, b) for b in BASES}
        row = {"scenario": run.scenario, "area": area, "norm": norm}
        row |= {f"crossing_year_{q}": year_quantile(crossed[basis], QUANTILES[q]) for q in ("p50", "p10", "p90")}
        row["probability_by_2030"] = probability_crossed(crossed[basis], 2030)
        row["beds_per_year_to_hold"] = add_per_year(norm / 1000, elders, before, building)
        row |= {f"probability_by_{y}": probability_crossed(crossed[basis], y) for y in (2025, 2035)}
        row["elders_basis"] = basis
        for b in BASES:
            row[f"crossing_year_{b}_p50"] = year_quantile(crossed[b], 0.5)
        row["beds_per_year_to_hold_80"] = add_per_year(norm / 1000, elders, before, building, SAFE)
        rows.append(row)
    frame = pd.DataFrame(rows)
    for column in [c for c in frame if c.startswith("crossing_year")]:
        frame[column] = frame[column].replace(np.inf, np.nan).astype("Int64")
    return frame


def first_short(run: Run) -> pd.DataFrame:
    """Return for each county when it falls below its norm, and how often it is the first to do so.

    Counties below their norm in the first year already (in the median) are not ranked; counties that cross in
    the same year are both first.

    Returns
    -------
    DataFrame
        One row per county: area, norm, crossing_year_p50 (empty: not within the years), already,
        probability_first.
    """
    start = run.demography.years[0]
    norms = {c: float(s.value("beds.norm")) for c, s in run.county_settings.items()}
    crossed = {c: crossed_in(run, c, norms[c], s.value("beds.ratio_basis")) for c, s in run.county_settings.items()}
    middle = {c: year_quantile(values, 0.5) for c, values in crossed.items()}
    later = [c for c in crossed if middle[c] > start]
    earliest = np.min([crossed[c] for c in later], axis=0) if later else None
    first = {c: float(np.mean((crossed[c] == earliest) & np.isfinite(earliest))) for c in later}
    return pd.DataFrame(
        {
            "area": list(crossed),
            "norm": list(norms.values()),
            "crossing_year_p50": [middle[c] if np.isfinite(middle[c]) else np.nan for c in crossed],
            "already": [c not in later for c in crossed],
            "probability_first": [first.get(c, np.nan) for c in crossed],
        }
    )
