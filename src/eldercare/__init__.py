"""Elderly-care capacity planning: population, beds, meals and services by county.

Any result as a DataFrame, and a value in force::

    import eldercare

    results = eldercare.load("north", scenario="baseline", overrides={"beds.norm": 55})
    results.beds                        # also population, meals, services, crossing
    results["beds.norm"]
    results.elders(from_age=80)         # draws of every year, shape (years, draws)
    results.summary({"oldest_old": results.elders(from_age=80)})    # mean, p10, p50, p90 by year

Two runs side by side, the second less the first::

    eldercare.compare(eldercare.load("north"), results, table="beds")

Any frame as a picture in the style of the pages, with its table and its file::

    eldercare.draw(results.summary({"oldest_old": results.elders(from_age=80)}), "Aged 80 and over", "persons")

Names of areas are the city's id and those of config/counties; scenarios are those of config/scenarios. Without an area
the city is meant. ``help(results)`` lists what a run holds; ``eldercare parameters`` lists what can be overridden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from eldercare.inputs import Project
    from eldercare.model import Results
    from eldercare.report import Chart

__version__ = "0.1.0"
__all__ = ["compare", "draw", "load"]

# Results by what was asked for, while they are shared; each keeps its project, whose id is therefore no other's.
_shared: ContextVar[dict[str, Results]] = ContextVar("shared")


def load(
    area: str | None = None,
    scenario: str = "baseline",
    overrides: Mapping[str, object] | str | None = None,
    project: Project | None = None,
) -> Results:
    """Return the results of one area under one scenario; each is computed when it is first asked for.

    Parameters
    ----------
    area : str, optional
        A county; the city when not given.
    scenario : str
    overrides : mapping, or its text as JSON or YAML, optional
        Parameter key to value, set last.
    project : Project, optional
        Found from the working directory when not given.

    Raises
    ------
    InputError
        If the area, the scenario or an override is not known or not allowed.
    """
    from eldercare.model import Results

    kept, asked = _shared.get({}), repr((area, scenario, overrides, id(project)))
    if asked not in kept:
        kept[asked] = Results(area, scenario, overrides, project)
    return kept[asked]


@contextmanager
def sharing() -> Iterator[None]:
    """Let what is loaded meanwhile be computed once for all who ask for the same."""
    before = _shared.set({})
    try:
        yield
    finally:
        _shared.reset(before)


def compare(a: Results, b: Results, table: str = "beds") -> pd.DataFrame:
    """Return a table (``population``, ``beds``, ``meals``, ``services`` or ``crossing``) of two runs side by side.

    It is indexed by what tells its rows apart (such as year and bed type), and has for each numeric column X the
    columns X_a, X_b and X_difference (b less a).
    """
    from eldercare.model.results import side_by_side

    return side_by_side(a.table(table), b.table(table))


def draw(frame: pd.DataFrame, title: str = "", words: str = "", language: str = "en") -> Chart:
    """Draw a frame of numbers in the style of the pages: lines by year where its index holds years, else bars by row.

    Parameters
    ----------
    frame : DataFrame
        Every numeric column is drawn; ``NAME_p10`` and ``NAME_p90`` as the interval of NAME.
    title : str
    words : str
        What the axis counts, with its unit.
    language : {"en", "zh"}

    Returns
    -------
    Chart
        Shown by a notebook as picture, table and file; ``svg()`` and ``table.csv()`` give them one by one.
    """
    from eldercare.report import draw as drawn

    return drawn(frame, title, words, language)
