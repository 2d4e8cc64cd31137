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
        assert wins in words(reliability.answer(names["page"], scores))
        scores.loc[scores["method"] == "no_change", "mape_common"] = 0.0
        assert loses in words(reliability.answer(names["page"], scores))


def test_the_error_told_is_that_of_the_last_count(run_notebook):
    shown = run_notebook("07_reliability", "huzhou", "en")
    frame = shown.charts["look_back"].table.frame.set_index("year")
    year = int(re.search(r"end of (\d{4})", shown.charts["look_back"].finding)[1])
    published = frame["printed"].fillna(frame["implied"])[year]
    told = float(re.search(r"error of (.*)%", shown.charts["look_back"].finding)[1].replace("\N{MINUS SIGN}", "-"))
    assert told == pytest.approx((frame["model"][year] / published - 1) * 100, abs=0.051)


def test_a_model_that_knows_less_stands_beside_rivals_that_know_more(run_notebook):
    ahead = run_notebook("07_reliability", "huzhou", "en").names["ahead"].set_index("method")
    assert {"model_then", "no_change", "constant_growth", "ets", "damped_trend"} == set(ahead.index)
    assert ahead["error"].to_numpy() == pytest.approx((ahead["point"] / ahead["published"] - 1).to_numpy(), nan_ok=True)


def test_even_groups_have_one_end_only(run_notebook):
    shown = run_notebook("07_reliability", "deqing", "en")
    bars = shown.charts["sensitivity"].figure.axes[0].patches
    names = [text.get_text() for text in shown.charts["sensitivity"].figure.axes[0].get_yticklabels()]
    assert bars[len(names) + names.index("Even age groups")].get_width() == 0
