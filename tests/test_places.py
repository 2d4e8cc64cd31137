"""The package knows no place, no year of a report and no figure of one: they come from config and data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eldercare.inputs import load_project

ENDINGS = {".py", ".yaml", ".css", ".js", ".j2", ".po"}
# Figures that the report of the shipped city prints, its year and that of the census.
FIGURES = re.compile(r"39[,_]?467|25[,_]?097|14[,_]?370|24[,_]?987|\b(2018|2020)\b")


@pytest.fixture(scope="module")
def sources(root: Path) -> dict[str, str]:
    files = sorted(file for file in (root / "src").rglob("*") if file.suffix in ENDINGS)
    return {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in files}


def test_no_name_of_a_place_stands_in_the_package(root: Path, sources: dict[str, str]):
    project = load_project(root)
    city = project.city
    areas = [city.id, city.neighbours.sex_by_age, city.neighbours.meals, *project.counties]
    names = {name for area in project.areas for name in (project.label(area, "en"), project.label(area, "zh"))}
    short = {name.rstrip("市县区") for name in names if len(name) > 2}
    pattern = re.compile("|".join(map(re.escape, {*areas, *names, *short})), re.IGNORECASE)
    found = {f"{file}: {hit[0]}" for file, text in sources.items() for hit in pattern.finditer(text)}
    assert found == set()


def test_no_year_and_no_figure_of_a_report_stands_in_the_package(sources: dict[str, str]):
    found = {f"{file}: {hit[0]}" for file, text in sources.items() for hit in FIGURES.finditer(text)}
    assert found == set()
