"""The cheapest mix of what to open: whole units by county, kind and year that meet what is missing."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from eldercare.care._checks import FloatArray

# How far a plan in whole units may be from the best one, as a part of it; within a budget a proof takes too long.
GAP, NEAR = 1e-5, 1e-3
TOLERANCE, MILLION = 1e-7, 1e6


@dataclass(frozen=True)
class Mix:
    """What is missing, and what a unit of each kind does for it and costs.

    Attributes
    ----------
    provides : array (counties, needs, kinds), what a unit meets of a need; below 0 where it asks for more of it
    missing : array (counties, needs, years), to be met by the end of each year beyond what there is; below 0 is none
    need : array (counties, needs, years), all there is of the need; 0 where it is a condition and no service
    opening, running : arrays (counties, kinds), yuan when a unit opens, and in that and every later year
    worth : array (years,), what a yuan of the year counts
    most : array (counties, kinds), units that can open
    apart : no county's share of a need met lies further below the city's, 0 to 1
    """

    provides: FloatArray
    missing: FloatArray
    need: FloatArray
    opening: FloatArray
    running: FloatArray
    worth: FloatArray
    most: FloatArray
    apart: float = 1.0


class Solution(NamedTuple):
    """A plan: ``units`` open by the end of each year (counties, kinds, years), ``served`` of each need as missing.

    ``cost`` is its present value, ``service`` the share of the need met, mean of needs and years. The relaxed problem
    has prices: ``place_prices`` yuan for one more of a need, as missing; ``yuan_prices`` (years,), service for one more
    yuan in the budget.
    """

    units: FloatArray
    served: FloatArray
    cost: float
    service: float
    place_prices: FloatArray | None
    yuan_prices: FloatArray | None


def joint_quantile(values: FloatArray, chance: float) -> FloatArray:
    """Return by row and year what no row exceeds in a part ``chance`` of the draws, of arrays (rows, years, draws).

    All rows of a year take the same rank among their draws: the sample average of a joint chance constraint
    (Luedtke & Ahmed 2008, SIAM Journal on Optimization 19(2): 674-699), kept linear.

    Examples
    --------
    >>> joint_quantile(np.array([[[1.0, 2, 3, 4]], [[1.0, 2, 4, 3]]]), 0.5).tolist()
    [[2.0], [2.0]]
    """
    ranks = np.sort(values.argsort(axis=-1).argsort(axis=-1).max(axis=0), axis=-1)
    rank = ranks[:, int(np.ceil(chance * values.shape[-1] - TOLERANCE)) - 1]
    return np.take_along_axis(np.sort(values, axis=-1), rank[None, :, None], axis=-1)[..., 0]


def spent(opening: FloatArray, running: FloatArray, units: FloatArray) -> FloatArray:
    """Return yuan by county, kind and year of units open by the end of each year; further axes of ``units`` stay."""
    wide = (..., *(None,) * (units.ndim - 2))
    return opening[wide] * np.diff(units, axis=2, prepend=0) + running[wide] * units


def cheapest(mix: Mix, budget: float | None = None, *, whole: bool = True, near: float = NEAR) -> Solution:
    """Return the cheapest plan that meets all that is missing, or the most that a yearly budget (yuan) can meet.

    Of plans that meet the most, in whole units up to a part ``near`` of what they add, it is the cheapest. ``whole``
    false gives the linear relaxation and its prices. ValueError if no plan meets the conditions.
    """
    # Slow to import, and not needed by who asks for no plan.
    from scipy.optimize import linprog

    missing, all_need = np.maximum(mix.missing, 0.0), mix.need.sum(axis=0)
    (counties, _, years), kinds = missing.shape, mix.most.shape[1]
    size = counties * kinds * years
    # Every linear expression is an array whose last axis holds its coefficients.
    one = np.eye(size + missing.size)
    units, served = one[:size].reshape(counties, kinds, years, -1), one[size:].reshape(*missing.shape, -1)
    own, whole_need = (np.where(of > 0, of, np.inf) for of in (mix.need, all_need))
    weight = 1 / whole_need / max((all_need > 0).sum(), 1)
    yuan = spent(mix.opening, mix.running, units)
    service, cost = np.einsum("crtn,rt->n", served, weight), np.einsum("cktn,t->n", yuan, mix.worth)
    rows = [served - np.einsum("crk,cktn->crtn", mix.provides, units), -np.diff(units, axis=2)]
    limits = [np.zeros(row.shape[:-1]) for row in rows]
    rows.append(served.sum(axis=0) / whole_need[..., None] - served / own[..., None])
    limits.append(mix.apart + missing.sum(axis=0) / whole_need - missing / own)

    def solved(goal: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the least of a goal, and what one more on the right of each row takes off it."""
        scale = np.abs(goal).max() or 1.0
        least = np.append(np.zeros(size), missing if budget is None else 0 * missing)
        found = linprog(
            goal / scale,
            np.concatenate([row.reshape(-1, len(goal)) for row in rows]),
            np.concatenate([limit.ravel() for limit in limits]),
            bounds=np.stack([least, np.append(np.repeat(mix.most, years), missing)], axis=1),
            integrality=np.arange(len(goal)) < size if whole else None,
            options={"mip_rel_gap": GAP if budget is None else near},
        )
        if found.x is None:
            raise ValueError("no plan meets the conditions")
        return found.x, -found.ineqlin.marginals * scale

    yuan_prices = None
    if budget is not None:
        rows.append(yuan.sum(axis=(0, 1)) / MILLION)
        limits.append(np.full(years, budget / MILLION))
        values, prices = solved(-service)
        yuan_prices = None if whole else prices[-years:] / MILLION
        rows.append(-service[None] / (service.max() or 1.0))
        limits.append((1 - near * whole) * (rows[-1] @ values) + TOLERANCE)
    values, prices = solved(cost)
    opened = np.round(values[:size]) if whole else values[:size]
    share = float(service @ values + (weight * (mix.need - missing)).sum())
    places = None if whole else prices[: missing.size].reshape(missing.shape)
    return Solution(
        opened.reshape(units.shape[:-1]),
        values[size:].reshape(missing.shape),
        float(cost[:size] @ opened),
        share,
        places,
        yuan_prices,
    )
