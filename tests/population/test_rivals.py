"""Rival forecasts: what each does on series with a known answer, and series too short to use."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from eldercare.population.rivals import constant_growth, ets_forecast, fill_years, no_change

damped_trend = partial(ets_forecast, damped=True)
WITH_BAND, SMOOTH = (no_change, constant_growth), (ets_forecast, damped_trend)
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
    assert forecast.high[0] - 101 == pytest.approx(norm.ppf(0.9) * sigma * 2)


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
    assert forecast.low is None and forecast.high is None
    assert rival(YEARS[: count + 1], ELDERS[: count + 1], [2030]).low is not None


@pytest.mark.parametrize("rival", SMOOTH)
def test_gaps_must_be_filled_by_the_caller(rival):
    years, values = np.delete(YEARS, 4), np.delete(ELDERS, 4)
    with pytest.raises(ValueError, match="fill_years"):
        rival(years, values, [2025])
    rival(*fill_years(years, values), [2025])


@pytest.mark.parametrize("rival", WITH_BAND + SMOOTH)
@pytest.mark.parametrize(
    ("years", "values", "targets", "message"),
    [
        (YEARS, ELDERS, [2021], "after the last"),
        (YEARS[::-1], ELDERS, [2025], "increase"),
        (YEARS, -ELDERS, [2025], "above 0"),
        (YEARS, ELDERS[:-1], [2025], "one date"),
    ],
)
def test_wrong_input_is_refused(rival, years, values, targets, message):
    with pytest.raises(ValueError, match=message):
        rival(years, values, targets)


@pytest.mark.parametrize("rival", WITH_BAND)
def test_a_coverage_in_percent_is_refused(rival):
    with pytest.raises(ValueError, match="level: 80"):
        rival(YEARS, ELDERS, [2025], 80)
