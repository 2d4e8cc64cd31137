"""Plans for points, and circles that cover the area."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care.meals import catchment_radius, points_plan

YEARS = np.arange(2024, 2036)


def test_catchment_circles_cover_the_area():
    radius = catchment_radius(5817, 520)
    assert np.pi * radius**2 * 520 == pytest.approx(5817)
    assert np.isnan(catchment_radius(10, 0))


@given(st.floats(1, 500), st.floats(1, 1000), st.integers(2025, 2032), st.integers(0, 3))
def test_every_plan_waits_never_closes_a_point_and_ends_where_it_says(start, places, first, more):
    elders = np.linspace(1000, 1500, len(YEARS))
    for plan in ("frozen", "hold_ratio", "every_village"):
        points = points_plan(plan, start, elders, places, YEARS, first, first + more)
        assert (np.diff(points) >= -1e-9).all()
        assert points[first - 1 >= YEARS] == pytest.approx(start)
        if plan == "hold_ratio":
            assert points[first <= YEARS] / elders[first <= YEARS] == pytest.approx(start / elders[0])
        if plan == "every_village":
            assert points[-1] == pytest.approx(max(start, places))
            steps = np.diff(points)[(first <= YEARS[1:]) & (first + more >= YEARS[1:])]
            assert np.ptp(steps) == pytest.approx(0, abs=1e-6)
