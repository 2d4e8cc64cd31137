"""The projection of every county: survival by draw, births, migration, and the yearly cohort step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from eldercare.inputs import Settings
from eldercare.model.draws import SHARED, at_scores, draw, generator
from eldercare.model.launch import AGES, LAUNCH_YEAR, OPEN_AGE, Launch, launch
from eldercare.population import (
    HIGHEST_MX,
    SEXES,
    IndexForecast,
    RogersCastro,
    Step,
    advance,
    close_out,
    draw_index,
    estimate_walk,
    expectation_from_survival,
    fertility_pattern,
    fill_rates,
    fill_survival,
    fit,
    graduate_mx,
    level_to_e0,
    life_expectancy,
    net_migration_residual,
    old_age_factor,
    random_walk,
    rogers_castro,
    shift_level,
    single_year_bx,
)

GROUP_STARTS = np.arange(0, OPEN_AGE + 1, 5)
GROUPS = [f"{a}-{a + 4}" for a in GROUP_STARTS[:-1]] + [f"{OPEN_AGE}+"]
BASES = ("resident", "registered")
# China's schedule that Huzhou's level is put on: the last period before the pandemic, which holds the level year.
SCHEDULE_PERIOD = "2015-2020"
PERIOD_WIDTH = 5
ELDER_AGE = 60
# The total fertility rate moves in a straight line between these years and stays afterwards.
TFR_YEARS = (2021, 2050)
EVENTS = ("births", "deaths", "migration", "turning_60", "deaths_60plus", "migration_60plus")
# Draws that are projected together: their arrays of 101 ages and 2 sexes stay in the cache.
BLOCK = 512
# The error of the registered launch reaches those who are, or become within two decades, elders: full from the second
# age on, nothing below the first.
REGISTERED_ERROR_AGES = (40, 50)
# Life expectancy of every draw is kept for every fifth year only; it moves slowly.
E0_EVERY = 5
# The standard schedule without its constant (net migrants come to work, elders hardly move), and its retirement peak.
WORKERS = RogersCastro(c=0.0)
RETIRING = RogersCastro(a1=0.0, a2=0.0, c=0.0, a3=1.0, alpha3=0.5, mu3=62.0, lambda3=0.5)


@dataclass(frozen=True)
class CountyProjection:
    """Draws of one county; every quantity is by basis (resident, registered), persons, draws on the last axis.

    Attributes
    ----------
    population : dict of ndarray, shape (years, groups, sexes, draws)
        At the end of each year.
    births, deaths, migration : dict of ndarray, shape (years - 1, draws)
        Events between the ends of two years.
    turning_60, deaths_60plus, migration_60plus : dict of ndarray, shape (years - 1, draws)
        Change of the elders: those aged 59 at the start, deaths (of these too) and net migrants aged 60 and over
        at the end.
    e0, e60 : ndarray, shape (years[::5], sexes, draws)
        Life expectancy at birth and at age 60 in every fifth year.
    """

    population: dict[str, np.ndarray]
    births: dict[str, np.ndarray]
    deaths: dict[str, np.ndarray]
    migration: dict[str, np.ndarray]
    turning_60: dict[str, np.ndarray]
    deaths_60plus: dict[str, np.ndarray]
    migration_60plus: dict[str, np.ndarray]
    e0: np.ndarray
    e60: np.ndarray

    @classmethod
    def empty(cls, years: int, draws: int, bases: Sequence[str] = BASES) -> CountyProjection:
        """Return a projection with room for its numbers."""
        population = {basis: np.empty((years, len(GROUPS), len(SEXES), draws)) for basis in bases}
        events = {name: {basis: np.empty((years - 1, draws)) for basis in bases} for name in EVENTS}
        shape = (len(range(0, years, E0_EVERY)), len(SEXES), draws)
        return cls(population, **events, e0=np.empty(shape), e60=np.empty(shape))

    def block(self, part: slice) -> CountyProjection:
        """Return views of a block of the draws."""
        views = {
            name: {basis: values[..., part] for basis, values in getattr(self, name).items()}
            for name in ("population", *EVENTS)
        }
        return CountyProjection(**views, e0=self.e0[..., part], e60=self.e60[..., part])

    def gained_at_60(self, years: int) -> np.ndarray:
        """Return the years of life expectancy at 60 gained since the first year, shape (years, sexes, draws).

        Straight lines between the fifth years; years after the last of them continue its line.
        """
        at = np.arange(years) / E0_EVERY
        left = np.clip(at.astype(int), 0, len(self.e60) - 2)
        weight = (at - left)[:, None, None]
        return self.e60[left] * (1 - weight) + self.e60[left + 1] * weight - self.e60[0]


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


class Drawer:
    """Draws the parameters of one county from its settings, each with its own address in the random stream.

    Parameters
    ----------
    settings : Settings
    stream : int
        Address of the county's random stream.
    scores : mapping of str to ndarray (draws,), optional
        Standard normal scores by parameter key, taken in place of random numbers; a parameter without scores then
        stays at its value. ``mortality.index`` holds deviations of the index from its mean path, shape
        (years, draws), year 1 after the level year first.
    """

    def __init__(self, settings: Settings, stream: int, scores: Mapping[str, np.ndarray] | None = None):
        self.settings = settings
        self.stream = stream
        self.scores = scores
        self.size = int(settings.value("run.draws")) if scores is None else next(iter(scores.values())).shape[-1]

    def __call__(self, key: str) -> np.ndarray:
        """Return the draws of one parameter, shape (draws,)."""
        setting = self.settings[key]
        if self.scores is not None:
            return at_scores(setting.value, setting.interval, self.scores.get(key, np.zeros(self.size)))
        return draw(
            setting.value,
            setting.interval,
            setting.parameter.bounds,
            key=key,
            seed=int(self.settings.value("run.seed")),
            stream=self.stream,
            shared_variance=self.settings.value("run.shared_variance"),
            size=self.size,
        )


def schedule(tables: Mapping[str, pd.DataFrame], period: str = SCHEDULE_PERIOD) -> np.ndarray:
    """Return China's death rates of a period by single age and sex, closed out after Kannisto, shape (101, 2)."""
    table = tables["mortality_china"]
    rows = table[table["period"] == period].sort_values("age_start")
    columns = []
    for sex in SEXES:
        one = rows[rows["sex"] == sex]
        columns.append(graduate_mx(one["mx"].to_numpy(), one["age_start"].to_numpy()))
    return close_out(np.stack(columns, axis=1), from_age=95)


