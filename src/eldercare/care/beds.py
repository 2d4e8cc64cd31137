"""Beds: the planning ratio, demand by ratio and by need, and a plan that builds to a norm."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats, positive, share


def beds_per_1000(beds: ArrayLike, elders: ArrayLike) -> FloatArray:
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
    return floats(beds) * 1000.0 / positive("elders", elders)


def demand_by_ratio(elders: ArrayLike, norm: ArrayLike) -> FloatArray:
    """Return the beds that a norm asks for: ``norm`` beds per 1,000 ``elders``.

    A fixed ratio ignores age and health; see Zhang, Puterman & Atkins (2012), Healthcare Policy 7(4): 68-81, for the
    idle beds or queues that follow. Use it beside :func:`demand_by_need`.

    Examples
    --------
    >>> float(demand_by_ratio(789_340, 50))
    39467.0
    """
    return floats(norm) * floats(elders) / 1000.0


def demand_by_need(dependents: ArrayLike, planned_share: ArrayLike, occupancy: ArrayLike) -> FloatArray:
    """Return the beds that care needs ask for: dependents x share in the setting / target occupancy.

    Parameters
    ----------
    dependents : array_like
        Elders in care need under one definition, persons.
    planned_share : array_like
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
    return floats(dependents) * share("the share", planned_share) / share("occupancy", occupancy, above_zero=True)


def build_to_norm(
    start: float, required: ArrayLike, years: ArrayLike, first_year: int, catch_up_years: int
) -> FloatArray:
    """Return supply by year under a plan that closes a shortfall in steps and then keeps pace.

    Before ``first_year`` supply stays at ``start``. From then on the part of the shortfall that may
    remain shrinks by equal steps to nothing over ``catch_up_years``. Nothing is ever closed.

    Parameters
    ----------
    start : float
        Units (beds, points) in use before the plan.
    required : array_like, shape (years,)
        Units that the norm asks for in each year.
    years : array_like of int, shape (years,)
        Calendar years, ascending.
    first_year : int
        First year in which new units open.
    catch_up_years : int
        Years over which the shortfall is closed, at least 1.

    Returns
    -------
    ndarray, shape (years,)
        Units at the end of each year.

    Raises
    ------
    ValueError
        If there is no year to catch up in.

    Examples
    --------
    >>> build_to_norm(100, [110, 120, 130], [2026, 2027, 2028], 2027, 2).tolist()
    [100.0, 110.0, 130.0]
    """
    if catch_up_years < 1:
        raise ValueError("catch_up_years must be at least 1")
    steps = np.clip((np.asarray(years) - first_year + 1) / catch_up_years, 0.0, 1.0)
    return np.maximum.accumulate(start + steps * np.maximum(floats(required) - start, 0.0))
