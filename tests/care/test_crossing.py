"""Crossing years: the first year below, never, quantiles that are years; and the pace that holds a level."""

import numpy as np
import pytest

from eldercare.care.crossing import crossing_years, pace_by_year, year_quantile


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


def test_adding_the_pace_holds_the_level_in_as_many_draws_as_asked():
    rng, years = np.random.default_rng(4), np.arange(2024, 2033)
    elders = rng.normal(1.2e6, 5e4, (len(years), 20_001)) + 2e4 * (years - 2024)[:, None]
    supply = np.linspace(45_000, 48_000, len(years))
    half, safe = (pace_by_year(0.05 * elders, supply, years, 2027, q) for q in (0.5, 0.8))
    assert np.isnan(half[years < 2027]).all() and (safe[years >= 2027] > half[years >= 2027]).all()
    for q, paces in ((0.5, half), (0.8, safe)):
        for year, pace, count in zip(years[3:], paces[3:], elders[3:], strict=True):
            held = (supply[years == 2026] + (year - 2026) * pace) / count >= 0.05 - 1e-12
            assert held.mean() == pytest.approx(q, abs=0.001)


def test_nothing_is_added_where_there_is_enough():
    assert pace_by_year([[50.0], [60.0]], [90.0, 90.0], [2026, 2027], 2027, 0.5)[1] == 0
