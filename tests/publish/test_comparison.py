"""The comparison as text: parameters that differ, results with their changes, conclusions that flip."""

from __future__ import annotations

import re

import pytest

from eldercare.publish.comparison import compare


@pytest.fixture(scope="module")
def parts(project) -> list[str]:
    return compare(project, ["baseline", "hold_the_norm", "low_migration"]).split("\n\n")


def test_parameters_that_differ_are_listed_with_both_values(parts):
    assert parts[0].startswith("Parameters that differ from baseline\n")
    assert re.search(r"hold_the_norm\s+supply\.plan\s+huzhou\s+frozen\s+hold_norm", parts[0])
    assert re.search(r"low_migration\s+migration\.share_of_past\s+wuxing, deqing, anji\s+0\.7\s+0\.4", parts[0])


def test_results_have_the_mean_of_every_scenario_and_their_differences(parts, project):
    number = r"-?[\d,]+"
    band = rf"{number} \({number} to {number}\)"
    near = project.city.near_year
    line = rf"huzhou\s+gap by the norm, {near}\s+({band})\s+({band})\s+({band})$"
    baseline, hold, _ = re.search(line, parts[1], re.M).groups()
    change = re.search(rf"huzhou\s+gap by the norm, {near}\s+({band})", parts[2])[1]
    mean = [int(text.split(" ")[0].replace(",", "")) for text in (baseline, hold, change)]
    assert abs(mean[1] - mean[0] - mean[2]) <= 1
    assert re.search(r"huzhou\s+below the norm from\s+2023 \(202\d to 202\d\)", parts[1])
    assert "below the norm" not in parts[2] and "-0 " not in parts[1]


def test_conclusions_that_are_others_in_some_scenario_are_told(parts, project):
    title, *lines = parts[3].splitlines()
    assert title == "Conclusions that flip"
    until = project.city.target_year
    assert [
        line for line in lines if line.startswith(f"huzhou, by the norm, {until}: baseline: short; hold_the_norm: ")
    ]
    assert [line for line in lines if "the ranking of the counties" in line]


def test_scenarios_that_are_the_same_differ_in_nothing(project):
    text = compare(project, ["baseline"])
    assert "Parameters that differ from baseline\nnone\n" in text
