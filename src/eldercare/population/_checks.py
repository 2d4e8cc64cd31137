"""Checks shared by the population modules: finite numbers in range, and axes appended on the right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.floating[Any]]


def numbers(name: str, values: ArrayLike, low: float | None = None, high: float | None = None) -> FloatArray:
    """Return `values` as a floating-point array; ValueError if any is not finite or outside [low, high]."""
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.floating):
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            raise ValueError(f"{name}: expected numbers, got {array.dtype}") from None
    if array.size == 0:
        return array
    # min and max propagate NaN, so two reductions see everything that can be wrong.
    smallest, largest = array.min(), array.max()
    if not (np.isfinite(smallest) and np.isfinite(largest)):
        raise ValueError(f"{name}: not a finite number{_place(~np.isfinite(array))}")
    if low is not None and smallest < low:
        raise ValueError(f"{name}: {smallest:g}{_place(array == smallest)} is below {low:g}")
    if high is not None and largest > high:
        raise ValueError(f"{name}: {largest:g}{_place(array == largest)} is above {high:g}")
    return array


def _place(bad: NDArray[np.bool_]) -> str:
    """Name the first True of a mask, for a message."""
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    return f" at index {index}" if index else ""


def append_axes(array: FloatArray, ndim: int) -> FloatArray:
    """View `array` with axes of length 1 appended until it has `ndim` axes (age stays first)."""
    return array.reshape(array.shape + (1,) * max(0, ndim - array.ndim))


def starts(age_starts: ArrayLike) -> NDArray[np.int64]:
    """Return the lower ages of age groups as whole numbers; ValueError unless 1-D, from 0 and increasing."""
    given = numbers("age_starts", age_starts)
    ages = given.astype(np.int64)
    if ages.ndim != 1 or len(ages) < 2:
        raise ValueError("age_starts: expected a list of at least two lower ages")
    if ages[0] != 0 or (np.diff(ages) <= 0).any() or (ages != given).any():
        raise ValueError("age_starts: whole ages that begin at 0 and increase, e.g. 0, 1, 5, 10")
    return ages
