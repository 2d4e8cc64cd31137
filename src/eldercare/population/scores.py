"""Scores of forecasts: error, bias, and the proper score of draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eldercare.population._checks import FloatArray, numbers


def mape(forecast: ArrayLike, observed: ArrayLike) -> float:
    """Mean absolute percentage error of forecasts, percent; `observed` above 0.

    Smith, Tayman & Swanson (2013), A Practitioner's Guide to State and Local Population Projections, ch. 13.

    Examples
    --------
    >>> round(mape([110, 90], [100, 100]), 9), round(malpe([110, 90], [100, 100]), 9)
    (10.0, 0.0)
    """
    return float(np.abs(_percent(forecast, observed)).mean())


def malpe(forecast: ArrayLike, observed: ArrayLike) -> float:
    """Mean algebraic percentage error, the bias, percent; above 0: forecast too high. Otherwise as `mape`."""
    return float(_percent(forecast, observed).mean())


def crps_sample(draws: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Continuous ranked probability score of draws: mean |X - y| - mean |X - X'| / 2, in the unit of the data.

    X' runs over all draws, X itself included (the score of the empirical distribution; Gneiting & Raftery 2007, Journal
    of the American Statistical Association 102(477), eq. 21). Sorting makes it O(n log n): mean |X - X'| = 2/n^2 sum (2
    i - n - 1) x_(i).

    Parameters
    ----------
    draws : array (..., draw)
    observed : number or array (...)

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
