"""Meals: demand for meal help, what the points serve, and how far a point reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def meals_demand(elders: ArrayLike, need_share: ArrayLike, uptake: ArrayLike, meals_per_user: ArrayLike) -> np.ndarray:
    """Return meals wanted per day: elders x share in need x uptake x meals per user and day.

    Examples
    --------
    >>> float(meals_demand(1000, 0.2, 0.1, 1.0))
    20.0
    """
    return np.asarray(elders, dtype=float) * np.asarray(need_share) * np.asarray(uptake) * np.asarray(meals_per_user)


def meals_supply(points: ArrayLike, per_point: ArrayLike) -> np.ndarray:
    """Return meals served per day: points x meals per point and day.

    Examples
    --------
    >>> float(meals_supply(520, 17.0))
    8840.0
    """
    return np.asarray(points, dtype=float) * np.asarray(per_point)


def break_even_uptake(
    supply: ArrayLike, elders: ArrayLike, need_share: ArrayLike, meals_per_user: ArrayLike
) -> np.ndarray:
    """Return the uptake at which supply just meets demand (share of those who need meal help).

    Examples
    --------
    >>> float(break_even_uptake(20, 1000, 0.2, 1.0))
    0.1
    """
    return np.asarray(supply, dtype=float) / (
        np.asarray(elders, dtype=float) * np.asarray(need_share) * np.asarray(meals_per_user)
    )


def catchment_radius(area_km2: ArrayLike, points: ArrayLike) -> np.ndarray:
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
    area = np.asarray(area_km2, dtype=float)
    points = np.asarray(points, dtype=float)
    if np.any(~(area > 0)) or np.any(~(points > 0)):
        raise ValueError("area and points must be positive")
    return np.sqrt(area / (np.pi * points))
