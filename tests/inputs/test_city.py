"""The city's file: read strictly, held against the counties, and what the project takes from it."""

from __future__ import annotations

import pytest

from eldercare.inputs import InputError, load_project


def change(project_copy, old: str, new: str) -> None:
    path = project_copy / "config" / "city.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_project_names_its_areas_and_their_labels(root):
    project = load_project(root)
    assert project.areas == (project.city.id, *project.counties)
    assert project.label(project.city.id, "zh") == project.city.label["zh"]
    assert project.label(next(iter(project.counties)), "en") == next(iter(project.counties.values())).label["en"]


def test_every_area_source_and_indicator_of_the_city_stands_in_the_tables(root):
    project = load_project(root)
    city = project.city
    named = {
        city.id,
        city.country,
        *city.neighbours.model_dump().values(),
        *(pattern.area for _, pattern in city.dependency_patterns),
    }
    assert named <= set(project.table("areas")["area"])
    assert set(city.norms) <= set(project.table(city.report.table)["indicator"])
    assert {count.indicator for count in city.registered_counts} <= set(
        project.table("registered_population")["indicator"]
    )
    assert city.map is not None and set(city.map.tiles) == set(project.counties)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("near_year:", "next_year:", "next_year: unknown key"),
        ('code: "330500"', "code: 330500", "code = 330500: must be a text"),
        (
            "  - {indicator: registered_60plus, year: 2019",
            "  - {indicator: registered_60plus",
            "registered_counts.0.year",
        ),
        ("target_year: 2035", "target_year: 2029", "must follow each other"),
        ("[2020, 2025,", "[2025, 2020,", "years must rise"),
        ("sources: [SEED,", "sources: [SEAD,", "is not registered in data/raw/sources.csv (did you mean SEED?)"),
        ("    anji: {rows", "    anjii: {rows", "unknown county; allowed are"),
        ("id: huzhou", "id: deqing", "is the name of a county too"),
    ],
)
def test_a_fault_of_the_city_is_one_clear_line(project_copy, old, new, message):
    change(project_copy, old, new)
    with pytest.raises(InputError) as error:
        load_project(project_copy)
    assert message in str(error.value)
    assert "config/" in str(error.value).partition(":")[0]


def test_without_its_file_nothing_is_loaded(project_copy):
    (project_copy / "config" / "city.yaml").unlink()
    with pytest.raises(InputError, match=r"config/city\.yaml: file not found"):
        load_project(project_copy)
