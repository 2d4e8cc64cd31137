"""Crossing years: the first year below, never, and quantiles that are years."""

import numpy as np

from eldercare.care import crossing_years, probability_crossed, year_quantile


def test_crossing_is_the_first_year_below_and_never_is_infinite():
    ratio = np.array([[60, 60, 40], [49, 55, 60], [51, 52, 60.0]])
    assert crossing_years(ratio, [2020, 2021, 2022], 50).tolist() == [2021, np.inf, 2020]


def test_touching_the_norm_is_not_yet_below_it():
    assert crossing_years([[50.0], [50.0]], [2020, 2021], 50)[0] == np.inf


def test_a_higher_norm_is_never_crossed_later():
    ratio = np.linspace(60, 20, 31)[:, None] * np.array([0.9, 1.0, 1.1])
    years = np.arange(2020, 2051)
    crossed = [crossing_years(ratio, years, norm) for norm in (30, 40, 50, 59)]
    assert all((later <= earlier).all() for earlier, later in zip(crossed, crossed[1:], strict=False))


def test_quantiles_of_crossing_years_are_years_that_occur():
    assert year_quantile([2024, 2030, np.inf, np.inf], 0.5) == 2030
    assert year_quantile([2024, 2030, np.inf, np.inf], 0.9) == np.inf
    assert probability_crossed([2024, 2030, np.inf, np.inf], 2030) == 0.5
