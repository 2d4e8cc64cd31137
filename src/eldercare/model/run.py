"""Run: one area under one scenario, step by step from the settings to the sum of its counties.

The order of the calculation, each step made from those above it and computed when it is first asked for:

1. ``settings``: the parameters in force, default < county < scenario < overrides.
2. ``launch``: residents and registered residents of the launch year by county, age and sex.
3. ``projection``: survive, age, bear and move, year by year, in every draw.
4. ``split``: totals that the report gives for the city only, split over the counties.
5. ``bed_changes``: openings, closings and conversions of beds.
6. ``need``: elders who depend on care, and where their care is planned.
7. ``capacity``: beds supplied under the plan, and beds that the norm and the need ask for.
8. ``institutions``: residents, the queue, and nursing-type beds.
9. ``meals``: meal points, meals served and wanted.
10. ``services``: levels that keep pace with the elders, and care workers.
11. An area is the sum of its counties, draw by draw: ``projection``, ``elders``, ``bed_supply``, ``bed_demand``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from eldercare.care import beds_per_1000
from eldercare.inputs import CITY, InputError, Problem, Project, Settings, did_you_mean, load_project, resolve
from eldercare.inputs.sites import SITES
from eldercare.model.capacity import Capacity, Need, county_capacity, county_need
from eldercare.model.demography import (
    ELDER_AGE,
    CountyProjection,
    Drawer,
    Start,
    add_projections,
    count_from,
    prepare,
    project_from,
)
from eldercare.model.institutions import Institutions, county_institutions
from eldercare.model.launch import LAUNCH_YEAR, Launch
from eldercare.model.meals import CountyMeals, county_meals
from eldercare.model.services import REPORTED, CountyServices, county_services
from eldercare.model.store import TABLES, kept_launch, kept_projection, launch_key, projection_key
from eldercare.model.supply import (
    BED_INDICATORS,
    SPLIT,
    Split,
    changes_by_county,
    elders_at_launch,
    kinds_of,
    reported,
    split_total,
)

DEFINITIONS = ("survey", "administrative", "census")
# Parameter families that the results of each notebook read.
READS = {
    "01_evidence": (),
    "02_population": ("population.", "mortality.", "fertility.", "migration.", "run."),
    "03_beds": (
        "population.",
        "mortality.",
        "migration.",
        "need.",
        "beds.",
        "queue.",
        "supply.",
        "allocation.",
        "run.",
    ),
    "04_meals": (
        "population.graduation",
        "mortality.",
        "migration.natural_increase",
        "migration.share_of_past",
        "migration.fade_until",
        "migration.retirement_share",
        "meals.",
        "supply.meal_points",
        "allocation.",
        "run.",
    ),
    "05_services": (
        "population.",
        "mortality.",
        "migration.",
        "need.definition",
        "need.morbidity",
        *(f"need.{name}.{part}" for name in DEFINITIONS for part in ("prevalence", "institution_share")),
        "services.",
        "allocation.",
        "run.",
    ),
    "06_scenarios": (
        "population.",
        "mortality.",
        "migration.",
        "need.",
        "beds.norm",
        "beds.ratio_basis",
        "beds.occupancy_institution",
        "beds.occupancy_home_care_centre",
        "supply.",
        "meals.",
        "allocation.",
        "run.",
    ),
    "07_reliability": ("population.", "mortality.", "fertility.", "migration.", "run."),
}


def supply_problems(project: Project, scenarios: Iterable[str], overrides: Mapping[str, object]) -> list[Problem]:
    """Return the faults of the table of bed changes that only show beside the beds there are: too many closings.

    Only scenarios that follow the table are looked at.
    """
    problems: list[Problem] = []
    for scenario in scenarios:
        run = Run(CITY, scenario, overrides, project)
        for county in run.counties.values():
            try:
                _ = county.settings.value("supply.plan") == "planned" and county.capacity
            except InputError as error:
                problems += error.problems
    return list(dict.fromkeys(problems))


class Run:
    """One area under one scenario.

    Parameters
    ----------
    area : str, optional
        The city (when not given) or a county.
    scenario : str
    overrides : mapping, optional
        Parameter key to value; set last, for the run's area only (for all counties when the area is the city).
    project : Project, optional
        Loaded configuration and data; found from the working directory when not given.

    Attributes
    ----------
    settings : Settings
        Parameters in force in the area.
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
        overrides: Mapping[str, object] | None = None,
        project: Project | None = None,
    ):
        self.project = project or load_project()
        self.area = area or CITY
        if self.area not in self.areas:
            allowed = f"allowed are {', '.join(self.areas)}"
            raise InputError(Problem("area", "", self.area, allowed, did_you_mean(self.area, self.areas)))
        self.scenario = scenario
        self.overrides = dict(overrides or {})
        self.settings = resolve(self.project, self.area, scenario, self.overrides)
        # Draws, seed and horizon are one for all counties: their draws are added.
        common = {key: value for key, value in self.overrides.items() if key.startswith("run.")}
        self.counties = {
            county: CountyRun(
                self,
                county,
                resolve(self.project, county, scenario, self.overrides if self.area in (CITY, county) else common),
            )
            for county in self.project.counties
        }

    @property
    def areas(self) -> tuple[str, ...]:
        """The city, then its counties."""
        return (CITY, *self.project.counties)

    def members(self, area: str | None = None) -> tuple[str, ...]:
        """Return the counties that an area (default: the run's) consists of."""
        area = area or self.area
        return tuple(self.project.counties) if area == CITY else (area,)

    def settings_of(self, area: str) -> Settings:
        """Return the settings of any area of the run."""
        if area == self.area:
            return self.settings
        return self.counties[area].settings if area != CITY else resolve(self.project, CITY, self.scenario)

    def label(self, language: str, area: str | None = None) -> str:
        """Return the name of an area (default: the run's) in a language."""
        return self.project.label(area or self.area, language)

    def scenario_label(self, language: str) -> str:
        """Return the name of the scenario in a language."""
        return self.project.scenarios[self.scenario].label[language]

    @cached_property
    def years(self) -> np.ndarray:
        """Years of the run: the launch year to the horizon."""
        return np.arange(LAUNCH_YEAR, int(self._any_settings.value("run.horizon")) + 1)

    @cached_property
    def launch(self) -> Launch:
        """Residents and registered residents of the launch year, persons by county, age and sex."""
        return kept_launch(self.project.root, self._launch_key, tuple(self.counties), lambda: self.start.launch)

    @cached_property
    def start(self) -> Start:
        """Launch, level and trend of mortality: what the projections of all counties begin with."""
        return prepare(self.county_settings, self.project.tables)

    @property
    def county_settings(self) -> dict[str, Settings]:
        """Settings by county."""
        return {name: county.settings for name, county in self.counties.items()}

    def split(self, name: str) -> Split:
        """Return a total of the report split over the counties; ``places`` are villages and urban communities."""
        parts = ("villages", "urban_communities") if name == "places" else (name,)
        total = sum(reported(self.project.tables, part) for part in parts)
        parameter = {**SPLIT, **REPORTED, "places": "meals.places"}[name]
        own = {c: s.value(parameter) if parameter else None for c, s in self.county_settings.items()}
        return split_total(total, self._allocation_weights, own)

    @cached_property
    def bed_changes(self) -> pd.DataFrame:
        """Openings, closings and conversions by county: area, year, bed_type, operation, beds, allocated."""
        return changes_by_county(self.project.tables, tuple(self.counties), self._allocation_weights)

    @property
    def _allocation_weights(self) -> np.ndarray:
        return elders_at_launch(self.launch, self._any_settings.value("allocation.rule"))

    @property
    def _any_settings(self) -> Settings:
        """Settings of the first county, for what is one for all of them."""
        return next(iter(self.counties.values())).settings

    @cached_property
    def _launch_key(self) -> str:
        # Launch and projections may come from the store: read or not, results depend on these tables.
        self.project.reads.tables.update(TABLES)
        return launch_key(self.project.root, self.county_settings)

    def projection(self, area: str | None = None) -> CountyProjection:
        """Return an area's projection: a county's own, or the sum of the counties' draws."""
        return add_projections([self.counties[county].projection for county in self.members(area)])

    def elders(self, area: str | None = None, basis: str = "resident", from_age: int = ELDER_AGE) -> np.ndarray:
        """Return persons of an age (a multiple of five) and over, shape (years, draws)."""
        return count_from(self.projection(area).population[basis], from_age)

    def bed_start(self, county: str) -> dict[str, float]:
        """Return the beds of the report by bed type, the county's own number or its part of the city total."""
        return {kind: self.split(name).values[county] for kind, name in BED_INDICATORS.items()}

    def bed_supply(self, area: str | None = None, kind: str = "all") -> np.ndarray:
        """Return beds of a kind (``institution``, ``home_care_centre`` or ``all``) by year, shape (years,)."""
        return sum(self.counties[c].capacity.supply[k] for c in self.members(area) for k in kinds_of(kind))

    def bed_demand(self, area: str | None = None, kind: str = "all", ladder: str = "need") -> np.ndarray:
        """Return the beds that the norm (``ratio``) or the care need (``need``) asks for, shape (years, draws)."""
        return sum(
            getattr(self.counties[c].capacity, f"demand_{ladder}")[k]
            for c in self.members(area)
            for k in kinds_of(kind)
        )

    def bed_ratio(self, area: str | None = None, basis: str | None = None) -> np.ndarray:
        """Return beds of all kinds per 1,000 elders, shape (years, draws); basis as the norm counts when not given."""
        area = area or self.area
        basis = basis or self.settings_of(area).value("beds.ratio_basis")
        return beds_per_1000(self.bed_supply(area)[:, None], self.elders(area, basis))

    def is_allocated(self, indicators: Sequence[str], area: str | None = None) -> bool:
        """Say whether any of an area's figures was split from a city total; the city's own totals are reported."""
        members = self.members(area)
        return len(members) == 1 and any(self.split(name).allocated[members[0]] for name in indicators)

    def settings_used(self, notebook: str) -> list[str]:
        """Return the parameter keys that a notebook's results read.

        Of the need parameters only those of the chosen definition count, and the number of new meal sites
        only when there is a table of sites to choose from.
        """
        definition = self.settings.value("need.definition")
        other = tuple(f"need.{d}." for d in DEFINITIONS if d != definition)
        if SITES not in self.project.tables:
            other += ("meals.new_sites",)
        prefixes = READS[notebook]
        return [
            key
            for key in self.project.parameters
            if key.startswith(prefixes) and not key.startswith(other) and prefixes
        ]


