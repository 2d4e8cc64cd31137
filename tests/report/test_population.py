"""Population page: what adds up does, ratios are persons over persons, sentences fit a peak and its absence."""

from __future__ import annotations

import numpy as np
import pytest


def test_drivers_add_to_the_change_of_the_people_shown(run_notebook):
    names = run_notebook("02_population", "deqing", "en").names
    change = np.diff(names["run"].elders().mean(axis=1))
    assert names["drivers"]["net"].to_numpy() == pytest.approx(change, abs=1e-6)
    growth = names["growth"].set_index("area")
    parts = growth[["start", *names["moving"]]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(growth["end"].to_numpy())


def test_growth_of_the_counties_adds_to_the_city(run_notebook):
    growth = run_notebook("02_population", "huzhou", "en").names["growth"].set_index("area")
    assert growth.drop(index="huzhou").sum().to_numpy() == pytest.approx(growth.loc["huzhou"].to_numpy())


def test_the_dependency_ratio_is_persons_over_persons(run_notebook):
    names = run_notebook("02_population", "deqing", "en").names
    people = names["run"].projection().population["resident"].sum(axis=2)
    by_hand = people[0, 12:].sum(axis=0) / people[0, 3:12].sum(axis=0) * 100
    assert names["dependency"]["60"].iloc[0] == pytest.approx(by_hand.mean())


@pytest.mark.parametrize(
    ("language", "peak", "growing"),
    [("en", "most of all in 2035", "still rises in 2050"), ("zh", "2035年达到峰值", "到2050年仍在增加")],
)
def test_the_answer_tells_a_peak_from_a_rise_that_goes_on(run_notebook, words, language, peak, growing):
    shown = run_notebook("02_population", "deqing", language)
    elders = shown.names["elders"].copy()
    elders["resident"] = np.linspace(1e5, 2e5, len(elders))
    assert growing in words(shown.again("answer", elders=elders))
    elders.loc[2035, "resident"] = 3e5
    assert peak in words(shown.again("answer", elders=elders))


def test_published_counts_stand_in_the_picture_and_beside_the_model(run_notebook):
    shown = run_notebook("02_population", "huzhou", "en")
    assert shown.charts["elders"].table.frame.set_index("year")["published"].dropna().to_dict()[2022] == 764_015
    checks = shown.names["checks"].set_index(["count", "year"])
    assert checks.loc[("registered_60", 2022), "published"] == 764_015
    assert not checks.loc[("registered_60", 2022), "fitted"] and checks.loc[("births", 2021), "fitted"]
    assert checks.loc[("share", 2023), "published"] == pytest.approx(0.3001)


def test_who_turns_sixty_is_who_is_there(run_notebook):
    names = run_notebook("02_population", "anji", "en").names
    people = names["run"].launch_population().sum(axis=1)
    assert names["entrants"][2021] == people[59] and names["entrants"][2050] == people[30]
