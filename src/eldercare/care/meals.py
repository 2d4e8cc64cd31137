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
    in_need : array_like
        Elders who need help with meals, persons.
    uptake : array_like
        Users over those in need, 0 to 1.
    days_share : array_like
        Share of the days of service on which a user takes meals, 0 to 1.
    meals_per_user : array_like
        Meals that a user takes on a day of use.

    Examples
    --------
    >>> float(meals_demand(200, 0.125, 0.8, 1.5))
    30.0
    """
    return floats(in_need) * floats(uptake) * floats(days_share) * floats(meals_per_user)


def meals_supply(
    points: ArrayLike, per_point: ArrayLike, kitchens: ArrayLike = 0.0, per_kitchen: ArrayLike = 0.0
) -> FloatArray:
    """Return meals served per day: points x meals per point + delivery kitchens x meals per kitchen.

    Examples
    --------
    >>> float(meals_supply(520, 17.0)), float(meals_supply(520, 17.0, 2, 200.0))
    (8840.0, 9240.0)
    """
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
    """Return meal points by year under a plan; points are never closed.

    Parameters
    ----------
    plan : {"frozen", "hold_ratio", "every_village"}
        Keep the points; keep the points per elder of the first of ``years``; or grow in equal yearly steps
        to one point for every village and community.
    start : float
        Points before the plan.
    elders : array_like, shape (years,)
        Elders in each year, persons.
    places : float
        Villages and communities.
    years : array_like of int, shape (years,)
        Calendar years, ascending.
    first_year, full_year : int
        First year in which points open; year at whose end every place has one (``every_village`` only).

    Returns
    -------
    ndarray, shape (years,)
        Points at the end of each year.

    Raises
    ------
    ValueError
        If the plan is not known or ``full_year`` is before ``first_year``.

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

    Raises
    ------
    ValueError
        If area or points are not positive.

    Examples
    --------
    >>> round(float(catchment_radius(5817, 520)), 2)
    1.89
    """
    return np.sqrt(positive("area", area_km2) / (np.pi * positive("points", points)))
