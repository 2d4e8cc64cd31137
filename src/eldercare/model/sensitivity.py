"""Sensitivity: what one parameter moves alone, what share of the variance it carries, what knowing it would save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from eldercare.model.capacity import county_capacity, county_need
from eldercare.model.demography import CountyProjection, Drawer, Start, index_walk, project_from
from eldercare.model.draws import FACTORS, Z80, within_bounds
from eldercare.model.run import Run
from eldercare.model.store import KEPT_FRAMES, READS, frame_key, kept_arrays, kept_frame
from eldercare.model.supply import BED_TYPES

SENSITIVITY_YEAR = 2035
LADDERS = ("ratio", "need")
# One uncertainty without a parameter of its own: the path of the mortality index.
INDEX = "mortality.index"
# Parameters that move a gap by the same number of beds in every draw, or the random draws alone.
WITHOUT_VARIANCE = ("supply.", "allocation.", "queue.", "run.draws")
# What time will tell and no survey can, and what is decided instead of found out; everything else can be surveyed.
FUTURE = (INDEX, "mortality.drift_factor", "migration.share_of_past", "migration.registered_rate")
DECIDED = ("beds.occupancy_",)
# Rows of the base sample. Against 4,096 rows the root mean square error of an index was 0.03 at 256 rows, 0.014 at 512
# and 0.008 at 1,024 (largest 0.11, 0.07, 0.03), in 3, 5 and 14 seconds.
SAMPLE = 512
CONFIDENCE = 0.95
RESAMPLES = 100
# Beds; what moves a gap by less moves nothing.
ROUNDING = 1e-6
# A score that stands for one at the edge of the base sample, which may hold an exact zero.
SMALLEST = 1e-9

Scores = dict[str, dict[str, np.ndarray]]


def keys_of(factor: str) -> tuple[str, ...]:
    """Return the parameters that move together as one factor.

    Examples
    --------
    >>> keys_of("mortality.level"), keys_of("need.survey.prevalence")
    (('mortality.e0_male', 'mortality.e0_female'), ('need.survey.prevalence',))
    """
    return tuple(key for key, one in FACTORS.items() if one == factor) or (factor,)


def factors(run: Run, counties: Sequence[str]) -> tuple[str, ...]:
    """Return the factors with an 80% interval that beds of some counties read, parameters of one factor as one."""
    settings = [run.counties[county].settings for county in counties]
    found: dict[str, None] = {}
    for key in run.settings_used("03_beds"):
        if any(one[key].interval is not None for one in settings):
            found[FACTORS.get(key, key)] = None
    if any(one.value("mortality.index_sd") > 0 for one in settings):
        found[INDEX] = None
    return tuple(found)


def end_scores(run: Run, start: Start, names: Sequence[str], counties: Sequence[str], until: int) -> Scores:
    """Return scores by county that put one factor after the other at the ends of its interval.

    Columns: every factor at its value, then the lower and the upper end of each factor. The index of mortality is
    moved to where a slow and a fast decline put it at the ends of its own 80% band in the last year.
    """
    scores: Scores = {}
    for county in counties:
        settings = run.counties[county].settings
        years = until - int(settings.value("mortality.level_year"))
        one = scores[county] = {INDEX: np.zeros((years, 2 * len(names) + 1))}
        for at, factor in enumerate(names):
            ends = np.zeros(2 * len(names) + 1)
            ends[2 * at + 1 : 2 * at + 3] = -Z80, Z80
            if factor == INDEX:
                half = Z80 * np.sqrt(index_walk(start.trend, settings, years).variance[-1])
                # A slow decline is the lower end: it keeps the index, and mortality, high.
                one[INDEX] = -np.arange(1, years + 1)[:, None] / years * half * ends / Z80
            else:
                one |= dict.fromkeys(keys_of(factor), ends)
    return scores


def project_at(run: Run, start: Start, scores: Scores, until: int) -> dict[str, CountyProjection]:
    """Project the counties that scores are given for, all other parameters at their values."""
    settings = {county: run.counties[county].settings for county in scores}
    streams = {county: run.counties[county].stream for county in scores}
    return project_from(start, settings, streams, run.project.tables, until, scores)


def demands_at(
    run: Run, projections: Mapping[str, CountyProjection], scores: Scores
) -> dict[str, dict[str, np.ndarray]]:
    """Return the demand of the last projected year by county and ladder, beds of all kinds, shape (draws,)."""
    demands: dict[str, dict[str, np.ndarray]] = {}
    for name, own in scores.items():
        county, projection = run.counties[name], projections[name]
        drawer = Drawer(county.settings, county.stream, own)
        need = county_need(drawer, projection, run.start.launch, run.project.tables)
        years = run.years[: len(need.dependents)]
        capacity = county_capacity(drawer, name, projection, need, run.bed_start(name), run.bed_changes, years)
        demands[name] = {
            ladder: sum(getattr(capacity, f"demand_{ladder}")[kind][-1] for kind in BED_TYPES) for ladder in LADDERS
        }
    return demands


def ends_frame(names: Sequence[str], values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the tornado of values at :func:`end_scores`: parameter, then NAME_low, NAME_high, base_NAME per value."""
    columns: dict[str, object] = {"parameter": list(names)}
    for name, value in values.items():
        columns |= {f"{name}_low": value[1::2], f"{name}_high": value[2::2], f"base_{name}": value[0]}
    return pd.DataFrame(columns)


