"""Sensitivity: what one parameter moves alone, what share of the variance it carries, what knowing it would save."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.special import ndtri

from eldercare.inputs.scenarios import MOVING
from eldercare.model.capacity import county_demand
from eldercare.model.demography import INDEX, CountyProjection, Start, county_projection, index_walk
from eldercare.model.draws import FACTORS, Z80, Drawer, total, within_bounds
from eldercare.model.run import Run
from eldercare.model.supply import BED_INDICATORS, SINCE, SPREAD

LADDERS = ("ratio", "need")
# Parameters of the beds there are today.
SUPPLY = (SPREAD, *(SINCE[indicator] for indicator in BED_INDICATORS.values()))
# The same by what is unknown: what has changed, and how a total is split.
STOCK = {"supply": SUPPLY[1:], "allocation": SUPPLY[:1]}
# What time will tell and no survey can, and what is decided instead of found out; everything else can be surveyed.
FUTURE = (INDEX, "mortality.drift_factor", "migration.share_of_past", "migration.registered_rate")
DECIDED = ("beds.occupancy_",)
# Rows of the base sample. Against 4,096 rows the root mean square error of an index was 0.03 at 256 rows, 0.014 at 512
# and 0.008 at 1,024 (largest 0.11, 0.07, 0.03), in 3, 5 and 14 seconds.
SAMPLE = 512
# Beds; what moves a gap by less moves nothing.
ROUNDING = 1e-6
# Columns of the indices, with their names in SALib.
INDICES = {"first": "S1", "first_error": "S1_conf", "total": "ST", "total_error": "ST_conf"}
# A score that stands for one at the edge of the base sample, which may hold an exact zero.
SMALLEST = 1e-9

Scores = dict[str, np.ndarray]


def keys_of(factor: str) -> tuple[str, ...]:
    """Return the parameters that move together as one factor.

    Examples
    --------
    >>> keys_of("mortality.level"), keys_of("need.survey_2021.prevalence")
    (('mortality.e0_male', 'mortality.e0_female'), ('need.survey_2021.prevalence',))
    """
    return tuple(key for key, name in FACTORS.items() if name == factor) or (factor,)


def end_scores(run: Run, start: Start, names: Sequence[str], county: str, until: int) -> Scores:
    """Return scores of a county that put one factor after the other at the ends of its interval.

    Columns: every factor at its value, then the lower and the upper end of each factor. The index of mortality is
    moved to where a slow and a fast decline put it at the ends of its own 80% band in the last year.
    """
    settings = run.counties[county].settings
    years = max(until - settings.integer("mortality.level_year"), 0)
    scores: Scores = {INDEX: np.zeros((years, 2 * len(names) + 1))}
    for place, factor in enumerate(names):
        ends = np.zeros(2 * len(names) + 1)
        ends[2 * place + 1 : 2 * place + 3] = -Z80, Z80
        if factor == INDEX:
            half = Z80 * np.sqrt(index_walk(start.trend, settings, years).variance[-1])
            # A slow decline is the lower end: it keeps the index, and mortality, high.
            scores[INDEX] = -np.arange(1, years + 1)[:, None] / years * half * ends / Z80
        else:
            scores |= dict.fromkeys(keys_of(factor), ends)
    return scores


def ends_frame(names: Sequence[str], values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the tornado of values at :func:`end_scores`: parameter, then NAME_low, NAME_high, base_NAME per value."""
    columns: dict[str, object] = {"parameter": list(names)}
    for name, value in values.items():
        columns |= {f"{name}_low": value[1::2], f"{name}_high": value[2::2], f"base_{name}": value[0]}
    return pd.DataFrame(columns)


def projection_at(run: Run, start: Start, county: str, scores: Scores, until: int) -> CountyProjection:
    """Project a county to the end of a year at given scores, all other parameters at their values."""
    return county_projection(start, run.counties[county].drawer.at(scores), county, run.project.tables, until)


