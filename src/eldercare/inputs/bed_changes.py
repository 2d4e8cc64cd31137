"""The table of bed changes: what its rows must fulfil together, beyond the check of each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eldercare.inputs.errors import InputError, Problem
from eldercare.inputs.project import CITY, Project

if TYPE_CHECKING:
    import pandas as pd

TABLE = "bed_changes"
FILE = f"data/raw/{TABLE}.csv"


def row_problems(table: pd.DataFrame) -> list[Problem]:
    """Return the faults of the rows: what cannot be converted, and counties that exceed the city's row."""
    problems = []
    wrong = table[(table["operation"] == "convert_to_nursing") & (table["bed_type"] != "institution")]
    for row in wrong.itertuples():
        message = "only institution beds become nursing-type; allowed with convert_to_nursing: institution"
        problems.append(Problem(f"{FILE} row {row.Index + 2}", "bed_type", row.bed_type, message))
    for _, group in table.groupby(["year", "bed_type", "operation"]):
        city, own = (group[(group["area"] == CITY) == is_city] for is_city in (True, False))
        if len(city) and own["beds"].sum() > city["beds"].sum() + 1e-9:
            message = f"the counties' own rows of this year, bed type and operation add to {own['beds'].sum():,.0f}"
            problems.append(Problem(f"{FILE} row {city.index[0] + 2}", "beds", float(city["beds"].sum()), message))
    return problems


def stored_problems(project: Project) -> list[Problem]:
    """Return the faults of the rows of the table in data/raw; none when there is no table."""
    try:
        return row_problems(project.table(TABLE)) if project.has_rows(TABLE) else []
    except InputError as error:
        return error.problems
