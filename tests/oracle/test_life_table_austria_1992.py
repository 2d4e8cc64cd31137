"""Life table of Austrian males, 1992: Preston, Heuveline & Guillot (2001), Demography, box 3.1."""

import numpy as np
import pytest

from eldercare.population.life_table import infant_years, life_table

# age, persons, deaths, width, a, q, l, L, T, e as printed (radix 100,000; the last group is open)
PUBLISHED = np.array(
    [
        [0, 47925, 419, 1, 0.068, 0.008672, 100000.00, 99192, 7288901, 72.889],
        [1, 189127, 70, 4, 1.626, 0.001479, 99132.78, 396183, 7189709, 72.526],
        [5, 234793, 36, 5, 2.500, 0.000766, 98986.14, 494741, 6793526, 68.631],
        [10, 238790, 46, 5, 3.143, 0.000963, 98910.29, 494375, 6298785, 63.682],
        [15, 254996, 249, 5, 2.724, 0.004872, 98815.05, 492980, 5804410, 58.740],
        [20, 326831, 420, 5, 2.520, 0.006405, 98333.66, 490106, 5311431, 54.014],
        [25, 355086, 403, 5, 2.481, 0.005659, 97703.84, 487127, 4821324, 49.346],
        [30, 324222, 441, 5, 2.601, 0.006779, 97150.99, 484175, 4334198, 44.613],
        [35, 269963, 508, 5, 2.701, 0.009368, 96492.42, 480384, 3850023, 39.900],
        [40, 261971, 769, 5, 2.663, 0.014577, 95588.46, 474686, 3369639, 35.252],
        [45, 238011, 1154, 5, 2.698, 0.023975, 94195.05, 465777, 2894953, 30.734],
        [50, 261612, 1866, 5, 2.676, 0.035082, 91936.73, 452188, 2429176, 26.422],
        [55, 181385, 2043, 5, 2.645, 0.054861, 88711.41, 432096, 1976988, 22.286],
        [60, 187962, 3496, 5, 2.624, 0.089062, 83844.57, 401480, 1544893, 18.426],
        [65, 153832, 4366, 5, 2.619, 0.132925, 76377.23, 357713, 1143412, 14.971],
        [70, 105169, 4337, 5, 2.593, 0.187573, 66224.76, 301224, 785699, 11.864],
        [75, 73694, 5279, 5, 2.518, 0.304102, 53802.76, 228404, 484475, 9.005],
        [80, 57512, 6460, 5, 2.423, 0.435548, 37441.22, 145182, 256070, 6.839],
        [85, 32248, 6146, 0, 5.247, 1.000000, 21133.77, 110889, 110889, 5.247],
    ]
)
RADIX = 100_000
AGE, PERSONS, DEATHS, WIDTH, A, Q, LITTLE_L, BIG_L, T, E = PUBLISHED.T


@pytest.fixture(scope="module")
def table():
    return life_table(DEATHS / PERSONS, ax=A, widths=WIDTH)


def test_probabilities_of_dying(table):
    np.testing.assert_allclose(1 - np.append(table.lx[1:], 0) / table.lx, Q, rtol=0, atol=5e-7)


def test_survivors(table):
    # Rates are exact, but a is printed to three decimals; that moves survivors by less than 0.01 in 100,000.
    np.testing.assert_allclose(RADIX * table.lx, LITTLE_L, rtol=0, atol=0.01)


def test_person_years(table):
    np.testing.assert_allclose(RADIX * table.Lx, BIG_L, rtol=0, atol=0.5)
    np.testing.assert_allclose(RADIX * table.Lx[::-1].cumsum()[::-1], T, rtol=0, atol=0.5)


def test_expectation_of_life(table):
    np.testing.assert_allclose(table.ex, E, rtol=0, atol=0.001)
    assert table.ex[0] == pytest.approx(72.889, abs=0.001)
    assert table.ex[list(AGE).index(65)] == pytest.approx(14.971, abs=0.001)


def test_first_a_of_the_book_is_coale_demeny_for_males():
    assert infant_years(DEATHS[0] / PERSONS[0], "male") == pytest.approx(A[0], abs=0.0006)


def test_trailing_axes_give_the_same_columns(table):
    rates = np.repeat((DEATHS / PERSONS)[:, None], 6, axis=1).reshape(-1, 2, 3)
    many = life_table(rates, ax=A, widths=WIDTH)
    for column in ("lx", "Lx", "ex"):
        np.testing.assert_array_equal(getattr(many, column)[:, 1, 2], getattr(table, column))
