"""Fertility by age: a pattern that adds to one child."""

import numpy as np
import pytest

from eldercare.population.fertility import fertility_pattern

MIDDLES = np.arange(101) + 0.5


@pytest.mark.parametrize(("mean", "sd"), [(29.0, 4.5), (26.0, 5.5)])
def test_rates_add_to_one_child_with_the_mean_and_spread_asked_for(mean, sd):
    pattern = fertility_pattern(mean, sd, 101)
    assert pattern.sum() == pytest.approx(1)
    found = (pattern * MIDDLES).sum()
    assert found == pytest.approx(mean, abs=0.05)
    assert np.sqrt((pattern * (MIDDLES - found) ** 2).sum()) == pytest.approx(sd, abs=0.1)
    assert not pattern[:15].any() and not pattern[50:].any() and pattern[15:50].all()
