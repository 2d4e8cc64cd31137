"""How good the projection is: looked back at, against rivals, its base, and what its answer is sensitive to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from eldercare.inputs import Setting, Settings
from eldercare.inputs.city import City
from eldercare.model.demography import (
    ELDER_AGE,
    GROUP_STARTS,
    CountyProjection,
    Start,
    count_from,
    county_projection,
    draw_county,
    prepare,
)
from eldercare.model.draws import total
from eldercare.model.launch import (
    EVEN_UNTIL,
    Tables,
    ages_of,
    graduation_weights,
    reconstructed_residents,
    resident_source,
    tabulated_residents,
)
from eldercare.model.run import Run
from eldercare.model.sensitivity import INDEX, end_scores, ends_frame, projection_at
from eldercare.population import SEXES, life_table, survival_from_mx, survive_back
from eldercare.population.rivals import Rival, constant_growth, ets_forecast, fill_years, no_change
from eldercare.population.scores import crps_sample, malpe, mape

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
GRADUATION = "population.graduation"
GRADUATIONS = ("births_weighted", "even")
# Central intervals whose coverage is judged; the second is shown.
LEVELS = (0.5, 0.8, 0.95)
SHOWN = 0.8
LOOK_BACK_METHODS = ("model", "model_2020", "no_change", "constant_growth")
# Rivals that need a value every year get straight lines between the counts.
SMOOTHINGS: dict[str, Callable[..., Rival]] = {"ets": ets_forecast, "damped_trend": partial(ets_forecast, damped=True)}


@dataclass(frozen=True)
class Forecast:
    """What a method says of one count: point, interval by level (NaN: none), and the score of its distribution."""

    point: float
    bands: dict[float, tuple[float, float]]
    crps: float

    @classmethod
    def of_draws(cls, draws: np.ndarray, published: float) -> Forecast:
        """Return the forecast of draws: their mean, the quantiles, and the continuous ranked probability score."""
        ends = {level: np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]).tolist() for level in LEVELS}
        bands = {level: (low, high) for level, (low, high) in ends.items()}
        return cls(float(draws.mean()), bands, float(crps_sample(draws, published)))

    @classmethod
    def of_rivals(cls, rivals: Mapping[float, Rival], place: int, published: float) -> Forecast:
        """Return the forecast of a rival at the place of a year: it counts as a point, with the absolute error."""
        point = float(rivals[SHOWN].point[place])
        bands = {
            level: (np.nan, np.nan)
            if rival.low is None or rival.high is None
            else (float(rival.low[place]), float(rival.high[place]))
            for level, rival in rivals.items()
        }
        return cls(point, bands, abs(point - published))


def published_counts(tables: Tables, city: City, areas: Sequence[str]) -> pd.DataFrame:
    """Return the published registered residents aged 60 and over, by area and year.

    Where only a share is published it is multiplied by the registered total of that year, or by the total
    interpolated between (or kept from) the nearest published ones.

    Returns
    -------
    DataFrame
        area, year (end of the year), published (persons), implied (computed from a published share or ratio instead of
        printed), role (``before``: back-cast, ``fitted``: used to build the launch, ``after``: a forecast meets it).
    """
    table = tables["registered_population"]
    table = table[table["used"]]
    used = {count.year for count in city.registered_counts if (count.from_age, count.to_age) == (ELDER_AGE, None)}
    rows = []
    for area in areas:
        own = table[table["area"] == area]
        series = {name: rows.set_index("year")["value"].sort_index() for name, rows in own.groupby("indicator")}
        printed, ratios, shares, totals = (
            series.get(name, pd.Series(dtype=float))
            for name in (
                "registered_60plus",
                "registered_60plus_implied",
                "share_60plus_registered",
                "registered_population",
            )
        )
        years, persons = totals.index.to_numpy(float), totals.to_numpy(float)
        values = {year: shares[year] / 100 * np.interp(year, years, persons) for year in shares.index if len(years)}
        values |= {**ratios, **printed}
        for year in sorted(values):
            fitted = area == city.id and year in used
            role = "fitted" if fitted else "before" if year <= city.launch_year else "after"
            rows.append((area, int(year), float(values[year]), year not in printed.index, role))
    return pd.DataFrame(rows, columns=["area", "year", "published", "implied", "role"])


class Reliability:
    """The checks of one run: look-back, rivals, base and sensitivity.

    Parameters
    ----------
    run : Run
    """

    def __init__(self, run: Run):
        self.run = run
        self.tables = run.project.tables
        self.city = run.city
        self.launch_year = run.launch_year
        self._frames: dict[str, pd.DataFrame] = {}

    def _remembered(self, name: str, make: Callable[[Reliability], pd.DataFrame], *identity: object) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = self.run.remembered(name, lambda run: make(Reliability(run)), *identity)
        return self._frames[name]

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Published counts of all areas; columns of :func:`published_counts`."""
        return published_counts(self.tables, self.run.project.city, self.run.areas)

    @property
    def _of_city(self) -> pd.DataFrame:
        return self.counts[self.counts["area"] == self.city]

    @property
    def _last_year(self) -> int:
        return int(max([*self.counts["year"], self.launch_year + 1]))

    @cached_property
    def known(self) -> dict[str, np.ndarray]:
        """Registered 60+ by area, shape (years, draws), launched with counts up to the launch year only."""
        start = self._prepared(self.run.common, self.launch_year)
        elders = {}
        for name, county in self.run.counties.items():
            projection = county_projection(start, county.drawer, name, self.tables, self._last_year)
            elders[name] = _elders(projection, "registered")
        return {self.city: total(elders.values()), **elders}

    def _prepared(self, settings: Settings, known_by: int | None = None) -> Start:
        return prepare(settings, self.run.project.city, self.tables, tuple(self.run.counties), known_by)

    def back_cast(self, area: str, year: int) -> np.ndarray:
        """Return registered 60+ of a year before the launch, shape (draws,): survivors brought back to life."""
        elders = []
        start, years = self.run.start, np.arange(self.launch_year, self.launch_year + 2)
        for county in self.run.members(area):
            drawn = draw_county(start, self.run.counties[county].drawer, county, self.tables, years)
            now = drawn.launched(start.launch.of(county))["registered"]
            before = survive_back(now, survival_from_mx(drawn.mx, SEXES), self.launch_year - year)
            elders.append(before[ELDER_AGE:].sum(axis=(0, 1)))
        return total(elders)

    @cached_property
    def rivals(self) -> dict[tuple[str, str], dict[float, Rival]]:
        """Rivals by area and method, each by level: forecasts of every year after the launch.

        They see the area's counts up to the launch year; a method that these are too few for is left out.
        """
        targets = range(self.launch_year + 1, self._last_year + 1)
        rivals: dict[tuple[str, str], dict[float, Rival]] = {}
        known = self.counts[self.counts["year"] <= self.launch_year]
        for area, before in known.groupby("area"):
            for method, least, forecast in (("no_change", 1, no_change), ("constant_growth", 2, constant_growth)):
                if len(before) >= least:
                    rivals[str(area), method] = {
                        level: forecast(before["year"], before["published"], list(targets), level) for level in LEVELS
                    }
        return rivals

    def forecasts(self, area: str, year: int, published: float) -> dict[str, Forecast]:
        """Return what the model, the model with data to the launch year, and the rivals say of a count."""
        if year <= self.launch_year:
            return {"model": Forecast.of_draws(self.back_cast(area, year), published)}
        t = year - self.launch_year
        draws = {"model": self.run.elders(area, "registered")[t], "model_2020": self.known[area][t]}
        said = {method: Forecast.of_draws(values, published) for method, values in draws.items()}
        for (where, method), rivals in self.rivals.items():
            if where == area:
                said[method] = Forecast.of_rivals(rivals, t - 1, published)
        return said

    @cached_property
    def _forecasts(self) -> list[dict[str, Forecast]]:
        rows = zip(self.counts["area"], self.counts["year"], self.counts["published"], strict=True)
        return [self.forecasts(area, year, published) for area, year, published in rows]

    def forecast(self) -> pd.DataFrame:
        """Return the city's registered 60+ launched with data to 2020: year, low, point, high (persons, 80%)."""

        def made(checks: Reliability) -> pd.DataFrame:
            draws = checks.known[checks.city]
            low, high = np.quantile(draws, [0.1, 0.9], axis=1)
            years = checks.launch_year + np.arange(len(draws))
            return pd.DataFrame({"year": years, "low": low, "point": draws.mean(axis=1), "high": high})

        return self._remembered("forecast", made)

    def look_back(self) -> pd.DataFrame:
        """Return every published count beside the model and the rivals.

        Columns: those of :func:`published_counts`; then for each method ``_point``, ``_low``, ``_high``
        (persons, 80% interval; missing where a method says nothing).
        """

        def made(checks: Reliability) -> pd.DataFrame:
            columns = {}
            for method in LOOK_BACK_METHODS:
                said = [row.get(method) for row in checks._forecasts]
                columns[f"{method}_point"] = [f.point if f else np.nan for f in said]
                for end, name in enumerate(("low", "high")):
                    columns[f"{method}_{name}"] = [f.bands[SHOWN][end] if f else np.nan for f in said]
            return checks.counts.assign(**columns)

        return self._remembered("look_back", made)

    def scores(self) -> pd.DataFrame:
        """Return error scores over the counts after the launch.

        Columns: method, n, mape, malpe (percent), mape_common (over the counts that every method forecasts), crps
        (persons, over the same; a rival counts as a point, for which it is the absolute error), covered_50,
        covered_80, covered_95 (counts inside the interval), with_band (counts for which there is one). Scores over no
        count are missing.
        """
        return self._remembered("scores", Reliability._scores)

    def _scores(self) -> pd.DataFrame:
        after = [
            (float(published), said)
            for published, role, said in zip(
                self.counts["published"], self.counts["role"], self._forecasts, strict=True
            )
            if role == "after"
        ]
        common = [(published, said) for published, said in after if set(LOOK_BACK_METHODS) <= set(said)]
        rows = []
        for method in LOOK_BACK_METHODS:
            own = [(published, said[method]) for published, said in after if method in said]
            shared = [(published, said[method]) for published, said in common]
            row = {
                "method": method,
                "n": len(own),
                "mape": _error(mape, own),
                "malpe": _error(malpe, own),
                "mape_common": _error(mape, shared),
                "crps": float(np.mean([f.crps for _, f in shared])) if shared else np.nan,
            }
            for level in LEVELS:
                inside = [f.bands[level][0] <= published <= f.bands[level][1] for published, f in own]
                row[f"covered_{level * 100:.0f}"] = sum(inside)
            rows.append(row | {"with_band": sum(np.isfinite(f.bands[SHOWN][0]) for _, f in own)})
        return pd.DataFrame(rows)

    def one_year_ahead(self) -> pd.DataFrame:
        """Return forecasts of the city's last published count from all before it.

        The exponential smoothings need more observations than were known in the launch year; here they get all
        counts up to the year before, the gaps filled by straight lines, which favours them. Columns: method, point
        (persons; missing where there are too few observations), observations, year, published.
        """

        def made(checks: Reliability) -> pd.DataFrame:
            *before, last = checks._of_city[["year", "published"]].itertuples(index=False, name=None)
            frame = pd.DataFrame(_rivals_of(before, [int(last[0])]), columns=["method", "point", "observations"])
            return frame.assign(year=int(last[0]), published=last[1])

        return self._remembered("ahead", made)

    def outlook(self) -> pd.DataFrame:
        """Return what the rivals, given all published counts, say for later years beside the model: city, registered.

        Columns: method, then one column of points for each of the city's near and target year (missing where a method
        cannot be fitted).
        """

        def made(checks: Reliability) -> pd.DataFrame:
            city = checks.run.project.city
            years = [city.near_year, city.target_year]
            counts = list(checks._of_city[["year", "published"]].itertuples(index=False, name=None))
            elders = checks.run.elders(checks.city, "registered").mean(axis=1)
            rows = [("model", *(float(elders[checks.run.position(year)]) for year in years))]
            rows += [row[:-1] for row in _rivals_of(counts, years)]
            return pd.DataFrame(rows, columns=["method", *years])

        return self._remembered("outlook", made)

    def base_checks(self) -> pd.DataFrame:
        """Return the city's launch residents beside the census's published bands: age_group, sex, model, published."""
        launch = self.run.launch.resident.sum(axis=0)
        bands = self.tables["census_bands"]
        rows = bands[
            (bands["area"] == self.city)
            & (bands["year"] == self.launch_year)
            & (bands["indicator"] == "population")
            & bands["used"]
        ]
        sexes = {"total": [0, 1]} | {sex: [s] for s, sex in enumerate(SEXES)}
        model = [
            launch[ages_of(group)][:, sexes[sex]].sum()
            for group, sex in zip(rows["age_group"], rows["sex"], strict=True)
        ]
        columns = {"age_group": rows["age_group"], "sex": rows["sex"], "model": model, "published": rows["value"]}
        return pd.DataFrame(columns).reset_index(drop=True)

    def reconstruction_error(self) -> pd.DataFrame | None:
        """Return the reconstruction beside the imported census table, or None without one.

        Columns: area, age_group, sex, table, reconstruction (persons), for the members of the run's area.
        """
        if resident_source(self.tables) != "census_table":
            return None
        counties, settings = tuple(self.run.counties), self.run.common
        mx = self.run.start.level.central(*(settings.default(f"mortality.e0_{sex}") for sex in SEXES))
        exposure = life_table(mx, sex=SEXES).Lx
        weights = graduation_weights(self.tables, self.launch_year, exposure, settings.choice(GRADUATION))
        both = [make(self.tables, counties, weights) for make in (tabulated_residents, reconstructed_residents)]
        groups = [f"{a}-{a + 4}" for a in GROUP_STARTS if a < EVEN_UNTIL] + [f"{EVEN_UNTIL}+"]
        records = []
        for county in self.run.members():
            for group in groups:
                for s, sex in enumerate(SEXES):
                    table, own = (float(p[counties.index(county), ages_of(group), s].sum()) for p in both)
                    records.append((county, group, sex, table, own))
        return pd.DataFrame(records, columns=["area", "age_group", "sex", "table", "reconstruction"])

    def growth_by_graduation(self) -> pd.DataFrame:
        """Return resident 60+ of the area until the near year by graduation: year, births_weighted, even (persons)."""

        def made(checks: Reliability) -> pd.DataFrame:
            run, until = checks.run, checks.run.near_year
            columns: dict[str, np.ndarray] = {"year": np.arange(checks.launch_year, until + 1)}
            for graduation in GRADUATIONS:
                start = checks._prepared(_changed(run.common, {GRADUATION: graduation}))
                parts = [
                    projection_at(run, start, c, end_scores(run, start, (), c, until), until) for c in run.members()
                ]
                columns[graduation] = total(_elders(part, "resident")[:, 0] for part in parts)
            return pd.DataFrame(columns)

        return self._remembered("graduation", made, self.run.area)

    def sensitivity(self) -> pd.DataFrame:
        """Return resident 60+ and 80+ of the area in the target year with one factor at each end of its interval.

        Columns: parameter, 60_low, 60_high, base_60, 80_low, 80_high, base_80 (persons), width, widest first.
        Mortality levels of both sexes move together; the index of mortality is moved to the ends of its own 80% band
        in that year, a slow decline first. Even graduation is set against the births-weighted one; it has one end only.
        """

        def made(checks: Reliability) -> pd.DataFrame:
            frame = ends_frame(TORNADO, checks._elders_at_ends(checks.run.start, TORNADO))
            even = checks._prepared(_changed(checks.run.common, {GRADUATION: "even"}))
            last: dict[str, object] = {"parameter": GRADUATION}
            for age, elders in checks._elders_at_ends(even, ()).items():
                last |= {f"{age}_low": elders[0], f"{age}_high": elders[0], f"base_{age}": frame[f"base_{age}"].iloc[0]}
            frame = pd.concat([frame, pd.DataFrame([last])], ignore_index=True)
            moved = frame["60_high"].where(frame["parameter"] != GRADUATION, frame["base_60"])
            frame["width"] = (moved - frame["60_low"]).abs()
            return frame.sort_values("width", ascending=False, ignore_index=True)

        return self._remembered("sensitivity", made, self.run.area)

    def _elders_at_ends(self, start: Start, names: Sequence[str]) -> dict[str, np.ndarray]:
        """Return resident 60+ and 80+ of the area in the target year at the ends of the factors' intervals."""
        run, until = self.run, self.run.target_year
        parts = [projection_at(run, start, c, end_scores(run, start, names, c, until), until) for c in run.members()]
        return {str(age): total(_elders(part, "resident", age)[-1] for part in parts) for age in (60, 80)}

    def deaths(self) -> pd.DataFrame:
        """Return the city's modelled deaths beside published ones: basis, year, model, published.

        Registered deaths are the death rates of the level year on the launch population; residents' are those of the
        first projected year.
        """
        common, first = self.run.common, self.launch_year + 1
        mx = self.run.start.level.central(*(common.number(f"mortality.e0_{sex}") for sex in SEXES))
        model = {
            ("registered", common.integer("mortality.level_year")): (self.run.launch.registered.sum(axis=0) * mx).sum(),
            ("resident", first): self.run.projection(self.city).deaths["resident"][0].mean(),
        }
        events = self.tables["vital_events"]
        events = events[(events["area"] == self.city) & (events["indicator"] == "deaths") & events["used"]]
        published = events.groupby(["basis", "year"])["value"].first()
        rows = [(*key, float(value), published[key]) for key, value in model.items() if key in published.index]
        return pd.DataFrame(rows, columns=["basis", "year", "model", "published"])


