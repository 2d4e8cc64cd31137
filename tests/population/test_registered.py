"""Registered from resident population, and weights that count people of another year, in toy worlds."""

import numpy as np
import pytest

from eldercare.population.life_table import life_table, survival_from_mx
from eldercare.population.registered import fit_age_factor, survive, survivorship_weights
from tests.oracle import twin

AGES = np.arange(101)
MX = np.stack([5e-5 * np.exp(0.095 * AGES), 8e-5 * np.exp(0.093 * AGES)], axis=1)
SURVIVAL = survival_from_mx(MX, ("female", "male"))
RESIDENT = np.stack([1000 + 300 * np.sin(AGES / 9), 950 + 250 * np.cos(AGES / 9)], axis=1) * SURVIVAL
KNOTS = [15, 25, 40, 60]


def later(years):
    """Residents so many years on without births and migrants, by the naive twin."""
    steps = years * [(SURVIVAL, np.zeros(101), 1.05, np.zeros((101, 2)))]
    return twin.project(RESIDENT, steps)[0][-1]


def ages_from_to(low, high):
    mask = np.zeros((101, 2))
    mask[low : high + 1] = 1
    return mask


@pytest.fixture
def world():
    """A registered population made with known factors, and four counts published about it."""
    truth = [1.1, 0.8, 0.9, 1.05]
    registered = RESIDENT * np.interp(AGES, KNOTS, truth)[:, None]
    rows = [
        ages_from_to(0, 100),
        ages_from_to(60, 100),
        ages_from_to(0, 17),
        survivorship_weights(SURVIVAL, 3, low=30, high=44),
    ]
    counts = [registered.sum(), registered[60:].sum(), registered[:18].sum()]
    counts.append((registered[27:42] * np.prod([SURVIVAL[28 + t : 43 + t] for t in range(3)], axis=0)).sum())
    return truth, np.stack(rows), np.array(counts)


def test_known_factors_are_found_again(world):
    truth, rows, counts = world
    factor = fit_age_factor(RESIDENT, KNOTS, rows, counts)
    np.testing.assert_allclose(factor[KNOTS], truth, rtol=1e-9)
    np.testing.assert_allclose(factor[[0, 20, 100]], [truth[0], (truth[0] + truth[1]) / 2, truth[-1]], rtol=1e-9)


def test_factor_refuses_constraints_that_say_the_same_twice(world):
    _, rows, counts = world
    with pytest.raises(ValueError, match="singular"):
        fit_age_factor(RESIDENT, KNOTS, rows[[0, 1, 2, 0]], counts)


def test_factor_refuses_targets_that_contradict_the_residents(world):
    _, rows, counts = world
    with pytest.raises(ValueError, match="would be 14.415 at age 15, outside 0 to 3"):
        fit_age_factor(RESIDENT, KNOTS, rows, counts * [1, 5, 1, 1])
    with pytest.raises(ValueError, match="outside 0 to 3"):
        fit_age_factor(RESIDENT, KNOTS, rows, counts * [1, -1, 1, 1])


@pytest.mark.parametrize(("years", "low", "high"), [(0, 60, None), (1, 60, None), (5, 60, 64), (7, 80, None)])
def test_forward_weights_count_the_projected_population(years, low, high):
    weights = survivorship_weights(SURVIVAL, years, low=low, high=high)
    last = 100 if high is None else high
    assert (weights * RESIDENT).sum() == pytest.approx(later(years)[low : last + 1].sum(), rel=1e-12)


def test_looking_ahead_is_the_projection_without_births():
    np.testing.assert_allclose(survive(RESIDENT, SURVIVAL, 3), later(3), rtol=1e-12)


def test_looking_back_finds_the_population_that_was_projected():
    then = survive(later(3), SURVIVAL, -3)
    np.testing.assert_allclose(then[:97], RESIDENT[:97], rtol=1e-12)


def test_looking_back_in_a_stationary_population_is_exact_to_the_open_group():
    stationary = life_table(MX, sex=("female", "male")).Lx
    np.testing.assert_allclose(survive(stationary, SURVIVAL, -10), stationary, rtol=1e-9)


@pytest.mark.parametrize(("low", "high"), [(60, None), (60, 79), (95, None)])
def test_backward_weights_count_the_survived_back_population(low, high):
    then = survive(RESIDENT, SURVIVAL, -3)
    weights = survivorship_weights(SURVIVAL, -3, low=low, high=high)
    last = 100 if high is None else high
    assert (weights * RESIDENT).sum() == pytest.approx(then[low : last + 1].sum(), rel=1e-12)


@pytest.mark.parametrize(
    ("years", "low", "high", "message"),
    [(5, 3, None, "not born yet"), (1, 70, 60, "not within"), (1, 60, 101, "not within")],
)
def test_weights_refuse(years, low, high, message):
    with pytest.raises(ValueError, match=message):
        survivorship_weights(SURVIVAL, years, low, high)
