"""Coverage: who lives within reach of a site, and which new sites reach most people beside the existing ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

EARTH_RADIUS_KM = 6371.0088


def great_circle(lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike) -> np.ndarray:
    """Return great-circle distances in km between places and sites (haversine formula, mean radius of the Earth).

    Parameters
    ----------
    lon, lat : array_like, shape (places,)
        Degrees.
    to_lon, to_lat : array_like, shape (sites,)
        Degrees.

    Returns
    -------
    ndarray, shape (places, sites)

    Examples
    --------
    >>> great_circle([120.0], [30.0], [120.0], [31.0]).round(2).tolist()
    [[111.2]]
    """
    lon, lat = np.radians(np.asarray(lon, dtype=float))[:, None], np.radians(np.asarray(lat, dtype=float))[:, None]
    to_lon, to_lat = np.radians(np.asarray(to_lon, dtype=float)), np.radians(np.asarray(to_lat, dtype=float))
    half = np.sin((to_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))


def covered_share(persons: ArrayLike, covered: ArrayLike) -> float:
    """Return the share of persons who live in covered places.

    Examples
    --------
    >>> covered_share([100, 300], [True, False])
    0.25
    """
    persons = np.asarray(persons, dtype=float)
    return float(persons[np.asarray(covered, dtype=bool)].sum() / persons.sum())


def best_sites(
    persons: ArrayLike, reached: ArrayLike, new: int, covered: ArrayLike | None = None
) -> tuple[list[int], np.ndarray]:
    """Return the candidate sites that together reach most people who are not covered yet.

    The maximal covering location problem (Church & ReVelle 1974, Papers of the Regional Science Association 32),
    solved exactly as a mixed-integer programme by HiGHS.

    Parameters
    ----------
    persons : array_like, shape (places,)
        Persons living in each place.
    reached : array_like of bool, shape (places, candidates)
        Whether a place lies within reach of a candidate site.
    new : int
        Sites to choose at most.
    covered : array_like of bool, shape (places,), optional
        Places that existing sites cover.

    Returns
    -------
    chosen : list of int
        Positions of the chosen candidates, those that add most people first; sites that add nobody are left out.
    added : ndarray, shape (chosen,)
        Persons that each adds to the ones before it.

    Raises
    ------
    ValueError
        If shapes do not agree or persons are negative.
    RuntimeError
        If the solver finds no proven optimum.

    Examples
    --------
    >>> chosen, added = best_sites([10, 20, 30], [[1, 0], [1, 0], [0, 1]], 1)
    >>> chosen in ([0], [1]), added.tolist()
    (True, [30.0])
    """
    persons = np.asarray(persons, dtype=float)
    reached = np.asarray(reached, dtype=bool)
    open_ = np.ones(persons.size, dtype=bool) if covered is None else ~np.asarray(covered, dtype=bool)
    if reached.ndim != 2 or reached.shape[0] != persons.size or open_.size != persons.size or np.any(persons < 0):
        raise ValueError("persons, reached and covered must agree in places, and persons must not be negative")
    # Only uncovered places within reach of some candidate can be gained.
    gain = open_ & reached.any(axis=1) & (persons > 0)
    if new < 1 or not gain.any():
        return [], np.zeros(0)
    reach, people = csr_array(reached[gain].astype(float)), persons[gain]
    places, sites = reach.shape
    # Variables: open site (whole), then covered place (follows from the sites, so it need not be whole).
    limit = csr_array(np.concatenate([np.ones(sites), np.zeros(places)])[None, :])
    cover = hstack([-reach, eye_array(places)])
    result = milp(
        np.concatenate([np.zeros(sites), -people]),
        integrality=np.concatenate([np.ones(sites), np.zeros(places)]),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            vstack([limit, cover]).tocsr(), -np.inf, np.concatenate([[new], np.zeros(places)])
        ),
        options={"mip_rel_gap": 0.0},
    )
    if not result.success:
        raise RuntimeError(f"no proven optimum: {result.message}")
    pool = set(np.flatnonzero(result.x[:sites] > 0.5).tolist())
    return _by_gain(pool, reached[gain], people)


def _by_gain(pool: set[int], reached: np.ndarray, people: np.ndarray) -> tuple[list[int], np.ndarray]:
    chosen, added, left = [], [], np.ones(people.size, dtype=bool)
    while pool:
        gains = {site: people[left & reached[:, site]].sum() for site in sorted(pool)}
        best = max(gains, key=gains.get)
        if gains[best] <= 0:
            break
        chosen.append(best)
        added.append(gains[best])
        left &= ~reached[:, best]
        pool.remove(best)
    return chosen, np.array(added)
