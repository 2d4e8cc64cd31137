"""``eldercare new-city``: what it writes, what it leaves to be filled in, and how ``check`` tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eldercare.inputs import InputError, load_project
from eldercare.inputs.new_city import Place, new_city
from tests.invented import CITY, COUNTIES, PLACES, invented_city
from tests.site.faults import here


@pytest.fixture
def linhu(project_copy: Path) -> Path:
    """Return a new city in a copy of the project, as the command leaves it."""
    assert here(project_copy, "new-city", *PLACES)[0] == 0
    return project_copy / "cities" / CITY


def test_check_names_each_cell_that_is_still_empty_and_nothing_else(linhu: Path):
    status, out, error = here(linhu, "check")
    assert (status, out) == (2, "")
    assert all("empty; a value is required here" in line for line in error.splitlines())
    tables = {line.split()[0] for line in error.splitlines()}
    guide = (linhu / "data/raw/README.md").read_text(encoding="utf-8")
    assert tables == {f"data/raw/{line.split(',')[0][2:]}" for line in guide.splitlines() if line.startswith("* ")}
    assert all(any("\u4e00" <= sign for sign in line) for line in guide.splitlines() if line.startswith("*"))


def test_nothing_of_the_city_at_hand_is_left_but_what_says_where_it_comes_from(root: Path, linhu: Path):
    shipped = load_project(root)
    own = {*shipped.areas, "wuxing_excl_south_taihu"}
    for file in (linhu / "data/raw").glob("*.csv"):
        head, *rows = file.read_text(encoding="utf-8").splitlines()
        assert not head.startswith("area") or not {row.partition(",")[0] for row in rows} & own, file.name
    package = json.loads((linhu / "data/raw/datapackage.json").read_text(encoding="utf-8"))
    described = json.dumps([(one["title"], one["description"]) for one in package["resources"]])
    assert not any(shipped.label(area, "en") in described for area in shipped.areas)


def test_a_value_that_is_carried_over_is_an_assumption_in_both_languages(root: Path, project_copy: Path):
    shipped, city = load_project(root), load_project(invented_city(project_copy))
    assert city.city.launch_year == 2015 and city.areas == (CITY, *COUNTIES)
    chinese = {label["en"]: label["zh"] for label in city.city.chinese}
    for key, parameter in city.parameters.items():
        old = shipped.parameters[key]
        assert (parameter.evidence, parameter.value) == ("assumption", old.value)
        assert parameter.locator == f"carried over from Huzhou: {old.locator}"
        assert chinese[parameter.locator].startswith("借用湖州市：")
    assert city.scenarios.keys() == {name for name, one in shipped.scenarios.items() if not one.county_changes}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("linhu", "--county", "donghu=330902=东湖区"), "new-city: 'linhu': say id, six-digit code and name"),
        (("linhu=3309=临湖市", "--county", "a=330902=东湖区"), "say id, six-digit code and name"),
        (("linhu=330900=临湖市",), "--county: name at least one county"),
    ],
)
def test_a_place_that_is_none_is_told_and_nothing_is_written(project_copy: Path, words, told):
    status, out, error = here(project_copy, "new-city", *words)
    assert (status, out) == (2, "") and told in error
    assert not (project_copy / "cities").exists()


def test_a_folder_that_is_there_is_kept(project_copy: Path, linhu: Path):
    project = load_project(project_copy)
    before = {file: file.read_bytes() for file in linhu.rglob("*") if file.is_file()}
    with pytest.raises(InputError, match="cities/linhu: exists already"):
        new_city(project, Place(CITY, "330900", "临湖市"), [Place("donghu", "330902", "东湖区")], 2015)
    assert {file: file.read_bytes() for file in linhu.rglob("*") if file.is_file()} == before
