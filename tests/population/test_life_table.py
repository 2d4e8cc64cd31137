"""Life tables and survival ratios: grouping, trailing axes, and refusals."""

import numpy as np
import pytest

from eldercare.population import SEXES
from eldercare.population.life_table import expectation_from_survival, infant_years, life_table, survival_from_mx
from tests.oracle import twin

GOMPERTZ = 5e-5 * np.exp(0.095 * np.arange(101))


def test_constant_rate_gives_the_expectation_of_an_exponential():
    table = life_table(np.full(101, 0.02), sex=None)
    assert table.ex[0] == pytest.approx(50, abs=0.01)
    assert table.ex[-1] == pytest.approx(50)


@pytest.mark.parametrize(
    ("sex", "m0", "a0"),
    [("female", 0.01, 0.053 + 0.028), ("male", 0.01, 0.045 + 0.02684), ("female", 0.2, 0.35), ("male", 0.2, 0.33)],
)
def test_coale_demeny_at_both_ends_of_infant_mortality(sex, m0, a0):
    assert infant_years(np.array(m0), sex) == pytest.approx(a0)
    rates = [m0, 0.001, 0.001, 0.1]
    for own, given in zip(life_table(rates, sex), life_table(rates, ax=[a0, 0.5, 0.5, 0]), strict=True):
        np.testing.assert_allclose(own, given)


def test_sexes_along_axis_1_are_the_same_as_one_by_one():
    rates = np.stack([GOMPERTZ, 1.3 * GOMPERTZ], axis=1)[..., None] * [1.0, 0.9, 0.8]
    both = life_table(rates, sex=SEXES)
    for i, sex in enumerate(SEXES):
        np.testing.assert_array_equal(both.ex[:, i, 2], life_table(rates[:, i, 2], sex=sex).ex)


def test_columns_fit_together():
    table = life_table(GOMPERTZ, sex="male")
    assert table.lx[0] == 1
    deaths = np.append(-np.diff(table.lx), table.lx[-1])
    np.testing.assert_allclose(deaths, GOMPERTZ * table.Lx, rtol=1e-9)
    np.testing.assert_allclose(table.Lx.sum(), table.ex[0])


def test_short_way_from_rates_to_survival_ratios_is_the_long_way():
    rates = np.stack([GOMPERTZ, 1.5 * GOMPERTZ], axis=1)[..., None] * np.array([1.0, 0.7])
    long_way = twin.survival_ratios(life_table(rates, sex=SEXES).Lx)
    short_way = survival_from_mx(rates, SEXES)
    np.testing.assert_allclose(short_way, long_way, rtol=1e-12)
    table = life_table(rates, sex=SEXES)
    for ages in ((0, 60), (60, 0), (1, 99)):
        found = expectation_from_survival(short_way, rates, ages)
        np.testing.assert_allclose(found, table.ex[list(ages)], rtol=1e-12)


@pytest.mark.parametrize(
    "rates", [[0.1, -0.1, 0.2], [0.1, np.nan, 0.2], [0.1, 0.1, 0.0], [0.1, 2.1, 0.2]], ids=["low", "none", "0", "high"]
)
def test_rates_that_make_no_table_are_refused(rates):
    with pytest.raises(ValueError, match="mx: expected rates from 0"):
        life_table(rates, "male")


@pytest.mark.parametrize("rate", [2.5, np.nan])
def test_short_way_refuses_what_the_long_way_refuses(rate):
    with pytest.raises(ValueError, match="nobody survives"):
        survival_from_mx(np.array([0.01, rate, 0.3]), "male")


def test_groups_of_several_years_need_the_years_lived_by_those_who_die():
    with pytest.raises(ValueError, match="ax: needed where an age group is wider than a year"):
        life_table([0.01, 0.02, 0.2], widths=5)