def tornado(run: Run, area: str) -> pd.DataFrame:
    """Return the gap of 2035 in beds with one factor at each end of its 80% interval, the others at their values.

    Columns: parameter, ratio_low, ratio_high, base_ratio, need_low, need_high, base_need, width (the larger of the
    two ladders), widest first. Factors that move neither gap are left out. Kept in data/processed.
    """
    frame = _of_demand(run, area)
    # Supply is the scenario's own plan, decided before a parameter is known better; other counties' beds move it.
    at = int(np.searchsorted(run.years, SENSITIVITY_YEAR))
    supply = sum(float(run.counties[c].capacity.supply[kind][at]) for c in run.members(area) for kind in BED_TYPES)
    values = frame.columns.drop(["parameter", "width"])
    return frame.assign(**{name: frame[name] - supply for name in values})


def _of_demand(run: Run, area: str) -> pd.DataFrame:
    """Return the tornado of the demand, which reads nothing of other areas, as kept."""
    key = frame_key(run.project, run.county_settings, _read_by_demand(run), run.members(area), area)
    return kept_frame(run.project.root, "tornado", key, lambda: _tornado(run, area))


def _tornado(run: Run, area: str) -> pd.DataFrame:
    counties = run.members(area)
    names = factors(run, counties)
    scores = end_scores(run, run.start, names, counties, SENSITIVITY_YEAR)
    demands = demands_at(run, project_at(run, run.start, scores, SENSITIVITY_YEAR), scores)
    frame = ends_frame(names, {ladder: sum(demands[county][ladder] for county in counties) for ladder in LADDERS})
    frame["width"] = np.maximum(*((frame[f"{one}_high"] - frame[f"{one}_low"]).abs() for one in LADDERS))
    return frame[frame["width"] > ROUNDING].sort_values("width", ascending=False, ignore_index=True)


def _read_by_demand(run: Run) -> list[str]:
    """Return the parameters whose draws move a demand."""
    return [key for key in run.settings_used("03_beds") if not key.startswith(WITHOUT_VARIANCE)]


