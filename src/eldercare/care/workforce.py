"""Care workers: how many the dependents ask for, and what stock a flow of trainees can keep up."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def care_workers(persons: ArrayLike, per_worker: ArrayLike) -> np.ndarray:
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
    per_worker = np.asarray(per_worker, dtype=float)
    if np.any(~(per_worker > 0)):
        raise ValueError("persons per worker must be positive")
    return np.asarray(persons, dtype=float) / per_worker


def sustained_stock(trained_per_year: ArrayLike, turnover: ArrayLike) -> np.ndarray:
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
    turnover = np.asarray(turnover, dtype=float)
    if np.any(~((turnover > 0) & (turnover <= 1))):
        raise ValueError("turnover must lie in (0, 1]")
    return np.asarray(trained_per_year, dtype=float) / turnover
