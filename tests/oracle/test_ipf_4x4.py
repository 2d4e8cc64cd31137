"""Iterative proportional fitting of a 4 x 4 table.

The worked example of the article "Iterative proportional fitting" (Wikipedia), also the test case of the
packages ipfn (Python) and ProportionalFitting.jl (Julia); method of Deming & Stephan (1940).
"""

import numpy as np

from eldercare.population.base import iterative_proportional_fitting

SEED = [[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]]
ROWS = [150, 300, 400, 150]
COLUMNS = [200, 300, 400, 100]
EXPECTED = [
    [64.55850977654836, 46.23245970882375, 35.38429826433126, 3.824732250296657],
    [49.96791941867418, 68.15935407176033, 156.4985464218569, 25.374180087708634],
    [56.7219436020963, 144.42822556629858, 145.08248143141708, 53.76734940018802],
    [28.75162720268117, 41.17996065311738, 63.03467388239478, 17.033738261806683],
]


def test_published_table():
    fitted = iterative_proportional_fitting(SEED, ROWS, COLUMNS)
    np.testing.assert_allclose(fitted, EXPECTED, rtol=0, atol=1e-6)


def test_margins_are_met():
    fitted = iterative_proportional_fitting(SEED, ROWS, COLUMNS)
    np.testing.assert_allclose(fitted.sum(axis=1), ROWS, rtol=1e-9)
    np.testing.assert_allclose(fitted.sum(axis=0), COLUMNS, rtol=1e-9)


def test_odds_ratios_of_the_seed_stay():
    seed, fitted = np.array(SEED, dtype=float), iterative_proportional_fitting(SEED, ROWS, COLUMNS)
    odds = [t[:-1, :-1] * t[1:, 1:] / (t[:-1, 1:] * t[1:, :-1]) for t in (seed, fitted)]
    np.testing.assert_allclose(odds[1], odds[0], rtol=1e-9)
