"""The oldest ages: Kannisto close-out and the factor on the level."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eldercare.population import SEXES
from eldercare.population.life_table import life_table
from eldercare.population.mortality import life_expectancy
from eldercare.population.old_age import close_out, old_age_factor

AGES = np.arange(131)


def kannisto(ages, c=2.2e-5, d=0.102):
    odds = c * np.exp(d * ages)
    return odds / (1 + odds)


@settings(max_examples=40)
@given(st.floats(2e-6, 4e-5), st.floats(0.08, 0.13))
def test_a_kannisto_schedule_is_its_own_close_out(c, d):
    truth = kannisto(AGES, c, d)
    np.testing.assert_allclose(close_out(truth[:101])[:100], truth[:100], rtol=1e-9)


def test_open_rate_is_that_of_the_schedule_carried_on():
    truth = kannisto(AGES)
    short, long = close_out(truth[:101]), close_out(truth)
    assert short[-1] == pytest.approx(1 / life_table(truth[100:]).ex[0], rel=1e-6)
    assert life_expectancy(short, "female") == pytest.approx(life_expectancy(long, "female"), abs=1e-9)


def test_a_wrong_open_rate_is_not_read():
    schedule = kannisto(AGES[:101])
    wild = schedule.copy()
    wild[100:] = 1.7
    np.testing.assert_array_equal(close_out(wild), close_out(schedule))


def test_close_out_rises_stays_below_1_and_joins_without_a_step():
    gompertz = 2e-5 * np.exp(0.105 * np.arange(101))
    closed = close_out(gompertz)
    np.testing.assert_array_equal(closed[:91], gompertz[:91])
    assert closed[95:].max() < 1
    growth = np.diff(np.log(closed[80:100]))
    assert (growth > 0).all()
    assert growth.max() < 0.16


def test_columns_are_closed_one_by_one():
    many = np.stack([kannisto(AGES[:101], c) for c in (1e-5, 2e-5, 3e-5, 4e-5)], axis=1).reshape(101, 2, 2)
    closed = close_out(many)
    np.testing.assert_allclose(closed[:, 1, 0], close_out(many[:, 1, 0]), rtol=1e-12)


def test_close_out_refuses_rates_that_no_logistic_has():
    with pytest.raises(ValueError, match="between 0 and 1"):
        close_out(2 * kannisto(AGES[:101], c=6e-5))


def test_rates_that_fall_with_age_cannot_be_closed():
    with pytest.raises(ValueError, match="do not rise"):
        close_out(kannisto(AGES[:101])[::-1])


def test_factor_is_whole_from_its_age_and_leaves_younger_ages_alone():
    mx = kannisto(AGES[:101])
    ratio = old_age_factor(mx, 0.2) / mx
    np.testing.assert_array_equal(ratio[:76], 1)
    np.testing.assert_allclose(ratio[80:], np.exp(0.2))
    assert (np.diff(ratio[75:81]) > 0).all()


def test_level_zero_changes_nothing_and_levels_add():
    mx = kannisto(AGES[:101])
    np.testing.assert_array_equal(old_age_factor(mx, 0.0), mx)
    np.testing.assert_allclose(old_age_factor(old_age_factor(mx, 0.1), -0.3), old_age_factor(mx, -0.2))


def test_draws_of_the_level_follow_the_sexes():
    mx = np.stack([kannisto(AGES[:101]), kannisto(AGES[:101], 3e-5)], axis=1)
    levels = np.array([[-0.1, 0.0, 0.2]])
    moved = old_age_factor(mx, levels)
    assert moved.shape == (101, 2, 3)
    np.testing.assert_allclose(moved[:, 1, 2], old_age_factor(mx[:, 1], 0.2))
    e0 = life_expectancy(moved, SEXES)
    assert (np.diff(e0, axis=1) < 0).all()
