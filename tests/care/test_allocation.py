"""The split of a total: it adds up, own numbers stay, and what cannot add up is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care import allocate

weights = st.lists(st.floats(0.1, 1e6), min_size=2, max_size=8)


@given(weights, st.floats(0, 1e6))
def test_a_split_always_adds_up_to_the_total(weight, total):
    values, allocated = allocate(total, weight)
    assert values.sum() == pytest.approx(total, abs=1e-6)
    assert allocated.all()


def test_a_county_with_its_own_number_keeps_it_and_the_rest_goes_to_the_others():
    values, allocated = allocate(25_097, [2, 1, 1], [None, 5_000, None])
    assert values.tolist() == pytest.approx([20_097 * 2 / 3, 5_000, 20_097 / 3])
    assert allocated.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("total", "weight", "own", "message"),
    [
        (10, [1, 1], [8, 8], "more than the total"),
        (10, [1, 1], [3, 3], "not to the total"),
        (10, [1, -1], None, "not negative"),
        (10, [0, 0], None, "all zero"),
        (10, [1, 1], [None], "1 reported numbers for 2 weights"),
    ],
)
def test_a_split_that_cannot_add_up_is_refused(total, weight, own, message):
    with pytest.raises(ValueError, match=message):
        allocate(total, weight, own)
