"""What to add per year holds the level in as many draws as asked, in one year and in each."""

import numpy as np
import pytest

from eldercare.care import add_per_year, pace_by_year


def test_adding_the_pace_holds_the_level_in_as_many_draws_as_asked():
    elders = np.random.default_rng(2).normal(1.2e6, 5e4, 20_001)
    for q in (0.5, 0.8):
        pace = add_per_year(0.05, elders, 39_467, 9, q)
        held = (39_467 + 9 * pace) / elders >= 0.05 - 1e-12
        assert held.mean() == pytest.approx(q, abs=0.001)
    assert add_per_year(0.05, elders, 39_467, 9, 0.8) > add_per_year(0.05, elders, 39_467, 9)


def test_the_pace_takes_uncertain_levels_and_supplies():
    pace = add_per_year(np.array([0.01, 0.02, 0.03]), np.full(3, 1000.0), np.array([0.0, 10.0, 20.0]), 2)
    assert pace == pytest.approx(5.0)


@pytest.mark.parametrize(("years", "q", "message"), [(0, 0.5, "one year"), (3, 1.5, "probability")])
def test_an_impossible_pace_is_refused(years, q, message):
    with pytest.raises(ValueError, match=message):
        add_per_year(0.05, [1000.0], 10, years, q)


def test_beds_per_year_hold_the_norm_when_added():
    elders = np.array([1.1e6, 1.2e6, 1.3e6])
    per_year = add_per_year(50 / 1000, elders, 39_467, 9)
    assert (39_467 + 9 * per_year) / 1.2e6 * 1000 == pytest.approx(50)
    assert add_per_year(50 / 1000, elders, 90_000, 9) == 0


def test_the_pace_of_each_year_is_that_of_a_plan_which_ends_in_it():
    rng, years = np.random.default_rng(4), np.arange(2024, 2033)
    elders = rng.normal(1e6, 3e4, (len(years), 501)) + 2e4 * (years - 2024)[:, None]
    supply = np.linspace(45_000, 48_000, len(years))
    paces = pace_by_year(0.05 * elders, supply, years, 2027, 0.8)
    assert np.isnan(paces[years < 2027]).all()
    for pace, year, count in zip(paces[3:], years[3:], elders[3:], strict=True):
        assert pace == pytest.approx(add_per_year(0.05, count, supply[years == 2026], year - 2026, 0.8))
