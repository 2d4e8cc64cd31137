"""Meals and services: plans by hand, equity and coverage against outside answers, direction."""

import csv

import numpy as np
import pandas as pd
import pytest

from eldercare.inputs import CITY, InputError, load_project
from eldercare.model import Results
from eldercare.model.services import PURCHASED, TRAINEES, WORKERS

FEW = {"run.draws": 40}
COUNTIES = ("wuxing", "nanxun", "deqing", "changxing", "anji")


@pytest.fixture(scope="module")
def project(root):
    return load_project(root)


@pytest.fixture(scope="module")
def run_with(project):
    """Return a run of an area with changed values; equal requests share one run."""
    kept = {}

    def make(area=CITY, **changed):
        key = (area, *sorted(changed.items()))
        if key not in kept:
            overrides = FEW | {name.replace("__", "."): value for name, value in changed.items()}
            kept[key] = Results(area, "baseline", overrides, project)
        return kept[key]

    return make


def at(frame, year=2035, **where):
    rows = frame[frame["year"] == year]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_demand_is_the_sum_over_ages_and_at_the_middle_what_the_definition_says(run_with):
    frame = run_with().meals
    parts = frame[[f"meals_demand_{a}_mean" for a in ("60_69", "70_79", "80plus")]].sum(axis=1)
    np.testing.assert_allclose(parts, frame["meals_demand_per_day_mean"], rtol=1e-9)
    np.testing.assert_allclose(frame["elders_needing_meals"], 0.221 * frame["elders_60plus"], rtol=1e-9)


def test_need_that_rises_with_age_has_the_same_total_at_launch_and_more_later(run_with):
    flat, rising = run_with().meals, run_with(meals__age_pattern="dependency").meals
    assert rising["elders_needing_meals"][0] == pytest.approx(flat["elders_needing_meals"][0], rel=1e-3)
    assert at(rising, 2050)["elders_needing_meals"] > 1.1 * at(flat, 2050)["elders_needing_meals"]
    assert at(rising, 2020)["meals_demand_80plus_mean"] > 2 * at(flat, 2020)["meals_demand_80plus_mean"]


@pytest.mark.parametrize("key", ["meals.uptake", "meals.need_share", "meals.days_share", "meals.meals_per_user"])
def test_more_need_never_asks_for_fewer_points(project, run_with, key):
    base = run_with().meals
    value = run_with().settings.value(key)
    more = Results(CITY, "baseline", FEW | {key: min(value * 1.2, 1.0) if value < 1 else value * 1.2}, project).meals
    less = Results(CITY, "baseline", FEW | {key: value * 0.8}, project).meals
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


def test_adding_the_points_per_year_holds_the_level_with_that_probability(run_with):
    run = run_with()
    for q in (50, 80):
        added = at(run.meals)[f"points_per_year_to_hold_{q}"] * (2035 - 2027 + 1)
        ratio = (520 + added) / run.elders()[15] * 10_000
        assert (ratio >= 520 / run.elders()[0].mean() * 10_000 - 1e-9).mean() == pytest.approx(q / 100, abs=0.03)


def test_plans_reach_their_aim_in_the_city_and_in_every_county(run_with):
    held = run_with(meals__plan="hold_ratio").everywhere("meals")
    village = run_with(meals__plan="every_village").everywhere("meals")
    for area in (CITY, *COUNTIES):
        one = held[held["area"] == area].set_index("year")
        assert one.loc[2030:2035, "points_per_10000"].to_numpy() == pytest.approx(
            one.loc[2020, "points_per_10000"], rel=0.01
        ), area
        one = village[village["area"] == area].set_index("year")
        assert one.loc[2035, "places_share"] == pytest.approx(1) and one.loc[2026, "points"] < one.loc[2027, "points"]
    assert at(village, area=CITY)["points"] == pytest.approx(1211)


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


def test_more_people_in_need_than_live_there_gets_one_clear_line(project):
    run = Results("deqing", "baseline", FEW | {"meals.need_share": 0.6, "meals.age_pattern": "dependency"}, project)
    with pytest.raises(InputError, match=r"meals.need_share.*more people of an age and sex"):
        _ = run.meals


def test_services_keep_the_ratio_of_the_launch_year_or_the_target_share(run_with):
    run = run_with()
    care = at(run.services, service=PURCHASED)
    assert care["reported"] == pytest.approx(24_987)
    assert care["needed_mean"] == pytest.approx(0.038 * run.elders(basis="registered")[15].mean())
    centres = at(run.services, service="home_care_centres")
    growth = run.elders()[15].mean() / run.elders()[0].mean()
    assert centres["needed_mean"] == pytest.approx(1207 * growth, rel=0.02)
    everywhere = run_with(services__agreement_share=1).services
    agreed = at(everywhere, service="home_care_centres_with_medical_agreement")
    assert agreed["needed_p50"] == pytest.approx(centres["needed_p50"])


def test_what_is_added_per_year_reaches_what_is_needed(run_with):
    frame = run_with().services
    rows = frame[(frame["year"] == 2035) & ~frame["service"].isin([WORKERS, TRAINEES])]
    assert len(rows) == 9
    np.testing.assert_allclose(rows["reported"] + 9 * rows["to_add_per_year_p50"], rows["needed_p50"])


