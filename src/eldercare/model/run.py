"""Run: one area under one scenario, with its frames computed once and its provenance at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from eldercare.inputs import InputError, Problem, Project, Settings, did_you_mean, load_project, resolve
from eldercare.inputs.sites import SITES
from eldercare.model import frames
from eldercare.model.capacity import (
    SPLIT,
    Capacity,
    Split,
    county_capacity,
    elders_at_launch,
    reported,
    split_total,
)
from eldercare.model.demography import CountyProjection, Demography, Start, prepare, project_from
from eldercare.model.institutions import Institutions, county_institutions
from eldercare.model.launch import LAUNCH_YEAR
from eldercare.model.lazy import Lazy
from eldercare.model.meals import CountyMeals, county_meals, meals_frame
from eldercare.model.services import CountyServices, county_services, services_frame
from eldercare.model.store import TABLES, kept_launch, kept_projection, launch_key, projection_key
from eldercare.model.supply import changes_by_county

CITY = "huzhou"
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
        for county, settings in run.county_settings.items():
            try:
                _ = settings.value("supply.plan") == "planned" and run.capacities[county]
            except InputError as error:
                problems += error.problems
    return list(dict.fromkeys(problems))


class Run:
    """One area under one scenario.

    Parameters
    ----------
    area : str
        ``huzhou`` or a county.
    scenario : str
    overrides : mapping, optional
        Parameter key to value; set last, for the run's area only (for all counties when the area is the city).
    project : Project, optional
        Loaded configuration and data; found from the working directory when not given.

    Raises
    ------
    InputError
        If the area, the scenario or an override is not known or not allowed.
    """

    def __init__(
        self,
        area: str,
        scenario: str = "baseline",
        overrides: Mapping[str, object] | None = None,
        project: Project | None = None,
    ):
        self.project = project or load_project()
        if area != CITY and area not in self.project.counties:
            known = [CITY, *self.project.counties]
            raise InputError(Problem("area", "", area, f"allowed are {', '.join(known)}", did_you_mean(area, known)))
        self.area = area
        self.scenario = scenario
        self.overrides = dict(overrides or {})
        self.settings = resolve(self.project, area, scenario, self.overrides)
        # Draws, seed and horizon are one for all counties: their draws are added.
        common = {key: value for key, value in self.overrides.items() if key.startswith("run.")}
        self.county_settings: dict[str, Settings] = {
            county: resolve(self.project, county, scenario, self.overrides if area in (CITY, county) else common)
            for county in self.project.counties
        }

    @property
    def counties(self) -> tuple[str, ...]:
        """Counties that the run's area consists of."""
        return tuple(self.project.counties) if self.area == CITY else (self.area,)

    @property
    def areas(self) -> tuple[str, ...]:
        """The city, then its counties."""
        return (CITY, *self.project.counties)

    def label(self, language: str, area: str | None = None) -> str:
        """Return the name of an area (default: the run's) in a language."""
        return self.project.label(area or self.area, language)

    def scenario_label(self, language: str) -> str:
        """Return the name of the scenario in a language."""
        return self.project.scenarios[self.scenario].label[language]

    @cached_property
    def streams(self) -> dict[str, int]:
        return {name: int(county.code) for name, county in self.project.counties.items()}

    @cached_property
    def start(self) -> Start:
        """What the projections of all counties begin with."""
        return prepare(self.county_settings, self.project.tables)

    @cached_property
    def demography(self) -> Demography:
        """Launch populations and projections of all counties, each read or made when it is first asked for."""
        # They may come from the store: read or not, results depend on these tables.
        self.project.reads.tables.update(TABLES)
        horizon = int(next(iter(self.county_settings.values())).value("run.horizon"))
        common = launch_key(self.project.root, self.county_settings)

        def projection(county: str) -> CountyProjection:
            own = {county: self.county_settings[county]}
            key = projection_key(common, county, self.streams[county], own[county])
            return kept_projection(
                self.project.root,
                key,
                lambda: project_from(self.start, own, self.streams, self.project.tables, horizon)[county],
            )

        return Demography(
            np.arange(LAUNCH_YEAR, horizon + 1),
            kept_launch(self.project.root, common, tuple(self.county_settings), lambda: self.start.launch),
            Lazy(self.county_settings, projection),
        )

    @cached_property
    def splits(self) -> Mapping[str, Split]:
        """City totals of the 2018 report split over the counties."""

        def split(name: str) -> Split:
            parts = ("villages", "urban_communities") if name == "places" else (name,)
            total = sum(reported(self.project.tables, part) for part in parts)
            return split_total(total, self.demography, self.county_settings, SPLIT.get(name, f"meals.{name}"))

        return Lazy((*SPLIT, "places"), split)

    @cached_property
    def bed_changes(self) -> pd.DataFrame:
        """Openings, closings and conversions of beds by county."""
        rule = self.settings.value("allocation.rule")
        return changes_by_county(
            self.project.tables, tuple(self.project.counties), elders_at_launch(self.demography, rule)
        )

    @cached_property
    def capacities(self) -> Mapping[str, Capacity]:
        """Supply and demand by county."""
        return Lazy(
            self.county_settings,
            lambda county: county_capacity(
                self.county_settings[county],
                self.streams[county],
                county,
                self.demography,
                self.project.tables,
                self.splits,
                self.bed_changes,
            ),
        )

    @cached_property
    def institutions(self) -> Mapping[str, Institutions]:
        """Residents, waiting and nursing-type beds of institutions by county."""
        return Lazy(
            self.county_settings,
            lambda county: county_institutions(
                self.county_settings[county],
                self.streams[county],
                county,
                self.capacities[county],
                self.demography,
                self.bed_changes,
            ),
        )

    @cached_property
    def county_meals(self) -> Mapping[str, CountyMeals]:
        """Meal points, meals served and wanted by county."""
        return Lazy(
            self.county_settings,
            lambda county: county_meals(
                self.county_settings[county],
                self.streams[county],
                county,
                self.demography,
                self.project.tables,
                self.splits,
            ),
        )

    @cached_property
    def county_services(self) -> Mapping[str, CountyServices]:
        """Services reported and needed by county."""
        return Lazy(self.county_settings, lambda county: county_services(self, county))

    def members(self, area: str) -> tuple[str, ...]:
        """Return the counties of an area."""
        return tuple(self.project.counties) if area == CITY else (area,)

    def projection(self, area: str | None = None) -> CountyProjection:
        """Return an area's projection: a county's own, or the sum of the counties' draws."""
        return frames.add_projections([self.demography.counties[c] for c in self.members(area or self.area)])

    def elders(self, area: str | None = None, basis: str = "resident", from_age: int = 60) -> np.ndarray:
        """Return persons of an age and over, shape (years, draws)."""
        return frames.count_from(self.projection(area).population[basis], from_age)

    @cached_property
    def population(self) -> pd.DataFrame:
        """Population of the run's area; columns of population.csv."""
        return frames.population_frame(self, self.area)

    @cached_property
    def beds(self) -> pd.DataFrame:
        """Beds of the run's area; columns of beds.csv."""
        return frames.beds_frame(self, self.area)

    @cached_property
    def meals(self) -> pd.DataFrame:
        """Meals of the run's area; columns of meals.csv."""
        return meals_frame(self, self.area)

    @cached_property
    def services(self) -> pd.DataFrame:
        """Services of the run's area; columns of services.csv."""
        return services_frame(self, self.area)

    @cached_property
    def crossing(self) -> pd.DataFrame:
        """Crossing years of the run's area; columns of crossing.csv."""
        return frames.crossing_frame(self, self.area)

    @cached_property
    def occupancy_margin(self) -> pd.DataFrame:
        """How full homes of several sizes can be run: beds, occupancy."""
        return frames.occupancy_margin(self)

    @cached_property
    def first_short(self) -> pd.DataFrame:
        """Which county falls below its norm first, and how often."""
        return frames.first_short(self)

    def gap_change(self, area: str | None = None, year: int = frames.HOLD_UNTIL) -> dict[str, float]:
        """Return the parts of an area's gap of institution beds by need in a year, beds."""
        return frames.gap_change(self, area or self.area, year)

    @property
    def beds_everywhere(self) -> pd.DataFrame:
        """Beds of the city and all counties; columns of beds.csv."""
        return self.all_areas()["beds"]

    def all_areas(self) -> Mapping[str, pd.DataFrame]:
        """Return every table for the city and all counties, each made when it is first asked for."""
        return self._all_areas

    @cached_property
    def _all_areas(self) -> Mapping[str, pd.DataFrame]:
        makers = {
            "population": frames.population_frame,
            "beds": frames.beds_frame,
            "meals": meals_frame,
            "services": services_frame,
            "crossing": frames.crossing_frame,
        }

        def everywhere(name: str) -> pd.DataFrame:
            return pd.concat([makers[name](self, area) for area in self.areas], ignore_index=True)

        return Lazy(makers, everywhere)

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
