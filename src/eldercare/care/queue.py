"""Residents, waiting and leaving: the stock-and-flow of institutions with a limit of places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats, not_negative, share


@dataclass(frozen=True)
class Queue:
    """Stocks at the end of each year and flows within it, shape (years, draws); flows of the first year are zero.

    Attributes
    ----------
    residents, waiting : persons at the end of the year
    applied, left, gave_up : new applicants, residents who left, and who left the queue without a place, in the year
    """

    residents: FloatArray
    waiting: FloatArray
    applied: FloatArray
    left: FloatArray
    gave_up: FloatArray


def applicants(wanted: ArrayLike, leaving: ArrayLike) -> FloatArray:
    """Return the new applicants per year, array (years - 1, draws), that keep up a stock of persons in care.

    Those who leave the wanted stock are replaced and its growth is added; a stock that shrinks faster than
    persons leave has no applicants.

    Parameters
    ----------
    wanted : array (years, draws), persons who would live in institutions if there were a place for each
    leaving : number or array (draws,), share of residents who leave per year

    Examples
    --------
    >>> applicants([[100.0], [110.0]], 0.3).tolist()
    [[40.0]]
    """
    stock = floats(wanted)
    return np.maximum(np.diff(stock, axis=0) + floats(leaving) * stock[:-1], 0.0)


def stock_and_flow(
    residents: ArrayLike, applied: ArrayLike, places: ArrayLike, leaving: ArrayLike, waiting_loss: ArrayLike
) -> Queue:
    """Return residents and waiting year by year.

    Each year a share of the residents leaves and a share of the waiting gives up; the waiting and the new
    applicants then take the free places, and who finds none waits. Residents of places that are closed wait
    too. With losses the queue settles where those who give up equal those who find no place. ValueError if a share is
    outside [0, 1], or persons or places are negative.

    Parameters
    ----------
    residents : number or array (draws,), residents at the end of the first year, persons
    applied : array (years - 1, draws), new applicants of each later year, persons
    places : array (years, draws) or (years, 1), persons that can be housed at the end of each year
    leaving, waiting_loss : number or array (draws,), shares per year

    Examples
    --------
    >>> queue = stock_and_flow(80, [[40.0], [40.0]], [[100.0]] * 3, 0.25, 0.0)
    >>> queue.residents.ravel().tolist(), queue.waiting.ravel().tolist()
    ([80.0, 100.0, 100.0], [0.0, 0.0, 15.0])
    """
    arriving, room = not_negative("applicants", applied), not_negative("places", places)
    living = not_negative("residents", residents)
    leave, give_up = share("leaving", leaving), share("waiting_loss", waiting_loss)
    queue = Queue(*(np.zeros((len(arriving) + 1, arriving.shape[1])) for _ in range(5)))
    queue.residents[0] = np.minimum(living, room[0])
    queue.waiting[0] = living - queue.residents[0]
    queue.applied[1:] = arriving
    for year in range(1, len(queue.residents)):
        queue.left[year] = leave * queue.residents[year - 1]
        queue.gave_up[year] = give_up * queue.waiting[year - 1]
        stayed = queue.residents[year - 1] - queue.left[year]
        seeking = stayed + queue.waiting[year - 1] - queue.gave_up[year] + queue.applied[year]
        queue.residents[year] = np.minimum(seeking, room[year])
        queue.waiting[year] = seeking - queue.residents[year]
    return queue
