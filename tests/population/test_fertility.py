"""Fertility by age from a total fertility rate."""

import numpy as np
import pytest

from eldercare.population import asfr_from_tfr

AGES = np.arange(101)


@pytest.mark.parametrize("density", ["gamma", "normal"])
def test_rates_add_to_the_tfr_with_the_mean_and_spread_asked_for(density):
    asfr = asfr_from_tfr(1.3, 29.0, 4.5, AGES, density=density)
    assert asfr.sum() == pytest.approx(1.3)
    mean = (asfr * (AGES + 0.5)).sum() / 1.3
    assert mean == pytest.approx(29.0, abs=0.05)
    assert np.sqrt((asfr * (AGES + 0.5 - mean) ** 2).sum() / 1.3) == pytest.approx(4.5, abs=0.1)
    assert not asfr[:15].any() and not asfr[50:].any()


def test_five_year_groups_add_to_the_tfr_times_width():
    asfr = asfr_from_tfr(2.1, 28.0, 5.0, np.arange(0, 90, 5))
    assert 5 * asfr.sum() == pytest.approx(2.1)
    single = asfr_from_tfr(2.1, 28.0, 5.0, AGES)
    assert asfr[5] == pytest.approx(single[25:30].mean())


def test_draws_of_the_tfr_go_on_the_last_axis():
    asfr = asfr_from_tfr(np.array([1.0, 1.2, 1.4]), 29.0, 4.5, AGES)
    np.testing.assert_allclose(asfr.sum(axis=0), [1.0, 1.2, 1.4])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tfr": -1}, "tfr: -1"),
        ({"mean_age": 12}, "mean_age: 12 is not between 15 and 50"),
        ({"sd": 0}, "sd: 0"),
        ({"ages": [0, 1, 5]}, "equal width"),
        ({"ages": [60, 61, 62]}, "no age group between 15 and 50"),
        ({"density": "beta"}, "'beta' is not one of gamma, normal"),
    ],
)
def test_fertility_refuses(change, message):
    arguments = {"tfr": 1.3, "mean_age": 29.0, "sd": 4.5, "ages": AGES} | change
    with pytest.raises(ValueError, match=message):
        asfr_from_tfr(**arguments)
