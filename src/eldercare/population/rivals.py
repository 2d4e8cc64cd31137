"""Rivals of the projection, naive trends and exponential smoothing, and the proper score of draws."""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from eldercare.population.lee_carter import estimate_walk, random_walk

# Smoothing parameters, first level and first trend (and the damping) are estimated; two more observations
# than that leave something to estimate the error from.
ETS_LEAST = {False: 6, True: 7}


class Rival(NamedTuple):
    """A forecast of one series.

    Attributes
    ----------
    point : array (target,), in the unit of the series
    low, high : array (target,), ends of the central interval; missing where the method, or too few observations, say
        nothing about the error
    """

    point: np.ndarray
    low: np.ndarray
    high: np.ndarray


def no_change(years: ArrayLike, values: ArrayLike, targets: ArrayLike, level: float = 0.8) -> Rival:
    """Forecast the last value, with the interval of a random walk without drift: sigma^2 h.

    sigma^2 is the mean of change^2 / gap. Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 5.2
    and 5.5. ValueError for too few observations, one that is not above 0, and targets that are not later.

    Parameters
    ----------
    years : array (date,), dates of the observations, increasing, not necessarily regular
    values : array (date,), observations above 0; at least one, two for an interval
    targets : array (target,), later dates to forecast
    level : coverage of the interval

    Examples
    --------
    >>> ahead = no_change([2017, 2019], [667_000, 693_800], [2022])
    >>> float(ahead.point[0]), ahead.low.round()
    (693800.0, array([651735.]))
    """
    years, values, ahead = _series(years, values, targets, 1)
    point = np.full(len(ahead), values[-1])
    sigma = np.sqrt((np.diff(values) ** 2 / np.diff(years)).mean()) if len(values) > 1 else np.nan
    half = ndtri((1 + level) / 2) * sigma * np.sqrt(ahead)
    return Rival(point, point - half, point + half)


def constant_growth(years: ArrayLike, values: ArrayLike, targets: ArrayLike, level: float = 0.8) -> Rival:
    """Continue the mean rate of growth: a random walk with drift of the logarithm.

    Arguments and errors as `no_change`, with at least two observations, three for an interval. The interval carries the
    error of the drift: variance sigma^2 (h + h^2 / span) of the logarithm, Student's t with one degree of freedom fewer
    than there are changes. Smith, Tayman & Swanson (2013), A Practitioner's Guide to State and Local Population
    Projections, ch. 8 (geometric change).

    Examples
    --------
    >>> constant_growth([2007, 2009], [100.0, 121.0], [2010, 2011]).point.round(2)
    array([133.1 , 146.41])
    """
    years, values, ahead = _series(years, values, targets, 2)
    logs = np.log(values)
    drift, sigma, span = estimate_walk(logs, years)
    walk = random_walk(drift, sigma, ahead, span)
    middle, half = logs[-1] + walk.mean, stdtrit(len(values) - 2, (1 + level) / 2) * np.sqrt(walk.variance)
    return Rival(np.exp(middle), np.exp(middle - half), np.exp(middle + half))


def ets_forecast(years: ArrayLike, values: ArrayLike, targets: ArrayLike, damped: bool = False) -> Rival:
    """Forecast by exponential smoothing with additive error and additive trend, ETS(A,A,N) or ETS(A,Ad,N).

    Without an interval, which filled years would make too narrow. Hyndman, Koehler, Ord & Snyder (2008), Forecasting
    with Exponential Smoothing, ch. 2, 5 and 6; Gardner & McKenzie (1985), Management Science 31(10), for the damping;
    statsmodels `ETSModel`. Errors as `no_change`, and where the search does not converge.

    Parameters
    ----------
    years : array (date,), consecutive years; gaps are to be filled, and said to be where the forecast is shown
    values : array (date,), observations above 0; at least 6, 7 where the trend is damped
    targets : array (target,), whole years after the last observation
    damped : whether the trend fades

    Examples
    --------
    >>> years = np.arange(2000, 2010)
    >>> ets_forecast(years, 100.0 + 3 * (years - 2000) + (years % 2), [2010, 2015]).point.round(0)
    array([131., 146.])
    """
    # Slow to import; only this rival needs them.
    import pandas as pd
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    _, values, ahead = _series(years, values, targets, ETS_LEAST[damped])
    # In units of the mean: the optimiser's tolerances are absolute.
    scale = values.mean()
    model = ETSModel(pd.Series(values / scale), error="add", trend="add", damped_trend=damped)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = model.fit(disp=False)
        if not fitted.mle_retvals["converged"]:
            # At a corner of the parameter space the search reports failure although it stands on the
            # maximum: a second search from there decides.
            again = model.fit(start_params=fitted.params, disp=False)
            if again.llf > fitted.llf + 1e-6:
                raise ValueError("values: exponential smoothing did not converge on this series")
    steps = ahead.astype(int)
    point = np.asarray(fitted.forecast(steps.max()))[steps - 1] * scale
    return Rival(point, np.full_like(point, np.nan), np.full_like(point, np.nan))


def _series(years: ArrayLike, values: ArrayLike, targets: ArrayLike, least: int) -> tuple[np.ndarray, ...]:
    """Return dates and values of a series of at least so many observations, and how far the targets are ahead."""
    years, values = np.asarray(years, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if len(values) < least or values.min() <= 0:
        raise ValueError(f"values: this method needs at least {least} observations, all above 0")
    ahead = np.asarray(targets) - years[-1]
    if ahead.min() <= 0:
        raise ValueError(f"targets: expected dates after the last observation, {years[-1]:g}")
    return years, values, ahead


def crps_sample(draws: np.ndarray, observed: float) -> float:
    """Continuous ranked probability score of draws: mean |X - y| - mean |X - X'| / 2, in the unit of the data.

    X' runs over all draws, X itself included (the score of the empirical distribution; Gneiting & Raftery 2007, Journal
    of the American Statistical Association 102(477), eq. 21). Sorting makes it O(n log n): mean |X - X'| = 2/n^2 sum (2
    i - n - 1) x_(i).

    Examples
    --------
    >>> crps_sample(np.array([1.0, 3.0]), 2.0)
    0.5
    """
    n = len(draws)
    # Centred on what happened: no digits are lost when the spread is small beside the level.
    errors = np.sort(draws - observed)
    spread = errors @ (2 * np.arange(1, n + 1) - n - 1.0) / n**2
    return float(np.abs(errors).mean() - spread)
