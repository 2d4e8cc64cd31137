"""Comparison of scenarios: which inputs differ, what changes with which interval, and which conclusions flip.

All scenarios use the same random numbers, so a difference is taken draw by draw: what both share cancels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from eldercare.care import crossing_years, year_quantile
from eldercare.inputs import CITY, Project
from eldercare.inputs.reads import Reads
from eldercare.model.draws import QUANTILES, spread
from eldercare.model.results import Results
from eldercare.model.store import remembered

YEARS = (2030, 2035)
ELDERS, CROSSING, MEALS = f"elders_{YEARS[-1]}", "crossing_year", f"gap_meals_{YEARS[-1]}"
GAPS = tuple(f"gap_{ladder}_{year}" for ladder in ("ratio", "need") for year in YEARS)
MEASURES = (ELDERS, CROSSING, *GAPS, MEALS)
# A gap whose 80% interval holds zero is open.
SHORT, OPEN, ENOUGH = "short", "open", "enough"

Runs = Mapping[str, Results]


def runs_of(
    project: Project, scenarios: Sequence[str], area: str = CITY, overrides: Mapping[str, object] | None = None
) -> dict[str, Results]:
    """Return a run of each scenario, the first one being what the others are compared with; repeats count once."""
    return {name: Results(area, name, overrides, project) for name in dict.fromkeys(scenarios)}


def differing(runs: Runs, areas: Iterable[str]) -> pd.DataFrame:
    """Return the parameters that differ from the first scenario: scenario, parameter, areas, before, value.

    ``areas`` is a tuple of those areas among the asked ones in which a parameter goes from the same value to the
    same other one. The city stands for all its counties where they agree, and is left out where they do not.
    """
    first, *others = runs.values()
    counties = tuple(first.project.counties)
    asked = tuple(areas)
    shown = counties if CITY in asked else asked
    rows = []
    for run in others:
        for key in first.project.parameters:
            found: dict[tuple, list[str]] = {}
            for county in shown:
                pair = tuple(one.counties[county].settings.value(key) for one in (first, run))
                if pair[0] != pair[1]:
                    found.setdefault(pair, []).append(county)
            rows += [
                (run.scenario, key, (CITY,) if tuple(where) == counties else tuple(where), *pair)
                for pair, where in found.items()
            ]
    return pd.DataFrame(rows, columns=["scenario", "parameter", "areas", "before", "value"])


def measured(run: Results, area: str) -> dict[str, np.ndarray]:
    """Return the draws of every measure of an area: persons, years, beds and meals a day, shape (draws,) each.

    A gap is demand less supply, positive for a shortage; a crossing year is ``inf`` where the norm holds throughout.
    """
    years = run.years
    at = {year: int(np.searchsorted(years, year)) for year in YEARS}
    supply = run.bed_supply(area)
    demand = {ladder: run.bed_demand(area, "all", ladder) for ladder in ("ratio", "need")}
    meals = [run.counties[county].meals for county in run.members(area)]
    last = at[YEARS[-1]]
    gaps = {f"gap_{ladder}_{y}": values[at[y]] - supply[at[y]] for ladder, values in demand.items() for y in YEARS}
    return {
        ELDERS: run.elders(area)[last],
        CROSSING: crossing_years(run.bed_ratio(area), years, float(run.settings_of(area).value("beds.norm"))),
        **gaps,
        MEALS: sum(sum(one.demand.values())[last] - one.supply[last] for one in meals),
    }


def results(runs: Runs, areas: Iterable[str]) -> pd.DataFrame:
    """Return every measure by area and scenario with its 80% interval, and the difference to the first scenario.

    Columns: area, measure, scenario, p10, p50, p90, change_p10, change_p50, change_p90. A change is the quantile
    of differences of paired draws; it is missing for crossing years, which may be never, and where scenarios have
    different numbers of draws. A crossing year is missing where it is never.
    """
    rows = []
    for area in areas:
        values = {name: measured(run, area) for name, run in runs.items()}
        first = next(iter(values.values()))
        for measure in MEASURES:
            for name, own in values.items():
                if measure == CROSSING:
                    ends = {q: year_quantile(own[measure], p) for q, p in QUANTILES.items()}
                    change = dict.fromkeys(QUANTILES, np.nan)
                else:
                    ends = spread(own[measure])
                    paired = own[measure].shape == first[measure].shape
                    change = spread(own[measure] - first[measure]) if paired else dict.fromkeys(QUANTILES, np.nan)
                rows.append((area, measure, name, *(ends[q] for q in QUANTILES), *(change[q] for q in QUANTILES)))
    columns = ["area", "measure", "scenario", *QUANTILES, *(f"change_{q}" for q in QUANTILES)]
    return pd.DataFrame(rows, columns=columns).replace(np.inf, np.nan)


def paths(runs: Runs, areas: Iterable[str]) -> pd.DataFrame:
    """Return beds per 1,000 elders: area, scenario, year, p10, p50, p90."""
    blocks = [
        pd.DataFrame({"area": area, "scenario": name, "year": run.years, **spread(run.bed_ratio(area))}).drop(
            columns="mean"
        )
        for area in areas
        for name, run in runs.items()
    ]
    return pd.concat(blocks, ignore_index=True)


def kept(runs: Runs) -> dict[str, pd.DataFrame]:
    """Return :func:`results` and :func:`paths` of the runs' area, for the city also of its counties, as kept."""
    first = next(iter(runs.values()))
    areas = first.areas if first.area == CITY else (first.area,)
    settings = cache(lambda scenario, area: runs[scenario].settings_of(area))

    def values(reads: Reads) -> list[object]:
        parameters = first.project.parameters
        return [
            [*address, one.value, one.interval, parameters[address[-1]].value]
            for address in sorted(reads.parameters)
            for one in [settings(*address[:2])[address[-1]]]
        ]

    def compute(project: Project) -> dict[str, pd.DataFrame]:
        own = runs_of(project, tuple(runs), first.area, first.overrides)
        return {"results": results(own, areas), "paths": paths(own, areas)}

    identity = [first.area, first.overrides, list(runs)]
    return remembered(first.project, "comparison", identity, values, compute)


