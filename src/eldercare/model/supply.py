"""Supply: what of the report is split over the counties, and beds by year under each building plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from eldercare.care.allocation import Split, allocate
from eldercare.care.beds import build_to_norm
from eldercare.inputs import Problem, Settings
from eldercare.inputs.checks import BED_CHANGES, BED_CHANGES_FILE, row_problems
from eldercare.inputs.observed import held
from eldercare.inputs.problems import _, refuse
from eldercare.model.draws import total
from eldercare.model.launch import Launch, Tables

# Bed types and the report's indicator of each.
BED_INDICATORS = {"institution": "beds_institutional", "home_care_centre": "beds_home_care_centres"}
BED_TYPES = tuple(BED_INDICATORS)
# City totals of the report that are split over the counties.
SPLIT = ("beds_institutional", "beds_home_care_centres", "meal_points")
# Parameter of what has changed since the report counted it.
SINCE = {
    "beds_institutional": "supply.institution_change",
    "beds_home_care_centres": "supply.home_care_centre_change",
    "meal_points": "supply.meal_points_change",
}
# Parameter of how far a county's number may be from its share of a total.
SPREAD = "allocation.spread"
# Ladder of demand that a plan builds to.
GOALS = {"hold_norm": "ratio", "hold_need": "need"}
# What a change adds to the beds, and to those of the nursing type.
OPENING = {kind: (kind, "open") for kind in BED_TYPES} | {"nursing": ("institution", "convert_to_nursing")}
BEDS, NURSING = {"open": 1.0, "close": -1.0}, {"convert_to_nursing": 1.0}


def kinds_of(kind: str) -> tuple[str, ...]:
    """Return the bed types that a kind stands for: itself, or both for ``all``."""
    return BED_TYPES if kind == "all" else (kind,)


def elders_at_launch(launch: Launch, rule: str) -> np.ndarray:
    """Return elders 60+ by county at launch on the basis that an allocation rule names."""
    return getattr(launch, rule.removesuffix("_60plus"))[:, 60:].sum(axis=(1, 2))


def unsure_shares(split: Split, factors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return what each area may really have of a total that was split, persons or units, shape (draws,) each.

    Allocated shares are multiplied by the draws of a factor and brought back to their sum, in every draw.

    Examples
    --------
    >>> split = Split({"a": 20.0, "b": 40.0, "c": 40.0}, {"a": True, "b": False, "c": True})
    >>> unsure_shares(split, dict.fromkeys("abc", np.ones(2)) | {"a": np.array([0.5, 2.0])})["a"].tolist()
    [12.0, 30.0]
    """
    unsure = [area for area, allocated in split.allocated.items() if allocated]
    shares = {area: np.full_like(factors[area], value) for area, value in split.values.items()}
    moved = {area: shares[area] * factors[area] for area in unsure}
    back = sum(split.values[area] for area in unsure) / total(moved.values()) if unsure else 1.0
    return shares | {area: one * back for area, one in moved.items()}


