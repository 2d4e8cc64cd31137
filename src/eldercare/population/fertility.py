"""Fertility by age from a total fertility rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, ndtr

from eldercare.population._checks import FloatArray, append_axes, numbers

FIRST_AGE, LAST_AGE = 15, 50


def asfr_from_tfr(tfr: ArrayLike, mean_age: float, sd: float, ages: ArrayLike, density: str = "gamma") -> FloatArray:
    """Age-specific fertility rates with a gamma (or normal) age pattern over 15 to 49.

    The gamma density begins at age 15; its share in each age group (difference of the distribution function)
    is scaled so that the rates times the width add to the TFR. What lies outside 15-49 is cut off, so with a
    large `sd` the mean of the result is slightly off `mean_age`.

    Parameters
    ----------
    tfr : number or array (...)
        Total fertility rate, children per woman.
    mean_age, sd : float
        Mean and standard deviation of the age at birth, years (mean between 15 and 50).
    ages : array (age,)
        Lower ages of groups of equal width (single years 0..100, or 0, 5, 10, ...).
    density : "gamma" or "normal"

    Returns
    -------
    array (age, ...)
        Births per woman and year; 0 outside 15-49.

    Raises
    ------
    ValueError
        Negative TFR, mean outside 15-50, sd not above 0, unequal ages, unknown density.

    References
    ----------
    Hoem et al. (1981), Demography 18(2): the gamma density among fertility curves; Peristera & Kostaki
    (2007), Demographic Research 16(6), for normal-based curves.

    Examples
    --------
    >>> asfr = asfr_from_tfr(1.3, 29.0, 5.0, np.arange(101))
    >>> round(float(asfr.sum()), 12), int(asfr.argmax())
    (1.3, 27)
    """
    tfr = numbers("tfr", tfr, low=0.0)
    ages = numbers("ages", ages, low=0.0)
    steps = np.diff(ages)
    if ages.ndim != 1 or len(ages) < 2 or not (steps > 0).all() or not np.allclose(steps, steps[0]):
        raise ValueError("ages: expected increasing lower ages of groups of equal width")
    if not FIRST_AGE < mean_age < LAST_AGE:
        raise ValueError(f"mean_age: {mean_age} is not between {FIRST_AGE} and {LAST_AGE}")
    if not (sd > 0 and np.isfinite(sd)):
        raise ValueError(f"sd: {sd} is not above 0")
    width = steps[0]
    edges = np.clip(np.append(ages, ages[-1] + width), FIRST_AGE, LAST_AGE)
    if density == "gamma":
        shape, scale = ((mean_age - FIRST_AGE) / sd) ** 2, sd**2 / (mean_age - FIRST_AGE)
        below = gammainc(shape, (edges - FIRST_AGE) / scale)
    elif density == "normal":
        below = ndtr((edges - mean_age) / sd)
    else:
        raise ValueError(f"density: {density!r} is not one of gamma, normal")
    inside = np.diff(below)
    if not inside.sum() > 0:
        raise ValueError(f"ages: no age group between {FIRST_AGE} and {LAST_AGE}")
    return append_axes(inside / inside.sum() / width, tfr.ndim + 1) * tfr
