"""Rival forecasts: what each does on series with a known answer, and series too short to use; the score of draws."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from eldercare.population.rivals import constant_growth, crps_sample, ets_forecast, no_change

damped_trend = partial(ets_forecast, damped=True)
WITH_BAND, SMOOTH = (no_change, constant_growth), (ets_forecast, damped_trend)
FLOATS = st.floats(-1e3, 1e3)
YEARS = np.arange(2010, 2022)
WOBBLE = np.random.default_rng(7).normal(0, 4000, len(YEARS))
ELDERS = 500_000 + 18_000 * (YEARS - 2010) + WOBBLE


@pytest.mark.parametrize("rival", WITH_BAND)
def test_bands_hold_the_point_and_widen(rival):
    forecast = rival(YEARS, ELDERS, [2022, 2025, 2030], level=0.8)
    assert (forecast.low < forecast.point).all() and (forecast.point < forecast.high).all()
    assert (np.diff(forecast.high - forecast.low) >= 0).all()
    wide = rival(YEARS, ELDERS, [2022, 2025, 2030], level=0.95)
    assert (wide.low < forecast.low).all() and (wide.high > forecast.high).all()
    np.testing.assert_allclose(wide.point, forecast.point)


@pytest.mark.parametrize("rival", WITH_BAND + SMOOTH)
def test_the_unit_does_not_matter(rival):
    persons, thousands = rival(YEARS, ELDERS, [2025]), rival(YEARS, ELDERS / 1000, [2025])
    for end in ("point", "low", "high") if rival in WITH_BAND else ("point",):
        np.testing.assert_allclose(getattr(persons, end) / 1000, getattr(thousands, end), rtol=1e-6)


def test_no_change_repeats_the_last_value_with_the_band_of_a_random_walk():
    forecast = no_change([2010, 2012, 2013], [100.0, 104.0, 101.0], [2017])
    sigma = np.sqrt((16 / 2 + 9 / 1) / 2)
    assert forecast.point[0] == 101
    assert forecast.high[0] - 101 == pytest.approx(ndtri(0.9) * sigma * 2)


@settings(max_examples=30)
@given(st.floats(-0.05, 0.05), st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_constant_growth_continues_an_exponential_from_irregular_years(growth, gaps):
    years = 2000 + np.cumsum([0, *gaps])
    forecast = constant_growth(years, 1e5 * np.exp(growth * (years - 2000.0)), [2050])
    assert forecast.point[0] == pytest.approx(1e5 * np.exp(growth * 50), rel=1e-9)


def test_smoothing_follows_a_trend_and_damping_falls_short_of_it():
    ets, damped = ets_forecast(YEARS, ELDERS, [2040]), damped_trend(YEARS, ELDERS, [2040])
    assert ets.point[0] == pytest.approx(500_000 + 18_000 * 30, rel=0.05)
    assert ELDERS[-1] < damped.point[0] < ets.point[0]


@pytest.mark.parametrize(("seed", "count"), [(15, 13), (98, 9), (141, 9)])
def test_a_search_that_ends_in_a_corner_still_gives_a_forecast(seed, count):
    rng = np.random.default_rng(seed)
    rng.integers(7, 14)
    values = 700_000 + 20_000 * np.arange(count) + np.cumsum(rng.normal(0, 5000, count))
    forecast = ets_forecast(np.arange(count), values, [count])
    assert forecast.point[0] == pytest.approx(values[-1] + 20_000, rel=0.03)


@pytest.mark.parametrize(("rival", "least"), [(constant_growth, 2), (ets_forecast, 6), (damped_trend, 7)])
def test_too_few_observations_are_refused(rival, least):
    with pytest.raises(ValueError, match=f"needs at least {least}"):
        rival(YEARS[: least - 1], ELDERS[: least - 1], [2030])
    rival(YEARS[:least], ELDERS[:least], [2030])


@pytest.mark.parametrize(("rival", "count"), [(no_change, 1), (constant_growth, 2)])
def test_no_band_where_nothing_is_known_of_the_error(rival, count):
    forecast = rival(YEARS[:count], ELDERS[:count], [2030])
    assert np.isfinite(forecast.point).all() and np.isnan([forecast.low, forecast.high]).all()
    assert rival(YEARS[: count + 1], ELDERS[: count + 1], [2030]).low < forecast.point


@pytest.mark.parametrize("rival", WITH_BAND + SMOOTH)
def test_dates_of_the_past_and_counts_of_nobody_are_refused(rival):
    with pytest.raises(ValueError, match="after the last observation, 2021"):
        rival(YEARS, ELDERS, [2021])
    with pytest.raises(ValueError, match="all above 0"):
        rival(YEARS, -ELDERS, [2025])


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
    assert crps_sample(np.array([3.0]), 5.0) == 2


def test_crps_keeps_its_digits_far_from_zero():
    draws = np.random.default_rng(2).standard_normal(1000)
    assert crps_sample(1e9 + draws, 1e9 + 0.5) == pytest.approx(crps_sample(draws, 0.5), rel=1e-5)


def test_the_true_distribution_scores_best():
    rng = np.random.default_rng(4)
    outcomes, draws = rng.standard_normal(2000), rng.standard_normal(500)
    forecasts = [m + s * draws for m, s in [(0, 1), (0.5, 1), (0, 0.5), (0, 2)]]
    means = [np.mean([crps_sample(forecast, y) for y in outcomes]) for forecast in forecasts]
    assert min(means) == means[0]
