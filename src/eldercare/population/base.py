"""The base population: a table fitted to its margins, and age groups opened into single years."""

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
    """Fit a table (row, column) to row and column totals while keeping the association of a seed.

    Deming & Stephan (1940), Annals of Mathematical Statistics 11(4). ValueError also for totals that differ, a row or
    column of zeros with a positive target, and no convergence.

    Parameters
    ----------
    seed : array (row, column), not negative; a zero stays zero
    rows, columns : array (row,), (column,), totals wanted; both add to the same number
    tolerance : largest difference left between a margin and its target, relative to the grand total
    max_iterations : rounds of row and column scaling before giving up

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
        table *= _over(rows, table.sum(axis=1))[:, None]
        table *= _over(columns, table.sum(axis=0))
        # The columns fit after the second scaling, so only the rows can still be off.
        if np.abs(table.sum(axis=1) - rows).max() <= tolerance * max(total, 1.0):
            return table
    raise ValueError(f"no convergence in {max_iterations} rounds: do zeros of the seed forbid the totals?")


def _over(targets: FloatArray, sums: FloatArray) -> FloatArray:
    """Targets over sums; 0 where the sum is 0, whose target is then 0 or cannot be met."""
    shape = np.broadcast_shapes(targets.shape, sums.shape)
    return np.divide(targets, sums, out=np.zeros(shape), where=sums > 0)


def cohort_weights(births: ArrayLike, first_year: int, census_year: int, Lx: ArrayLike) -> FloatArray:
    """Weight of each single age at a census: births of its cohort times the life table's L_x.

    Age x is taken as born in ``census_year - x``. Births before the first recorded year are taken equal to those of
    that year, so that within the older age groups the weight is L_x alone; the record must reach the census year.

    Parameters
    ----------
    births : array (year,), births of consecutive calendar years, above 0, any unit
    first_year, census_year : calendar years of the first entry and of the count
    Lx : array (age,), person-years

    Examples
    --------
    >>> cohort_weights([10, 20, 30], 2008, 2010, [0.9, 0.8, 0.8, 0.7, 1.5])
    array([27., 16.,  8.,  7., 15.])
    """
    births = numbers("births", births, low=np.nextafter(0, 1))
    Lx = numbers("Lx", Lx, low=0.0)
    last_year = first_year + len(births) - 1
    if not first_year <= census_year <= last_year:
        raise ValueError(f"births: {first_year}-{last_year} does not contain the year {census_year}")
    return births[np.maximum(census_year - first_year - np.arange(len(Lx)), 0)] * Lx


def graduate(totals: ArrayLike, age_starts: ArrayLike, weights: ArrayLike) -> FloatArray:
    """Open age groups into persons at single ages in proportion to weights; every group keeps its sum.

    ValueError also for a group with persons whose weights are all 0.

    Parameters
    ----------
    totals : array (group, ...), persons; the last group is open (for example 85 and over)
    age_starts : array (group,), lower ages, from 0
    weights : array (age,), for example `cohort_weights`. The last group is spread over its ages by them too, so give
        plain L_x there when births of those cohorts are unknown.

    Examples
    --------
    >>> graduate([30, 12], [0, 2], [1, 2, 3, 2, 1])
    array([10., 20.,  6.,  4.,  2.])
    """
    ages = starts(age_starts)
    totals, weights = numbers("totals", totals, low=0.0), numbers("weights", weights, low=0.0)
    if totals.ndim == 0 or len(totals) != len(ages):
        raise ValueError(f"totals: {totals.shape} does not fit {len(ages)} age groups")
    if weights.ndim != 1 or len(weights) <= ages[-1]:
        raise ValueError(f"weights: {weights.shape} does not reach the age {ages[-1]}")
    sums = append_axes(np.add.reduceat(weights, ages), totals.ndim)
    if ((sums == 0) & (totals > 0)).any():
        raise ValueError("weights: an age group with persons has no weight at any of its ages")
    per_weight = np.repeat(_over(totals, sums), np.diff(np.append(ages, len(weights))), axis=0)
    return append_axes(weights, totals.ndim) * per_weight
