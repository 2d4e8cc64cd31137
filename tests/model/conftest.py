"""The project and a run of the city with few draws, which no test changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from eldercare.inputs import Project, load_project
from eldercare.model import Results

FEW = {"run.draws": 60}


@pytest.fixture(scope="package")
def project(root: Path) -> Project:
    return load_project(root)


@pytest.fixture(scope="package")
def city(project: Project) -> Results:
    return Results(overrides=FEW, project=project)


@pytest.fixture(scope="package")
def run_with(project: Project) -> Callable[..., Results]:
    """Return a function that runs an area (the city) with changed values, dots as double underscores; each once."""
    kept: dict[object, Results] = {}

    def make(area: str | None = None, **changed: object) -> Results:
        key = (area, *sorted(changed.items()))
        if key not in kept:
            overrides = FEW | {name.replace("__", "."): value for name, value in changed.items()}
            kept[key] = Results(area, "baseline", overrides, project)
        return kept[key]

    return make


@pytest.fixture(scope="package")
def row() -> Callable[..., pd.Series]:
    """Return a function that gives the one row of a frame with the values given, of 2035 if no year is."""

    def find(frame: pd.DataFrame, year: int = 2035, **where: object) -> pd.Series:
        rows = frame[frame["year"] == year]
        for column, value in where.items():
            rows = rows[rows[column] == value]
        assert len(rows) == 1
        return rows.iloc[0]

    return find
