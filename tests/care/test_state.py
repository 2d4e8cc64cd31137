"""The state of a gap: the ends decide, and nought is no shortage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care.state import ENOUGH, OPEN, SHORT, gap_state


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (0.1, 5, SHORT),
        (0, 5, OPEN),
        (-5, 5, OPEN),
        (-5, 0, ENOUGH),
        (-5, -1, ENOUGH),
        (0, 0, ENOUGH),
        (7, 7, SHORT),
    ],
)
def test_nought_is_no_shortage(low, high, state):
    assert gap_state(low, high) == state


@given(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)).map(sorted), st.floats(0, 1e6))
def test_more_beds_never_make_it_worse(ends, beds):
    worst = [ENOUGH, OPEN, SHORT]
    low, high = ends
    assert worst.index(gap_state(low - beds, high - beds)) <= worst.index(gap_state(low, high))
