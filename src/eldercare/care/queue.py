"""Residents, waiting and leaving: the stock-and-flow of institutions with a limit of places."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats

# A wait is told up to this many days; nobody plans with a longer one.
DAYS, LONGEST = 365.0, 3650.0


class Queue(NamedTuple):
    """Persons who live in institutions and who wait at the end of each year, arrays (years, draws)."""

    residents: FloatArray
    waiting: FloatArray


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
    residents: ArrayLike,
    applied: ArrayLike,
    places: ArrayLike,
    leaving: ArrayLike,
    waiting_loss: ArrayLike,
    waiting_first: ArrayLike = 0.0,
    pace: float | None = None,
) -> Queue:
    """Return residents and waiting year by year.

    Each year a share of the residents leaves and a share of the waiting gives up; the waiting and the new
    applicants then take the free places, and who finds none waits. Residents of places that are closed wait
    too. With losses the queue settles where those who give up equal those who find no place.

    Parameters
    ----------
    residents : number or array (draws,), residents at the end of the first year, persons
    applied : array (years - 1, draws), new applicants of each later year, persons
    places : array (years, draws) or (years, 1), persons that can be housed at the end of each year
    leaving, waiting_loss : number or array (draws,), shares per year
    waiting_first : number or array (draws,), other persons who wait at the end of the first year
    pace : for steps other than a year, all shares and applicants then being those of a step: at most this share of the
        persons who wait at the start of a step, and of the places free then, beside the places left in it, is filled;
        new applicants wait for the next step and nobody leaves a closed place early. After The Strategy Unit (2024),
        Care Home Demand Simulator. Without it, whoever finds room moves in at once

    Examples
    --------
    >>> queue = stock_and_flow(80, [[40.0], [40.0]], [[100.0]] * 3, 0.25, 0.0)
    >>> queue.residents.ravel().tolist(), queue.waiting.ravel().tolist()
    ([80.0, 100.0, 100.0], [0.0, 0.0, 15.0])
    """
    arriving, room = floats(applied), floats(places)
    leave, give_up = floats(leaving), floats(waiting_loss)
    living, waiting = np.zeros((2, len(arriving) + 1, arriving.shape[1]))
    living[0] = np.minimum(floats(residents), room[0])
    waiting[0] = floats(residents) - living[0] + floats(waiting_first)
    for year, new in enumerate(arriving, 1):
        stayed = living[year - 1] - leave * living[year - 1]
        seeking = stayed + waiting[year - 1] - give_up * waiting[year - 1] + new
        if pace is None:
            living[year] = np.minimum(seeking, room[year])
        else:
            free = pace * (room[year] - living[year - 1]) + leave * living[year - 1]
            living[year] = stayed + np.maximum(np.minimum(pace * waiting[year - 1], free), 0.0)
        waiting[year] = seeking - living[year]
    return Queue(living, waiting)


def days_waited(queue: Queue, leaving: ArrayLike, waiting_loss: ArrayLike) -> FloatArray:
    """Return the days that who applies at the end of a year waits for a place, (years, draws), at most ``LONGEST``.

    Those ahead find places as fast as in that year (in the first one: as residents leave) or give up, so that q persons
    ahead are gone after ln(1 + g q / placed) / g years: the fluid limit of a queue whose waiting give up at the rate g
    (Whitt 2006, Operations Research 54(1): 37-54). Waits of chance while places are free are Erlang's.

    Examples
    --------
    >>> days_waited(Queue(np.array([[100.0]]), np.array([[30.0]])), 0.3, 0.0).round(1).tolist()
    [[365.0]]
    """
    before = np.vstack([queue.residents[:1], queue.residents[:-1]])
    placed = np.maximum(queue.residents - (1 - floats(leaving)) * before, 0.0)
    give_up = np.maximum(floats(waiting_loss), 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        years = np.log1p(give_up * queue.waiting / placed) / give_up
    return np.where(queue.waiting > 0, np.minimum(DAYS * years, LONGEST), 0.0)
