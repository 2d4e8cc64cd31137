"""Beds: the planning ratio, demand by ratio and by need, a plan that builds to a norm, and what a gap stands for."""

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats


def divided(part: ArrayLike, whole: ArrayLike) -> FloatArray:
    """Return a ratio, NaN where there is nothing to divide by.

    Examples
    --------
    >>> divided([1, 1], [2, 0]).tolist()
    [0.5, nan]
    """
    part, whole = np.broadcast_arrays(floats(part), floats(whole))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)


def beds_per_1000(beds: ArrayLike, elders: ArrayLike) -> FloatArray:
    """Return beds per 1,000 elders aged 60 and over on the basis that the caller states, NaN without elders."""
    return divided(floats(beds) * 1000.0, elders)


def demand_by_ratio(elders: ArrayLike, norm: ArrayLike) -> FloatArray:
    """Return the beds that a norm asks for: ``norm`` beds per 1,000 ``elders``.

    A fixed ratio ignores age and health; see Zhang, Puterman & Atkins (2012), Healthcare Policy 7(4): 68-81, for the
    idle beds or queues that follow. Use it beside :func:`demand_by_need`.
    """
    return floats(norm) * floats(elders) / 1000.0


def demand_by_need(dependents: ArrayLike, planned_share: ArrayLike, occupancy: ArrayLike) -> FloatArray:
    """Return the beds that care needs ask for: dependents x share in the setting / target occupancy.

    Parameters
    ----------
    dependents : array, elders in care need under one definition, persons
    planned_share : array, share of them planned for this kind of bed, 0 to 1
    occupancy : array, target residents per bed, above 0 to 1

    Examples
    --------
    >>> float(demand_by_need(1000, 0.2, 0.8))
    250.0
    """
    return floats(dependents) * floats(planned_share) / floats(occupancy)


def part_closed(years: ArrayLike, first_year: int, catch_up_years: int) -> FloatArray:
    """Return the part of a shortfall that a plan has closed by the end of each year, in equal steps, (years,).

    Examples
    --------
    >>> part_closed([2026, 2027, 2028, 2029], 2027, 2).tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    return np.clip((floats(years) - first_year + 1) / catch_up_years, 0.0, 1.0)


def build_to_norm(
    start: float, required: ArrayLike, years: ArrayLike, first_year: int, catch_up_years: int
) -> FloatArray:
    """Return supply at the end of each year under a plan that closes a shortfall in steps and then keeps pace.

    Before ``first_year`` supply stays at ``start``. From then on the part of the shortfall that may
    remain shrinks by equal steps to nothing over ``catch_up_years``. Nothing is ever closed.

    Parameters
    ----------
    start : units (beds, points) in use before the plan
    required : array (years,), units that the norm asks for in each year
    years : array (years,), calendar years, ascending
    first_year : first year in which new units open
    catch_up_years : years over which the shortfall is closed, at least 1

    Examples
    --------
    >>> build_to_norm(100, [110, 120, 130], [2026, 2027, 2028], 2027, 2).tolist()
    [100.0, 110.0, 130.0]
    """
    steps = part_closed(years, first_year, catch_up_years)
    return np.maximum.accumulate(start + steps * np.maximum(floats(required) - start, 0.0))


def gap_state(low: float, high: float) -> str:
    """Return what the interval of a gap (positive = shortage) stands for: ``short``, ``enough`` or ``open``.

    Short where the whole interval is a shortage; enough where none of it is, a gap of exactly nought being none.
    """
    if low > 0:
        return "short"
    return "enough" if high <= 0 else "open"