@dataclass(frozen=True)
class Stock:
    """What the counties have of a quantity, by year: a city's total of a year is split over those without a count.

    A county's own count counts in the totals of its year and later ones, never of earlier ones: those are split as if
    it were not known. Where a county has a later count than the city the others keep their part of the city's total.

    Attributes
    ----------
    totals, splits : the city's counts by year, and each split over the counties
    own : counts of counties by year, that of year 0 for a number that holds always
    """

    totals: Mapping[int, float]
    splits: Mapping[int, Split]
    own: Mapping[str, Mapping[int, float]]

    @classmethod
    def of(cls, totals: Mapping[int, float], weights: np.ndarray, own: Mapping[str, Mapping[int, float]]) -> Self:
        """Return the stock with the totals split in proportion to the weights.

        In a year of a county's count between two of the city the total is on the line between them.
        """
        splits, years = {}, sorted(totals)
        between = {year for counts in own.values() for year in counts if years[0] < year < years[-1]}
        for year in sorted({*years, *between}):
            known = {area: held(counts, year) for area, counts in own.items()}
            total = float(np.interp(year, years, [totals[one] for one in years]))
            least = sum(n for n in known.values() if n is not None) if year in between else 0.0
            splits[year] = allocate(max(total, least), weights, known)
        return cls(totals, splits, own)

    def known(self, area: str) -> dict[int, Split | float]:
        """Return the years of which something is known of a county: its own count, or a split of the city's."""
        known: dict[int, Split | float] = {**self.splits, **self.own[area]}
        return {year: known[year] for year in sorted(known) if year}

    @cached_property
    def newest(self) -> Split:
        """What each county has by the last count that tells."""
        last = {area: [*self.known(area).values()][-1] for area in self.own}
        return Split(
            {area: one.values[area] if isinstance(one, Split) else one for area, one in last.items()},
            {area: isinstance(one, Split) and one.allocated[area] for area, one in last.items()},
        )

    def year(self, area: str) -> int:
        """Return the year of which a county's newest number is, the last one of a city's count where it has no own."""
        return max(self.splits) if self.newest.allocated[area] else max(self.own[area])

    @cached_property
    def total(self) -> float:
        """What the city has by the last counts, the sum of its counties."""
        last = max(self.totals)
        later = any(year > last for own in self.own.values() for year in own)
        told = any(self.newest.allocated.values()) and not later
        return self.totals[last] if told else sum(self.newest.values.values())

    def path(self, area: str, years: np.ndarray, factors: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return what a county had by year, (years, draws): a straight line between counts, the last one after it."""
        known = self.known(area)
        at = [
            unsure_shares(one, factors)[area] if isinstance(one, Split) else np.full_like(factors[area], one)
            for one in known.values()
        ]
        between = [np.interp(years, list(known), unit) for unit in np.eye(len(known))]
        return total(part[:, None] * values for part, values in zip(between, at, strict=True))


def changes_by_county(tables: Tables, city: str, counties: tuple[str, ...], weights: np.ndarray) -> pd.DataFrame:
    """Return the bed changes by county: area, year, bed_type, operation, beds, allocated; none without the table.

    A row of the city is a total: counties with a row of their own for the same year, bed type and operation
    keep their number, and the others share what remains in proportion to the weights (elders of the allocation rule).
    InputError if the rows do not fit together; see ``row_problems``.
    """
    keys, rows = ["year", "bed_type", "operation"], []
    if BED_CHANGES in tables:
        table = tables[BED_CHANGES]
        refuse(row_problems(table, city))
        for key, group in table.groupby(keys):
            own = group[group["area"] != city].groupby("area")["beds"].sum()
            total = group["beds"][group["area"] == city]
            split = Split(own.to_dict(), dict.fromkeys(own.index, False))
            if len(total):
                split = allocate(float(total.sum()), weights, {county: own.get(county) for county in counties})
            rows += [(area, *key, beds, split.allocated[area]) for area, beds in split.values.items()]
    return pd.DataFrame(rows, columns=["area", *keys, "beds", "allocated"])


def changes_of(settings: Settings, county: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a county's rows of a table of :func:`changes_by_county`, and what its scenario opens, in its columns."""
    opens = [
        (county, int(year), bed_type, operation if beds >= 0 else "close", abs(beds), False)
        for kind, (bed_type, operation) in OPENING.items()
        for year, beds in settings.opens(kind).items()
    ]
    own = table[table["area"] == county].itertuples(index=False)
    return pd.DataFrame([*own, *opens], columns=table.columns)


def opened(settings: Settings, kind: str, years: np.ndarray) -> np.ndarray:
    """Return the units of a kind that the scenario opens by the end of each year, (years,)."""
    units = settings.opens(kind).items()
    return np.array([sum(n for opening, n in units if int(opening) <= year) for year in years], dtype=float)


def added(changes: pd.DataFrame, county: str, kind: str, adding: Mapping[str, float], years: np.ndarray) -> np.ndarray:
    """Return what a county's changes add by the end of each year, shape (years,): ``BEDS`` or ``NURSING``."""
    rows = changes[(changes["area"] == county) & (changes["bed_type"] == kind)]
    net = rows["beds"] * rows["operation"].map(adding).fillna(0.0)
    return net.to_numpy(float) @ (rows["year"].to_numpy(int)[:, None] <= years)


def built(planned: Mapping[str, np.ndarray], changes: pd.DataFrame, county: str, years: np.ndarray) -> dict:
    """Return what a county's scenario builds by the end of each year, by item of a plan, arrays (years,).

    Beds that close in a year are set against those that open in it; what was there at launch is not built.
    """
    more = {f"{kind}_beds": np.maximum(np.diff(beds, prepend=beds[0]), 0).cumsum() for kind, beds in planned.items()}
    converted = added(changes, county, "institution", NURSING, years)
    return more | {"beds_converted_to_nursing": converted - converted[0]}


def county_supply(
    settings: Settings,
    county: str,
    start: Mapping[str, float],
    goal: Callable[[str, str], np.ndarray],
    changes: pd.DataFrame,
    years: np.ndarray,
    since: Mapping[str, int],
) -> dict[str, np.ndarray]:
    """Return the beds of a county by bed type under the plan in force, from those last counted on, (years,) each.

    InputError if more beds close than there are.

    Parameters
    ----------
    start, since : beds last counted by bed type, and the year of which they are; earlier changes are in them
    goal : beds by year that the norm (``ratio``) or the need at target occupancy (``need``) asks for of a bed type
    changes : of :func:`changes_by_county`
    """
    plan, first = settings.choice("supply.plan"), settings.integer("supply.first_year")
    supply, problems = {}, []
    for kind, beds in start.items():
        supply[kind] = np.full(len(years), float(beds))
        if plan == "planned":
            supply[kind] += added(changes[changes["year"] > since[kind]], county, kind, BEDS, years)
            if (below := supply[kind] < -1e-9).any():
                message = _(
                    "{more:,.0f} more beds would close by then than the county has; it starts with {start:,.0f}",
                    more=-float(supply[kind].min()),
                    start=beds,
                )
                step = settings.read("supply.plan").trail[-1]
                file = step.where if step.opens else BED_CHANGES_FILE
                problems.append(Problem(file, f"{county}, {kind}", int(years[below.argmax()]), message))
        elif plan == "steady":
            share = settings.number("beds.norm_institution_share")
            part = share if kind == "institution" else 1 - share
            steps = np.clip(np.minimum(years, settings.integer("supply.last_year")) - first + 1, 0, None)
            supply[kind] = np.maximum(beds + settings.number("supply.beds_per_year") * part * steps, 0.0)
        elif plan in GOALS:
            catch_up = settings.integer("supply.catch_up_years")
            supply[kind] = build_to_norm(beds, goal(GOALS[plan], kind), years, first, catch_up)
    refuse(problems)
    return supply
