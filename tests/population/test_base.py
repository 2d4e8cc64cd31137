"""The base population: fitting, splitting and opening age groups."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eldercare.population.base import cohort_weights, graduate, iterative_proportional_fitting

FAST = settings(max_examples=20)
STARTS = np.arange(0, 90, 5)


@pytest.mark.parametrize(
    ("seed", "rows", "columns", "message"),
    [
        ([[1, 1], [1, 1]], [10, 10], [10, 11], "no convergence in 1000 rounds"),
        ([[0, 0], [1, 1]], [10, 10], [10, 10], "no convergence"),
        ([[0, 1], [0, 1]], [10, 10], [10, 10], "no convergence"),
        ([[1, 0], [0, 1]], [15, 5], [10, 10], "no convergence"),
        ([[1, 1], [1, 1]], [15, -5], [5, 5], "a total to be fitted is negative"),
        ([[1, -1], [1, 1]], [10, 10], [10, 10], "the seed"),
        ([[1, np.nan], [1, 1]], [10, 10], [10, 10], "no convergence"),
    ],
)
def test_fitting_refuses(seed, rows, columns, message):
    with pytest.raises(ValueError, match=message):
        iterative_proportional_fitting(seed, rows, columns)


def test_fitting_leaves_the_seed_alone_and_zeros_zero():
    seed = np.array([[1.0, 0.0], [1.0, 1.0]])
    fitted = iterative_proportional_fitting(seed, [5, 10], [8, 7])
    assert seed[1, 0] == 1.0
    assert fitted[0, 1] == 0


def test_fitting_allows_a_row_that_is_zero_on_both_sides():
    fitted = iterative_proportional_fitting([[0, 0], [1, 3]], [0, 8], [2, 6])
    np.testing.assert_allclose(fitted, [[0, 0], [2, 6]])


@FAST
@given(
    arrays(float, (18, 2), elements=st.floats(0, 1e6, allow_subnormal=False)),
    arrays(float, 101, elements=st.floats(0.01, 10)),
)
def test_graduation_keeps_every_group_sum(totals, weights):
    single = graduate(totals, STARTS, weights)
    assert single.shape == (101, 2)
    np.testing.assert_allclose(np.add.reduceat(single, STARTS, axis=0), totals, rtol=1e-13)


def test_graduation_follows_the_weights_within_a_group():
    weights = np.ones(101)
    weights[58] = 2
    single = graduate(np.full(18, 60.0), STARTS, weights)
    assert single[55:60].tolist() == [10, 10, 10, 20, 10]
    np.testing.assert_allclose(single[85:], 60 / 16)


def test_small_and_large_cohorts_stand_where_they_were_born():
    births = np.full(60, 20.0)
    births[1], births[3] = 12.0, 30.0  # 1962 small, 1964 large
    weights = cohort_weights(births, 1961, 2020, np.ones(101))
    single = graduate(np.full(18, 100.0), STARTS, weights)
    assert single[55:60].argmax() + 55 == 2020 - 1964
    assert single[55:60].argmin() + 55 == 2020 - 1962


def test_before_the_birth_record_the_weight_is_person_years_alone():
    years_lived = np.linspace(1, 0.1, 101)
    weights = cohort_weights([10.0, 20.0, 40.0], 2018, 2020, years_lived)
    np.testing.assert_allclose(weights[2:], 10 * years_lived[2:])
    np.testing.assert_allclose(weights[:2], [40 * years_lived[0], 20 * years_lived[1]])


def test_a_record_of_the_census_year_alone_is_enough():
    np.testing.assert_allclose(cohort_weights([30.0], 2020, 2020, [0.9, 0.8, 1.5]), [27, 24, 45])


def test_cohort_weights_refuse_a_record_that_misses_the_census():
    with pytest.raises(ValueError, match="1950-1952 does not contain the year 2020"):
        cohort_weights([1.0, 1.0, 1.0], 1950, 2020, np.ones(101))


def test_graduation_refuses_to_lose_the_persons_of_a_group():
    with pytest.raises(ValueError, match="no weight at any of its ages"):
        graduate(np.ones(18), STARTS, np.zeros(101))