def demand_at(run: Run, county: str, scores: Scores, projection: CountyProjection) -> dict[str, np.ndarray]:
    """Return a county's demand of the last projected year by ladder at given scores, beds, shape (scores,)."""
    drawer = run.counties[county].drawer.at(scores)
    demand = county_demand(drawer, projection, run.counties[county].need_at(drawer, projection))
    return {ladder: total(beds[-1] for beds in getattr(demand, ladder).values()) for ladder in LADDERS}


def _demand_at_ends(run: Run, start: Start, names: Sequence[str], area: str) -> dict[str, np.ndarray]:
    """Return an area's demand of the target year by ladder at :func:`end_scores`."""
    demands = []
    for county in run.members(area):
        scores = end_scores(run, start, names, county, run.target_year)
        demands.append(demand_at(run, county, scores, projection_at(run, start, county, scores, run.target_year)))
    return {ladder: total(demand[ladder] for demand in demands) for ladder in LADDERS}


def factors(run: Run, area: str) -> tuple[str, ...]:
    """Return the factors with an 80% interval that the demand of an area reads, parameters of one factor as one."""
    trial = Run(run.area, run.scenario, run.overrides, run.project.apart())
    _demand_at_ends(trial, run.start, (), area)
    read = {key for _, _, key in trial.project.reads.parameters}
    uncertain = {
        FACTORS.get(key, key): None
        for key in run.project.parameters
        if key in read and any(run.counties[c].settings.read(key).interval is not None for c in run.members(area))
    }
    moving = any(run.counties[c].settings.number("mortality.index_sd") > 0 for c in run.members(area))
    return (*uncertain, INDEX) if moving else tuple(uncertain)


def tornado(run: Run, area: str) -> pd.DataFrame:
    """Return the target year's gap in beds with one factor at each end of its 80% interval, the others at their values.

    Columns: parameter, ratio_low, ratio_high, base_ratio, need_low, need_high, base_need, width (the larger of the
    two ladders), widest first. Factors that move neither gap are left out.
    """
    frame = _tornado_of_demand(run, area)
    # The plan is decided before a parameter is known better: it moves the gap, but no end of it.
    supply = float(run.bed_supply(area)[run.position(run.target_year)].mean())
    frame = frame.assign(**{name: frame[name] - supply for name in frame.columns.drop(["parameter", "width"])})
    still = {} if len(frame) else _demand_at_ends(run, run.start, (), area)
    gaps = {name: float(still[name][0]) - supply if still else frame[f"base_{name}"].iloc[0] for name in LADDERS}
    ends, members, stocks = np.array([0.0, -Z80, Z80]), run.members(area), []
    for key in SUPPLY:
        at = {name: county.drawer.at({key: ends * (name in members)}) for name, county in run.counties.items()}
        stocks.append(_stock_at(run, area, at))
    more = np.concatenate([[0.0], *(beds[1:] - beds[0] for beds in stocks)])
    of_supply = ends_frame(SUPPLY, {ladder: gap - more for ladder, gap in gaps.items()})
    of_supply["width"] = [abs(beds[2] - beds[1]) for beds in stocks]
    frame = pd.concat([frame, of_supply], ignore_index=True)
    return frame[frame["width"] > ROUNDING].sort_values("width", ascending=False, ignore_index=True)


def _stock_at(run: Run, area: str, drawers: Mapping[str, Drawer]) -> np.ndarray:
    """Return the beds there are in an area in the target year, before anything is built, at draws or scores."""
    t = run.position(run.target_year)
    return total(
        run.counties[county].stock_at(indicator, drawers)[t]
        for county in run.members(area)
        for indicator in BED_INDICATORS.values()
    )


