"""Results: a run with every result as a tidy frame with fixed columns; the city is the sum of the counties' draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from eldercare.care.beds import beds_per_1000, divided
from eldercare.care.crossing import crossing_years, met_again_years, pace_by_year, year_quantile
from eldercare.care.meals import catchment_radius
from eldercare.model.demography import BASES, GROUP_STARTS, GROUPS
from eldercare.model.draws import QUANTILES, spread, total
from eldercare.model.indicators import PER, indicators, mean_wait
from eldercare.model.institutions import gap_parts
from eldercare.model.launch import AGES, ages_of
from eldercare.model.meals import AGES as MEAL_AGES
from eldercare.model.plan import CASES
from eldercare.model.published import Published
from eldercare.model.services import SERVICES, TRAINEES
from eldercare.model.sites import Catchment, catchment
from eldercare.model.supply import BED_INDICATORS, BED_TYPES, kinds_of
from eldercare.population import SEXES

# Broad age groups beside the five-year ones.
BROAD = ("0-14", "15-59", "60+", "65+", "80+", "all")
# Columns that tell the rows of one area's table apart.
KEYS = tuple("year basis sex age_group bed_type service norm definition way item case care use payer indicator".split())
# Probabilities, in percent, with which beds and meal points to add are to be enough.
PROBABILITIES = (50, 80)


def _published(name: str, about: str, by_norm: bool = False) -> Any:
    """Return the property of a published table; ``by_norm``: only the rows of the basis that the norm counts."""

    def rows(run: Results) -> pd.DataFrame:
        table = run.table(name)
        return table[table["basis"] == run["beds.ratio_basis"]].reset_index(drop=True) if by_norm else table

    both = f" On the basis that the norm counts; ``table({name!r})`` has the rows of both." if by_norm else ""
    return property(rows, doc=about + both)


class Results(Published):
    """A run of one area under one scenario with its results as frames; parameters and errors as for :class:`Run`.

    Every frame has one row for each year (and kind) and the columns ``scenario`` and ``area``; the columns of the
    published tables are described in datapackage.json beside them. Counts are persons, beds, meal points or meals a
    day. A gap is demand less supply: positive is a shortage.

    Examples
    --------
    ::

        results = eldercare.load("north", overrides={"beds.norm": 55})
        results.beds.query("year == 2035")
        results["beds.norm"]
        results.summary({"elders": results.elders(), "oldest_old": results.elders(from_age=80)})
    """

    def __getitem__(self, key: str) -> Any:
        """Return the value of a parameter in force in the area."""
        return self.settings.value(key)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    @property
    def bases(self) -> tuple[str, ...]:
        """The basis of the people whom the norm counts, and the other one."""
        return tuple(sorted(BASES, key=lambda basis: basis != self["beds.ratio_basis"]))

    @cached_property
    def _tables(self) -> dict[tuple[str, str], pd.DataFrame]:
        return {}

    def table(self, name: str, area: str | None = None) -> pd.DataFrame:
        """Return a published table of an area (default: the run's).

        Names are those of ``MAKERS``: ``population``, ``beds``, ``care_need``, ``meals``, ``services``, ``crossing``,
        ``plan``, ``balance``, ``cost`` and ``indicators``.
        """
        area = area or self.area
        if (name, area) not in self._tables:
            blocks = ({"scenario": self.scenario, "area": area, **block} for block in MAKERS[name](self, area))
            self._tables[name, area] = pd.concat(map(pd.DataFrame, blocks), ignore_index=True)
        return self._tables[name, area]

    def everywhere(self, name: str) -> pd.DataFrame:
        """Return a published table of the city and all its counties."""
        return pd.concat([self.table(name, area) for area in self.areas], ignore_index=True)

    population = _published("population", "Persons by basis, year, sex and age group: mean, p10, p50, p90.")
    beds = _published("beds", "Beds by year and type: supply, demand, gaps by norm (ratio) and need.", by_norm=True)
    care_need = _published("care_need", "Who depends on care, places and beds, by definition and way to find them.")
    meals = _published("meals", "Meal points, meals served and wanted a day, the gap, points a year that close it.")
    services = _published("services", "Level reported, level that keeps pace, and what to add a year.")
    crossing = _published("crossing", "First year below each norm, when it is met again, what holds it.", by_norm=True)
    plan = _published("plan", "What is wanted, what there is, and whole units to open, by year and item.")
    balance = _published("balance", "Who cares for those who depend on care, without the plan (present) and with it.")
    cost = _published("cost", "Yuan a year at constant prices by service, use and payer, without the plan and with it.")
    indicators = _published("indicators", "Indicators of a five-year plan: base, target, chance to reach it, cost.")

    def summary(self, draws: Mapping[str, np.ndarray]) -> pd.DataFrame:
        """Return the mean and the 80% interval of draws by year.

        Parameters
        ----------
        draws : mapping of str to ndarray, shape (years, draws)

        Returns
        -------
        DataFrame
            Indexed by year; for each name the columns NAME (mean), NAME_p10, NAME_p50, NAME_p90.
        """
        columns = {
            name if measure == "mean" else f"{name}_{measure}": values
            for name, of_years in draws.items()
            for measure, values in spread(of_years).items()
        }
        last = len(next(iter(draws.values())))
        # Flows between the ends of two years belong to the later one.
        return pd.DataFrame(columns, index=pd.Index(self.years[-last:], name="year"))

    def persons(self, low: int, high: int, area: str | None = None) -> np.ndarray:
        """Return residents of an age (a multiple of five) up to another, both included, shape (years, draws)."""
        inside = (GROUP_STARTS >= low) & (GROUP_STARTS < high)
        return self.projection(area).population["resident"][:, inside].sum(axis=(1, 2))

    def launch_population(self, basis: str = "resident") -> pd.DataFrame:
        """Return the area's people of the launch year by single age (rows) and sex (columns), persons."""
        people = total(self.launch.of(county)[basis] for county in self.members())
        return pd.DataFrame(people, columns=list(SEXES)).rename_axis("age")

    def need_draws(self, area: str | None = None) -> dict[str, np.ndarray]:
        """Return elders (years, draws) who depend on care, by setting, and those who ask for a place as today; persons.

        ``use`` is the number who live in an institution in the launch year, NaN later.
        """
        counties = self.within(area)
        demand = total(county.institutions.demand for county in counties)
        use = np.full_like(demand, np.nan)
        use[0] = total(county.institutions.use for county in counties)
        settings = ("home", *reversed(BED_TYPES))
        planned = {setting: total(county.need.planned(setting) for county in counties) for setting in settings}
        dependents = total(county.need.dependents for county in counties)
        return {"dependents": dependents, **planned, "demand": demand, "use": use}

    @cached_property
    def need(self) -> pd.DataFrame:
        """Need, demand and use of care by year (persons): mean and interval of each of :meth:`need_draws`."""
        return self.summary(self.need_draws())

    def gap_parts(self, areas: Sequence[str]) -> pd.DataFrame:
        """Return the parts of the target year's gap of institution beds by need (beds), areas as columns; they add up.

        See :func:`eldercare.model.institutions.gap_parts`.
        """
        t, parts = self.position(self.target_year), {}
        for area in areas:
            by_county = [
                gap_parts(c.need, c.demand, c.supply["institution"], c.institutions, self.elders(c.name), t)
                for c in self.within(area)
            ]
            parts[area] = pd.DataFrame(by_county).sum()
        return pd.DataFrame(parts).rename_axis("part")

    def parameters_read(self) -> set[str]:
        """Return the keys of the parameters that were read so far for the area and its counties."""
        areas, read = {self.area, *self.members()}, self.project.reads.parameters
        return {key for scenario, area, key in read if scenario == self.scenario and area in areas}

    @cached_property
    def first_short(self) -> pd.DataFrame:
        """When each county falls below its norm, and how often it is the first to do so.

        Counties below their norm in the first year already (in the median) are not ranked; counties that cross in
        the same year are both first. Columns: area, norm, crossing_year_p50 (empty: not within the years), already,
        probability_first.
        """
        norms = [county.settings.number("beds.norm") for county in self.counties.values()]
        crossed = np.stack([self.crossed(norm, name) for name, norm in zip(self.counties, norms, strict=True)])
        middle = np.array([year_quantile(years, 0.5) for years in crossed])
        already = middle <= self.years[0]
        earliest = np.min(crossed, axis=0, where=~already[:, None], initial=np.inf)
        first = ((crossed == earliest) & np.isfinite(earliest)).mean(axis=1)
        frame = pd.DataFrame({"area": list(self.counties), "norm": norms, "crossing_year_p50": middle})
        return frame.assign(already=already, probability_first=np.where(already, np.nan, first)).replace(np.inf, np.nan)

    def crossed(self, norm: float, area: str | None = None, basis: str | None = None) -> np.ndarray:
        """Return the first year below a norm of beds per 1,000 elders in each draw; ``inf`` where not in the years."""
        return crossing_years(self.bed_ratio(area, basis), self.years, norm)

    def meals_draws(self, area: str | None = None) -> dict[str, np.ndarray]:
        """Return an area's meals a day in every draw, each of shape (years, draws).

        ``wanted`` and, by age, ``wanted_AGE`` (see ``MEAL_AGES``); ``wanted_at_full_uptake``, if all who need help were
        users; ``served``; ``even``, the uptake at which those served are just enough; and ``points_needed``, the meal
        points that would serve all meals wanted beside the kitchens.
        """
        meals = [county.meals for county in self.within(area)]
        by_age = {f"wanted_{age}": total(part.demand[age] for part in meals) for age in MEAL_AGES}
        full, served = total(part.at_full_uptake for part in meals), total(part.supply for part in meals)
        return {
            "wanted": total(by_age.values()),
            "wanted_at_full_uptake": full,
            "served": served,
            "even": divided(served, full),
            "points_needed": total(part.required for part in meals),
            **by_age,
        }

    def points(self, area: str | None = None) -> np.ndarray:
        """Return the meal points by year, shape (years,)."""
        return total(county.meals.points for county in self.within(area))

    def points_to_hold(self, area: str | None = None) -> np.ndarray:
        """Return the meal points that keep the launch year's points per elder, shape (years, draws)."""
        elders = self.elders(area)
        return self.points(area)[0] * elders / elders[0].mean()

    def meals_crossed(self, measure: str, area: str | None = None) -> np.ndarray:
        """Return the first year of each draw in which an area falls below a measure; ``inf`` where it does not.

        Measures are those of :attr:`meals_crossing`.
        """
        area = area or self.area
        if measure == "short":
            draws = self.meals_draws(area)
            return crossing_years(draws["served"] - draws["wanted"], self.years, 0.0)
        ratio = self.points(area)[:, None] * PER / self.elders(area)
        # The launch year is not below itself by rounding.
        launch = float(ratio[0].mean()) * (1 - 1e-9)
        norm = launch if measure == "launch" else self.settings_of(area).number("meals.norm")
        return crossing_years(ratio, self.years, norm)

    @cached_property
    def meals_crossing(self) -> pd.DataFrame:
        """First year in which each measure of the meal points is not met, its probability, and what holds it.

        Rows: ``launch`` (points per 10,000 elders of the launch year), ``norm``, ``short`` (all meals wanted are
        served). Columns: level, crossing_year_p50, _p10, _p90 (empty: not within the years), probability_by_YEAR, and
        points_per_year_50 and _80: points a year from ``meals.first_year`` that hold it in the target year with that
        probability, in percent.
        """
        points, elders, first = self.points(), self.elders(), self.settings.integer("meals.first_year")
        norm = self.settings.number("meals.norm")
        levels = {"launch": PER * points[0] / elders[0].mean(), "norm": norm, "short": np.nan}
        needed = self.points_to_hold(), norm * elders / PER, self.meals_draws()["points_needed"]
        rows, target = {}, self.position(self.target_year)
        for (measure, level), required in zip(levels.items(), needed, strict=True):
            row = {"level": level, **self._when(self.meals_crossed(measure))}
            pace = {q: pace_by_year(required, points, self.years, first, q / 100) for q in PROBABILITIES}
            rows[measure] = row | {f"points_per_year_{q}": of[target] for q, of in pace.items()}
        return pd.DataFrame(rows).T.replace(np.inf, np.nan).rename_axis("measure")

    def _when(self, crossed: np.ndarray) -> dict[str, float]:
        """Return the quantiles of crossing years by column, and the probability to have crossed by each milestone."""
        by = {f"probability_by_{year}": float(np.mean(crossed <= year)) for year in self.project.city.years_ahead}
        return _years("crossing_year", crossed) | by

    @cached_property
    def catchment(self) -> Catchment | None:
        """Elders within reach of the meal points and the best new sites; None without a table of sites."""
        return catchment(self)


def _named(name: str, draws: np.ndarray) -> dict[str, np.ndarray]:
    return {f"{name}_{measure}": values for measure, values in spread(draws).items()}


def _band(name: str, draws: np.ndarray) -> dict[str, np.ndarray]:
    return {column: values for column, values in _named(name, draws).items() if not column.endswith("p50")}


# The makers of the tables yield their rows in blocks: by column an array, or a value for all rows of the block.
Blocks = Iterator[Mapping[Any, Any]]


def _population(run: Results, area: str) -> Blocks:
    names = [*GROUPS, *BROAD]
    for basis in BASES:
        population = run.projection(area).population[basis]
        by_sex = {**{sex: population[:, :, s] for s, sex in enumerate(SEXES)}, "total": population.sum(axis=2)}
        for sex, groups in by_sex.items():
            inside = [np.isin(GROUP_STARTS, AGES[ages_of(name)]) for name in BROAD]
            cells = [groups, *(groups[:, ages].sum(axis=1, keepdims=True) for ages in inside)]
            yield {
                "basis": basis,
                "year": np.repeat(run.years, len(names)),
                "sex": sex,
                "age_group": names * len(run.years),
                **{name: values.ravel() for name, values in spread(np.concatenate(cells, axis=1)).items()},
            }


def _beds(run: Results, area: str) -> Blocks:
    elders, need = {basis: run.elders(area, basis) for basis in BASES}, run.need_draws(area)
    for kind, basis in product((*BED_TYPES, "all"), BASES):
        supply = run.bed_supply(area, kind)
        demand = {ladder: run.bed_demand(area, kind, ladder, basis) for ladder in ("ratio", "need")}
        block = {
            "year": run.years,
            "bed_type": kind,
            "basis": basis,
            **{name.removesuffix("_mean"): values for name, values in _band("supply", supply).items()},
            "allocated": run.is_allocated([BED_INDICATORS[name] for name in kinds_of(kind)], area),
            "elders_60plus": elders[basis].mean(axis=1),
            "beds_per_1000": beds_per_1000(supply, elders[basis]).mean(axis=1),
            "demand_ratio": demand["ratio"].mean(axis=1),
            "demand_need": demand["need"].mean(axis=1),
        }
        for ladder, wanted in demand.items():
            block |= _named(f"gap_{ladder}", wanted - supply)
        block["dependents"] = need["dependents"].mean(axis=1)
        block["need_persons"] = total(need[name] for name in kinds_of(kind)).mean(axis=1)
        if kind == "institution":
            for name, draws in _institution_draws(run, area).items():
                block |= _named(name, draws)
            block |= _waits(run, area)
        yield block


def _care_need(run: Results, area: str) -> Blocks:
    counties, settings = run.within(area), run.settings_of(area)
    in_force = settings.choice("need.definition"), settings.choice("need.institution_by")
    for pair in counties[0].needs:
        needs = [(county.needs[pair], county.demand.occupancy["institution"]) for county in counties]
        yield {
            "year": run.years,
            "definition": pair[0],
            "way": pair[1],
            "in_force": pair == in_force,
            **_named("dependents", total(need.dependents for need, _ in needs)),
            **_named("persons", total(need.planned("institution") for need, _ in needs)),
            **_named("beds", total(need.planned("institution") / occupancy for need, occupancy in needs)),
        }


def _institution_draws(run: Results, area: str) -> dict[str, np.ndarray]:
    """Return the draws of residents and waiting, if all in need ask for a place or as today, and of nursing beds."""
    parts = [county.institutions for county in run.within(area)]
    nursing = total(part.nursing for part in parts)
    as_today = total(part.queue_demand.residents for part in parts)
    return {
        "residents": total(part.queue_need.residents for part in parts),
        "waiting": total(part.queue_need.waiting for part in parts),
        "residents_as_today": as_today,
        "waiting_as_today": total(part.queue_demand.waiting for part in parts),
        "occupancy_as_today": divided(as_today, run.bed_supply(area, kind="institution")),
        "nursing_beds": nursing,
        "nursing_missing": total(part.nursing_wanted for part in parts) - nursing,
    }


def _waits(run: Results, area: str) -> dict[str, np.ndarray]:
    share, columns = run.settings_of(area).number("queue.placed_share"), dict[str, np.ndarray]()
    parts = [county.institutions for county in run.within(area)]
    for case, ending in {"need": "", "demand": "_as_today"}.items():
        days, beds = mean_wait(parts, case), total(part.in_time[case] for part in parts)
        columns |= {f"wait_days{ending}_p{q}": np.quantile(days, q / 100, axis=1) for q in (50, 80)}
        columns[f"beds_in_time{ending}"] = np.quantile(beds, share, axis=1)
    return columns


def _crossing(run: Results, area: str) -> Blocks:
    city, settings, rows = run.project.city, run.settings_of(area), []
    supply, target = run.bed_supply(area), run.position(city.target_year)
    first = min(settings.integer("supply.first_year"), city.target_year)
    norms = sorted({settings.number("beds.norm"), *(run.reported(name) for name in city.norms)})
    for norm, basis in product(norms, run.bases):
        elders, ratio = run.elders(area, basis), run.bed_ratio(area, basis)
        required = norm / 1000 * elders
        hold = [pace_by_year(required, supply, run.years, first, q / 100)[target] for q in PROBABILITIES]
        rows.append(
            {
                "norm": norm,
                "basis": basis,
                **run._when(crossing_years(ratio, run.years, norm)),
                **{f"below_at_{year}": np.mean(ratio[run.position(year)] < norm) for year in city.years_ahead},
                **_years("met_again_year", met_again_years(ratio, run.years, norm)),
                **dict(zip(("beds_per_year_to_hold", "beds_per_year_to_hold_80"), hold, strict=True)),
            }
        )
    frame = pd.DataFrame(rows).replace(np.inf, np.nan)
    yield frame.astype(dict.fromkeys(frame.filter(regex="_year_p"), "Int64"))


def _years(name: str, years: np.ndarray) -> dict[str, float]:
    return {f"{name}_{q}": year_quantile(years, QUANTILES[q]) for q in ("p50", "p10", "p90")}


def _meals(run: Results, area: str) -> Blocks:
    years, elders, settings = run.years, run.elders(area), run.settings_of(area)
    first, meals = settings.integer("meals.first_year"), [county.meals for county in run.within(area)]
    points, draws = run.points(area), run.meals_draws(area)
    in_need = total(part.in_need_mid for part in meals)
    gap, served = _named("gap", draws["wanted"] - draws["served"]), draws["served"].mean(axis=1)
    places = sum(run.split("places").values[name] for name in run.members(area))
    geography = run.project.table("geography").query("used and indicator == 'land_area'")
    land = float(geography["value"][geography["area"].isin(run.members(area))].sum())
    yield {
        "year": years,
        "points": points,
        "meals_supply_per_day": served,
        **_named("meals_demand_per_day", draws["wanted"]),
        "points_per_10000": (PER * points[:, None] / elders).mean(axis=1),
        **gap,
        **{f"meals_demand_{age}_mean": draws[f"wanted_{age}"].mean(axis=1) for age in MEAL_AGES},
        "allocated": run.is_allocated(["meal_points"], area),
        "elders_60plus": elders.mean(axis=1),
        "elders_needing_meals": in_need,
        "meals_per_elder_in_need": divided(served, in_need),
        **_named("break_even_uptake", draws["even"]),
        "kitchens": total(part.kitchens for part in meals),
        "places": places,
        "places_share": np.minimum(points / places, 1.0),
        "catchment_radius_km": catchment_radius(land, points),
        "points_for_radius": land / (np.pi * settings.number("meals.radius") ** 2),
        **{
            f"probability_{name}_by": (run.meals_crossed(measure, area) <= years[:, None]).mean(axis=1)
            for name, measure in {"below_launch": "launch", "below_norm": "norm", "short": "short"}.items()
        },
        **{
            f"points_per_year_to_{name}_{q}": pace_by_year(required, points, years, first, q / 100)
            for name, required in {"hold": run.points_to_hold(area), "serve": draws["points_needed"]}.items()
            for q in PROBABILITIES
        },
        "kitchens_to_serve": np.maximum(gap["gap_mean"], 0.0) / settings.number("meals.per_kitchen"),
    }


def _services(run: Results, area: str) -> Blocks:
    parts = [county.services for county in run.within(area)]
    first = run.settings_of(area).integer("services.first_year")
    for name, kind in SERVICES.items():
        level = float(sum(part.levels[name] for part in parts))
        needed = spread(total(part.needed[name] for part in parts))
        # Those whom the report counts as trained are no stock that additions could build on.
        there = np.nan if name == TRAINEES else level
        steps = np.maximum(run.years - first + 1, 1)
        add = {q: np.where(run.years >= first, np.maximum(of - there, 0) / steps, np.nan) for q, of in needed.items()}
        yield {
            "year": run.years,
            "service": name,
            "unit": kind.unit,
            "reported": level,
            "allocated": len(parts) == 1 and parts[0].allocated[name],
            **{f"needed_{measure}": of for measure, of in needed.items()},
            **{f"to_add_per_year_{measure}": of for measure, of in add.items()},
        }


def _plan(run: Results, area: str) -> Blocks:
    plans = [county.plan.items for county in run.within(area)]
    nothing = np.full((len(run.years), 1), np.nan)
    for name in plans[0]:
        parts = [plan[name] for plan in plans]
        opened = total(part.opened for part in parts)
        yield {
            "year": run.years,
            "item": name,
            **_band("wanted", total(nothing if part.wanted is None else part.wanted for part in parts)),
            **_band("present", total(nothing if part.present is None else part.present for part in parts)),
            "to_open": np.diff(opened, prepend=0),
            "opened": opened,
        }


def _balance(run: Results, area: str) -> Blocks:
    plans = [county.plan for county in run.within(area)]
    for case in CASES:
        for care in plans[0].care[case]._fields:
            persons = total(getattr(plan.care[case], care) for plan in plans)
            yield {"year": run.years, "case": case, "care": care, **_band("persons", persons)}


def _cost(run: Results, area: str) -> Blocks:
    plans = [county.plan for county in run.within(area)]
    for case in CASES:
        for service, use, payer in plans[0].costs[case]:
            yuan = total(plan.costs[case][service, use, payer] for plan in plans)
            told = {"year": run.years, "case": case, "service": service, "use": use, "payer": payer}
            yield told | _band("yuan", yuan) | {"discounted_mean": yuan.mean(axis=1) * plans[0].discount}


MADE = _population, _beds, _care_need, _meals, _services, _crossing, _plan, _balance, _cost, indicators
MAKERS = {make.__name__.lstrip("_"): make for make in MADE}


def side_by_side(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Return two frames of one table beside each other, see :func:`eldercare.compare`."""
    keys = [name for name in KEYS if name in a]
    a, b = a.set_index(keys), b.set_index(keys)
    columns: dict[str, pd.Series] = {}
    for name in a.select_dtypes("number"):
        columns |= {f"{name}_a": a[name], f"{name}_b": b[name], f"{name}_difference": b[name] - a[name]}
    return pd.DataFrame(columns)
