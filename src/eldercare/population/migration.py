"""Net migration: the residual between two counts, and the Rogers-Castro age schedule."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from eldercare.population._checks import FloatArray, numbers


@dataclass(frozen=True)
class RogersCastro:
    """Parameters of the model migration schedule (rates are relative: the schedule is normalised).

    The defaults are the basic standard schedule of Rogers & Castro (1981); `a3` = 0 leaves out the
    retirement component, and where it is above 0 the other three of its parameters count.

    Attributes
    ----------
    a1, alpha1 : level and rate of descent (1/year) of childhood migration
    a2, alpha2, mu2, lambda2 : labour-force peak: level, descent (1/year), age (years), ascent (1/year)
    c : constant
    a3, alpha3, mu3, lambda3 : retirement peak: level, descent (1/year), age (years), ascent (1/year)
    """

    a1: float = 0.02
    alpha1: float = 0.10
    a2: float = 0.06
    alpha2: float = 0.10
    mu2: float = 20.0
    lambda2: float = 0.40
    c: float = 0.003
    a3: float = 0.0
    alpha3: float = 0.75
    mu3: float = 65.0
    lambda3: float = 0.75


def rogers_castro(ages: ArrayLike, parameters: RogersCastro) -> FloatArray:
    """Age schedule of migration after Rogers & Castro: shares of all migrants, sum 1 over `ages`.

    M(x) = a1 exp(-alpha1 x) + a2 exp(-alpha2 (x - mu2) - exp(-lambda2 (x - mu2)))
    [+ a3 exp(-alpha3 (x - mu3) - exp(-lambda3 (x - mu3)))] + c

    Rogers & Castro (1981), Model Migration Schedules, IIASA RR-81-30. ValueError also for a schedule that is 0
    everywhere.

    Examples
    --------
    >>> shares = rogers_castro(np.arange(101), RogersCastro())
    >>> round(float(shares.sum()), 12), int(shares[15:].argmax()) + 15
    (1.0, 23)
    """
    ages, p = numbers("ages", ages, low=0.0), parameters
    if ages.ndim != 1 or not len(ages):
        raise ValueError("ages: expected one list of ages")
    for field in fields(p):
        numbers(field.name, getattr(p, field.name), low=0.0)
    # A peak far below its age underflows to 0, which is its value.
    with np.errstate(over="ignore", under="ignore"):
        schedule = p.a1 * np.exp(-p.alpha1 * ages) + p.c
        labour = (p.a2, p.alpha2, p.mu2, p.lambda2)
        retirement = (p.a3, p.alpha3, p.mu3, p.lambda3)
        for level, descent, peak, ascent in (labour, retirement):
            if level:
                years = ages - peak
                schedule = schedule + level * np.exp(-descent * years - np.exp(-ascent * years))
    if not schedule.sum() > 0:
        raise ValueError("parameters: the schedule is 0 at every age")
    return schedule / schedule.sum()


def net_migration_residual(start: ArrayLike, end: ArrayLike, natural_increase: ArrayLike) -> FloatArray:
    """Net migrants between two counts of persons: change of the total minus births less deaths.

    It also takes in the errors of both counts. United Nations (1970), Manual VI, Methods of Measuring Internal
    Migration (vital statistics method).
    """
    change = numbers("end", end, low=0.0) - numbers("start", start, low=0.0)
    return change - numbers("natural_increase", natural_increase)
