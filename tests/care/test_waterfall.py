"""The waterfall: its parts add to the change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care.waterfall import INTERACTION, waterfall

factor = st.floats(0.01, 100)


@given(st.lists(st.tuples(factor, factor), min_size=1, max_size=6))
def test_the_parts_of_a_waterfall_add_to_the_change(pairs):
    start = {f"f{i}": a for i, (a, _) in enumerate(pairs)}
    end = {f"f{i}": b for i, (_, b) in enumerate(pairs)}
    parts = waterfall(start, end)
    change = np.prod(list(end.values())) - np.prod(list(start.values()))
    assert sum(parts.values()) == pytest.approx(change, rel=1e-9, abs=1e-9 * max(1, *map(abs, parts.values())))


def test_one_factor_alone_has_no_interaction_and_still_factors_no_part():
    parts = waterfall({"size": 10.0, "rate": 3.0}, {"size": 12.0, "rate": 3.0})
    assert {name: float(part) for name, part in parts.items()} == {"size": 6.0, "rate": 0.0, INTERACTION: 0.0}