def test_the_stock_of_care_workers_is_unknown_until_every_county_reports_it(project, run_with):
    workers = at(run_with().services, service=WORKERS)
    assert np.isnan(workers["reported"]) and np.isnan(workers["to_add_per_year_p50"]) and not workers["allocated"]
    one = Results("deqing", "baseline", FEW | {"services.workers": 900}, project)
    assert at(one.services, service=WORKERS)["reported"] == 900
    tables = one.everywhere("services")
    assert np.isnan(at(tables, service=WORKERS, area=CITY)["reported"])
    assert at(run_with(services__workers=900).services, service=WORKERS)["reported"] == 5 * 900


@pytest.mark.parametrize(
    ("key", "direction"),
    [
        ("services.residents_per_worker", -1),
        ("services.clients_per_worker", -1),
        ("services.home_care_share", 1),
        ("need.survey.prevalence", 1),
    ],
)
def test_care_workers_move_as_they_must(project, run_with, key, direction):
    value = run_with().settings.value(key)
    low, high = (Results(CITY, "baseline", FEW | {key: value * f}, project).services for f in (0.8, 1.2))
    change = at(high, service=WORKERS)["needed_p50"] - at(low, service=WORKERS)["needed_p50"]
    assert np.sign(change) == direction


def test_a_countys_own_count_replaces_its_share_and_the_city_stays(project):
    run = Results("deqing", "baseline", FEW | {"services.purchased": 6000}, project)
    frame = run.everywhere("services")
    rows = frame[(frame["service"] == PURCHASED) & (frame["year"] == 2020)].set_index("area")
    assert rows.loc["deqing", "reported"] == 6000 and not rows.loc["deqing", "allocated"]
    assert rows.loc["anji", "allocated"]
    assert (
        rows.loc[list(COUNTIES), "reported"].sum() == pytest.approx(rows.loc[CITY, "reported"]) == pytest.approx(24_987)
    )


# Sites: a small made table, in a copy of the project.

SITES = [
    # site, area, name, kind, lon, lat, elders: places on a line, 0.01 degrees of longitude = 0.958 km.
    ("a", "deqing", "Made A", "existing", 119.95, 30.53, 100),
    ("b", "deqing", "Made B", "candidate", 119.97, 30.53, 80),
    ("c", "deqing", "Made C", "candidate", 119.98, 30.53, 90),
    ("d", "deqing", "Made D", "candidate", 119.99, 30.53, 70),
    ("e", "deqing", "Made E", "candidate", 120.05, 30.53, 160),
]


def write_sites(root, rows):
    with (root / "data" / "raw" / "meal_point_sites.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow("site area name kind lon lat elders source_id quality note".split())
        writer.writerows([*row, "SEED", "derived", "made for a test"] for row in rows)


def test_a_table_of_sites_gives_coverage_and_the_best_new_sites(project_copy):
    write_sites(project_copy, SITES)
    project = load_project(project_copy)
    changed = FEW | {"meals.new_sites": 1, "meals.radius": 1.0}
    found = Results("deqing", "baseline", changed, project).catchment
    assert (found.existing, found.candidates) == (1, 4)
    assert found.share_now == pytest.approx(0.2)
    # C reaches B, C and D: 240 of 500; E alone has more elders than any single one of them.
    assert list(found.chosen["site"]) == ["c"] and found.share_then == pytest.approx(0.68)
    wide = Results("deqing", "baseline", changed | {"meals.radius": 3.0}, project).catchment
    assert wide.share_now > found.share_now
    both = Results("deqing", "baseline", changed | {"meals.new_sites": 2}, project).catchment
    assert list(both.chosen["site"]) == ["c", "e"] and both.share_then == pytest.approx(1)


def test_places_of_their_own_say_where_the_elders_live(project_copy):
    write_sites(project_copy, [(*row[:6], "") for row in SITES])
    with pytest.raises(InputError, match=r"meal_point_sites.csv row 2: elders.*meal_demand_places.csv"):
        _ = Results("deqing", "baseline", FEW, load_project(project_copy)).catchment
    places = pd.DataFrame(
        {
            "place": ["p", "q"],
            "area": "deqing",
            "name": ["P", "Q"],
            "lon": [119.951, 120.051],
            "lat": 30.53,
            "elders": [300, 100],
            "source_id": "SEED",
            "quality": "derived",
            "note": "",
        }
    )
    places.to_csv(project_copy / "data" / "raw" / "meal_demand_places.csv", index=False)
    found = Results("deqing", "baseline", FEW, load_project(project_copy)).catchment
    assert found.share_now == pytest.approx(0.75) and list(found.chosen["site"]) == ["e"]


def test_longitude_and_latitude_exchanged_are_refused(project_copy):
    write_sites(project_copy, [("a", "deqing", "A", "existing", 30.53, 119.95, 10)])
    with pytest.raises(InputError, match=r"row 2: lon = '30.53'.*below the minimum 73"):
        _ = Results("deqing", "baseline", FEW, load_project(project_copy)).catchment
