"""The page about the plan: its answer and its recommendation are true for a shortage and for a surplus."""

from __future__ import annotations

import pytest

from eldercare.report import Page, plan

FEW = {"run.draws": 40}
SURPLUS = {"supply.institution_beds": 20_000, "supply.home_care_centre_beds": 14_000}
CASES = [
    ({}, {"en": ["beds in institutions and", "equipping cost about"], "zh": ["约需新增机构床位", "改造和设备投资约"]}),
    # Nothing opens, but beds are converted, and that is not for nothing.
    (SURPLUS, {"en": ["no bed has to open", "equipping cost about"], "zh": ["无需新增床位", "改造和设备投资约"]}),
]


@pytest.mark.parametrize(("changed", "expected"), CASES)
def test_the_answer_says_what_opens_and_what_it_costs(project, changed, expected, words):
    for language, pieces in expected.items():
        page = Page("plan", "deqing", "baseline", FEW | changed, language, project)
        text = words(plan.answer(page, page.run.cost))
        for piece in pieces:
            assert piece in text, (language, text)


def test_where_nothing_is_opened_or_converted_no_cost_of_building_is_told(project, words):
    nothing = SURPLUS | {"beds.nursing_target": 0.0, "plan.family_beds_share": 0.0, "meals.uptake": 0.0}
    page = Page("plan", "deqing", "baseline", FEW | nothing, "en", project)
    assert "cost about" not in words(plan.answer(page, page.run.cost))


def test_a_surplus_is_told_to_convert_and_what_can_wait(project, words):
    text = words(plan.first(Page("plan", "deqing", "baseline", FEW | SURPLUS, "en", project)))
    assert "Nothing is to be built" in text and "What can wait" in text
