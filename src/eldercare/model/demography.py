"""The projection of every county: survival by draw, births, migration, and the yearly cohort step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from scipy.interpolate import PchipInterpolator

from eldercare.inputs import Settings
from eldercare.inputs.city import City
from eldercare.model.draws import SHARED, Drawer, generator, total
from eldercare.model.launch import AGES, GRADUATION, OPEN_AGE, Launch, Tables, launch
from eldercare.population import SEXES, lee_carter
from eldercare.population.life_table import HIGHEST_MX, expectation_from_survival, fill_survival
from eldercare.population.mortality import graduate_mx, level_to_e0, life_expectancy, shift_level
from eldercare.population.old_age import close_out, old_age_factor
from eldercare.population.projection import Step, advance
from eldercare.population.schedules import CHILDHOOD, LABOUR, Peak, fertility_pattern, rogers_castro

GROUP_STARTS = np.arange(0, OPEN_AGE + 1, 5)
GROUPS = [f"{a}-{a + 4}" for a in GROUP_STARTS[:-1]] + [f"{OPEN_AGE}+"]
BASES = ("resident", "registered")
# Years of a period of the country's mortality schedules.
PERIOD_WIDTH = 5
ELDER_AGE = 60
# The total fertility rate moves in a straight line from the first projected year to this one, and stays afterwards.
TFR_UNTIL = 2050
# One uncertainty without a parameter of its own: the path of the mortality index.
INDEX = "mortality.index"
People = Mapping[str, np.ndarray]
EVENTS = ("births", "deaths", "migration", "turning_60", "deaths_60plus", "migration_60plus")
# Draws that are projected together: their arrays of 101 ages and 2 sexes stay in the cache.
BLOCK = 512
# The error of the registered launch reaches those who are, or become within two decades, elders: full from the second
# age on, nothing below the first.
REGISTERED_ERROR_AGES = (40, 50)
# Life expectancy of every draw is kept for every fifth year only; it moves slowly.
E0_EVERY = 5
# Parameters of how far old-age mortality may be from the schedule, with the ages from which on they hold in full.
OLD_AGE_LEVELS = {"mortality.oldest_old_level": 80, "mortality.county_level": 65}
# The peak of net migrants who retire; those who come to work follow the standard schedule without its constant.
RETIRING = Peak(1.0, 0.5, 62.0, 0.5)


@dataclass(frozen=True)
class CountyProjection:
    """Draws of one county; every quantity is by basis (resident, registered), persons, draws on the last axis.

    Attributes
    ----------
    population : arrays (year, group, sex, draw), at the end of each year
    births, deaths, migration : arrays (year - 1, draw), events between the ends of two years
    turning_60, deaths_60plus, migration_60plus : arrays (year - 1, draw), change of the elders: those aged 59 at the
        start, deaths (of these too) and net migrants aged 60 and over at the end
    e0, e60 : array (every fifth year, sex, draw), life expectancy at birth and at age 60
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
    def empty(cls, years: int, draws: int, bases: Sequence[str] = BASES) -> Self:
        """Return a projection with room for its numbers."""
        population = {basis: np.empty((years, len(GROUPS), len(SEXES), draws)) for basis in bases}
        events = {name: {basis: np.empty((years - 1, draws)) for basis in bases} for name in EVENTS}
        shape = (len(range(0, years, E0_EVERY)), len(SEXES), draws)
        return cls(population, **events, e0=np.empty(shape), e60=np.empty(shape))

    def block(self, part: slice) -> Self:
        """Return views of a block of the draws."""
        return replace(self, **{name: _block(drawn, part) for name, drawn in vars(self).items()})

    def gained_at_60(self, years: int) -> np.ndarray:
        """Return the years of life expectancy at 60 gained since the first year (year, sex, draw).

        Straight lines between the fifth years; years after the last of them continue its line.
        """
        place = np.arange(years) / E0_EVERY
        left = np.clip(place.astype(int), 0, len(self.e60) - 2)
        weight = (place - left)[:, None, None]
        return self.e60[left] * (1 - weight) + self.e60[left + 1] * weight - self.e60[0]


def _block(drawn: Any, part: slice) -> Any:
    """Return a block of the draws of an array, or of each array of a dict; one column stands for all draws."""
    if isinstance(drawn, dict):
        return {name: _block(values, part) for name, values in drawn.items()}
    return drawn if drawn.shape[-1] == 1 else drawn[..., part]


def add_projections(parts: Sequence[CountyProjection]) -> CountyProjection:
    """Return the sum of projections, draw by draw; life expectancy is weighted by residents."""
    if len(parts) == 1:
        return parts[0]
    sums: dict[str, Any] = {
        name: {basis: total(getattr(part, name)[basis] for part in parts) for basis in BASES}
        for name in ("population", *EVENTS)
    }
    residents = np.array([part.population["resident"][0].sum() for part in parts])
    for name in ("e0", "e60"):
        sums[name] = np.einsum("c,ctsd->tsd", residents / residents.sum(), [getattr(part, name) for part in parts])
    return CountyProjection(**sums)


