"""The way in for analysts: any result as a frame with one call, two runs side by side, a summary of own draws."""

from __future__ import annotations

import pydoc
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import eldercare
from eldercare.inputs import InputError
from eldercare.model import Results

TABLES = ("population", "beds", "care_need", "meals", "services", "crossing")


def test_a_county_is_loaded_with_one_call_and_has_every_table_as_a_frame(project):
    results = eldercare.load("deqing", overrides={"run.draws": 20, "beds.norm": 55}, project=project)
    assert results["beds.norm"] == 55
    for name in TABLES:
        frame = getattr(results, name)
        both = results.table(name)
        kept = both if name not in ("beds", "crossing") else both[both["basis"] == results["beds.ratio_basis"]]
        pd.testing.assert_frame_equal(frame, kept.reset_index(drop=True))
        assert set(frame["area"]) == {"deqing"} and frame.select_dtypes("number").shape[1] > 1


def test_without_an_area_the_city_is_meant_and_a_wrong_one_is_told(project):
    assert eldercare.load(project=project).area == project.city.id
    with pytest.raises(InputError, match="did you mean deqing"):
        eldercare.load("deqin", project=project)


def test_two_runs_stand_side_by_side_with_their_difference(project):
    base, more = (
        eldercare.load("anji", overrides={"run.draws": 20, **changed}, project=project)
        for changed in ({}, {"supply.plan": "steady", "supply.beds_per_year": 100})
    )
    frame = eldercare.compare(base, more)
    row = frame.loc[(2035, "resident", "all")]
    assert row["supply_difference"] == pytest.approx(100 * (2035 - more["supply.first_year"] + 1))
    assert row["supply_b"] - row["supply_a"] == row["supply_difference"]
    for table in TABLES:
        same = eldercare.compare(base, base, table)
        differences = same[[name for name in same if name.endswith("_difference")]]
        assert differences.shape[1] and (differences.fillna(0) == 0).all(axis=None), table
        assert same.index.is_unique, table


def test_runs_measured_against_other_norms_keep_the_rows_of_both(project):
    runs = [eldercare.load("anji", overrides={"run.draws": 20, "beds.norm": n}, project=project) for n in (45, 55)]
    assert {45, 55} <= set(eldercare.compare(*runs, table="crossing").index.get_level_values("norm"))


def test_a_summary_has_the_mean_first_and_stands_by_year(city):
    draws = {"elders": city.elders(), "gap": city.bed_demand() - city.bed_supply()}
    frame = city.summary(draws)
    assert list(frame.columns[:4]) == ["elders", "elders_p10", "elders_p50", "elders_p90"]
    assert frame.index.name == "year" and list(frame.index) == list(city.years)
    np.testing.assert_allclose(frame["gap"], draws["gap"].mean(axis=1))
    assert (frame["elders_p10"] <= frame["elders_p50"]).all() and (frame["elders_p50"] <= frame["elders_p90"]).all()


def test_completion_shows_results_and_no_internals(city):
    names = dir(city)
    assert {*TABLES, "summary", "elders", "table", "counties", "settings"} <= set(names)
    assert not [name for name in names if name.startswith("_")]
    assert all(getattr(Results, name).__doc__ for name in names if callable(getattr(Results, name, None)))


def test_help_leads_to_a_result_a_comparison_and_a_picture():
    text = pydoc.plain(pydoc.render_doc(eldercare))
    for word in ("eldercare.load", "eldercare.compare", "results.beds", "results.summary"):
        assert word in text, word


def test_importing_the_package_is_instant():
    code = "import sys, eldercare; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "pandas", "yaml", "matplotlib"} & set(loaded)
