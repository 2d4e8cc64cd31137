"""Need: prevalence of care dependency by age and sex, and the persons in need that follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def prevalence_by_age(level: ArrayLike, pattern: ArrayLike, population: ArrayLike) -> np.ndarray:
    """Scale an age pattern of dependency so that a reference population has a given overall share.

    Parameters
    ----------
    level : array_like, shape () or (draws,)
        Share of the reference population in care need.
    pattern : array_like, shape (groups, sexes)
        Relative prevalence by age group and sex; only ratios matter.
    population : array_like, shape (groups, sexes)
        Reference population, persons.

    Returns
    -------
    ndarray, shape (groups, sexes) or (groups, sexes, draws)
        Prevalence by age group and sex.

    Raises
    ------
    ValueError
        If the pattern or the population is negative or gives nobody in need, or if a prevalence
        exceeds 1.

    Examples
    --------
    >>> prevalence_by_age(0.1, [[1.0], [3.0]], [[100.0], [100.0]]).ravel().round(6).tolist()
    [0.05, 0.15]
    """
    pattern = np.asarray(pattern, dtype=float)
    population = np.asarray(population, dtype=float)
    if np.any(pattern < 0) or np.any(population < 0):
        raise ValueError("pattern and population must not be negative")
    mean = (pattern * population).sum() / population.sum()
    if not mean > 0:
        raise ValueError("the pattern gives nobody in need")
    level = np.asarray(level, dtype=float)
    prevalence = pattern[..., None] / mean * level if level.ndim else pattern / mean * level
    if np.any(prevalence > 1):
        raise ValueError(f"prevalence reaches {prevalence.max():.2f}; it cannot exceed 1")
    return prevalence


def care_need(population: ArrayLike, prevalence: ArrayLike) -> np.ndarray:
    """Return elders in care need: sum over age and sex of population x prevalence.

    Parameters
    ----------
    population : array_like, shape (..., groups, sexes) or (..., groups, sexes, draws)
        Persons.
    prevalence : array_like, shape (groups, sexes) or (groups, sexes, draws)
        Shares; it carries draws exactly if the population does.

    Returns
    -------
    ndarray, shape (...) or (..., draws)
        Persons in need.

    Examples
    --------
    >>> float(care_need([[100.0], [50.0]], [[0.1], [0.4]]))
    30.0
    """
    population = np.asarray(population, dtype=float)
    prevalence = np.asarray(prevalence, dtype=float)
    if prevalence.ndim == 3:
        return np.einsum("...gsd,gsd->...d", population, prevalence)
    return np.einsum("...gs,gs->...", population, prevalence)
