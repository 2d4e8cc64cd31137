"""When a ratio first falls below a norm, in every draw, and what to add per year so that a level holds."""

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats


def crossing_years(ratio: ArrayLike, years: ArrayLike, norm: float) -> FloatArray:
    """Return the first year in which a ratio is below a norm, for each draw; ``inf`` where that does not happen.

    Parameters
    ----------
    ratio, years : array (years, draws), array (years,)
    norm : in the unit of the ratio

    Examples
    --------
    >>> crossing_years([[60, 60], [49, 55], [45, 52]], [2030, 2031, 2032], 50).tolist()
    [2031.0, inf]
    """
    below = floats(ratio) < norm
    return np.where(below.any(axis=0), floats(years)[below.argmax(axis=0)], np.inf)


def met_again_years(ratio: ArrayLike, years: ArrayLike, norm: float) -> FloatArray:
    """Return the year from which on a ratio is no more below a norm, for each draw.

    The first of the years where it never was below; ``inf`` where it is in the last year.

    Parameters
    ----------
    ratio, years : array (years, draws), array (years,)
    norm : in the unit of the ratio

    Examples
    --------
    >>> met_again_years([[60, 60, 60], [49, 55, 45], [51, 52, 45]], [2030, 2031, 2032], 50).tolist()
    [2032.0, 2030.0, inf]
    """
    below = floats(ratio) < norm
    after = len(below) - below[::-1].argmax(axis=0)
    return np.where(below.any(axis=0), np.append(floats(years), np.inf)[after], floats(years)[0])


def year_quantile(crossed: ArrayLike, q: float) -> float:
    """Return a quantile of crossing years as a whole year that occurred; ``inf`` means not within the years.

    Examples
    --------
    >>> year_quantile([2024, 2025, float("inf")], 0.5)
    2025.0
    """
    return float(np.quantile(floats(crossed), q, method="inverted_cdf"))


def pace_by_year(required: ArrayLike, existing: ArrayLike, years: ArrayLike, first_year: int, q: float) -> FloatArray:
    """Return what to add per year, in equal steps up to each year, so that it has what it requires; array (years,).

    It is enough with probability ``q``: the quantile over the draws of required - existing, spread evenly over the
    years; 0 where there is enough, NaN before the first year. Serves beds and meal points alike.

    Parameters
    ----------
    required : array (years, draws), units wanted in each year
    existing : array (years,) or (years, draws), units in use without the additions; those before the first year count
    years : array (years,), calendar years, ascending
    first_year, q : first year in which units are added, and the probability

    Examples
    --------
    >>> pace_by_year([[10, 10], [12, 12], [16, 16]], [10, 10, 10], [2026, 2027, 2028], 2027, 0.8).tolist()
    [nan, 2.0, 3.0]
    """
    steps = np.asarray(years) - first_year + 1
    before = floats(existing)[np.searchsorted(steps, 0)]
    missing = np.maximum(np.quantile(floats(required) - before, q, axis=-1), 0.0)
    return np.where(steps > 0, missing / np.maximum(steps, 1), np.nan)