def widths(run: Run, area: str) -> pd.DataFrame:
    """Return how wide the 80% interval of an area's gap of the target year is when only some of its parts are unknown.

    Columns: part (``population``, ``need``: dependency, shares and occupancy, ``supply``: what has changed since the
    report, ``allocation``: a county's share of a total, ``all`` of them), ratio and need (beds between p10 and p90).
    What is not unknown stands at its value.
    """
    counties, t = {name: run.counties[name] for name in run.members(area)}, run.position(run.target_year)
    drawn = {name: county.drawer for name, county in run.counties.items()}
    known = {name: drawer.only() for name, drawer in drawn.items()}
    moved = {part: {name: one.only(*keys) for name, one in drawn.items()} for part, keys in STOCK.items()}
    people = {name: county.projection for name, county in counties.items()}
    still = {name: projection_at(run, run.start, name, {"": np.zeros(1)}, run.target_year) for name in counties}

    def demand(drawers: Mapping[str, Drawer], projections: Mapping[str, CountyProjection], ladder: str) -> np.ndarray:
        parts = (county_demand(drawers[n], p, counties[n].need_at(drawers[n], p)) for n, p in projections.items())
        return total(beds[t] for one in parts for beds in getattr(one, ladder).values())

    rows = {
        "population": {ladder: demand(known, people, ladder) for ladder in LADDERS},
        "need": {ladder: demand(drawn, still, ladder) for ladder in LADDERS},
        **{part: dict.fromkeys(LADDERS, _stock_at(run, area, drawers)) for part, drawers in moved.items()},
        "all": {ladder: demand(drawn, people, ladder) - _stock_at(run, area, drawn) for ladder in LADDERS},
    }
    found = {part: {name: np.ptp(np.quantile(x, (0.1, 0.9))) for name, x in row.items()} for part, row in rows.items()}
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("part").reset_index()


def _tornado_of_demand(run: Run, area: str) -> pd.DataFrame:
    """Return the tornado of the demand, which reads nothing of other areas."""

    def made(run: Run) -> pd.DataFrame:
        names = factors(run, area)
        frame = ends_frame(names, _demand_at_ends(run, run.start, names, area))
        frame["width"] = np.max([(frame[f"{x}_high"] - frame[f"{x}_low"]).abs() for x in LADDERS], axis=0)
        return frame[frame["width"] > ROUNDING].sort_values("width", ascending=False, ignore_index=True)

    return run.remembered("tornado", made, area)


class Design(NamedTuple):
    """Saltelli's sample: two independent blocks of rows, and the first with one factor after the other exchanged.

    Attributes
    ----------
    problem : SALib's description: columns of the unit cube and the factor each belongs to
    rows : array (sample, factor + 2, column), points of the unit cube; first block, exchanged blocks in the order of
        the factors, second block
    """

    problem: dict[str, Any]
    rows: np.ndarray

    @classmethod
    def of(cls, widths: Mapping[str, int], sample: int, seed: int) -> Self:
        """Return the sample of factors that have so many columns each (Saltelli et al. 2010; scrambled Sobol')."""
        names = [f"{factor}:{i}" for factor, width in widths.items() for i in range(width)]
        problem = {
            "num_vars": len(names),
            "names": names,
            "groups": [factor for factor, width in widths.items() for _ in range(width)],
            "bounds": [[0.0, 1.0]] * len(names),
        }
        from scipy.stats.qmc import Sobol  # slow to import, and mostly the result is kept

        # As SALib's own sample, point by point, which takes seconds for a hundred factors.
        first, second = np.split(Sobol(2 * len(names), seed=seed).random(sample)[:, None], 2, axis=2)
        owner, none = np.array(problem["groups"]), np.zeros(len(names), bool)
        exchanged = np.stack([none, *(owner == factor for factor in widths), ~none])
        return cls(problem, np.where(exchanged, second, first))