def count_from(population: np.ndarray, from_age: int) -> np.ndarray:
    """Return persons of an age (a multiple of five) and over, shape (years, draws)."""
    return population[:, GROUP_STARTS >= from_age].sum(axis=(1, 2))


def schedule(tables: Tables, year: int) -> np.ndarray:
    """Return the country's death rates (age, sex) of the last period that ended by a year, closed after Kannisto."""
    table = tables["mortality_china"]
    start = table["year_start"][table["year_start"] + PERIOD_WIDTH <= year].max()
    rates = table[table["year_start"] == start].pivot(index="age_start", columns="sex", values="mx").sort_index()
    by_sex = [graduate_mx(rates[sex].to_numpy(), rates.index.to_numpy()) for sex in SEXES]
    return close_out(np.stack(by_sex, axis=1))


class MortalityTrend(NamedTuple):
    """Lee-Carter on the country's schedules: how death rates respond to the index, and how the index moves.

    Attributes
    ----------
    bx : array (age,), response of the log rate by single age, one for both sexes
    drift : change of the fitted index per year
    span : years between the middles of its first and its last period
    """

    bx: np.ndarray
    drift: float
    span: float


def mortality_trend(tables: Tables, until: int) -> MortalityTrend:
    """Fit Lee & Carter (1992) with one index for both sexes to the country's schedules up to the end of a year."""
    table = tables["mortality_china"].query("year_start + @PERIOD_WIDTH <= @until + 1")
    by_sex = table.pivot(index="year_start", columns=["sex", "age_start"], values="mx").sort_index()
    rates = np.stack([by_sex[sex].sort_index(axis=1).to_numpy() for sex in SEXES], axis=2)
    bx, kx = lee_carter.fit(np.log(rates))
    drift, _, span = lee_carter.estimate_walk(kx, by_sex.index.to_numpy() + PERIOD_WIDTH / 2)
    ages = by_sex[SEXES[0]].columns.sort_values().to_numpy()
    return MortalityTrend(lee_carter.single_year_bx(bx, ages), drift, span)


def index_walk(trend: MortalityTrend, settings: Settings, years_ahead: int) -> lee_carter.Walk:
    """Return the walk of the index since the level year: the fitted drift times ``mortality.drift_factor``.

    The spread of a year is ``mortality.index_sd``, wider than the fitted one, because smoothed five-year schedules
    hide the changes from year to year.
    """
    drift = trend.drift * settings.number("mortality.drift_factor")
    ahead = np.arange(1, years_ahead + 1)
    return lee_carter.random_walk(drift, settings.number("mortality.index_sd"), ahead, trend.span)


def index_change(trend: MortalityTrend, drawer: Drawer, years_ahead: int) -> np.ndarray:
    """Draw the change of the index since the level year (year, draw): a shared and a local path, mixed."""
    settings, walk = drawer.settings, index_walk(trend, drawer.settings, years_ahead)
    mean = walk.mean[:, None]
    if drawer.scores is not None:
        return mean + drawer.scores.get(INDEX, np.zeros((years_ahead, drawer.size)))[:years_ahead]
    seed, weight = settings.integer("run.seed"), settings.number("run.shared_variance")
    chance = (generator(seed, stream, INDEX) for stream in (SHARED, drawer.stream))
    shared, local = (lee_carter.draw_index(walk, drawer.size, rng) for rng in chance)
    return mean + np.sqrt(weight) * (shared - mean) + np.sqrt(1 - weight) * (local - mean)


class MortalityLevel:
    """Death rates of the level year for any life expectancy: the country's schedule moved by a Brass shift.

    For many draws the shift is solved on a grid of life expectancies and interpolated between.
    """

    def __init__(self, mx: np.ndarray):
        self.mx, alpha = mx, np.linspace(1.2, -2.2, 69)
        levels = (life_expectancy(shift_level(mx[:, s], alpha, sex), sex) for s, sex in enumerate(SEXES))
        self._alpha = [PchipInterpolator(e0, alpha) for e0 in levels]

    def rates(self, e0_female: np.ndarray, e0_male: np.ndarray) -> np.ndarray:
        """Return death rates (age, sex, draw) for draws of both life expectancies."""
        alpha = np.stack([solve(e0) for solve, e0 in zip(self._alpha, (e0_female, e0_male), strict=True)])
        return shift_level(self.mx, alpha, SEXES)

    def central(self, e0_female: float, e0_male: float) -> np.ndarray:
        """Return death rates (age, sex) whose life tables have exactly the given life expectancies."""
        levels = zip(SEXES, self.mx.T, (e0_female, e0_male), strict=True)
        return np.stack([level_to_e0(mx, e0, sex) for sex, mx, e0 in levels], axis=1)


