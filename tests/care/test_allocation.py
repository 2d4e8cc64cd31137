"""The split of a total: it adds up, own numbers stay, and what cannot add up is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care.allocation import allocate

weights = st.lists(st.floats(0.1, 1e6), min_size=2, max_size=8)


@given(weights, st.floats(0, 1e6))
def test_a_split_always_adds_up_to_the_total(weight, total):
    split = allocate(total, weight, dict.fromkeys(range(len(weight))))
    assert sum(split.values.values()) == pytest.approx(total, abs=1e-6)
    assert all(split.allocated.values())


def test_a_county_with_its_own_number_keeps_it_and_the_rest_goes_to_the_others():
    split = allocate(25_097, [2, 1, 1], {"a": None, "b": 5_000, "c": None})
    assert split.values == pytest.approx({"a": 20_097 * 2 / 3, "b": 5_000, "c": 20_097 / 3})
    assert split.allocated == {"a": True, "b": False, "c": True}


@pytest.mark.parametrize(
    ("total", "weight", "own", "message"),
    [
        (10, [1, 1, 1], [8, 8, None], "more than the total"),
        (10, [1, 1], [11, None], "more than the total"),
        (10, [0, 0], [None, None], "all zero"),
    ],
)
def test_a_split_that_cannot_add_up_is_refused(total, weight, own, message):
    with pytest.raises(ValueError, match=message):
        allocate(total, weight, dict(enumerate(own)))


@pytest.mark.parametrize("own", [[3, 3], [8, 8], [5, 5], [0, 0]])
def test_where_all_areas_report_their_sum_is_the_total(own):
    split = allocate(10, [1, 1], dict(enumerate(own)))
    assert list(split.values.values()) == own and not any(split.allocated.values())


def test_nothing_is_left_for_an_area_without_people():
    assert allocate(10, [1, 0], {"a": 10, "b": None}).values == {"a": 10, "b": 0}
