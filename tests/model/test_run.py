"""A run on the shipped data: known sizes, identities, additivity, direction, provenance."""

import re

import numpy as np
import pandas as pd
import pytest

from eldercare.inputs import InputError, load_project
from eldercare.model import Results, Run
from eldercare.model import run as run_module
from eldercare.model.demography import BASES
from eldercare.model.run import CountyRun

CITY = "huzhou"

COUNTIES = ("wuxing", "nanxun", "deqing", "changxing", "anji")


@pytest.fixture(scope="module")
def project(root):
    return load_project(root)


@pytest.fixture(scope="module")
def city(project):
    return Results(CITY, "baseline", project=project)


@pytest.fixture(scope="module")
def tables(city):
    return {
        name: city.everywhere(name) for name in ("population", "beds", "care_need", "meals", "services", "crossing")
    }


def median(run, year, **kwargs):
    years = list(run.years)
    return float(np.median(run.elders(**kwargs)[years.index(year)]))


def test_residents_aged_60_and_over_are_those_of_the_census_and_about_1_1_million_in_2030(city):
    assert median(city, 2020) == pytest.approx(718_721, rel=0.001)  # census bulletin of Huzhou
    assert median(city, 2023) == pytest.approx(824_000, rel=0.01)
    assert median(city, 2030) == pytest.approx(1_100_000, rel=0.03)
    assert 39_467 / median(city, 2030) * 1000 == pytest.approx(35, abs=0.6)


def test_launch_populations_have_the_published_totals(city):
    launch = city.launch
    census = dict(zip(COUNTIES, (1_015_937, 542_889, 548_568, 673_776, 586_409), strict=True))
    for i, county in enumerate(launch.counties):
        assert launch.resident[i].sum() == pytest.approx(census[county])
    males = launch.resident[..., 1].sum(axis=1)
    ratios = males / launch.resident[..., 0].sum(axis=1) * 100
    assert ratios.round(2).tolist() == [106.7, 108.44, 109.96, 104.91, 110.11]


def test_the_registered_launch_population_has_the_published_total_and_nobody_negative(city):
    launch = city.launch
    assert launch.registered.sum() == pytest.approx(2_675_700 + (2_688_300 - 2_675_700) / 3, rel=1e-6)
    assert (launch.registered >= 0).all()


def test_registered_elders_of_anji_2021_and_of_the_city_2022_come_near_without_being_fitted(project, city):
    anji = Results("anji", "baseline", project=project)
    assert median(anji, 2021, basis="registered") == pytest.approx(116_700, rel=0.03)
    assert median(city, 2022, basis="registered") == pytest.approx(764_015, rel=0.03)


def test_population_changes_by_births_deaths_and_migration_only(city):
    for name, county in city.counties.items():
        projection = county.projection
        for basis in BASES:
            total = projection.population[basis].sum(axis=(1, 2))
            change = projection.births[basis] - projection.deaths[basis] + projection.migration[basis]
            np.testing.assert_allclose(np.diff(total, axis=0), change, atol=1e-6, err_msg=name)


def test_the_city_is_the_sum_of_the_counties_draw_by_draw(city):
    total = sum(city.elders(c) for c in COUNTIES)
    np.testing.assert_allclose(city.elders(CITY), total, rtol=1e-12)


@pytest.mark.parametrize(
    ("table", "keys", "columns"),
    [
        ("beds", ["year", "bed_type", "basis"], ["supply", "elders_60plus", "demand_ratio", "demand_need"]),
        (
            "meals",
            ["year"],
            [
                "points",
                "meals_supply_per_day",
                "meals_demand_per_day_mean",
                "gap_mean",
                "meals_demand_60_69_mean",
                "meals_demand_70_79_mean",
                "meals_demand_80plus_mean",
                "elders_60plus",
                "elders_needing_meals",
                "kitchens",
                "places",
                "points_for_radius",
            ],
        ),
        ("services", ["year", "service"], ["reported", "needed_mean"]),
        ("population", ["basis", "year", "sex", "age_group"], ["mean"]),
    ],
)
def test_county_rows_add_to_the_city(tables, table, keys, columns):
    frame = tables[table]
    parts = frame[frame["area"] != CITY].groupby(keys)[columns].sum(min_count=len(COUNTIES))
    whole = frame[frame["area"] == CITY].set_index(keys)[columns].loc[parts.index]
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-9)


def test_every_table_has_every_area_and_year(tables):
    for name in ("population", "beds", "meals", "services"):
        assert set(tables[name]["area"]) == {CITY, *COUNTIES}, name
        assert sorted(tables[name]["year"].unique()) == list(range(2020, 2051)), name
    assert set(tables["crossing"]["area"]) == {CITY, *COUNTIES}


def test_beds_of_the_city_are_reported_and_those_of_the_counties_allocated(tables):
    beds = tables["beds"]
    first = beds[(beds["year"] == 2020) & (beds["bed_type"] == "all")]
    first = first[first["basis"] == "registered"].set_index("area")
    assert first.loc[CITY, "supply"] == pytest.approx(39_467)
    assert not first.loc[CITY, "allocated"]
    assert first.loc[list(COUNTIES), "allocated"].all()


