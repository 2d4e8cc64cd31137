"""Meals: demand for meal help, what points and kitchens serve, plans for points, and how far a point reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats, positive
from eldercare.care.beds import build_to_norm

PLANS = ("frozen", "hold_ratio", "every_village")


def meals_demand(in_need: ArrayLike, uptake: ArrayLike, days_share: ArrayLike, meals_per_user: ArrayLike) -> FloatArray:
    """Return meals wanted on a day of service: elders in need x uptake x share of days x meals per user.

    Parameters
    ----------
    in_need : array, elders who need help with meals, persons
    uptake : array, users over those in need, 0 to 1
    days_share : array, share of the days of service on which a user takes meals, 0 to 1
    meals_per_user : array, meals that a user takes on a day of use
    """
    return floats(in_need) * floats(uptake) * floats(days_share) * floats(meals_per_user)


def meals_supply(
    points: ArrayLike, per_point: ArrayLike, kitchens: ArrayLike = 0.0, per_kitchen: ArrayLike = 0.0
) -> FloatArray:
    """Return meals served per day: points x meals per point + delivery kitchens x meals per kitchen."""
    return floats(points) * floats(per_point) + floats(kitchens) * floats(per_kitchen)


def points_plan(
    plan: str,
    start: float,
    elders: ArrayLike,
    places: float,
    years: ArrayLike,
    first_year: int,
    full_year: int,
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
    full_year : year at whose end every place has one (``every_village`` only); ValueError if before ``first_year``

    Examples
    --------
    >>> points_plan("every_village", 4, [100, 100, 100, 100], 8, [2026, 2027, 2028, 2029], 2027, 2028).tolist()
    [4.0, 6.0, 8.0, 8.0]
    >>> points_plan("hold_ratio", 4, [100, 110, 125], 8, [2026, 2027, 2028], 2028, 2030).tolist()
    [4.0, 4.0, 5.0]
    """
    if plan not in PLANS:
        raise ValueError(f"plan {plan!r}: allowed are {', '.join(PLANS)}")
    if full_year < first_year:
        raise ValueError("full_year must not be before first_year")
    elders = floats(elders)
    if plan == "frozen":
        return np.full(len(elders), float(start))
    if plan == "every_village":
        return build_to_norm(start, np.full(len(elders), places), years, first_year, full_year - first_year + 1)
    return build_to_norm(start, start * elders / elders[0], years, first_year, 1)


def catchment_radius(area_km2: ArrayLike, points: ArrayLike) -> FloatArray:
    """Return the mean radius in km that a point would serve if points were spread evenly: sqrt(A/(pi n)).

    ValueError unless area and points are positive.
    """
    return np.sqrt(positive("area", area_km2) / (np.pi * positive("points", points)))
