"""Graduation of rates, the relational shift of level."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eldercare.population import SEXES
from eldercare.population.life_table import life_table, survival_from_mx
from eldercare.population.mortality import graduate_mx, level_to_e0, life_expectancy, shift_level

FAST = settings(max_examples=15)
AGES = np.arange(101)
STARTS = np.array([0, 1, *range(5, 101, 5)])


def schedule(level=5e-5, slope=0.095, infant=0.005):
    """A human-looking schedule: infants, a trough, and rates that rise with age."""
    return level * np.exp(slope * AGES) + infant * np.exp(-2.0 * AGES)


schedules = st.builds(schedule, level=st.floats(2e-5, 1e-4), slope=st.floats(0.08, 0.10), infant=st.floats(0.001, 0.05))
sexes = st.sampled_from(SEXES)


def grouped(mx):
    """Rates of 0, 1-4, 5-9, ... from single years: deaths over person-years of the life table."""
    table = life_table(mx, sex="female")
    deaths = np.append(-np.diff(table.lx), table.lx[-1])
    return np.add.reduceat(deaths, STARTS, axis=0) / np.add.reduceat(table.Lx, STARTS, axis=0)


@FAST
@given(schedules)
def test_graduation_reproduces_every_group_and_comes_close_to_the_single_years(mx):
    single = graduate_mx(grouped(mx), STARTS)
    np.testing.assert_allclose(grouped(single), grouped(mx), rtol=1e-9)
    np.testing.assert_allclose(single[20:60], mx[20:60], rtol=0.02)
    np.testing.assert_allclose(single[60:90], mx[60:90], rtol=0.005)


def test_graduation_keeps_age_0_and_the_open_group():
    rates = grouped(schedule())
    single = graduate_mx(rates, STARTS)
    assert single.shape == (101,)
    assert (single[0], single[-1]) == (rates[0], rates[-1])


def test_graduation_ends_where_the_abridged_table_ends():
    assert graduate_mx(grouped(schedule())[:19], STARTS[:19]).shape == (86,)


@pytest.mark.parametrize(("rate", "starts"), [(0.0, [0, 1, 5]), (np.nan, [0, 1, 5]), (0.001, [0, 5, 10])])
def test_graduation_refuses_rates_without_a_logarithm_and_infants_in_a_group(rate, starts):
    with pytest.raises(ValueError, match="mx_abridged: expected rates above 0, with age 0 on its own"):
        graduate_mx(np.array([0.01, rate, 0.1]), np.array(starts))


def test_a_shift_of_level_is_a_shift_of_the_logits_of_survivors():
    before, after = (life_table(mx, "male").lx[1:] for mx in (schedule(), shift_level(schedule(), -0.2, "male")))
    logits = [0.5 * np.log((1 - lx) / lx) for lx in (before, after)]
    np.testing.assert_allclose(logits[1], -0.2 + logits[0], rtol=1e-9)


@FAST
@given(schedules, sexes, st.floats(55, 95))
def test_level_hits_the_target_life_expectancy(mx, sex, target):
    assert life_expectancy(level_to_e0(mx, target, sex), sex) == pytest.approx(target, abs=1e-9)


@FAST
@given(schedules, sexes, st.floats(60, 90), st.floats(0.01, 5))
def test_higher_life_expectancy_never_lowers_survival_at_any_age(mx, sex, target, gain):
    low = survival_from_mx(level_to_e0(mx, target, sex), sex)
    high = survival_from_mx(level_to_e0(mx, target + gain, sex), sex)
    assert (high >= low).all()
    assert high.sum() > low.sum()


def test_shift_by_an_array_of_alphas_is_one_by_one():
    mx = np.stack([schedule(), schedule(level=7e-5)], axis=1)
    alphas = np.array([[-0.1, 0.1], [-0.2, 0.2]])
    many = shift_level(mx, alphas, SEXES)
    np.testing.assert_allclose(many[:, 1, 0], shift_level(mx[:, 1], -0.2, "male"), rtol=1e-12)


@pytest.mark.parametrize("infant", [0.02, 0.3])
def test_shift_of_zero_gives_the_rates_back_at_low_and_high_infant_mortality(infant):
    mx = schedule(infant=infant)
    np.testing.assert_allclose(shift_level(mx, 0.0, "female"), mx, rtol=1e-9)


def test_open_group_is_scaled_like_the_last_closed_age():
    mx, shifted = schedule(), shift_level(schedule(), -0.5, "male")
    assert shifted[100] / mx[100] == pytest.approx(shifted[99] / mx[99])


def test_level_refuses_what_cannot_be_reached():
    with pytest.raises(ValueError, match="no shift of these rates has a life expectancy of 0.01 years"):
        level_to_e0(schedule(), 0.01, "male")
    with pytest.raises(ValueError, match="no shift of these rates has a life expectancy of 9000 years"):
        level_to_e0(schedule(), 9000, "male")
    with pytest.raises(ValueError, match="no shift"):
        level_to_e0(schedule(), np.nan, "male")
