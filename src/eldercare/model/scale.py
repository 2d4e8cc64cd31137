"""A synthetic country of any number of counties, projected part by part in bounded memory: a test of scale."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from eldercare.inputs import Project, Settings
from eldercare.model.demography import ELDER_AGE, GROUP_STARTS, SEXES, Start, draw_county, project_county
from eldercare.model.draws import generator
from eldercare.model.launch import AGES, LAUNCH_YEAR
from eldercare.model.run import CITY, Run

# Streams of synthetic counties lie above every six-digit code of a real one.
FIRST_STREAM = 10_000_000
# Standard deviation of the log size of a synthetic county against the real one that it is made from.
SPREAD = 0.5
# Counties of one piece of work.
PART = 12


@dataclass(frozen=True)
class Country:
    """What every part of the country is made from; plain values, so that it can go to a worker or to a cluster.

    Attributes
    ----------
    start : Start
    settings : dict
        Settings of the counties that are copied, by county.
    tables : dict
    until : int
    """

    start: Start
    settings: Mapping[str, Settings]
    tables: Mapping[str, pd.DataFrame]
    until: int

    @property
    def years(self) -> np.ndarray:
        """Years of the projection, the launch year first."""
        return np.arange(LAUNCH_YEAR, self.until + 1)


@dataclass(frozen=True)
class Part:
    """The sum of some counties.

    Attributes
    ----------
    elders : ndarray, shape (years, draws)
        Residents 60 and over, persons.
    process : str
        Which process made it.
    memory : int
        Most memory that this process has had, bytes.
    """

    elders: np.ndarray
    process: str
    memory: int


def country(project: Project, draws: int, years: int) -> Country:
    """Return the country that copies the project's counties under the baseline.

    Parameters
    ----------
    project : Project
    draws : int
        Draws of each county.
    years : int
        Years after the launch.
    """
    run = Run(CITY, "baseline", {"run.draws": draws}, project)
    tables = {"census_totals": project.table("census_totals")}
    return Country(run.start, run.county_settings, tables, LAUNCH_YEAR + years)


def parts(counties: int, size: int = PART) -> Iterator[range]:
    """Yield the numbers of the counties, part by part.

    Examples
    --------
    >>> list(parts(5, 2))
    [range(0, 2), range(2, 4), range(4, 5)]
    """
    for first in range(0, counties, size):
        yield range(first, min(first + size, counties))


def project_part(one: Country, numbers: Iterable[int]) -> Part:
    """Project some counties of the country and return their sum.

    A county has the launch population, migration and settings of a real one, times a size of its own, and its own
    random stream; the shared part of the uncertainty is common to the whole country.
    """
    names = tuple(one.settings)
    total = 0.0
    for number in numbers:
        name = names[number % len(names)]
        settings, stream = one.settings[name], FIRST_STREAM + number
        size = np.exp(SPREAD * generator(int(settings.value("run.seed")), stream, "scale.size").standard_normal())
        drawn = draw_county(settings, stream, one.start.level, one.start.trend, one.tables, name, one.until)
        drawn = replace(drawn, resident_flow=drawn.resident_flow * size)
        launch = {"resident": one.start.launch.resident[one.start.launch.counties.index(name)] * size}
        projection = project_county(settings, drawn, one.start.trend.bx, launch, one.years)
        total = total + projection.population["resident"][:, GROUP_STARTS >= ELDER_AGE].sum(axis=(1, 2))
    return Part(total, f"{platform.node()}-{os.getpid()}", peak_memory())


def element_steps(counties: int, draws: int, years: int) -> int:
    """Return the survivals of one age, sex and draw over one year.

    Examples
    --------
    >>> element_steps(5, 10_000, 33)
    333300000
    """
    return counties * draws * years * len(SEXES) * len(AGES)


def peak_memory() -> int:
    """Return the most memory that this process has had, bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