@dataclass(frozen=True)
class Design:
    """Saltelli's sample: two independent blocks of rows, and the first with one factor after the other exchanged.

    Attributes
    ----------
    problem : dict
        SALib's description: columns of the unit cube and the factor each belongs to.
    rows : ndarray, shape (sample, factors + 2, columns)
        Points of the unit cube; first block, exchanged blocks in the order of the factors, second block.
    """

    problem: dict
    rows: np.ndarray

    @classmethod
    def of(cls, widths: Mapping[str, int], sample: int, seed: int) -> Design:
        """Return the sample of factors that have so many columns each (Saltelli et al. 2010; scrambled Sobol')."""
        names = [f"{factor}:{i}" for factor, width in widths.items() for i in range(width)]
        problem = {
            "num_vars": len(names),
            "names": names,
            "groups": [factor for factor, width in widths.items() for _ in range(width)],
            "bounds": [[0.0, 1.0]] * len(names),
        }
        from SALib.sample.sobol import sample as saltelli  # slow to import, and mostly the result is kept

        points = saltelli(problem, sample, calc_second_order=False, seed=seed)
        return cls(problem, points.reshape(sample, len(widths) + 2, len(names)))


def sobol_indices(design: Design, results: np.ndarray, seed: int) -> pd.DataFrame:
    """Return first and total order indices of results on a design's rows, with their error.

    SALib estimates the first order after Saltelli et al. (2010, Computer Physics Communications 181,
    table 2 b) and the total order after Jansen (1999, same 117; table 2 f of the former), both on results that are
    centred and scaled. The error is half the 95% interval of a bootstrap over the rows.

    Parameters
    ----------
    design : Design
    results : ndarray, shape (sample, factors + 2)
    seed : int
        Of the bootstrap; 0 would leave it to chance and is moved to 1.

    Returns
    -------
    DataFrame
        factor, first, first_error, total, total_error.

    Examples
    --------
    >>> design = Design.of({"a": 1, "b": 1}, 256, seed=1)
    >>> y = 3 * design.rows[..., 0] + 4 * design.rows[..., 1]
    >>> sobol_indices(design, y, seed=1)["first"].round(2).tolist()
    [0.36, 0.64]
    """
    from SALib.analyze.sobol import analyze  # as slow

    found = analyze(
        design.problem,
        np.asarray(results, dtype=float).ravel(),
        calc_second_order=False,
        num_resamples=RESAMPLES,
        conf_level=CONFIDENCE,
        seed=max(seed, 1),
    )
    return pd.DataFrame(
        {
            "factor": list(dict.fromkeys(design.problem["groups"])),
            "first": found["S1"],
            "first_error": found["S1_conf"],
            "total": found["ST"],
            "total_error": found["ST_conf"],
        }
    )


def remaining_width(first: np.ndarray) -> np.ndarray:
    """Return the width of an interval that is left, on average, once a factor of a first-order index is known.

    The expected variance that remains is 1 - S; the interval of a result that is near to normal shrinks with its root.

    Examples
    --------
    >>> float(remaining_width(0.75))
    0.5
    """
    return np.sqrt(1.0 - np.clip(first, 0.0, 1.0))


def kind_of(factor: str) -> str:
    """Return what settles a factor: ``survey``, ``future`` (only time will tell) or ``decision``.

    Examples
    --------
    >>> kind_of("need.survey.prevalence"), kind_of("mortality.index"), kind_of("beds.occupancy_institution")
    ('survey', 'future', 'decision')
    """
    return "future" if factor in FUTURE else "decision" if factor.startswith(DECIDED) else "survey"


def sobol(run: Run, area: str, sample: int = SAMPLE) -> pd.DataFrame:
    """Return the Sobol indices of an area's gap of 2035 by both ladders, kept in data/processed.

    A factor is one parameter with its shared and its local parts in all counties, or the whole path of the index of
    mortality. Supply is decided and moves the gap, not its variance, so scenarios that differ in it share the result.
    Columns: ladder, factor, first, first_error, total, total_error, kind, sd (beds, of the gap).
    """
    key = frame_key(run.project, run.county_settings, _read_by_demand(run), run.members(area), area, sample)
    return kept_frame(run.project.root, "sobol", key, lambda: _sobol(run, area, sample))