def test_the_gap_is_demand_less_supply_and_quantiles_are_in_order(tables):
    beds = tables["beds"]
    for ladder in ("ratio", "need"):
        assert (beds[f"gap_{ladder}_p10"] <= beds[f"gap_{ladder}_p50"] + 1e-9).all()
        assert (beds[f"gap_{ladder}_p50"] <= beds[f"gap_{ladder}_p90"] + 1e-9).all()
        middle = beds[f"demand_{ladder}"] - beds["supply"]
        assert np.corrcoef(middle, beds[f"gap_{ladder}_p50"])[0, 1] > 0.99


def test_supply_has_an_interval_and_its_mean_is_what_was_reported(tables, city):
    beds = tables["beds"].query("bed_type == 'all' and basis == 'registered' and year == 2030").set_index("area")
    assert (beds["supply_p10"] < beds["supply"]).all() and (beds["supply"] < beds["supply_p90"]).all()
    width = (beds["supply_p90"] - beds["supply_p10"]) / beds["supply"]
    # What a county has of the total is less sure than the total.
    assert width.drop(CITY).min() > 2 * width[CITY]
    assert beds.loc[CITY, "supply"] == pytest.approx(39_467)


def test_counties_share_the_total_in_every_draw_where_nothing_has_changed_since(project):
    known = {"supply.institution_change": 1, "supply.home_care_centre_change": 1, "run.draws": 40}
    run = Results(CITY, "baseline", known, project)
    np.testing.assert_allclose(run.bed_supply(), 39_467)
    own = Results(CITY, "baseline", {**known, "allocation.spread": 1}, project)
    for county in own.counties.values():
        np.testing.assert_allclose(county.supply["institution"], county.beds_at_start["institution"])


def test_a_countys_own_number_has_no_interval_of_the_rule_or_of_the_change(project):
    run = Results("deqing", "baseline", {"supply.institution_beds": 5000, "run.draws": 40}, project)
    assert (run.bed_supply(kind="institution") == 5000).all()
    assert run.bed_supply(kind="home_care_centre")[-1].std() > 0


def test_building_to_the_norm_meets_it_and_the_baseline_builds_nothing(project, tables):
    built = Results(CITY, "hold_the_norm", project=project)
    rows = built.beds[built.beds["bed_type"] == "all"].set_index("year")
    # It builds to the median of the draws, and closes nothing when there are fewer people aged 60 and over.
    ratio = np.median(built.bed_ratio(), axis=1)[11:]
    assert ratio[:6] == pytest.approx(50, rel=0.01) and (ratio > 49.5).all()
    assert rows.loc[:2026, "supply"].to_numpy() == pytest.approx(39_467)
    frozen = tables["beds"]
    kept = frozen[(frozen["area"] == CITY) & (frozen["bed_type"] == "all")]["supply"]
    assert kept.to_numpy() == pytest.approx(39_467)


def test_ageing_in_place_moves_need_from_institutions_to_centres(project, city):
    other = Results(CITY, "ageing_in_place", project=project)
    change = (
        other.beds.set_index(["bed_type", "year"])["demand_need"]
        / city.beds.set_index(["bed_type", "year"])["demand_need"]
    )
    assert change.loc["institution"].to_numpy() == pytest.approx(0.75, rel=0.02)
    assert change.loc["home_care_centre"].to_numpy() == pytest.approx(1.5, rel=0.05)


def test_a_countys_own_number_replaces_its_share_and_the_total_stays(project):
    run = Results("deqing", "baseline", {"supply.institution_beds": 5000}, project=project)
    split = run.split("beds_institutional")
    assert split.values["deqing"] == 5000 and not split.allocated["deqing"]
    assert sum(split.values.values()) == pytest.approx(25_097)
    assert split.allocated["anji"]


def test_an_override_for_one_county_leaves_the_others_alone(project, city):
    run = Results("deqing", "baseline", {"beds.norm": 55}, project=project)
    assert run.counties["deqing"].settings.value("beds.norm") == 55
    assert run.counties["anji"].settings.value("beds.norm") == 50
    np.testing.assert_array_equal(run.elders("anji"), city.elders("anji"))


def test_the_other_basis_and_the_other_rule_are_selectable(project):
    registered = Results("wuxing", "baseline", {"beds.ratio_basis": "registered"}, project=project)
    assert (registered.beds["basis"] == "registered").all()
    counted = registered.beds.query("bed_type == 'all'")["elders_60plus"]
    np.testing.assert_allclose(counted, registered.elders(basis="registered").mean(axis=1))
    rule = Results(CITY, "baseline", {"allocation.rule": "resident_60plus"}, project=project)
    share = rule.split("meal_points").values["wuxing"] / 520
    launch = rule.launch.resident[:, 60:].sum(axis=(1, 2))
    assert share == pytest.approx(launch[0] / launch.sum())


