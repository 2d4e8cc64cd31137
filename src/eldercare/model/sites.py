"""Meal points with coordinates: elders within reach of the existing ones, and the best new sites beside them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eldercare.care.coverage import best_sites, great_circle
from eldercare.inputs.checks import PLACES, SITES, site_problems
from eldercare.inputs.problems import InputError, Problem, _, refuse
from eldercare.inputs.tables import FOLDER
from eldercare.model.run import Run


@dataclass(frozen=True)
class Catchment:
    """Reach of the meal points of an area.

    Attributes
    ----------
    places : where elders live: name, lon, lat, elders, ``now`` (reached by an existing point), ``then`` (with the new)
    existing, candidates : sites of the area as in the table
    chosen : new sites, those that add most elders first: site, name, area, lon, lat, ``added`` (elders)
    """

    places: pd.DataFrame
    existing: pd.DataFrame
    candidates: pd.DataFrame
    chosen: pd.DataFrame

    def share(self, when: str) -> float:
        """Return the share of the elders within reach ``now`` or ``then``, 0 to 1."""
        elders = self.places["elders"]
        return float(elders[self.places[when]].sum() / elders.sum())


def catchment(run: Run) -> Catchment | None:
    """Return the reach of the meal points of a run's area; None when data/raw holds no table of sites for it.

    InputError when it is not known where the elders live.
    """
    tables = run.project.tables
    if SITES not in tables:
        return None
    refuse(site_problems(run.project))
    settings, members = run.settings, run.members()
    sites = tables[SITES][tables[SITES]["area"].isin(members)]
    if sites.empty:
        return None
    places = _places(run, sites, members)
    radius = settings.number("meals.radius")
    existing, candidates = (sites[sites["kind"] == kind] for kind in ("existing", "candidate"))

    def within(some: pd.DataFrame) -> np.ndarray:
        return np.asarray(great_circle(places["lon"], places["lat"], some["lon"], some["lat"]) <= radius)

    now, reached = np.any(within(existing), axis=1), within(candidates)
    picked, added = best_sites(places["elders"], reached, settings.integer("meals.new_sites"), now)
    then = now | np.any(reached[:, picked], axis=1)
    chosen = candidates.iloc[picked].assign(added=added)
    return Catchment(places.assign(now=now, then=then), existing, candidates, chosen)


def _places(run: Run, sites: pd.DataFrame, members: tuple[str, ...]) -> pd.DataFrame:
    tables, columns = run.project.tables, ["name", "lon", "lat", "elders"]
    places = sites if PLACES not in tables else tables[PLACES][tables[PLACES]["area"].isin(members)]
    if not places["elders"].sum() > 0:
        where = f"{FOLDER}/{PLACES if PLACES in tables else SITES}.csv"
        raise InputError(Problem(where, "elders", message=_("holds no elders for {areas}", areas=", ".join(members))))
    return places[columns].reset_index(drop=True)
