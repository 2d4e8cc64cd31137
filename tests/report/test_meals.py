"""The page about meals: sentences in each case, numbers that add up, and the map of sites."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from eldercare.report import Page, meals

FEW = {"run.draws": 40}

CASES = [
    ({}, {"en": ["already in 2020", "are wanted (80%"], "zh": ["2020年用餐需求即高于供给", "使用率临界值为"]}),
    ({"meals.per_point": 45}, {"en": ["than served from 20"], "zh": ["年起用餐需求高于供给"]}),
    ({"meals.uptake": 0.01}, {"en": ["up to 2050", "enough for the"], "zh": ["到2050年", "均可满足", "供给足够"]}),
]


@pytest.mark.parametrize("area", ["huzhou", "deqing"])
@pytest.mark.parametrize(("changed", "expected"), CASES)
def test_the_answer_says_shortage_surplus_already_and_never(project, area, changed, expected, words):
    for language, pieces in expected.items():
        text = words(meals.answer(Page("meals", area, "baseline", FEW | changed, language, project)))
        for piece in pieces:
            assert piece in text, (language, text)


@pytest.mark.parametrize(
    ("norm", "expected"),
    [(9.0, "below 9.0 from the start"), (5.0, "below 5.0 from 20"), (1.0, "not below 1.0 up to 2050")],
)
def test_the_density_says_already_from_a_year_or_never(run_notebook, norm, expected):
    assert expected in run_notebook("04_meals", "huzhou", "en", meals__norm=norm).charts["density"].finding


def test_means_add_up_over_ages_and_counties_and_the_gap_is_wanted_less_served(run_notebook):
    names = run_notebook("04_meals", "huzhou", "en").names
    daily, later = names["daily"], names["later"]
    ages = daily[["wanted_60_69", "wanted_70_79", "wanted_80plus"]].sum(axis=1)
    np.testing.assert_allclose(ages, daily["wanted"])
    np.testing.assert_allclose(daily["wanted"] - daily["served"], daily["gap"])
    assert later["gap"].sum() == pytest.approx(daily["gap"][2035])
    assert later["points"].sum() == pytest.approx(names["points"][2035]) == pytest.approx(520)


def test_points_that_are_enough_for_the_uptake_leave_no_shortage(run_notebook, project):
    even = run_notebook("04_meals", "huzhou", "en").names["even"].loc[2035]
    for uptake, key in ((even["even_p10"] * 0.9, "enough for the"), (even["even_p90"] * 1.1, "are wanted (80%")):
        page = Page("meals", "huzhou", "baseline", FEW | {"meals.uptake": uptake}, "en", project)
        assert key in meals.answer(page)


def test_the_table_of_the_page_says_what_the_published_one_does(run_notebook):
    shown = run_notebook("04_meals", "deqing", "en")
    table, even, daily = shown.names["table"], shown.names["even"], shown.names["daily"]
    np.testing.assert_allclose(table["break_even_uptake_mean"], even["even"])
    np.testing.assert_allclose(table["gap_p90"], daily["gap_p90"])
    np.testing.assert_allclose(table["points_per_10000"], shown.names["density"]["density"])
    np.testing.assert_allclose(table["kitchens_to_serve"], shown.names["missing"]["kitchens_missing"])
    crossing = shown.names["crossing"]
    np.testing.assert_allclose(crossing["points_per_year_80"]["short"], table["points_per_year_to_serve_80"][2035])
    np.testing.assert_allclose(crossing["probability_by_2030"]["norm"], table["probability_below_norm_by"][2030])


def test_no_uptake_is_no_error(run_notebook, words):
    shown = run_notebook("04_meals", "anji", "en", meals__uptake=0)
    assert "are served up to 2050" in words(shown["setup"].site)
    assert (shown.names["missing"]["points_missing"] == 0).all()


def test_equity_says_that_it_is_even_by_construction_until_a_county_reports(run_notebook, words):
    shown = run_notebook("04_meals", "huzhou", "en")
    text = words(shown["counties-picture"])
    assert "0.000 in 2020" in text and "by construction" in text and "until counties report" in text
    own = shown.names["later"].assign(allocated=[True, True, False, True, True])
    assert "differ from the rest" in words(shown.again("counties-picture", later=own))
    assert run_notebook("04_meals", "deqing", "en")["counties-picture"] is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_stands_with_a_far_horizon(run_notebook, language):
    shown = run_notebook("04_meals", "anji", language, run__horizon=2060)
    assert "2060" in shown.charts["demand"].finding and "2060" in shown.charts["age"].table.csv()


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


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_table_of_sites_gives_coverage_and_the_best_new_sites(project_copy, run_notebook, language, words):
    write_sites(project_copy, SITES)
    shown = run_notebook("04_meals", "deqing", language, project_copy, meals__new_sites=1, meals__radius=1.0)
    text, page, reach = words(shown["sites-picture"]), shown.names["page"], shown.names["reach"]
    # C reaches B, C and D: 240 of 500; E alone has more elders than any single one of them.
    assert "20.0%" in text and "68.0%" in text and list(reach.chosen["name"]) == ["Made C"]
    assert "meals.new_sites" in page.run.parameters_read()
    chart = meals.sites_chart(page, reach)
    places = {tuple(spot) for spots in chart.figure.axes[0].collections for spot in np.round(spots.get_offsets(), 6)}
    assert (
        {(row[4], row[5]) for row in SITES}
        == places
        == set(zip(chart.table.frame.lon, chart.table.frame.lat, strict=True))
    )
    assert shown.names["covered"].iloc[-1] == pytest.approx(reach.share("then")) == pytest.approx(0.68)


def test_a_candidate_that_reaches_nobody_else_is_not_chosen(project_copy, run_notebook, words):
    write_sites(project_copy, [SITES[0], ("z", "deqing", "Made Z", "candidate", 119.951, 30.53, "0")])
    shown = run_notebook("04_meals", "deqing", "en", project_copy)["sites-picture"]
    assert "None of the 1 candidates reaches anyone else" in words(shown)


def test_without_a_table_of_sites_the_page_says_what_is_missing(run_notebook):
    for language, missing in (("en", "No coordinates of meal points"), ("zh", "暂无助餐点和候选点的坐标")):
        shown = run_notebook("04_meals", "deqing", language)
        assert missing in shown["sites-picture"]
        assert "meals.new_sites" not in shown.names["run"].parameters_read()
