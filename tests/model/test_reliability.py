"""Reliability: published counts, look-back and rivals, the base, what the projection is sensitive to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eldercare.inputs import load_project
from eldercare.model import Results
from eldercare.model.demography import prepare
from eldercare.model.reliability import LOOK_BACK_METHODS, Reliability, published_counts

CITY = "huzhou"


@pytest.fixture(scope="module")
def checks(city):
    return Reliability(city)


def test_published_counts_are_those_of_the_sources(project):
    counts = published_counts(project.tables, project.city, project.areas, 2050).set_index(["area", "year"])
    assert counts.loc[("huzhou", 2019)].to_dict() == {"published": 693_800, "implied": False, "role": "fitted"}
    assert counts.loc[("huzhou", 2022)].to_dict() == {"published": 764_015, "implied": False, "role": "after"}
    assert counts.loc[("anji", 2021)].to_dict() == {"published": 116_700, "implied": False, "role": "after"}
    assert counts.loc[("huzhou", 2017)].to_dict() == {"published": 667_473, "implied": True, "role": "before"}
    assert counts["published"]["huzhou", 2023] == pytest.approx(0.3001 * 2_688_300, rel=1e-6)
    assert set(counts.index.get_level_values("area")) == {"huzhou", "anji"}


def test_the_launch_with_data_to_2020_reads_nothing_published_later(project, city):
    later = project.table("registered_population").copy()
    later.loc[later["year"] > 2020, "value"] *= 1.01
    tables = {**{name: project.table(name) for name in project.tables}, "registered_population": later}
    given = city.common, project.city
    own = prepare(*given, project.tables, project.counties, 2020).launch.registered
    np.testing.assert_array_equal(prepare(*given, tables, project.counties, 2020).launch.registered, own)
    assert not np.allclose(prepare(*given, tables, project.counties).launch.registered, own)


def test_back_cast_and_forecast_meet_at_the_launch(checks, city):
    np.testing.assert_allclose(checks.back_cast(CITY, 2020), city.elders(basis="registered")[0])
    assert (np.diff([np.median(checks.back_cast(CITY, year)) for year in (2017, 2018, 2019)]) > 0).all()


def test_errors_are_forecast_over_published_and_every_method_is_scored(checks):
    frame = checks.look_back()
    after = frame[frame["role"] == "after"]
    scores = checks.scores().set_index("method")
    assert list(scores.index) == list(LOOK_BACK_METHODS)
    for method in ("model", "model_then"):
        errors = after[f"{method}_point"] / after["published"] - 1
        assert scores.loc[method, "mape"] == pytest.approx(errors.abs().mean() * 100)
        assert scores.loc[method, "malpe"] == pytest.approx(errors.mean() * 100)
    # No change stands at the last count known in 2020.
    assert set(after[after["area"] == CITY]["no_change_point"]) == {693_800}


def test_the_model_beats_no_change_on_the_counts_after_the_launch(checks):
    scores = checks.scores().set_index("method")["mape_common"]
    assert scores["model_then"] < scores["no_change"]


def test_the_base_agrees_with_the_bulletin_of_the_city_to_rounding(checks):
    frame = checks.base_checks()
    assert {"60+", "65+", "0-14", "all"} <= set(frame["age_group"])
    assert ((frame["model"] / frame["published"] - 1).abs() < 0.001).all()


def test_even_groups_miss_the_small_cohort_of_1961(checks):
    frame = checks.growth_by_graduation().set_index("year")
    growth = frame.diff()
    assert growth.loc[2021, "births_weighted"] < 0.6 * growth.loc[2021, "even"]
    assert frame.loc[2020, "births_weighted"] == pytest.approx(frame.loc[2020, "even"])


def test_sensitivity_has_the_signs_that_demography_demands(checks):
    frame = checks.sensitivity().set_index("parameter")
    assert frame.loc["mortality.level", "60_low"] < frame["base_60"].iloc[0] < frame.loc["mortality.level", "60_high"]
    assert frame.loc["mortality.oldest_old_level", "80_low"] > frame.loc["mortality.oldest_old_level", "80_high"]
    assert frame.loc["mortality.index", "60_low"] < frame.loc["mortality.index", "60_high"]
    # Nobody born after 2020 is 60 in 2035.
    assert frame.loc["fertility.tfr_2050", "width"] == 0


def test_the_checks_stand_where_no_count_came_after_the_launch(project_copy):
    file = project_copy / "data" / "raw" / "registered_population.csv"
    rows = pd.read_csv(file, dtype=str)
    rows[rows["year"].astype(int) <= 2020].to_csv(file, index=False)
    city = project_copy / "config" / "city.yaml"
    lines = [line for line in city.read_text(encoding="utf-8").splitlines() if "registered_35_59" not in line]
    city.write_text("\n".join(lines) + "\n", encoding="utf-8")
    checks = Reliability(Results(overrides={"run.draws": 20}, project=load_project(project_copy)))
    assert not (checks.look_back()["role"] == "after").any()
    scores = checks.scores()
    assert (scores["n"] == 0).all() and scores[["mape", "malpe", "mape_common", "crps"]].isna().all(axis=None)
    assert checks.forecast()["year"].tolist() == [2020, 2021]
    assert len(checks.one_year_ahead()) == 4 and checks.outlook()["method"].iloc[0] == "model"


def test_a_count_of_next_year_is_one_more_row(project_copy):
    file = project_copy / "data" / "raw" / "registered_population.csv"
    rows = pd.read_csv(file, dtype=str)
    more = rows[(rows["area"] == "huzhou") & (rows["indicator"] == "registered_60plus")].iloc[[-1]]
    rows = pd.concat([rows, more.assign(year="2024", reference_date="2024-12-31", value="835000")])
    rows.to_csv(file, index=False)
    checks = Reliability(Results(overrides={"run.draws": 20}, project=load_project(project_copy)))
    last = checks.look_back().query("area == 'huzhou'").iloc[-1]
    assert (last["year"], last["published"], last["role"]) == (2024, 835_000, "after")
    assert last["model_then_low"] < last["model_then_point"] < last["model_then_high"]


def test_a_count_after_the_last_projected_year_is_not_compared(project):
    counts = published_counts(project.tables, project.city, project.areas, 2022)
    assert counts["year"].max() == 2022
