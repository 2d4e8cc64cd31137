"""Waterfall: the change of a product split into the part of each factor and the interaction; sums exactly."""

from collections.abc import Mapping
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats

INTERACTION = "interaction"


def waterfall(start: Mapping[str, ArrayLike], end: Mapping[str, ArrayLike]) -> dict[str, FloatArray]:
    """Split the change of a product of factors into the part of each and ``interaction``, in the unit of the product.

    The part of a factor is the change of the product when that factor alone moves from start to end; the interaction is
    what remains of the whole change. The parts add up to the change exactly, draw by draw. Both sides name the same
    factors, of shapes that broadcast.

    Examples
    --------
    >>> parts = waterfall({"size": 10, "rate": 2}, {"size": 12, "rate": 3})
    >>> {name: float(part) for name, part in parts.items()}
    {'size': 4.0, 'rate': 10.0, 'interaction': 2.0}
    """

    def product(factors: Mapping[str, ArrayLike]) -> FloatArray:
        return reduce(np.multiply, map(floats, factors.values()))

    before = product(start)
    parts: dict[str, FloatArray] = {name: product({**start, name: end[name]}) - before for name in start}
    parts[INTERACTION] = product(end) - before - sum(parts.values())
    return parts
