"""Lee-Carter mortality: fit with one index for both sexes, forecast and draw the index, jump off locally."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator


class Walk(NamedTuple):
    """Change of a random walk with drift since its last observation.

    Attributes
    ----------
    mean : array (year,), drift h at h years ahead
    variance : array (year,), sigma^2 (h + h^2 / span): innovations and error of the estimated drift
    drift, drift_se : change per year and its standard error, sigma / sqrt(span)
    sigma : standard deviation of the innovation of one year
    """

    mean: np.ndarray
    variance: np.ndarray
    drift: float
    drift_se: float
    sigma: float


def fit(log_rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit Lee-Carter, ln m = a + b k, by singular value decomposition; return b (age,) and k (period,).

    b, the response of the log rate to the index k, has the sum 1 and k the sum 0; a is the mean log rate. With a sex
    axis the sexes share b and k and keep their own a: the common factor of Li & Lee (2005), Demography
    42(3), without the sex-specific terms. Least squares over both sexes is then the decomposition of the mean of the
    two centred matrices. With different b for the sexes a common k would move their ratio in one direction for ever;
    with a common b it stays at every age what it is at the jump-off. The index is not re-estimated to match deaths (the
    second stage of Lee & Carter 1992, Journal of the American Statistical Association 87(419)): rates jump off from an
    observed local schedule, which sets the level.

    Parameters
    ----------
    log_rates : array (period, age) or (period, age, sex), natural logarithms of death rates

    Examples
    --------
    >>> b, k = np.array([0.5, 0.3, 0.2]), np.array([2.0, 1.0, -3.0])
    >>> bx, kx = fit(np.array([-3.0, -5.0, -2.0]) + k[:, None] * b)
    >>> bx.round(6), kx.round(6)
    (array([0.5, 0.3, 0.2]), array([ 2.,  1., -3.]))
    """
    by_sex = (log_rates - log_rates.mean(axis=0)).reshape(*log_rates.shape[:2], -1)
    # sum over sexes |Z_s - k b'|^2 = sum |Z_s - mean Z|^2 + sexes |mean Z - k b'|^2: only the mean matters.
    left, singular, right = np.linalg.svd(by_sex.mean(axis=2), full_matrices=False)
    total = right[0].sum()
    return right[0] / total, left[:, 0] * singular[0] * total


def single_year_bx(bx: ArrayLike, age_starts: np.ndarray) -> np.ndarray:
    """Open b of age groups into single years; the mean over each group stays that group's b.

    A monotone cubic (PCHIP; Fritsch & Carlson 1980) through the cumulated width x b is read at whole ages and
    differenced. Nothing is rescaled: b k is a change of the log rate, so a group's b belongs to each of its single
    ages, and the single-year b sum to the sum of width x b (the open group counts as one year).

    Parameters
    ----------
    bx : array (group,), b of age groups
    age_starts : array (group,), lower ages 0, 1, 5, 10, ...; the last group is open

    Examples
    --------
    >>> single = single_year_bx([0.5, 0.3, 0.2], np.array([0, 1, 5]))
    >>> float(single[0]), round(float(single[1:5].mean()), 12), round(float(single[5]), 12)
    (0.5, 0.3, 0.2)
    """
    edges = np.append(age_starts, age_starts[-1] + 1)
    cumulated = np.append(0.0, np.cumsum(np.diff(edges) * bx))
    return np.diff(PchipInterpolator(edges, cumulated)(np.arange(edges[-1] + 1)))


