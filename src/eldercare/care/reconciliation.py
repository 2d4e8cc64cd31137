"""Reconciling printed figures: what count a total and a rounded ratio imply."""


def implied_count(total: float, printed: float, step: float, per: float) -> tuple[float, float]:
    """Return the interval (low, high) of the denominator, persons, implied by a total and its printed ratio.

    A ratio v printed to a step u stands for the interval [v - u/2, v + u/2), whose upper end gives the lower count.

    Parameters
    ----------
    total : the numerator, for instance beds
    printed, step : the ratio as printed, ``total`` per ``per`` persons, and the step to which it is printed
    per : persons that the ratio refers to (1000 for per thousand, 100 for per cent)

    Examples
    --------
    >>> tuple(map(round, implied_count(40_000, 50, 1, 1000)))
    (792079, 808081)
    """
    return total * per / (printed + step / 2), total * per / (printed - step / 2)