def sobol_indices(design: Design, results: np.ndarray, seed: int) -> pd.DataFrame:
    """Return the indices of results (sample, factor + 2) on a design: factor, first, first_error, total, total_error.

    SALib estimates the first order after Saltelli et al. (2010, Computer Physics Communications 181,
    table 2 b) and the total order after Jansen (1999, same 117; table 2 f of the former), both on results that are
    centred and scaled. The error is half the 95% interval of a bootstrap over the rows; a seed of 0 would leave it to
    chance and is moved to 1. Of results that do not vary they are 0.

    Examples
    --------
    >>> design = Design.of({"a": 1, "b": 1}, 256, seed=1)
    >>> y = 3 * design.rows[..., 0] + 4 * design.rows[..., 1]
    >>> sobol_indices(design, y, seed=1)["first"].round(2).tolist()
    [0.36, 0.64]
    """
    names = list(dict.fromkeys(design.problem["groups"]))
    if np.ptp(results) <= ROUNDING:
        return pd.DataFrame({"factor": names, **dict.fromkeys(INDICES, 0.0)})
    from SALib.analyze.sobol import analyze  # slow to import too

    indices = analyze(
        design.problem, results.ravel(), calc_second_order=False, num_resamples=100, conf_level=0.95, seed=max(seed, 1)
    )
    return pd.DataFrame({"factor": names, **{column: indices[name] for column, name in INDICES.items()}})


def kind_of(factor: str) -> str:
    """Return what settles a factor: ``survey``, ``future`` (only time will tell) or ``decision``.

    Examples
    --------
    >>> kind_of("need.survey_2021.prevalence"), kind_of("mortality.index"), kind_of("beds.occupancy_institution")
    ('survey', 'future', 'decision')
    """
    return "future" if factor in FUTURE else "decision" if factor.startswith(DECIDED) else "survey"


def knowing(run: Run, area: str, ladder: str) -> pd.DataFrame:
    """Return the factors of an area's gap, the one first that would narrow its 80% interval most if it were known.

    Columns as in :func:`sobol`, and narrowing: the part of the interval's width that knowing the factor takes away.
    The expected variance that remains is 1 - first; the interval of a result near to normal shrinks with its root.
    There are no rows where nothing is left to vary.
    """
    frame = sobol(run, area).query("ladder == @ladder").sort_values("first", ascending=False, ignore_index=True)
    return frame.assign(narrowing=1 - np.sqrt(1 - frame["first"].clip(0, 1)))


def sobol(run: Run, area: str, sample: int = SAMPLE) -> pd.DataFrame:
    """Return the Sobol indices of an area's gap of the target year by both ladders.

    A factor is one parameter with its shared and its local parts in all counties, or the whole path of the index of
    mortality. Demand and the beds there are have no factor in common, so that their variances add; what is built is
    decided and has none. Columns: ladder, factor, first, first_error, total, total_error, kind, sd (beds, of the gap).
    """
    drawers = {name: county.drawer for name, county in run.counties.items()}
    alone = {
        key: float(_stock_at(run, area, {name: drawer.only(key) for name, drawer in drawers.items()}).var())
        for key in SUPPLY
    }
    together = float(_stock_at(run, area, drawers).var())
    # Half the 95% interval of a variance from so many draws, as of a normal sample.
    error = 1.96 * np.sqrt(2 / run.common.integer("run.draws"))
    frames, columns, of_demand = [], list(INDICES), _sobol_of_demand(run, area, sample)
    for ladder in LADDERS:
        demand = of_demand[of_demand["ladder"] == ladder]
        whole = demand["sd"].max() ** 2 + together if len(demand) else together
        if whole <= ROUNDING**2:
            continue
        scaled = demand.assign(**{name: demand[name] * (1 - together / whole) for name in columns})
        joint = max(together - sum(alone.values()), 0.0) / whole
        rows = [
            (ladder, key, of / whole, error * of / whole, of / whole + joint, error * of / whole, kind_of(key))
            for key, of in alone.items()
            if of > ROUNDING**2
        ]
        supply = pd.DataFrame(rows, columns=["ladder", "factor", *columns, "kind"])
        frames.append(pd.concat([scaled, supply], ignore_index=True).assign(sd=np.sqrt(whole)))
    found = pd.concat(frames, ignore_index=True) if frames else of_demand.head(0)
    return found.astype(dict.fromkeys(INDICES, float))


