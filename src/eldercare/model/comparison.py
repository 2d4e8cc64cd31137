"""Comparison of scenarios: which inputs differ, what changes with which interval, and which conclusions flip.

All scenarios use the same random numbers, so a difference is taken draw by draw: what both share cancels.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from eldercare.care.beds import divided, gap_state
from eldercare.care.crossing import met_again_years, year_quantile
from eldercare.inputs import Project
from eldercare.inputs.city import City
from eldercare.model.cache import remembered
from eldercare.model.draws import QUANTILES, spread, total
from eldercare.model.plan import CountyPlan
from eldercare.model.results import Results
from eldercare.model.sensitivity import LADDERS

CROSSING, MET = "crossing_year", "met_again_year"
# Measures that are years, which may not come and have no mean.
YEARS = (CROSSING, MET)
STATISTICS = ("mean", *QUANTILES)

Runs = Mapping[str, Results]


def runs_of(
    project: Project, scenarios: Sequence[str], area: str | None = None, overrides: Mapping[str, object] | None = None
) -> dict[str, Results]:
    """Return a run of each scenario, the first one being what the others are compared with; repeats count once."""
    return {name: Results(area, name, overrides, project) for name in dict.fromkeys(scenarios)}


def measures(city: City) -> tuple[str, ...]:
    """Return the names of what is compared, each with its year.

    Elders, beds built since the launch, occupancy of institutions if as many apply as today, the years in which the
    norm is first missed and met again, gaps of beds and of meals; capital until the year, what then is spent to run
    all, who then has care from others than the family, and until then the cost and the person-years of that care.
    """
    near, target = city.near_year, city.target_year
    gaps = [f"gap_{ladder}_{year}" for ladder in LADDERS for year in (near, target)]
    of_people, of_beds = f"elders_{target}", (f"built_{target}", f"occupied_{target}")
    return (of_people, *of_beds, CROSSING, MET, *gaps, f"gap_meals_{target}", *money_and_care(target))


def money_and_care(target: int) -> list[str]:
    """Return the names of what is spent until or in a year, and of who then has care from others than the family."""
    return [f"{name}_{target}" for name in ("capital", "running", "cared", "care_cost", "care_years")]


def differing(runs: Runs, areas: Iterable[str]) -> pd.DataFrame:
    """Return the parameters that differ from the first scenario: scenario, parameter, areas, before, value.

    ``areas`` is a tuple of those areas among the asked ones in which a parameter goes from the same value to the
    same other one. The city stands for all its counties where they agree, and is left out where they do not.
    """
    first, *others = runs.values()
    counties, asked = tuple(first.counties), tuple(areas)
    shown = counties if first.city in asked else asked
    rows = []
    for run in others:
        for key in first.project.parameters:
            changed: dict[tuple[object, object], list[str]] = {}
            for county in shown:
                before, value = (each.counties[county].settings.value(key) for each in (first, run))
                if before != value:
                    changed.setdefault((before, value), []).append(county)
            for (before, value), where in changed.items():
                place = (first.city,) if tuple(where) == counties else tuple(where)
                rows.append((run.scenario, key, place, before, value))
    return pd.DataFrame(rows, columns=["scenario", "parameter", "areas", "before", "value"])


def measured(run: Results, area: str) -> dict[str, np.ndarray]:
    """Return the draws of every measure of an area: persons, years, beds and meals a day, shape (draws,) each.

    A gap is demand less supply, positive for a shortage; a year is ``inf`` where it does not come. Yuan are those of
    the scenario without a plan on top of it; cost and person-years of care are discounted alike.
    """
    city = run.project.city
    target = run.position(city.target_year)
    gaps = {ladder: run.bed_demand(area, ladder=ladder) - run.bed_supply(area) for ladder in LADDERS}
    counties, norm = run.within(area), run.settings_of(area).number("beds.norm")
    meals = [county.meals for county in counties]
    built = total(beds[target] - beds[0] for county in counties for beds in county.planned_beds.values())
    residents = total(county.institutions.queue_demand.residents[target] for county in counties)
    missing = total(total(part.demand.values()) - part.supply for part in meals)
    draws = [
        run.elders(area)[target],
        np.full_like(residents, built),
        divided(residents, run.bed_supply(area, kind="institution")[target]),
        run.crossed(norm, area),
        met_again_years(run.bed_ratio(area), run.years, norm),
        *(gaps[ladder][run.position(year)] for ladder in LADDERS for year in (city.near_year, city.target_year)),
        missing[target],
        *_worth([county.plan for county in counties], target),
    ]
    return dict(zip(measures(city), draws, strict=True))


def _worth(plans: Sequence[CountyPlan], target: int) -> tuple[np.ndarray, ...]:
    """Return the draws of what is spent and who is cared for by others than the family, as :func:`measures` says."""
    until, discount = slice(target + 1), plans[0].discount[: target + 1, None]
    costs = [(key, yuan) for plan in plans for key, yuan in plan.costs["present"].items()]
    capital, running = (total(yuan for key, yuan in costs if key[1] == use) for use in ("capital", "running"))
    care = total(yuan for key, yuan in costs if key[0] != "meals")
    cared = total(total(plan.care["present"][:3]) for plan in plans)
    summed = ((of[until] * discount).sum(axis=0) for of in (care, cared))
    return capital[until].sum(axis=0), running[target], cared[target], *summed


def results(runs: Runs, areas: Iterable[str]) -> pd.DataFrame:
    """Return every measure by area and scenario with its 80% interval, and the difference to the first scenario.

    Columns: area, measure, scenario, mean, p10, p50, p90, change (its mean), change_p10, change_p50, change_p90. A
    change is that of paired draws; it is missing for crossing years, which may be never and have no mean, and where
    scenarios have different numbers of draws. A crossing year is missing where it is never.
    """
    rows = []
    for area in areas:
        values = {name: measured(run, area) for name, run in runs.items()}
        first = next(iter(values.values()))
        for measure in first:
            for name, own in values.items():
                draws, before = own[measure], first[measure]
                row: dict[str, object] = {"area": area, "measure": measure, "scenario": name}
                if measure in YEARS:
                    row |= {"mean": np.nan, **{q: year_quantile(draws, p) for q, p in QUANTILES.items()}}
                else:
                    row |= spread(draws)
                paired = measure not in YEARS and draws.shape == before.shape
                change = spread(draws - before) if paired else dict.fromkeys(STATISTICS, np.nan)
                rows.append(row | {f"change_{q}".removesuffix("_mean"): change[q] for q in STATISTICS})
    return pd.DataFrame(rows).replace(np.inf, np.nan)


def paths(runs: Runs, areas: Iterable[str]) -> pd.DataFrame:
    """Return beds per 1,000 elders: area, scenario, year, mean, p10, p50, p90."""
    blocks = [
        pd.DataFrame({"area": area, "scenario": name, "year": run.years, **spread(run.bed_ratio(area))})
        for area in areas
        for name, run in runs.items()
    ]
    return pd.concat(blocks, ignore_index=True)


def conclusions(compared: pd.DataFrame, city: City, counties: Sequence[str]) -> pd.DataFrame:
    """Return the conclusions of results by scenario, and whether they flip against the first one.

    Columns: conclusion (``crossing_year``, ``state_ratio``, ``state_need`` of the target year, ``ranking_ratio``,
    ``ranking_need``: the counties by mean gap per elder in that year, the largest first), area, scenario, value (a
    year or missing, a state, or a tuple of counties), flips. ``compared`` is of :func:`results`; counties that it does
    not have are left out of the ranking.
    """
    year = city.target_year
    rows: list[tuple[str, object, object, object]] = []
    for (area, name), group in compared.groupby(["area", "scenario"], sort=False):
        low, middle, high = (group.set_index("measure")[measure] for measure in QUANTILES)
        rows.append((CROSSING, area, name, middle[CROSSING]))
        for ladder in LADDERS:
            gap = f"gap_{ladder}_{year}"
            rows.append((f"state_{ladder}", area, name, gap_state(low[gap], high[gap])))
    means = compared.query("area in @counties").pivot(index=["scenario", "area"], columns="measure", values="mean")
    for ladder in LADDERS:
        per_elder = means[f"gap_{ladder}_{year}"] / means[f"elders_{year}"]
        for name in compared["scenario"].unique():
            order = tuple(per_elder.loc[name].sort_values(ascending=False).index)
            rows.append((f"ranking_{ladder}", city.id, name, order))
    frame = pd.DataFrame(rows, columns=["conclusion", "area", "scenario", "value"])
    # As text: a missing year is like a missing year.
    said = frame["value"].map(str)
    return frame.assign(flips=said != said.groupby([frame["conclusion"], frame["area"]]).transform("first"))


class Comparison:
    """All scenarios of a project beside a run's own, for its area and, for the city, its counties.

    The run's changed values hold in every scenario.

    Attributes
    ----------
    first : scenario that the others are compared with, the baseline where there is one of that name
    runs : by scenario, ``first`` in front
    names : the scenarios as pages list them: ``first``, the run's own, those that act, those that differ by people
    results, paths, conclusions : see :func:`results`, :func:`paths`, :func:`conclusions`; paths of the run's area only
    """

    def __init__(self, run: Results):
        scenarios = run.project.scenarios
        self.first = "baseline" if "baseline" in scenarios else next(iter(scenarios))
        # In one order for every page, so that pages share what is remembered.
        names = [self.first, *scenarios]
        self.runs = runs_of(run.project, names, run.area, run.overrides)
        # Those that differ by people alone come after those in which something is done.
        others = sorted(self.runs, key=lambda name: scenarios[name].is_of_population)
        self.names = list(dict.fromkeys([self.first, run.scenario, *others]))
        self.area = run.area
        areas = run.areas if run.area == run.city else (run.area,)

        def made(project: Project) -> tuple[pd.DataFrame, pd.DataFrame]:
            again = runs_of(project, names, run.area, run.overrides)
            return results(again, areas), paths(again, areas)

        identity, settings_of = [run.area, list(self.runs)], lambda name, area: self.runs[name].settings_of(area)
        self.results, lines = remembered(run.project, "comparison", identity, list(self.runs), settings_of, made)
        self.paths = lines[lines["area"] == run.area]
        self.conclusions = conclusions(self.results, run.project.city, tuple(run.counties))

    def measure(self, name: str) -> pd.DataFrame:
        """Return a measure of the area by scenario, in the order of ``names``: mean, p10 ..., change, change_p10 ..."""
        rows = self.results.query("area == @self.area and measure == @name")
        return rows.set_index("scenario").loc[self.names]

    def differing(self) -> pd.DataFrame:
        """Return the parameters that differ from the first scenario in the area, see :func:`differing`."""
        return differing({name: self.runs[name] for name in self.names}, (self.area,))
