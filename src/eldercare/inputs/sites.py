"""The optional tables of meal points and villages with coordinates: what they need of each other."""

from __future__ import annotations

from eldercare.inputs.problems import Problem, _
from eldercare.inputs.project import Project
from eldercare.inputs.tables import FOLDER

SITES, PLACES = "meal_point_sites", "meal_demand_places"


def stored_problems(project: Project) -> list[Problem]:
    """Return the faults that only show when both tables are looked at; none when there is none.

    It must be known where the elders live: from the table of places, or from every row of the table of sites.
    """
    tables, file = project.tables, f"{FOLDER}/{SITES}.csv"
    if SITES not in tables:
        message = _("file not found; {table} alone says nothing of meal points", table=f"{PLACES}.csv")
        return [Problem(file, message=message)] if PLACES in tables else []
    if PLACES in tables:
        return []
    elders = tables[SITES]["elders"]
    message = _(
        "empty; give the elders of every site, or a table {table} that says where they live", table=f"{PLACES}.csv"
    )
    return [Problem(f"{file} row {i + 2}", "elders", message=message) for i in elders.index[elders.isna()]]
