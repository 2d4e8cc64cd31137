"""Fertility by age."""

from __future__ import annotations

import numpy as np
from scipy.special import gammainc

FIRST_AGE, LAST_AGE = 15, 50


def fertility_pattern(mean_age: float, sd: float, ages: int) -> np.ndarray:
    """Births per woman and year by single age at a total fertility rate of 1: a gamma density over 15 to 49.

    The density begins at age 15; its share in each year of age (difference of the distribution function) is scaled so
    that the rates add to 1. What lies beyond 49 is cut off, so with a large `sd` the mean is slightly below `mean_age`.
    Hoem et al. (1981), Demography 18(2), on the gamma density among fertility curves.

    Parameters
    ----------
    mean_age, sd : mean, between 15 and 50, and standard deviation of the age at birth, years
    ages : number of single ages from 0

    Examples
    --------
    >>> pattern = fertility_pattern(29.0, 5.0, 101)
    >>> round(float(pattern.sum()), 12), int(pattern.argmax())
    (1.0, 27)
    """
    shape, scale = ((mean_age - FIRST_AGE) / sd) ** 2, sd**2 / (mean_age - FIRST_AGE)
    edges = np.clip(np.arange(ages + 1), FIRST_AGE, LAST_AGE)
    inside = np.diff(gammainc(shape, (edges - FIRST_AGE) / scale))
    return inside / inside.sum()
