"""Care workers: how many the dependents ask for."""

from __future__ import annotations

from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats, positive


def care_workers(persons: ArrayLike, per_worker: ArrayLike) -> FloatArray:
    """Return the care workers (full-time equivalents) that persons in care ask for; ``per_worker`` above 0."""
    return floats(persons) / positive("persons per worker", per_worker)
