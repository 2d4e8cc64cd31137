"""Meals: sums over ages, plans that reach their aim, and the direction in which every parameter moves them."""

from __future__ import annotations

import numpy as np
import pytest

from eldercare.inputs import InputError
from eldercare.model import Results

FEW = {"run.draws": 40}


def test_demand_is_the_sum_over_ages_and_at_the_middle_what_the_definition_says(run_with):
    frame = run_with().meals
    parts = frame[[f"meals_demand_{a}_mean" for a in ("60_69", "70_79", "80plus")]].sum(axis=1)
    np.testing.assert_allclose(parts, frame["meals_demand_per_day_mean"], rtol=1e-9)
    np.testing.assert_allclose(frame["elders_needing_meals"], 0.221 * frame["elders_60plus"], rtol=1e-9)


def test_need_that_rises_with_age_has_the_same_total_at_launch_and_more_later(run_with, row):
    flat, rising = run_with().meals, run_with(meals__age_pattern="dependency").meals
    assert rising["elders_needing_meals"][0] == pytest.approx(flat["elders_needing_meals"][0], rel=1e-3)
    assert row(rising, 2050)["elders_needing_meals"] > 1.1 * row(flat, 2050)["elders_needing_meals"]
    assert row(rising, 2020)["meals_demand_80plus_mean"] > 2 * row(flat, 2020)["meals_demand_80plus_mean"]


@pytest.mark.parametrize("key", ["meals.uptake", "meals.need_share", "meals.days_share", "meals.meals_per_user"])
def test_more_need_never_asks_for_fewer_points(run_with, key):
    base = run_with().meals
    value = run_with().settings.value(key)
    less, more = (run_with(**{key.replace(".", "__"): value * factor}).meals for factor in (0.8, 1.2))
    late = base["year"] >= 2027
    for column in ("points_per_year_to_serve_50", "probability_short_by", "kitchens_to_serve"):
        assert (more.loc[late, column] >= less.loc[late, column]).all(), column
    assert (more["meals_demand_per_day_p50"] > less["meals_demand_per_day_p50"]).all()


def test_a_higher_probability_and_a_higher_norm_never_ask_for_less(run_with):
    frame = run_with().meals.dropna(subset="points_per_year_to_hold_50")
    assert (frame["points_per_year_to_hold_80"] >= frame["points_per_year_to_hold_50"]).all()
    assert (frame["points_per_year_to_serve_80"] >= frame["points_per_year_to_serve_50"]).all()
    high = run_with(meals__norm=6.5).meals
    assert (high["probability_below_norm_by"] >= run_with().meals["probability_below_norm_by"]).all()


def test_adding_the_points_per_year_holds_the_level_with_that_probability(run_with, row):
    run = run_with()
    for q in (50, 80):
        added = row(run.meals)[f"points_per_year_to_hold_{q}"] * (2035 - 2027 + 1)
        ratio = (520 + added) / run.elders()[15] * 10_000
        assert (ratio >= 520 / run.elders()[0].mean() * 10_000 - 1e-9).mean() == pytest.approx(q / 100, abs=0.03)


def test_plans_reach_their_aim_in_the_city_and_in_every_county(run_with, row):
    held = run_with(meals__plan="hold_ratio").everywhere("meals")
    village = run_with(meals__plan="every_village").everywhere("meals")
    for area in run_with().areas:
        one = held[held["area"] == area].set_index("year")
        assert one.loc[2030:2035, "points_per_10000"].to_numpy() == pytest.approx(
            one.loc[2020, "points_per_10000"], rel=0.02
        ), area
        one = village[village["area"] == area].set_index("year")
        assert one.loc[2035, "places_share"] == pytest.approx(1) and one.loc[2026, "points"] < one.loc[2027, "points"]
    assert row(village, area=run_with().area)["points"] == pytest.approx(1211)


def test_kitchens_add_meals_from_the_first_year_on(run_with):
    base, more, twice = (
        run_with(**k).meals.set_index("year") for k in ({}, {"meals__kitchens": 2}, {"meals__kitchens": 4})
    )
    difference = more["meals_supply_per_day"] - base["meals_supply_per_day"]
    assert difference.loc[2026] == 0 and difference.loc[2027] == pytest.approx(5 * 2 * 227, rel=0.2)
    np.testing.assert_allclose(twice["meals_supply_per_day"] - base["meals_supply_per_day"], 2 * difference)
    assert more.loc[2035, "points_per_year_to_serve_50"] < base.loc[2035, "points_per_year_to_serve_50"]


def test_a_plan_that_ends_before_it_starts_gets_one_clear_line(project):
    with pytest.raises(InputError, match=r"meals.full_year = 2028.*must not be before meals.first_year = 2030"):
        Results("deqing", "baseline", {"meals.first_year": 2030, "meals.full_year": 2028}, project)


def test_the_uptake_that_is_just_enough_leaves_nothing_missing_in_its_draw(run_with):
    draws, table = run_with().meals_draws(), run_with().meals
    even = draws["served"] / draws["wanted_at_full_uptake"]
    np.testing.assert_allclose(table["break_even_uptake_mean"], even.mean(axis=1))
    fixed = run_with(meals__uptake=0.04).meals_draws()
    np.testing.assert_allclose(fixed["wanted"], 0.04 * fixed["wanted_at_full_uptake"])
    np.testing.assert_array_equal(fixed["wanted"] > fixed["served"], even < 0.04)


def test_when_a_measure_is_not_met_is_the_same_year_in_every_form(run_with):
    run, table = run_with(), run_with().meals.set_index("year")
    crossing = run.meals_crossing
    assert list(crossing.index) == ["launch", "norm", "short"]
    for measure, name in (("launch", "below_launch"), ("norm", "below_norm"), ("short", "short")):
        by_2030 = crossing["probability_by_2030"][measure]
        assert by_2030 == pytest.approx(table[f"probability_{name}_by"][2030])
        assert (crossing["crossing_year_p10"][measure] <= 2030) == (by_2030 >= 0.1)
    assert crossing["points_per_year_80"]["launch"] == pytest.approx(table["points_per_year_to_hold_80"][2035])
    assert crossing["points_per_year_50"]["short"] == pytest.approx(table["points_per_year_to_serve_50"][2035])
    # With the points of the norm nothing is to be added to hold it.
    held = run_with(meals__norm=1.0).meals_crossing.loc["norm"]
    assert held["points_per_year_80"] == 0 and np.isnan(held["crossing_year_p50"])


def test_demand_by_hand_where_need_does_not_change_with_age(run_with):
    run = run_with(meals__age_pattern="flat")
    county = run.counties["deqing"]
    draws = {name: county.drawer(f"meals.{name}") for name in ("need_share", "uptake", "days_share", "meals_per_user")}
    users = run.elders("deqing") * draws["need_share"] * draws["uptake"]
    by_hand = users * draws["days_share"] * draws["meals_per_user"]
    np.testing.assert_allclose(run.meals_draws("deqing")["wanted"], by_hand, rtol=1e-9)
    between = run.elders("deqing", from_age=70) - run.elders("deqing", from_age=80)
    np.testing.assert_allclose(
        run.meals_draws("deqing")["wanted_70_79"], by_hand * between / run.elders("deqing"), rtol=1e-9
    )


def test_meals_for_each_person_in_need_are_meals_over_persons(run_with):
    meals = run_with().meals
    np.testing.assert_allclose(
        meals["meals_per_elder_in_need"], meals["meals_supply_per_day"] / meals["elders_needing_meals"]
    )
