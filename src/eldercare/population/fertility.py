"""Fertility by age."""

from __future__ import annotations

import numpy as np
from scipy.special import gammainc

from eldercare.population._checks import FloatArray

FIRST_AGE, LAST_AGE = 15, 50


def fertility_pattern(mean_age: float, sd: float, ages: int) -> FloatArray:
    """Age-specific fertility rates at a total fertility rate of 1: a gamma density over 15 to 49.

    The density begins at age 15; its share in each year of age (difference of the distribution function) is scaled so
    that the rates add to 1. What lies beyond 49 is cut off, so with a large `sd` the mean is slightly below `mean_age`.

    Parameters
    ----------
    mean_age, sd : float
        Mean and standard deviation of the age at birth, years (mean between 15 and 50).
    ages : int
        Number of single ages from 0.

    Returns
    -------
    array (age,)
        Births per woman and year for one child per woman; 0 outside 15-49.

    Raises
    ------
    ValueError
        Mean outside 15-50, sd not above 0, ages that end before 15.

    References
    ----------
    Hoem et al. (1981), Demography 18(2): the gamma density among fertility curves.

    Examples
    --------
    >>> pattern = fertility_pattern(29.0, 5.0, 101)
    >>> round(float(pattern.sum()), 12), int(pattern.argmax())
    (1.0, 27)
    """
    if not FIRST_AGE < mean_age < LAST_AGE:
        raise ValueError(f"mean_age: {mean_age} is not between {FIRST_AGE} and {LAST_AGE}")
    if not (sd > 0 and np.isfinite(sd)):
        raise ValueError(f"sd: {sd} is not above 0")
    if ages <= FIRST_AGE:
        raise ValueError(f"ages: {ages} single ages end before {FIRST_AGE}")
    shape, scale = ((mean_age - FIRST_AGE) / sd) ** 2, sd**2 / (mean_age - FIRST_AGE)
    edges = np.clip(np.arange(ages + 1), FIRST_AGE, LAST_AGE)
    inside = np.diff(gammainc(shape, (edges - FIRST_AGE) / scale))
    return inside / inside.sum()
