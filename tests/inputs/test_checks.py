"""Configuration held against data: one line for each thing that one of the two lacks."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from eldercare.cli import main
from eldercare.inputs import load_project
from eldercare.inputs.checks import input_problems


@pytest.fixture
def copy(project_copy, monkeypatch) -> Path:
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    return project_copy


def lines(root: Path) -> list[str]:
    return [str(problem) for problem in input_problems(load_project(root))]


def add_county(root: Path, name: str, code: str) -> None:
    text = f'county: {name}\ncode: "{code}"\nlabel: {{en: {name.title()}, zh: 南太湖新区}}\nfacts: {{}}\n'
    (root / "config/counties" / f"{name}.yaml").write_text(text, encoding="utf-8")


def rows_of(root: Path, name: str, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
    """Change the rows of a table."""
    path = root / "data/raw" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))


def without(root: Path, name: str, **values: str) -> None:
    rows_of(root, name, lambda rows: [row for row in rows if any(row[key] != value for key, value in values.items())])


def test_the_shipped_inputs_have_no_fault(root):
    assert lines(root) == []


def test_a_county_without_rows_is_told_in_one_line_that_says_which_it_needs(copy, capsys):
    add_county(copy, "nantaihu", "330571")
    (line,) = lines(copy)
    assert line == (
        "config/counties/nantaihu.yaml: area = 'nantaihu': rows are missing: data/raw/areas.csv; "
        "data/raw/census_totals.csv year 2010, 2020; data/raw/census_counties.csv indicator resident_population, "
        "males_per_100_females, registered_elsewhere_same_province_share, registered_in_other_province_share; "
        "data/raw/census_age_shares.csv age_group 0 ... 85+ (19); data/raw/geography.csv indicator land_area"
    )
    for command in (["check"], ["run", "--area", "nantaihu", "-q"]):
        assert main(command) == 2
        assert capsys.readouterr().err == line + "\n"


def test_a_county_of_the_tables_that_config_does_not_know_is_told(copy):
    (copy / "config/counties/anji.yaml").unlink()
    for name in ("closing", "low_migration", "planned_pipeline"):
        (copy / f"config/scenarios/{name}.yaml").unlink()
    file = copy / "config/city.yaml"
    text = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line for line in text if not line.startswith("    anji:")), encoding="utf-8")
    found = [line for line in lines(copy) if "anji" in line and "add to" not in line]
    assert found == [
        "data/raw/areas.csv row 7: area = 'anji': a county of huzhou without a file config/counties/anji.yaml"
    ]


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (
            lambda root: rows_of(
                root,
                "report_2018",
                lambda rows: [r | {"indicator": r["indicator"].replace("meal_points", "meal_point")} for r in rows],
            ),
            "row 18: indicator = 'meal_point': allowed are beds_total, ... (did you mean meal_points?)",
        ),
        (
            lambda root: without(root, "report_2018", indicator="care_worker_trainees"),
            "config/city.yaml: area = 'huzhou': rows are missing: data/raw/report_2018.csv indicator care_worker_",
        ),
        (
            lambda root: without(root, "geography", area="deqing", indicator="land_area"),
            "config/counties/deqing.yaml: area = 'deqing': rows are missing: data/raw/geography.csv indicator land",
        ),
        (
            lambda root: without(
                root, "registered_population", area="huzhou", indicator="registered_60plus", year="2019"
            ),
            "config/city.yaml: registered_counts = 'huzhou / registered_60plus / 2019': no row of area / indicator / "
            "year in data/raw/registered_population.csv",
        ),
        (
            lambda root: without(root, "care_evidence", area="jiaxing"),
            "config/city.yaml: neighbours.meals = 'jiaxing': no row of area in data/raw/care_evidence.csv",
        ),
    ],
)
def test_what_the_model_needs_and_data_has_not_is_told_in_one_line(copy, make, wanted):
    make(copy)
    (line,) = lines(copy)
    start, _, end = wanted.partition("...")
    assert start in line and line.endswith(end)


def test_a_link_to_another_folder_is_not_read(copy, tmp_path):
    (copy / "data/raw/places.csv").rename(tmp_path / "places.csv")
    (copy / "data/raw/places.csv").symlink_to(tmp_path / "places.csv")
    assert lines(copy) == ["data/raw/places.csv: lies outside data/raw; only files of this folder are read"]


def test_what_was_found_sound_is_checked_again_after_any_change_of_data_or_counties(copy):
    assert lines(copy) == [] and load_project(copy).tables.folder.sound
    (copy / "data/raw/places.csv").write_text("area\n", encoding="utf-8")
    assert not load_project(copy).tables.folder.sound and lines(copy) != []
