"""The page about services: sentences in each case, and numbers that add up."""

from __future__ import annotations

import re

import numpy as np
import pytest

CASES = [
    ({}, {"en": ["more each year from 2027", "was not reported"], "zh": ["每年约需新增", "目前在岗人数未公布"]}),
    (
        {"services.purchased_share": 0.01, "services.workers": 100},
        {"en": ["is still enough in 2035", "is not enough"], "zh": ["仍可覆盖", "数量不足"]},
    ),
    ({"services.workers": 90000}, {"en": ["reported are enough"], "zh": ["可以满足"]}),
]


@pytest.mark.parametrize("area", ["huzhou", "deqing"])
@pytest.mark.parametrize(("changed", "expected"), CASES)
def test_the_answer_says_shortage_enough_and_unknown(run_notebook, area, changed, expected, words):
    for language, pieces in expected.items():
        given = {name.replace(".", "__"): value for name, value in changed.items()}
        text = words(run_notebook("05_services", area, language, **given)["answer"])
        for piece in pieces:
            assert piece in text, (language, text)


@pytest.mark.parametrize(("share", "expected"), [(0.038, "2020 or before"), (0.033, "202"), (0.01, "not by 2050")])
def test_since_when_purchased_care_is_too_little(run_notebook, share, expected):
    paced = run_notebook("05_services", "huzhou", "en", services__purchased_share=share).names["paced"]
    assert paced["short_from"].iloc[0].startswith(expected)


def test_what_is_added_a_year_reaches_what_is_needed(run_notebook):
    frame = run_notebook("05_services", "huzhou", "en").names["paced"]
    assert len(frame) == 9
    np.testing.assert_allclose(frame["reported"] + frame["to_add"], frame["needed"])
    # No centre is added where every place is covered.
    kinds = frame["service"].str.contains("centres")
    assert kinds.sum() == 4 and (frame["to_add"][kinds] == 0).all() and (frame["to_add"][~kinds] > 0).all()


def test_counties_add_to_the_city(run_notebook):
    names = run_notebook("05_services", "huzhou", "en").names
    care, workers = names["care"], names["workers"]
    assert care["reported"].sum() == pytest.approx(24_987)
    assert care["needed"].sum() == pytest.approx(names["purchased"]["needed"][2035])
    assert care["workers"].sum() == pytest.approx(workers["needed"][2035])


def test_trainees_are_told_as_a_flow_and_not_as_a_stock(run_notebook, words):
    shown = run_notebook("05_services", "huzhou", "en")
    text = words(shown["workers-finding"])
    assert "102 persons trained in 4 courses" in text and "not the number of care workers in work" in text
    workers = shown.names["workers"]
    np.testing.assert_allclose(workers["inside"] + workers["at_home"], workers["needed"])
    np.testing.assert_allclose(workers["replace"], 0.2 * workers["needed"], rtol=0.1)


def test_full_coverage_is_not_too_little(run_notebook, words):
    shown = run_notebook("05_services", "huzhou", "en")
    assert re.search(r"Home-care centres 1,207 .* full coverage", words(shown["pace-picture"]))
    # 718,896 residents aged 60 and over in 2020 over 1,207 centres.
    assert "per home-care centre (since 2020) 596 to" in words(shown["pace-finding"])


def test_a_stock_that_was_reported_is_drawn(run_notebook):
    chart = run_notebook("05_services", "deqing", "en", services__workers=900).charts["workers"]
    assert any(np.allclose(line.get_ydata(), 900) for line in chart.figure.axes[0].lines)


def test_equity_says_that_it_is_even_by_construction_until_a_county_reports(run_notebook, words):
    shown = run_notebook("05_services", "huzhou", "en")
    assert "counties: 0.000. It is even by construction" in words(shown["counties-picture"])
    own = shown.names["care"].assign(allocated=[True, True, False, True, True])
    assert "differ from the rest" in words(shown.again("counties-picture", care=own))
    assert run_notebook("05_services", "deqing", "en")["counties-picture"] is None
