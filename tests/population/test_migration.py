"""Net migration as a residual, and its age schedule."""

import numpy as np
import pytest

from eldercare.population import RogersCastro, net_migration_residual, rogers_castro

AGES = np.arange(101)


def test_standard_schedule_has_children_a_trough_and_a_young_adult_peak():
    shares = rogers_castro(AGES, RogersCastro())
    assert shares.sum() == pytest.approx(1)
    assert 20 <= shares.argmax() <= 25
    assert shares[0] > shares[:18].min()
    assert (np.diff(shares[30:]) < 0).all()


def test_schedule_is_the_published_formula():
    p = RogersCastro(a3=0.01, mu3=62.0, alpha3=0.3, lambda3=0.5)

    def rate(x):
        peak = p.a2 * np.exp(-p.alpha2 * (x - p.mu2) - np.exp(-p.lambda2 * (x - p.mu2)))
        retirement = p.a3 * np.exp(-p.alpha3 * (x - p.mu3) - np.exp(-p.lambda3 * (x - p.mu3)))
        return p.a1 * np.exp(-p.alpha1 * x) + peak + retirement + p.c

    expected = np.array([rate(x) for x in range(101)])
    np.testing.assert_allclose(rogers_castro(AGES, p), expected / expected.sum())


def test_retirement_component_moves_migrants_to_its_age():
    plain, retiring = (rogers_castro(AGES, p) for p in (RogersCastro(), RogersCastro(a3=0.02, mu3=60.0)))
    assert (retiring / plain)[58:68].max() == (retiring / plain).max()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"a1": -0.1}, "a1: -0.1"),
        ({"mu2": np.nan}, "mu2: not a finite number"),
        ({"a1": 0.0, "a2": 0.0, "c": 0.0}, "0 at every age"),
    ],
)
def test_schedule_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        rogers_castro(AGES, RogersCastro(**parameters))


def test_schedule_refuses_a_table_of_ages():
    with pytest.raises(ValueError, match="one list of ages"):
        rogers_castro(np.ones((2, 2)), RogersCastro())


def test_residual_takes_areas_at_once():
    residual = net_migration_residual([100, 200], [150, 190], [10, -20])
    assert residual.tolist() == [40, 10]
    assert net_migration_residual(0, 0, 0) == 0
    with pytest.raises(ValueError, match="start: -1"):
        net_migration_residual(-1, 2, 3)
