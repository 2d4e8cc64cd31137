"""Age schedules: births that add to one child, migrants of all ages."""

import numpy as np
import pytest

from eldercare.population.schedules import CHILDHOOD, LABOUR, Peak, fertility_pattern, rogers_castro

AGES = np.arange(101)
MIDDLES = AGES + 0.5
RETIRING = Peak(0.02, 0.3, 62.0, 0.5)


@pytest.mark.parametrize(("mean", "sd"), [(29.0, 4.5), (26.0, 5.5)])
def test_rates_add_to_one_child_with_the_mean_and_spread_asked_for(mean, sd):
    pattern = fertility_pattern(mean, sd, 101)
    assert pattern.sum() == pytest.approx(1)
    found = (pattern * MIDDLES).sum()
    assert found == pytest.approx(mean, abs=0.05)
    assert np.sqrt((pattern * (MIDDLES - found) ** 2).sum()) == pytest.approx(sd, abs=0.1)
    assert not pattern[:15].any() and not pattern[50:].any() and pattern[15:50].all()


def test_standard_schedule_has_children_a_trough_and_a_young_adult_peak():
    shares = rogers_castro(AGES, LABOUR, CHILDHOOD)
    assert shares.sum() == pytest.approx(1)
    assert 20 <= shares.argmax() <= 25
    assert shares[0] > shares[:18].min()
    assert (np.diff(shares[30:]) < 0).all()


@pytest.mark.parametrize(("peak", "childhood"), [(LABOUR, CHILDHOOD), (RETIRING, (0.0, 0.0))])
def test_schedule_is_the_published_formula(peak, childhood):
    a, alpha, mu, lam = peak

    def rate(x):
        return childhood[0] * np.exp(-childhood[1] * x) + a * np.exp(-alpha * (x - mu) - np.exp(-lam * (x - mu)))

    expected = np.array([rate(x) for x in range(101)])
    np.testing.assert_allclose(rogers_castro(AGES, peak, childhood), expected / expected.sum())


def test_retirement_stands_at_its_age_and_moves_nobody_young():
    shares = rogers_castro(AGES, RETIRING)
    assert 60 <= shares.argmax() <= 66
    assert shares[:45].sum() < 1e-6
