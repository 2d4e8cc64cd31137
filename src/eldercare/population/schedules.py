"""Age schedules of births and of migration."""

from typing import NamedTuple

import numpy as np
from scipy.special import gammainc

# Ages from the first to below the last at which women give birth.
FERTILE = (15, 50)


class Peak(NamedTuple):
    """A peak of migration: level, rate of descent (1/year), age (years, or array (draw,)), rate of ascent (1/year)."""

    level: float
    descent: float
    age: float | np.ndarray
    ascent: float


# Of the basic standard schedule of Rogers & Castro (1981): the labour force, and childhood (level, rate of descent).
LABOUR = Peak(0.06, 0.10, 20.0, 0.40)
CHILDHOOD = (0.02, 0.10)


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
    mean = mean_age - FERTILE[0]
    years = np.clip(np.arange(ages + 1), *FERTILE) - FERTILE[0]
    inside = np.diff(gammainc((mean / sd) ** 2, years / (sd**2 / mean)))
    return inside / inside.sum()


def rogers_castro(ages: np.ndarray, peak: Peak, childhood: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Age schedule of migration after Rogers & Castro: shares of all migrants, sum 1 over `ages` (first axis).

    M(x) = a1 exp(-alpha1 x) + a2 exp(-alpha2 (x - mu2) - exp(-lambda2 (x - mu2))), without the constant. Rogers &
    Castro (1981), Model Migration Schedules, IIASA RR-81-30.

    Examples
    --------
    >>> shares = rogers_castro(np.arange(101), LABOUR, CHILDHOOD)
    >>> round(float(shares.sum()), 12), int(shares[15:].argmax()) + 15
    (1.0, 23)
    """
    years = ages - peak.age
    schedule = childhood[0] * np.exp(-childhood[1] * ages)
    schedule = schedule + peak.level * np.exp(-peak.descent * years - np.exp(-peak.ascent * years))
    return schedule / schedule.sum(axis=0)
