"""Sensitivity: published Sobol indices, a linear model, the sides of the tornado, what is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from SALib.sample.sobol import sample as saltelli

from eldercare.inputs import load_project
from eldercare.model import Results, sensitivity
from eldercare.model.demography import INDEX
from eldercare.model.draws import Z80, at_scores, draw, within_bounds
from eldercare.model.sensitivity import (
    Design,
    demand_at,
    end_scores,
    keys_of,
    knowing,
    projection_at,
    sobol,
    sobol_indices,
    tornado,
)
from eldercare.model.supply import BED_TYPES

CITY = "huzhou"

pytestmark = pytest.mark.study
DRAWS = {"run.draws": 400}


@pytest.fixture(scope="module")
def city(project):
    return Results(CITY, "baseline", DRAWS, project=project)


@pytest.fixture(scope="module")
def sides(city):
    return tornado(city, CITY).set_index("parameter")


def test_the_indices_of_ishigami_are_those_published():
    # METHODS: a = 7, b = 0.1; Ishigami & Homma (1990), indices in closed form.
    design = Design.of({"x1": 1, "x2": 1, "x3": 1}, 8192, seed=1)
    x = (2 * design.rows - 1) * np.pi
    y = np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])
    found = sobol_indices(design, y, seed=1)
    assert found["first"].to_numpy() == pytest.approx([0.313905, 0.442411, 0.0], abs=0.005)
    assert found["total"].to_numpy() == pytest.approx([0.557589, 0.442411, 0.243684], abs=0.005)


def test_the_sample_is_that_of_salib():
    design = Design.of({"one": 1, "pair": 2, "idle": 1}, 8, seed=3)
    theirs = saltelli(design.problem, 8, calc_second_order=False, seed=3)
    np.testing.assert_array_equal(design.rows.reshape(theirs.shape), theirs)


def test_a_linear_model_has_the_shares_of_its_squared_weights_and_no_interaction():
    # Variance of a uniform column is the same for all; a factor of two columns adds both weights.
    design = Design.of({"one": 1, "pair": 2, "idle": 1}, 4096, seed=2)
    y = 1.0 * design.rows[..., 0] + 2.0 * design.rows[..., 1] + 2.0 * design.rows[..., 2] + 100.0
    found = sobol_indices(design, y, seed=2).set_index("factor")
    assert found["first"].to_list() == pytest.approx([1 / 9, 8 / 9, 0], abs=0.01)
    assert found["total"].to_list() == pytest.approx([1 / 9, 8 / 9, 0], abs=0.01)
    assert (found["first_error"] < 0.06).all() and found.loc["idle", "total_error"] == 0


def test_the_stated_error_shrinks_with_the_sample_and_covers_the_truth():
    errors = []
    for sample in (128, 2048):
        design = Design.of({"a": 1, "b": 1}, sample, seed=3)
        found = sobol_indices(design, 3 * design.rows[..., 0] + 4 * design.rows[..., 1], seed=3)
        assert ((found["first"] - [0.36, 0.64]).abs() <= found["first_error"]).all()
        errors.append(found["first_error"].max())
    assert errors[1] < errors[0] / 3


def test_scores_at_the_ends_of_an_interval_give_its_ends_and_ranks_keep_the_distribution_of_the_draws():
    assert at_scores(5.0, (3.0, 9.0), np.array([-Z80, 0.0, Z80])).tolist() == pytest.approx([3, 5, 9])
    scores = np.random.default_rng(1).standard_normal(20_000)
    by_rank = at_scores(0.02, (0.0, 0.06), within_bounds(scores, 0.02, (0.0, 0.06), (0.0, 1.0)))
    drawn = draw(0.02, (0.0, 0.06), (0.0, 1.0), key="k", seed=1, stream=1, shared_variance=0.7, size=20_000)
    assert by_rank.min() >= 0
    levels = [0.1, 0.5, 0.9]
    assert np.quantile(by_rank, levels) == pytest.approx(np.quantile(drawn, levels), abs=0.002)


def test_more_places_widen_the_gap_by_need_and_higher_occupancy_narrows_it(sides):
    for key in ("institution_pattern", "home_care_centre_share"):
        row = sides.loc[f"need.{key}"]
        assert row["need_low"] < row["base_need"] < row["need_high"], key
        assert row["ratio_low"] == row["ratio_high"]
    for key in BED_TYPES:
        row = sides.loc[f"beds.occupancy_{key}"]
        assert row["need_low"] > row["base_need"] > row["need_high"], key


def test_longer_lives_and_faster_decline_of_mortality_widen_both_gaps(sides):
    for key, sign in (("mortality.level", 1), (INDEX, 1), ("mortality.oldest_old_level", -1)):
        row = sides.loc[key]
        for ladder in ("ratio", "need"):
            assert sign * (row[f"{ladder}_high"] - row[f"{ladder}_low"]) > 0, key


def test_the_tornado_is_widest_first_and_leaves_out_what_moves_no_gap(sides):
    assert (np.diff(sides["width"]) <= 0).all() and (sides["width"] > 0).all()
    assert not any(key.startswith("queue.") for key in sides.index)
    assert "migration.registered_rate" in sides.index


def test_the_tornado_of_the_resident_basis_hangs_on_no_registered_people(project):
    run = Results(CITY, "baseline", {**DRAWS, "beds.ratio_basis": "resident"}, project=project)
    found = set(tornado(run, CITY)["parameter"])
    assert "migration.registered_rate" not in found and not any(key.startswith("fertility.") for key in found)


def test_the_tornado_of_the_city_is_the_sum_of_the_counties(city, project):
    columns = ["need_low", "need_high", "ratio_low"]
    every = pd.concat(tornado(city, county) for county in project.counties)
    parts = every.groupby("parameter")[columns].sum()
    whole = tornado(city, CITY).set_index("parameter")[columns]
    pd.testing.assert_frame_equal(parts.loc[whole.index], whole)


def state(project: Path, county: str, key: str, value: object) -> None:
    """Write one fact into a county's file."""
    file = project / "config" / "counties" / f"{county}.yaml"
    fact = f'{{set: {value}, interval: none, evidence: assumption, source: none, locator: "a test"}}'
    file.write_text(f"{file.read_text(encoding='utf-8').split('facts:')[0]}facts:\n  {key}: {fact}\n", encoding="utf-8")