def _rivals_of(counts: Sequence[tuple[int, float]], targets: Sequence[int]) -> list[tuple[str | float, ...]]:
    """Return for each rival its name, its points for the target years, and the observations that it got."""
    years, values = [year for year, _ in counts], [value for _, value in counts]
    filled = fill_years(years, values) if len(years) > 1 else (years, values)
    rows: list[tuple[str | float, ...]] = []
    methods: dict[str, Callable[..., Rival]] = {
        "no_change": no_change,
        "constant_growth": constant_growth,
        **SMOOTHINGS,
    }
    for name, method in methods.items():
        series = filled if name in SMOOTHINGS else (years, values)
        try:
            points = method(*series, targets).point.tolist()
        except ValueError:
            points = [np.nan] * len(targets)
        rows.append((name, *points, len(series[0])))
    return rows


def _error(score: Callable[[list[float], list[float]], float], pairs: Sequence[tuple[float, Forecast]]) -> float:
    """Return a score of forecasts against published counts; missing where there is none."""
    return score([said.point for _, said in pairs], [published for published, _ in pairs]) if pairs else np.nan


def _changed(settings: Settings, values: Mapping[str, str]) -> Settings:
    """Return settings with some values changed."""

    def change(setting: Setting) -> Setting:
        return replace(setting, value=values.get(setting.parameter.key, setting.value))

    return settings.changed(change)


def _elders(projection: CountyProjection, basis: str, from_age: int = ELDER_AGE) -> np.ndarray:
    return count_from(projection.population[basis], from_age)
