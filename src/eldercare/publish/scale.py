"""The scale run: a synthetic country on the workers of this machine or on a cluster, with its time and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from eldercare.inputs import Project
from eldercare.model.launch import LAUNCH_YEAR
from eldercare.model.scale import Country, Part, country, element_steps, parts, peak_memory, project_part
from eldercare.publish.cluster import cluster
from eldercare.publish.pool import FORK, SPAWN, can_fork, start_server, workers
from eldercare.publish.request import cores
from eldercare.publish.runner import ONE_THREAD

# Pieces of work under way for each worker: enough to keep all busy, few enough to hold little.
AHEAD = 3
EVERY = 5
QUANTILES = (0.1, 0.5, 0.9)
# Large arrays go back to the system when they are no longer used, and come again page by page, which can take longer
# than the work on them. With these variables the C library of Linux keeps them for the next county.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(512 * 2**20)}


@dataclass(frozen=True)
class Scaled:
    """What a scale run found.

    Attributes
    ----------
    elders : ndarray, shape (years, draws)
        Residents 60 and over of the country, persons.
    seconds : float
    steps : int
        Element-steps: survivals of one age, sex and draw over one year.
    memory : int
        Sum of the most memory that each process has had, bytes.
    """

    elders: np.ndarray
    seconds: float
    steps: int
    memory: int


def scale(
    project: Project, counties: int, draws: int, years: int, number: int | None = None, address: str = ""
) -> Scaled:
    """Project a synthetic country part by part; memory does not grow with the number of counties.

    Parameters
    ----------
    project : Project
    counties, draws, years : int
    number : int, optional
        Workers of this machine; as many as cores when not given.
    address : str
        Dask scheduler to send the work to; empty for this machine.
    """
    start = perf_counter()
    number = number or cores()
    if not address and can_fork():
        start_server(ONE_THREAD | KEEP_MEMORY)
    one = country(project, draws, years)
    pool: AbstractContextManager[Executor]
    pool = cluster(address) if address else workers(number, ONE_THREAD, FORK if can_fork() else SPAWN)
    elders, memory = np.zeros((years + 1, draws)), {}
    with pool as executor:
        # Summed in the order of the parts, so that every number of workers gives the same bytes.
        for part in _in_order(executor, project_part, one, parts(counties), AHEAD * number):
            elders += part.elders
            memory[part.process] = max(part.memory, memory.get(part.process, 0))
    return Scaled(
        elders, perf_counter() - start, element_steps(counties, draws, years), peak_memory() + sum(memory.values())
    )


def _in_order(
    executor: Executor, work: Callable[[Country, range], Part], one: Country, pieces: Iterator[range], ahead: int
) -> Iterator[Part]:
    """Yield results in the order of the pieces, with no more than some of them under way or waiting."""
    waiting: dict[int, Future] = {}
    first = 0
    for at, piece in enumerate(pieces):
        waiting[at] = executor.submit(work, one, piece)
        if len(waiting) >= ahead:
            wait([waiting[first]], return_when=FIRST_COMPLETED)
            yield waiting.pop(first).result()
            first += 1
    for at in sorted(waiting):
        yield waiting[at].result()


def report(found: Scaled) -> str:
    """Return what a scale run found as text: elders by year in millions, time, speed and memory."""
    lines = ["residents 60+, millions", f"{'year':>6}{'p10':>10}{'p50':>10}{'p90':>10}"]
    for at in range(0, len(found.elders), EVERY):
        low, middle, high = np.quantile(found.elders[at], QUANTILES) / 1e6
        lines.append(f"{LAUNCH_YEAR + at:>6}{low:>10.3f}{middle:>10.3f}{high:>10.3f}")
    speed = found.steps / found.seconds / 1e6
    lines.append(
        f"{found.seconds:.1f} s, {speed:.1f} million element-steps/s, peak memory {found.memory / 2**30:.2f} GB"
    )
    return "\n".join(lines)