def test_beds_of_another_county_move_the_gap_of_the_tornado_and_not_its_width(project_copy):
    def one() -> tuple[pd.DataFrame, float]:
        run = Results("deqing", "baseline", DRAWS, project=load_project(project_copy))
        beds = run.beds[run.beds["bed_type"] == "all"].set_index("year")
        return tornado(run, "deqing"), beds.loc[2035, "supply"]

    before, supply = one()
    state(project_copy, "nanxun", "supply.institution_beds", 9000)
    after, less = one()
    assert less < supply - 100
    np.testing.assert_allclose(after["base_need"] - before["base_need"], supply - less)
    # Less is unknown of a smaller share; what moves demand is as it was.
    unknown = before["parameter"].str.startswith(("supply.", "allocation."))
    demand = before[~unknown].set_index("parameter")["width"]
    pd.testing.assert_series_equal(after.set_index("parameter")["width"].loc[demand.index], demand)
    assert (after.set_index("parameter")["width"].sub(before.set_index("parameter")["width"]) < 1e-6).all()


def test_one_end_of_the_tornado_is_the_run_with_that_value_set(city):
    scores = end_scores(city, city.start, ("need.institution_pattern",), "anji", 2035)
    projection = projection_at(city, city.start, "anji", scores, 2035)
    demand = demand_at(city, "anji", scores, projection)["need"]
    centres = demand[0] - (demand[2] - demand[1]) * 0.03 / 0.02
    # Places in institutions are proportional to the share; its interval is 0.02 to 0.04 around 0.03.
    assert (demand - centres) / (demand[0] - centres) == pytest.approx([1, 0.02 / 0.03, 0.04 / 0.03])


