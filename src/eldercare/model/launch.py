"""Launch populations: residents from the census, registered residents fitted to published counts.

Residents by county, sex and age are counted where data/raw holds the official full table of the census, and
reconstructed from its published totals, sex ratios and age shares where it does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eldercare.inputs.city import FILE as CITY_FILE
from eldercare.inputs.city import City
from eldercare.inputs.problems import InputError, Problem, _
from eldercare.population import SEXES
from eldercare.population.base import cohort_weights, graduate, iterative_proportional_fitting
from eldercare.population.life_table import life_table, survival_from_mx
from eldercare.population.registered import fit_age_factor, survivorship_weights

OPEN_AGE = 100
AGES = np.arange(OPEN_AGE + 1)
# Ages at which the ratio registered to resident may bend, by the number of published counts that settle them.
FACTOR_KNOTS = {1: (47,), 2: (15, 62), 3: (15, 47, 62)}
# Lower end of the open age group of the census tabulation.
EVEN_UNTIL = 85
GRADUATION, GRADUATIONS = "population.graduation", ("births_weighted", "even")
# Registered totals of a county serve if they are not older, years before the launch.
RECENT = 4
# Optional table of data/raw: residents by county, sex and age as counted.
CENSUS_TABLE = "census_table"

Tables = Mapping[str, pd.DataFrame]


def ages_of(group: str) -> slice:
    """Return the single ages of a group such as 15-59, 60+ or all, as a slice of an array by age.

    Examples
    --------
    >>> ages_of("15-59"), ages_of("60+"), ages_of("all")
    (slice(15, 60, None), slice(60, None, None), slice(0, None, None))
    """
    low, _, high = ("0+" if group == "all" else group).rstrip("+").partition("-")
    return slice(int(low), int(high) + 1 if high else None)


@dataclass(frozen=True)
class Launch:
    """Populations at the end of the launch year.

    Attributes
    ----------
    resident, registered : array (county, age, sex), persons by single age 0..100+; females first
    weights : array (age,), of each single age within its age group, by which groups were opened
    resident_from : where residents by sex and age come from: ``census_table`` or ``reconstruction``
    """

    year: int
    counties: tuple[str, ...]
    resident: np.ndarray
    registered: np.ndarray
    weights: np.ndarray
    resident_from: str

    def of(self, county: str) -> dict[str, np.ndarray]:
        """Return a county's populations by basis, shape (ages, sexes)."""
        at = self.counties.index(county)
        return {"resident": self.resident[at], "registered": self.registered[at]}


def tabulated_residents(tables: Tables, counties: tuple[str, ...], weights: np.ndarray) -> np.ndarray:
    """Return residents (county, age, sex) as the full table of the census has them, persons.

    Single ages are taken as they are; wider groups and the open one are graduated with the weights of
    :func:`graduation_weights` and keep their sums.
    """
    table = tables[CENSUS_TABLE].assign(age_start=lambda rows: rows["age_start"].clip(upper=OPEN_AGE))
    counts = table.pivot_table(index="age_start", columns=["area", "sex"], values="persons", aggfunc="sum")
    starts = counts.index.to_numpy()
    by_county = [counts[county][list(SEXES)].to_numpy(dtype=float) for county in counties]
    return np.stack([graduate(by_sex, starts, weights) for by_sex in by_county])


def reconstructed_residents(tables: Tables, counties: tuple[str, ...], weights: np.ndarray) -> np.ndarray:
    """Return residents (county, age, sex) reconstructed for the census (METHODS: base population), persons.

    Total, sex ratio and age shares are the county's own; sex by age follows a neighbouring prefecture; age groups are
    opened with the weights of :func:`graduation_weights`.
    """
    facts = tables["census_counties"].pivot(index="indicator", columns="area", values="value")
    shares = tables["census_age_shares"].pivot(index="age_start", columns="area", values="share").sort_index()
    pattern = tables["census_sex_pattern"].pivot(index="age_start", columns="sex", values="persons")
    by_sex_and_age = pattern.loc[shares.index, list(SEXES)].to_numpy(dtype=float)
    populations = []
    for county in counties:
        total, ratio = facts[county][["resident_population", "males_per_100_females"]].to_numpy(dtype=float)
        males = total * ratio / (100 + ratio)
        # Published shares are rounded, so they are rescaled to the total.
        counts = shares[county].to_numpy() / shares[county].sum() * total
        by_sex = iterative_proportional_fitting(by_sex_and_age, counts, [total - males, males])
        populations.append(graduate(by_sex, shares.index.to_numpy(), weights))
    return np.stack(populations)


def graduation_weights(tables: Tables, year: int, Lx: np.ndarray, graduation: str) -> np.ndarray:
    """Return the weight (age,) of each single age within its age group in a year.

    ``births_weighted``: births of the cohort times L(x). ``even``: equal weights below the open group, which is spread
    by L(x) all the same. ``Lx`` (age, sex) are person-years lived.
    """
    if graduation == "even":
        return np.where(AGES < EVEN_UNTIL, 1.0, Lx.mean(axis=1))
    births = tables["births_china"].sort_values("year")
    return cohort_weights(births["births_thousand"].to_numpy(), int(births["year"].iloc[0]), year, Lx.mean(axis=1))


