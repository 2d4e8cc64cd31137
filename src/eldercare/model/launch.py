"""Launch populations: residents from the 2020 census, registered residents fitted to published counts.

Residents by county, sex and age are counted where data/raw holds the official full table of the census, and
reconstructed from its published totals, sex ratios and age shares where it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eldercare.population import (
    SEXES,
    age_factor,
    cohort_weights,
    fit_age_factor,
    graduate,
    iterative_proportional_fitting,
    life_table,
    survival_from_mx,
    survivorship_weights,
)

LAUNCH_YEAR = 2020
OPEN_AGE = 100
AGES = np.arange(OPEN_AGE + 1)
# Ages at which the ratio registered to resident may bend: children, prime working age, elders.
FACTOR_KNOTS = (15, 47, 62)
# Lower end of the open age group of the census tabulation.
EVEN_UNTIL = 85
# Optional table of data/raw: residents by county, sex and age as counted.
CENSUS_TABLE = "census_2020_table"


@dataclass(frozen=True)
class Launch:
    """Populations at the end of the launch year.

    Attributes
    ----------
    counties : tuple of str
    resident, registered : ndarray, shape (counties, ages, sexes)
        Persons by single age 0..100+; sexes in the order female, male.
    factor : ndarray, shape (ages,)
        Registered over resident population by age, for the city.
    resident_from : str
        Where residents by sex and age come from: ``reconstruction`` or ``census_table``.
    """

    counties: tuple[str, ...]
    resident: np.ndarray
    registered: np.ndarray
    factor: np.ndarray
    resident_from: str


def resident_launch(
    tables: Mapping[str, pd.DataFrame], counties: tuple[str, ...], Lx: np.ndarray, graduation: str = "births_weighted"
) -> np.ndarray:
    """Return residents by county, single age and sex at the census of 2020: as counted, else as reconstructed.

    Parameters
    ----------
    tables : mapping of DataFrame
        Tables of data/raw: those of `tabulated_residents` when ``census_2020_table`` is among them, else those
        of `reconstructed_residents`.
    counties : tuple of str
    Lx : ndarray, shape (101, 2)
        Person-years lived by single age and sex.

    Returns
    -------
    ndarray, shape (counties, 101, 2)
    """
    residents = tabulated_residents if resident_source(tables) == "census_table" else reconstructed_residents
    return residents(tables, counties, Lx, graduation)


def resident_source(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return where residents at launch come from: ``census_table`` when the table is there, or ``reconstruction``."""
    return "census_table" if CENSUS_TABLE in tables else "reconstruction"


def tabulated_residents(
    tables: Mapping[str, pd.DataFrame], counties: tuple[str, ...], Lx: np.ndarray, graduation: str = "births_weighted"
) -> np.ndarray:
    """Return residents by county, single age and sex as the full table of the census of 2020 has them.

    Single ages are taken as they are; wider groups and the open one are graduated and keep their sums.

    Parameters
    ----------
    tables : mapping of DataFrame
        ``census_2020_table``, ``births_china`` of data/raw.
    counties : tuple of str
    Lx : ndarray, shape (101, 2)
        Person-years lived by single age and sex.

    Returns
    -------
    ndarray, shape (counties, 101, 2)
    """
    table = tables[CENSUS_TABLE]
    counts = table.assign(age_start=table["age_start"].clip(upper=OPEN_AGE)).pivot_table(
        index="age_start", columns=["area", "sex"], values="persons", aggfunc="sum"
    )
    starts, weights = counts.index.to_numpy(), graduation_weights(tables, Lx, graduation)
    by_county = [counts[county][list(SEXES)].to_numpy(dtype=float) for county in counties]
    return np.stack([graduate(by_sex, starts, weights) for by_sex in by_county])


def reconstructed_residents(
    tables: Mapping[str, pd.DataFrame], counties: tuple[str, ...], Lx: np.ndarray, graduation: str = "births_weighted"
) -> np.ndarray:
    """Return residents by county, single age and sex reconstructed for 2020 (METHODS: base population).

    Total, sex ratio and age shares are the county's own; sex by age follows a neighbouring prefecture.

    Parameters
    ----------
    tables : mapping of DataFrame
        ``census_2020_counties``, ``census_2020_age_shares``, ``census_2020_sex_pattern``,
        ``births_china`` of data/raw.
    counties : tuple of str
    Lx : ndarray, shape (101, 2)
        Person-years lived by single age and sex.

    Returns
    -------
    ndarray, shape (counties, 101, 2)
    """
    facts = tables["census_2020_counties"].pivot(index="area", columns="indicator", values="value")
    shares = tables["census_2020_age_shares"]
    starts = np.sort(shares["age_start"].unique())
    pattern = (
        tables["census_2020_sex_pattern"]
        .pivot(index="age_start", columns="sex", values="persons")
        .loc[starts, ["female", "male"]]
        .to_numpy(dtype=float)
    )
    weights = graduation_weights(tables, Lx, graduation)
    populations = []
    for county in counties:
        total = float(facts.loc[county, "resident_population"])
        ratio = float(facts.loc[county, "males_per_100_females"])
        share = shares[shares["area"] == county].set_index("age_start").loc[starts, "share"].to_numpy()
        males = total * ratio / (100 + ratio)
        # Published shares are rounded, so they are rescaled to the total.
        by_sex = iterative_proportional_fitting(pattern, share / share.sum() * total, [total - males, males])
        populations.append(graduate(by_sex, starts, weights))
    return np.stack(populations)


