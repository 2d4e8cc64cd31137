"""Beds by hand, their direction, plans that catch up, and the state of a gap: nought is no shortage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care.beds import beds_per_1000, build_to_norm, demand_by_need, demand_by_ratio, gap_state


def test_the_report_of_2018_in_the_ratio():
    assert beds_per_1000(39_467, 668_932) == pytest.approx(59.0, abs=0.01)
    assert demand_by_ratio(789_340, 50) == pytest.approx(39_467)


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(0.05, 0.9), st.floats(0.3, 0.9))
def test_more_dependents_never_need_fewer_beds_and_fuller_beds_never_more(a, b, share, occupancy):
    few, many = sorted((a, b))
    assert demand_by_need(few, share, occupancy) <= demand_by_need(many, share, occupancy)
    assert demand_by_need(a, share, occupancy) >= demand_by_need(a, share, min(1, occupancy + 0.1))


def test_no_elders_is_no_ratio_not_an_infinite_one():
    assert np.isnan(beds_per_1000(10, 0)) and np.isnan(beds_per_1000([10, 10], [0, 5])).tolist() == [True, False]


def test_a_building_plan_waits_catches_up_and_then_keeps_pace():
    years = np.arange(2025, 2033)
    required = np.array([110, 115, 120, 125, 130, 135, 140, 130.0])
    supply = build_to_norm(100, required, years, 2027, 4)
    assert supply[:2].tolist() == [100, 100]
    assert supply[2] == pytest.approx(100 + 20 / 4)
    assert supply[5:].tolist() == [135, 140, 140]
    assert (np.diff(supply) >= 0).all()


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (0.1, 5, "short"),
        (0, 5, "open"),
        (-5, 5, "open"),
        (-5, 0, "enough"),
        (-5, -1, "enough"),
        (0, 0, "enough"),
        (7, 7, "short"),
    ],
)
def test_nought_is_no_shortage(low, high, state):
    assert gap_state(low, high) == state


@given(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)).map(sorted), st.floats(0, 1e6))
def test_more_beds_never_make_it_worse(ends, beds):
    worst = ["enough", "open", "short"]
    low, high = ends
    assert worst.index(gap_state(low - beds, high - beds)) <= worst.index(gap_state(low, high))
