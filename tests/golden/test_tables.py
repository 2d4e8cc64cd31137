"""The published tables of every scenario: columns, rows and numbers are those that were last looked at."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pandas as pd
import pytest

from eldercare.inputs import Project, load_project
from eldercare.model import Results
from tests.shipped import ROOT

CITY = "huzhou"

TABLES = ("population", "beds", "care_need", "meals", "services", "crossing", "plan", "balance", "cost", "indicators")
YEARS = (2020, 2021, 2023, 2025, 2030, 2035, 2040, 2050)
BROAD = ("60+", "65+", "80+", "all")
SCENARIOS = [file.stem for file in sorted((ROOT / "config" / "scenarios").glob("*.yaml"))]


@pytest.fixture(scope="module")
def project(root) -> Project:
    return load_project(root)


@pytest.fixture(scope="module")
def runs(project) -> dict[str, Results]:
    return {}


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of milestone years and broad age groups: what is kept stays small enough to read as a diff."""
    if "year" in frame:
        frame = frame[frame["year"].isin(YEARS)]
    if "age_group" in frame:
        frame = frame[frame["age_group"].isin(BROAD) & (frame["sex"] == "total")]
    if {"way", "case", "indicator"} & {*frame}:
        frame = frame[frame["area"] == CITY]
    return frame.reset_index(drop=True)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_table_is_as_it_was(project, runs, scenario: str, table: str, golden: Callable[[str, str], str]):
    run = runs.setdefault(scenario, Results(CITY, scenario, project=project))
    frame = shown(run.everywhere(table))
    now = frame.to_csv(index=False, float_format="%.7g", lineterminator="\n")
    before = golden(f"tables/{scenario}/{table}.csv", now)
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(now)), pd.read_csv(StringIO(before)), rtol=2e-6, atol=1e-6)
