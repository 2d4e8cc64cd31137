"""The project and a run of the city with few draws, which no test changes."""

from __future__ import annotations

from pathlib import Path

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
