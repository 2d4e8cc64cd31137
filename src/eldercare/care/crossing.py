"""Crossing years: when a ratio first falls below a norm, in every draw and as a probability."""

from __future__ import annotations

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
    >>> crossing_years([[60, 60], [49, 55], [45, 52]], [2020, 2021, 2022], 50).tolist()
    [2021.0, inf]
    """
    below = floats(ratio) < norm
    return np.where(below.any(axis=0), floats(years)[below.argmax(axis=0)], np.inf)


def year_quantile(crossed: ArrayLike, q: float) -> float:
    """Return a quantile of crossing years as a whole year that occurred; ``inf`` means not within the years.

    Examples
    --------
    >>> year_quantile([2024, 2025, float("inf")], 0.5)
    2025.0
    """
    return float(np.quantile(floats(crossed), q, method="inverted_cdf"))


def probability_crossed(crossed: ArrayLike, year: int) -> float:
    """Return the share of draws that have crossed by the end of a year."""
    return float(np.mean(floats(crossed) <= year))
