"""The table of bed changes: what its rows must fulfil together, beyond the check of each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eldercare.inputs.problems import Problem, _
from eldercare.inputs.project import Project

if TYPE_CHECKING:
    import pandas as pd

TABLE = "bed_changes"
FILE = f"data/raw/{TABLE}.csv"


def row_problems(table: pd.DataFrame, city: str) -> list[Problem]:
    """Return the faults of the rows: what cannot be converted, and counties that exceed the city's row."""
    problems = []
    wrong = table[(table["operation"] == "convert_to_nursing") & (table["bed_type"] != "institution")]
    message = _("only institution beds become nursing-type; allowed with convert_to_nursing: institution")
    for row, bed_type in zip(wrong.index, wrong["bed_type"], strict=True):
        problems.append(Problem(f"{FILE} row {row + 2}", "bed_type", bed_type, message))
    for group in dict(list(table.groupby(["year", "bed_type", "operation"]))).values():
        total, own = (group[(group["area"] == city) == is_city] for is_city in (True, False))
        if len(total) and own["beds"].sum() > total["beds"].sum() + 1e-9:
            message = _(
                "the counties' own rows of this year, bed type and operation add to {sum:,.0f}", sum=own["beds"].sum()
            )
            problems.append(Problem(f"{FILE} row {total.index[0] + 2}", "beds", float(total["beds"].sum()), message))
    return problems


def stored_problems(project: Project) -> list[Problem]:
    """Return the faults of the rows of the table in data/raw; none when there is no table."""
    return row_problems(project.table(TABLE), project.city.id) if project.has_rows(TABLE) else []
