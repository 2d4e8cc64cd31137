"""The Rogers-Castro age schedule of migration."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Peak(NamedTuple):
    """A peak of migration: level, rate of descent (1/year), age (years), rate of ascent (1/year)."""

    level: float
    descent: float
    age: float
    ascent: float


# Of the basic standard schedule of Rogers & Castro (1981): the labour force, and childhood (level, rate of descent).
LABOUR = Peak(0.06, 0.10, 20.0, 0.40)
CHILDHOOD = (0.02, 0.10)


def rogers_castro(ages: np.ndarray, peak: Peak, childhood: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Age schedule of migration after Rogers & Castro: shares of all migrants, sum 1 over `ages`.

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
    return schedule / schedule.sum()