class Start(NamedTuple):
    """What the projections of all counties begin with."""

    level: MortalityLevel
    trend: MortalityTrend
    launch: Launch


def past_migration(tables: Tables, county: str, launch_year: int, natural_increase: np.ndarray) -> np.ndarray:
    """Return the mean yearly net migration of a county between its last two censuses, persons.

    The residual of the totals, with the errors of both: United Nations (1970), Manual VI (vital statistics method).
    ``natural_increase`` are the draws of births less deaths, per person and year.
    """
    totals = tables["census_totals"].query("area == @county and year <= @launch_year").sort_values("year")
    (start, end), (first, last) = totals["value"].to_numpy(float)[-2:], totals["year"].to_numpy()[-2:]
    natural = natural_increase * (start + end) / 2 * (last - first)
    return (end - start - natural) / (last - first)


@dataclass(frozen=True)
class CountyDraws:
    """Drawn parameters of one county, draws on the last axis.

    Attributes
    ----------
    mx : array (age, sex, draw), death rates of the level year
    index : array (year, draw), change of the mortality index since the level year, that year (0) first
    births_pattern : array (age,), births per woman and year at a total fertility rate of 1
    tfr : array (year, draw), total fertility rate of each projected year, the first after the launch first
    movers : by basis, array (age, 1, draw) or (age, 1, 1), share of the net migrants of each age and sex
    resident_flow : array (draw,), net migrants of a year before any fading, persons
    registered_rate : array (draw,), net migrants over registered residents, per year
    registered_level : array (draw,), log of true over estimated registered residents at launch, in full from age 50 on
    """

    mx: np.ndarray
    index: np.ndarray
    births_pattern: np.ndarray
    tfr: np.ndarray
    movers: dict[str, np.ndarray]
    resident_flow: np.ndarray
    registered_rate: np.ndarray
    registered_level: np.ndarray

    def block(self, part: slice) -> Self:
        """Return a block of the draws."""
        return replace(self, **{n: _block(x, part) for n, x in vars(self).items() if n != "births_pattern"})

    def launched(self, populations: People) -> dict[str, np.ndarray]:
        """Return launch populations (age, sex) by basis with their error (age, sex, draw)."""
        low, high = REGISTERED_ERROR_AGES
        reach = np.clip((AGES - low) / (high - low), 0, 1)[:, None, None]
        error = {"resident": np.ones_like(self.registered_level), "registered": np.exp(reach * self.registered_level)}
        return {basis: persons[..., None] * error[basis] for basis, persons in populations.items()}


def draw_county(start: Start, drawer: Drawer, county: str, tables: Tables, years: np.ndarray) -> CountyDraws:
    """Draw the parameters of one county for a projection over the years, the launch year first."""
    settings = drawer.settings
    mx = start.level.rates(drawer("mortality.e0_female"), drawer("mortality.e0_male"))
    for level, from_age in OLD_AGE_LEVELS.items():
        mx = old_age_factor(mx, np.broadcast_to(drawer(level), (1, drawer.size)), from_age)
    change = index_change(start.trend, drawer, max(int(years[-1]) - settings.integer("mortality.level_year"), 0))
    first = start.launch.year + 1
    moved = np.clip((years[1:] - first) / (TFR_UNTIL - first), 0, 1)[:, None]
    retiring = drawer("migration.retirement_share")
    labour = LABOUR._replace(age=LABOUR.age + drawer("migration.age_shift"))
    movers = rogers_castro(AGES[:, None], labour, CHILDHOOD), rogers_castro(AGES[:, None], RETIRING)
    workers, late = (shares[:, None] / len(SEXES) for shares in movers)
    residents = _older_moved(workers * (1 - retiring) + late * retiring, drawer("migration.elders_factor"))
    natural = drawer("migration.natural_increase")
    return CountyDraws(
        mx,
        np.concatenate([np.zeros((1, drawer.size)), change]),
        fertility_pattern(settings.number("fertility.mean_age"), settings.number("fertility.age_sd"), len(AGES)),
        drawer("fertility.tfr") * (1 - moved) + drawer("fertility.tfr_2050") * moved,
        {"resident": residents, "registered": workers},
        past_migration(tables, county, start.launch.year, natural) * drawer("migration.share_of_past"),
        drawer("migration.registered_rate"),
        drawer("population.registered_level"),
    )


