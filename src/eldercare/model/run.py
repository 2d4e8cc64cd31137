"""Run: one area under one scenario, step by step from the settings to the sum of its counties.

The order of the calculation; each step is made from those above it when it is first asked for:

1. ``settings``: the parameters in force, default < county < scenario < overrides.
2. ``launch``: residents and registered residents of the launch year by county, age and sex.
3. ``projection``: survive, age, bear and move, year by year, in every draw.
4. ``stock``: totals that are counted for the city only, shared out among the counties, by year of the count.
5. ``bed_changes``: openings, closings and conversions of beds.
6. ``need``: elders who depend on care, and where their care is planned.
7. ``demand``: beds that the norm and the need ask for.
8. ``supply``: beds under the building plan.
9. ``institutions``: residents, the queue, and nursing-type beds.
10. ``meals``: meal points, meals served and wanted.
11. ``services``: levels that keep pace with the elders, and care workers.
12. ``plan``: what opens year by year, where care then takes place, what it costs and who pays.
13. An area is the sum of its counties, draw by draw: ``projection``, ``elders``, ``bed_supply``, ``bed_demand``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Self, TypeVar

import numpy as np
import pandas as pd

from eldercare.care.allocation import Split
from eldercare.care.beds import beds_per_1000
from eldercare.inputs import InputError, Problem, Project, Settings, did_you_mean, load_project, resolve
from eldercare.inputs.checks import input_problems
from eldercare.inputs.joint import OWN, PARTS, too_much
from eldercare.inputs.layers import overrides_of
from eldercare.inputs.observed import Counts, own_counts, stocks
from eldercare.inputs.problems import _, kept, refuse
from eldercare.inputs.tables import FOLDER
from eldercare.model import demography, supply
from eldercare.model.cache import remembered
from eldercare.model.capacity import Demand, Need, age_pattern, county_demand, county_need, elders_by_age
from eldercare.model.demography import ELDER_AGE, CountyDraws, CountyProjection, Start
from eldercare.model.draws import Drawer, total
from eldercare.model.institutions import Institutions, county_institutions
from eldercare.model.launch import Launch
from eldercare.model.meals import CountyMeals, county_meals
from eldercare.model.plan import CountyPlan, county_plan
from eldercare.model.services import COVERAGE, REPORTED, CountyServices, county_services
from eldercare.model.supply import BED_INDICATORS, NURSING, SINCE, SPREAD, Stock, kinds_of

T = TypeVar("T")


class Run:
    """One area under one scenario.

    Parameters
    ----------
    area : the city (when not given) or a county
    scenario : str
    overrides : mapping, or its text as JSON or YAML, optional
        Parameter key to value; set last, for the run's area only (for all counties when the area is the city).
    project : Project, optional
        Loaded configuration and data; found from the working directory when not given.

    Attributes
    ----------
    city, areas : str and tuple of str
        The city's id; the city, then its counties.
    launch_year, near_year, target_year : int
        At whose end the projection starts, by which a shortage is near, and that plans aim at.
    settings, common : parameters in force in the area, and in the first county for what is one for all
    county_settings : dict of Settings
        Parameters in force by county.
    counties : dict of CountyRun
        Every county of the city, with what is computed of it.

    Raises
    ------
    InputError
        If the area, the scenario or an override is not known or not allowed.
    """

    def __init__(
        self,
        area: str | None = None,
        scenario: str = "baseline",
        overrides: Mapping[str, object] | str | None = None,
        project: Project | None = None,
    ):
        self.project = project or load_project()
        if project is None and (problems := input_problems(self.project)):
            raise InputError(problems)
        city, self.areas = self.project.city, self.project.areas
        self.launch_year, self.near_year, self.target_year = city.launch_year, city.near_year, city.target_year
        self.city, self.area = city.id, area or city.id
        self.scenario, self.overrides = scenario, overrides_of(overrides)
        self.settings = resolve(self.project, self.area, scenario, self.overrides)
        # Draws, seed and horizon are one for all counties: their draws are added.
        shared = {key: value for key, value in self.overrides.items() if key.startswith("run.")}
        own = {county: self.overrides if self.area in (self.city, county) else shared for county in self.areas[1:]}
        self.county_settings = {county: resolve(self.project, county, scenario, own[county]) for county in own}
        self.common = next(iter(self.county_settings.values()))
        self._stocks: dict[str, Stock] = {}
        self._patterns: dict[str, np.ndarray] = {}
        self._projections: dict[str, CountyProjection] = {}
        self.counties = {name: CountyRun(self, name, settings) for name, settings in self.county_settings.items()}

    def members(self, area: str | None = None) -> tuple[str, ...]:
        """Return the counties that an area (default: the run's) consists of."""
        area = area or self.area
        return tuple(self.project.counties) if area == self.city else (area,)

    def settings_of(self, area: str) -> Settings:
        """Return the settings of any area of the run."""
        if area == self.area:
            return self.settings
        return self.county_settings[area] if area != self.city else resolve(self.project, area, self.scenario)

    def remembered(self, name: str, compute: Callable[[Self], T], *identity: object) -> T:
        """Return what a function makes of the run, from the cache if all that it read is as it was.

        ``identity`` tells it apart from others of the name; see :func:`eldercare.model.cache.remembered`.
        """

        def again(apart: Project) -> T:
            return compute(type(self)(self.area, self.scenario, self.overrides, apart))

        return remembered(self.project, name, identity, [self.scenario], lambda _, area: self.settings_of(area), again)

    @cached_property
    def years(self) -> np.ndarray:
        """Years of the run: the launch year to the horizon."""
        return np.arange(self.launch_year, self.common.integer("run.horizon") + 1)

    def position(self, year: int) -> int:
        """Return the position of a year among the years of the run."""
        return int(np.searchsorted(self.years, year))

    @cached_property
    def _report(self) -> pd.DataFrame:
        return self.project.table(self.project.city.report.table).set_index("indicator")

    def reported(self, indicator: str) -> float:
        """Return a figure of the report by indicator; InputError if it has no such row."""
        values = self._report["value"]
        if indicator not in values:
            message = _("the report has no row of this indicator, and it is needed")
            file = f"data/raw/{self.project.city.report.table}.csv"
            raise InputError(Problem(file, "indicator", indicator, message, did_you_mean(indicator, values.index)))
        return float(values[indicator])

    @cached_property
    def start(self) -> Start:
        """Launch, level and trend of mortality: what the projections of all counties begin with."""

        def prepared(run: Run) -> Start:
            try:
                return demography.prepare(run.common, run.project.city, run.project.tables, tuple(run.counties))
            except (ValueError, ArithmeticError) as error:
                raise run._unfit(error) from error

        return self.remembered("start", prepared)

    @property
    def launch(self) -> Launch:
        """Residents and registered residents of the launch year, persons by county, age and sex."""
        return self.start.launch

    def _unfit(self, error: Exception) -> InputError:
        """Return what the calculation says of inputs that are valid one by one, as their fault."""
        if isinstance(error, InputError):
            return error
        tables = ", ".join(sorted(self.project.reads.tables))
        message = _("the population cannot be computed from {tables}: {reason}", tables=tables, reason=error)
        return InputError(Problem(FOLDER, message=message))

    @cached_property
    def counts_by_year(self) -> dict[str, Counts]:
        """Counts of beds and others by indicator, area and year."""
        return stocks(self.project)

    def stock(self, name: str) -> Stock:
        """Return what the counties have by the report and by other counts; ``places`` are villages and communities."""
        if name not in self._stocks:
            parts, key = PARTS.get(name, (name,)), OWN.get(name)
            rows = self.counts_by_year.get(name, {})
            first = sum(self.reported(part) for part in parts)
            totals = {self.project.city.report.year: first} | rows.get(self.city, {})
            own = {county: rows.get(county, {}) for county in self.counties}
            if key:
                settings = {county: {key: one.read(key)} for county, one in self.county_settings.items()}
                own = {county: own_counts(one[key], own[county]) for county, one in settings.items()}
                refuse(too_much(self.project, name, {self.city: totals} | own, settings))
            self._stocks[name] = Stock.of(totals, self._allocation_weights, own)
        return self._stocks[name]

    def counted(self, name: str) -> pd.Series:
        """Return what was counted of a quantity in the run's area in the years of the run, by year; NaN elsewhere."""
        counts = self.stock(name).totals if self.area == self.city else self.stock(name).own[self.area]
        return pd.Series(dict(counts), dtype=float).reindex(self.years)

    def split(self, name: str) -> Split:
        """Return what each county has of a quantity by the last counts."""
        return self.stock(name).newest

    def since(self, name: str, county: str) -> np.ndarray:
        """Return the part of what may change between report and building that has changed by each year, (years,).

        It grows evenly from the last count on, to the last year before new beds open.
        """
        stock, last = self.stock(name), self.county_settings[county].integer("supply.first_year") - 1
        if 0 in stock.own[county]:
            return np.zeros(len(self.years))
        counted, most = max(stock.known(county)), max(last - self.project.city.report.year, 1)
        return np.clip(self.years - counted, 0, max(last - counted, 0)) / most

    @cached_property
    def bed_changes(self) -> pd.DataFrame:
        """Openings, closings and conversions by county: area, year, bed_type, operation, beds, allocated."""
        return supply.changes_by_county(self.project.tables, self.city, tuple(self.counties), self._allocation_weights)

    def supply_problems(self) -> list[Problem]:
        """Return the faults of bed changes that only show beside the beds there are: more closings than beds."""
        problems = list[Problem]()
        for county in self.counties.values():
            if county.settings.choice("supply.plan") == "planned":
                with kept(problems):
                    _plan = county.planned_beds
        return problems

    @property
    def _allocation_weights(self) -> np.ndarray:
        return supply.elders_at_launch(self.launch, self.common.choice("allocation.rule"))

    def age_pattern(self, name: str) -> np.ndarray:
        """Return relative dependency by elder age group and sex under a definition of need, or for ``meals``."""
        if name not in self._patterns:
            reference = elders_by_age(self.launch)
            self._patterns[name] = age_pattern(self.project.tables, self.project.city, name, reference)
        return self._patterns[name]

    def within(self, area: str | None = None) -> list[CountyRun]:
        """Return what is computed of each county of an area (default: the run's)."""
        return [self.counties[name] for name in self.members(area)]

    def projection(self, area: str | None = None) -> CountyProjection:
        """Return an area's projection: a county's own, or the sum of the counties' draws."""
        area = area or self.area
        if area not in self._projections:
            self._projections[area] = demography.add_projections([one.projection for one in self.within(area)])
        return self._projections[area]

    def elders(self, area: str | None = None, basis: str = "resident", from_age: int = ELDER_AGE) -> np.ndarray:
        """Return persons of an age (a multiple of five) and over, shape (years, draws)."""
        return demography.count_from(self.projection(area).population[basis], from_age)

    def bed_supply(self, area: str | None = None, kind: str = "all") -> np.ndarray:
        """Return beds of a kind (``institution``, ``home_care_centre`` or ``all``), shape (years, draws)."""
        return total(county.supply[k] for county in self.within(area) for k in kinds_of(kind))

    def bed_demand(
        self, area: str | None = None, kind: str = "all", ladder: str = "need", basis: str | None = None
    ) -> np.ndarray:
        """Return the beds that the norm (``ratio``) or the care need (``need``) asks for, shape (years, draws).

        The norm counts the elders of a ``basis``, of that in force when not given.
        """
        demands = [county.demand for county in self.within(area)]
        wanted = [one.by_basis[basis] if basis and ladder == "ratio" else getattr(one, ladder) for one in demands]
        return total(of[k] for of in wanted for k in kinds_of(kind))

    def bed_ratio(self, area: str | None = None, basis: str | None = None) -> np.ndarray:
        """Return beds of all kinds per 1,000 elders, shape (years, draws); basis as the norm counts when not given."""
        area = area or self.area
        basis = basis or self.settings_of(area).choice("beds.ratio_basis")
        return beds_per_1000(self.bed_supply(area), self.elders(area, basis))

    def is_allocated(self, indicators: Sequence[str], area: str | None = None) -> bool:
        """Say whether any of an area's figures was split from a city total; the city's own totals are reported."""
        first, *others = self.members(area)
        return not others and any(self.split(name).allocated[first] for name in indicators)

    def is_assumed(self, indicators: Sequence[str]) -> bool:
        """Say whether any of the city's figures is one of us, as no count was found and not every county has one."""
        return any(
            (self._report["quality"].reindex(PARTS.get(name, (name,))) == "assumption").any()
            and any(self.split(name).allocated.values())
            and max(self.stock(name).totals) == self.project.city.report.year
            for name in indicators
        )


class CountyRun:
    """What is computed of one county of a run, under the ``settings`` in force in the county."""

    def __init__(self, run: Run, name: str, settings: Settings):
        self.name, self.settings, self._run = name, settings, run

    @cached_property
    def drawer(self) -> Drawer:
        """Random draws of the county's parameters: ``drawer(key)`` has the shape (draws,)."""
        return Drawer(self.settings, int(self._run.project.counties[self.name].code))

    @cached_property
    def projection(self) -> CountyProjection:
        """Population and events by basis, persons in every draw."""

        def projected(run: Run) -> CountyProjection:
            drawer, until = run.counties[self.name].drawer, int(run.years[-1])
            try:
                return demography.county_projection(run.start, drawer, self.name, run.project.tables, until)
            except (ValueError, ArithmeticError) as error:
                raise run._unfit(error) from error

        return self._run.remembered("projection", projected, self.name)

    @cached_property
    def drawn(self) -> CountyDraws:
        """Drawn parameters of the projection: death rates, fertility and migration of every draw."""
        run = self._run
        return demography.draw_county(run.start, self.drawer, self.name, run.project.tables, run.years)

    @cached_property
    def need(self) -> Need:
        """Elders who depend on care and the shares of them by setting."""
        return self.need_at(self.drawer, self.projection)

    @cached_property
    def needs(self) -> dict[tuple[str, str], Need]:
        """Need by definition and by the way to find places in institutions: those in force beside all others."""
        choices = [self.settings.read(f"need.{name}").parameter.choices for name in ("definition", "institution_by")]
        return {(d, w): self.need_at(self.drawer, self.projection, d, w) for d, w in product(*choices)}

    def need_at(self, drawer: Drawer, projection: CountyProjection, definition: str = "", way: str = "") -> Need:
        """Return the need at a drawer's draws or scores, under the definition and the way in force, or those given."""
        definition = definition or self.settings.choice("need.definition")
        way = way or self.settings.choice("need.institution_by")
        run, rates = self._run, None
        pattern, reference = run.age_pattern(definition), elders_by_age(run.launch)
        if self.settings.choice("need.morbidity") == "states":
            given = run.start, drawer, self.name, run.project.tables, run.years
            drawn = self.drawn if drawer is self.drawer else demography.draw_county(*given)
            since = np.maximum(run.years - self.settings.integer("mortality.level_year"), 0)
            change = run.start.trend.bx[ELDER_AGE:, None, None] * drawn.index[since, None, None]
            rates = drawn.mx[ELDER_AGE:] * np.exp(change)
        return county_need(drawer, projection, pattern, reference, definition, way, rates)

    @cached_property
    def demand(self) -> Demand:
        """Beds that the norm and the need ask for, by bed type."""
        return county_demand(self.drawer, self.projection, self.need)

    @property
    def beds_at_start(self) -> dict[str, float]:
        """Beds last counted by bed type, the county's own number or its part of the city total."""
        return {kind: self._run.split(name).values[self.name] for kind, name in BED_INDICATORS.items()}

    def stock(self, indicator: str) -> np.ndarray:
        """Return what the county has of a quantity before anything is built, array (years, draws).

        Its share of a total is not known where it was allocated, nor is what has changed since the last count.
        """
        run, change = self._run, (self.drawer(SINCE[indicator]) - 1).mean()
        drawn = self.stock_at(indicator, {name: county.drawer for name, county in run.counties.items()})
        mean = run.stock(indicator).path(self.name, run.years, dict.fromkeys(run.counties, np.ones(1)))
        mean = mean * (1 + run.since(indicator, self.name)[:, None] * change)
        # Share and change are drawn apart: what they have in common in so many draws is no news.
        return drawn + mean - drawn.mean(axis=1, keepdims=True)

    def stock_at(self, indicator: str, drawers: Mapping[str, Drawer]) -> np.ndarray:
        """Return the same at the draws or scores of each county's drawer."""
        factors = {name: drawer(SPREAD) for name, drawer in drawers.items()}
        path = self._run.stock(indicator).path(self.name, self._run.years, factors)
        since = self._run.since(indicator, self.name)[:, None]
        return path * (1 + since * (drawers[self.name](SINCE[indicator]) - 1))

    @cached_property
    def supply(self) -> dict[str, np.ndarray]:
        """Beds by bed type, shape (years, draws): those there are and those of the plan."""
        plan, start = self.planned_beds, self.beds_at_start
        return {
            kind: np.maximum(self.stock(name) + (plan[kind] - start[kind])[:, None], 0.0)
            for kind, name in BED_INDICATORS.items()
        }

    @cached_property
    def bed_changes(self) -> pd.DataFrame:
        """The county's openings, closings and conversions, those of its scenario with them."""
        return supply.changes_of(self.settings, self.name, self._run.bed_changes)

    @cached_property
    def planned_beds(self) -> dict[str, np.ndarray]:
        """Beds by bed type under the plan, from those last counted on, shape (years,)."""

        def goal(ladder: str, kind: str) -> np.ndarray:
            return np.median(getattr(self.demand, ladder)[kind], axis=1)

        since = {kind: self._run.stock(name).year(self.name) for kind, name in BED_INDICATORS.items()}
        given = self.settings, self.name, self.beds_at_start, goal, self.bed_changes
        return supply.county_supply(*given, self._run.years, since)

    @cached_property
    def institutions(self) -> Institutions:
        """Residents, the queue and nursing-type beds of institutions."""
        made = supply.added(self.bed_changes, self.name, "institution", NURSING, self._run.years)
        return county_institutions(self.drawer, self.need, self.demand, self.supply["institution"], made)

    @cached_property
    def meals(self) -> CountyMeals:
        """Meal points, meals served and wanted."""
        run, reference = self._run, elders_by_age(self._run.launch)
        flat = self.settings.choice("meals.age_pattern") == "flat"
        pattern = np.ones_like(reference) if flat else run.age_pattern("meals")
        start = {name: run.split(name).values[self.name] for name in ("meal_points", "places")}
        unsure = self.stock("meal_points") - start["meal_points"]
        return county_meals(self.drawer, self.projection, pattern, reference, start, unsure, run.years)

    @cached_property
    def services(self) -> CountyServices:
        """Services reported and needed, and care workers."""
        splits = {name: self._run.split(name) for name in REPORTED}
        covered = self._run.reported(COVERAGE) >= 100
        residents = self.institutions.queue_demand.residents
        return county_services(self.drawer, self.name, self.projection, self.need, residents, splits, covered)

    @cached_property
    def plan(self) -> CountyPlan:
        """What to open year by year, where care then takes place, what it costs and who pays."""
        given = self.need, self.demand, self.supply, self.institutions, self.meals, self.services
        own = supply.built(self.planned_beds, self.bed_changes, self.name, self._run.years)
        return county_plan(self.drawer, *given, own, self._run.years)