@dataclass(frozen=True)
class MortalityTrend:
    """Lee-Carter on China's schedules: how death rates respond to the index, and how the index moves.

    Attributes
    ----------
    bx : ndarray, shape (101,)
        Response of the log rate by single age, one for both sexes.
    kx, times : ndarray, shape (periods,)
        Fitted index and the middles of its periods.
    explained : float
        Share of the variation of the log rates that the model explains.
    drift : float
        Change of the fitted index per year.
    """

    bx: np.ndarray
    kx: np.ndarray
    times: np.ndarray
    explained: float
    drift: float


def mortality_trend(tables: Mapping[str, pd.DataFrame]) -> MortalityTrend:
    """Fit Lee & Carter (1992) with one index for both sexes to China's schedules of 1990-2025."""
    table = tables["mortality_china"].sort_values(["year_start", "age_start"])
    starts = np.sort(table["age_start"].unique())
    years = np.sort(table["year_start"].unique())
    rates_by_sex = [
        table[table["sex"] == sex].pivot(index="year_start", columns="age_start", values="mx").to_numpy()
        for sex in SEXES
    ]
    model = fit(np.log(np.stack(rates_by_sex, axis=2)))
    times = years + PERIOD_WIDTH / 2
    drift, _, _ = estimate_walk(model.kx, times)
    return MortalityTrend(single_year_bx(model.bx, starts), model.kx, times, model.explained, drift)


def index_walk(trend: MortalityTrend, settings: Settings, years_ahead: int) -> IndexForecast:
    """Return mean and variance of the index's change since the level year, year 1 first.

    The drift is the fitted one times ``mortality.drift_factor``; the spread of a year is
    ``mortality.index_sd``, wider than the fitted one, because smoothed five-year schedules hide the changes from
    year to year.
    """
    return random_walk(
        0.0,
        trend.drift * settings.value("mortality.drift_factor"),
        settings.value("mortality.index_sd"),
        np.arange(1, years_ahead + 1),
        trend.times[-1] - trend.times[0],
    )


