"""Supply: city totals split over the counties, and beds by year under each building plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eldercare.care import allocate, build_to_norm
from eldercare.inputs import InputError, Problem, Settings
from eldercare.inputs.bed_changes import FILE, TABLE, row_problems
from eldercare.inputs.problems import _
from eldercare.model.launch import Launch, Tables

# Bed types and the report's indicator of each.
BED_INDICATORS = {"institution": "beds_institutional", "home_care_centre": "beds_home_care_centres"}
BED_TYPES = tuple(BED_INDICATORS)
# City totals of the report that are split over the counties, and the parameter of a county's own number.
SPLIT = {
    "beds_institutional": "supply.institution_beds",
    "beds_home_care_centres": "supply.home_care_centre_beds",
    "meal_points": "supply.meal_points",
}
# Ladder of demand that a plan builds to.
GOALS = {"hold_norm": "ratio", "hold_need": "need"}
SIGNS = {"open": 1, "close": -1, "convert_to_nursing": 0}


@dataclass(frozen=True)
class Split:
    """A city total split over the counties: values and whether each was allocated or reported."""

    values: dict[str, float]
    allocated: dict[str, bool]


def kinds_of(kind: str) -> tuple[str, ...]:
    """Return the bed types that a kind stands for: itself, or both for ``all``."""
    return BED_TYPES if kind == "all" else (kind,)


def elders_at_launch(launch: Launch, rule: str) -> np.ndarray:
    """Return elders 60+ by county at launch on the basis that an allocation rule names."""
    return getattr(launch, rule.removesuffix("_60plus"))[:, 60:].sum(axis=(1, 2))


def split_total(total: float, weights: np.ndarray, own: Mapping[str, float | None]) -> Split:
    """Split a city total over the counties in proportion to weights, keeping the counties' own numbers."""
    values, allocated = allocate(total, weights.tolist(), list(own.values()))
    return Split(dict(zip(own, values, strict=True)), dict(zip(own, map(bool, allocated), strict=True)))


def changes_by_county(tables: Tables, city: str, counties: tuple[str, ...], weights: np.ndarray) -> pd.DataFrame:
    """Return the table of bed changes with the city's rows spread over the counties.

    A row of the city is a total: counties with a row of their own for the same year, bed type and operation
    keep their number, and the others share what remains in proportion to the weights.

    Parameters
    ----------
    tables : mapping of data/raw tables
        The table of changes is optional; without it nothing changes.
    city : str
        The city's id.
    counties : tuple of str
    weights : ndarray, shape (counties,)
        Elders of the allocation rule, persons.

    Returns
    -------
    DataFrame
        Columns area, year, bed_type, operation, beds, allocated.

    Raises
    ------
    InputError
        If the rows do not fit together; see ``row_problems``.
    """
    columns = ["area", "year", "bed_type", "operation", "beds"]
    if TABLE not in tables or tables[TABLE].empty:
        return pd.DataFrame({name: [] for name in [*columns, "allocated"]})
    table = tables[TABLE]
    if problems := row_problems(table, city):
        raise InputError(problems)
    rows: list[tuple[object, ...]] = []
    for key, group in table.groupby(["year", "bed_type", "operation"]):
        own = group[group["area"] != city].groupby("area")["beds"].sum()
        total = group[group["area"] == city]
        if total.empty:
            rows += [(area, *key, beds, False) for area, beds in own.items()]
            continue
        split = split_total(float(total["beds"].sum()), weights, {county: own.get(county) for county in counties})
        rows += [(area, *key, beds, split.allocated[area]) for area, beds in split.values.items()]
    return pd.DataFrame(rows, columns=[*columns, "allocated"])


def planned(changes: pd.DataFrame, county: str, kind: str, start: float, years: np.ndarray) -> np.ndarray:
    """Return beds by year with the county's openings and closings, shape (years,)."""
    rows = changes[(changes["area"] == county) & (changes["bed_type"] == kind)]
    net = rows["beds"] * rows["operation"].map(SIGNS).astype(float)
    return start + np.array([net[rows["year"] <= year].sum() for year in years])


def closing_problem(beds: np.ndarray, county: str, kind: str, start: float, years: np.ndarray) -> Problem | None:
    """Return the fault of a plan by which more beds close than there are; None where it has none."""
    below = beds < -1e-9
    if not below.any():
        return None
    message = _(
        "{more:,.0f} more beds would close by then than the county has; it starts with {start:,.0f}",
        more=-float(beds.min()),
        start=start,
    )
    return Problem(FILE, f"{county}, {kind}", int(years[below.argmax()]), message)


def converted(changes: pd.DataFrame, county: str, years: np.ndarray) -> np.ndarray:
    """Return the institution beds made nursing-type by the end of each year, shape (years,)."""
    rows = changes[(changes["area"] == county) & (changes["operation"] == "convert_to_nursing")]
    return np.array([rows["beds"][rows["year"] <= year].sum() for year in years], dtype=float)


def county_supply(
    settings: Settings,
    county: str,
    start: Mapping[str, float],
    goal: Callable[[str, str], np.ndarray],
    changes: pd.DataFrame,
    years: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return the beds of a county by bed type under the plan in force, shape (years,) each.

    Parameters
    ----------
    settings : Settings
    county : str
    start : mapping of str to float
        Beds of the report by bed type.
    goal : callable
        Beds by year that the norm (``ratio``) or the need at target occupancy (``need``) asks for of a bed type.
    changes : DataFrame
        Of :func:`changes_by_county`.
    years : ndarray, shape (years,)

    Raises
    ------
    InputError
        If more beds close than there are.
    """
    plan, first = settings.choice("supply.plan"), settings.integer("supply.first_year")
    supply = {}
    for kind, beds in start.items():
        supply[kind] = np.full(len(years), float(beds))
        if plan == "planned":
            supply[kind] = planned(changes, county, kind, beds, years)
            if problem := closing_problem(supply[kind], county, kind, beds, years):
                raise InputError(problem)
        elif plan == "steady":
            share = settings.number("beds.norm_institution_share")
            part = share if kind == "institution" else 1 - share
            supply[kind] += settings.number("supply.beds_per_year") * part * np.clip(years - first + 1, 0, None)
        elif plan in GOALS:
            catch_up = settings.integer("supply.catch_up_years")
            supply[kind] = build_to_norm(beds, goal(GOALS[plan], kind), years, first, catch_up)
    return supply
