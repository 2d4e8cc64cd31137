"""Need: the level of the reference population, draws one at a time, and a pattern that moves with longer lives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care.need import age_gradient, care_need, prevalence_by_age, shares_by_setting, shift_factor


def test_need_has_the_given_level_in_the_reference_population():
    population = np.array([[300.0, 200.0], [100.0, 150.0]])
    prevalence = prevalence_by_age(0.2, [[1, 2], [4, 5]], population)
    assert care_need(population, prevalence) == pytest.approx(0.2 * population.sum())
    assert prevalence[1, 1] / prevalence[0, 0] == pytest.approx(5)


def test_need_by_draw_equals_need_one_draw_at_a_time():
    rng = np.random.default_rng(3)
    population, level = rng.random((4, 3, 2, 5)), np.array([0.1, 0.12, 0.15, 0.2, 0.22])
    pattern, reference = rng.random((3, 2)), rng.random((3, 2)) * 1000
    together = care_need(population, prevalence_by_age(level, pattern, reference))
    for d, one in enumerate(level):
        alone = care_need(population[..., d], prevalence_by_age(one, pattern, reference))
        np.testing.assert_allclose(together[:, d], alone)


def test_a_prevalence_above_one_is_refused():
    with pytest.raises(ValueError, match="cannot exceed 1"):
        prevalence_by_age(0.6, [[1.0], [9.0]], [[90.0], [10.0]])


def test_the_gradient_of_an_exponential_pattern_is_its_rate_whatever_the_weights():
    ages = np.array([62.5, 67.5, 72.5, 77.5, 82.5])
    pattern = np.exp(np.outer(ages, [0.07, 0.1]))
    weights = np.random.default_rng(1).random((5, 2)) + 0.1
    assert age_gradient(pattern, ages, weights) == pytest.approx([0.07, 0.1])


def test_moving_the_pattern_up_a_year_gives_each_age_the_prevalence_of_the_age_below():
    ages = np.arange(60, 90)
    prevalence = 0.01 * np.exp(0.08 * (ages - 60))
    assert prevalence[1:] * shift_factor(0.08, 1) == pytest.approx(prevalence[:-1])


def test_a_pattern_with_nobody_dependent_at_an_age_has_no_gradient():
    with pytest.raises(ValueError, match="positive"):
        age_gradient([[0.0], [1.0]], [60, 70], [[1.0], [1.0]])


def test_the_factor_on_prevalence_applies_by_sex_and_year():
    population = np.ones((2, 1, 2, 3))
    prevalence = np.full((1, 2, 3), 0.1)
    change = np.stack([np.ones((2, 3)), [[0.5] * 3, [1.0] * 3]])
    assert care_need(population, prevalence, change) == pytest.approx(np.array([[0.2] * 3, [0.15] * 3]))


@given(st.floats(0, 1), st.floats(0, 1))
def test_shares_by_setting_add_to_one_and_none_is_negative(institution, centre):
    shares = shares_by_setting(institution, centre)
    assert sum(shares.values()) == pytest.approx(1)
    assert all(share >= -1e-12 for share in shares.values())
    if institution + centre <= 1:
        assert shares["institution"] == institution