def graduation_weights(tables: Mapping[str, pd.DataFrame], Lx: np.ndarray, graduation: str) -> np.ndarray:
    """Return the weight of each single age within its age group, shape (101,).

    ``births_weighted``: births of the cohort times L(x). ``even``: equal weights below the open group, which
    is spread by L(x) all the same.
    """
    if graduation == "even":
        return np.where(AGES < EVEN_UNTIL, 1.0, Lx.mean(axis=1))
    births = tables["births_china"].sort_values("year")
    return cohort_weights(
        births["births_thousand"].to_numpy(), int(births["year"].iloc[0]), LAUNCH_YEAR, Lx.mean(axis=1)
    )


def registered_launch(
    tables: Mapping[str, pd.DataFrame],
    counties: tuple[str, ...],
    resident: np.ndarray,
    survival: np.ndarray,
    known_by: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the registered population by county, age and sex, and the city's factor by age.

    No age structure of the registered population is published by county. For the city three counts
    are: 60+ at the end of 2019, ages 35-59 at the end of 2022, and the total. The ratio registered to
    resident is taken as piecewise linear in age and solved so that all three hold, each moved to the
    launch year by survival. In each county the same pattern by age is made stronger or weaker until the
    county's registered total is met (published where it is, else in proportion to locally registered
    residents); iterative proportional fitting then restores the city's count at every age.

    With ``known_by`` only counts up to the end of that year are used: the ages 35-59 of 2022 drop out, the ratio
    bends at two ages only, and the total grows as it did between the last two counts known. That is the launch
    to judge a forecast by.
    """
    published = tables["registered_population"]
    published = published[published["used"]]
    if known_by is not None:
        published = published[published["year"] <= known_by]

    def count(area: str, indicator: str, year: int) -> float:
        rows = published.query("area == @area and indicator == @indicator and year == @year")
        return float(rows["value"].iloc[0])

    city = resident.sum(axis=0)
    totals_known = published[(published["area"] == "huzhou") & (published["indicator"] == "registered_population")]
    total = _total_at_launch(totals_known.sort_values("year"))
    constraints = [np.ones_like(city), survivorship_weights(survival, 2019 - LAUNCH_YEAR, 60)]
    targets = [total, count("huzhou", "registered_60plus", 2019)]
    knots = FACTOR_KNOTS
    if known_by is None or known_by >= 2022:
        constraints.append(survivorship_weights(survival, 2022 - LAUNCH_YEAR, 35, 59))
        targets.append(count("huzhou", "registered_35_59", 2022))
    else:
        knots = (FACTOR_KNOTS[0], FACTOR_KNOTS[-1])
    factor = age_factor(knots, fit_age_factor(city, knots, np.stack(constraints), np.array(targets)), len(AGES))
    totals = registered_totals(tables, counties, total, known_by)
    away = 1 - factor[None, :, None]
    strength = (resident.sum(axis=(1, 2)) - totals) / (resident * away).sum(axis=(1, 2))
    seed = resident * (1 - strength[:, None, None] * away)
    by_person = seed.reshape(len(counties), -1).T
    fitted = iterative_proportional_fitting(by_person, (city * factor[:, None]).ravel(), totals)
    return fitted.T.reshape(resident.shape), factor


def _total_at_launch(known: pd.DataFrame) -> float:
    """Return the total in the launch year between the counts around it, or beyond the last two at their pace."""
    years, values = known["year"].to_numpy(float), known["value"].to_numpy(float)
    if years[-1] >= LAUNCH_YEAR:
        return float(np.interp(LAUNCH_YEAR, years, values))
    pace = (values[-1] - values[-2]) / (years[-1] - years[-2])
    return float(values[-1] + pace * (LAUNCH_YEAR - years[-1]))


def registered_totals(
    tables: Mapping[str, pd.DataFrame], counties: tuple[str, ...], total: float, known_by: int | None = None
) -> np.ndarray:
    """Return registered totals by county that add up to the city total.

    A county's own published count nearest to the launch year is kept; the rest of the city total is
    split in proportion to residents whose registration is in the county (census of 2020).
    """
    published = tables["registered_population"]
    published = published[published["used"] & (published["indicator"] == "registered_population")]
    if known_by is not None:
        published = published[published["year"] <= known_by]
    facts = tables["census_2020_counties"].pivot(index="area", columns="indicator", values="value")
    local = facts["resident_population"] * (
        1 - facts["registered_elsewhere_same_province_share"] - facts["registered_in_other_province_share"]
    )
    totals = {}
    for county in counties:
        own = published[(published["area"] == county) & (published["year"] >= 2016)]
        if not own.empty:
            # Of two counts equally far away the later one, which is the better documented here.
            later = own.sort_values("year", ascending=False)
            totals[county] = float(later.loc[(later["year"] - LAUNCH_YEAR).abs().idxmin(), "value"])
    rest = total - sum(totals.values())
    open_counties = [c for c in counties if c not in totals]
    for county in open_counties:
        totals[county] = rest * local[county] / local[open_counties].sum()
    return np.array([totals[c] for c in counties])


def launch(
    tables: Mapping[str, pd.DataFrame],
    counties: tuple[str, ...],
    mx: np.ndarray,
    graduation: str = "births_weighted",
    known_by: int | None = None,
) -> Launch:
    """Return both launch populations, given single-year death rates of the launch year (101, 2).

    ``known_by`` leaves out registered counts of later years (see :func:`registered_launch`).
    """
    resident = resident_launch(tables, counties, life_table(mx, sex=SEXES).Lx, graduation)
    registered, factor = registered_launch(tables, counties, resident, survival_from_mx(mx, SEXES), known_by)
    return Launch(counties, resident, registered, factor, resident_source(tables))
