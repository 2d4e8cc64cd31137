"""How good the projection is: looked back at, against rivals, its base, and what its answer is sensitive to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property, partial, wraps
from typing import Any

import numpy as np
import pandas as pd

from eldercare.inputs.city import City
from eldercare.model import demography, launch
from eldercare.model.demography import ELDER_AGE, INDEX, Start, count_from
from eldercare.model.draws import Z80, total
from eldercare.model.launch import EVEN_UNTIL, GRADUATION, GRADUATIONS, Tables, ages_of
from eldercare.model.run import Run
from eldercare.model.sensitivity import end_scores, ends_frame, projection_at
from eldercare.population import SEXES
from eldercare.population.life_table import survivable, survival_from_mx
from eldercare.population.mortality import life_expectancy
from eldercare.population.registered import survive
from eldercare.population.rivals import Rival, constant_growth, crps_sample, ets_forecast, no_change

# Factors of the tornado, each moved to the ends of its 80% interval while the others stay at their values.
TORNADO = (
    "mortality.level",
    "mortality.oldest_old_level",
    INDEX,
    "migration.share_of_past",
    "migration.natural_increase",
    "migration.retirement_share",
    "fertility.tfr_2050",
)
# Central intervals whose coverage is judged; the second is shown.
LEVELS = (0.5, 0.8, 0.95)
SHOWN = 0.8
# The model as everywhere else, and launched with what was known in the launch year; its rivals.
LOOK_BACK_METHODS = ("model", "model_then", "no_change", "constant_growth")
RIVALS: dict[str, Callable[..., Rival]] = {
    "no_change": no_change,
    "constant_growth": constant_growth,
    "ets": ets_forecast,
    "damped_trend": partial(ets_forecast, damped=True),
}
# Those that need a value every year get straight lines between the counts.
SMOOTHINGS = ("ets", "damped_trend")
# Indicators of people aged 60 and over, in the order in which they serve, and of all people.
COUNTS = ["registered_60plus", "registered_60plus_implied", "share_60plus_registered", "registered_population"]

Check = Callable[["Reliability"], pd.DataFrame]


def published_counts(tables: Tables, city: City, areas: Sequence[str], until: int) -> pd.DataFrame:
    """Return the published registered residents aged 60 and over, by area and year until the last that is projected.

    Where only a share is published it is multiplied by the registered total of that year, or by the total
    interpolated between (or kept from) the nearest published ones. Columns: area, year (end of the year), published
    (persons), implied (computed from a published share or ratio instead of printed), role (``before``: back-cast,
    ``fitted``: used to build the launch, ``after``: a forecast meets it).
    """
    table = tables["registered_population"].query("used and year <= @until")
    fitted = {count.year for count in city.registered_counts if (count.from_age, count.to_age) == (ELDER_AGE, None)}
    rows = []
    for area in areas:
        own = table[table["area"] == area].groupby(["year", "indicator"])["value"].last().unstack()
        printed, ratio, share, people = (own.reindex(columns=COUNTS)[name] for name in COUNTS)
        totals = people.dropna()
        if len(totals):
            ratio = ratio.fillna(share / 100 * np.interp(own.index, totals.index, totals))
        for year, persons in printed.fillna(ratio).dropna().items():
            role = "before" if year <= city.launch_year else "after"
            role = "fitted" if area == city.id and year in fitted else role
            rows.append((area, year, persons, np.isnan(printed[year]), role))
    return pd.DataFrame(rows, columns=["area", "year", "published", "implied", "role"])


def _remembered(make: Check, of_area: bool = False) -> Check:
    """Let a check serve again for every page, or for every page of its area."""

    @wraps(make)
    def frame(checks: Reliability) -> pd.DataFrame:
        identity = [checks.run.area] if of_area else []
        return checks.run.remembered(make.__name__, lambda run: make(Reliability(run)), *identity)

    return frame


class Reliability:
    """The checks of one run: look-back, rivals, base and sensitivity."""

    def __init__(self, run: Run):
        self.run, self.tables = run, run.project.tables
        self.city, self.launch_year = run.city, run.launch_year

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Published counts of all areas; columns of :func:`published_counts`."""
        return published_counts(self.tables, self.run.project.city, self.run.areas, int(self.run.years[-1]))

    @property
    def _of_city(self) -> tuple[list[int], list[float]]:
        own = self.counts[self.counts["area"] == self.city]
        return own["year"].tolist(), own["published"].tolist()

    def _prepared(self, **changed: Any) -> Start:
        run = self.run
        return demography.prepare(run.common, run.project.city, self.tables, tuple(run.counties), **changed)

    @cached_property
    def known(self) -> dict[str, np.ndarray]:
        """Registered 60+ by area (year, draw), launched with counts up to the launch year only."""
        start, elders = self._prepared(known_by=self.launch_year), {}
        until = max([*self.counts["year"], self.launch_year + 1])
        for name, county in self.run.counties.items():
            projection = demography.county_projection(start, county.drawer, name, self.tables, until)
            elders[name] = count_from(projection.population["registered"], ELDER_AGE)
        return {self.city: total(elders.values()), **elders}

    def back_cast(self, area: str, year: int) -> np.ndarray:
        """Return registered 60+ of a year before the launch (draw,): survivors brought back to life."""
        elders, start, years = [], self.run.start, np.arange(self.launch_year, self.launch_year + 2)
        for county in self.run.members(area):
            drawn = demography.draw_county(start, self.run.counties[county].drawer, county, self.tables, years)
            now = drawn.launched(start.launch.of(county))["registered"]
            before = survive(now, survival_from_mx(survivable(drawn.mx), SEXES), year - self.launch_year)
            elders.append(before[ELDER_AGE:].sum(axis=(0, 1)))
        return total(elders)

    def _rivals(self, area: str, published: float, year: int) -> dict[str, dict[str, float]]:
        """Return what the rivals say of a count, given the area's counts up to the launch year.

        A rival counts as a point, with the absolute error; one for which there are too few counts says nothing.
        """
        own = self.counts[(self.counts["area"] == area) & (self.counts["year"] <= self.launch_year)]
        said = {}
        for name in LOOK_BACK_METHODS[2:]:
            with suppress(ValueError):
                by_level = {level: RIVALS[name](own["year"], own["published"], [year], level) for level in LEVELS}
                point = float(by_level[SHOWN].point[0])
                said[name] = {"point": point, "crps": abs(point - published)}
                for level, rival in by_level.items():
                    said[name] |= _band(level, rival.low[0], rival.high[0])
        return said

    def _said(self, area: str, year: int, published: float) -> dict[str, dict[str, float]]:
        """Return what each method says of a count: the model, the model with data to the launch year, the rivals."""
        if year <= self.launch_year:
            return {"model": _of_draws(self.back_cast(area, year), published)}
        draws = {"model": self.run.elders(area, "registered"), "model_then": self.known[area]}
        said = {method: _of_draws(by[year - self.launch_year], published) for method, by in draws.items()}
        return said | self._rivals(area, published, year)

    @_remembered
    def judged(self) -> pd.DataFrame:
        """Return what each method says of each published count.

        Columns: those of :func:`published_counts`, method, point, crps (persons), and the ends low_50, high_50 ... of
        the central intervals (missing where a method has none).
        """
        columns = [*self.counts.columns, "method", "point", "crps", *(end for level in LEVELS for end in _band(level))]
        rows = [
            {**count, "method": method, **said}
            for count in self.counts.to_dict("records")
            for method, said in self._said(count["area"], count["year"], count["published"]).items()
        ]
        return pd.DataFrame(rows, columns=columns)

    @_remembered
    def forecast(self) -> pd.DataFrame:
        """Return the city's registered 60+ launched with data to the launch year: year, low, point, high (80%)."""
        draws = self.known[self.city]
        low, high = np.quantile(draws, [0.1, 0.9], axis=1)
        years = self.launch_year + np.arange(len(draws))
        return pd.DataFrame({"year": years, "low": low, "point": draws.mean(axis=1), "high": high})

    def look_back(self) -> pd.DataFrame:
        """Return every published count beside the model and the rivals.

        Columns: those of :func:`published_counts`; then for each method ``_point``, ``_low``, ``_high``
        (persons, 80% interval; missing where a method says nothing).
        """
        keys, judged = ["area", "year"], self.judged()
        wide = self.counts.set_index(keys)
        for method in LOOK_BACK_METHODS:
            own = judged[judged["method"] == method].set_index(keys)
            for name, column in zip(("point", "low", "high"), ("point", *_band(SHOWN)), strict=True):
                wide[f"{method}_{name}"] = own[column]
        return wide.reset_index()

    def scores(self) -> pd.DataFrame:
        """Return error scores over the counts after the launch.

        Columns: method, n, mape, malpe (the bias; percent), mape_common (over the counts that every method forecasts),
        crps (persons, over the same; a rival counts as a point, for which it is the absolute error), covered_50,
        covered_80, covered_95 (counts inside the interval), with_band (counts for which there is one). Scores over no
        count are missing. Smith, Tayman & Swanson (2013), A Practitioner's Guide to State and Local Population
        Projections, ch. 13.
        """
        after = self.judged().query("role == 'after'")
        every = after.groupby(["area", "year"])["method"].transform("nunique") == len(LOOK_BACK_METHODS)
        rows = []
        for method in LOOK_BACK_METHODS:
            own = after[after["method"] == method]
            common, errors = every.loc[own.index], 100 * (own["point"] - own["published"]) / own["published"]
            row = {
                "method": method,
                "n": len(own),
                "mape": errors.abs().mean(),
                "malpe": errors.mean(),
                "mape_common": errors[common].abs().mean(),
                "crps": own["crps"][common].mean(),
            }
            for level in LEVELS:
                low, high = _band(level)
                row[f"covered_{level * 100:.0f}"] = own["published"].between(own[low], own[high]).sum()
            rows.append(row | {"with_band": own[low].notna().sum()})
        return pd.DataFrame(rows)

    @_remembered
    def one_year_ahead(self) -> pd.DataFrame:
        """Return forecasts of the city's last published count from all before it.

        The exponential smoothings need more observations than were known in the launch year; here they get all
        counts up to the year before, the gaps filled by straight lines, which favours them. Columns: method, point
        (persons; missing where there are too few observations), observations, year, published; no row without a count.
        """
        columns = ["method", "point", "observations", "year", "published"]
        years, values = self._of_city
        if not years:
            return pd.DataFrame(columns=columns)
        last = years.pop(), values.pop()
        return pd.DataFrame([(*row, *last) for row in _rivals_of(years, values, [last[0]])], columns=columns)

    @_remembered
    def outlook(self) -> pd.DataFrame:
        """Return what the rivals, given all published counts, say for later years beside the model: city, registered.

        Columns: method, then one column of points for each of the city's near and target year (missing where a method
        cannot be fitted).
        """
        years = [self.run.near_year, self.run.target_year]
        elders = self.run.elders(self.city, "registered").mean(axis=1)
        model = ("model", *(float(elders[self.run.position(year)]) for year in years))
        rivals = [row[:-1] for row in _rivals_of(*self._of_city, years)]
        return pd.DataFrame([model, *rivals], columns=["method", *years])

    def base_checks(self) -> pd.DataFrame:
        """Return the city's launch residents beside the census's published bands: age_group, sex, model, published."""
        people, bands = self.run.launch.resident.sum(axis=0), self.tables["census_bands"].query("used")
        bands = bands.query("indicator == 'population' and area == @self.city and year == @self.launch_year")
        frame = bands[["age_group", "sex"]].reset_index(drop=True)
        sexes = {"total": [0, 1]} | {sex: [s] for s, sex in enumerate(SEXES)}
        frame["model"] = [people[ages_of(group)][:, sexes[sex]].sum() for group, sex in frame.to_numpy()]
        return frame.assign(published=bands["value"].to_numpy())

    def reconstruction_error(self) -> pd.DataFrame | None:
        """Return the reconstruction beside the imported census table, or None without one.

        Columns: area, age_group, sex, table, reconstruction (persons), for the members of the run's area.
        """
        if launch.CENSUS_TABLE not in self.tables:
            return None
        counties, weights = tuple(self.run.counties), self.run.launch.weights
        ways = launch.tabulated_residents, launch.reconstructed_residents
        both = [count(self.tables, counties, weights) for count in ways]
        groups = [f"{a}-{a + 4}" for a in demography.GROUP_STARTS if a < EVEN_UNTIL] + [f"{EVEN_UNTIL}+"]
        rows = [
            (county, group, sex, *(float(people[counties.index(county), ages_of(group), s].sum()) for people in both))
            for county in self.run.members()
            for group in groups
            for s, sex in enumerate(SEXES)
        ]
        return pd.DataFrame(rows, columns=["area", "age_group", "sex", "table", "reconstruction"])

    @partial(_remembered, of_area=True)
    def growth_by_graduation(self) -> pd.DataFrame:
        """Return resident 60+ of the area until the near year by graduation: year, births_weighted, even (persons)."""
        columns: dict[str, np.ndarray] = {"year": np.arange(self.launch_year, self.run.near_year + 1)}
        for graduation in GRADUATIONS:
            start = self._prepared(graduation=graduation)
            columns[graduation] = self._residents_at_ends(start, (), self.run.near_year)[str(ELDER_AGE)][:, 0]
        return pd.DataFrame(columns)

    @partial(_remembered, of_area=True)
    def sensitivity(self) -> pd.DataFrame:
        """Return resident 60+ and 80+ of the area in the target year with one factor at each end of its interval.

        Columns: parameter, 60_low, 60_high, base_60, 80_low, 80_high, base_80 (persons), width, widest first.
        Mortality levels of both sexes move together; the index of mortality is moved to the ends of its own 80% band
        in that year, a slow decline first. Even graduation is set against the births-weighted one; it has one end only.
        """
        until = self.run.target_year
        moved = self._residents_at_ends(self.run.start, TORNADO, until)
        even = self._residents_at_ends(self._prepared(graduation="even"), (), until)
        frame = ends_frame(TORNADO, {age: elders[-1] for age, elders in moved.items()})
        frame["width"] = (frame["60_high"] - frame["60_low"]).abs()
        one_end = {age: np.append(moved[age][-1, 0], even[age][-1].repeat(2)) for age in moved}
        graduation = ends_frame([GRADUATION], one_end)
        graduation["width"] = (graduation["60_high"] - graduation["base_60"]).abs()
        return pd.concat([frame, graduation]).sort_values("width", ascending=False, ignore_index=True)

    def _residents_at_ends(self, start: Start, names: Sequence[str], until: int) -> dict[str, np.ndarray]:
        """Return resident 60+ and 80+ of the area at the ends of the factors' intervals, shape (years, ends)."""
        run = self.run
        parts = [projection_at(run, start, c, end_scores(run, start, names, c, until), until) for c in run.members()]
        return {str(age): total(count_from(p.population["resident"], age) for p in parts) for age in (ELDER_AGE, 80)}

    def longevity(self, launches: Sequence[int]) -> pd.DataFrame:
        """Return the city's life expectancy as it would have been forecast in earlier years, beside the published one.

        Level: the newest published by the launch, on the country's schedule of that time; pace: Lee & Carter (1992)
        on the schedules up to then; interval: ``mortality.index_sd`` as everywhere. Published are both sexes together,
        so they are taken to be as far apart as in the level year. Columns: launch, level_year, year, point, low, high,
        published (years of life); no row where nothing was published before or after.
        """
        common = self.run.common
        e0 = self.tables["life_expectancy"].query("area == @self.city and sex == 'total'").set_index("year")["e0"]
        apart = (common.number("mortality.e0_female") - common.number("mortality.e0_male")) / 2
        rows: list[tuple[float, ...]] = []
        for known_by in launches:
            known, later = e0[e0.index <= known_by].sort_index(), e0[e0.index > known_by].sort_index()
            if known.empty or later.empty:
                continue
            level, start = float(known.iloc[-1]), int(known.index[-1])
            rates = demography.MortalityLevel(demography.schedule(self.tables, known_by))
            mx = rates.central(level + apart, level - apart)
            trend = demography.mortality_trend(self.tables, known_by)
            walk = demography.index_walk(trend, common, int(later.index.max()) - start)
            for year, published in later.items():
                mean, spread = walk.mean[year - start - 1], Z80 * np.sqrt(walk.variance[year - start - 1])
                # A high index is high mortality: its upper end is the lower one of life expectancy.
                moved = np.exp(trend.bx[:, None, None] * np.array([mean, mean + spread, mean - spread]))
                both = [life_expectancy((mx[..., None] * moved)[:, s], sex) for s, sex in enumerate(SEXES)]
                rows.append((known_by, start, year, *np.mean(both, axis=0), published))
        columns = ["launch", "level_year", "year", "point", "low", "high", "published"]
        return pd.DataFrame(rows, columns=columns).astype({"launch": int, "level_year": int, "year": int})


def _rivals_of(years: Sequence[int], values: Sequence[float], targets: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return for each rival its name, its points for the target years, and the observations that it got."""
    every = list(range(years[0], years[-1] + 1)) if years else []
    filled = (every, np.interp(every, years, values)) if years else ([], [])
    rows: list[tuple[Any, ...]] = []
    for name, method in RIVALS.items():
        series = filled if name in SMOOTHINGS else (years, values)
        points = [np.nan] * len(targets)
        with suppress(ValueError):
            points = method(*series, targets).point.tolist()
        rows.append((name, *points, len(series[0])))
    return rows


def _of_draws(draws: np.ndarray, published: float) -> dict[str, float]:
    """Return the point, intervals and continuous ranked probability score of draws against a published count."""
    said = {"point": float(draws.mean()), "crps": crps_sample(draws, published)}
    for level in LEVELS:
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
        said |= _band(level, float(low), float(high))
    return said


def _band(level: float, low: float = np.nan, high: float = np.nan) -> dict[str, float]:
    """Return the ends of a central interval by column name."""
    return {f"low_{level * 100:.0f}": float(low), f"high_{level * 100:.0f}": float(high)}
