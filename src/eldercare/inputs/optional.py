"""Optional tables: what rows of bed changes, and those of meal points and villages, owe beyond the check of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eldercare.inputs.problems import Problem, _
from eldercare.inputs.project import Project
from eldercare.inputs.tables import FOLDER

if TYPE_CHECKING:
    import pandas as pd

BED_CHANGES, SITES, PLACES = "bed_changes", "meal_point_sites", "meal_demand_places"
BED_CHANGES_FILE = f"{FOLDER}/{BED_CHANGES}.csv"


def row_problems(table: pd.DataFrame, city: str) -> list[Problem]:
    """Return the faults of rows of bed changes: what cannot be converted, and counties that exceed the city's row."""
    problems = []
    wrong = table[(table["operation"] == "convert_to_nursing") & (table["bed_type"] != "institution")]
    message = _("only institution beds become nursing-type; allowed with convert_to_nursing: institution")
    for row, bed_type in zip(wrong.index, wrong["bed_type"], strict=True):
        problems.append(Problem(f"{BED_CHANGES_FILE} row {row + 2}", "bed_type", bed_type, message))
    for _group, rows in table.groupby(["year", "bed_type", "operation"]):
        total, own = (rows[(rows["area"] == city) == is_city]["beds"] for is_city in (True, False))
        if len(total) and own.sum() > total.sum() + 1e-9:
            message = _("the counties' own rows of this year, bed type and operation add to {sum:,.0f}", sum=own.sum())
            problems.append(
                Problem(f"{BED_CHANGES_FILE} row {total.index[0] + 2}", "beds", float(total.sum()), message)
            )
    return problems


def bed_problems(project: Project) -> list[Problem]:
    """Return the faults of the rows of bed changes; none when there is no table."""
    return row_problems(project.table(BED_CHANGES), project.city.id) if project.has_rows(BED_CHANGES) else []


def site_problems(project: Project) -> list[Problem]:
    """Return the faults of the tables of meal points and villages that only show when both are looked at.

    It must be known where the elders live: from the table of places, or from every row of the table of sites.
    """
    tables, file, places = project.tables, f"{FOLDER}/{SITES}.csv", f"{PLACES}.csv"
    if PLACES in tables:
        message = _("file not found; {table} alone says nothing of meal points", table=places)
        return [] if SITES in tables else [Problem(file, message=message)]
    if SITES not in tables:
        return []
    elders = tables[SITES]["elders"]
    message = _("empty; give the elders of every site, or a table {table} that says where they live", table=places)
    return [Problem(f"{file} row {i + 2}", "elders", message=message) for i in elders.index[elders.isna()]]