def state(low: float, high: float) -> str:
    """Return what a gap's 80% interval says: short, enough, or open where it holds zero.

    Examples
    --------
    >>> state(10, 50), state(-5, 20), state(-9, -1)
    ('short', 'open', 'enough')
    """
    return SHORT if low > 0 else ENOUGH if high < 0 else OPEN


def conclusions(found: pd.DataFrame, counties: Sequence[str]) -> pd.DataFrame:
    """Return the conclusions of results by scenario, and whether they flip against the first one.

    Parameters
    ----------
    found : DataFrame
        Of :func:`results`, with all counties.
    counties : sequence of str

    Returns
    -------
    DataFrame
        conclusion (``crossing_year``, ``state_ratio``, ``state_need`` of 2035, ``ranking_ratio``, ``ranking_need``: the
        counties by gap per 1,000 elders in 2035, the largest first), area, scenario, value (a year or missing, a
        state, or a tuple of counties), flips. Counties that the results do not have are left out of the ranking.
    """
    last = YEARS[-1]
    rows = []
    for (area, name), group in found.groupby(["area", "scenario"], sort=False):
        by = group.set_index("measure")
        rows.append((CROSSING, area, name, by.loc[CROSSING, "p50"]))
        for ladder in ("ratio", "need"):
            one = by.loc[f"gap_{ladder}_{last}"]
            rows.append((f"state_{ladder}", area, name, state(one["p10"], one["p90"])))
    of_counties = found[found["area"].isin(counties)]
    middle = of_counties.pivot(index=["scenario", "area"], columns="measure", values="p50")
    for ladder in ("ratio", "need"):
        rate = middle[f"gap_{ladder}_{last}"] / middle[ELDERS]
        for name in found["scenario"].unique():
            order = tuple(rate.loc[name].sort_values(ascending=False).index)
            rows.append((f"ranking_{ladder}", CITY, name, order))
    frame = pd.DataFrame(rows, columns=["conclusion", "area", "scenario", "value"])
    base = frame[frame["scenario"] == found["scenario"].iloc[0]].set_index(["conclusion", "area"])["value"]
    before = [base[row.conclusion, row.area] for row in frame.itertuples()]
    same = [
        a == b or (not isinstance(a, tuple) and pd.isna(a) and pd.isna(b))
        for a, b in zip(frame["value"], before, strict=True)
    ]
    return frame.assign(flips=~np.array(same))
