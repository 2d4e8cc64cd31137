"""Pages 02_population and 07_reliability are made for city and county in both languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eldercare.inputs import CITY, load_project
from eldercare.report import Page, ageing, population, reliability

DRAWS = {"run.draws": 60}


@pytest.fixture(scope="module")
def project(root: Path):
    return load_project(root)


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
