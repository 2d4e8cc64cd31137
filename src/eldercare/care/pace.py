"""Pace: what to add per year so that a level per elder holds with a given probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats


def add_per_year(level: ArrayLike, elders: ArrayLike, supply: ArrayLike, years: int, q: float = 0.5) -> float:
    """Return the units to add per year so that a level per elder holds in the target year with probability ``q``.

    The quantile ``q`` over the draws of level x elders - supply, spread evenly over the years; nothing where
    supply is enough in that share of the draws. Serves beds, meal points and care workers alike. ValueError if there
    is no year to add in, or the probability is not between 0 and 1.

    Parameters
    ----------
    level, supply : number or array (draws,), units wanted per elder, and units in use before the first addition
    elders : array (draws,), elders of the target year, persons
    years : years of adding up to the target year, at least 1

    Examples
    --------
    >>> add_per_year(50 / 1000, [1000, 1000], 30, 4), add_per_year(50 / 1000, [900, 1000, 1100], 50, 1, q=1)
    (5.0, 5.0)
    """
    if years < 1:
        raise ValueError("there must be at least one year to add in")
    if not 0 <= q <= 1:
        raise ValueError("the probability must lie in [0, 1]")
    return max(float(np.quantile(floats(level) * floats(elders) - floats(supply), q)), 0.0) / years


def pace_by_year(required: ArrayLike, existing: ArrayLike, years: ArrayLike, first_year: int, q: float) -> FloatArray:
    """Return :func:`add_per_year` from the first year to each year, array (years,); NaN before the first year.

    Parameters
    ----------
    required : array (years, draws), units wanted in each year
    existing : array (years,), units in use without the additions; the year before the first one counts
    years : array (years,), calendar years, ascending
    first_year, q : first year in which units are added, and probability with which they are to suffice

    Examples
    --------
    >>> pace_by_year([[10, 10], [12, 12], [16, 16]], [10, 10, 10], [2026, 2027, 2028], 2027, 0.8).tolist()
    [nan, 2.0, 3.0]
    """
    steps = np.asarray(years) - first_year + 1
    before = floats(existing)[np.searchsorted(steps, 0)]
    missing = np.maximum(np.quantile(floats(required), q, axis=-1) - before, 0.0)
    return np.where(steps > 0, missing / np.maximum(steps, 1), np.nan)
