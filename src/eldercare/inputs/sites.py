"""The optional tables of meal points and villages with coordinates: what they need of each other."""

from __future__ import annotations

from eldercare.inputs.errors import InputError, Problem
from eldercare.inputs.project import Project
from eldercare.inputs.tables import FOLDER

SITES, PLACES = "meal_point_sites", "meal_demand_places"


def stored_problems(project: Project) -> list[Problem]:
    """Return the faults of the tables in data/raw that only show when both are looked at; none when there is none.

    It must be known where the elders live: from the table of places, or from every row of the table of sites.
    """
    if SITES not in project.tables:
        if PLACES not in project.tables:
            return []
        return [
            Problem(f"{FOLDER}/{SITES}.csv", message=f"file not found; {PLACES}.csv alone says nothing of meal points")
        ]
    try:
        elders = project.table(SITES)["elders"]
        if PLACES in project.tables:
            project.table(PLACES)
            return []
    except InputError as error:
        return error.problems
    message = f"empty; give the elders of every site, or a table {PLACES}.csv that says where they live"
    return [
        Problem(f"{FOLDER}/{SITES}.csv row {i + 2}", "elders", message=message) for i in elders.index[elders.isna()]
    ]
