"""The projection of a county: changes add up, draws and blocks change nothing, one draw is the book's."""

from __future__ import annotations

import numpy as np
import pytest

from eldercare.model.demography import BASES, E0_EVERY, CountyProjection, county_projection, draw_county, project_county
from eldercare.model.draws import Drawer
from eldercare.population import SEXES
from eldercare.population.life_table import life_table
from tests.oracle import twin


def test_change_of_elders_is_turning_60_less_deaths_plus_migration_in_every_draw(city):
    for projection in (county.projection for county in city.counties.values()):
        for basis in BASES:
            elders = projection.population[basis][:, 12:].sum(axis=(1, 2))
            change = projection.turning_60[basis] - projection.deaths_60plus[basis] + projection.migration_60plus[basis]
            np.testing.assert_allclose(np.diff(elders, axis=0), change, atol=1e-6)


def test_the_result_does_not_depend_on_the_block(project, city):
    county, start, years = city.counties["anji"], city.start, np.arange(2020, 2031)
    draws = draw_county(start, county.drawer, "anji", project.tables, years)
    given = county.settings, draws, start.trend.bx, start.launch.of("anji"), years
    whole, parts = (project_county(*given, block) for block in (60, 7))
    for basis in BASES:
        np.testing.assert_allclose(parts.population[basis], whole.population[basis], rtol=1e-12)
    np.testing.assert_allclose(parts.e0, whole.e0, rtol=1e-12)


def test_one_draw_is_what_a_life_table_and_a_cohort_step_give(project, city):
    """Population and life expectancy of a draw, by the naive twin and a year at a time."""
    settings = city.counties["anji"].settings
    start, years = city.start, np.arange(2020, 2027)
    draws = draw_county(start, city.counties["anji"].drawer, "anji", project.tables, years)
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


def test_a_death_rate_that_nobody_survives_leaves_next_to_nobody_and_none_at_all_is_refused(project, city):
    settings, start = city.counties["anji"].settings, city.start
    draws = draw_county(start, city.counties["anji"].drawer, "anji", project.tables, np.arange(2020, 2023))
    launch = {"resident": start.launch.resident[-1]}
    draws.mx[50, 0, 3] = 2.5
    found = project_county(settings, draws, start.trend.bx, launch, np.arange(2020, 2023))
    assert found.population["resident"].min() >= 0
    assert found.deaths["resident"][0, 3] > found.deaths["resident"][0, :3].max() + 500
    draws.mx[50, 0, 3] = np.nan
    with pytest.raises(ValueError, match="a death rate of 2020 is not a number"):
        project_county(settings, draws, start.trend.bx, launch, np.arange(2020, 2023))


def test_another_county_changes_no_draw_of_the_first(project, city):
    def drawn(county: str, stream: int) -> np.ndarray:
        drawer = Drawer(city.counties[county].settings, stream)
        return draw_county(city.start, drawer, county, project.tables, city.years).mx

    alone = drawn("anji", 330523)
    drawn("deqing", 330999)
    np.testing.assert_array_equal(drawn("anji", 330523), alone)
    again = county_projection(city.start, city.counties["anji"].drawer, "anji", project.tables, 2050)
    np.testing.assert_array_equal(again.e0, city.counties["anji"].projection.e0)


def test_life_expectancy_that_rises_on_a_straight_line_is_gained_on_it():
    projection = CountyProjection.empty(31, 3)
    step = np.array([0.1, 0.2, -0.05])
    projection.e60[:] = 20 + E0_EVERY * np.arange(len(projection.e60))[:, None, None] * step
    gained = projection.gained_at_60(34)
    np.testing.assert_allclose(gained, np.broadcast_to(np.arange(34)[:, None, None] * step, gained.shape), atol=1e-12)


def test_the_error_of_the_registered_launch_reaches_elders_in_full_and_the_young_not_at_all(project, city):
    draws = draw_county(city.start, city.counties["anji"].drawer, "anji", project.tables, city.years)
    people = {basis: np.ones((101, 2)) for basis in BASES}
    launched = draws.launched(people)
    assert (launched["resident"] == 1).all() and (launched["registered"][:41] == 1).all()
    in_full = np.exp(draws.registered_level)
    np.testing.assert_allclose(launched["registered"][50:], np.broadcast_to(in_full, (51, 2, in_full.size)))
    np.testing.assert_allclose(launched["registered"][45, 0], np.sqrt(in_full))
