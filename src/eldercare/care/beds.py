"""Beds: the planning ratio, demand by ratio and by need, and a plan that builds to a norm."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def beds_per_1000(beds: ArrayLike, elders: ArrayLike) -> np.ndarray:
    """Return beds per 1,000 elders aged 60 and over.

    Parameters
    ----------
    beds, elders : array_like, shapes that broadcast
        Beds, and elders (persons) on the basis that the caller states.

    Raises
    ------
    ValueError
        If elders are not positive.

    Examples
    --------
    >>> float(beds_per_1000(50, 1000))
    50.0
    """
    elders = np.asarray(elders, dtype=float)
    if np.any(~(elders > 0)):
        raise ValueError("elders must be positive")
    return np.asarray(beds, dtype=float) * 1000.0 / elders


def demand_by_ratio(elders: ArrayLike, norm: ArrayLike) -> np.ndarray:
    """Return the beds that a norm asks for: ``norm`` beds per 1,000 ``elders``.

    A fixed ratio ignores age and health; see Zhang, Puterman & Atkins (2012), Healthcare Policy 7(4): 68-81, for the
    idle beds or queues that follow. Use it beside :func:`demand_by_need`.

    Examples
    --------
    >>> float(demand_by_ratio(789_340, 50))
    39467.0
    """
    return np.asarray(norm, dtype=float) * np.asarray(elders, dtype=float) / 1000.0


def demand_by_need(dependents: ArrayLike, share: ArrayLike, occupancy: ArrayLike) -> np.ndarray:
    """Return the beds that care needs ask for: dependents x share in the setting / target occupancy.

    Parameters
    ----------
    dependents : array_like
        Elders in care need under one definition, persons.
    share : array_like
        Share of them planned for this kind of bed, 0 to 1.
    occupancy : array_like
        Target residents per bed, in (0, 1].

    Raises
    ------
    ValueError
        If an occupancy is outside (0, 1] or a share outside [0, 1].

    Examples
    --------
    >>> float(demand_by_need(1000, 0.2, 0.8))
    250.0
    """
    share = np.asarray(share, dtype=float)
    occupancy = np.asarray(occupancy, dtype=float)
    if np.any(~((share >= 0) & (share <= 1))):
        raise ValueError("share must lie in [0, 1]")
    if np.any(~((occupancy > 0) & (occupancy <= 1))):
        raise ValueError("occupancy must lie in (0, 1]")
    return np.asarray(dependents, dtype=float) * share / occupancy


def build_to_norm(
    start: float, required: ArrayLike, years: ArrayLike, first_year: int, catch_up_years: int
) -> np.ndarray:
    """Return supply by year under a plan that closes a shortfall in steps and then keeps pace.

    Before ``first_year`` supply stays at ``start``. From then on the part of the shortfall that may
    remain shrinks by equal steps to nothing over ``catch_up_years``. Beds are never closed.

    Parameters
    ----------
    start : float
        Beds in use before the plan.
    required : array_like, shape (years,)
        Beds that the norm asks for in each year.
    years : array_like of int, shape (years,)
        Calendar years, ascending.
    first_year : int
        First year in which new beds open.
    catch_up_years : int
        Years over which the shortfall is closed, at least 1.

    Returns
    -------
    ndarray, shape (years,)
        Beds at the end of each year.

    Examples
    --------
    >>> build_to_norm(100, [110, 120, 130], [2026, 2027, 2028], 2027, 2).tolist()
    [100.0, 110.0, 130.0]
    """
    required = np.asarray(required, dtype=float)
    years = np.asarray(years)
    if catch_up_years < 1:
        raise ValueError("catch_up_years must be at least 1")
    steps = np.clip((years - first_year + 1) / catch_up_years, 0.0, 1.0)
    wanted = start + steps * np.maximum(required - start, 0.0)
    return np.maximum.accumulate(np.maximum(wanted, start))
