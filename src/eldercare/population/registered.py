"""The registered population from the resident one: a factor by age that meets published counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eldercare.population._checks import FloatArray, append_axes, numbers

# Registered over resident persons at one age: above this the targets contradict the residents.
LARGEST_FACTOR = 3.0


def age_factor(knots: ArrayLike, knot_values: ArrayLike, ages: int) -> FloatArray:
    """Factor at single ages 0..ages-1: straight lines between knots (increasing ages), level outside them.

    Examples
    --------
    >>> age_factor([1, 3], [1.0, 2.0], 5)
    array([1. , 1. , 1.5, 2. , 2. ])
    """
    knots, knot_values = numbers("knots", knots), numbers("knot_values", knot_values)
    if knots.ndim != 1 or not len(knots) or (np.diff(knots) <= 0).any() or knot_values.shape != knots.shape:
        raise ValueError("knots: expected increasing ages and one value for each")
    return np.interp(np.arange(ages), knots, knot_values)


def fit_age_factor(
    resident: ArrayLike, knots: ArrayLike, constraints_matrix: ArrayLike, targets: ArrayLike
) -> FloatArray:
    """Solve for the factor f(age), linear between knots, that makes f x resident meet linear targets; array (knot,).

    For every constraint j: sum over age and sex of A_j[age, sex] f(age) resident[age, sex] = target_j. One
    constraint per knot. ValueError also for a system without a unique solution, or a factor that is negative or above 3
    (the targets contradict the residents).

    Parameters
    ----------
    resident : array (age, sex), persons
    knots : array (knot,), ages at which the factor is free; level before the first and after the last
    constraints_matrix : array (knot, age, sex), A_j; ones count people of today's ages, `survivorship_weights` those of
        another year
    targets : array (knot,), published counts, persons

    Examples
    --------
    >>> resident = np.full((5, 2), 10.0)
    >>> young, old = np.zeros((5, 2)), np.zeros((5, 2))
    >>> young[:2], old[2:] = 1, 1
    >>> fit_age_factor(resident, [1, 2], [young, old], [40.0, 90.0])
    array([1. , 1.5])
    """
    resident = numbers("resident", resident, low=0.0)
    rows = numbers("constraints_matrix", constraints_matrix)
    targets, knots = numbers("targets", targets), numbers("knots", knots)
    if resident.ndim != 2 or rows.ndim != 3 or rows.shape[1:] != resident.shape:
        raise ValueError(f"constraints_matrix: {rows.shape} does not fit residents {resident.shape}")
    if not (len(rows),) == targets.shape == knots.shape:
        raise ValueError(f"{knots.size} knots need as many constraints and targets, got {len(rows)} and {targets.size}")
    hats = np.stack([age_factor(knots, unit, len(resident)) for unit in np.eye(len(knots))])
    system = np.einsum("jas,as,ka->jk", rows, resident, hats)
    # Rows to a common size, so that the condition number speaks of the constraints and not of their units.
    size = np.abs(system).max(axis=1)
    if not size.all() or np.linalg.cond(system / size[:, None]) > 1e10:
        raise ValueError("constraints_matrix: the constraints do not settle every knot (singular system)")
    values = np.linalg.solve(system / size[:, None], targets / size)
    for knot, value in zip(knots, values, strict=True):
        # Below 0 by rounding alone is a factor of 0 (a group of which nobody is registered).
        if not -1e-9 <= value <= LARGEST_FACTOR:
            raise ValueError(
                f"targets: registered per resident would be {value:.3f} at age {knot:g}, "
                f"outside 0 to {LARGEST_FACTOR:g}; the targets contradict the residents"
            )
    return np.maximum(values, 0.0)


def survive_back(population: ArrayLike, survival: ArrayLike, years: int) -> FloatArray:
    """Bring a closed population (age, ...) back by some years, by reverse survival of single years.

    People aged x + 1 came from age x: P_x(t-1) = P_{x+1}(t) / S_{x+1}. The open group came from the last
    closed age and from itself, shared as in the stationary population: a share S_open was already in it.
    United Nations (1983), Manual X, ch. VIII. `survival` (age, ...) are ratios at the arrival age, above 0.

    Examples
    --------
    >>> survive_back([50.0, 40.0, 18.0, 6.0], [0.9, 0.8, 0.9, 0.5], 1)
    array([50., 20.,  6.,  6.])
    """
    now = numbers("population", population)
    ratios = append_axes(_ratios(survival), now.ndim)
    if years < 0 or len(ratios) != len(now):
        raise ValueError(f"survival {ratios.shape} and {years} years do not fit the population {now.shape}")
    for _ in range(years):
        then = np.empty(np.broadcast_shapes(now.shape, ratios.shape))
        then[:-2] = now[1:-1] / ratios[1:-1]
        then[-2] = now[-1] * (1 - ratios[-1]) / ratios[-1]
        then[-1] = now[-1]
        now = then
    return now


def survivorship_weights(survival: ArrayLike, years: int, low: int, high: int | None = None) -> FloatArray:
    """Weights on today's people that count those aged low..high in another year of a closed population.

    ``(weights * population).sum()`` is the number aged `low` to `high` (inclusive; left out: and over) `years` later
    (years > 0), or earlier (years < 0, reverse survival as `survive_back`). Used as a row of `fit_age_factor`. Preston,
    Heuveline & Guillot (2001), Demography, ch. 6. ValueError also for ages not yet born today (low < years).

    Examples
    --------
    >>> survivorship_weights([0.9, 0.8, 0.9, 0.5], 1, low=2)
    array([0. , 0.9, 0.5, 0.5])
    >>> survivorship_weights([0.9, 0.8, 0.9, 0.5], -1, low=1, high=1).round(3)
    array([0.   , 0.   , 1.111, 0.   ])
    """
    ratios = _ratios(survival)
    oldest = len(ratios) - 1
    high = oldest if high is None else high
    if not 0 <= low <= high <= oldest:
        raise ValueError(f"ages {low} to {high} are not within 0 to {oldest}")
    if low < years:
        raise ValueError(f"low: people aged {low} in {years} years are not born yet")
    weights = np.zeros_like(ratios)
    weights[low : high + 1] = 1.0
    for _ in range(abs(years)):
        moved = np.zeros_like(ratios)
        if years > 0:
            moved[:-1] = weights[1:] * ratios[1:]
            moved[-1] = weights[-1] * ratios[-1]
        else:
            moved[1:-1] = weights[:-2] / ratios[1:-1]
            moved[-1] = weights[-1] + weights[-2] * (1 - ratios[-1]) / ratios[-1]
        weights = moved
    return weights


def _ratios(survival: ArrayLike) -> FloatArray:
    """Check survival ratios by single age."""
    ratios = numbers("survival", survival, low=np.nextafter(0, 1), high=1.0)
    if ratios.ndim == 0 or len(ratios) < 3:
        raise ValueError(f"survival: {ratios.shape} is not (age, ...) with at least three ages")
    return ratios
