"""Shipped scenarios and their comparison: every one resolves and matters, differences are paired, flips are told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eldercare.inputs import resolve
from eldercare.model import Results
from eldercare.model.comparison import (
    CROSSING,
    MET,
    conclusions,
    differing,
    measured,
    measures,
    paths,
    results,
    runs_of,
)
from eldercare.model.demography import index_walk
from eldercare.model.draws import Z80

CITY = "huzhou"

DRAWS = {"run.draws": 120}
SHIPPED = (
    "baseline",
    "ageing_in_place",
    "closing",
    "combined",
    "high_longevity",
    "hold_the_norm",
    "low_migration",
    "meals_for_all",
    "occupancy_first",
    "planned_pipeline",
)


@pytest.fixture(scope="module")
def runs(project):
    return runs_of(project, SHIPPED, overrides=DRAWS)


@pytest.fixture(scope="module")
def areas(project):
    return (CITY, *project.counties)


@pytest.fixture(scope="module")
def found(runs, areas):
    return results(runs, areas)


def test_the_shipped_scenarios_are_these_and_the_baseline_changes_nothing(project):
    assert tuple(project.scenarios) == SHIPPED
    assert not project.scenarios["baseline"].changes and not project.scenarios["baseline"].county_changes


def test_every_change_has_its_reason_in_both_languages_and_a_locator(project):
    for scenario in project.scenarios.values():
        for changes in (scenario.changes, *scenario.county_changes.values()):
            for key, change in changes.items():
                assert change.locator and all(change.why[language] for language in ("en", "zh")), key


@pytest.mark.parametrize("scenario", SHIPPED[1:])
def test_every_scenario_resolves_for_every_area_and_changes_something_a_planner_sees(project, areas, found, scenario):
    for area in areas:
        resolve(project, area, scenario)
        own = found[(found["area"] == area) & (found["scenario"] == scenario)]
        assert (own[["change_p10", "change_p50", "change_p90"]].abs() > 0.5).any(axis=None), area


def test_scenarios_that_treat_counties_differently_do(project, runs):
    pace = {c: s.value("supply.beds_per_year") for c, s in runs["planned_pipeline"].county_settings.items()}
    assert len(set(pace.values())) == len(pace)
    kept = {c: s.value("migration.share_of_past") for c, s in runs["low_migration"].county_settings.items()}
    assert kept["wuxing"] == kept["anji"] == kept["deqing"] < kept["nanxun"] == kept["changxing"]


def test_low_migration_takes_most_elders_from_the_counties_that_grew_by_migration(found):
    change = found[(found["scenario"] == "low_migration") & (found["measure"] == "elders_2035")]
    change = change.set_index("area")["change_p50"]
    assert change["wuxing"] < change["anji"] < change["deqing"] < change["changxing"] < 0
    assert change["nanxun"] == pytest.approx(0, abs=100)


def test_the_pipeline_is_the_national_pace_of_2015_to_2020_on_each_countys_beds(project, runs):
    beds = project.table("care_evidence").query("area == 'china' and indicator == 'beds_total'").set_index("year")
    pace = (beds.loc[2020, "value"] / beds.loc[2015, "value"]) ** (1 / 5) - 1
    for county, settings in runs["planned_pipeline"].county_settings.items():
        start = sum(runs["baseline"].counties[county].beds_at_start.values())
        assert settings.value("supply.beds_per_year") == pytest.approx(start * pace, abs=0.51), county


def test_closing_is_the_national_pace_of_2020_to_2024_on_each_countys_beds(project, runs):
    beds = project.table("care_evidence").query("area == 'china' and indicator == 'beds_total'").set_index("year")
    pace = (beds.loc[2024, "value"] / beds.loc[2020, "value"]) ** (1 / 4) - 1
    for county, settings in runs["closing"].county_settings.items():
        start = sum(runs["baseline"].counties[county].beds_at_start.values())
        assert settings.value("supply.beds_per_year") == pytest.approx(start * pace, abs=0.51), county


def test_no_county_closes_more_beds_than_it_has(project):
    run = Results("deqing", "closing", DRAWS | {"supply.beds_per_year": -2000}, project)
    assert run.bed_supply()[-1].min() >= 0 and run.counties["deqing"].planned_beds["institution"][-1] == 0


def test_scenarios_do_what_their_descriptions_say_against_what_is_expected(found):
    city = found[found["area"] == CITY].set_index(["scenario", "measure"])["mean"]
    by = {measure: city.xs(measure, level="measure") for measure in ("built_2035", "gap_meals_2035", "gap_ratio_2035")}
    for scenario in ("ageing_in_place", "combined"):
        assert by["gap_meals_2035"][scenario] > by["gap_meals_2035"]["baseline"]
    assert by["built_2035"]["occupancy_first"] > by["built_2035"]["hold_the_norm"] > by["built_2035"]["baseline"] == 0
    assert by["gap_ratio_2035"]["high_longevity"] > by["gap_ratio_2035"]["baseline"]
    assert by["gap_ratio_2035"]["hold_the_norm"] == pytest.approx(0, abs=1000)


def test_more_beds_ask_for_more_care_workers_and_fewer_for_fewer(runs):
    workers = {
        name: sum(county.services.workers_institution[15].mean() for county in run.counties.values())
        for name, run in runs.items()
    }
    assert workers["hold_the_norm"] > workers["baseline"] > workers["closing"]


def test_scenarios_that_differ_by_people_alone_are_told_from_those_that_act(project):
    people = {name for name, scenario in project.scenarios.items() if scenario.is_of_population}
    assert people == {"high_longevity", "low_migration"}


def test_longer_lives_are_the_fast_end_of_the_band_of_mortality_not_a_number_of_our_own(project, runs):
    base = runs["baseline"]
    settings = base.counties["deqing"].settings
    years = int(base.target_year - settings.value("mortality.level_year"))
    spread = np.sqrt(index_walk(base.start.trend, settings, years).variance[-1])
    fast = settings.value("mortality.drift_factor") + Z80 * spread / (abs(base.start.trend.drift) * years)
    longer = runs["high_longevity"].counties["deqing"].settings.value("mortality.drift_factor")
    assert longer == pytest.approx(fast, abs=0.005)
    # Every fifth year is kept: the fourth is 2035.
    lives = [run.projection().e0[3] for run in (base, runs["high_longevity"])]
    rank = (lives[0] < np.median(lives[1], axis=-1, keepdims=True)).mean(axis=-1)
    assert rank == pytest.approx(0.9, abs=0.05)


def test_a_difference_is_the_quantile_of_paired_draws_and_narrower_than_that_of_independent_ones(runs, found):
    first, other = (measured(runs[name], "deqing") for name in ("baseline", "high_longevity"))
    row = found.query("area == 'deqing' and scenario == 'high_longevity' and measure == 'gap_need_2035'").iloc[0]
    paired = np.quantile(other["gap_need_2035"] - first["gap_need_2035"], [0.1, 0.5, 0.9])
    assert row[["change_p10", "change_p50", "change_p90"]].to_list() == pytest.approx(paired.tolist())
    shuffled = np.random.default_rng(1).permutation(first["gap_need_2035"])
    low, high = np.quantile(other["gap_need_2035"] - shuffled, [0.1, 0.9])
    assert paired[2] - paired[0] < 0.2 * (high - low)


def test_the_first_scenario_differs_from_itself_by_nothing(found):
    own = found[(found["scenario"] == "baseline") & ~found["measure"].isin([CROSSING, MET])]
    assert (own[["change_p10", "change_p50", "change_p90"]] == 0).all(axis=None)


def test_scenarios_with_other_numbers_of_draws_are_not_paired(project):
    runs = {
        "a": Results("anji", overrides={"run.draws": 30}, project=project),
        "b": Results("anji", overrides={"run.draws": 40}, project=project),
    }
    assert results(runs, ["anji"]).query("scenario == 'b'")["change_p50"].isna().all()


def test_paths_and_measures_agree_with_the_published_frames(runs, found):
    run = runs["hold_the_norm"]
    beds = run.beds[run.beds["bed_type"] == "all"].set_index("year")
    own = found[(found["area"] == CITY) & (found["scenario"] == "hold_the_norm")].set_index("measure")
    for ladder in ("ratio", "need"):
        for year in (2030, 2035):
            for q in ("p10", "p50", "p90"):
                assert own.loc[f"gap_{ladder}_{year}", q] == pytest.approx(beds.loc[year, f"gap_{ladder}_{q}"])
    meals = run.meals.set_index("year")
    assert own.loc["gap_meals_2035", "mean"] == pytest.approx(meals.loc[2035, "gap_mean"])
    cost, balance = run.cost.query("case == 'present'"), run.balance.query("case == 'present' and care != 'family'")
    spent = cost.query("use == 'capital' and year <= 2035")["yuan_mean"].sum()
    assert own.loc["capital_2035", "mean"] == pytest.approx(spent)
    assert own.loc["cared_2035", "mean"] == pytest.approx(balance.query("year == 2035")["persons_mean"].sum())
    care = cost.query("service != 'meals' and year <= 2035")["discounted_mean"].sum()
    assert own.loc["care_cost_2035", "mean"] == pytest.approx(care)
    path = paths({"hold_the_norm": run}, [CITY]).set_index("year")
    assert path.loc[2035, "mean"] == pytest.approx(beds.loc[2035, "beds_per_1000"])


def test_counties_that_change_alike_share_a_row_and_the_city_stands_for_all(runs):
    frame = differing({name: runs[name] for name in ("baseline", "low_migration")}, (CITY,))
    rows = {(row.parameter, row.areas): row.value for row in frame.itertuples()}
    assert rows["migration.fade_until", (CITY,)] == 2040
    assert rows["migration.share_of_past", ("wuxing", "deqing", "anji")] == pytest.approx(0.4)
    only = differing({name: runs[name] for name in ("baseline", "low_migration")}, ("anji",))
    assert set(only["areas"]) == {("anji",)}


def made(city, gaps: dict[str, dict[str, float]], half: float = 10.0) -> pd.DataFrame:
    """Return a frame like that of results, from gaps by scenario and county."""
    rows = []
    for area in next(iter(gaps.values())):
        for measure in measures(city):
            for scenario, by in gaps.items():
                middle = {"elders_2035": 1000.0, CROSSING: 2025.0 if by[area] > 0 else np.nan}.get(measure, by[area])
                rows.append((area, measure, scenario, middle, middle - half, middle, middle + half))
    columns = ["area", "measure", "scenario", "mean", "p10", "p50", "p90"]
    return pd.DataFrame(rows, columns=columns)


def test_conclusions_flip_when_a_shortage_turns_open_or_enough_and_when_the_order_changes(project):
    gaps = {"a": {"x": 100, "y": 50}, "b": {"x": 5, "y": 40}, "c": {"x": -60, "y": -90}}
    frame = conclusions(made(project.city, gaps), project.city, ("x", "y"))
    value = frame.set_index(["conclusion", "area", "scenario"])
    assert [value.loc[("state_need", "x", s), "value"] for s in "abc"] == ["short", "open", "enough"]
    assert [value.loc[("state_need", "y", s), "flips"] for s in "abc"] == [False, False, True]
    assert [value.loc[("ranking_ratio", CITY, s), "value"] for s in "abc"] == [("x", "y"), ("y", "x"), ("x", "y")]
    assert [value.loc[("ranking_ratio", CITY, s), "flips"] for s in "abc"] == [False, True, False]
    assert [value.loc[(CROSSING, "x", s), "flips"] for s in "abc"] == [False, False, True]


def test_years_that_are_never_in_both_do_not_flip(project):
    frame = conclusions(made(project.city, {"a": {"x": -60}, "b": {"x": -70}}), project.city, ("x",))
    assert not frame["flips"].any()
