"""Females of Sweden, 1993, projected ten years: Preston, Heuveline & Guillot (2001), Demography, box 6.1.

Closed population, five-year groups and steps, 1.05 boys per girl.
"""

import numpy as np
import pytest

from eldercare.population.projection import Step, advance
from tests.oracle import twin

# lower age, persons 1993, person-years lived (radix 100,000), fertility rate, persons expected 1998 and 2003
PUBLISHED = np.array(
    [
        [0, 293395, 497487, 0.0, 293573.807, 280120.537],
        [5, 248369, 497138, 0.0, 293189.176, 293367.857],
        [10, 240012, 496901, 0.0, 248250.595, 293049.404],
        [15, 261346, 496531, 0.012, 239833.283, 248065.744],
        [20, 285209, 495902, 0.0908, 261014.930, 239529.465],
        [25, 314388, 495168, 0.1499, 284786.853, 260628.593],
        [30, 281290, 494213, 0.1125, 313781.659, 284237.602],
        [35, 286923, 492760, 0.0441, 280463.000, 312859.132],
        [40, 304108, 490447, 0.0074, 285576.192, 279146.515],
        [45, 324946, 486613, 0.0003, 301730.679, 283343.741],
        [50, 247613, 480665, 0.0, 320974.099, 298042.544],
        [55, 211351, 471786, 0.0, 243039.012, 315044.961],
        [60, 215140, 457852, 0.0, 205108.838, 235860.958],
        [65, 221764, 436153, 0.0, 204943.861, 195388.105],
        [70, 223506, 402775, 0.0, 204792.802, 189259.878],
        [75, 183654, 350358, 0.0, 194419.006, 178141.137],
        [80, 141990, 271512, 0.0, 142323.751, 150666.156],
        [85, 112424, 291707, 0.0, 131768.184, 141959.941],
    ]
)
AGE, FEMALES, PERSON_YEARS, ASFR, IN_1998, IN_2003 = PUBLISHED.T
SURVIVAL = twin.survival_ratios(PERSON_YEARS, radix=100_000, width=5)
SRB, WIDTH = 1.05, 5


def product(females, survival):
    """Two steps of the package; `females` (age, sex, ...)."""
    tfr = WIDTH * ASFR.sum()
    for _ in range(2):
        after = Step.like(females)
        advance(females, survival, ASFR / tfr, tfr, SRB, np.zeros(females.ndim * (1,)), after, WIDTH)
        yield after.population
        females = after.population


def naive(females, survival):
    steps = 2 * [(survival, ASFR, SRB, np.zeros_like(females))]
    return twin.project(females, steps, WIDTH)[0][1:]


@pytest.mark.parametrize("project", [product, naive])
def test_every_age_to_the_printed_decimal(project):
    in_1998, in_2003 = project(FEMALES[:, None], SURVIVAL[:, None])
    np.testing.assert_allclose(in_1998[:, 0], IN_1998, rtol=0, atol=0.001)
    np.testing.assert_allclose(in_2003[:, 0], IN_2003, rtol=0, atol=0.001)
    assert in_1998.sum() == pytest.approx(4_449_570, abs=0.5)
    assert in_2003.sum() == pytest.approx(4_478_712, abs=0.5)


@pytest.mark.parametrize("project", [product, naive])
def test_the_female_part_of_a_two_sex_population_is_the_same(project):
    both = np.stack([FEMALES, 0.9 * FEMALES], axis=1)
    survival = np.stack([SURVIVAL, 0.99 * SURVIVAL], axis=1)
    _, in_2003 = project(both, survival)
    np.testing.assert_allclose(in_2003[:, 0], IN_2003, rtol=0, atol=0.001)


def test_every_draw_is_sweden():
    draws = np.repeat(FEMALES[:, None, None], 4, axis=2)
    _, in_2003 = product(draws, SURVIVAL[:, None, None])
    np.testing.assert_allclose(in_2003, IN_2003[:, None, None].repeat(4, axis=2), rtol=0, atol=0.001)
