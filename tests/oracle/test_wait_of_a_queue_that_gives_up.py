"""The days waited against the fluid limit of a queue that gives up, and against a simulation of such a queue."""

import heapq

import numpy as np
import pytest

from eldercare.care.queue import Queue, days_waited, stock_and_flow


# Whitt (2006), Fluid models for multiserver queues with abandonments: a part beds / load of those who come still waits
# after the wait w; where the waiting give up at the rate g, w = ln(load / beds) / g.
@pytest.mark.parametrize(("load", "loss"), [(1.2, 0.35), (2.0, 0.35), (1.5, 0.2)])
def test_a_queue_that_has_settled_waits_as_long_as_the_fluid_limit_says(load, loss):
    leaving, beds, years = 0.3, 100.0, 400
    applied = np.full((years, 1), load * leaving * beds)
    queue = stock_and_flow(beds, applied, np.full((years + 1, 1), beds), leaving, loss)
    assert days_waited(queue, leaving, loss)[-1, 0] == pytest.approx(365 * np.log(load) / loss, rel=1e-6)


def test_a_simulated_queue_waits_as_long():
    rng, beds, leaving, loss, load = np.random.default_rng(3), 400, 0.3, 0.35, 1.5
    arrivals = np.cumsum(rng.exponential(1 / (load * leaving * beds), 60_000))
    patience, stays = rng.exponential(1 / loss, len(arrivals)), rng.exponential(1 / leaving, len(arrivals))
    free, waits = [0.0] * beds, []
    for now, longest, stay in zip(arrivals, patience, stays, strict=True):
        begun = max(now, free[0])
        waits.append(begun - now)
        if begun - now <= longest:
            heapq.heapreplace(free, begun + stay)
    offered = 365 * np.mean(waits[len(waits) // 4 :])
    settled = Queue(np.array([[beds]]), np.array([[leaving * beds * (load - 1) / loss]]))
    assert days_waited(settled, leaving, loss)[0, 0] == pytest.approx(offered, rel=0.05)


def test_beds_for_those_who_do_not_give_up_in_time_let_nobody_wait_longer():
    wanted, leaving, loss, days = 1000.0, 0.3, 0.45, 90.0
    places = np.full((300, 1), wanted * np.exp(-loss * days / 365))
    queue = stock_and_flow(places[0], np.full((299, 1), leaving * wanted), places, leaving, loss)
    assert days_waited(queue, leaving, loss)[-1, 0] == pytest.approx(days, rel=1e-9)
