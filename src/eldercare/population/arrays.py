"""Arrays with age on the first axis."""

import numpy as np
from numpy.typing import ArrayLike


def append_axes(array: ArrayLike, ndim: int) -> np.ndarray:
    """View an array with axes of length 1 appended until it has `ndim` axes (age stays first)."""
    array = np.asarray(array, dtype=np.float64)
    return array.reshape(array.shape + (1,) * max(0, ndim - array.ndim))
