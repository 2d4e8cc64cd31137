"""Tidy frames of results with fixed columns; the city is the sum of the counties' draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eldercare.care import beds_per_1000, break_even_uptake
from eldercare.model.capacity import BED_TYPES, SERVICES, reported, split_total
from eldercare.model.crossing import beds_per_year_to_hold, crossing_years, probability_crossed, year_quantile
from eldercare.model.demography import BASES, EVENTS, GROUP_STARTS, GROUPS, SEXES, CountyProjection

if TYPE_CHECKING:
    from eldercare.model.run import Run

QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
# Broad age groups beside the five-year ones, as (first age, last age).
BROAD = {"0-14": (0, 14), "15-59": (15, 59), "60+": (60, 999), "65+": (65, 999), "80+": (80, 999), "all": (0, 999)}
# Norms that every area is measured against, beside the scenario's own: the report's target and its level of 2018.
REPORT_NORMS = ("beds_per_1000_target", "beds_per_1000_elders")
HOLD_UNTIL = 2035


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
                }
            )
        )
    return pd.concat(blocks, ignore_index=True)


def meals_frame(run: Run, area: str) -> pd.DataFrame:
    """Return meal points, meals served and wanted per day, and the gap (positive = shortage)."""
    members = run.members(area)
    elders = run.elders(area, "resident")
    points = sum(run.capacities[c].points for c in members)
    supply = sum(run.capacities[c].meals_supply for c in members)
    demand = sum(run.capacities[c].meals_demand for c in members)
    wanted, gap = spread(demand), spread(demand - supply)
    served = sum(run.capacities[c].points * run.county_settings[c].value("meals.per_point") for c in members)
    return pd.DataFrame(
        {
            "scenario": run.scenario,
            "area": area,
            "year": run.demography.years,
            "points": points,
            "meals_supply_per_day": served,
            **{f"meals_demand_per_day_{q}": wanted[q] for q in QUANTILES},
            "points_per_10000": points / elders.mean(axis=1) * 10_000,
            "gap": gap["p50"],
            "gap_p10": gap["p10"],
            "gap_p90": gap["p90"],
            "meals_demand_per_day_mean": demand.mean(axis=1),
            "allocated": is_allocated(run, area, ("meal_points",)),
            "elders_60plus": elders.mean(axis=1),
            "break_even_uptake": break_even_uptake(
                served,
                elders.mean(axis=1),
                run.settings.value("meals.need_share"),
                run.settings.value("meals.meals_per_user"),
            ),
        }
    )


def services_frame(run: Run, area: str) -> pd.DataFrame:
    """Return what it takes to keep each service of 2018 at its launch level per resident elder."""
    growth = run.elders(area) / run.elders(area)[0]
    blocks = []
    for service, unit in SERVICES.items():
        total = reported(run.project.tables, service)
        split = split_total(total, run.demography, run.county_settings, None)
        members = run.members(area)
        level = sum(split.values[c] for c in members)
        needed = spread(level * growth)
        blocks.append(
            pd.DataFrame(
                {
                    "scenario": run.scenario,
                    "area": area,
                    "year": run.demography.years,
                    "service": service,
                    "unit": unit,
                    "reported_2018": level,
                    "allocated": len(members) == 1,
                    **{f"needed_{q}": needed[q] for q in QUANTILES},
                }
            )
        )
    return pd.concat(blocks, ignore_index=True)


def crossing_frame(run: Run, area: str) -> pd.DataFrame:
    """Return the first year below each norm, its probability, and the beds per year that hold the norm.

    Beds per year are those from the first building year to 2035 that hold the norm in the median.
    An empty crossing year means: not within the horizon in that share of the draws.
    """
    years = run.demography.years
    settings = run.settings if area == run.area else run.county_settings.get(area, run.settings)
    basis = settings.value("beds.ratio_basis")
    supply = area_supply(run, area, "all")
    elders = {b: run.elders(area, b) for b in BASES}
    ratio = {b: beds_per_1000(supply[:, None], elders[b]) for b in BASES}
    first = int(settings.value("supply.first_year"))
    target = int(np.searchsorted(years, HOLD_UNTIL))
    norms = {float(settings.value("beds.norm")), *(reported(run.project.tables, i) for i in REPORT_NORMS)}
    rows = []
    for norm in sorted(norms):
        crossed = {b: crossing_years(ratio[b], years, norm) for b in BASES}
        row = {"scenario": run.scenario, "area": area, "norm": norm}
        row |= {f"crossing_year_{q}": year_quantile(crossed[basis], QUANTILES[q]) for q in ("p50", "p10", "p90")}
        row["probability_by_2030"] = probability_crossed(crossed[basis], 2030)
        row["beds_per_year_to_hold"] = beds_per_year_to_hold(
            elders[basis][target], norm, float(supply[np.searchsorted(years, first - 1)]), HOLD_UNTIL - first + 1
        )
        row |= {f"probability_by_{y}": probability_crossed(crossed[basis], y) for y in (2025, 2035)}
        row["elders_basis"] = basis
        for b in BASES:
            row[f"crossing_year_{b}_p50"] = year_quantile(crossed[b], 0.5)
        rows.append(row)
    frame = pd.DataFrame(rows)
    for column in [c for c in frame if c.startswith("crossing_year")]:
        frame[column] = frame[column].replace(np.inf, np.nan).astype("Int64")
    return frame
