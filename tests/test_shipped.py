"""Facts, rows, scenarios and notebooks of a user's own change nothing that tests look at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eldercare.inputs import load_project
from eldercare.inputs.joint import doubts
from tests.shipped import PROJECT, ROOT, inputs, listed, own, without_own

FACTS = """facts:
  # what the bureau counted
  supply.institution_beds:
    set: 5200
    interval: none
    evidence: official
    source: OWN2024
    locator: "table 3"

# of the same table
  beds.occupancy_institution: {set: 0.61, interval: [0.5, 0.7], evidence: official, source: OWN2024, locator: "table 4"}
"""
ROWS = {
    "sources": "OWN2024,County bulletin 2024,Bureau of civil affairs,2025-03-01,,,official",
    "bed_changes": "2023,deqing,institution,open,300,OWN2024,table 3,official,",
    "registered_population": "deqing,2024,2024-12-31,registered_60plus,141000,persons,true,OWN2024,official,",
}
SCENARIO = "scenario: mine\nlabel: {en: Mine, zh: 试算}\ndescription: {en: Mine., zh: 试算。}\nchanges: {}\n"


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """Return a project in which a user has put what is his in every place where it may stand."""
    shutil.copytree(ROOT, project := tmp_path / "project", ignore=lambda folder, names: _beside(Path(folder), names))
    county = project / "config/counties/deqing.yaml"
    county.write_text(county.read_text(encoding="utf-8").replace("facts: {}\n", FACTS), encoding="utf-8")
    for name, row in ROWS.items():
        with (project / "data/raw" / f"{name}.csv").open("a", encoding="utf-8") as stream:
            stream.write(f"{row}\n")
    (project / "config/scenarios/mine.yaml").write_text(SCENARIO, encoding="utf-8")
    shutil.copy(project / "notebooks/03_beds.ipynb", project / "notebooks/10_mine.ipynb")
    shutil.copy(project / "analysis/example.ipynb", project / "analysis/mine.ipynb")
    return project


def _beside(folder: Path, names: list[str]) -> list[str]:
    return [name for name in names if folder == ROOT and name not in ("config", "data", "notebooks", "analysis")]


def test_what_a_user_adds_is_left_out_by_tests_and_nothing_else(used, tmp_path):
    assert load_project(used).counties["deqing"].facts and doubts(load_project(used)) == []
    assert own(used) == [
        "analysis/mine.ipynb",
        "config/counties/deqing.yaml",
        "config/scenarios/mine.yaml",
        "data/raw/bed_changes.csv",
        "data/raw/registered_population.csv",
        "data/raw/sources.csv",
        "notebooks/10_mine.ipynb",
    ]
    assert dict(inputs(without_own(used, tmp_path / "bare"))) == dict(inputs(ROOT))


def test_all_that_ships_is_looked_at():
    assert own(ROOT) == [] and list(listed()) == [name for name, _ in inputs(ROOT)]
    assert {path.name for path in ROOT.iterdir()} >= {path.name for path in PROJECT.iterdir()}
