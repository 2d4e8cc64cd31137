"""The age schedule of migration."""

import numpy as np
import pytest

from eldercare.population.migration import CHILDHOOD, LABOUR, Peak, rogers_castro

AGES = np.arange(101)
RETIRING = Peak(0.02, 0.3, 62.0, 0.5)


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
