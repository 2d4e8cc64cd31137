"""Residents, waiting and leaving: bed-days by hand, limits, and a queue that settles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care.queue import LONGEST, Queue, applicants, days_waited, stock_and_flow

YEARS = 40


def test_with_room_for_all_the_bed_days_are_admissions_times_the_mean_stay():
    # By hand: 30 admissions a year who stay 1 / 0.25 = 4 years fill 30 x 4 = 120 beds,
    # and use 120 x 365 = 43,800 bed-days a year.
    queue = stock_and_flow(120.0, np.full((YEARS, 1), 30.0), np.full((YEARS + 1, 1), 500.0), 0.25, 0.0)
    assert queue.residents.ravel() == pytest.approx(np.full(YEARS + 1, 120.0))
    assert (queue.residents[1:] * 365).sum() == pytest.approx(43_800 * YEARS)
    assert not queue.waiting.any()


def test_with_no_waiting_losses_the_queue_is_what_the_beds_cannot_take_by_hand():
    # By hand: 100 full beds free 25 places a year for 40 applicants: 15 more wait every year,
    # and 100 x 365 = 36,500 bed-days are used.
    queue = stock_and_flow(100.0, np.full((YEARS, 1), 40.0), np.full((YEARS + 1, 1), 100.0), 0.25, 0.0)
    assert queue.waiting.ravel() == pytest.approx(15.0 * np.arange(YEARS + 1))
    assert (queue.residents * 365).ravel() == pytest.approx(np.full(YEARS + 1, 36_500.0))


def test_with_waiting_losses_the_queue_settles_where_losses_equal_those_who_find_no_place():
    queue = stock_and_flow(100.0, np.full((200, 1), 40.0), np.full((201, 1), 100.0), 0.25, 0.3)
    assert queue.waiting[-1, 0] == pytest.approx(15 / 0.3)
    assert (np.diff(queue.waiting.ravel()) >= -1e-9).all()


def test_where_all_leave_alike_residents_and_waiting_add_to_the_wanted_stock():
    wanted = np.linspace(100, 160, 21)[:, None]
    queue = stock_and_flow(100.0, applicants(wanted, 0.3), np.full((21, 1), 120.0), 0.3, 0.3)
    assert (queue.residents + queue.waiting).ravel() == pytest.approx(wanted.ravel())
    assert queue.residents.max() == pytest.approx(120)


@given(st.floats(0, 500), st.floats(0, 80), st.floats(0, 500), st.floats(0.02, 1), st.floats(0, 1))
def test_persons_are_neither_made_nor_lost(residents, applied, places, leaving, loss):
    queue = stock_and_flow(residents, np.full((9, 1), applied), np.full((10, 1), places), leaving, loss)
    stock = queue.residents + queue.waiting
    change = applied - leaving * queue.residents - loss * queue.waiting
    np.testing.assert_allclose(np.diff(stock, axis=0), change[:-1], atol=1e-9)
    assert (queue.residents <= places + 1e-9).all()
    assert (queue.waiting >= -1e-9).all()


def test_residents_of_closed_places_wait():
    queue = stock_and_flow(100.0, [[25.0]], [[100.0], [80.0]], 0.25, 0.0)
    assert queue.residents.ravel().tolist() == [100.0, 80.0]
    assert queue.waiting.ravel().tolist() == [0.0, 20.0]


def test_more_places_never_lengthen_the_queue():
    applied, few, many = np.full((30, 1), 40.0), np.full((31, 1), 90.0), np.full((31, 1), 110.0)
    short = stock_and_flow(80.0, applied, few, 0.3, 0.2)
    long = stock_and_flow(80.0, applied, many, 0.3, 0.2)
    assert (long.waiting <= short.waiting + 1e-9).all()


def test_a_stock_that_shrinks_faster_than_persons_leave_has_no_applicants():
    assert applicants([[100.0], [50.0]], 0.3).tolist() == [[0.0]]


def test_people_who_wait_at_the_start_take_free_places_first_and_others_give_up():
    empty = stock_and_flow(80, [[0.0], [0.0]], [[100.0]] * 3, 0.25, 0.5)
    waiting = stock_and_flow(80, [[0.0], [0.0]], [[100.0]] * 3, 0.25, 0.5, 120)
    assert empty.waiting.ravel().tolist() == [0, 0, 0] and waiting.waiting.ravel()[0] == 120
    # 60 stay and 60 of the 120 have not given up: 100 find a place, 20 wait; then 75 stay and 10 seek, all are housed.
    assert waiting.residents.ravel().tolist() == [80, 100, 85]
    assert waiting.waiting.ravel().tolist() == [120, 20, 0]


@given(st.floats(0, 500), st.floats(1, 500), st.floats(0.02, 1), st.floats(0, 1))
def test_a_longer_queue_waits_longer_and_who_gives_up_shortens_it(waiting, residents, leaving, loss):
    def days(persons, loss):
        return float(days_waited(Queue(np.array([[residents]]), np.array([[persons]])), leaving, loss)[0, 0])

    assert 0 <= days(waiting, loss) <= days(waiting + 1, loss) <= LONGEST
    assert days(waiting, loss) >= days(waiting, min(loss + 0.1, 1)) - 1e-9
    assert days(0.0, loss) == 0


def test_where_nobody_is_placed_the_wait_is_the_longest_told():
    queue = Queue(np.array([[100.0], [50.0]]), np.array([[0.0], [50.0]]))
    assert days_waited(queue, 0.3, 0.3).ravel().tolist() == [0.0, LONGEST]
