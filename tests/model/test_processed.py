"""The launch state: numbers of the launch, tables that live up to the parameters, shares that add to the totals."""

from __future__ import annotations

import numpy as np
import pytest

from eldercare.model import Run
from eldercare.model.processed import launch_state
from eldercare.population import SEXES
from eldercare.population.life_table import life_table


@pytest.fixture(scope="module")
def run(project) -> Run:
    return Run(project=project)


@pytest.fixture(scope="module")
def state(run):
    return launch_state(run)


def test_people_are_those_of_the_launch_and_the_counties_add_to_the_city(run, state):
    people = state["population"].groupby(["area", "basis"])["persons"].sum()
    for basis in ("resident", "registered"):
        counties = sum(people[county, basis] for county in run.counties)
        assert counties == pytest.approx(people[run.city, basis])
        assert counties == pytest.approx(getattr(run.launch, basis).sum())
    assert len(state["population"]) == 6 * 2 * 2 * 101


def test_death_rates_are_those_of_the_countys_life_expectancy_but_for_the_oldest(run, state):
    rates = state["mortality"].query("area == 'anji' and sex == 'female'").sort_values("age")["rate"].to_numpy()
    settings = run.counties["anji"].settings
    level = run.start.level.central(*(settings.number(f"mortality.e0_{sex}") for sex in SEXES))[:, 0]
    np.testing.assert_allclose(rates[:75], level[:75], rtol=1e-4)
    assert (rates[90:] != level[90:]).all()
    assert life_table(rates, sex="female").ex[0] == pytest.approx(settings.number("mortality.e0_female"), abs=0.3)


def test_birth_rates_add_to_the_total_fertility_rate_and_migrants_to_the_flow(run, state):
    settings = run.counties["deqing"].settings
    births = state["fertility"].query("area == 'deqing'")["rate"].sum()
    assert births == pytest.approx(settings.number("fertility.tfr"), rel=1e-6)
    moved = state["migration"].groupby(["area", "basis"])["persons"].sum()
    registered = run.launch.of("deqing")["registered"].sum()
    assert moved["deqing", "registered"] == pytest.approx(settings.number("migration.registered_rate") * registered)
    in_the_mean = run.counties["deqing"].projection.migration["resident"][0].mean()
    assert moved["deqing", "resident"] == pytest.approx(in_the_mean, rel=0.1)


def test_capacity_is_the_reports_total_and_its_parts(run, state):
    capacity = state["capacity"]
    city = capacity[capacity["area"] == run.city].set_index("indicator")["value"]
    assert city["beds_institutional"] == 25_097 and not capacity[capacity["area"] == run.city]["allocated"].any()
    parts = capacity[capacity["area"] != run.city].groupby("indicator")["value"].sum()
    np.testing.assert_allclose(parts.loc[city.index], city)
    assert capacity[capacity["area"] == "deqing"]["allocated"].all()