def knowing(run: Run, area: str, ladder: str) -> pd.DataFrame:
    """Return the factors of an area's gap, the one first that would narrow its 80% interval most if it were known.

    Columns as in :func:`sobol`, and narrowing: the part of the interval's width that knowing the factor takes away.
    """
    frame = sobol(run, area)
    frame = frame[frame["ladder"] == ladder]
    frame = frame.assign(narrowing=1 - remaining_width(frame["first"]))
    return frame.sort_values("first", ascending=False, ignore_index=True)


def _sobol(run: Run, area: str, sample: int) -> pd.DataFrame:
    counties = run.members(area)
    # What moves neither gap alone (the queue, today's occupancy) is no factor of it; in an order of their own, so that
    # a county and the city have one design.
    moving = set(_of_demand(run, area)["parameter"])
    names = tuple(name for name in factors(run, counties) if name in moving)
    seed = int(run.settings.value("run.seed"))
    years = max(SENSITIVITY_YEAR - int(run.counties[c].settings.value("mortality.level_year")) for c in counties)
    # Each factor has a part that all counties share and one of each county; the index has them for the drift
    # and for the innovation of every year.
    parts = 1 + len(run.project.counties)
    design = Design.of({name: parts * (1 + years) if name == INDEX else parts for name in names}, sample, seed)

    def demands(county: str) -> dict[str, np.ndarray]:
        key = frame_key(run.project, run.county_settings, _read_by_demand(run), [county], names, years, sample)
        return kept_arrays(run.project.root, f"demand-{key}", KEPT_FRAMES, lambda: _demands(run, county, names, design))

    by_county = [demands(county) for county in counties]
    frames = []
    for ladder in LADDERS:
        values = sum(one[ladder] for one in by_county)
        frame = sobol_indices(design, values, seed)
        frame.insert(0, "ladder", ladder)
        kinds = [kind_of(factor) for factor in frame["factor"]]
        frames.append(frame.assign(kind=kinds, sd=float(values[:, [0, -1]].std())))
    return pd.concat(frames, ignore_index=True)


def _demands(run: Run, county: str, names: Sequence[str], design: Design) -> dict[str, np.ndarray]:
    """Return a county's demand of 2035 by ladder on the rows of a design, shape (sample, factors + 2)."""
    demands = {ladder: np.empty(design.rows.shape[:2]) for ladder in LADDERS}
    first: dict[str, CountyProjection] | None = None
    for block in range(len(names) + 2):
        scores = {county: _scores(run, county, names, design, block)}
        exchanged = names[block - 1] if 0 < block <= len(names) else None
        # A factor that moves no person leaves the projection of the first block.
        moves = exchanged is None or exchanged.startswith(READS)
        projections = project_at(run, run.start, scores, SENSITIVITY_YEAR) if moves else first
        first = first or projections
        for ladder, values in demands_at(run, projections, scores)[county].items():
            demands[ladder][:, block] = values
    return demands


def _scores(run: Run, county: str, names: Sequence[str], design: Design, block: int) -> dict[str, np.ndarray]:
    """Return the scores of a county on the rows of one block, shared and local parts mixed."""
    settings, owner = run.counties[county].settings, np.array(design.problem["groups"])
    places, weight = tuple(run.project.counties), settings.value("run.shared_variance")
    own: dict[str, np.ndarray] = {}
    for factor in names:
        parts = np.split(design.rows[:, block, owner == factor].T, 1 + len(places))
        shared, local = (
            ndtri(np.clip(part, SMALLEST, 1 - SMALLEST)) for part in (parts[0], parts[1 + places.index(county)])
        )
        mixed = np.sqrt(weight) * shared + np.sqrt(1 - weight) * local
        if factor == INDEX:
            years = len(mixed) - 1
            walk = index_walk(run.start.trend, settings, years)
            drift = walk.drift_se * np.arange(1, years + 1)[:, None] * mixed[0]
            own[INDEX] = drift + walk.sigma * np.cumsum(mixed[1:], axis=0)
            continue
        for key in keys_of(factor):
            setting = settings[key]
            own[key] = within_bounds(mixed[0], setting.value, setting.interval, setting.parameter.bounds)
    return own