def _sobol_of_demand(run: Run, area: str, sample: int) -> pd.DataFrame:
    """Return the Sobol indices of an area's demand, which scenarios that differ in supply share."""

    def made(run: Run) -> pd.DataFrame:
        # What moves neither gap alone is no factor of it; in an order of their own, so that a county and the city
        # have one design.
        moving = set(_tornado_of_demand(run, area)["parameter"])
        names = tuple(name for name in factors(run, area) if name in moving)
        level = min(run.counties[c].settings.integer("mortality.level_year") for c in run.members(area))
        years, seed = run.target_year - level, run.settings.integer("run.seed")
        if len(names) < 2:
            # Alone a factor carries the whole variance.
            t = run.position(run.target_year)
            sds = {ladder: float(run.bed_demand(area, ladder=ladder)[t].std()) for ladder in LADDERS}
            rows = [(ladder, name, kind_of(name), sds[ladder]) for ladder in LADDERS for name in names]
            frame = pd.DataFrame(rows, columns=["ladder", "factor", "kind", "sd"])
            return frame.assign(**{index: 0.0 if index.endswith("_error") else 1.0 for index in INDICES})
        design = _design(run, names, years, sample, seed)
        demands = [_demand_of_design(run, county, names, years, sample, seed) for county in run.members(area)]
        frames = []
        for ladder in LADDERS:
            values = total(demand[ladder] for demand in demands)
            frame = sobol_indices(design, values, seed)
            frame.insert(0, "ladder", ladder)
            frames.append(frame.assign(kind=frame["factor"].map(kind_of), sd=values[:, [0, -1]].std()))
        return pd.concat(frames, ignore_index=True)

    return run.remembered("sobol", made, area, sample)


def _design(run: Run, names: Sequence[str], years: int, sample: int, seed: int) -> Design:
    # Each factor has a part that all counties share and one of each county; the index has them for the drift
    # and for the innovation of every year.
    parts = 1 + len(run.counties)
    return Design.of({name: parts * (1 + years) if name == INDEX else parts for name in names}, sample, seed)


def _demand_of_design(
    run: Run, county: str, names: tuple[str, ...], years: int, sample: int, seed: int
) -> dict[str, np.ndarray]:
    """Return a county's demand of the target year by ladder on the rows of the design, shape (sample, factors + 2)."""

    def made(run: Run) -> dict[str, np.ndarray]:
        design = _design(run, names, years, sample, seed)
        demands = {ladder: np.empty(design.rows.shape[:2]) for ladder in LADDERS}
        first: CountyProjection | None = None
        for block in range(len(names) + 2):
            scores = _scores(run, county, names, design, block)
            exchanged = names[block - 1] if 0 < block <= len(names) else INDEX
            # A factor that moves no person leaves the projection of the first block.
            projection = first
            if projection is None or exchanged.startswith(MOVING):
                projection = projection_at(run, run.start, county, scores, run.target_year)
            first = first or projection
            for ladder, values in demand_at(run, county, scores, projection).items():
                demands[ladder][:, block] = values
        return demands

    return run.remembered("demand", made, county, names, years, sample, seed)


def _scores(run: Run, county: str, names: Sequence[str], design: Design, block: int) -> Scores:
    """Return the scores of a county on the rows of one block, shared and local parts mixed."""
    settings, owner = run.counties[county].settings, np.array(design.problem["groups"])
    weight, place = settings.number("run.shared_variance"), 1 + list(run.counties).index(county)
    scores: Scores = {}
    for factor in names:
        parts = np.split(design.rows[:, block, owner == factor].T, 1 + len(run.counties))
        shared, local = (ndtri(np.clip(parts[part], SMALLEST, 1 - SMALLEST)) for part in (0, place))
        mixed = np.sqrt(weight) * shared + np.sqrt(1 - weight) * local
        if factor == INDEX:
            walk = index_walk(run.start.trend, settings, len(mixed) - 1)
            drift = walk.drift_se * np.arange(1, len(mixed))[:, None] * mixed[0]
            scores[INDEX] = drift + walk.sigma * np.cumsum(mixed[1:], axis=0)
            continue
        for key in keys_of(factor):
            setting = settings.read(key)
            scores[key] = within_bounds(mixed[0], setting.number, setting.interval, setting.parameter.bounds)
    return scores
