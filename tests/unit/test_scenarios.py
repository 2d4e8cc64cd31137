"""The page of scenarios is made for city and county in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from eldercare.inputs import CITY, load_project
from eldercare.report import Page, scenarios

DRAWS = {"run.draws": 120}


@pytest.fixture(scope="module")
def project(root: Path):
    return load_project(root)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("area", "scenario"), [(CITY, "baseline"), ("deqing", "combined")])
def test_the_page_is_made_for_city_and_county_in_both_languages(project, language, area, scenario):
    page = Page("06_scenarios", area, scenario, DRAWS, language, project)
    for make in (
        scenarios.answer,
        scenarios.inputs,
        scenarios.effects,
        scenarios.paths_chart,
        scenarios.gaps_chart,
        scenarios.flips,
        scenarios.tornado_chart,
        scenarios.value_of_knowing,
    ):
        assert make(page)._repr_html_()
    names = scenarios.compared(page).names
    assert names[:2] == (["baseline", "ageing_in_place"] if scenario == "baseline" else ["baseline", "combined"])
    assert sorted(names) == sorted(project.scenarios)
