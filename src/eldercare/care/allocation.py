"""The explicit split of a total over areas: own numbers first, the rest in proportion to weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eldercare.care._checks import FloatArray, not_negative


def allocate(
    total: float, weights: Sequence[float] | FloatArray, reported: Sequence[float | None] | None = None
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Split a total over areas in proportion to weights, keeping numbers that areas report themselves.

    Returns the number of each area, which add up to the total, and whether it was split (True) or reported (False).
    ValueError if weights are negative or all zero where needed, if the reported numbers exceed the total, or if all
    areas report and do not add up to it.

    Parameters
    ----------
    total : what is split (beds, points, persons)
    weights : array (areas,), not negative, for instance elders aged 60 and over
    reported : an area's own number in the unit of the total, or None where it reports none

    Examples
    --------
    >>> values, allocated = allocate(100, [1, 1, 2], [None, 40, None])
    >>> values.tolist(), allocated.tolist()
    ([20.0, 40.0, 40.0], [True, False, True])
    """
    weight = not_negative("weights", weights)
    own = [None] * weight.size if reported is None else list(reported)
    if len(own) != weight.size:
        raise ValueError(f"{len(own)} reported numbers for {weight.size} weights")
    allocated = np.array([value is None for value in own])
    values = np.array([0.0 if value is None else float(value) for value in own])
    rest = total - values.sum()
    if rest < -1e-9:
        raise ValueError(f"reported numbers add to {values.sum():g}, more than the total {total:g}")
    if not allocated.any():
        if abs(rest) > 1e-6:
            raise ValueError(f"reported numbers add to {values.sum():g}, not to the total {total:g}")
        return values, allocated
    open_weight = weight[allocated].sum()
    if open_weight <= 0:
        raise ValueError("the weights of the areas without a number of their own are all zero")
    values[allocated] = rest * weight[allocated] / open_weight
    return values, allocated
