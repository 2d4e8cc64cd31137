"""How good the projection is: looked back at, against rivals, its base, and what its answer is sensitive to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from eldercare.inputs import Settings
from eldercare.model.demography import (
    GROUP_STARTS,
    SEXES,
    CountyProjection,
    Start,
    draw_county,
    prepare,
    project_from,
)
from eldercare.model.launch import (
    AGES,
    LAUNCH_YEAR,
    reconstructed_residents,
    resident_source,
    tabulated_residents,
)
from eldercare.model.run import Run
from eldercare.model.sensitivity import INDEX, SENSITIVITY_YEAR, end_scores, ends_frame, project_at
from eldercare.model.store import frame_key, kept_frame
from eldercare.population import SEXES as SEX_NAMES
from eldercare.population import life_table, survival_from_mx, survive_back
from eldercare.population.rivals import Rival, constant_growth, ets_forecast, fill_years, no_change
from eldercare.population.scores import crps_sample, malpe, mape

LOOK_BACK_UNTIL = 2023
GROWTH_YEARS = (2021, 2025)
OUTLOOK_YEARS = (2030, 2035)
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
LEVEL_KEYS = ("mortality.e0_female", "mortality.e0_male")
# Central intervals whose coverage is judged.
LEVELS = (0.5, 0.8, 0.95)
LOOK_BACK_METHODS = ("model", "model_2020", "no_change", "constant_growth")


@dataclass(frozen=True)
class PublishedCount:
    """One published number of registered residents aged 60 and over.

    Attributes
    ----------
    area : str
    year : int
        End of the year.
    value : float
        Persons.
    implied : bool
        Computed from a published share or ratio instead of printed.
    role : str
        ``before`` (back-cast), ``fitted`` (used to build the launch) or ``after`` (a forecast meets it).
    """

    area: str
    year: int
    value: float
    implied: bool
    role: str


def published_counts(tables: Mapping[str, pd.DataFrame]) -> list[PublishedCount]:
    """Return the registered 60+ of the city 2017-2023 and of Anji 2020-2021, by area and year.

    Where only a share is published it is multiplied by the registered total of that year, or by the total
    interpolated between (or kept from) the nearest published ones.
    """
    table = tables["registered_population"]
    table = table[table["used"]]
    counts = []
    for area in ("huzhou", "anji"):
        own = table[table["area"] == area]
        printed = own[own["indicator"] == "registered_60plus"].set_index("year")["value"]
        ratio = own[own["indicator"] == "registered_60plus_implied"].set_index("year")["value"]
        shares = own[own["indicator"] == "share_60plus_registered"].set_index("year")["value"] / 100
        totals = own[own["indicator"] == "registered_population"].set_index("year")["value"].sort_index()
        for year in sorted({*printed.index, *ratio.index, *shares.index}):
            implied = year not in printed.index
            if not implied:
                value = printed[year]
            elif year in ratio.index:
                value = ratio[year]
            else:
                value = shares[year] * float(np.interp(year, totals.index.to_numpy(float), totals.to_numpy(float)))
            fitted = area == "huzhou" and year == 2019
            role = "fitted" if fitted else "before" if year <= LAUNCH_YEAR else "after"
            counts.append(PublishedCount(area, int(year), float(value), implied, role))
    return counts


class Reliability:
    """The checks of one run: look-back, rivals, base and sensitivity.

    Parameters
    ----------
    run : Run
    """

    def __init__(self, run: Run):
        self.run = run
        self.tables = run.project.tables
        self.city = run.areas[0]
        self._frames: dict[tuple[object, ...], pd.DataFrame] = {}

    @cached_property
    def start(self) -> Start:
        """Launch of the scenario."""
        return prepare(self.run.county_settings, self.tables)

    @cached_property
    def known(self) -> dict[str, np.ndarray]:
        """Registered 60+ by area, shape (years, draws), launched with counts up to the launch year only."""
        start = prepare(self.run.county_settings, self.tables, LAUNCH_YEAR)
        parts = project_from(start, self.run.county_settings, self._streams, self.tables, LOOK_BACK_UNTIL)
        elders = {county: _elders(part, "registered") for county, part in parts.items()}
        return {self.city: sum(elders.values()), **elders}

    def back_cast(self, area: str, year: int) -> np.ndarray:
        """Return registered 60+ of a year before the launch, shape (draws,): survivors brought back to life."""
        total = 0
        for county in self.run.members(area):
            settings, at = self.run.counties[county].settings, self.start.launch.counties.index(county)
            drawn = draw_county(
                settings,
                self.run.counties[county].stream,
                self.start.level,
                self.start.trend,
                self.tables,
                county,
                LAUNCH_YEAR + 1,
            )
            survival = survival_from_mx(drawn.mx, SEX_NAMES)
            launch = self.start.launch
            now = drawn.launched({"resident": launch.resident[at], "registered": launch.registered[at]})["registered"]
            total = total + survive_back(now, survival, LAUNCH_YEAR - year)[60:].sum(axis=(0, 1))
        return total

    @cached_property
    def rivals(self) -> dict[tuple[str, str], dict[float, dict[int, Rival]]]:
        """Rivals by (area, method), each with its point and interval by level and target year.

        The city's rivals see its counts up to the launch year. Anji has one count by then, so its constant
        growth is that of the city.
        """
        counts = published_counts(self.tables)
        targets = [year for year in range(LAUNCH_YEAR + 1, LOOK_BACK_UNTIL + 1)]
        found: dict[tuple[str, str], dict[float, dict[int, Rival]]] = {}
        for area in (self.city, "anji"):
            before = [c for c in counts if c.area == area and c.year <= LAUNCH_YEAR]
            series = [c.year for c in before], [c.value for c in before], targets
            found[area, "no_change"] = {level: _by_year(no_change(*series, level)) for level in LEVELS}
            if len(before) > 1:
                found[area, "constant_growth"] = {level: _by_year(constant_growth(*series, level)) for level in LEVELS}
        return found

    def model_draws(self, count: PublishedCount) -> dict[str, np.ndarray]:
        """Return the draws of the model for a count by launch: as everywhere else, and with data to 2020."""
        if count.year <= LAUNCH_YEAR:
            return {"model": self.back_cast(count.area, count.year)}
        at = count.year - LAUNCH_YEAR
        return {"model": self.run.elders(count.area, "registered")[at], "model_2020": self.known[count.area][at]}

    def _kept(self, name: str, compute: Callable[[], pd.DataFrame], *extra: object) -> pd.DataFrame:
        """Return a frame from data/processed, or computed and kept there; one object asks once."""
        if (name, *extra) not in self._frames:
            counties = tuple(self.run.project.counties)
            key = frame_key(
                self.run.project, self.run.county_settings, self.run.settings_used("07_reliability"), counties, *extra
            )
            self._frames[name, *extra] = kept_frame(self.run.project.root, name, key, compute)
        return self._frames[name, *extra]

    def forecast(self) -> pd.DataFrame:
        """Return the city's registered 60+ launched with data to 2020: year, low, point, high (persons, 80%)."""

        def compute() -> pd.DataFrame:
            low, point, high = np.quantile(self.known[self.city], [0.1, 0.5, 0.9], axis=1)
            years = np.arange(LAUNCH_YEAR, LOOK_BACK_UNTIL + 1)
            return pd.DataFrame({"year": years, "low": low, "point": point, "high": high})

        return self._kept("forecast", compute)

    def look_back(self) -> pd.DataFrame:
        """Return every published count beside the model and the rivals.

        Columns: area, year, role, implied, published; then for each method ``_point``, ``_low``, ``_high``
        (persons, 80% interval; missing where a method says nothing).
        """
        return self._kept("look-back", self._look_back)

    def _look_back(self) -> pd.DataFrame:
        rows = []
        for count in published_counts(self.tables):
            row = {
                "area": count.area,
                "year": count.year,
                "role": count.role,
                "implied": count.implied,
                "published": count.value,
            }
            for method, values in self.model_draws(count).items():
                low, point, high = np.quantile(values, [0.1, 0.5, 0.9])
                row |= {f"{method}_point": point, f"{method}_low": low, f"{method}_high": high}
            for method in LOOK_BACK_METHODS[2:]:
                rival = self.rivals.get((count.area, method), {}).get(0.8, {}).get(count.year)
                if rival is not None:
                    row[f"{method}_point"] = rival[0]
                    row |= {f"{method}_low": rival[1], f"{method}_high": rival[2]}
            rows.append(row)
        columns = ["area", "year", "role", "implied", "published"]
        columns += [f"{m}_{part}" for m in LOOK_BACK_METHODS for part in ("point", "low", "high")]
        return pd.DataFrame(rows).reindex(columns=columns)

    def one_year_ahead(self) -> pd.DataFrame:
        """Return forecasts of the last published count from all counts before it: method, point, reason.

        The exponential smoothings need more observations than were known in the launch year; here they get all
        counts up to the year before, the gaps filled by straight lines, which favours them.
        """
        return self._kept("ahead", self._one_year_ahead)

    def _one_year_ahead(self) -> pd.DataFrame:
        counts = [c for c in published_counts(self.tables) if c.area == self.city]
        *before, last = counts
        years, values = [c.year for c in before], [c.value for c in before]
        filled = fill_years(years, values)
        rows = []
        for name, method, data in (
            ("no_change", no_change, (years, values)),
            ("constant_growth", constant_growth, (years, values)),
            ("ets", ets_forecast, filled),
            ("damped_trend", partial(ets_forecast, damped=True), filled),
        ):
            try:
                rows.append((name, float(method(*data, [last.year]).point[0]), len(data[0])))
            except ValueError:
                rows.append((name, np.nan, len(data[0])))
        frame = pd.DataFrame(rows, columns=["method", "point", "observations"])
        return frame.assign(year=last.year, published=last.value)

    def outlook(self) -> pd.DataFrame:
        """Return what the rivals, given all published counts, say for later years beside the model: city, registered.

        Columns: method, then one column of points for each year of OUTLOOK_YEARS (missing where a method cannot
        be fitted).
        """
        columns = ["method", *OUTLOOK_YEARS]
        return self._kept("outlook", self._outlook).set_axis(columns, axis="columns")

    def _outlook(self) -> pd.DataFrame:
        counts = [c for c in published_counts(self.tables) if c.area == self.city]
        years, values = [c.year for c in counts], [c.value for c in counts]
        filled = fill_years(years, values)
        elders = np.median(self.run.elders(self.city, "registered"), axis=1)
        rows = [("model", *(float(elders[year - LAUNCH_YEAR]) for year in OUTLOOK_YEARS))]
        for name, method, data in (
            ("no_change", no_change, (years, values)),
            ("constant_growth", constant_growth, (years, values)),
            ("ets", ets_forecast, filled),
            ("damped_trend", partial(ets_forecast, damped=True), filled),
        ):
            try:
                rows.append((name, *method(*data, OUTLOOK_YEARS).point))
            except ValueError:
                rows.append((name, *[np.nan] * len(OUTLOOK_YEARS)))
        return pd.DataFrame(rows, columns=["method", *OUTLOOK_YEARS])

    def scores(self) -> pd.DataFrame:
        """Return error scores over the counts after the launch.

        Columns: method, n, mape, malpe (percent), mape_common (over the counts that every method forecasts), crps
        (persons, over the same; a rival counts as a point, for which it is the absolute error), covered_50,
        covered_80, covered_95 (counts inside the interval), with_band (counts for which there is one).
        """
        return self._kept("scores", self._scores)

    def _scores(self) -> pd.DataFrame:
        frame = self.look_back()
        frame = frame[frame["role"] == "after"]
        counts = [count for count in published_counts(self.tables) if count.role == "after"]
        common = frame[[f"{method}_point" for method in LOOK_BACK_METHODS]].notna().all(axis=1).to_numpy()
        rows = []
        for method in LOOK_BACK_METHODS:
            own = frame[frame[f"{method}_point"].notna()]
            bands = {level: [self._band(method, count, level) for count in counts] for level in LEVELS}
            inside = {
                level: sum(low <= c.value <= high for c, (low, high) in zip(counts, bands[level], strict=True))
                for level in LEVELS
            }
            crps = np.array([self._crps(method, count) for count in counts])
            rows.append(
                (
                    method,
                    len(own),
                    mape(own[f"{method}_point"], own["published"]),
                    malpe(own[f"{method}_point"], own["published"]),
                    mape(frame.loc[common, f"{method}_point"], frame.loc[common, "published"]),
                    float(crps[common].mean()),
                    *inside.values(),
                    int(np.isfinite([low for low, _ in bands[0.8]]).sum()),
                )
            )
        covered = [f"covered_{level * 100:.0f}" for level in LEVELS]
        return pd.DataFrame(
            rows, columns=["method", "n", "mape", "malpe", "mape_common", "crps", *covered, "with_band"]
        )

    def _band(self, method: str, count: PublishedCount, level: float) -> tuple[float, float]:
        """Return the central interval of a method for a count; not a number where it has none."""
        draws = self.model_draws(count).get(method)
        if draws is not None:
            return tuple(np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]))
        rival = self.rivals.get((count.area, method), {}).get(level, {}).get(count.year)
        return (np.nan, np.nan) if rival is None else rival[1:]

    def _crps(self, method: str, count: PublishedCount) -> float:
        draws = self.model_draws(count).get(method)
        if draws is not None:
            return float(crps_sample(draws, count.value))
        rival = self.rivals.get((count.area, method), {}).get(0.8, {}).get(count.year)
        return np.nan if rival is None else abs(rival[0] - count.value)

    def base_checks(self) -> pd.DataFrame:
        """Return the city's launch residents beside the published bands of the census: band, sex, model, published."""
        launch = self.start.launch.resident.sum(axis=0)
        bands = self.tables["census_bands"]
        rows = bands[
            (bands["area"] == self.city)
            & (bands["year"] == LAUNCH_YEAR)
            & (bands["indicator"] == "population")
            & bands["used"]
        ]
        records = []
        for row in rows.itertuples():
            low, high = _ages(row.age_group)
            inside = (AGES >= low) & (AGES <= high)
            sexes = [SEXES.index(row.sex)] if row.sex in SEXES else [0, 1]
            records.append((row.age_group, row.sex, launch[inside][:, sexes].sum(), float(row.value)))
        return pd.DataFrame(records, columns=["age_group", "sex", "model", "published"])

    def reconstruction_error(self) -> pd.DataFrame | None:
        """Return the reconstruction beside the imported census table, or None without one.

        Columns: area, age_group, sex, table, reconstruction (persons), for the members of the run's area.
        """
        if resident_source(self.tables) != "census_table":
            return None
        counties = self.start.launch.counties
        first = self.run.county_settings[counties[0]]
        keys = [first.default(key) for key in LEVEL_KEYS]
        exposure = life_table(self.start.level.central(*keys), sex=SEX_NAMES).Lx
        graduation = first.value("population.graduation")
        both = [
            make(self.tables, counties, exposure, graduation) for make in (tabulated_residents, reconstructed_residents)
        ]
        starts = np.minimum(GROUP_STARTS, 85)
        records = []
        for county in self.run.members(self.run.area):
            at = counties.index(county)
            for start in np.unique(starts):
                end = start + 4 if start < 85 else AGES[-1]
                for s, sex in enumerate(SEXES):
                    table, own = (float(p[at, start : end + 1, s].sum()) for p in both)
                    name = f"{start}-{end}" if start < 85 else "85+"
                    records.append((county, name, sex, table, own))
        return pd.DataFrame(records, columns=["area", "age_group", "sex", "table", "reconstruction"])

    def growth_by_graduation(self) -> pd.DataFrame:
        """Return resident 60+ of the area by year until 2030 under both graduations: year, births_weighted, even."""
        return self._kept("graduation", self._growth_by_graduation, self.run.area)

    def _growth_by_graduation(self) -> pd.DataFrame:
        columns = {}
        for graduation in ("births_weighted", "even"):
            settings = {c: _central(s, {}) for c, s in self._own_settings.items()}
            everyone = {c: _central(s, {"population.graduation": graduation}) for c, s in self._all_settings.items()}
            start = prepare(everyone, self.tables)
            parts = project_from(start, settings, self._streams, self.tables, OUTLOOK_YEARS[0])
            columns[graduation] = sum(_elders(p, "resident")[:, 0] for p in parts.values())
        return pd.DataFrame({"year": np.arange(LAUNCH_YEAR, OUTLOOK_YEARS[0] + 1), **columns})

    def sensitivity(self) -> pd.DataFrame:
        """Return resident 60+ and 80+ of the area in 2035 with one factor at each end of its interval.

        Columns: parameter, 60_low, 60_high, base_60, 80_low, 80_high, base_80 (persons), width, widest first.
        Mortality levels of both sexes move together; the index of mortality is moved to the ends of its own 80% band
        in 2035, a slow decline first. Even graduation is set against the births-weighted one; it has one end only.
        """
        scores = end_scores(self.run, self.start, TORNADO, tuple(self._own_settings), SENSITIVITY_YEAR)
        parts = project_at(self.run, self.start, scores, SENSITIVITY_YEAR).values()
        elders = {str(age): sum(_elders(part, "resident", age)[-1] for part in parts) for age in (60, 80)}
        frame = ends_frame(TORNADO, elders)
        frame["width"] = (frame["60_high"] - frame["60_low"]).abs()
        even = prepare({c: _central(s, {GRADUATION: "even"}) for c, s in self._all_settings.items()}, self.tables)
        one = end_scores(self.run, even, (), tuple(self._own_settings), SENSITIVITY_YEAR)
        parts = project_at(self.run, even, one, SENSITIVITY_YEAR).values()
        last = {"parameter": GRADUATION, "base_60": frame["base_60"].iloc[0], "base_80": frame["base_80"].iloc[0]}
        for age in (60, 80):
            last[f"{age}_low"] = last[f"{age}_high"] = sum(_elders(part, "resident", age)[-1, 0] for part in parts)
        last["width"] = abs(last["60_low"] - last["base_60"])
        frame = pd.concat([frame, pd.DataFrame([last])], ignore_index=True)
        return frame.sort_values("width", ascending=False, ignore_index=True)

    def deaths(self) -> pd.DataFrame:
        """Return the city's modelled deaths beside published ones: basis, year, model, published.

        Deaths of 2019 are the death rates of that year on the launch population.
        """
        settings = {c: _central(s, {}) for c, s in self._all_settings.items()}
        first = next(iter(settings.values()))
        mx = self.start.level.central(*(first.value(key) for key in LEVEL_KEYS))
        registered = float((self.start.launch.registered.sum(axis=0) * mx).sum())
        at = 2021 - LAUNCH_YEAR - 1
        resident = float(np.median(self.run.projection(self.city).deaths["resident"][at]))
        events = self.tables["vital_events"]
        events = events[(events["area"] == self.city) & (events["indicator"] == "deaths") & events["used"]]
        rows = []
        for basis, year, model in (("registered", 2019, registered), ("resident", 2021, resident)):
            found = events[(events["basis"] == basis) & (events["year"] == year)]["value"]
            if not found.empty:
                rows.append((basis, year, model, float(found.iloc[0])))
        return pd.DataFrame(rows, columns=["basis", "year", "model", "published"])

    @property
    def _streams(self) -> dict[str, int]:
        return {name: county.stream for name, county in self.run.counties.items()}

    @cached_property
    def _own_settings(self) -> dict[str, Settings]:
        return {c: self.run.counties[c].settings for c in self.run.members(self.run.area)}

    @cached_property
    def _all_settings(self) -> dict[str, Settings]:
        return dict(self.run.county_settings)


def _central(settings: Settings, change: Mapping[str, object]) -> Settings:
    """Return settings with one draw of everything at its value, and a change."""
    fixed = {**change, "run.draws": 1, "mortality.index_sd": 0.0}
    return settings.changed(lambda one: replace(one, value=fixed.get(one.parameter.key, one.value), interval=None))


def _elders(projection: CountyProjection, basis: str, from_age: int = 60) -> np.ndarray:
    return projection.population[basis][:, GROUP_STARTS >= from_age].sum(axis=(1, 2))


def _by_year(rival: Rival) -> dict[int, tuple[float, float, float]]:
    low = np.full(len(rival.point), np.nan) if rival.low is None else rival.low
    high = np.full(len(rival.point), np.nan) if rival.high is None else rival.high
    return {
        int(y): (float(p), float(a), float(b)) for y, p, a, b in zip(rival.years, rival.point, low, high, strict=True)
    }


def _ages(group: str) -> tuple[int, int]:
    """Return the first and the last age of a group such as 15-59, 60+ or all."""
    if group == "all":
        return 0, int(AGES[-1])
    if group.endswith("+"):
        return int(group[:-1]), int(AGES[-1])
    low, high = group.split("-")
    return int(low), int(high)
