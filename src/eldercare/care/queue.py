"""Residents, waiting and leaving: the stock-and-flow of institutions with a limit of places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Queue:
    """Stocks at the end of each year and flows within it, shape (years, draws); flows of the first year are zero.

    Attributes
    ----------
    residents, waiting : ndarray
        Persons at the end of the year.
    applied, left, gave_up : ndarray
        New applicants, residents who left, and persons who left the queue without a place, persons in the year.
    """

    residents: np.ndarray
    waiting: np.ndarray
    applied: np.ndarray
    left: np.ndarray
    gave_up: np.ndarray


def applicants(wanted: ArrayLike, leaving: ArrayLike) -> np.ndarray:
    """Return the new applicants per year that keep up a stock of persons in care.

    Those who leave the wanted stock are replaced and its growth is added; a stock that shrinks faster than
    persons leave has no applicants.

    Parameters
    ----------
    wanted : array_like, shape (years, draws)
        Persons who would live in institutions if there were a place for each.
    leaving : array_like, shape () or (draws,)
        Share of residents who leave per year.

    Returns
    -------
    ndarray, shape (years - 1, draws)
        Persons from the second year on.

    Examples
    --------
    >>> applicants([[100.0], [110.0]], 0.3).tolist()
    [[40.0]]
    """
    wanted = np.asarray(wanted, dtype=float)
    return np.maximum(np.diff(wanted, axis=0) + leaving * wanted[:-1], 0.0)


def stock_and_flow(
    residents: ArrayLike, applied: ArrayLike, places: ArrayLike, leaving: ArrayLike, waiting_loss: ArrayLike
) -> Queue:
    """Return residents and waiting year by year.

    Each year a share of the residents leaves and a share of the waiting gives up; the waiting and the new
    applicants then take the free places, and who finds none waits. Residents of places that are closed wait
    too. With losses the queue settles where those who give up equal those who find no place.

    Parameters
    ----------
    residents : array_like, shape () or (draws,)
        Residents at the end of the first year, persons.
    applied : array_like, shape (years - 1, draws)
        New applicants of each later year, persons.
    places : array_like, shape (years, draws) or (years, 1)
        Persons that can be housed at the end of each year.
    leaving, waiting_loss : array_like, shape () or (draws,)
        Shares per year, 0 to 1.

    Raises
    ------
    ValueError
        If a share is outside [0, 1], or persons or places are negative.

    Examples
    --------
    >>> queue = stock_and_flow(80, [[40.0], [40.0]], [[100.0]] * 3, 0.25, 0.0)
    >>> queue.residents.ravel().tolist(), queue.waiting.ravel().tolist()
    ([80.0, 100.0, 100.0], [0.0, 0.0, 15.0])
    """
    applied, places = np.asarray(applied, dtype=float), np.asarray(places, dtype=float)
    for share in (leaving, waiting_loss):
        if np.any(~((np.asarray(share) >= 0) & (np.asarray(share) <= 1))):
            raise ValueError("shares per year must lie in [0, 1]")
    if np.any(applied < 0) or np.any(places < 0) or np.any(np.asarray(residents) < 0):
        raise ValueError("persons and places must not be negative")
    shape = (applied.shape[0] + 1, applied.shape[1])
    stock = Queue(*(np.zeros(shape) for _ in range(5)))
    stock.residents[0] = np.minimum(residents, places[0])
    stock.waiting[0] = residents - stock.residents[0]
    stock.applied[1:] = applied
    for t in range(1, shape[0]):
        stock.left[t] = leaving * stock.residents[t - 1]
        stock.gave_up[t] = waiting_loss * stock.waiting[t - 1]
        seeking = stock.residents[t - 1] - stock.left[t] + stock.waiting[t - 1] - stock.gave_up[t] + applied[t - 1]
        stock.residents[t] = np.minimum(seeking, places[t])
        stock.waiting[t] = seeking - stock.residents[t]
    return stock
