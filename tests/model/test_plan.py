"""The plan: whole units that close the gap, a balance of care that is exact, costs that add over all parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eldercare.model import Results
from eldercare.model.indicators import mean_wait
from eldercare.model.plan import CASES
from eldercare.model.supply import built

ADDED = {
    "plan": (["year", "item"], ["wanted_mean", "present_mean", "to_open", "opened"]),
    "balance": (["year", "case", "care"], ["persons_mean"]),
    "cost": (["year", "case", "service", "use", "payer"], ["yuan_mean", "discounted_mean"]),
}


@pytest.mark.parametrize("table", ADDED)
def test_the_counties_add_to_the_city(city, table):
    keys, columns = ADDED[table]
    frame = city.everywhere(table)
    counties = frame[frame["area"] != "huzhou"].groupby(keys)[columns].sum(min_count=1)
    whole = frame[frame["area"] == "huzhou"].set_index(keys)[columns]
    np.testing.assert_allclose(whole.to_numpy(float), counties.loc[whole.index].to_numpy(float), rtol=1e-9)


def test_all_who_depend_on_care_are_cared_for_somewhere_in_every_draw(city):
    for county in city.within():
        for case in CASES:
            cared = sum(county.plan.care[case])
            np.testing.assert_allclose(cared, county.need.dependents, rtol=1e-12)
            assert all((persons >= 0).all() for persons in county.plan.care[case])
        # Beds that are not built show up as people who are cared for elsewhere.
        present, plan = (county.plan.care[case] for case in CASES)
        elsewhere = present.paid_home + present.family - plan.paid_home - plan.family
        placed = plan.institution + plan.home_care_centre - present.institution - present.home_care_centre
        np.testing.assert_allclose(elsewhere, placed, atol=1e-6)
        assert (placed > -1e-9).all()


def test_from_the_end_of_the_catching_up_nothing_is_missing_on_average_and_no_bed_too_many_opens(city):
    last = city.position(2027 + 5 - 1)
    for county in city.within():
        for item in ("institution_beds", "home_care_centre_beds"):
            one = county.plan.items[item]
            missing = np.maximum.accumulate(np.maximum((one.wanted - one.present).mean(axis=1), 0.0))
            assert (one.opened[last:] >= missing[last:] - 1e-6).all() and (one.opened[last:] < missing[last:] + 1).all()
            assert (
                one.opened.dtype.kind == "i" and (np.diff(one.opened) >= 0).all() and one.opened[: last - 4].sum() == 0
            )


def test_a_plan_for_a_surplus_opens_nothing_and_costs_as_much_as_the_present(run_with):
    run = run_with(
        area="deqing", beds__norm=5, beds__nursing_target=0.0, plan__family_beds_share=0.0, meals__uptake=0.0
    )
    opened = run.plan.groupby("item")["opened"].max()
    assert opened.drop("care_workers").max() == 0 and opened["care_workers"] > 0
    cost = run.cost.query("year == 2035 and service != 'training'").groupby("case")["yuan_mean"].sum()
    assert cost["plan"] == pytest.approx(cost["present"])


@pytest.mark.parametrize("goal", ["norm", "need", "use"])
def test_each_goal_is_what_the_beds_are_compared_with(run_with, goal):
    run = run_with(area="deqing", plan__goal=goal)
    beds = run.beds.query("bed_type == 'institution'").set_index("year")
    wanted = run.plan.query("item == 'institution_beds'").set_index("year")["wanted_mean"]
    expected = {"norm": beds["demand_ratio"], "need": beds["demand_need"]}.get(goal)
    if goal == "use":
        inside = run.counties["deqing"].institutions.demand / run.counties["deqing"].demand.occupancy["institution"]
        expected = inside.mean(axis=1)
    np.testing.assert_allclose(wanted, expected)


def test_insurance_pays_in_place_of_the_family_and_of_nobody_else(run_with):
    none, some = (
        run_with(area="deqing", costs__insurance_share=share).cost.query("year == 2035 and case == 'plan'")
        for share in (0.0, 0.75)
    )
    before, after = (frame.groupby("payer")["yuan_mean"].sum() for frame in (none, some))
    assert before["insurance"] == 0 < after["insurance"]
    assert before.sum() == pytest.approx(after.sum())
    np.testing.assert_allclose(after[["county", "province", "operator"]], before[["county", "province", "operator"]])


def test_a_year_of_an_institution_costs_residents_times_months_times_price(run_with):
    prices = {f"costs__institution_{degree}": 1000.0 for degree in ("light", "medium", "heavy")}
    run = run_with(area="deqing", **prices)
    cost = run.cost.query("year == 2035 and case == 'present' and service == 'institution' and use == 'running'")
    inside = run.balance.query("year == 2035 and case == 'present' and care == 'institution'")["persons_mean"].item()
    assert cost["yuan_mean"].sum() == pytest.approx(12 * 1000 * inside)
    # A later yuan is worth less: 8 years at 3% from 2027 on.
    np.testing.assert_allclose(cost["discounted_mean"], cost["yuan_mean"] / 1.03**8)


def test_as_many_are_trained_as_in_the_report_without_the_plan_and_until_it_begins(run_with):
    run = run_with(area="deqing", costs__training=1000.0)
    cost = run.cost.query("service == 'training'").groupby(["case", "year"])["yuan_mean"].sum()
    reported = run.counties["deqing"].services.levels["care_worker_trainees"]
    for case, year in (("present", 2026), ("present", 2035), ("plan", 2026)):
        assert cost[case, year] == pytest.approx(1000 * reported)
    to_train = run.plan.query("item == 'care_workers' and year == 2035")["to_open"].item()
    assert cost["plan", 2035] == pytest.approx(1000 * to_train)


def test_trained_workers_make_up_for_those_who_leave(run_with):
    run = run_with(area="deqing", services__workers=500, workers__returning=0.0, workers__certified_share=1.0)
    item = run.counties["deqing"].plan.items["care_workers"]
    np.testing.assert_allclose(item.present[0], 500)
    lost = run.counties["deqing"].drawer("services.turnover")
    trained = run.counties["deqing"].services.levels["care_worker_trainees"]
    np.testing.assert_allclose(item.present[1], 500 * (1 - lost) + trained)
    # Once the backlog is closed the stock is what care asks for: hired is its growth and those who left.
    t = run.position(2040)
    hired = (np.maximum(item.wanted[t] - item.wanted[t - 1] * (1 - lost), 0)).mean()
    assert item.opened[t] - item.opened[t - 1] == pytest.approx(hired, abs=1)


def test_a_shorter_wait_or_a_surer_place_never_asks_for_fewer_beds_and_no_wait_is_the_need(run_with):
    def beds(**aims: float) -> float:
        return (
            run_with(area="deqing", **aims)
            .beds.query("bed_type == 'institution' and year == 2035")["beds_in_time"]
            .item()
        )

    by_days = [beds(queue__wait_days=days) for days in (0, 30, 365)]
    assert by_days == sorted(by_days, reverse=True) and by_days[0] > by_days[-1]
    by_share = [beds(queue__placed_share=share) for share in (0.5, 0.8, 0.95)]
    assert by_share == sorted(by_share) and by_share[0] < by_share[-1]
    county = run_with(area="deqing", queue__wait_days=0).counties["deqing"]
    np.testing.assert_allclose(county.institutions.in_time["need"], county.demand.need["institution"])


def test_the_wait_of_the_city_lies_between_those_of_its_counties(city):
    for case in ("need", "demand"):
        days = np.stack([county.institutions.days[case] for county in city.within()])
        whole = mean_wait([county.institutions for county in city.within()], case)
        assert (days.min(axis=0) - 1e-9 <= whole).all() and (whole <= days.max(axis=0) + 1e-9).all()


def test_residents_ask_for_workers_by_degree(run_with):
    # By hand: with shares of 1/5 heavy and 3/10 medium, 0.5 / 10 + 0.3 / 5 + 0.2 / 2 = 0.21 workers a resident.
    ratios = {f"services__residents_per_worker_{name}": n for name, n in (("light", 10), ("medium", 5), ("heavy", 2))}
    run = run_with(area="deqing", severity__heavy=0.2, severity__medium=0.3, services__home_care_share=0.0, **ratios)
    wanted = run.counties["deqing"].plan.items["care_workers"].wanted
    np.testing.assert_allclose(wanted, 0.21 * run.counties["deqing"].plan.care["plan"].institution)


def test_a_plan_for_a_probability_meets_it_and_a_surer_plan_never_opens_less(run_with):
    opened, t = [], run_with(area="deqing").position(2035)
    for chance in (0.3, 0.5, 0.8, 0.95):
        one = run_with(area="deqing", plan__chance=chance).counties["deqing"].plan.items["institution_beds"]
        assert np.mean(one.opened[t] >= one.wanted[t] - one.present[t]) >= chance - 1e-9
        opened.append(one.opened[t])
    assert opened == sorted(opened) and opened[0] < opened[-1]


def test_kitchens_serve_as_many_meals_as_the_points_that_they_replace(run_with):
    run = run_with(area="deqing")
    last = run.plan.query("year == 2035").set_index("item")["opened"]
    kitchens = last["meal_points"] * run["meals.per_point"] / run["meals.per_kitchen"]
    assert last["kitchens_instead"] - 1 < kitchens <= last["kitchens_instead"]


def test_what_a_scenario_builds_of_its_own_is_paid_for_without_a_plan_and_with_it(project):
    run = Results("deqing", "hold_the_norm", {"run.draws": 40}, project)
    (county,) = run.within()
    beds = {kind: np.maximum(np.diff(path), 0).sum() for kind, path in county.planned_beds.items()}
    price = {"institution": "costs.institution_bed", "home_care_centre": "costs.centre_bed"}
    capital = run.cost.query("use == 'capital'").pivot_table("yuan_mean", "service", "case", "sum")
    assert min(beds.values()) > 0
    for kind, name in price.items():
        assert capital.loc[kind, "present"] == pytest.approx(beds[kind] * county.drawer(name).mean())
    opened = {name: item.opened[-1] for name, item in county.plan.items.items()}
    added = opened["home_care_centre_beds"] * county.drawer("costs.centre_bed").mean()
    centre = capital.loc["home_care_centre"]
    assert centre["plan"] - centre["present"] == pytest.approx(added)
    frozen = Results("deqing", overrides={"run.draws": 40}, project=project)
    assert frozen.cost.query("use == 'capital' and case == 'present'")["yuan_mean"].eq(0).all()


def test_beds_that_close_cost_nothing_and_conversions_of_the_scenario_do():
    years, paths = np.arange(2026, 2030), {"institution": [50, 40, 60, 60], "home_care_centre": [5, 5, 5, 9]}
    rows = [("a", 2027, "institution", "convert_to_nursing", 7), ("b", 2027, "institution", "convert_to_nursing", 90)]
    changes = pd.DataFrame(rows, columns=["area", "year", "bed_type", "operation", "beds"])
    made = built({kind: np.array(path, float) for kind, path in paths.items()}, changes, "a", years)
    assert made["institution_beds"].tolist() == [0, 0, 20, 20]
    assert made["home_care_centre_beds"].tolist() == [0, 0, 0, 4]
    assert made["beds_converted_to_nursing"].tolist() == [0, 7, 7, 7]
