"""Coverage: distances, and sites against every other choice."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care.coverage import best_sites, great_circle


def test_a_degree_of_latitude_is_111_km_and_the_way_back_is_as_long():
    assert great_circle([120], [30], [120], [31])[0, 0] == pytest.approx(111.195, abs=0.001)
    # Shanghai Hongqiao (121.336, 31.198) to Beijing Capital (116.585, 40.080): the usual figure is 1,075 to 1,080 km.
    there = great_circle([121.336], [31.198], [116.585], [40.080])[0, 0]
    assert there == pytest.approx(great_circle([116.585], [40.080], [121.336], [31.198])[0, 0])
    assert 1070 < there < 1085


def best_by_trying(persons, reached, new, covered):
    """Try every choice of so many sites: the naive twin of `best_sites`."""
    best = 0.0
    for choice in combinations(range(reached.shape[1]), min(new, reached.shape[1])):
        best = max(best, persons[~covered & reached[:, list(choice)].any(axis=1)].sum())
    return best


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_the_best_sites_reach_as_many_as_the_best_of_all_choices(seed, new):
    rng = np.random.default_rng(seed)
    places, sites = rng.integers(3, 14), rng.integers(2, 8)
    persons = rng.integers(0, 400, places).astype(float)
    reached, covered = rng.random((places, sites)) < 0.3, rng.random(places) < 0.3
    chosen, added = best_sites(persons, reached, new, covered)
    assert added.sum() == pytest.approx(best_by_trying(persons, reached, new, covered))
    assert len(chosen) <= new and len(set(chosen)) == len(chosen)
    assert (np.diff(added) <= 1e-9).all() and (added > 0).all()


def test_taking_the_best_single_site_first_can_be_worse_than_the_best_pair():
    # The middle site reaches most alone, but the two outer ones together reach all.
    persons = np.array([5.0, 6, 6, 5])
    reached = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool)
    chosen, added = best_sites(persons, reached, 2, np.zeros(4))
    assert sorted(chosen) == [0, 2] and added.sum() == 22


def test_more_sites_never_reach_fewer_and_covered_people_do_not_count_twice():
    rng = np.random.default_rng(5)
    persons, reached = rng.random(30) * 100, rng.random((30, 9)) < 0.2
    reach = [best_sites(persons, reached, k, np.zeros(30))[1].sum() for k in range(1, 9)]
    assert (np.diff(reach) >= -1e-9).all()
    assert best_sites(persons, reached, 3, np.ones(30, dtype=bool))[0] == []
