"""Scores of forecasts: error, bias, coverage of bands, and proper scores of distributions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from eldercare.population._checks import FloatArray, numbers


def mape(forecast: ArrayLike, observed: ArrayLike) -> float:
    """Mean absolute percentage error.

    Parameters
    ----------
    forecast, observed : array of one shape
        Same unit; `observed` above 0.

    Returns
    -------
    float
        Percent.

    Raises
    ------
    ValueError
        Shapes that differ, no values, numbers not finite, observed not above 0.

    References
    ----------
    Smith, Tayman & Swanson (2013), A Practitioner's Guide to State and Local Population Projections, ch. 13.

    Examples
    --------
    >>> round(mape([110, 90], [100, 100]), 9), round(malpe([110, 90], [100, 100]), 9)
    (10.0, 0.0)
    """
    return float(np.abs(_percent(forecast, observed)).mean())


def malpe(forecast: ArrayLike, observed: ArrayLike) -> float:
    """Mean algebraic percentage error, the bias; above 0: forecast too high.

    Parameters, errors and source as `mape`.

    Returns
    -------
    float
        Percent.

    Examples
    --------
    >>> round(malpe([110, 100], [100, 100]), 9)
    5.0
    """
    return float(_percent(forecast, observed).mean())


def coverage(low: ArrayLike, high: ArrayLike, observed: ArrayLike) -> float:
    """Share of observations inside their bands, ends included.

    Parameters
    ----------
    low, high, observed : array of one shape
        Same unit, low not above high.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError
        Shapes that differ, no values, numbers not finite, a low end above its high end.

    References
    ----------
    Gneiting & Raftery (2007), Journal of the American Statistical Association 102(477).

    Examples
    --------
    >>> coverage([0, 0], [2, 2], [1, 3])
    0.5
    """
    low, high, observed = _band(low, high, observed)
    return float(((low <= observed) & (observed <= high)).mean())


def interval_score(low: ArrayLike, high: ArrayLike, observed: ArrayLike, level: float = 0.8) -> float:
    """Mean interval score: width plus 2/(1 - level) times the distance by which the band is missed.

    Smaller is better; a band is rewarded for being narrow only as long as it covers.

    Parameters
    ----------
    low, high, observed : array of one shape
        Ends of central bands and what happened, same unit.
    level : float
        Nominal coverage, between 0 and 1.

    Returns
    -------
    float
        Unit of the data.

    Raises
    ------
    ValueError
        As `coverage`; level not between 0 and 1.

    References
    ----------
    Gneiting & Raftery (2007), eq. 43.

    Examples
    --------
    >>> round(interval_score([0, 0], [2, 2], [1, 3], level=0.8), 9)
    7.0
    """
    if not 0 < level < 1:
        raise ValueError(f"level: {level} is not between 0 and 1")
    low, high, observed = _band(low, high, observed)
    missed = np.maximum(low - observed, 0) + np.maximum(observed - high, 0)
    return float((high - low + 2 / (1 - level) * missed).mean())


def crps_gaussian(mean: ArrayLike, sd: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Continuous ranked probability score of normal forecasts; smaller is better.

    Parameters
    ----------
    mean, sd, observed : number or array, broadcast together
        Same unit, `sd` above 0.

    Returns
    -------
    array
        One score per forecast, unit of the data.

    Raises
    ------
    ValueError
        Numbers not finite, sd not above 0.

    References
    ----------
    Gneiting & Raftery (2007), eq. 21 ff.

    Examples
    --------
    >>> crps_gaussian(0.0, 1.0, [0.0, 1.0]).round(6)
    array([0.233695, 0.602441])
    """
    mean, observed = numbers("mean", mean), numbers("observed", observed)
    sd = numbers("sd", sd, low=np.nextafter(0, 1))
    z = (observed - mean) / sd
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))


def crps_sample(draws: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Continuous ranked probability score of draws: mean |X - y| - mean |X - X'| / 2.

    X' runs over all draws, X itself included (the score of the empirical distribution). Sorting makes it
    O(n log n): mean |X - X'| = 2/n^2 sum (2 i - n - 1) x_(i).

    Parameters
    ----------
    draws : array (..., draw)
        Draws on the last axis.
    observed : number or array (...)

    Returns
    -------
    array (...)
        One score per observation, unit of the data.

    Raises
    ------
    ValueError
        No draws, numbers not finite, shapes that do not fit.

    References
    ----------
    Gneiting & Raftery (2007), eq. 21.

    Examples
    --------
    >>> float(crps_sample([1.0, 3.0], 2.0))
    0.5
    """
    draws, observed = numbers("draws", draws), numbers("observed", observed)
    if draws.ndim == 0 or draws.shape[-1] == 0 or observed.shape != draws.shape[:-1]:
        raise ValueError(f"draws {draws.shape}: expected those of observed {observed.shape}, then the draws")
    n = draws.shape[-1]
    # Centred on what happened: no digits are lost when the spread is small beside the level.
    errors = np.sort(draws - observed[..., None], axis=-1)
    spread = errors @ (2 * np.arange(1, n + 1) - n - 1.0) / n**2
    return np.abs(errors).mean(axis=-1) - spread


def _percent(forecast: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Errors in percent of what was observed."""
    forecast = numbers("forecast", forecast)
    observed = numbers("observed", observed, low=np.nextafter(0, 1))
    if forecast.shape != observed.shape or not forecast.size:
        raise ValueError(f"forecast {forecast.shape}, observed {observed.shape}: expected pairs of values")
    return 100 * (forecast - observed) / observed


def _band(low: ArrayLike, high: ArrayLike, observed: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Check bands and observations."""
    low, high, observed = numbers("low", low), numbers("high", high), numbers("observed", observed)
    if not low.shape == high.shape == observed.shape or not low.size:
        raise ValueError(f"low {low.shape}, high {high.shape}, observed {observed.shape}: one value each")
    if (low > high).any():
        raise ValueError("low: an end of a band lies above its high end")
    return low, high, observed