def test_the_sample_of_the_indices_has_the_spread_of_the_draws(city):
    for area in (CITY, "deqing"):
        frame = sobol(city, area)
        for ladder in ("ratio", "need"):
            drawn = (city.bed_demand(area, ladder=ladder) - city.bed_supply(area))[15].std()
            own = frame[frame["ladder"] == ladder]["sd"].iloc[0]
            assert own == pytest.approx(drawn, rel=0.12), (area, ladder)


def test_to_count_the_beds_there_are_narrows_the_gap_by_the_norm_most(city):
    assert knowing(city, CITY, "ratio")["factor"].iloc[0] == "supply.institution_change"
    assert knowing(city, "deqing", "ratio")["factor"].iloc[0] == "allocation.spread"
    # The rule moves beds between counties, and none of the city.
    assert "allocation.spread" not in set(sobol(city, CITY)["factor"])


def test_no_first_order_index_is_above_its_total_beyond_the_error_and_all_add_to_about_one(city):
    frame = pd.concat(sobol(city, area).assign(area=area) for area in city.areas)
    slack = frame["first_error"] + frame["total_error"]
    # The errors are half of 95% intervals.
    assert (frame["first"] > frame["total"] + slack).mean() < 0.05
    sums = frame.groupby(["area", "ladder"])["first"].sum()
    assert sums.between(0.75, 1.15).all()


def test_the_narrowing_is_that_of_conditional_draws(city):
    """Known to a tenth of its distribution, the first parameter narrows the interval by about what is said."""
    best = knowing(city, "deqing", "need")
    best = best[best["kind"] == "survey"].iloc[0]
    many = Results("deqing", "baseline", {"run.draws": 2000}, project=city.project)
    gap = many.bed_demand()[15]
    known = many.counties["deqing"].drawer(keys_of(best["factor"])[0])
    bins = np.array_split(gap[np.argsort(known)], 10)
    width = np.mean([np.ptp(np.quantile(one, [0.1, 0.9])) for one in bins])
    narrowing = 1 - width / np.ptp(np.quantile(gap, [0.1, 0.9]))
    assert best["narrowing"] == pytest.approx(narrowing, abs=0.08)


def forbid(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sensitivity, name, lambda *_: pytest.fail("computed again"))


def test_scenarios_that_differ_in_supply_share_their_indices(project, monkeypatch):
    sobol(Results(CITY, "baseline", DRAWS, project=project), CITY)
    forbid(monkeypatch, "sobol_indices")
    sobol(Results("deqing", "hold_the_norm", DRAWS, project=project), CITY)
    with pytest.raises(pytest.fail.Exception, match="computed again"):
        sobol(Results(CITY, "occupancy_first", DRAWS, project=project), CITY)


def test_the_city_takes_what_its_counties_have_computed(project_copy, monkeypatch):
    project = load_project(project_copy)
    for county in project.counties:
        sobol(Results(county, "baseline", DRAWS, project=project), county, 64)
    forbid(monkeypatch, "_scores")
    assert len(sobol(Results(CITY, "baseline", DRAWS, project=project), CITY, 64))


def test_a_county_computes_its_own_indices_whatever_the_others_state(project_copy):
    def indices() -> dict[str, pd.DataFrame]:
        run = Results(CITY, "baseline", DRAWS, project=load_project(project_copy))
        return {area: sobol(run, area, 64) for area in ("anji", "deqing", CITY)}

    before = indices()
    state(project_copy, "anji", "need.institution_pattern", 0.02)
    after = indices()
    pd.testing.assert_frame_equal(after["deqing"], before["deqing"])
    for area in ("anji", CITY):
        assert not after[area].equals(before[area]), area
    # Known in Anji, the share moves nothing there; in the other four it does.
    assert "need.institution_pattern" not in set(after["anji"]["factor"])
    assert "need.institution_pattern" in set(after[CITY]["factor"])