def registered_launch(
    tables: Tables, city: City, counties: tuple[str, ...], resident: np.ndarray, survival: np.ndarray, known_by: float
) -> np.ndarray:
    """Return the registered population (county, age, sex), persons.

    No age structure of the registered population is published by county. For the city there are counts of some
    ages in some years (``registered_counts`` of the city), and the total. The ratio registered to
    resident is taken as piecewise linear in age and solved so that all hold, each moved to the
    launch year by survival. In each county the same pattern by age is made stronger or weaker until the county's
    registered total is met (published where it is, else in proportion to locally registered residents); iterative
    proportional fitting then restores the city's count at every age.

    With ``known_by`` only counts up to the end of that year are used: with fewer counts the ratio bends at fewer ages,
    and the total grows as it did between the last two counts known. That is the launch to judge a forecast by.
    InputError if a count is not in the table, or there are more of them than ages at which the ratio bends.
    """
    published = tables["registered_population"].query("used and year <= @known_by")
    counts = [count for count in city.registered_counts if count.year <= known_by]
    if len(counts) + 1 not in FACTOR_KNOTS:
        message = _("at most {most} counts can be met beside the total", most=max(FACTOR_KNOTS) - 1)
        raise InputError(Problem(CITY_FILE, "registered_counts", len(counts), message))
    residents, own = resident.sum(axis=0), published[published["area"] == city.id]
    constraints = [np.ones_like(residents)]
    targets = [_total_at(own[own["indicator"] == "registered_population"].sort_values("year"), city.launch_year)]
    for count in counts:
        rows = own.query("indicator == @count.indicator and year == @count.year")
        if rows.empty:
            message = _("the registered counts have no such row of the city in {year}", year=count.year)
            raise InputError(Problem(CITY_FILE, "registered_counts", count.indicator, message))
        later = count.year - city.launch_year
        constraints.append(survivorship_weights(survival, later, count.from_age, count.to_age))
        targets.append(float(rows["value"].iloc[0]))
    knots = np.array(FACTOR_KNOTS[len(targets)])
    factor = fit_age_factor(residents, knots, np.stack(constraints), np.array(targets))
    totals = _registered_totals(tables, published, city.launch_year, counties, targets[0])
    away = 1 - factor[None, :, None]
    strength = (resident.sum(axis=(1, 2)) - totals) / (resident * away).sum(axis=(1, 2))
    seed = resident * (1 - strength[:, None, None] * away)
    by_age = (residents * factor[:, None]).ravel()
    return iterative_proportional_fitting(seed.reshape(len(counties), -1).T, by_age, totals).T.reshape(resident.shape)


def _total_at(known: pd.DataFrame, year: int) -> float:
    """Return the total of a year between the counts around it, or beyond the last two at their pace."""
    years, values = known["year"].to_numpy(float), known["value"].to_numpy(float)
    if not len(years):
        message = _("no registered total of the city is known by {year}", year=year)
        raise InputError(Problem("data/raw/registered_population.csv", "registered_population", message=message))
    if years[-1] >= year or len(years) == 1:
        return float(np.interp(year, years, values))
    pace = (values[-1] - values[-2]) / (years[-1] - years[-2])
    return float(values[-1] + pace * (year - years[-1]))


def _registered_totals(
    tables: Tables, published: pd.DataFrame, year: int, counties: tuple[str, ...], total: float
) -> np.ndarray:
    """Return registered totals by county that add up to the city total: own counts, then what the census says."""
    facts = tables["census_counties"].pivot(index="area", columns="indicator", values="value")
    away = facts["registered_elsewhere_same_province_share"] + facts["registered_in_other_province_share"]
    local = facts["resident_population"] * (1 - away)
    counted = published.query("indicator == 'registered_population' and year >= @year - @RECENT")
    # The count nearest to the launch; of two equally far away the later one, which is the better documented here.
    counted = counted.assign(distance=(counted["year"] - year).abs()).sort_values("year", ascending=False)
    nearest = counted.sort_values("distance", kind="stable").groupby("area")["value"].first().reindex(counties)
    rest = local.reindex(counties)[nearest.isna()]
    return nearest.fillna((total - nearest.sum()) * rest / rest.sum()).to_numpy()


def launch(
    tables: Tables, city: City, counties: tuple[str, ...], mx: np.ndarray, graduation: str, known_by: float = np.inf
) -> Launch:
    """Return both launch populations, given the death rates (age, sex) of the launch year."""
    weights = graduation_weights(tables, city.launch_year, life_table(mx, sex=SEXES).Lx, graduation)
    is_counted = CENSUS_TABLE in tables
    resident = (tabulated_residents if is_counted else reconstructed_residents)(tables, counties, weights)
    if empty := [county for county, people in zip(counties, resident, strict=True) if not people[60:].sum() > 0]:
        names = ", ".join(empty)
        raise ValueError(f"nobody is aged 60 and over in {names}; whatever is counted per person has no meaning")
    registered = registered_launch(tables, city, counties, resident, survival_from_mx(mx, SEXES), known_by)
    source = "census_table" if is_counted else "reconstruction"
    return Launch(city.launch_year, counties, resident, registered, weights, source)
