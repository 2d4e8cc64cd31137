"""Checks shared by the care modules: arrays of floating-point numbers in a range; a missing number is in none."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Any floating-point array; scalars become arrays without axes.
FloatArray = NDArray[np.floating[Any]]


def floats(values: ArrayLike) -> FloatArray:
    """Return values as an array of floating-point numbers."""
    return np.asarray(values, dtype=float)


def not_negative(name: str, values: ArrayLike) -> FloatArray:
    """Return values as an array; ValueError unless all are finite and at least 0."""
    array = floats(values)
    if not ((array >= 0) & np.isfinite(array)).all():
        raise ValueError(f"{name} must be finite and not negative")
    return array
