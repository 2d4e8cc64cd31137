"""Rivals of the projection: naive trends and exponential smoothing."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from eldercare.population._checks import FloatArray, numbers
from eldercare.population.lee_carter import estimate_walk, random_walk

# Smoothing parameters, first level and first trend (and the damping) are estimated; two more observations
# than that leave something to estimate the error from.
ETS_PARAMETERS = {False: 4, True: 5}


@dataclass(frozen=True)
class Rival:
    """A forecast of one series.

    Attributes
    ----------
    years, point : array (target,), dates, and forecasts in the unit of the series
    low, high : array (target,), ends of the central interval; None where the method, or too few observations, say
        nothing about the error
    """

    years: FloatArray
    point: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None


def no_change(years: ArrayLike, values: ArrayLike, targets: ArrayLike, level: float = 0.8) -> Rival:
    """Forecast the last value, with the interval of a random walk without drift: sigma^2 h.

    sigma^2 is the mean of change^2 / gap. Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 5.2
    and 5.5. ValueError also for dates that do not increase and targets that are not after the last one.

    Parameters
    ----------
    years : array (date,), dates of the observations, increasing, not necessarily regular
    values : array (date,), observations above 0; at least one, two for an interval
    targets : array (target,), dates to forecast
    level : coverage of the interval

    Examples
    --------
    >>> ahead = no_change([2017, 2019], [667_000, 693_800], [2022])
    >>> float(ahead.point[0]), ahead.low.round()
    (693800.0, array([651735.]))
    """
    years, values = _series(years, values, 1)
    targets, tail = _targets(targets, years), _tail(level)
    point = np.full(len(targets), values[-1])
    if len(values) < 2:
        return Rival(targets, point)
    sigma = np.sqrt((np.diff(values) ** 2 / np.diff(years)).mean())
    half = ndtri(tail) * sigma * np.sqrt(targets - years[-1])
    return Rival(targets, point, point - half, point + half)


def constant_growth(years: ArrayLike, values: ArrayLike, targets: ArrayLike, level: float = 0.8) -> Rival:
    """Continue the mean rate of growth: a random walk with drift of the logarithm.

    Arguments and errors as `no_change`, with at least two observations, three for an interval. The interval carries the
    error of the drift: variance sigma^2 (h + h^2 / span) of the logarithm, Student's t with one degree of freedom fewer
    than there are changes. Smith, Tayman & Swanson (2013), A Practitioner's Guide to State and Local Population
    Projections, ch. 8 (geometric change).

    Examples
    --------
    >>> constant_growth([2017, 2019], [100.0, 121.0], [2020, 2021]).point.round(2)
    array([133.1 , 146.41])
    """
    years, values = _series(years, values, 2)
    targets, tail = _targets(targets, years), _tail(level)
    logs, ahead = np.log(values), targets - years[-1]
    if len(values) < 3:
        drift = (logs[-1] - logs[0]) / (years[-1] - years[0])
        return Rival(targets, np.exp(logs[-1] + drift * ahead))
    drift, sigma, span = estimate_walk(logs, years)
    walk = random_walk(logs[-1], drift, sigma, ahead, span)
    half = stdtrit(len(values) - 2, tail) * np.sqrt(walk.variance)
    return Rival(targets, np.exp(walk.mean), np.exp(walk.mean - half), np.exp(walk.mean + half))


def ets_forecast(years: ArrayLike, values: ArrayLike, targets: ArrayLike, damped: bool = False) -> Rival:
    """Forecast by exponential smoothing with additive error and additive trend, ETS(A,A,N) or ETS(A,Ad,N).

    Without an interval, which filled years would make too narrow. Hyndman, Koehler, Ord & Snyder (2008), Forecasting
    with Exponential Smoothing, ch. 2, 5 and 6; Gardner & McKenzie (1985), Management Science 31(10), for the damping;
    statsmodels `ETSModel`. ValueError also where the search does not converge.

    Parameters
    ----------
    years : array (date,), consecutive years. An irregular series is refused: fill it with `fill_years` and say so where
        the forecast is shown, because filled years are no measurements.
    values : array (date,), observations above 0; at least 6, 7 where the trend is damped
    targets : array (target,), whole years after the last observation
    damped : whether the trend fades

    Examples
    --------
    >>> years = np.arange(2010, 2020)
    >>> ets_forecast(years, 100.0 + 3 * (years - 2010) + (years % 2), [2020, 2025]).point.round(0)
    array([131., 146.])
    """
    # Slow to import; only this rival needs them.
    import pandas as pd
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    years, values = _series(years, values, ETS_PARAMETERS[damped] + 2)
    targets = _targets(targets, years)
    if (np.diff(years) != 1).any():
        raise ValueError("years: expected consecutive years; fill gaps with fill_years and say so")
    steps = targets - years[-1]
    if (steps != np.rint(steps)).any():
        raise ValueError("targets: expected whole years after the last observation")
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
    ahead = np.asarray(fitted.forecast(int(steps.max())))
    return Rival(targets, ahead[np.rint(steps).astype(int) - 1] * scale)


def fill_years(years: ArrayLike, values: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Fill the whole years between observations by linear interpolation, for methods that need a regular series.

    Returns every year from the first to the last, and its value; observed years keep theirs.

    Examples
    --------
    >>> fill_years([2014, 2016, 2017], [100.0, 110.0, 112.0])
    (array([2014., 2015., 2016., 2017.]), array([100., 105., 110., 112.]))
    """
    years, values = _series(years, values, 2)
    if (years != np.rint(years)).any():
        raise ValueError("years: only whole years can be filled")
    every = np.arange(years[0], years[-1] + 1)
    return every, np.interp(every, years, values)


def _series(years: ArrayLike, values: ArrayLike, least: int) -> tuple[FloatArray, FloatArray]:
    """Check a series of at least so many observations."""
    years, values = numbers("years", years).astype(np.float64), numbers("values", values).astype(np.float64)
    if years.ndim != 1 or years.shape != values.shape:
        raise ValueError(f"years {years.shape} and values {values.shape}: expected one date for each value")
    if len(years) < least:
        raise ValueError(f"values: {len(values)} observation(s); this method needs at least {least}")
    if (np.diff(years) <= 0).any():
        raise ValueError("years: expected dates that increase")
    if (values <= 0).any():
        raise ValueError("values: expected numbers above 0")
    return years, values


def _targets(targets: ArrayLike, years: FloatArray) -> FloatArray:
    """Check the dates to forecast."""
    targets = numbers("targets", targets).astype(np.float64)
    if targets.ndim != 1 or not len(targets) or (targets <= years[-1]).any():
        raise ValueError(f"targets: expected dates after the last observation, {years[-1]:g}")
    return targets


def _tail(level: float) -> float:
    """Probability below the upper end of a central interval."""
    if not 0 < level < 1:
        raise ValueError(f"level: {level} is not between 0 and 1")
    return (1 + level) / 2
