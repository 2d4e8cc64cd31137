"""Lee-Carter mortality: fit with one index for both sexes, forecast and draw the index, jump off locally."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from eldercare.population._checks import FloatArray, numbers, starts


@dataclass(frozen=True)
class LeeCarter:
    """A fitted model ln m = a + b k.

    Attributes
    ----------
    ax : array (age,) or (age, sex), mean log rate over the periods
    bx : array (age,), response of the log rate to the index, sum 1 over the fitted age groups; one for both sexes
    kx : array (period,), index of mortality, sum 0; one for both sexes
    explained : share of the variation of the log rates about `ax` (sum of squares, all sexes) that b k explains
    """

    ax: FloatArray
    bx: FloatArray
    kx: FloatArray
    explained: float


@dataclass(frozen=True)
class IndexForecast:
    """A random walk with drift seen from its last observation.

    Attributes
    ----------
    ahead : array (year,), years ahead of the last observation
    mean : array (year,), last + drift ahead
    variance : array (year,), sigma^2 (h + h^2 / span) at h years ahead: innovations and error of the estimated drift
    last : last observed index, the jump-off
    drift, drift_se : change of the index per year and its standard error, sigma / sqrt(span)
    sigma : standard deviation of the innovation of one year
    """

    ahead: FloatArray
    mean: FloatArray
    variance: FloatArray
    last: float
    drift: float
    drift_se: float
    sigma: float


def fit(log_rates: ArrayLike) -> LeeCarter:
    """Fit Lee-Carter by singular value decomposition: sum b = 1, sum k = 0.

    With a sex axis the sexes share b and k and keep their own a: the common factor of Li & Lee (2005), Demography
    42(3), without the sex-specific terms. Least squares over both sexes is then the decomposition of the mean of the
    two centred matrices. With different b for the sexes a common k would move their ratio in one direction for ever;
    with a common b it stays at every age what it is at the jump-off. The index is not re-estimated to match deaths (the
    second stage of Lee & Carter 1992, Journal of the American Statistical Association 87(419)): rates jump off from an
    observed local schedule, which sets the level. ValueError also for rates that never change, or whose changes cancel
    over age so that b cannot sum to 1.

    Parameters
    ----------
    log_rates : array (period, age) or (period, age, sex), natural logarithms of death rates, at least three periods

    Examples
    --------
    >>> b, k = np.array([0.5, 0.3, 0.2]), np.array([2.0, 1.0, -3.0])
    >>> model = fit(np.array([-3.0, -5.0, -2.0]) + k[:, None] * b)
    >>> model.bx.round(6), model.kx.round(6), round(model.explained, 6)
    (array([0.5, 0.3, 0.2]), array([ 2.,  1., -3.]), 1.0)
    """
    log_rates = numbers("log_rates", log_rates).astype(np.float64)
    if log_rates.ndim not in (2, 3) or log_rates.shape[0] < 3 or log_rates.shape[1] < 2:
        raise ValueError(f"log_rates: {log_rates.shape} is not (period, age, sex) with at least 3 periods and 2 ages")
    ax = log_rates.mean(axis=0)
    by_sex = (log_rates - ax).reshape(*log_rates.shape[:2], -1)
    variation = float((by_sex**2).sum())
    if variation <= 1e-24 * by_sex.size:
        raise ValueError("log_rates: the rates never change, so there is no index to fit")
    # sum over sexes |Z_s - k b'|^2 = sum |Z_s - mean Z|^2 + sexes |mean Z - k b'|^2: only the mean matters.
    left, singular, right = np.linalg.svd(by_sex.mean(axis=2), full_matrices=False)
    total = right[0].sum()
    if abs(total) < 1e-8:
        raise ValueError("log_rates: changes cancel over age; b cannot be scaled to sum to 1")
    bx, kx = right[0] / total, left[:, 0] * singular[0] * total
    unexplained = float(((by_sex - (kx[:, None] * bx)[..., None]) ** 2).sum())
    return LeeCarter(ax=ax, bx=bx, kx=kx, explained=1 - unexplained / variation)


def single_year_bx(bx: ArrayLike, age_starts: ArrayLike) -> FloatArray:
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
    >>> single = single_year_bx([0.5, 0.3, 0.2], [0, 1, 5])
    >>> float(single[0]), round(float(single[1:5].mean()), 12), round(float(single[5]), 12)
    (0.5, 0.3, 0.2)
    """
    ages, bx = starts(age_starts), numbers("bx", bx)
    if bx.shape != ages.shape:
        raise ValueError(f"bx: {bx.shape} does not fit {len(ages)} age groups")
    edges = np.append(ages, ages[-1] + 1)
    cumulated = np.append(0.0, np.cumsum(np.diff(edges) * bx))
    return np.diff(PchipInterpolator(edges, cumulated)(np.arange(edges[-1] + 1)))


