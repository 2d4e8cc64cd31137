"""Erlang's loss formula against values that nobody on this project produced."""

import math

import pytest

from eldercare.care.erlang import erlang_b, full_enough


# Published tables of Erlang B.
@pytest.mark.parametrize(
    ("load", "beds", "blocked"), [(5, 1, 0.833333), (20, 10, 0.537963), (200, 190, 0.088697), (12.0, 20, 0.009796)]
)
def test_erlang_b_of_published_tables(load, beds, blocked):
    assert float(erlang_b(beds, load)) == pytest.approx(blocked, abs=5e-7)


def test_the_recursion_equals_the_formula_with_factorials():
    load, beds = 7.5, 9
    terms = [load**k / math.factorial(k) for k in range(beds + 1)]
    assert float(erlang_b(beds, load)) == pytest.approx(terms[-1] / sum(terms))


def test_without_beds_all_are_turned_away_and_without_applicants_nobody():
    assert float(erlang_b(0, 3.0)) == 1
    assert erlang_b(4, [0.0, 1.0])[0] == 0


def test_the_occupancy_margin_turns_away_just_the_share_allowed():
    for beds in (1, 20, 171):
        occupancy = full_enough(beds, 0.05)
        load = occupancy * beds / 0.95
        assert float(erlang_b(beds, load)) == pytest.approx(0.05, abs=1e-9)


def test_larger_homes_and_more_turned_away_allow_fuller_homes():
    sizes = [full_enough(beds, 0.05) for beds in (5, 20, 50, 100, 171, 400)]
    assert sizes == sorted(sizes)
    assert full_enough(50, 0.02) < full_enough(50, 0.05) < full_enough(50, 0.1)
