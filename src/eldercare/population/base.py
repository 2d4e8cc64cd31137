"""The base population: a table fitted to its margins, and age groups opened into single years."""

import numpy as np
from numpy.typing import ArrayLike

from eldercare.population.life_table import append_axes

# Largest difference left between a margin and its target, over the grand total, and rounds before giving up.
TOLERANCE = 1e-10
ROUNDS = 1000


def iterative_proportional_fitting(seed: ArrayLike, rows: ArrayLike, columns: ArrayLike) -> np.ndarray:
    """Fit a table (row, column) to row and column totals while keeping the association of a seed.

    Deming & Stephan (1940), Annals of Mathematical Statistics 11(4). ValueError for negative numbers and for totals
    that no scaling meets.

    Parameters
    ----------
    seed : array (row, column), not negative; a zero stays zero
    rows, columns : array (row,), (column,), totals wanted; both add to the same number

    Examples
    --------
    >>> iterative_proportional_fitting([[1, 2], [3, 4]], rows=[50, 50], columns=[40, 60]).round(3)
    array([[17.577, 32.423],
           [22.423, 27.577]])
    """
    table, rows, columns = np.array(seed, dtype=np.float64), np.asarray(rows), np.asarray(columns)
    if min(table.min(), rows.min(), columns.min()) < 0:
        raise ValueError("the seed or a total to be fitted is negative")
    for _ in range(ROUNDS):
        table *= _over(rows, table.sum(axis=1))[:, None]
        table *= _over(columns, table.sum(axis=0))
        # The columns fit after the second scaling, so only the rows can still be off.
        if np.abs(table.sum(axis=1) - rows).max() <= TOLERANCE * max(rows.sum(), 1.0):
            return table
    raise ValueError(f"no convergence in {ROUNDS} rounds: do totals differ, or zeros of the seed forbid them?")


def _over(targets: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Targets over sums; 0 where the sum is 0, whose target is then 0 or cannot be met."""
    return np.divide(targets, sums, out=np.zeros(np.broadcast_shapes(targets.shape, sums.shape)), where=sums > 0)


def cohort_weights(births: ArrayLike, first_year: int, census_year: int, Lx: ArrayLike) -> np.ndarray:
    """Weight of each single age at a census: births of its cohort times the life table's L_x.

    Age x is taken as born in ``census_year - x``. Births before the first recorded year are taken equal to those of
    that year, so that within the older age groups the weight is L_x alone. ValueError for a record that does not
    reach the census year.

    Parameters
    ----------
    births : array (year,), births of consecutive calendar years, any unit
    first_year, census_year : calendar years of the first entry and of the count
    Lx : array (age,), person-years

    Examples
    --------
    >>> cohort_weights([10, 20, 30], 2008, 2010, [0.9, 0.8, 0.8, 0.7, 1.5])
    array([27., 16.,  8.,  7., 15.])
    """
    births, Lx = np.asarray(births), np.asarray(Lx)
    last_year = first_year + len(births) - 1
    if not first_year <= census_year <= last_year:
        raise ValueError(f"births: {first_year}-{last_year} does not contain the year {census_year}")
    return births[np.maximum(census_year - first_year - np.arange(len(Lx)), 0)] * Lx


def graduate(totals: ArrayLike, age_starts: np.ndarray, weights: ArrayLike) -> np.ndarray:
    """Open age groups into persons at single ages in proportion to weights; every group keeps its sum.

    ValueError for a group with persons whose weights are all 0.

    Parameters
    ----------
    totals : array (group, ...), persons; the last group is open (for example 85 and over)
    age_starts : array (group,), lower ages, from 0
    weights : array (age,), for example `cohort_weights`. The last group is spread over its ages by them too, so give
        plain L_x there when births of those cohorts are unknown.

    Examples
    --------
    >>> graduate([30, 12], np.array([0, 2]), [1, 2, 3, 2, 1])
    array([10., 20.,  6.,  4.,  2.])
    """
    totals, weights = np.asarray(totals), np.asarray(weights, dtype=np.float64)
    sums = append_axes(np.add.reduceat(weights, age_starts), totals.ndim)
    if ((sums == 0) & (totals > 0)).any():
        raise ValueError("weights: an age group with persons has no weight at any of its ages")
    per_weight = np.repeat(_over(totals, sums), np.diff(np.append(age_starts, len(weights))), axis=0)
    return append_axes(weights, totals.ndim) * per_weight