def _older_moved(movers: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return shares of net migrants (age, sex, draw), those of elders times a factor; the younger make up for it."""
    whole, older = movers.sum(axis=(0, 1)), movers[ELDER_AGE:].sum(axis=(0, 1))
    moved = movers * ((whole - older * factor) / (whole - older))
    moved[ELDER_AGE:] = movers[ELDER_AGE:] * factor
    return moved


def project_county(
    settings: Settings, draws: CountyDraws, bx: np.ndarray, people: People, years: np.ndarray, block: int = BLOCK
) -> CountyProjection:
    """Project one county on the bases that its people are given for, a block of draws at a time.

    A block's arrays stay in the processor's cache; what is kept of every draw is only what CountyProjection holds. The
    result does not depend on the size of a block.

    Parameters
    ----------
    bx : array (age,), response of the log death rate to the mortality index
    people : by basis, array (age, sex), persons at the end of the first year
    years : array (year,)
    block : draws that are projected together
    """
    size = draws.resident_flow.size
    kept = CountyProjection.empty(len(years), size, tuple(people))
    for start in range(0, size, block):
        part = slice(start, start + block)
        _project_block(settings, draws.block(part), bx, people, years, kept.block(part))
    return kept


def _project_block(
    settings: Settings, draws: CountyDraws, bx: np.ndarray, people: People, years: np.ndarray, out: CountyProjection
) -> None:
    size = draws.resident_flow.size
    srb, level_year = settings.number("fertility.srb"), settings.integer("mortality.level_year")
    fade_until, first = settings.integer("migration.fade_until"), years[0] + 1
    now = draws.launched(people)
    spare = {basis: Step.like(population) for basis, population in now.items()}
    flow = {basis: np.empty(np.broadcast_shapes(m.shape, (1, 1, size))) for basis, m in draws.movers.items()}
    elderly = {basis: m[ELDER_AGE:].sum(axis=(0, 1)) * len(SEXES) for basis, m in draws.movers.items()}
    by_age = np.empty((len(bx), size))
    rates, survival, between = (np.empty_like(draws.mx) for _ in range(3))

    def survive(year: int) -> None:
        lee_carter.fill_rates(draws.mx, bx, draws.index[max(year - level_year, 0)], rates, between)
        # A few of many draws may reach rates at which nobody survives an age; see `survivable`.
        np.minimum(rates, np.nextafter(HIGHEST_MX, 0.0), out=rates)
        if np.isnan(rates.max()):
            raise ValueError(f"a death rate of {year} is not a number")
        fill_survival(rates, SEXES, survival, between)

    survive(years[0])
    for t, year in enumerate(years):
        if t % E0_EVERY == 0:
            fifth = t // E0_EVERY
            out.e0[fifth], out.e60[fifth] = expectation_from_survival(survival, rates, (0, ELDER_AGE))
        for basis in now:
            groups = out.population[basis][t]
            now[basis][:OPEN_AGE].reshape(len(GROUPS) - 1, 5, len(SEXES), size).sum(axis=1, out=groups[:-1])
            groups[-1] = now[basis][OPEN_AGE]
        if t == len(years) - 1:
            break
        survive(year + 1)
        fade = np.clip((fade_until - (year + 1)) / max(fade_until - first, 1), 0.0, 1.0)
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
            if after.population.min() < 0:
                # More would leave an age than are there: all leave.
                missing = np.minimum(after.population, 0.0)
                after.population[:] -= missing
                out.migration[basis][t] -= missing.sum(axis=(0, 1))
                out.migration_60plus[basis][t] -= missing[ELDER_AGE:].sum(axis=(0, 1))
            now[basis], spare[basis] = after.population, Step(before, after.births, after.deaths)
    if not all(np.isfinite(out.population[basis][-1].sum()) for basis in now):
        raise ValueError("a projected population is not a finite number")


def prepare(
    settings: Settings,
    city: City,
    tables: Tables,
    counties: Sequence[str],
    known_by: float = np.inf,
    graduation: str = "",
) -> Start:
    """Fit the mortality trend and build the launch populations.

    ``settings`` are of any county: what they are asked for is one for all. ``known_by`` leaves out registered counts
    of later years; ``graduation`` says how age groups are opened, as the settings have it when not given.
    """
    level = MortalityLevel(schedule(tables, city.launch_year))
    mx = level.central(*(settings.default(f"mortality.e0_{sex}") for sex in SEXES))
    graduation = graduation or settings.choice(GRADUATION)
    launched = launch(tables, city, tuple(counties), mx, graduation, known_by)
    # The level leaves the pandemic out, and so does the trend.
    return Start(level, mortality_trend(tables, settings.integer("mortality.level_year")), launched)


def county_projection(start: Start, drawer: Drawer, county: str, tables: Tables, until: int) -> CountyProjection:
    """Project one county from the launch to the end of a year, at the drawer's draws or scores."""
    years = np.arange(start.launch.year, until + 1)
    draws = draw_county(start, drawer, county, tables, years)
    return project_county(drawer.settings, draws, start.trend.bx, start.launch.of(county), years)
