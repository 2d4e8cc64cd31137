"""Care workers: how many the dependents ask for, and what stock a flow of trainees can keep up."""

from __future__ import annotations

from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats, positive, share


def care_workers(persons: ArrayLike, per_worker: ArrayLike) -> FloatArray:
    """Return the care workers (full-time equivalents) that persons in care ask for.

    Raises
    ------
    ValueError
        If persons per worker are not positive.

    Examples
    --------
    >>> float(care_workers(1000, 4))
    250.0
    """
    return floats(persons) / positive("persons per worker", per_worker)


def sustained_stock(trained_per_year: ArrayLike, turnover: ArrayLike) -> FloatArray:
    """Return the stock of workers that a constant flow of trainees keeps up: flow over the share that leaves.

    In the long run as many come as leave, so that stock = flow x mean time in the work (Little 1961,
    Operations Research 9).

    Raises
    ------
    ValueError
        If turnover is not in (0, 1].

    Examples
    --------
    >>> float(sustained_stock(102, 0.2))
    510.0
    """
    return floats(trained_per_year) / share("turnover", turnover, above_zero=True)