def estimate_walk(values: np.ndarray, times: np.ndarray) -> tuple[float, float, float]:
    """Estimate drift (per year), sigma (of one year) and span (years) of a random walk observed at any dates.

    The drift is (last - first) / span. sigma^2 is the mean of (change - drift gap)^2 / gap over one fewer than the
    number of changes: the unbiased estimate, and the maximum of the exact diffuse likelihood of the state-space form
    (Durbin & Koopman 2012, Time Series Analysis by State Space Methods, ch. 5), so no optimiser runs. An index of
    five-year periods stands at mid-period and is taken as the value at that date; a mean over five years varies less
    (Working 1960, Econometrica 28(4): by the factor 0.68), so sigma is then a low estimate.

    Parameters
    ----------
    values : array (date,), the series; two observations give no sigma, which is then missing
    times : array (date,), dates in years, increasing

    Examples
    --------
    >>> drift, sigma, span = estimate_walk([0.0, -1.0, -3.0], [2000, 2001, 2002])
    >>> drift, round(sigma, 6), span
    (-1.5, 0.707107, 2.0)
    """
    gaps, changes = np.diff(times), np.diff(values)
    drift, span = changes.sum() / gaps.sum(), gaps.sum()
    sigma = np.sqrt((((changes - drift * gaps) ** 2) / gaps).sum() / (len(gaps) - 1 or np.nan))
    return float(drift), float(sigma), float(span)


def random_walk(drift: float, sigma: float, ahead: np.ndarray, span: float = np.inf) -> Walk:
    """Forecast the change of a random walk with drift from its parameters, for example published ones.

    Mean and variance are those of statsmodels `UnobservedComponents(level="rwdrift")` with exact diffuse start, whose
    drift is a state with an error. (`ARIMA(0,1,0)` with a trend treats the estimated drift as known and is too narrow.)

    Parameters
    ----------
    drift, sigma : change per year and standard deviation of the innovation of one year
    ahead : array (year,), years ahead, above 0
    span : years of observation behind the drift. Infinite: the drift is taken as known, variance sigma^2 h, the form
        that Lee & Carter (1992) print.

    Examples
    --------
    >>> us = random_walk(-0.365, 0.652, np.array([61]))
    >>> (-11.05 + us.mean + 1.96 * np.sqrt(us.variance) * [-1, 1]).round(6)
    array([-43.295874, -23.334126])
    """
    return Walk(drift * ahead, sigma**2 * (ahead + ahead**2 / span), drift, sigma / np.sqrt(span), sigma)


def draw_index(walk: Walk, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw paths of the change of the index (year, draw): the drift once per path, the innovations every year.

    So the variance over paths is that of the walk (of 1, 2, 3, ... years ahead), and years of one path hang together
    as they should (Lee & Carter 1992, appendix B).
    """
    drift = walk.drift + walk.drift_se * rng.standard_normal(draws)
    # Numbers that nothing takes, so that the same seed gives the paths that were published.
    rng.standard_normal(draws)
    return np.cumsum(drift + walk.sigma * rng.standard_normal((len(walk.mean), draws)), axis=0)


def fill_rates(
    mx: np.ndarray, bx: np.ndarray, change: float | np.ndarray, out: np.ndarray, spare: np.ndarray
) -> np.ndarray:
    """Write death rates after a change of the index into `out`, and return it: m = m_local exp(b (k_t - k_0)).

    Jumps off from the observed schedule (Lee & Miller 2001, Demography 38(4)). Nothing is checked here.

    Parameters
    ----------
    mx : array (age, sex, draw), local death rates per person-year at the date of k_0
    bx : array (age,), b at the same ages (`single_year_bx`); every sex gets the same
    change : number or array (draw,), k_t - k_0
    out, spare : array (age, sex, draw), the second one is written over

    Examples
    --------
    >>> mx = np.array([[[0.01]], [[0.1]]])
    >>> fill_rates(mx, np.array([0.6, 0.4]), -1.0, np.empty_like(mx), np.empty_like(mx)).round(4).ravel()
    array([0.0055, 0.067 ])
    """
    # One factor per age and draw serves all sexes.
    factor = np.multiply(bx[:, None, None], change, out=spare[:, :1])
    return np.multiply(mx, np.exp(factor, out=factor), out=out)
