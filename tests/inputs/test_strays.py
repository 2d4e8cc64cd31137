"""Files beside the inputs: each that is not read gets one line in `check` and in `run`, and none stops anything."""

from __future__ import annotations

import shutil

import pytest

from eldercare.inputs import load_project
from eldercare.inputs.joint import doubts
from eldercare.publish.request import Request, check, notebooks_of

READ = "not read; read are config/city.yaml and names ending in .yaml in config/counties, "
TABLE = "not described in data/raw/datapackage.json, and so not read"
PAGE = "no page; a notebook's name has up to 80 small letters, digits and underscores"
STRAYS = {
    "config/counties/deqing.yml": (READ, "deqing.yaml"),
    "config/scenarios/my_plan.yaml.txt": (READ, ""),
    "config/scenarios/MY_PLAN.YAML": (READ, ""),
    "config/deqing.yaml": (READ, "deqing.yaml"),
    "config/county/deqing.yaml": (READ, "counties"),
    "config/counties/old/deqing.yaml": (READ, ""),
    "data/raw/beds.csv": (TABLE, ""),
    "data/raw/meal_point_sites.xlsx": (TABLE, "meal_point_sites.csv"),
    "data/raw/bed_changes.csv.txt": (TABLE, "bed_changes.csv"),
    "data/raw/MEAL_POINT_SITES.CSV": (TABLE, "meal_point_sites.csv"),
    "data/raw/old/areas.csv": (TABLE, ""),
    "notebooks/Untitled.ipynb": (PAGE, ""),
    "notebooks/03_beds-Copy1.ipynb": (PAGE, "03_beds.ipynb"),
    "notebooks/my analysis.ipynb": (PAGE, ""),
    "notebooks/old/03_beds.ipynb": (PAGE, ""),
}
OTHERS = ["._{}", ".#{}", "~$_{}", "{}~", "#{}#", ".{}.swp", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints/{}"]


def remarks(copy) -> list[str]:
    """Return the remarks; what `run` checks before it begins must find no fault."""
    project = load_project(copy)
    check(project, Request(scenarios=("baseline",), areas=(project.city.id,)))
    return [str(doubt) for doubt in doubts(project)]


@pytest.mark.parametrize("name", STRAYS)
def test_a_file_that_is_not_read_gets_one_line_and_stops_nothing(project_copy, name):
    path = project_copy / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("a: \xe9", encoding="latin-1")
    (line,) = remarks(project_copy)
    message, near = STRAYS[name]
    where = path if path.parent.name in ("config", "counties", "scenarios", "raw", "notebooks") else path.parent
    assert line.startswith(f"{where.relative_to(project_copy).as_posix()}: {message}")
    assert f"did you mean {near}?" in line if near else True


def test_what_other_programs_leave_behind_is_passed_over(project_copy):
    before = notebooks_of(load_project(project_copy))
    for place in ("config/counties/deqing.yaml", "config/city.yaml", "data/raw/areas.csv", "notebooks/03_beds.ipynb"):
        folder, _slash, name = place.rpartition("/")
        for form in OTHERS:
            path = project_copy / folder / form.format(name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"\xff\x00")
    (project_copy / "data/raw/notes.txt").write_text("x")
    (project_copy / "config/README.md").write_text("x")
    assert remarks(project_copy) == []
    assert notebooks_of(load_project(project_copy)) == before


def test_a_notebook_of_ones_own_is_a_page(project_copy):
    shutil.copy(project_copy / "notebooks/03_beds.ipynb", project_copy / "notebooks/my_analysis.ipynb")
    assert remarks(project_copy) == [] and "my_analysis" in notebooks_of(load_project(project_copy))


@pytest.mark.parametrize(("text", "cut"), [("bulletin table # 3", True), ('"bulletin table # 3"', False), ("a#3", 0)])
def test_text_that_yaml_cuts_at_a_number_sign_is_told(project_copy, text, cut):
    file = project_copy / "config/counties/deqing.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    fact = ["facts:", "  beds.occupancy_institution:", "    set: 0.5", "    interval: none", "    evidence: official"]
    lines = [line for line in lines if not line.startswith("facts")]
    file.write_text("\n".join([*lines, *fact, "    source: SEED", f"    locator: {text}"]), encoding="utf-8")
    wanted = f"config/counties/deqing.yaml:{len(lines) + 7}: locator = 'bulletin table': what follows ' #' is a comment"
    said = [line for line in remarks(project_copy) if "#" in line]
    assert [line[: len(wanted)] for line in said] == [wanted] * cut
