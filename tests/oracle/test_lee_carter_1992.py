"""US mortality of Lee & Carter (1992), Journal of the American Statistical Association 87(419), 659-671.

a and b are those of their table 1 (age groups 0, 1-4, 5-9, ..., 105+, both sexes). The last index (1989), the
drift and its innovation are the estimates they forecast from; their bands leave the error of the drift out.
"""

import numpy as np
import pytest

from eldercare.population.lee_carter import fill_rates, fit, random_walk

K_1989, DRIFT, SEE = -11.05, -0.365, 0.652
# lower age, a, b
PUBLISHED = np.array(
    [
        [0, -3.64109, 0.09064],
        [1, -6.70581, 0.11049],
        [5, -7.51064, 0.09179],
        [10, -7.55717, 0.08358],
        [15, -6.76012, 0.04744],
        [20, -6.44334, 0.05351],
        [25, -6.40062, 0.05966],
        [30, -6.22909, 0.06173],
        [35, -5.91325, 0.05899],
        [40, -5.51323, 0.05279],
        [45, -5.09024, 0.04458],
        [50, -4.65680, 0.03830],
        [55, -4.25497, 0.03382],
        [60, -3.85608, 0.02949],
        [65, -3.47313, 0.02880],
        [70, -3.06117, 0.02908],
        [75, -2.63023, 0.03240],
        [80, -2.20498, 0.03091],
        [85, -1.79960, 0.03091],
        [90, -1.40963, 0.03091],
        [95, -1.03655, 0.03091],
        [100, -0.68035, 0.03091],
        [105, -0.34105, 0.03091],
    ]
)
AGE, A, B = PUBLISHED.T
# Rates of 2050 that follow from the published numbers: median, lower and upper end of the 95% band.
RATES_2050 = {
    0: (0.001280171, 0.000518056, 0.003163440),
    1: (3.083734e-05, 1.023629e-05, 9.289901e-05),
    30: (0.000252115, 0.000136151, 0.000466849),
    60: (0.007918612, 0.005899573, 0.010628636),
    65: (0.01188353, 0.00891472, 0.01584101),
    80: (0.03937018, 0.02891903, 0.05359831),
    85: (0.05905024, 0.04337485, 0.08039062),
    105: (0.25389953, 0.18649983, 0.34565717),
}


@pytest.fixture(scope="module")
def band_2050():
    forecast = random_walk(DRIFT, SEE, np.array([2050 - 1989]))
    half = 1.96 * np.sqrt(forecast.variance[0])
    return K_1989 + forecast.mean[0] + half * np.array([0.0, -1.0, 1.0])


def test_index_of_2050_and_its_published_band(band_2050):
    np.testing.assert_allclose(band_2050, [-33.315, -43.295874, -23.334126], rtol=0, atol=5e-7)


@pytest.mark.parametrize("age", RATES_2050)
def test_rates_of_2050_jump_off_from_1989(band_2050, age):
    jump_off = np.broadcast_to(np.exp(A + B * K_1989)[:, None, None], (len(AGE), 1, 3))
    projected = fill_rates(jump_off, B, band_2050 - K_1989, np.empty(jump_off.shape), np.empty(jump_off.shape))
    np.testing.assert_allclose(projected[AGE == age, 0][0], RATES_2050[age], rtol=2e-6)


def test_fit_returns_the_published_schedule_from_its_rates():
    index = np.linspace(10.0, K_1989, 57)
    found_b, found_k = fit(A + (index - index.mean())[:, None] * B)
    np.testing.assert_allclose(found_b, B / B.sum(), rtol=1e-10)
    np.testing.assert_allclose(found_k, (index - index.mean()) * B.sum(), rtol=1e-9, atol=1e-12)