def estimate_walk(values: ArrayLike, times: ArrayLike) -> tuple[float, float, float]:
    """Estimate drift (per year), sigma (of one year) and span (years) of a random walk observed at any dates.

    The drift is (last - first) / span. sigma^2 is the mean of (change - drift gap)^2 / gap over one fewer than the
    number of changes: the unbiased estimate, and the maximum of the exact diffuse likelihood of the state-space form
    (Durbin & Koopman 2012, Time Series Analysis by State Space Methods, ch. 5), so no optimiser runs. An index of
    five-year periods stands at mid-period and is taken as the value at that date; a mean over five years varies less
    (Working 1960, Econometrica 28(4): by the factor 0.68), so sigma is then a low estimate.

    Parameters
    ----------
    values : array (date,), the series, at least three observations
    times : array (date,), dates in years, increasing

    Examples
    --------
    >>> drift, sigma, span = estimate_walk([0.0, -1.0, -3.0], [2000, 2001, 2002])
    >>> drift, round(sigma, 6), span
    (-1.5, 0.707107, 2.0)
    """
    values, times = numbers("values", values), numbers("times", times)
    if values.ndim != 1 or len(values) < 3:
        raise ValueError(f"values: a random walk with drift needs at least 3 observations, got {values.size}")
    if times.shape != values.shape or (np.diff(times) <= 0).any():
        raise ValueError("times: expected one increasing date for each value")
    gaps, changes = np.diff(times), np.diff(values)
    drift, span = changes.sum() / gaps.sum(), gaps.sum()
    sigma = np.sqrt((((changes - drift * gaps) ** 2) / gaps).sum() / (len(gaps) - 1))
    return float(drift), float(sigma), float(span)


def random_walk(last: float, drift: float, sigma: float, ahead: ArrayLike, span: float = np.inf) -> IndexForecast:
    """Forecast a random walk with drift from its parameters, for example published ones.

    Mean and variance are those of statsmodels `UnobservedComponents(level="rwdrift")` with exact diffuse start, whose
    drift is a state with an error. (`ARIMA(0,1,0)` with a trend treats the estimated drift as known and is too narrow.)

    Parameters
    ----------
    last : last observed value
    drift, sigma : change per year and standard deviation of the innovation of one year
    ahead : array (year,), years ahead, above 0
    span : years of observation behind the drift. Infinite: the drift is taken as known, variance sigma^2 h, the form
        that Lee & Carter (1992) print.

    Examples
    --------
    >>> us = random_walk(-11.05, -0.365, 0.652, [61])
    >>> (us.mean + 1.96 * np.sqrt(us.variance) * [-1, 1]).round(6)
    array([-43.295874, -23.334126])
    """
    numbers("last, drift", [last, drift])
    numbers("sigma", sigma, low=0.0)
    ahead = numbers("ahead", ahead, low=np.nextafter(0, 1)).astype(np.float64)
    if not span > 0:
        raise ValueError(f"span: {span} is not above 0")
    return IndexForecast(
        ahead=ahead,
        mean=last + drift * ahead,
        variance=sigma**2 * (ahead + ahead**2 / span),
        last=float(last),
        drift=float(drift),
        drift_se=float(sigma / np.sqrt(span)),
        sigma=float(sigma),
    )


def draw_index(forecast: IndexForecast, draws: int, rng: np.random.Generator, start_sd: float = 0.0) -> FloatArray:
    """Draw paths of the index (year, draw): the drift once per path, the innovations every year.

    So the variance over paths is that of the forecast, sigma^2 (h + h^2 / span), and years of one path hang together as
    they should (Lee & Carter 1992, appendix B). `start_sd` adds an error of the jump-off itself, once per path (the
    last observed period may have been exceptional); it adds start_sd^2 to every year.

    Parameters
    ----------
    forecast : IndexForecast, at 1, 2, 3, ... years ahead
    draws : number of paths
    rng : numpy.random.Generator
    start_sd : standard deviation of the jump-off, in units of the index
    """
    if not np.array_equal(forecast.ahead, np.arange(1, len(forecast.ahead) + 1)):
        raise ValueError("forecast: paths need every year ahead, 1, 2, 3, ...")
    if draws < 1:
        raise ValueError(f"draws: {draws} is below 1")
    numbers("start_sd", start_sd, low=0.0)
    drift = forecast.drift + forecast.drift_se * rng.standard_normal(draws)
    start = forecast.last + start_sd * rng.standard_normal(draws)
    steps = drift + forecast.sigma * rng.standard_normal((len(forecast.ahead), draws))
    return start + np.cumsum(steps, axis=0)


def fill_rates(
    mx: FloatArray, bx: FloatArray, change: float | FloatArray, out: FloatArray, spare: FloatArray
) -> FloatArray:
    """Write death rates after a change of the index into `out`: m = m_local exp(b (k_t - k_0)).

    Jumps off from the observed schedule (Lee & Miller 2001, Demography 38(4)). Nothing is checked here: the caller
    makes sure of shapes and ranges.

    Parameters
    ----------
    mx : array (age, sex, draw), local death rates per person-year at the date of k_0
    bx : array (age,), b at the same ages (`single_year_bx`); every sex gets the same
    change : number or array (draw,), k_t - k_0
    out, spare : array (age, sex, draw), where the rates are written (and returned), and room that is written over

    Examples
    --------
    >>> mx = np.array([[[0.01]], [[0.1]]])
    >>> fill_rates(mx, np.array([0.6, 0.4]), -1.0, np.empty_like(mx), np.empty_like(mx)).round(4).ravel()
    array([0.0055, 0.067 ])
    """
    # One factor per age and draw serves all sexes.
    factor = spare[:, :1]
    np.multiply(bx[:, None, None], change, out=factor)
    np.exp(factor, out=factor)
    return np.multiply(mx, factor, out=out)
