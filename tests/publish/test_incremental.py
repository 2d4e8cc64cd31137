"""After a change exactly the pages that read it are executed, and the others would have come out the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eldercare.cli import main
from eldercare.inputs import load_project
from eldercare.publish.publication import publish
from eldercare.publish.request import Request
from tests.site.faults import small_project

pytestmark = pytest.mark.notebook

NOTEBOOKS = ("03_beds", "04_meals", "07_reliability")
# The city and one of its two counties; the other is computed all the same.
AREAS = ("huzhou", "deqing")
FACT = """facts:
  {key}:
    set: {value}
    interval: none
    evidence: assumption
    source: none
    locator: "a test"
"""


def everywhere(*notebooks: str) -> set[str]:
    return {f"en/baseline/{area}/{notebook}" for area in AREAS for notebook in notebooks}


def of(county: str, *notebooks: str) -> set[str]:
    areas = {"huzhou", county} & {*AREAS}
    return {f"en/baseline/{area}/{notebook}" for area in areas for notebook in notebooks}


POPULATION = ("03_beds", "04_meals")
# A county's file, a fact in it, and the pages that show something of it.
CHANGES = [
    ("deqing", "meals.uptake", 0.12, of("deqing", "04_meals")),
    ("wuxing", "need.survey_2021.prevalence", 0.12, of("wuxing", "03_beds")),
    # Every page on reliability shows how the projection did against the city's counts.
    ("wuxing", "mortality.oldest_old_level", 0.1, of("wuxing", *POPULATION) | everywhere("07_reliability")),
    # The rest of the city's beds is spread over the others.
    ("wuxing", "supply.institution_beds", 5200, everywhere("03_beds")),
    # The first county's settings stand for none of the others.
    ("wuxing", "mortality.e0_female", 85.0, of("wuxing", *POPULATION) | everywhere("07_reliability")),
]
# What is executed for real, so that what is kept can be compared with what would have been made.
EXECUTED = ("meals.uptake", "mortality.e0_female")


def run(root: Path, **asked: object) -> set[str]:
    """Publish and return what was executed; a first publication is two runs."""
    runs = root / "outputs" / "runs"
    before = set(runs.glob("*.json"))
    assert publish(load_project(root), Request(("baseline",), AREAS, NOTEBOOKS, {}, "en", quiet=True, **asked)) == 0
    made = {file.stem for file in set(runs.glob("*.json")) - before}
    manifest = json.loads(sorted(runs.glob("*.json"))[-1].read_text(encoding="utf-8"))
    return {stem for stem, page in manifest["state"]["pages"].items() if page["run_id"] in made}


def executed_notebooks(root: Path) -> dict[str, str]:
    folder = root / "outputs" / "notebooks"
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in folder.rglob("*.ipynb")}


def listed(root: Path, capsys: pytest.CaptureFixture) -> list[str]:
    capsys.readouterr()
    asked = ["run", "--dry-run", "--scenario", "baseline", "--language", "en", "--notebook", *NOTEBOOKS]
    asked += ["--area", *AREAS]
    assert main(asked) == 0
    return capsys.readouterr().out.splitlines()


def test_a_change_executes_exactly_the_pages_that_read_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    project = small_project(root, tmp_path / "project", NOTEBOOKS)
    monkeypatch.chdir(project)
    assert run(project) == everywhere(*NOTEBOOKS)
    assert listed(project, capsys)[0].startswith("0 pages would be executed, 6 kept")
    for county, key, value, expected in CHANGES:
        file = project / "config" / "counties" / f"{county}.yaml"
        before = file.read_text(encoding="utf-8")
        file.write_text(before.split("facts:")[0] + FACT.format(key=key, value=value), encoding="utf-8")
        lines = listed(project, capsys)
        reasons = dict(line.split(": ", 1) for line in lines if line.startswith("en/"))
        assert set(reasons) == expected, key
        assert all(f"parameter {key} of {county} in baseline changed" in why for why in reasons.values()), reasons
        if key in EXECUTED:
            assert run(project) == expected, key
        else:
            file.write_text(before, encoding="utf-8")
    kept = executed_notebooks(project)
    assert run(project, force=True) == everywhere(*NOTEBOOKS)
    made = executed_notebooks(project)
    assert set(made) == set(kept)
    for name, text in made.items():
        assert text == kept[name], name


def test_changed_tables_notebooks_and_lost_results_are_named(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    project = small_project(root, tmp_path / "project", ("01_evidence", "04_meals"))
    monkeypatch.chdir(project)
    asked = ["run", "--scenario", "baseline", "--language", "en", "--notebook", "01_evidence", "04_meals", "-q"]
    asked += ["--area", "deqing"]
    assert main(asked) == 0
    evidence, meals = (f"en/baseline/deqing/{name}" for name in ("01_evidence", "04_meals"))

    def reasons() -> dict[str, str]:
        capsys.readouterr()
        assert main([part for part in asked if part != "-q"] + ["--dry-run"]) == 0
        return dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines() if line.startswith("en/"))

    assert reasons() == {}
    geography = project / "data" / "raw" / "geography.csv"
    text = geography.read_bytes()
    geography.write_bytes(text + b"\n")
    assert reasons() == dict.fromkeys((evidence, meals), "data table geography changed")
    geography.write_bytes(text)
    notebook = project / "notebooks" / "01_evidence.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (project / "outputs" / "notebooks" / f"{meals}.ipynb").write_text("{}", encoding="utf-8")
    assert reasons() == {evidence: "notebook changed", meals: "the executed notebook is missing or was changed by hand"}
