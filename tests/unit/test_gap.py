"""What makes a gap and what closes it: the waterfall sums exactly, need moves the right way, pace holds the level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care import (
    INTERACTION,
    add_per_year,
    age_gradient,
    care_need,
    shares_by_setting,
    shift_factor,
    waterfall,
)

factor = st.floats(0.01, 100)


@given(st.lists(st.tuples(factor, factor), min_size=1, max_size=6))
def test_the_parts_of_a_waterfall_add_to_the_change(pairs):
    start = {f"f{i}": a for i, (a, _) in enumerate(pairs)}
    end = {f"f{i}": b for i, (_, b) in enumerate(pairs)}
    parts = waterfall(start, end)
    change = np.prod(list(end.values())) - np.prod(list(start.values()))
    assert sum(parts.values()) == pytest.approx(change, rel=1e-9, abs=1e-9 * max(1, *map(abs, parts.values())))


def test_one_factor_alone_has_no_interaction_and_still_factors_no_part():
    parts = waterfall({"size": 10.0, "rate": 3.0}, {"size": 12.0, "rate": 3.0})
    assert {name: float(part) for name, part in parts.items()} == {"size": 6.0, "rate": 0.0, INTERACTION: 0.0}


def test_a_waterfall_of_different_factors_is_refused():
    with pytest.raises(ValueError, match="factors differ"):
        waterfall({"size": 1}, {"rate": 1})


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


def test_a_share_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="shares must lie"):
        shares_by_setting(1.1, 0)


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
