"""The registered population from the resident one: a factor by age that meets published counts."""

import numpy as np

from eldercare.population.life_table import append_axes

# Registered over resident persons at one age: above this the targets contradict the residents.
LARGEST_FACTOR = 3.0


def fit_age_factor(
    resident: np.ndarray, knots: np.ndarray, constraints_matrix: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    """Solve for the factor f (age,), linear between knots, that makes f x resident meet linear targets.

    For every constraint j: sum over age and sex of A_j[age, sex] f(age) resident[age, sex] = target_j. One
    constraint per knot. ValueError for a system without a unique solution, or a factor that is negative or above 3
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
    >>> fit_age_factor(resident, [1, 2], [young, old], np.array([40.0, 90.0]))
    array([1. , 1. , 1.5, 1.5, 1.5])
    """
    ages = np.arange(len(resident))
    hats = np.stack([np.interp(ages, knots, unit) for unit in np.eye(len(knots))])
    system = np.einsum("jas,as,ka->jk", constraints_matrix, resident, hats)
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
    return np.interp(ages, knots, np.maximum(values, 0.0))


def survive(population: np.ndarray, survival: np.ndarray, years: int) -> np.ndarray:
    """Bring a closed population (age, ...) some years on, or back (years < 0) by reverse survival, by single years.

    On: P_{x+1}(t+1) = P_x(t) S_{x+1}, nobody is born. Back: P_x(t-1) = P_{x+1}(t) / S_{x+1}; the open group came from
    the last closed age and from itself, shared as in the stationary population: a share S_open was already in it.
    United Nations (1983), Manual X, ch. VIII. `survival` (age, ...) are ratios at the arrival age.

    Examples
    --------
    >>> survive(np.array([50.0, 40.0, 18.0, 6.0]), np.array([0.9, 0.8, 0.9, 0.5]), -1)
    array([50., 20.,  6.,  6.])
    """
    ratios = append_axes(survival, population.ndim)
    now = np.broadcast_to(population, np.broadcast_shapes(population.shape, ratios.shape))
    for _ in range(abs(years)):
        if years > 0:
            now = np.concatenate([0 * now[:1], now[:-2] * ratios[1:-1], (now[-2:-1] + now[-1:]) * ratios[-1:]])
        else:
            oldest = now[-1:] * (1 - ratios[-1:]) / ratios[-1:]
            now = np.concatenate([now[1:-1] / ratios[1:-1], oldest, now[-1:]])
    return now


def survivorship_weights(survival: np.ndarray, years: int, low: int, high: int | None = None) -> np.ndarray:
    """Weights (age, ...) on today's people that count those aged low..high in another year of a closed population.

    ``(weights * population).sum()`` is the number aged `low` to `high` (inclusive; left out: and over) `years` later
    (years > 0), or earlier (years < 0, see `survive`). Used as a row of `fit_age_factor`. ValueError for ages that
    there are not, or not yet born today.

    Examples
    --------
    >>> survivorship_weights(np.array([0.9, 0.8, 0.9, 0.5]), 1, low=2)
    array([0. , 0.9, 0.5, 0.5])
    >>> survivorship_weights(np.array([0.9, 0.8, 0.9, 0.5]), -1, low=1, high=1).round(3)
    array([0.   , 0.   , 1.111, 0.   ])
    """
    ages = len(survival)
    high = ages - 1 if high is None else high
    if not 0 <= low <= high < ages:
        raise ValueError(f"ages {low} to {high} are not within 0 to {ages - 1}")
    if low < years:
        raise ValueError(f"low: people aged {low} in {years} years are not born yet")
    # What becomes of one person of each age, who stand on the last axis.
    one_each = np.eye(ages).reshape(ages, *[1] * (survival.ndim - 1), ages)
    return np.moveaxis(survive(one_each, survival[..., None], years)[low : high + 1].sum(axis=0), -1, 0)
