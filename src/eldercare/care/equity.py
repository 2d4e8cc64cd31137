"""Equity: how evenly a service is spread over areas, each weighted by its elders."""

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import not_negative


def gini(values: ArrayLike, weights: ArrayLike) -> float:
    """Return the Gini coefficient of values, weighted by persons: 0 is even.

    Half the mean absolute difference between two persons drawn at random, over the mean (Sen 1973, On Economic
    Inequality). With equal weights it is ``2 sum(i x_i) / (n sum x) - (n + 1) / n`` for ascending values. ValueError
    if a weight, or a value that has one, is negative or not finite. NaN where there is nothing to be spread.

    Parameters
    ----------
    values : array (areas,), a level per person, for instance meal points per 10,000 elders
    weights : array (areas,), persons of each area

    Examples
    --------
    >>> round(gini([1, 2, 3, 4, 5], [1, 1, 1, 1, 1]), 6)
    0.266667
    """
    w = not_negative("weights", weights)
    x = not_negative("values", np.where(w > 0, values, 0.0))
    total = (w * x).sum() * w.sum()
    if not total > 0:
        return np.nan
    return float((w[:, None] * w * np.abs(x[:, None] - x)).sum() / (2 * total))
