"""The explicit split of a total over areas: own numbers first, the rest in proportion to weights."""

from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import ArrayLike

from eldercare.care._checks import floats


@dataclass(frozen=True)
class Split:
    """A total split over areas: the number of each, and whether it was allocated (else the area's own)."""

    values: dict[str, float]
    allocated: dict[str, bool]


def allocate(total: float, weights: ArrayLike, own: Mapping[str, float | None]) -> Split:
    """Split a total over areas in proportion to weights, keeping the numbers that areas report themselves.

    Where all areas report, their sum is the total. Where not all do, ValueError if the reported numbers exceed the
    total, or something is left for areas whose weights are all zero.

    Parameters
    ----------
    total : what is split (beds, points, persons)
    weights : array (areas,), for instance elders aged 60 and over
    own : each area's own number in the unit of the total, None where it reports none

    Examples
    --------
    >>> allocate(100, [1, 1, 2], {"a": None, "b": 40, "c": None})
    Split(values={'a': 20.0, 'b': 40.0, 'c': 40.0}, allocated={'a': True, 'b': False, 'c': True})
    """
    weight = dict(zip(own, floats(weights).tolist(), strict=True))
    allocated = {area: number is None for area, number in own.items()}
    reported = sum(float(number) for number in own.values() if number is not None)
    left, others = total - reported, sum(weight[area] for area in own if allocated[area])
    if any(allocated.values()) and left < -1e-9:
        raise ValueError(f"reported numbers add to {reported:g}, more than the total {total:g}")
    if any(allocated.values()) and left > 0 and others <= 0:
        raise ValueError("the weights of the areas without a number of their own are all zero")
    each = max(left, 0.0) / others if others > 0 else 0.0
    values = {area: each * weight[area] if number is None else float(number) for area, number in own.items()}
    return Split(values, allocated)
