"""Pace: what to add per year so that a level per elder holds with a given probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats


def add_per_year(level: ArrayLike, elders: ArrayLike, supply: ArrayLike, years: int, q: float = 0.5) -> float:
    """Return the units to add per year so that a level per elder holds in the target year.

    The quantile ``q`` over the draws of level x elders - supply, spread evenly over the years; nothing where
    supply is enough in that share of the draws. Serves beds, meal points and care workers alike.

    Parameters
    ----------
    level : array_like, shape () or (draws,)
        Units wanted per elder, for instance 50 / 1000 beds.
    elders : array_like, shape (draws,)
        Elders of the target year, persons.
    supply : array_like, shape () or (draws,)
        Units in use before the first addition.
    years : int
        Years of adding up to the target year, at least 1.
    q : float
        Probability with which the level is to hold.

    Raises
    ------
    ValueError
        If there is no year to add in, or the probability is not between 0 and 1.

    Examples
    --------
    >>> add_per_year(50 / 1000, [1000, 1000], 30, 4)
    5.0
    >>> add_per_year(50 / 1000, [900, 1000, 1100], 50, 1, q=1)
    5.0
    """
    if years < 1:
        raise ValueError("there must be at least one year to add in")
    if not 0 <= q <= 1:
        raise ValueError("the probability must lie in [0, 1]")
    missing = floats(level) * floats(elders) - floats(supply)
    return float(max(np.quantile(missing, q), 0.0) / years)


def pace_by_year(required: ArrayLike, existing: ArrayLike, years: ArrayLike, first_year: int, q: float) -> FloatArray:
    """Return what to add per year, in equal steps from the first year to each year, for probability ``q`` in it.

    Parameters
    ----------
    required : array_like, shape (years, draws)
        Units wanted in each year.
    existing : array_like, shape (years,)
        Units in use without the additions; the year before the first one counts.
    years : array_like of int, shape (years,)
        Calendar years, ascending.
    first_year : int
        First year in which units are added.
    q : float
        Probability with which the additions are to suffice.

    Returns
    -------
    ndarray, shape (years,)
        Units per year; NaN before the first year.

    Examples
    --------
    >>> pace_by_year([[10, 10], [12, 12], [16, 16]], [10, 10, 10], [2026, 2027, 2028], 2027, 0.8).tolist()
    [nan, 2.0, 3.0]
    """
    calendar = np.asarray(years)
    before = floats(existing)[np.searchsorted(calendar, first_year - 1)]
    steps = calendar - first_year + 1
    missing = np.maximum(np.quantile(floats(required), q, axis=-1) - before, 0.0)
    return np.where(steps > 0, missing / np.maximum(steps, 1), np.nan)