class CountyRun:
    """What is computed of one county of a run.

    Attributes
    ----------
    name : str
    settings : Settings
        Parameters in force in the county.
    stream : int
        Address of the county's random draws.
    """

    def __init__(self, run: Run, name: str, settings: Settings):
        self.name = name
        self.settings = settings
        self.stream = int(run.project.counties[name].code)
        self._run = run

    @cached_property
    def projection(self) -> CountyProjection:
        """Population and events by basis, persons in every draw."""
        run = self._run
        key = projection_key(run._launch_key, self.name, self.stream, self.settings)
        return kept_projection(
            run.project.root,
            key,
            lambda: project_from(
                run.start,
                {self.name: self.settings},
                {self.name: self.stream},
                run.project.tables,
                int(run.years[-1]),
            )[self.name],
        )

    @cached_property
    def need(self) -> Need:
        """Elders who depend on care and the shares of them by setting."""
        run = self._run
        return county_need(self._drawer, self.projection, run.launch, run.project.tables)

    @cached_property
    def capacity(self) -> Capacity:
        """Beds supplied and asked for by bed type."""
        run = self._run
        return county_capacity(
            self._drawer, self.name, self.projection, self.need, run.bed_start(self.name), run.bed_changes, run.years
        )

    @cached_property
    def institutions(self) -> Institutions:
        """Residents, the queue and nursing-type beds of institutions."""
        return county_institutions(
            self._drawer, self.name, self.need, self.capacity, self._run.bed_changes, self._run.years
        )

    @cached_property
    def meals(self) -> CountyMeals:
        """Meal points, meals served and wanted."""
        run = self._run
        start = {name: run.split(name).values[self.name] for name in ("meal_points", "places")}
        return county_meals(self._drawer, self.projection, run.launch, run.project.tables, start, run.years)

    @cached_property
    def services(self) -> CountyServices:
        """Services reported and needed, and care workers."""
        run = self._run
        return county_services(
            self._drawer,
            self.name,
            self.projection,
            self.need,
            {name: run.split(name) for name in REPORTED},
            reported(run.project.tables, "care_worker_training_cohorts"),
        )

    @property
    def _drawer(self) -> Drawer:
        return Drawer(self.settings, self.stream)
