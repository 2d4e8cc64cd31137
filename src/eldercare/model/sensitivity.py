"""Sensitivity: what one parameter moves alone, what share of the variance it carries, what knowing it would save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from eldercare.inputs import Settings
from eldercare.model.capacity import BED_TYPES, county_capacity
from eldercare.model.demography import Demography, Start, index_walk, prepare, project_from
from eldercare.model.draws import FACTORS, Z80, within_bounds
from eldercare.model.launch import LAUNCH_YEAR
from eldercare.model.store import READS, frame_key, kept_frame

if TYPE_CHECKING:
    from eldercare.model.run import Run

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


def factors(run: Run) -> tuple[str, ...]:
    """Return the factors with an 80% interval that beds read, parameters of one factor as one."""
    found: dict[str, None] = {}
    for key in run.settings_used("03_beds"):
        if any(one[key].interval is not None for one in run.county_settings.values()):
            found[FACTORS.get(key, key)] = None
    if any(one.value("mortality.index_sd") > 0 for one in run.county_settings.values()):
        found[INDEX] = None
    return tuple(found)


def drift_factors(start: Start, settings: Settings, years: int) -> tuple[float, float]:
    """Return the drift factors that put the mortality index at the slow and the fast end of its 80% band."""
    walk = index_walk(start.trend, settings, years)
    centre = float(settings.value("mortality.drift_factor"))
    fitted = abs(start.trend.drift) * years
    half = Z80 * float(np.sqrt(walk.variance[-1])) / fitted
    return centre - half, centre + half


def end_scores(run: Run, start: Start, names: Sequence[str], counties: Sequence[str], until: int) -> Scores:
    """Return scores by county that put one factor after the other at the ends of its interval.

    Columns: every factor at its value, then the lower and the upper end of each factor. The index of mortality is
    moved to where a slow and a fast decline put it at the ends of its own 80% band in the last year.
    """
    scores: Scores = {}
    for county in counties:
        settings = run.county_settings[county]
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


def project_at(run: Run, start: Start, scores: Scores, until: int) -> Demography:
    """Project the counties that scores are given for, all other parameters at their values."""
    settings = {county: run.county_settings[county] for county in scores}
    parts = project_from(start, settings, run.streams, run.project.tables, until, scores)
    return Demography(np.arange(LAUNCH_YEAR, until + 1), start.launch, parts)


def gaps_at(run: Run, demography: Demography, scores: Scores) -> dict[str, dict[str, np.ndarray]]:
    """Return the gap of the last projected year by county and ladder, beds of all kinds, shape (draws,).

    Supply is the scenario's own plan: it is decided before any of the parameters is known better.
    """
    at = len(demography.years) - 1
    gaps: dict[str, dict[str, np.ndarray]] = {}
    for county, own in scores.items():
        capacity = county_capacity(
            run.county_settings[county],
            run.streams[county],
            county,
            demography,
            run.project.tables,
            run.splits,
            run.bed_changes,
            own,
        )
        supply = sum(float(np.median(run.capacities[county].supply[kind][at])) for kind in BED_TYPES)
        gaps[county] = {
            ladder: sum(getattr(capacity, f"demand_{ladder}")[kind][at] for kind in BED_TYPES) - supply
            for ladder in LADDERS
        }
    return gaps


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
    key = frame_key([run], run.settings_used("03_beds"))
    frame = kept_frame(run.project.root, "tornado", key, lambda: tornados(run))
    return frame[frame["area"] == area].drop(columns="area").reset_index(drop=True)


def tornados(run: Run) -> pd.DataFrame:
    """Return :func:`tornado` of every area, with the column area first."""
    start = prepare(run.county_settings, run.project.tables)
    names = factors(run)
    scores = end_scores(run, start, names, tuple(run.project.counties), SENSITIVITY_YEAR)
    by_county = gaps_at(run, project_at(run, start, scores, SENSITIVITY_YEAR), scores)
    frames = []
    for area in run.areas:
        gaps = {ladder: sum(by_county[county][ladder] for county in run.members(area)) for ladder in LADDERS}
        frame = ends_frame(names, gaps)
        widths = [(frame[f"{ladder}_high"] - frame[f"{ladder}_low"]).abs() for ladder in LADDERS]
        frame = frame.assign(width=np.maximum(*widths))
        frame.insert(0, "area", area)
        frames.append(frame[frame["width"] > ROUNDING].sort_values("width", ascending=False))
    return pd.concat(frames, ignore_index=True)


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


def sobol(run: Run, sample: int = SAMPLE) -> pd.DataFrame:
    """Return the Sobol indices of the gap of 2035 for every area and both ladders, kept in data/processed.

    A factor is one parameter with its shared and its local parts in all counties, or the whole path of the index of
    mortality. Supply is decided and moves the gap, not its variance, so scenarios that differ in it share the result.
    Columns: area, ladder, factor, first, first_error, total, total_error, kind, sd (beds, of the gap).
    """
    keys = [key for key in run.settings_used("03_beds") if not key.startswith(WITHOUT_VARIANCE)]
    own = [run.settings.value(key) for key in ("run.seed", "mortality.level_year")]
    key = frame_key([run], keys, sample, *own)
    return kept_frame(run.project.root, "sobol", key, lambda: _sobol(run, sample))


def knowing(run: Run, area: str, ladder: str) -> pd.DataFrame:
    """Return the factors of an area's gap, the one first that would narrow its 80% interval most if it were known.

    Columns as in :func:`sobol`, and narrowing: the part of the interval's width that knowing the factor takes away.
    """
    frame = sobol(run)
    frame = frame[(frame["area"] == area) & (frame["ladder"] == ladder)]
    frame = frame.assign(narrowing=1 - remaining_width(frame["first"]))
    return frame.sort_values("first", ascending=False, ignore_index=True)


def _sobol(run: Run, sample: int) -> pd.DataFrame:
    start = prepare(run.county_settings, run.project.tables)
    # What moves neither gap alone (the queue, today's occupancy) is no factor of it.
    names, counties = tuple(tornado(run, run.areas[0])["parameter"]), tuple(run.project.counties)
    seed = int(run.settings.value("run.seed"))
    years = SENSITIVITY_YEAR - int(run.settings.value("mortality.level_year"))
    # Each factor has a part that all counties share and one of each county; the index has them for the drift
    # and for the innovation of every year.
    parts = 1 + len(counties)
    design = Design.of({name: parts * (1 + years) if name == INDEX else parts for name in names}, sample, seed)
    owner = np.array(design.problem["groups"])
    normal = ndtri(np.clip(design.rows, SMALLEST, 1 - SMALLEST))
    gaps = {(area, ladder): np.empty((sample, len(names) + 2)) for area in run.areas for ladder in LADDERS}
    first: Demography | None = None
    for block in range(len(names) + 2):
        scores = _scores(run, start, names, owner, normal[:, block], years)
        exchanged = names[block - 1] if 0 < block <= len(names) else None
        if exchanged is None or exchanged.startswith(READS):
            demography = project_at(run, start, scores, SENSITIVITY_YEAR)
        else:
            # The factor moves no person: the projection is that of the first block.
            demography = first
        first = first or demography
        by_county = gaps_at(run, demography, scores)
        for area, ladder in gaps:
            gaps[area, ladder][:, block] = sum(by_county[county][ladder] for county in run.members(area))
    frames = []
    for (area, ladder), values in gaps.items():
        frame = sobol_indices(design, values, seed)
        frame.insert(0, "area", area)
        frame.insert(1, "ladder", ladder)
        kinds = [kind_of(factor) for factor in frame["factor"]]
        frames.append(frame.assign(kind=kinds, sd=float(values[:, [0, -1]].std())))
    return pd.concat(frames, ignore_index=True)


def _scores(run: Run, start: Start, names: Sequence[str], owner: np.ndarray, normal: np.ndarray, years: int) -> Scores:
    """Return the scores of every county on the rows of one block, shared and local parts mixed."""
    scores: Scores = {county: {} for county in run.project.counties}
    for factor in names:
        columns = normal[:, owner == factor].T
        shared, *local = np.split(columns, 1 + len(scores))
        for one, (county, own) in zip(local, scores.items(), strict=True):
            settings = run.county_settings[county]
            weight = settings.value("run.shared_variance")
            mixed = np.sqrt(weight) * shared + np.sqrt(1 - weight) * one
            if factor == INDEX:
                walk = index_walk(start.trend, settings, years)
                drift = walk.drift_se * np.arange(1, years + 1)[:, None] * mixed[0]
                own[INDEX] = drift + walk.sigma * np.cumsum(mixed[1:], axis=0)
                continue
            for key in keys_of(factor):
                setting = settings[key]
                own[key] = within_bounds(mixed[0], setting.value, setting.interval, setting.parameter.bounds)
    return scores
