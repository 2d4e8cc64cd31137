"""Supply: figures of the report and their split over the counties, and beds by year under each building plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eldercare.care import allocate, build_to_norm
from eldercare.inputs import CITY, InputError, Problem, Settings
from eldercare.inputs.bed_changes import FILE, TABLE, row_problems
from eldercare.model.launch import Launch

# Bed types and the report's indicator of each.
BED_INDICATORS = {"institution": "beds_institutional", "home_care_centre": "beds_home_care_centres"}
BED_TYPES = tuple(BED_INDICATORS)
# City totals of the report that are split over the counties, and the parameter of a county's own number.
SPLIT = {
    "beds_institutional": "supply.institution_beds",
    "beds_home_care_centres": "supply.home_care_centre_beds",
    "meal_points": "supply.meal_points",
}
SIGNS = {"open": 1, "close": -1, "convert_to_nursing": 0}


@dataclass(frozen=True)
class Split:
    """A city total split over the counties: values and whether each was allocated or reported."""

    values: dict[str, float]
    allocated: dict[str, bool]


def kinds_of(kind: str) -> tuple[str, ...]:
    """Return the bed types that a kind stands for: itself, or both for ``all``."""
    return BED_TYPES if kind == "all" else (kind,)


def reported(tables: Mapping[str, pd.DataFrame], indicator: str) -> float:
    """Return a figure of the report by indicator."""
    rows = tables["report_2018"].query("indicator == @indicator")
    return float(rows["value"].iloc[0])


def elders_at_launch(launch: Launch, rule: str) -> np.ndarray:
    """Return elders 60+ by county at launch on the basis that an allocation rule names."""
    populations = getattr(launch, rule.removesuffix("_60plus"))
    return populations[:, 60:, :].sum(axis=(1, 2))


def split_total(total: float, weights: np.ndarray, own: Mapping[str, float | None]) -> Split:
    """Split a city total over the counties in proportion to weights, keeping the counties' own numbers."""
    values, allocated = allocate(total, weights, list(own.values()))
    return Split(dict(zip(own, values, strict=True)), dict(zip(own, map(bool, allocated), strict=True)))


def changes_by_county(
    tables: Mapping[str, pd.DataFrame], counties: tuple[str, ...], weights: np.ndarray
) -> pd.DataFrame:
    """Return the table of bed changes with the city's rows spread over the counties.

    A row of the city is a total: counties with a row of their own for the same year, bed type and operation
    keep their number, and the others share what remains in proportion to the weights.

    Parameters
    ----------
    tables : mapping of data/raw tables
        The table of changes is optional; without it nothing changes.
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
        return pd.DataFrame({c: [] for c in [*columns, "allocated"]})
    table = tables[TABLE]
    if problems := row_problems(table):
        raise InputError(problems)
    rows = []
    for key, group in table.groupby(["year", "bed_type", "operation"]):
        own = group[group["area"] != CITY].groupby("area")["beds"].sum()
        city = group[group["area"] == CITY]
        if city.empty:
            rows += [(area, *key, beds, False) for area, beds in own.items()]
            continue
        beds, allocated = allocate(float(city["beds"].sum()), weights, [own.get(county) for county in counties])
        rows += [(area, *key, *one) for area, *one in zip(counties, beds, map(bool, allocated), strict=True)]
    return pd.DataFrame(rows, columns=[*columns, "allocated"])


def tabled(changes: pd.DataFrame, county: str, kind: str, start: float, years: np.ndarray) -> np.ndarray:
    """Return beds by year with the county's openings and closings, shape (years,).

    Raises
    ------
    InputError
        If more beds close than there are.
    """
    rows = changes[(changes["area"] == county) & (changes["bed_type"] == kind)]
    net = rows["beds"] * rows["operation"].map(SIGNS).astype(float)
    beds = start + np.array([net[rows["year"] <= year].sum() for year in years])
    below = beds < -1e-9
    if below.any():
        raise InputError(
            Problem(
                FILE,
                f"{county}, {kind}",
                int(years[below.argmax()]),
                f"{-beds.min():,.0f} more beds would close by then than the county has; it starts with {start:,.0f}",
            )
        )
    return beds


def converted(changes: pd.DataFrame, county: str, years: np.ndarray) -> np.ndarray:
    """Return the institution beds made nursing-type by the end of each year, shape (years,)."""
    rows = changes[(changes["area"] == county) & (changes["operation"] == "convert_to_nursing")]
    return np.array([rows["beds"][rows["year"] <= year].sum() for year in years], dtype=float)


def supply_path(
    settings: Settings,
    county: str,
    kind: str,
    start: float,
    required: Mapping[str, np.ndarray],
    years: np.ndarray,
    changes: pd.DataFrame,
) -> np.ndarray:
    """Return the beds of a kind by year under the plan in force, shape (years,).

    Parameters
    ----------
    settings : Settings
    county, kind : str
    start : float
        Beds of 2018.
    required : dict of ndarray, shape (years,)
        Beds that the norm (``ratio``) and the need at target occupancy (``need``) ask for, medians.
    years : ndarray, shape (years,)
    changes : DataFrame
        Of :func:`changes_by_county`.
    """
    plan, first = settings.value("supply.plan"), int(settings.value("supply.first_year"))
    if plan == "planned":
        return tabled(changes, county, kind, start, years)
    if plan == "steady":
        share = settings.value("beds.norm_institution_share")
        part = share if kind == "institution" else 1 - share
        return start + settings.value("supply.beds_per_year") * part * np.clip(years - first + 1, 0, None)
    if plan in ("hold_norm", "hold_need"):
        goal = required[plan.removeprefix("hold_").replace("norm", "ratio")]
        return build_to_norm(start, goal, years, first, int(settings.value("supply.catch_up_years")))
    return np.full(len(years), float(start))
