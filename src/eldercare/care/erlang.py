"""Erlang's loss formula: how full homes of a given size can be run without turning many away."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, not_negative


def erlang_b(beds: int, load: ArrayLike) -> FloatArray:
    """Return the share of applicants who find all beds taken, after Erlang (1917), in the shape of ``load``.

    The recursion B(0) = 1, B(c) = a B(c-1) / (c + a B(c-1)) is stable for any size. ValueError for negative numbers.

    Parameters
    ----------
    beds : beds of the home
    load : array, offered load in beds: applicants per year times mean stay in years

    Examples
    --------
    >>> [round(float(erlang_b(c, a)), 6) for c, a in [(1, 5), (10, 20), (190, 200)]]
    [0.833333, 0.537963, 0.088697]
    """
    offered = not_negative("load", load)
    if beds < 0:
        raise ValueError("beds must not be negative")
    blocked = np.ones_like(offered)
    for count in range(1, beds + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked


def full_enough(beds: int, turned_away: float) -> float:
    """Return the mean occupancy at which a home turns away just the given share of applicants.

    Occupancy is the carried load a (1 - B) over the beds; the load is found by halving the interval. ValueError if
    there is no bed or the share is not between 0 and 1.

    Examples
    --------
    >>> round(full_enough(1, 0.5), 6), full_enough(20, 0.05) < full_enough(170, 0.05)
    (0.5, True)
    """
    if beds < 1:
        raise ValueError("a home has at least one bed")
    if not 0 < turned_away < 1:
        raise ValueError("the share turned away must lie between 0 and 1")
    low, high = 0.0, beds / (1 - turned_away)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if erlang_b(beds, middle) < turned_away else (low, middle)
    return low * (1 - turned_away) / beds


def smallest_home(occupancy: float, turned_away: float, most: int = 500) -> int | None:
    """Return the fewest beds with which a home reaches a mean occupancy and turns away no more than a share.

    Larger homes can be run fuller, so the number is found by halving; None where it is above ``most`` beds.

    Examples
    --------
    >>> smallest_home(0.85, 0.05), smallest_home(0.999, 0.05)
    (52, None)
    """
    if full_enough(most, turned_away) < occupancy:
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if full_enough(middle, turned_away) >= occupancy else (middle, high)
    return high