def test_each_definition_of_dependency_reproduces_its_own_level(project):
    for definition, level in (
        ("survey_2021", 0.116),
        ("survey_2015", 0.183),
        ("administrative", 0.0745),
        ("census", 0.0234),
    ):
        run = Results(CITY, "baseline", {"need.definition": definition}, project=project)
        dependents = sum(county.need.dependents[0] for county in run.counties.values())
        assert np.median(dependents) / 718_896 == pytest.approx(level, rel=0.02), definition


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(project, city):
    again = Results(CITY, "baseline", project=project)
    pd.testing.assert_frame_equal(again.beds, city.beds, check_exact=True)
    other = Results(CITY, "baseline", {"run.seed": 1}, project=project)
    assert not other.beds["gap_need_p10"].equals(city.beds["gap_need_p10"])


@pytest.mark.parametrize(
    ("area", "scenario", "expected"),
    [("deqin", "baseline", "did you mean deqing"), ("deqing", "base_line", "did you mean baseline")],
)
def test_a_wrong_name_is_refused_with_the_nearest_spelling(project, area, scenario, expected):
    with pytest.raises(InputError, match=expected):
        Results(area, scenario, project=project)


# What another parameter switches on.
SWITCHED = {
    "supply.beds_per_year": {"supply.plan": "steady"},
    "supply.first_year": {"supply.plan": "steady"},
    "supply.last_year": {"supply.plan": "steady"},
    "supply.catch_up_years": {"supply.plan": "hold_norm"},
    "need.morbidity_share": {"need.morbidity": "shifted"},
    "need.dependent_mortality": {"need.morbidity": "states"},
    "meals.full_year": {"meals.plan": "every_village"},
    "meals.first_year": {"meals.plan": "every_village"},
    "costs.conversion": {"beds.nursing_target": 1.0},
}
# One for all counties, so that a county cannot have its own.
COMMON = ("allocation.rule", "population.graduation")
FRAMES = ("population", "beds", "care_need", "meals", "services", "crossing", "plan", "balance", "cost", "indicators")


def another(setting) -> object:
    """Return another value of a parameter: another choice, the end of its interval, or a step away."""
    parameter, value = setting.parameter, setting.value
    if parameter.choices:
        # The last choice: the plan before it follows a table that has no rows yet.
        return [choice for choice in parameter.choices if choice != value][-1]
    if value is None:
        # A count of the county's own, or a share of a service.
        return parameter.bounds[1] / 2 if parameter.bounds[1] <= 1 else 200
    if setting.interval:
        return setting.interval[1]
    if value == parameter.bounds[1]:
        return parameter.bounds[0]
    return min(parameter.bounds[1], value + (5 if value >= 10 else 2 if parameter.integer else 0.1))


@pytest.mark.study
def test_every_parameter_is_read_for_the_results_and_another_value_changes_them(project):
    idle, unread, references = [], [], {}
    # New sites are chosen only where there is a table of sites; who is turned away moves a table of one page.
    for key in [key for key in project.parameters if key not in ("meals.new_sites", "beds.turned_away")]:
        needed = {"run.draws": 40, **SWITCHED.get(key, {})}
        area = CITY if key in COMMON else "deqing"
        if (asked := (area, *needed.items())) not in references:
            reference = Results(area, "baseline", needed, project=project.apart())
            references[asked] = reference, [getattr(reference, name) for name in FRAMES]
        reference, before = references[asked]
        if not any(key == read for _, _, read in reference.project.reads.parameters):
            unread.append(key)
        overrides = {**needed, key: another(reference.settings.all[key])}
        changed = Results(area, "baseline", overrides, project=project)
        if all(getattr(changed, name).equals(frame) for name, frame in zip(FRAMES, before, strict=True)):
            idle.append(key)
    assert (unread, idle) == ([], [])


def test_own_numbers_above_the_city_and_a_missing_indicator_get_one_clear_line(project):
    run = Results("deqing", overrides={"run.draws": 20, "supply.institution_beds": 26000}, project=project)
    with pytest.raises(InputError, match=r"supply.institution_beds = 26000: the own numbers of 1 of 5 counties add"):
        _ = run.beds
    with pytest.raises(InputError, match=r"report_2018.csv: indicator = 'meal_point': .*needed.*meal_points"):
        run.reported("meal_point")


def test_the_steps_of_the_story_are_there_under_their_names():
    named = re.findall(r"``(\w+)``", run_module.__doc__.split("13.")[0])
    assert 10 <= len(named) <= 13
    assert all(hasattr(Run, name) or hasattr(CountyRun, name) or name == "settings" for name in named)


def test_where_every_county_has_its_own_number_the_city_is_their_sum(project):
    run = Results(overrides={"run.draws": 20, "supply.institution_beds": 6000}, project=project)
    beds = run.beds.query("year == 2020 and bed_type == 'institution'").iloc[0]
    assert beds["supply"] == pytest.approx(30_000) and not beds["allocated"]
    assert run.starting_point.set_index("name")["value"]["beds_institutional"] == 30_000
    assert run.need["use"].iloc[0] == pytest.approx(30_000 * run["beds.occupancy_institution_now"], rel=0.05)