def index_change(trend: MortalityTrend, drawer: Drawer, years_ahead: int) -> np.ndarray:
    """Draw the change of the index since the level year, shape (years, draws), year 1 first.

    A shared and a local path are mixed so that counties share the stated part of the variance.
    """
    settings = drawer.settings
    walk = index_walk(trend, settings, years_ahead)
    mean = walk.mean[:, None]
    if drawer.scores is not None:
        return mean + drawer.scores.get("mortality.index", np.zeros((years_ahead, drawer.size)))[:years_ahead]
    seed, shared = int(settings.value("run.seed")), settings.value("run.shared_variance")
    paths = [draw_index(walk, drawer.size, generator(seed, one, "mortality.index")) for one in (SHARED, drawer.stream)]
    return mean + np.sqrt(shared) * (paths[0] - mean) + np.sqrt(1 - shared) * (paths[1] - mean)


class MortalityLevel:
    """Death rates of the level year for any life expectancy: China's schedule moved by a Brass shift.

    For many draws the shift is solved on a grid of life expectancies and interpolated between.
    """

    def __init__(self, mx: np.ndarray):
        self.mx = mx
        self._alpha = []
        for s, sex in enumerate(SEXES):
            alpha = np.linspace(1.2, -2.2, 69)
            e0 = life_expectancy(shift_level(mx[:, s], alpha, sex), sex)
            self._alpha.append(PchipInterpolator(e0, alpha))

    def rates(self, e0_female: np.ndarray, e0_male: np.ndarray) -> np.ndarray:
        """Return death rates for draws of both life expectancies, shape (101, 2, draws)."""
        alpha = np.stack([solve(e0) for solve, e0 in zip(self._alpha, (e0_female, e0_male), strict=True)])
        return shift_level(self.mx, alpha, SEXES)

    def central(self, e0_female: float, e0_male: float) -> np.ndarray:
        """Return death rates whose life tables have exactly the given life expectancies, shape (101, 2)."""
        return level_to_e0(self.mx, np.array([e0_female, e0_male]), SEXES)


def past_migration(tables: Mapping[str, pd.DataFrame], county: str, natural_increase: np.ndarray) -> np.ndarray:
    """Return the mean yearly net migration 2010-2020 of a county, persons, by draw of natural increase."""
    totals = tables["census_totals"].query("area == @county").set_index("year")["value"]
    start, end = float(totals.loc[2010]), float(totals.loc[2020])
    natural = natural_increase * (start + end) / 2 * 10
    return net_migration_residual(start, end, natural) / 10


