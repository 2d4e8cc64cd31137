"""Life tables and survival ratios: grouping, trailing axes, and refusals."""

import numpy as np
import pytest

from eldercare.population import SEXES, expectation_from_survival, life_table, survival_from_mx
from eldercare.population.life_table import coale_demeny
from tests.oracle import twin

GOMPERTZ = 5e-5 * np.exp(0.095 * np.arange(101))


def test_constant_rate_gives_the_expectation_of_an_exponential():
    table = life_table(np.full(101, 0.02), ax=np.full(101, 0.5))
    assert table.ex[0] == pytest.approx(50, abs=0.01)
    assert table.ex[-1] == pytest.approx(50)


@pytest.mark.parametrize(
    ("sex", "m0", "a0", "a1"),
    [
        ("female", 0.01, 0.053 + 0.028, 1.522 - 0.01518),
        ("male", 0.01, 0.045 + 0.02684, 1.651 - 0.02816),
        ("female", 0.2, 0.35, 1.361),
        ("male", 0.2, 0.33, 1.352),
    ],
)
def test_coale_demeny_at_both_ends_of_infant_mortality(sex, m0, a0, a1):
    table = life_table([m0, 0.001, 0.001, 0.1], widths=[1, 4, 5, 0], sex=sex)
    np.testing.assert_allclose(table.ax, [a0, a1, 2.5, 10])


def test_single_years_use_half_a_year_above_age_0():
    table = life_table(GOMPERTZ, sex="female")
    assert (table.ax[1:-1] == 0.5).all()


def test_sexes_along_axis_1_are_the_same_as_one_by_one():
    rates = np.stack([GOMPERTZ, 1.3 * GOMPERTZ], axis=1)[..., None] * [1.0, 0.9, 0.8]
    both = life_table(rates, sex=SEXES)
    for i, sex in enumerate(SEXES):
        np.testing.assert_array_equal(both.ex[:, i, 2], life_table(rates[:, i, 2], sex=sex).ex)


def test_columns_fit_together():
    table = life_table(GOMPERTZ, sex="male")
    assert table.lx[0] == 1
    assert table.dx.sum() == pytest.approx(1)
    np.testing.assert_allclose(table.dx, table.mx * table.Lx, rtol=1e-9)
    np.testing.assert_allclose(table.Tx / table.lx, table.ex)


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
    ("arguments", "message"),
    [
        ({"mx": [0.1, -0.1, 0.2], "sex": "male"}, r"mx: -0.1 at index \(1,\) is below 0"),
        ({"mx": [0.1, np.nan, 0.2], "sex": "male"}, r"mx: not a finite number at index \(1,\)"),
        ({"mx": [0.1, 0.1, np.inf], "sex": "male"}, "mx: not a finite number"),
        ({"mx": [0.1, 0.1, 0.0], "sex": "male"}, "open age group must be above 0"),
        ({"mx": [0.1], "sex": "male"}, "at least two age groups"),
        ({"mx": ["many", "few"], "sex": "male"}, "mx: expected numbers"),
        ({"mx": [0.1, 0.1, 0.2]}, "sex: needed"),
        ({"mx": [0.1, 0.1, 0.2], "sex": "men"}, "sex: 'men' is not one of female, male"),
        ({"mx": np.full((3, 3), 0.1), "sex": SEXES}, "2 names do not fit axis 1"),
        ({"mx": [0.1, 0.1, 0.2], "sex": "male", "widths": [1, 4]}, r"widths: \(2,\) does not fit 3"),
        ({"mx": [0.1, 0.1, 0.2], "sex": "male", "widths": [1, -4, 0]}, "widths: -4"),
        ({"mx": [0.1, 0.1, 0.2], "ax": [0.5, 0.5]}, r"ax: \(2,\) does not fit mx"),
        ({"mx": [0.1, 0.1, 0.2], "ax": [0.5, 1.5, 0]}, "more years lived than the age group is wide"),
        ({"mx": [0.1, 2.1, 0.2], "sex": "male"}, r"nobody survives age group 1 \(rate 2.1"),
    ],
)
def test_life_table_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        life_table(**arguments)


def test_short_way_refuses_what_the_long_way_refuses():
    with pytest.raises(ValueError, match="nobody survives"):
        survival_from_mx([0.01, 2.5, 0.3], "male")
    with pytest.raises(ValueError, match="open group"):
        survival_from_mx([0.01, 0.5, 0.0], "male")


def test_coale_demeny_names_what_it_knows():
    with pytest.raises(ValueError, match="female, male"):
        coale_demeny(np.array(0.01), "total", "a0")
