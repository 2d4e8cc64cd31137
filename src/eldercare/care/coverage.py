"""Coverage: who lives within reach of a site, and which new sites reach most people beside the existing ones."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from eldercare.care._checks import FloatArray, floats

EARTH_RADIUS_KM = 6371.0088


def great_circle(lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike) -> FloatArray:
    """Return great-circle distances in km, array (places, sites), between places and sites given in degrees.

    Haversine formula, mean radius of the Earth.

    Examples
    --------
    >>> great_circle([120.0], [30.0], [120.0], [31.0]).round(2).tolist()
    [[111.2]]
    """
    east, north = np.radians(floats(lon))[:, None], np.radians(floats(lat))[:, None]
    to_east, to_north = np.radians(floats(to_lon)), np.radians(floats(to_lat))
    half = np.sin((to_north - north) / 2) ** 2 + np.cos(north) * np.cos(to_north) * np.sin((to_east - east) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))


def best_sites(persons: ArrayLike, reached: ArrayLike, new: int, covered: ArrayLike) -> tuple[list[int], FloatArray]:
    """Return the candidate sites that together reach most people who are not covered yet, and the persons each adds.

    The maximal covering location problem (Church & ReVelle 1974, Papers of the Regional Science Association 32), solved
    exactly as a mixed-integer programme by HiGHS. The positions of the chosen candidates come with those first that add
    most people to the ones before them; sites that add nobody are left out. RuntimeError if the solver finds no proven
    optimum.

    Parameters
    ----------
    persons : array (places,), persons living in each place, not negative
    reached : array of bool (places, candidates), whether a place lies within reach of a candidate site
    new : sites to choose at most
    covered : array of bool (places,), places that existing sites cover

    Examples
    --------
    >>> best_sites([10, 20, 30], [[1, 0], [1, 0], [0, 1]], 2, [False] * 3)[1].tolist()
    [30.0, 30.0]
    """
    people, reach = floats(persons), np.asarray(reached, dtype=bool)
    # Only uncovered places within reach of some candidate can be gained.
    gained = ~np.asarray(covered, dtype=bool) & reach.any(axis=1) & (people > 0)
    people, reach = people[gained], reach[gained]
    places, sites = reach.shape
    if not places:
        return [], np.zeros(0)
    # Variables: open site (whole), then covered place (follows from the sites, so it need not be whole).
    no_more = csr_array(np.concatenate([np.ones(sites), np.zeros(places)])[None, :])
    by_a_site = hstack([-csr_array(reach.astype(float)), eye_array(places)])
    rows, most = vstack([no_more, by_a_site]).tocsr(), np.concatenate([[new], np.zeros(places)])
    result = milp(
        np.concatenate([np.zeros(sites), -people]),
        integrality=np.concatenate([np.ones(sites), np.zeros(places)]),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, -np.inf, most),
        options={"mip_rel_gap": 0.0},
    )
    if not result.success:
        raise RuntimeError(f"no proven optimum: {result.message}")
    added: dict[int, float] = {}
    for _ in range(new):
        gains = np.where(result.x[:sites] > 0.5, people @ reach, 0.0)
        best = int(gains.argmax())
        if gains[best] > 0:
            added[best] = float(gains[best])
            people = np.where(reach[:, best], 0.0, people)
    return list(added), np.array(list(added.values()))
