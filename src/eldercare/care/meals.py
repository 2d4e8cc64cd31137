"""Meal points: plans for them, and how far a point reaches."""

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats
from eldercare.care.beds import build_to_norm


def points_plan(
    plan: str, start: float, elders: ArrayLike, places: float, years: ArrayLike, first_year: int, full_year: int
) -> FloatArray:
    """Return meal points at the end of each year under a plan; points are never closed.

    Parameters
    ----------
    plan : ``frozen`` keeps the points; ``hold_ratio`` keeps the points per elder of the first of ``years``;
        ``every_village`` grows in equal yearly steps to one point for every village and community
    start : points before the plan
    elders : array (years,), persons
    places : villages and communities
    years : array (years,), calendar years, ascending
    first_year : first year in which points open
    full_year : year at whose end every place has one (``every_village`` only), not before ``first_year``

    Examples
    --------
    >>> points_plan("every_village", 4, [100, 100, 100, 100], 8, [2026, 2027, 2028, 2029], 2027, 2028).tolist()
    [4.0, 6.0, 8.0, 8.0]
    >>> points_plan("hold_ratio", 4, [100, 110, 125], 8, [2026, 2027, 2028], 2028, 2030).tolist()
    [4.0, 4.0, 5.0]
    """
    elders = floats(elders)
    if plan == "frozen":
        return np.full(len(elders), float(start))
    if plan == "every_village":
        return build_to_norm(start, np.full(len(elders), places), years, first_year, full_year - first_year + 1)
    return build_to_norm(start, start * elders / elders[0], years, first_year, 1)


def catchment_radius(area_km2: ArrayLike, points: ArrayLike) -> FloatArray:
    """Return the mean radius in km that a point would serve if spread evenly: sqrt(A/(pi n)); NaN without points."""
    count = floats(points)
    return np.sqrt(floats(area_km2) / (np.pi * np.where(count > 0, count, np.nan)))
