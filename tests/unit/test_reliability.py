"""Look-back, rivals, base and sensitivity: against published counts, hand computations and properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eldercare.inputs import CITY, load_project
from eldercare.model import Results
from eldercare.model.demography import BASES, draw_county, prepare, project_county, project_from
from eldercare.model.reliability import LOOK_BACK_METHODS, Reliability, published_counts
from eldercare.population import SEXES, life_table
from eldercare.report import Page, ageing, population, reliability
from tests.oracle import twin

ROOT = Path(__file__).resolve().parents[2]
DRAWS = {"run.draws": 60}


@pytest.fixture(scope="module")
def project():
    return load_project(ROOT)


@pytest.fixture(scope="module")
def city(project):
    return Results(CITY, "baseline", DRAWS, project=project)


@pytest.fixture(scope="module")
def checks(city):
    return Reliability(city)


def test_published_counts_are_those_of_the_sources(project):
    counts = {(c.area, c.year): c for c in published_counts(project.tables)}
    assert counts["huzhou", 2019].value == 693_800 and counts["huzhou", 2019].role == "fitted"
    assert counts["huzhou", 2022].value == 764_015 and not counts["huzhou", 2022].implied
    assert counts["anji", 2021].value == 116_700 and counts["anji", 2021].role == "after"
    assert counts["huzhou", 2017].value == 667_473 and counts["huzhou", 2017].implied
    assert counts["huzhou", 2023].value == pytest.approx(0.3001 * 2_688_300, rel=1e-6)


def test_the_launch_with_data_to_2020_reads_nothing_published_later(project, city):
    later = project.table("registered_population").copy()
    later.loc[later["year"] > 2020, "value"] *= 1.01
    tables = {**{name: project.table(name) for name in project.tables}, "registered_population": later}
    own = prepare(city.county_settings, project.tables, 2020).launch.registered
    np.testing.assert_array_equal(prepare(city.county_settings, tables, 2020).launch.registered, own)
    assert not np.allclose(prepare(city.county_settings, tables).launch.registered, own)


def test_back_cast_and_forecast_meet_at_the_launch(checks, city):
    np.testing.assert_allclose(checks.back_cast(CITY, 2020), city.elders(basis="registered")[0])
    assert (np.diff([np.median(checks.back_cast(CITY, year)) for year in (2017, 2018, 2019)]) > 0).all()


def test_errors_are_forecast_over_published_and_every_method_is_scored(checks):
    frame = checks.look_back()
    after = frame[frame["role"] == "after"]
    scores = checks.scores().set_index("method")
    assert list(scores.index) == list(LOOK_BACK_METHODS)
    for method in ("model", "model_2020"):
        errors = after[f"{method}_point"] / after["published"] - 1
        assert scores.loc[method, "mape"] == pytest.approx(errors.abs().mean() * 100)
        assert scores.loc[method, "malpe"] == pytest.approx(errors.mean() * 100)
    # No change stands at the last count known in 2020.
    assert set(after[after["area"] == CITY]["no_change_point"]) == {693_800}


def test_the_model_beats_no_change_on_the_counts_after_the_launch(checks):
    scores = checks.scores().set_index("method")["mape_common"]
    assert scores["model_2020"] < scores["no_change"]


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


def test_change_of_elders_is_turning_60_less_deaths_plus_migration_in_every_draw(city):
    for projection in (county.projection for county in city.counties.values()):
        for basis in BASES:
            elders = projection.population[basis][:, 12:].sum(axis=(1, 2))
            change = projection.turning_60[basis] - projection.deaths_60plus[basis] + projection.migration_60plus[basis]
            np.testing.assert_allclose(np.diff(elders, axis=0), change, atol=1e-6)


def test_the_result_does_not_depend_on_the_block(project, city):
    settings = city.counties["anji"].settings
    start = prepare(city.county_settings, project.tables)
    draws = draw_county(settings, city.counties["anji"].stream, start.level, start.trend, project.tables, "anji", 2030)
    launch = {"resident": start.launch.resident[-1], "registered": start.launch.registered[-1]}
    years = np.arange(2020, 2031)
    whole, parts = (project_county(settings, draws, start.trend.bx, launch, years, block) for block in (60, 7))
    for basis in BASES:
        np.testing.assert_allclose(parts.population[basis], whole.population[basis], rtol=1e-12)
    np.testing.assert_allclose(parts.e0, whole.e0, rtol=1e-12)


def test_one_draw_is_what_a_life_table_and_a_cohort_step_give(project, city):
    """Population and life expectancy of a draw, by the naive twin and a year at a time."""
    settings = city.counties["anji"].settings
    start, years = city.start, np.arange(2020, 2027)
    draws = draw_county(settings, city.counties["anji"].stream, start.level, start.trend, project.tables, "anji", 2026)
    launch = start.launch.resident[-1]
    found = project_county(settings, draws, start.trend.bx, {"resident": launch}, years)
    one = 17
    tables = [
        life_table(draws.mx[..., one] * np.exp(start.trend.bx[:, None] * draws.index[year - 2019, one]), sex=SEXES)
        for year in years
    ]
    left = int(settings.value("migration.fade_until")) - years[1:]
    flow = draws.resident_flow[one] * np.clip(left / (left[0]), 0, 1)
    steps = [
        (
            twin.survival_ratios(table.Lx),
            draws.births_pattern * draws.tfr[t, one],
            settings.value("fertility.srb"),
            np.tile(draws.movers["resident"][..., one], 2) * moved,
        )
        for t, (table, moved) in enumerate(zip(tables[1:], flow, strict=True))
    ]
    populations, births, deaths = twin.project(launch, steps)
    groups = np.add.reduceat(populations, np.arange(0, 101, 5), axis=1)
    np.testing.assert_allclose(found.population["resident"][..., one], groups, rtol=1e-12)
    np.testing.assert_allclose(found.births["resident"][:, one], births.sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(found.deaths["resident"][:, one], deaths.sum(axis=(1, 2)), rtol=1e-12)
    for at in (0, 5):
        np.testing.assert_allclose(found.e0[at // 5, :, one], tables[at].ex[0], rtol=1e-12)
        np.testing.assert_allclose(found.e60[at // 5, :, one], tables[at].ex[60], rtol=1e-12)


@pytest.mark.parametrize("rate", [2.5, np.nan])
def test_a_death_rate_that_nobody_survives_is_refused(project, city, rate):
    settings, start = city.counties["anji"].settings, city.start
    draws = draw_county(settings, city.counties["anji"].stream, start.level, start.trend, project.tables, "anji", 2022)
    draws.mx[50, 0, 3] = rate
    launch = {"resident": start.launch.resident[-1]}
    with pytest.raises(ValueError, match="a death rate of 2020 is so high that nobody survives"):
        project_county(settings, draws, start.trend.bx, launch, np.arange(2020, 2023))


def test_another_county_changes_no_draw_of_the_first(project, city):
    start = prepare(city.county_settings, project.tables)
    arguments = (start.level, start.trend, project.tables)
    alone = draw_county(city.counties["anji"].settings, 330523, *arguments, "anji", 2030)
    draw_county(city.counties["deqing"].settings, 330999, *arguments, "deqing", 2030)
    again = draw_county(city.counties["anji"].settings, 330523, *arguments, "anji", 2030)
    np.testing.assert_array_equal(alone.mx, again.mx)
    few = project_from(start, {"anji": city.counties["anji"].settings}, {"anji": 330523}, project.tables, 2050)
    np.testing.assert_array_equal(few["anji"].e0, city.counties["anji"].projection.e0)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("area", [CITY, "nanxun"])
def test_both_pages_are_made_for_city_and_county_in_both_languages(project, language, area):
    page = Page("07_reliability", area, "baseline", DRAWS, language, project)
    for make in (
        reliability.answer,
        reliability.look_back_chart,
        reliability.errors,
        reliability.base,
        reliability.graduation_chart,
        reliability.sensitivity_chart,
        reliability.deaths,
        reliability.draws_error,
    ):
        assert make(page)._repr_html_()
    page = Page("02_population", area, "baseline", DRAWS, language, project)
    for make in (
        ageing.drivers_chart,
        ageing.drivers_table,
        ageing.dependency_chart,
        ageing.births,
        ageing.life_expectancy,
        population.ages_chart,
        population.comparison,
        population.pyramid_chart,
        population.how_sure,
    ):
        assert make(page)._repr_html_()


def test_drivers_add_to_the_change_shown_and_the_ratio_is_persons_over_persons(project):
    page = Page("02_population", "deqing", "baseline", DRAWS, "en", project)
    elders = page.run.elders().mean(axis=1)
    np.testing.assert_allclose(ageing.drivers(page).sum(axis=1), np.diff(elders), atol=1e-6)
    population_ = page.run.projection().population["resident"].sum(axis=2)
    by_hand = population_[0, 12:].sum(axis=0) / population_[0, 3:12].sum(axis=0) * 100
    np.testing.assert_allclose(ageing.dependency(page, 60, 15, 59)[0], by_hand)
