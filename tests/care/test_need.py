"""Need: the level of the reference population, draws one at a time, and a pattern that moves with longer lives."""

import numpy as np
import pytest

from eldercare.care.need import age_gradient, care_need, prevalence_by_age, prevalence_by_states, rising_within


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


def test_no_age_has_more_dependents_than_people_and_the_level_holds_all_the_same():
    population, levels = np.array([[90.0], [10.0]]), np.array([0.1, 0.6, 1.0])
    prevalence = prevalence_by_age(levels, [[1.0], [9.0]], population)
    assert prevalence.max() == 1
    assert care_need(population[..., None], prevalence) == pytest.approx(100 * levels)
    with pytest.raises(ValueError, match="more than 0.90"):
        prevalence_by_age(0.95, [[1.0], [0.0]], [[90.0], [10.0]])


def test_a_prevalence_rises_inside_its_bands_and_keeps_their_means():
    middles, band = np.arange(62.5, 105, 5), np.array([0, 0, 1, 1, 2, 2, 2, 2, 2])
    people = np.array([9, 8, 6, 4, 3, 2, 1, 0.3, 0.05])[:, None] * [1, 1.2]
    published = np.array([10.8, 21.2, 47.0])[band][:, None] * [1, 0.8]
    rising = rising_within(published, band, middles, people)
    assert (np.diff(rising, axis=0) > 0).all()
    for number in range(3):
        inside = band == number
        mean = (rising * people)[inside].sum(axis=0) / people[inside].sum(axis=0)
        assert mean == pytest.approx(published[inside][0])


def test_the_slope_inside_a_wide_band_is_that_of_the_narrow_ones_published_within_it():
    """Census of Shanghai's towns, 2010 (long table 8-2b): persons, and per cent unable to care for themselves.

    Carried from two bands of ten years, the four bands of five years come out within a quarter.
    """
    people = np.array([11210.0, 7614.0, 5348.0, 9983.0])[:, None]
    unable = np.array([81.0, 79.0, 136.0, 950.0])[:, None] / people
    limited = np.array([354.0, 417.0, 442.0, 1599.0])[:, None] / people + unable
    band, middles = np.array([0, 0, 1, 1]), np.array([62.5, 67.5, 72.5, 80.0])
    wide = np.array([(limited * people)[band == b].sum() / people[band == b].sum() for b in band])[:, None]
    assert rising_within(wide, band, middles, people) == pytest.approx(limited, rel=0.25)
    # The pattern of the meta-analysis rises between those of the two degrees of the census.
    ages, shares = np.array([65.0, 75.0, 85.0]), np.array([[10.8], [21.2], [47.0]])
    slope = age_gradient(shares, ages, [[19.0], [10.0], [5.0]])[0]
    assert 0.05 < slope < age_gradient(unable, middles, people)[0] == pytest.approx(0.14, abs=0.02)


def test_the_gradient_of_an_exponential_pattern_is_its_rate_whatever_the_weights():
    ages = np.array([62.5, 67.5, 72.5, 77.5, 82.5])
    pattern = np.exp(np.outer(ages, [0.07, 0.1]))
    weights = np.random.default_rng(1).random((5, 2)) + 0.1
    assert age_gradient(pattern, ages, weights) == pytest.approx([0.07, 0.1])


def test_a_pattern_with_nobody_dependent_at_an_age_has_no_gradient():
    with pytest.raises(ValueError, match="positive"):
        age_gradient([[0.0], [1.0]], [60, 70], [[1.0], [1.0]])


def test_the_factor_on_prevalence_applies_by_sex_and_year():
    population = np.ones((2, 1, 2, 3))
    prevalence = np.full((1, 2, 3), 0.1)
    change = np.stack([np.ones((2, 3)), [[0.5] * 3, [1.0] * 3]])
    assert care_need(population, prevalence, change) == pytest.approx(np.array([[0.2] * 3, [0.15] * 3]))


AGES = np.arange(60, 101)[:, None, None]
PREVALENCE, RATES = 0.03 * np.exp(0.08 * (AGES - 60)) * np.ones((1, 2, 3)), 0.005 * np.exp(0.1 * (AGES - 60))


@pytest.mark.parametrize("ratio", [1.0, 2.5, 6.0])
def test_at_constant_rates_states_keep_the_prevalence_of_the_launch(ratio):
    path = prevalence_by_states(np.minimum(PREVALENCE, 0.9), np.stack([RATES * np.ones((1, 2, 3))] * 31), ratio)
    np.testing.assert_allclose(path, np.broadcast_to(np.minimum(PREVALENCE, 0.9), path.shape), rtol=1e-9)


def test_states_are_a_cohort_of_able_and_dependent_people_followed_by_hand():
    # Two ages; 1,000 people of 60, 100 of them dependent; the able die at 0.1, the dependent at 0.3 (ratio 3).
    # At launch 0.1 x 0.3 + 0.9 x 0.1 = 0.12 in all; then rates halve for everybody.
    start, ratio = np.array([0.1, 0.25]), 3.0
    path = prevalence_by_states(
        start[:, None, None], np.array([0.12, 0.06])[:, None, None, None] * np.ones((2, 2, 1, 1)), ratio
    )
    odds = 0.25 / 0.75
    able, dependent = 900 * np.exp(-0.1), 100 * np.exp(-0.3)
    fallen = (odds * able - dependent) / (able * (1 + odds))
    able, dependent = 900 * np.exp(-0.05), 100 * np.exp(-0.15)
    expected = (dependent + fallen * able) / (able + dependent)
    assert path[1, 1, 0, 0] == pytest.approx(expected, rel=1e-12)


def test_where_people_live_longer_states_have_more_dependents_and_where_death_makes_no_difference_as_many():
    falling = np.stack([RATES * 0.98**year * np.ones((1, 2, 3)) for year in range(31)])
    more = prevalence_by_states(np.minimum(PREVALENCE, 0.9), falling, 2.5)
    assert (more[-1, 1:] > more[0, 1:]).all() and (more < 1).all()
    np.testing.assert_allclose(prevalence_by_states(np.minimum(PREVALENCE, 0.9), falling, 1.0)[-1], more[0])
