"""A synthetic country of any number of counties, projected part by part in bounded memory: a test of scale.

    python benchmarks/scale.py --counties 2844 --draws 1000 --workers 2
    python benchmarks/scale.py --counties 2844 --draws 1000 --cluster tcp://10.0.0.5:8786

Workers of a cluster need the package, in the same version, and no file of the project: inputs travel with the work.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from time import perf_counter
from unittest.mock import patch

import numpy as np
import pandas as pd

from eldercare.inputs import Project, Settings, load_project
from eldercare.model import Run
from eldercare.model.demography import ELDER_AGE, Start, count_from, draw_county, project_county
from eldercare.model.draws import Drawer, generator
from eldercare.model.launch import AGES
from eldercare.population import SEXES

# Streams of synthetic counties lie above every six-digit code of a real one.
FIRST_STREAM = 10_000_000
# Standard deviation of the log size of a synthetic county against the real one that it is made from.
SPREAD = 0.5
# Counties of one part, and parts under way for each worker: enough to keep all busy, few enough to hold little.
PART, AHEAD = 12, 3
# Parts run side by side, and threads of several would only wait for each other.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Large arrays go back to the system when they are no longer used, and come again page by page, which can take longer
# than the work on them. With these variables the C library of Linux keeps them for the next county.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(512 * 2**20)}


@dataclass(frozen=True)
class Country:
    """What every part of the country is made from; plain values, so that it can go to a worker or to a cluster.

    Attributes
    ----------
    start : Start
    settings : dict
        Settings of the counties that are copied, by county.
    tables : dict
    years : ndarray, shape (years,)
        The launch year first.
    """

    start: Start
    settings: Mapping[str, Settings]
    tables: Mapping[str, pd.DataFrame]
    years: np.ndarray


@dataclass(frozen=True)
class Part:
    """The sum of some counties: residents 60 and over (years, draws); the process that made it and its most bytes."""

    elders: np.ndarray
    process: str
    memory: int


@dataclass(frozen=True)
class Scaled:
    """The whole country: residents 60 and over (years, draws), seconds, element-steps, most bytes of all processes."""

    elders: np.ndarray
    seconds: float
    steps: int
    memory: int


def country(project: Project, draws: int, years: int) -> Country:
    """Return the country that copies the project's counties under the baseline, so many years after the launch."""
    run = Run(project.city.id, "baseline", {"run.draws": draws}, project)
    tables = {"census_totals": project.table("census_totals")}
    return Country(run.start, run.county_settings, tables, run.launch_year + np.arange(years + 1))


def project_part(whole: Country, numbers: Iterable[int]) -> Part:
    """Project some counties of the country, by their numbers, and return their sum.

    A county has the launch population, migration and settings of a real one, times a size of its own, and its own
    random stream; the shared part of the uncertainty is common to the whole country.
    """
    names, start = tuple(whole.settings), whole.start
    total = np.zeros(())
    for number in numbers:
        name = names[number % len(names)]
        settings, stream = whole.settings[name], FIRST_STREAM + number
        size = np.exp(SPREAD * generator(settings.integer("run.seed"), stream, "scale.size").standard_normal())
        drawn = draw_county(start, Drawer(settings, stream), name, whole.tables, whole.years)
        drawn = replace(drawn, resident_flow=drawn.resident_flow * size)
        launch = {"resident": start.launch.of(name)["resident"] * size}
        projection = project_county(settings, drawn, start.trend.bx, launch, whole.years)
        total = total + count_from(projection.population["resident"], ELDER_AGE)
    return Part(total, f"{platform.node()}-{os.getpid()}", peak_memory())


def scale(
    project: Project, counties: int, draws: int, years: int, workers: int | None = None, address: str = ""
) -> Scaled:
    """Project a country on processes of this machine, or on the Dask scheduler of an address."""
    begin = perf_counter()
    workers = workers or os.cpu_count() or 1
    whole = country(project, draws, years)
    elders, memory = np.zeros((years + 1, draws)), {}
    parts = (range(first, min(first + PART, counties)) for first in range(0, counties, PART))
    with cluster(address) if address else processes(workers) as executor:
        # Summed in the order of the parts, so that every number of workers gives the same bytes.
        for part in in_order(executor, project_part, whole, parts, AHEAD * workers):
            elders += part.elders
            memory[part.process] = max(part.memory, memory.get(part.process, 0))
    seconds = perf_counter() - begin
    return Scaled(elders, seconds, element_steps(counties, draws, years), peak_memory() + sum(memory.values()))


@contextmanager
def processes(number: int) -> Iterator[Executor]:
    """Give an executor of processes of this machine that keep their memory."""
    with patch.dict(os.environ, ONE_THREAD | KEEP_MEMORY):
        with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as executor:
            yield executor


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Give an executor of a Dask scheduler; the functions of this file travel with the work."""
    import cloudpickle
    from distributed import Client

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with Client(address, timeout=20, set_as_default=False) as client, client.get_executor(pure=False) as executor:
        yield executor


def in_order(
    executor: Executor, work: Callable[[Country, range], Part], whole: Country, parts: Iterable[range], ahead: int
) -> Iterator[Part]:
    """Yield results in the order of the parts, with no more than some of them under way or waiting."""
    waiting: deque[Future[Part]] = deque()
    for part in parts:
        waiting.append(executor.submit(work, whole, part))
        if len(waiting) == ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def element_steps(counties: int, draws: int, years: int) -> int:
    """Return the survivals of one age, sex and draw over one year."""
    return counties * draws * years * len(SEXES) * len(AGES)


def peak_memory() -> int:
    """Return the most memory that this process has had, bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def report(scaled: Scaled) -> str:
    """Return what a scale run gave as text: elders by year in millions, time, speed and memory."""
    lines = ["residents 60+, millions, by year after the launch", f"{'year':>6}{'p10':>10}{'p50':>10}{'p90':>10}"]
    for year in range(0, len(scaled.elders), 5):
        low, middle, high = np.quantile(scaled.elders[year], (0.1, 0.5, 0.9)) / 1e6
        lines.append(f"{year:>6}{low:>10.3f}{middle:>10.3f}{high:>10.3f}")
    speed, memory = scaled.steps / scaled.seconds / 1e6, scaled.memory / 2**30
    lines.append(f"{scaled.seconds:.1f} s, {speed:.1f} million element-steps/s, peak memory {memory:.2f} GB")
    return "\n".join(lines)


def main() -> None:
    """Run at the sizes given and print the report."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--counties", type=int, default=60, metavar="N")
    given.add_argument("--draws", type=int, default=250, metavar="N", help="draws of each county")
    given.add_argument("--years", type=int, default=30, metavar="N", help="years after the launch")
    given.add_argument("--workers", type=int, metavar="N", help="processes of this machine (default: cores)")
    given.add_argument("--cluster", default="", metavar="ADDRESS", help="send the work to a Dask scheduler")
    sizes = given.parse_args()
    print(report(scale(load_project(), sizes.counties, sizes.draws, sizes.years, sizes.workers, sizes.cluster)))


if __name__ == "__main__":
    main()
