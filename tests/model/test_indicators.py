"""The indicators of a five-year plan: levels and chances as other tables have them, costs that add, and directions."""

from __future__ import annotations

import numpy as np
import pytest

from eldercare.model.indicators import SERVICES


def near(run, **where):
    frame = run.indicators.query("year == 2030").set_index("indicator")
    return frame.loc[where["indicator"]] if where else frame


def test_the_chance_to_keep_the_norm_and_the_level_are_those_of_the_other_tables(run_with):
    run = run_with(area="deqing")
    row = near(run, indicator="beds_per_1000")
    below = run.crossing.query("norm == 50")["below_at_2030"].item()
    assert row["chance_without"] == pytest.approx(1 - below)
    beds = run.beds.query("bed_type == 'all'").set_index("year")["beds_per_1000"]
    assert (row["base"], row["without_mean"]) == pytest.approx((beds[2026], beds[2030]))
    opened = run.plan.query("year == 2030").set_index("item")["opened"]
    more = opened["institution_beds"] + opened["home_care_centre_beds"]
    elders = run.elders(basis="registered")[run.position(2030)]
    assert row["plan_mean"] - row["without_mean"] == pytest.approx((1000 * more / elders).mean())
    assert near(run, indicator="usable_beds")["target"] == pytest.approx(
        run.plan.query("year == 2030 and item == 'institution_beds'")["wanted_mean"].item()
    )
    workers = run.plan.query("year == 2030 and item == 'care_workers'")["present_mean"].item()
    per = near(run, indicator="workers_per_10000")["without_mean"]
    assert per == pytest.approx(1e4 * workers / elders.mean(), rel=0.02)


def test_the_costs_of_the_indicators_add_to_those_of_the_plan(city):
    rows, cost = near(city), city.cost
    built = cost.query("case == 'plan' and use == 'capital' and 2027 <= year <= 2030")["yuan_mean"].sum()
    assert rows["capital"].sum() == pytest.approx(built)
    running = cost.query("use == 'running' and year == 2030").groupby("case")["yuan_mean"].sum()
    assert rows["running"].sum() == pytest.approx(running["plan"] - running["present"])
    assert rows["capital"].notna().tolist() == [bool(services) for services in SERVICES.values()]


def test_the_plan_never_lowers_a_chance_and_what_is_sure_is_reached_in_four_draws_of_five(city):
    rows = near(city)
    assert (rows["chance_plan"] >= rows["chance_without"]).all()
    falling = rows.drop("wait_days")
    assert (falling["reached_surely"] <= falling["plan_p90"]).all()
    assert (falling["reached_surely"] >= falling["plan_p10"]).all()
    assert (
        rows.loc["wait_days", "plan_p10"]
        <= rows.loc["wait_days", "reached_surely"]
        <= rows.loc["wait_days", "plan_p90"]
    )


def test_without_money_the_cheapest_mix_reaches_what_there_is_and_more_money_meets_more(run_with):
    nothing, some, much = (near(run_with(area="deqing", plan__budget=yuan)) for yuan in (0, 3e7, 2e8))
    np.testing.assert_allclose(nothing["at_budget"], nothing["without_mean"], rtol=1e-6, atol=1e-6)
    assert some.loc["meal_coverage", "at_budget"] > nothing.loc["meal_coverage", "at_budget"]
    assert much.loc["beds_per_1000", "at_budget"] > nothing.loc["beds_per_1000", "at_budget"] + 1


def test_the_binding_indicator_is_the_one_that_is_named(run_with):
    kinds = near(run_with(area="deqing", plan__binding_indicator="wait_days"))["kind"]
    assert kinds[kinds == "binding"].index.tolist() == ["wait_days"]


def test_beds_out_of_use_make_need_ask_for_more_and_people_wait_longer(run_with):
    whole, half = (run_with(area="deqing", beds__usable_share=share, plan__goal="need") for share in (1.0, 0.6))
    asked, more = (run.beds.query("bed_type == 'institution' and year == 2030").iloc[0] for run in (whole, half))
    assert more["demand_need"] == pytest.approx(asked["demand_need"] / 0.6)
    assert more["supply"] == asked["supply"] and more["wait_days_p50"] > asked["wait_days_p50"]
    usable = [near(run, indicator="usable_beds") for run in (whole, half)]
    assert usable[1]["without_mean"] == pytest.approx(0.6 * usable[0]["without_mean"])
    # What is needed of usable beds stays: so many more are opened.
    assert usable[1]["target"] == pytest.approx(usable[0]["target"])
