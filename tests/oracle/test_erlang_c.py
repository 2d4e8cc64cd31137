"""Erlang's waiting formula against values recomputed from the formula, and against a simulation of the queue."""

import heapq

import numpy as np
import pytest

from eldercare.care.erlang import waits_longer


# Arrivals and departures per unit of time, beds: share who wait, and the time that a tenth waits longer than.
# Formula: Gross, Shortle, Thompson & Harris (2008), Fundamentals of Queueing Theory, 2.33 and following.
@pytest.mark.parametrize(
    ("arrivals", "departures", "beds", "waiting", "tenth"),
    [
        (4, 1, 5, 0.554113, 1.7122),
        (18, 1, 20, 0.550769, 0.8531),
        (9, 0.5, 20, 0.550769, 1.7061),
        (190 / 365, 1 / 365, 200, 0.365264, 47.28),
    ],
)
def test_share_who_wait_and_the_time_that_a_tenth_exceeds(arrivals, departures, beds, waiting, tenth):
    load, stay = arrivals / departures, 1 / departures
    assert float(waits_longer(beds, load, stay, 0)) == pytest.approx(waiting, abs=5e-7)
    assert float(waits_longer(beds, load, stay, tenth)) == pytest.approx(0.1, rel=2e-4)


@pytest.mark.parametrize(("arrivals", "beds", "mean"), [(4, 5, 0.554113), (18, 20, 0.275385)])
def test_the_mean_wait_is_the_area_under_the_tail(arrivals, beds, mean):
    times = np.linspace(0, 60, 600_001)
    assert np.trapezoid(waits_longer(beds, arrivals, 1, times), times) == pytest.approx(mean, abs=1e-5)


def test_a_simulated_queue_waits_as_long():
    rng, beds, load = np.random.default_rng(7), 20, 18.0
    arrivals = np.cumsum(rng.exponential(1 / load, 300_000))
    stays, free, waits = rng.exponential(1.0, len(arrivals)), [0.0] * beds, np.empty(len(arrivals))
    for number, (now, stay) in enumerate(zip(arrivals, stays, strict=True)):
        begun = max(now, heapq.heappop(free))
        waits[number] = begun - now
        heapq.heappush(free, begun + stay)
    later = waits[len(waits) // 10 :]
    assert (later > 0).mean() == pytest.approx(0.550769, rel=0.05)
    assert later.mean() == pytest.approx(0.275385, rel=0.05)
    assert (later > 0.5).mean() == pytest.approx(float(waits_longer(beds, load, 1, 0.5)), rel=0.05)


def test_a_shorter_wait_or_a_larger_share_never_leaves_room_for_more_residents():
    def most(time: float, share: float) -> int:
        return int(np.sum(waits_longer(171, np.arange(1, 171), 1200, time) <= 1 - share))

    days = [most(time, 0.8) for time in (0, 7, 30, 90, 365)]
    assert days == sorted(days) and days[0] < days[-1]
    shares = [most(30, share) for share in (0.95, 0.8, 0.5)]
    assert shares == sorted(shares) and shares[0] < shares[-1]


def test_where_as_many_come_as_there_are_beds_all_wait():
    assert waits_longer(10, [10.0, 12.0], 1, [5.0, 5.0]) == pytest.approx([1.0, 1.0])
