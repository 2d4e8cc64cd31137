"""Erlang's formulas: how full homes can be run without turning many away, or without letting many wait long."""

from bisect import bisect_left

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats

# Beds of the largest home that is thought of.
LARGEST = 500


def erlang_b(beds: int, load: ArrayLike) -> FloatArray:
    """Return the share of applicants who find all beds taken, after Erlang (1917), in the shape of ``load``.

    The recursion B(0) = 1, B(c) = a B(c-1) / (c + a B(c-1)) is stable for any size.

    Parameters
    ----------
    beds : beds of the home
    load : array, offered load in beds: applicants per year times mean stay in years

    Examples
    --------
    >>> [round(float(erlang_b(c, a)), 6) for c, a in [(1, 5), (10, 20), (190, 200)]]
    [0.833333, 0.537963, 0.088697]
    """
    offered = floats(load)
    blocked = np.ones_like(offered)
    for count in range(1, beds + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked


def full_enough(beds: int, turned_away: float) -> float:
    """Return the mean occupancy at which a home turns away just the given share (above 0, below 1) of applicants.

    Occupancy is the carried load a (1 - B) over the beds; the load is found by halving the interval.

    Examples
    --------
    >>> round(full_enough(1, 0.5), 6), full_enough(20, 0.05) < full_enough(170, 0.05)
    (0.5, True)
    """
    low, high = 0.0, beds / (1 - turned_away)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if erlang_b(beds, middle) < turned_away else (low, middle)
    return low * (1 - turned_away) / beds


def waits_longer(beds: int, load: ArrayLike, stay: float, time: ArrayLike) -> FloatArray:
    """Return the share of applicants who wait longer than a time for a place, of those who all wait (M/M/c).

    C exp(-(c - a) t / stay) with Erlang's C = B / (1 - (a / c) (1 - B)); 1 where the load reaches the beds. Stays and
    gaps between applicants are exponential; see Gross et al. (2008), Fundamentals of Queueing Theory, ch. 2.3.

    Parameters
    ----------
    beds, load : as for :func:`erlang_b`
    stay, time : mean stay and time waited, in one unit

    Examples
    --------
    >>> waits_longer(5, 4, 1, [0, 1.7122]).round(4).tolist()
    [0.5541, 0.1]
    """
    offered = floats(load)
    blocked, spare = erlang_b(beds, offered), np.maximum(beds - offered, 0.0)
    waiting = blocked / (1 - np.minimum(offered / beds, 1) * (1 - blocked))
    return waiting * np.exp(-spare / stay * floats(time))


def smallest_home(occupancy: float, turned_away: float) -> int | None:
    """Return the fewest beds with which a home reaches a mean occupancy and turns away no more than a share.

    Larger homes can be run fuller, so the number is found by halving; None where it is above ``LARGEST``.

    Examples
    --------
    >>> smallest_home(0.85, 0.05), smallest_home(0.999, 0.05)
    (52, None)
    """
    sizes = range(1, LARGEST + 1)
    place = bisect_left(sizes, occupancy, key=lambda beds: full_enough(beds, turned_away))
    return sizes[place] if place < len(sizes) else None
