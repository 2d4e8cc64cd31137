"""What is remembered serves as long as everything that was read for it is as it was."""

from __future__ import annotations

import os
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

from eldercare.inputs import Project, load_project, resolve
from eldercare.inputs.reads import Reads
from eldercare.model import Results, cache
from eldercare.model.cache import FOLDER, remembered

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

    def compute(self, project: Project, scenario: str) -> dict[str, pd.DataFrame]:
        self.times += 1
        settings = resolve(project, "deqing", scenario)
        shown = {"uptake": [settings.value("meals.uptake")], "tenth": [0.1]}
        if settings.value("meals.uptake") > 0.2:
            shown["norm"] = [settings.value("beds.norm")]
        project.table("geography")
        return {"one": pd.DataFrame(shown)}

    def ask(
        self, folder: Path, identity: object = "x", scenario: str = "baseline"
    ) -> tuple[dict[str, pd.DataFrame], Reads]:
        project = load_project(folder)
        made = remembered(
            project,
            "test",
            identity,
            [scenario],
            lambda scenario, area: resolve(project, area, scenario),
            lambda apart: self.compute(apart, scenario),
        )
        return made, project.reads


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
    for times, suffix in ((3, "pkl"), (4, "json")):
        for file in (project_copy / FOLDER).glob(f"test-*/*.{suffix}"):
            file.write_bytes(file.read_bytes()[:50])
        assert computer.ask(project_copy, "x")[0]["one"]["tenth"].item() == 0.1
        assert computer.times == times


def test_what_is_not_as_it_was_stored_is_computed_again(project_copy, computer):
    """A changed value, another one's result under this name, a pipe: what does not fit its digest is not read."""
    computer.ask(project_copy, "x")
    computer.ask(project_copy, "y")
    one, other = sorted((project_copy / FOLDER).glob("test-*/*.pkl"))
    for number, spoil in enumerate(
        [
            lambda file: joblib.dump({"one": joblib.load(file)["one"] * 1.3}, file),
            lambda file: joblib.dump({"one": pd.DataFrame({"tenth": [np.nan]})}, file),
            lambda file: joblib.dump(None, file),
            lambda file: file.write_bytes(next(two for two in (one, other) if two != file).read_bytes() + b"x"),
            lambda file: (file.unlink(), os.mkfifo(file)),
        ],
        start=1,
    ):
        for file in (project_copy / FOLDER).glob("test-*/*.pkl"):
            spoil(file) if file.is_file() else None
        assert computer.ask(project_copy, "x")[0]["one"]["tenth"].item() == 0.1
        assert computer.times == 2 + number


def test_a_result_of_another_under_its_own_name_does_not_serve(project_copy, computer):
    computer.ask(project_copy, "x")
    give(project_copy, "deqing", "meals.uptake", 0.15)
    computer.ask(project_copy, "x")
    one, other = (project_copy / FOLDER).glob("test-*/*.pkl")
    content, key = one.read_bytes(), one.name.split("-")[0]
    one.write_bytes(other.read_bytes())
    one.rename(one.with_name(f"{key}-{other.name.split('-')[1]}"))
    assert content != other.read_bytes()
    for value in (0.15, 0.1):
        give(project_copy, "deqing", "meals.uptake", value)
        assert computer.ask(project_copy, "x")[0]["one"]["uptake"].item() == value


@pytest.mark.parametrize("record", ["[" * 100_000, "{}", '{"parameters": [[1, 2, 3]], "tables": 5}', "[1]", ""])
def test_a_record_of_a_wrong_form_is_no_obstacle(project_copy, computer, record):
    computer.ask(project_copy)
    for file in (project_copy / FOLDER).glob("test-*/*.json"):
        file.write_text(record)
    computer.ask(project_copy)
    assert computer.times == 2


def test_a_parameter_or_an_area_that_is_no_more_is_no_obstacle(project_copy, computer):
    computer.ask(project_copy)
    record = next((project_copy / FOLDER).glob("test-*/*.json"))
    for before, after in (("meals.uptake", "meals.gone"), ("deqing", "gone")):
        text = record.read_text(encoding="utf-8")
        record.with_name(f"{after}.json").write_text(text.replace(before, after), encoding="utf-8")
    record.unlink()
    computer.ask(project_copy)
    assert computer.times == 2


def test_a_scenario_that_gives_the_same_values_shares_the_result(project_copy, computer):
    computer.ask(project_copy)
    _, reads = computer.ask(project_copy, scenario="high_longevity")
    assert computer.times == 1
    # The record names the scenario that asked.
    assert {scenario for scenario, _, _ in reads.parameters} == {"high_longevity"}


def test_a_bound_and_an_interval_count_as_much_as_the_value(project_copy, computer):
    computer.ask(project_copy)
    file = project_copy / "config" / "parameters" / "meals.yaml"
    text = file.read_text(encoding="utf-8")
    part = text[text.index("meals.uptake:") :]
    bounds = next(line for line in part.splitlines() if line.strip().startswith("bounds:"))
    file.write_text(text.replace(part, part.replace(bounds, bounds.replace("1]", "0.99]"), 1)), encoding="utf-8")
    computer.ask(project_copy)
    assert computer.times == 2


def test_other_code_or_another_city_makes_it_again(project_copy, computer, monkeypatch):
    computer.ask(project_copy)
    city = project_copy / "config" / "city.yaml"
    city.write_text(
        city.read_text(encoding="utf-8").replace("target_year: 2035", "target_year: 2036"), encoding="utf-8"
    )
    computer.ask(project_copy)
    assert computer.times == 2
    monkeypatch.setattr(cache, "code", lambda: ["another"])
    computer.ask(project_copy)
    assert computer.times == 3


def test_what_was_not_asked_for_longest_goes_first(project_copy, computer, monkeypatch):
    monkeypatch.setattr(cache, "LIMIT", 2500)
    for identity in "abc":
        computer.ask(project_copy, identity)
    folders = list((project_copy / FOLDER).iterdir())
    assert 1 <= len(folders) < 3 and all(list(folder.glob("*.pkl")) for folder in folders)
    computer.ask(project_copy, "c")
    assert computer.times == 3


def test_a_full_disk_costs_nothing_but_the_time(project_copy, computer, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(joblib, "dump", full)
    for times in (1, 2):
        assert computer.ask(project_copy)[0]["one"]["tenth"].item() == 0.1
        assert computer.times == times
    assert not list((project_copy / FOLDER).glob("*/*.pkl"))


def test_a_county_is_projected_once_whatever_area_and_plan_asks(project_copy):
    def projected(area: str, **overrides: object) -> tuple[np.ndarray, set[Path]]:
        run = Results(area, "baseline", {"run.draws": 20, **overrides}, load_project(project_copy))
        return run.counties["anji"].projection.e0, set((project_copy / FOLDER).glob("projection-*/*.pkl"))

    made, files = projected("anji")
    again, same = projected("huzhou", **{"supply.plan": "hold_norm"})
    assert np.array_equal(made, again) and files == same and len(files) == 1
    other, more = projected("anji", **{"mortality.drift_factor": 2.0})
    assert not np.array_equal(made, other) and len(more) == 2


def test_where_nothing_can_be_kept_it_is_computed(project_copy, computer):
    (project_copy / ".cache").write_text("in the way", encoding="utf-8")
    assert computer.ask(project_copy)[0]["one"]["tenth"].item() == 0.1
    assert computer.ask(project_copy)[0]["one"]["tenth"].item() == 0.1
    assert computer.times == 2
