"""Reliability page: the answer says who was nearer, and the errors shown are those of the counts."""

from __future__ import annotations

import re

import pytest

from eldercare.report import reliability


def test_the_answer_says_whether_a_simple_method_was_nearer(run_notebook, words):
    for language, wins, loses in (
        ("en", "The best simple method", "does better"),
        ("zh", "简单方法中最好的", "更准确"),
    ):
        names = run_notebook("07_reliability", "deqing", language).names
        scores = names["scores"].copy()
        said = words(reliability.answer(names["page"], scores, names["look_back"]))
        assert wins in said and {"en": "No later count of Deqing", "zh": "德清县没有此后的公布数"}[language] in said
        scores.loc[scores["method"] == "no_change", "mape_common"] = 0.0
        assert loses in words(reliability.answer(names["page"], scores, names["look_back"]))


def test_the_error_told_is_that_of_the_last_count(run_notebook):
    shown = run_notebook("07_reliability", "huzhou", "en")
    frame = shown.charts["look_back"].table.frame.set_index("year")
    year = int(re.search(r"end of (\d{4})", shown.charts["look_back"].finding)[1])
    published = frame["printed"].fillna(frame["implied"])[year]
    told = float(re.search(r"error of (.*)%", shown.charts["look_back"].finding)[1].replace("\N{MINUS SIGN}", "-"))
    assert told == pytest.approx((frame["model"][year] / published - 1) * 100, abs=0.051)


def test_the_answer_leads_with_the_launch_of_the_published_numbers(run_notebook, words):
    shown = run_notebook("07_reliability", "anji", "en")
    names = shown.names
    errors = names["scores"].set_index("method")["mape"]
    said = words(reliability.answer(names["page"], names["scores"], names["look_back"]))
    assert f"3 later counts of registered people aged 60 and over by {errors['model']:.1f}% on average" in said
    assert (
        f"the same model misses by {errors['model_then']:.1f}%" in said
        and "Of Anji the count of 2021 was tested" in said
    )


def test_life_expectancy_looked_back_ten_years_missed_and_was_held_by_the_interval(run_notebook, words):
    shown = run_notebook("07_reliability", "huzhou", "en")
    frame = shown.names["longevity"].set_index(["launch", "year"])
    assert list(frame.loc[2010].index) == [2011, 2016, 2018, 2019] and list(frame.loc[2015].index) == [2016, 2018, 2019]
    assert frame.loc[(2010, 2019), "published"] == 81.98 and -3 < (frame["point"] - frame["published"]).min() < -2
    assert frame["published"].between(frame["low"], frame["high"]).all()
    assert "2.5 years too low. The 80% interval held 7 of 7" in words(shown["longevity-picture"])


def test_residents_and_deaths_are_tested_and_the_resident_elders_are_said_not_to_be(run_notebook, words):
    shown = run_notebook("07_reliability", "huzhou", "en")
    text = words(shown["residents-picture"])
    assert "No count of residents aged 60 and over has been published" in text
    assert re.search(r"2023 3,439,000 .* inside", text) and re.search(r"2023 25,400 .* inside", text)
    none = shown.again("residents-picture", later=shown.names["later"].iloc[:0])
    assert "No later count of residents" in words(none)


def test_a_model_that_knows_less_stands_beside_rivals_that_know_more(run_notebook):
    ahead = run_notebook("07_reliability", "huzhou", "en").names["ahead"].set_index("method")
    assert {"model_then", "no_change", "constant_growth", "ets", "damped_trend"} == set(ahead.index)
    assert ahead["error"].to_numpy() == pytest.approx((ahead["point"] / ahead["published"] - 1).to_numpy(), nan_ok=True)


def test_even_groups_have_one_end_only(run_notebook):
    shown = run_notebook("07_reliability", "deqing", "en")
    bars = shown.charts["sensitivity"].figure.axes[0].patches
    names = [text.get_text() for text in shown.charts["sensitivity"].figure.axes[0].get_yticklabels()]
    assert bars[len(names) + names.index("Even age groups")].get_width() == 0
