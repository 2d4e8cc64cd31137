"""Reconciling printed figures: what count a total and a rounded ratio imply, and whether two agree."""

from __future__ import annotations


def implied_count(total: float, printed: float, step: float, per: float) -> tuple[float, float]:
    """Return the interval of the denominator implied by a total and its printed ratio.

    A ratio v printed to a step u stands for the interval [v - u/2, v + u/2).

    Parameters
    ----------
    total : float
        The numerator, for instance beds.
    printed : float
        The ratio as printed: ``total`` per ``per`` persons.
    step : float
        Step to which the ratio is printed.
    per : float
        Persons that the ratio refers to (1000 for per thousand, 100 for per cent).

    Returns
    -------
    low, high : float
        Persons; the upper end belongs to the lower ratio.

    Raises
    ------
    ValueError
        If the step, or the ratio less half of it, is not positive.

    Examples
    --------
    >>> low, high = implied_count(39_467, 59, 1, 1000)
    >>> round(low), round(high)
    (663311, 674650)
    """
    if not 0 < step < 2 * printed:
        raise ValueError("the step and the printed ratio less half a step must be positive")
    return total * per / (printed + step / 2), total * per / (printed - step / 2)


def intervals_overlap(first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Say whether two intervals have a point in common.

    Examples
    --------
    >>> intervals_overlap((1, 2), (1.5, 3)), intervals_overlap((1, 2), (2.5, 3))
    (True, False)
    """
    return first[0] <= second[1] and second[0] <= first[1]
