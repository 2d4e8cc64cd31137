"""Equity: published values, persons as weights, and what has no answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care.equity import gini

levels = st.lists(st.tuples(st.floats(0.01, 100), st.integers(1, 6)), min_size=2, max_size=6)


def test_gini_of_one_to_five():
    assert gini([1, 2, 3, 4, 5], np.ones(5)) == pytest.approx(0.266667, abs=5e-7)
    x = np.array([1, 2, 3, 4, 5.0])
    i, n = np.arange(1, 6), 5
    assert gini(x, np.ones(5)) == pytest.approx(2 * (i * x).sum() / (n * x.sum()) - (n + 1) / n)


@given(levels, st.floats(0.1, 50), st.randoms(use_true_random=False))
def test_gini_weighs_persons_whatever_their_order_and_scale(pairs, scale, shuffler):
    x, w = (np.array(c, dtype=float) for c in zip(*pairs, strict=True))
    whole = gini(x, w)
    assert whole == pytest.approx(gini(np.repeat(x, w.astype(int)), np.ones(int(w.sum()))), abs=1e-9)
    assert whole == pytest.approx(gini(x * scale, w * scale), abs=1e-9)
    order = shuffler.sample(range(len(x)), len(x))
    assert whole == pytest.approx(gini(x[order], w[order]), abs=1e-9)
    assert 0 <= whole < 1


@given(st.floats(0.01, 100), st.lists(st.floats(0.1, 1000), min_size=1, max_size=6))
def test_gini_of_an_even_level_is_zero(level, weights):
    assert gini(np.full(len(weights), level), weights) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("x", "w", "message"),
    [
        ([-1, 2], [1, 1], "values must be"),
        ([1, np.nan], [1, 1], "values must be"),
        ([1, 2], [1, -1], "weights must be"),
    ],
)
def test_gini_refuses_what_has_no_answer(x, w, message):
    with pytest.raises(ValueError, match=message):
        gini(x, w)


def test_nothing_to_be_spread_is_not_even_and_areas_without_people_do_not_count():
    assert np.isnan(gini([0, 0], [1, 1])) and np.isnan(gini([1, 2], [0, 0]))
    assert gini([1, 2, np.nan], [1, 1, 0]) == gini([1, 2], [1, 1])
