"""What is kept serves as long as everything that it was made from is as it was."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from eldercare.inputs import Project, load_project, resolve
from eldercare.inputs.reads import Reads
from eldercare.model.store import remembered

FACT = "facts:\n  {key}: {{set: {value}, interval: none, evidence: assumption, source: none, locator: a test}}\n"


def give(folder: Path, county: str, key: str, value: float) -> None:
    """Put one fact into a county's file."""
    file = folder / "config" / "counties" / f"{county}.yaml"
    before = file.read_text(encoding="utf-8").split("facts:")[0]
    file.write_text(before + FACT.format(key=key, value=value), encoding="utf-8")


class Computer:
    """Reads one parameter, and a second one only when the first is above 0.2."""

    def __init__(self):
        self.times = 0

    def compute(self, project: Project) -> dict[str, pd.DataFrame]:
        self.times += 1
        settings = resolve(project, "deqing", "baseline")
        shown = {"uptake": [settings.value("meals.uptake")], "tenth": [0.1]}
        if settings.value("meals.uptake") > 0.2:
            shown["norm"] = [settings.value("beds.norm")]
        project.table("geography")
        return {"one": pd.DataFrame(shown)}

    def ask(self, folder: Path, identity: object = "x") -> tuple[dict[str, pd.DataFrame], Reads]:
        project = load_project(folder)

        def values(reads: Reads) -> list[object]:
            return [resolve(project, area, scenario)[key].value for scenario, area, key in sorted(reads.parameters)]

        return remembered(project, "test", identity, values, self.compute), project.reads


@pytest.fixture
def computer() -> Computer:
    return Computer()


def test_it_is_computed_again_only_when_something_that_was_read_changed(project_copy, computer):
    made, reads = computer.ask(project_copy)
    kept, again = computer.ask(project_copy)
    assert computer.times == 1
    pd.testing.assert_frame_equal(made["one"], kept["one"], check_exact=True)
    # A page that gets the kept frame depends on the same as the one for which it was computed.
    assert reads.tables == again.tables == {"geography"}
    assert ("baseline", "deqing", "meals.uptake") in reads.parameters & again.parameters
    give(project_copy, "deqing", "beds.norm", 60)
    give(project_copy, "anji", "meals.uptake", 0.3)
    computer.ask(project_copy)
    assert computer.times == 1
    give(project_copy, "deqing", "meals.uptake", 0.15)
    assert computer.ask(project_copy)[0]["one"]["uptake"].item() == 0.15
    assert computer.times == 2
    geography = project_copy / "data" / "raw" / "geography.csv"
    geography.write_bytes(geography.read_bytes() + b"\n")
    computer.ask(project_copy)
    assert computer.times == 3


def test_a_way_that_was_not_taken_before_is_found(project_copy, computer):
    give(project_copy, "deqing", "meals.uptake", 0.15)
    assert "norm" not in computer.ask(project_copy)[0]["one"]
    give(project_copy, "deqing", "meals.uptake", 0.25)
    assert "norm" in computer.ask(project_copy)[0]["one"]
    # Both are kept.
    give(project_copy, "deqing", "meals.uptake", 0.15)
    assert "norm" not in computer.ask(project_copy)[0]["one"]
    assert computer.times == 2


def test_identities_are_kept_apart_and_damage_is_computed_again(project_copy, computer):
    computer.ask(project_copy, "x")
    computer.ask(project_copy, "y")
    assert computer.times == 2
    for file in (project_copy / "data" / "processed").glob("test-*.json"):
        file.write_text(file.read_text(encoding="utf-8")[:50], encoding="utf-8")
    assert computer.ask(project_copy, "x")[0]["one"]["tenth"].item() == 0.1
    assert computer.times == 3


def test_where_nothing_can_be_kept_it_is_computed(project_copy, computer):
    (project_copy / "data" / "processed").write_text("in the way", encoding="utf-8")
    assert computer.ask(project_copy)[0]["one"]["tenth"].item() == 0.1
    assert computer.ask(project_copy)[0]["one"]["tenth"].item() == 0.1
    assert computer.times == 2