@dataclass(frozen=True)
class CountyDraws:
    """Drawn parameters of one county, draws on the last axis.

    Attributes
    ----------
    mx : ndarray, shape (101, 2, draws)
        Death rates of the level year.
    index : ndarray, shape (years, draws)
        Change of the mortality index since the level year, that year (0) first.
    births_pattern : ndarray, shape (101,)
        Births per woman and year at a total fertility rate of 1.
    tfr : ndarray, shape (years, draws)
        Total fertility rate of each projected year, the first after the launch first.
    movers : dict of ndarray, shape (101, 1, draws) or (101, 1, 1)
        Share of the net migrants of each age and sex, by basis.
    resident_flow : ndarray, shape (draws,)
        Net migrants of a year before any fading, persons.
    registered_rate : ndarray, shape (draws,)
        Net migrants over registered residents, per year.
    registered_level : ndarray, shape (draws,)
        Log of true over estimated registered residents at launch, in full from age 50 on.
    """

    mx: np.ndarray
    index: np.ndarray
    births_pattern: np.ndarray
    tfr: np.ndarray
    movers: dict[str, np.ndarray]
    resident_flow: np.ndarray
    registered_rate: np.ndarray
    registered_level: np.ndarray

    def block(self, part: slice) -> CountyDraws:
        """Return a block of the draws."""
        movers = {basis: m if m.shape[-1] == 1 else m[..., part] for basis, m in self.movers.items()}
        return CountyDraws(
            self.mx[..., part],
            self.index[:, part],
            self.births_pattern,
            self.tfr[:, part],
            movers,
            self.resident_flow[part],
            self.registered_rate[part],
            self.registered_level[part],
        )

    def launched(self, populations: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return launch populations (101, 2) by basis with their error, shape (101, 2, draws)."""
        low, high = REGISTERED_ERROR_AGES
        reach = np.clip((AGES - low) / (high - low), 0, 1)[:, None, None]
        error = {"resident": np.ones_like(self.registered_level), "registered": np.exp(reach * self.registered_level)}
        return {basis: one[..., None] * error[basis] for basis, one in populations.items()}


def draw_county(
    settings: Settings,
    stream: int,
    level: MortalityLevel,
    trend: MortalityTrend,
    tables: Mapping[str, pd.DataFrame],
    county: str,
    horizon: int,
    scores: Mapping[str, np.ndarray] | None = None,
) -> CountyDraws:
    """Draw the parameters of one county, or take them at given scores (see :class:`Drawer`)."""
    drawer = Drawer(settings, stream, scores)
    mx = level.rates(drawer("mortality.e0_female"), drawer("mortality.e0_male"))
    mx = old_age_factor(mx, np.broadcast_to(drawer("mortality.oldest_old_level"), (1, drawer.size)))
    change = index_change(trend, drawer, horizon - int(settings.value("mortality.level_year")))
    first, last = TFR_YEARS
    moved = np.clip((np.arange(LAUNCH_YEAR + 1, horizon + 1) - first) / (last - first), 0, 1)[:, None]
    retiring = drawer("migration.retirement_share")
    workers, late = (rogers_castro(AGES, one)[:, None, None] / len(SEXES) for one in (WORKERS, RETIRING))
    return CountyDraws(
        mx,
        np.concatenate([np.zeros((1, drawer.size)), change]),
        fertility_pattern(settings.value("fertility.mean_age"), settings.value("fertility.age_sd"), len(AGES)),
        drawer("fertility.tfr") * (1 - moved) + drawer("fertility.tfr_2050") * moved,
        {"resident": workers * (1 - retiring) + late * retiring, "registered": workers},
        past_migration(tables, county, drawer("migration.natural_increase")) * drawer("migration.share_of_past"),
        drawer("migration.registered_rate"),
        drawer("population.registered_level"),
    )


def project_county(
    settings: Settings,
    draws: CountyDraws,
    bx: np.ndarray,
    launch_populations: Mapping[str, np.ndarray],
    years: np.ndarray,
    block: int = BLOCK,
) -> CountyProjection:
    """Project one county on the bases that launch populations are given for, a block of draws at a time.

    A block's arrays stay in the processor's cache; what is kept of every draw is only what CountyProjection holds.

    Parameters
    ----------
    settings : Settings
    draws : CountyDraws
    bx : ndarray, shape (101,)
        Response of the log death rate to the mortality index.
    launch_populations : dict of ndarray, shape (101, 2)
        Persons at the end of the first year, by basis.
    years : ndarray, shape (years,)
    block : int
        Draws that are projected together; the result does not depend on it.
    """
    size = draws.resident_flow.size
    kept = CountyProjection.empty(len(years), size, tuple(launch_populations))
    for start in range(0, size, block):
        part = slice(start, min(start + block, size))
        _project_block(settings, draws.block(part), bx, launch_populations, years, kept.block(part))
    return kept


def _project_block(
    settings: Settings,
    draws: CountyDraws,
    bx: np.ndarray,
    launch_populations: Mapping[str, np.ndarray],
    years: np.ndarray,
    out: CountyProjection,
) -> None:
    size = draws.resident_flow.size
    srb, level_year = settings.value("fertility.srb"), int(settings.value("mortality.level_year"))
    fade_until = settings.value("migration.fade_until")
    now = draws.launched(launch_populations)
    spare = {basis: Step.like(population) for basis, population in now.items()}
    flow = {basis: np.empty(np.broadcast_shapes(m.shape, (1, 1, size))) for basis, m in draws.movers.items()}
    elderly = {basis: m[ELDER_AGE:].sum(axis=(0, 1)) * len(SEXES) for basis, m in draws.movers.items()}
    by_age = np.empty((len(bx), size))
    rates, survival, between = (np.empty_like(draws.mx) for _ in range(3))

    def survive(year: int) -> None:
        fill_rates(draws.mx, bx, draws.index[max(year - level_year, 0)], rates, between)
        # Also false where a rate is not a number.
        if not rates[:OPEN_AGE].max() < HIGHEST_MX:
            raise ValueError(f"a death rate of {year} is so high that nobody survives an age")
        fill_survival(rates, SEXES, survival, between)

    survive(years[0])
    for t, year in enumerate(years):
        if t % E0_EVERY == 0:
            at = t // E0_EVERY
            out.e0[at], out.e60[at] = expectation_from_survival(survival, rates, (0, ELDER_AGE))
        for basis in now:
            groups = out.population[basis][t]
            now[basis][:OPEN_AGE].reshape(len(GROUPS) - 1, 5, len(SEXES), size).sum(axis=1, out=groups[:-1])
            groups[-1] = now[basis][OPEN_AGE]
        if t == len(years) - 1:
            break
        survive(year + 1)
        fade = np.clip((fade_until - (year + 1)) / max(fade_until - LAUNCH_YEAR - 1, 1), 0.0, 1.0)
        totals = {"resident": draws.resident_flow * fade}
        if "registered" in now:
            totals["registered"] = draws.registered_rate * out.population["registered"][t].sum(axis=(0, 1))
        for basis in now:
            before, after = now[basis], spare[basis]
            np.multiply(draws.movers[basis], totals[basis], out=flow[basis])
            # Checked once, by the sum of the last year, instead of in every step.
            advance(before, survival, draws.births_pattern, draws.tfr[t], srb, flow[basis], after)
            np.add(after.deaths[:, 0], after.deaths[:, 1], out=by_age)
            out.births[basis][t] = after.births.sum(axis=0)
            out.deaths_60plus[basis][t] = by_age[ELDER_AGE:].sum(axis=0)
            out.deaths[basis][t] = by_age[:ELDER_AGE].sum(axis=0) + out.deaths_60plus[basis][t]
            out.migration[basis][t] = totals[basis]
            out.turning_60[basis][t] = before[ELDER_AGE - 1].sum(axis=0)
            out.migration_60plus[basis][t] = elderly[basis] * totals[basis]
            now[basis], spare[basis] = after.population, Step(before, after.births, after.deaths)
    if not all(np.isfinite(out.population[basis][-1].sum()) for basis in now):
        raise ValueError("a projected population is not a finite number")


@dataclass(frozen=True)
class Start:
    """What the projections of all counties begin with.

    Attributes
    ----------
    level : MortalityLevel
    trend : MortalityTrend
    launch : Launch
    """

    level: MortalityLevel
    trend: MortalityTrend
    launch: Launch


def prepare(settings: Mapping[str, Settings], tables: Mapping[str, pd.DataFrame], known_by: int | None = None) -> Start:
    """Fit the mortality trend and build the launch populations.

    Parameters
    ----------
    settings : mapping county -> Settings
    tables : mapping of data/raw tables
    known_by : int, optional
        Leave out registered counts of later years.
    """
    first = next(iter(settings.values()))
    level = MortalityLevel(schedule(tables))
    mx = level.central(first.default("mortality.e0_female"), first.default("mortality.e0_male"))
    start = launch(tables, tuple(settings), mx, first.value("population.graduation"), known_by)
    return Start(level, mortality_trend(tables), start)


def project_from(
    start: Start,
    settings: Mapping[str, Settings],
    streams: Mapping[str, int],
    tables: Mapping[str, pd.DataFrame],
    until: int,
    scores: Mapping[str, Mapping[str, np.ndarray]] | None = None,
) -> dict[str, CountyProjection]:
    """Project the counties that settings are given for, at random draws or at given scores by county."""
    years = np.arange(LAUNCH_YEAR, until + 1)
    projections = {}
    for county, one in settings.items():
        at = start.launch.counties.index(county)
        projections[county] = project_county(
            one,
            draw_county(
                one, streams[county], start.level, start.trend, tables, county, until, scores and scores[county]
            ),
            start.trend.bx,
            {"resident": start.launch.resident[at], "registered": start.launch.registered[at]},
            years,
        )
    return projections
