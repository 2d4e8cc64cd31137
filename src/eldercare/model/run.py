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
from eldercare.model.demography import CountyProjection, Demography, project_all
from eldercare.model.institutions import Institutions, county_institutions
from eldercare.model.meals import CountyMeals, county_meals, meals_frame
from eldercare.model.services import CountyServices, county_services, services_frame
from eldercare.model.store import stored
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
    "07_reliability": ("population.", "mortality.", "fertility.", "migration.", "run."),
}


def supply_problems(project: Project, scenarios: Iterable[str], overrides: Mapping[str, object]) -> list[Problem]:
    """Return the faults of the table of bed changes that only show beside the beds there are: too many closings.

    Only scenarios that follow the table are looked at.
    """
    problems: list[Problem] = []
    for scenario in scenarios:
        run = Run(CITY, scenario, overrides, project)
        if "planned" in {settings.value("supply.plan") for settings in run.county_settings.values()}:
            try:
                _ = run.capacities
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
        area = area or self.area
        if area == CITY:
            return {"en": "Huzhou", "zh": "湖州市"}[language]
        return self.project.counties[area].label[language]

    def scenario_label(self, language: str) -> str:
        """Return the name of the scenario in a language."""
        return self.project.scenarios[self.scenario].label[language]

    @cached_property
    def streams(self) -> dict[str, int]:
        return {name: int(county.code) for name, county in self.project.counties.items()}

    @cached_property
    def demography(self) -> Demography:
        """Launch populations and projections of all counties."""
        return stored(
            self.project.root,
            self.county_settings,
            lambda: project_all(self.county_settings, self.streams, self.project.tables),
        )

    @cached_property
    def splits(self) -> dict[str, Split]:
        """City totals of the 2018 report split over the counties."""
        totals = {indicator: reported(self.project.tables, indicator) for indicator in SPLIT}
        totals["places"] = sum(reported(self.project.tables, name) for name in ("villages", "urban_communities"))
        return {
            name: split_total(total, self.demography, self.county_settings, SPLIT.get(name, f"meals.{name}"))
            for name, total in totals.items()
        }

    @cached_property
    def bed_changes(self) -> pd.DataFrame:
        """Openings, closings and conversions of beds by county."""
        rule = self.settings.value("allocation.rule")
        return changes_by_county(
            self.project.tables, tuple(self.project.counties), elders_at_launch(self.demography, rule)
        )

    @cached_property
    def capacities(self) -> dict[str, Capacity]:
        """Supply and demand by county."""
        return {
            county: county_capacity(
                settings,
                self.streams[county],
                county,
                self.demography,
                self.project.tables,
                self.splits,
                self.bed_changes,
            )
            for county, settings in self.county_settings.items()
        }

    @cached_property
    def institutions(self) -> dict[str, Institutions]:
        """Residents, waiting and nursing-type beds of institutions by county."""
        return {
            county: county_institutions(
                settings, self.streams[county], county, self.capacities[county], self.demography, self.bed_changes
            )
            for county, settings in self.county_settings.items()
        }

    @cached_property
    def county_meals(self) -> dict[str, CountyMeals]:
        """Meal points, meals served and wanted by county."""
        return {
            county: county_meals(
                settings, self.streams[county], county, self.demography, self.project.tables, self.splits
            )
            for county, settings in self.county_settings.items()
        }

    @cached_property
    def county_services(self) -> dict[str, CountyServices]:
        """Services reported and needed by county."""
        return {county: county_services(self, county) for county in self.county_settings}

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

    @cached_property
    def beds_everywhere(self) -> pd.DataFrame:
        """Beds of the city and all counties; columns of beds.csv."""
        return pd.concat([frames.beds_frame(self, area) for area in self.areas], ignore_index=True)

    def all_areas(self) -> dict[str, pd.DataFrame]:
        """Return every table for the city and all counties."""
        makers = {
            "population": frames.population_frame,
            "beds": frames.beds_frame,
            "meals": meals_frame,
            "services": services_frame,
            "crossing": frames.crossing_frame,
        }
        return {
            name: pd.concat([make(self, area) for area in self.areas], ignore_index=True)
            for name, make in makers.items()
        }

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
