"""Scores: published values, a double sum, propriety and invariance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from eldercare.population.scores import crps_sample, malpe, mape

FLOATS = st.floats(-1e3, 1e3)


@pytest.mark.parametrize(("observed", "score"), [(0.0, 0.233695), (1.0, 0.602441), (-1.0, 0.602441)])
def test_many_draws_of_the_standard_normal_have_the_score_in_closed_form(observed, score):
    # Gneiting & Raftery (2007), eq. 21 ff.; quantiles at equal steps of probability stand for the draws.
    draws = ndtri((np.arange(100_000) + 0.5) / 100_000)
    assert crps_sample(draws, observed) == pytest.approx(score, abs=2e-6)
    assert crps_sample(50 + 10 * draws, 50 + 10 * observed) == pytest.approx(10 * score, abs=2e-5)


@settings(max_examples=60)
@given(st.lists(FLOATS, min_size=1, max_size=30), FLOATS)
def test_sorted_crps_is_the_double_sum(draws, y):
    x = np.array(draws)
    naive = np.abs(x - y).mean() - np.abs(x[:, None] - x).mean() / 2
    assert crps_sample(x, y) == pytest.approx(naive, abs=1e-9)


@settings(max_examples=30)
@given(st.lists(FLOATS, min_size=2, max_size=20), FLOATS)
def test_crps_is_never_negative_and_does_not_depend_on_order(draws, y):
    x = np.array(draws)
    assert crps_sample(x, y) >= -1e-9
    assert crps_sample(x[::-1], y) == pytest.approx(crps_sample(x, y), abs=1e-9)


def test_crps_of_a_point_is_its_absolute_error():
    assert crps_sample([3.0], 5.0) == 2


def test_crps_keeps_its_digits_far_from_zero():
    draws = np.random.default_rng(2).standard_normal(1000)
    assert crps_sample(1e9 + draws, 1e9 + 0.5) == pytest.approx(crps_sample(draws, 0.5), rel=1e-5)


def test_crps_works_through_leading_axes():
    draws = np.random.default_rng(3).normal(size=(4, 2, 50))
    observed = np.zeros((4, 2))
    scores = crps_sample(draws, observed)
    assert scores.shape == (4, 2)
    assert scores[3, 1] == pytest.approx(float(crps_sample(draws[3, 1], 0.0)))


def test_the_true_distribution_scores_best():
    rng = np.random.default_rng(4)
    y, draws = rng.standard_normal(2000), rng.standard_normal(500)
    forecasts = [np.tile(m + s * draws, (2000, 1)) for m, s in [(0, 1), (0.5, 1), (0, 0.5), (0, 2)]]
    means = [crps_sample(forecast, y).mean() for forecast in forecasts]
    assert min(means) == means[0]


def test_mape_and_bias():
    forecast, observed = [105.0, 95.0, 220.0], [100.0, 100.0, 200.0]
    assert mape(forecast, observed) == pytest.approx(20 / 3)
    assert malpe(forecast, observed) == pytest.approx(10 / 3)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(1, 1e6)), min_size=1, max_size=20))
def test_bias_is_never_larger_than_error_and_units_do_not_matter(pairs):
    forecast, observed = np.array(pairs).T
    assert abs(malpe(forecast, observed)) <= mape(forecast, observed) * (1 + 1e-12)
    assert mape(forecast / 7, observed / 7) == pytest.approx(mape(forecast, observed), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mape([], []),
        lambda: mape([1.0], [0.0]),
        lambda: malpe([1.0, 2.0], [1.0]),
        lambda: crps_sample([], 1.0),
        lambda: crps_sample([[1.0, 2.0]], 1.0),
        lambda: crps_sample([np.nan, 2.0], 1.0),
    ],
)
def test_wrong_input_is_refused(call):
    with pytest.raises(ValueError):
        call()
