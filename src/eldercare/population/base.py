"""The base population: counts from shares, split by sex, and five-year groups opened into single years."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eldercare.population._checks import FloatArray, append_axes, numbers, starts


def iterative_proportional_fitting(
    seed: ArrayLike,
    rows: ArrayLike,
    columns: ArrayLike,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> FloatArray:
    """Fit a table to row and column totals while keeping the association of a seed.

    Parameters
    ----------
    seed : array (row, column)
        Non-negative pattern; a zero stays zero.
    rows, columns : array (row,), (column,)
        Totals wanted; both add to the same number.
    tolerance : float
        Largest difference left between a margin and its target, relative to the grand total.
    max_iterations : int
        Rounds of row and column scaling before giving up.

    Returns
    -------
    array (row, column)
        The fitted table, in the units of the totals.

    Raises
    ------
    ValueError
        Totals that differ, a row or column of zeros with a positive target, negative or non-finite numbers,
        wrong shapes, or no convergence.

    References
    ----------
    Deming & Stephan (1940), Annals of Mathematical Statistics 11(4).

    Examples
    --------
    >>> iterative_proportional_fitting([[1, 2], [3, 4]], rows=[50, 50], columns=[40, 60]).round(3)
    array([[17.577, 32.423],
           [22.423, 27.577]])
    """
    table = numbers("seed", seed, low=0.0).astype(np.float64)
    rows, columns = numbers("rows", rows, low=0.0), numbers("columns", columns, low=0.0)
    if table.ndim != 2 or rows.shape != table.shape[:1] or columns.shape != table.shape[1:]:
        raise ValueError(f"seed {table.shape} does not fit rows {rows.shape} and columns {columns.shape}")
    total = rows.sum()
    if abs(total - columns.sum()) > 1e-9 * max(total, 1.0):
        raise ValueError(f"totals differ: rows add to {total:.10g}, columns to {columns.sum():.10g}")
    for name, sums, targets in (("row", table.sum(1), rows), ("column", table.sum(0), columns)):
        empty = np.flatnonzero((sums == 0) & (targets > 0))
        if empty.size:
            raise ValueError(f"seed: {name} {empty[0]} is all zero but its target is {targets[empty[0]]:g}")
    for _ in range(max_iterations):
        table *= _factors(rows, table.sum(axis=1))[:, None]
        table *= _factors(columns, table.sum(axis=0))
        # The columns fit after the second scaling, so only the rows can still be off.
        if np.abs(table.sum(axis=1) - rows).max() <= tolerance * max(total, 1.0):
            return table
    raise ValueError(f"no convergence in {max_iterations} rounds: do zeros of the seed forbid the totals?")


def _factors(targets: FloatArray, sums: FloatArray) -> FloatArray:
    """Targets over sums; 0 where the sum is 0 (its target is then 0 or cannot be met)."""
    return np.divide(targets, sums, out=np.zeros_like(sums), where=sums > 0)


def shares_to_counts(shares: ArrayLike, total: ArrayLike) -> FloatArray:
    """Turn published shares of age groups into counts; shares are rescaled to sum to 1 (they are rounded).

    Parameters
    ----------
    shares : array (age, ...)
        Shares or percentages, any common scale, not negative.
    total : number or array (...)
        Persons.

    Returns
    -------
    array (age, ...)
        Persons, adding to `total`.

    Raises
    ------
    ValueError
        Negative or non-finite numbers, shares that add to 0.

    Examples
    --------
    >>> shares_to_counts([16.7, 33.3, 49.9], 1000).round(1)
    array([167.2, 333.3, 499.5])
    """
    shares = numbers("shares", shares, low=0.0)
    total = numbers("total", total, low=0.0)
    if shares.ndim == 0 or not shares.sum(axis=0).all():
        raise ValueError("shares: expected age on the first axis and a sum above 0")
    shares = append_axes(shares, total.ndim + 1)
    return shares / shares.sum(axis=0) * append_axes(total, shares.ndim - 1)


def split_by_sex(age_totals: ArrayLike, sex_totals: ArrayLike, pattern: ArrayLike) -> FloatArray:
    """Split counts of both sexes by sex, with the known total of each sex and a borrowed age pattern.

    Parameters
    ----------
    age_totals : array (age,)
        Persons of both sexes.
    sex_totals : array (2,)
        Females, males; same grand total.
    pattern : array (age, 2)
        Counts of another population by age and sex, the seed of the fit.

    Returns
    -------
    array (age, 2)
        Persons; rows add to `age_totals`, columns to `sex_totals`.

    Raises
    ------
    ValueError
        As `iterative_proportional_fitting`.

    References
    ----------
    Deming & Stephan (1940).

    Examples
    --------
    >>> split_by_sex([100, 50], [80, 70], [[48, 52], [30, 20]]).round(2)
    array([[49.35, 50.65],
           [30.65, 19.35]])
    """
    return iterative_proportional_fitting(pattern, age_totals, sex_totals)


def cohort_weights(
    births_by_year: ArrayLike, first_birth_year: int, census_year: int, Lx_single: ArrayLike
) -> FloatArray:
    """Weight of each single age at a census: births of its cohort times the life table's L_x.

    Births before the first recorded year are taken equal to those of the first recorded year, so that
    within the older age groups the weight is L_x alone. Age x is taken as born in ``census_year - x``.

    Parameters
    ----------
    births_by_year : array (year,)
        Births of consecutive calendar years, above 0, any unit.
    first_birth_year : int
        Calendar year of the first entry.
    census_year : int
        Calendar year of the count; the record must reach it.
    Lx_single : array (age, ...)
        Person-years at single ages 0, 1, ..., open.

    Returns
    -------
    array (age, ...)
        Weights, only their proportions within an age group matter.

    Raises
    ------
    ValueError
        Record that ends before the census year or begins after it, numbers not above 0.

    Examples
    --------
    >>> cohort_weights([10, 20, 30], 2018, 2020, [0.9, 0.8, 0.8, 0.7, 1.5])
    array([27., 16.,  8.,  7., 15.])
    """
    births = numbers("births_by_year", births_by_year, low=np.nextafter(0, 1))
    years_lived = numbers("Lx_single", Lx_single, low=0.0)
    if births.ndim != 1 or years_lived.ndim == 0:
        raise ValueError("births_by_year is one list of years; Lx_single has age on its first axis")
    last = first_birth_year + len(births) - 1
    if not first_birth_year <= census_year <= last:
        raise ValueError(f"births_by_year: {first_birth_year}-{last} does not contain the year {census_year}")
    position = census_year - np.arange(len(years_lived)) - first_birth_year
    cohort = births[np.maximum(position, 0)]
    return append_axes(cohort, years_lived.ndim) * years_lived


def graduate(
    group_totals: ArrayLike, age_starts: ArrayLike, weights_single: ArrayLike, open_age: int = 100
) -> FloatArray:
    """Open age groups into single years in proportion to weights; every group keeps its sum.

    Parameters
    ----------
    group_totals : array (group, ...)
        Persons; the last group is open (for example 85 and over).
    age_starts : array (group,)
        Lower ages, from 0.
    weights_single : array (open_age + 1,) or (open_age + 1, ...)
        Weight of each single age, for example `cohort_weights`. The last group is spread over its start to
        `open_age` by them, so give plain L_x there when births of those cohorts are unknown.
    open_age : int
        Last single age, open.

    Returns
    -------
    array (open_age + 1, ...)
        Persons at ages 0, 1, ..., `open_age` and over.

    Raises
    ------
    ValueError
        Wrong shapes, negative numbers, or a group with persons whose weights are all 0.

    Examples
    --------
    >>> graduate([30, 12], [0, 2], [1, 2, 3, 2, 1], open_age=4)
    array([10., 20.,  6.,  4.,  2.])
    """
    ages = starts(age_starts)
    totals = numbers("group_totals", group_totals, low=0.0)
    weights = numbers("weights_single", weights_single, low=0.0)
    if totals.ndim == 0 or len(totals) != len(ages):
        raise ValueError(f"group_totals: {totals.shape} does not fit {len(ages)} age groups")
    if weights.ndim == 0 or len(weights) != open_age + 1 or ages[-1] > open_age:
        raise ValueError(f"weights_single: expected ages 0 to {open_age}, got {weights.shape}")
    ndim = max(totals.ndim, weights.ndim)
    totals, weights = append_axes(totals, ndim), append_axes(weights, ndim)
    sums = np.add.reduceat(weights, ages, axis=0)
    if ((sums == 0) & (totals > 0)).any():
        raise ValueError("weights_single: an age group with persons has no weight at any of its ages")
    shape = np.broadcast_shapes(totals.shape, sums.shape)
    per_weight = np.divide(totals, sums, out=np.zeros(shape), where=sums > 0)
    return weights * np.repeat(per_weight, np.diff(np.append(ages, open_age + 1)), axis=0)
