"""Care calculations by hand, their direction, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.care import (
    allocate,
    beds_per_1000,
    break_even_uptake,
    build_to_norm,
    care_need,
    catchment_radius,
    demand_by_need,
    demand_by_ratio,
    implied_count,
    intervals_overlap,
    meals_demand,
    meals_supply,
    prevalence_by_age,
)

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


def test_the_report_of_2018_in_the_ratio():
    assert beds_per_1000(39_467, 668_932) == pytest.approx(59.0, abs=0.01)
    assert demand_by_ratio(789_340, 50) == pytest.approx(39_467)


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(0.05, 0.9), st.floats(0.3, 0.9))
def test_more_dependents_never_need_fewer_beds_and_fuller_beds_never_more(a, b, share, occupancy):
    few, many = sorted((a, b))
    assert demand_by_need(few, share, occupancy) <= demand_by_need(many, share, occupancy)
    assert demand_by_need(a, share, occupancy) >= demand_by_need(a, share, min(1, occupancy + 0.1))


@pytest.mark.parametrize(("share", "occupancy"), [(1.2, 0.8), (-0.1, 0.8), (0.2, 0.0), (0.2, 1.1)])
def test_impossible_shares_and_occupancies_are_refused(share, occupancy):
    with pytest.raises(ValueError, match=r"must lie in"):
        demand_by_need(100, share, occupancy)


def test_no_elders_is_an_error_not_an_infinite_ratio():
    with pytest.raises(ValueError, match="positive"):
        beds_per_1000(10, 0)


def test_need_has_the_given_level_in_the_reference_population():
    population = np.array([[300.0, 200.0], [100.0, 150.0]])
    prevalence = prevalence_by_age(0.2, [[1, 2], [4, 5]], population)
    assert care_need(population, prevalence) == pytest.approx(0.2 * population.sum())
    assert prevalence[1, 1] / prevalence[0, 0] == pytest.approx(5)


def test_need_by_draw_equals_need_one_draw_at_a_time():
    rng = np.random.default_rng(3)
    population, level = rng.random((4, 3, 2, 5)), np.array([0.1, 0.12, 0.15, 0.2, 0.22])
    pattern, reference = rng.random((3, 2)), rng.random((3, 2)) * 1000
    together = care_need(population, prevalence_by_age(level, pattern, reference))
    for d, one in enumerate(level):
        alone = care_need(population[..., d], prevalence_by_age(one, pattern, reference))
        np.testing.assert_allclose(together[:, d], alone)


def test_a_prevalence_above_one_is_refused():
    with pytest.raises(ValueError, match="cannot exceed 1"):
        prevalence_by_age(0.6, [[1.0], [9.0]], [[90.0], [10.0]])


def test_a_building_plan_waits_catches_up_and_then_keeps_pace():
    years = np.arange(2025, 2033)
    required = np.array([110, 115, 120, 125, 130, 135, 140, 130.0])
    supply = build_to_norm(100, required, years, 2027, 4)
    assert supply[:2].tolist() == [100, 100]
    assert supply[2] == pytest.approx(100 + 20 / 4)
    assert supply[5:].tolist() == [135, 140, 140]
    assert (np.diff(supply) >= 0).all()


def test_meals_by_hand():
    assert meals_demand(158_876, 0.125, 0.8, 1.0) == pytest.approx(15_887.6)
    served = meals_supply(520, 17.3)
    assert meals_supply(520, 17.3, 2, 227) == pytest.approx(served + 454)
    even = break_even_uptake(served, 158_876, 0.8, 1.0)
    assert meals_demand(158_876, even, 0.8, 1.0) == pytest.approx(served)


def test_catchment_circles_cover_the_area():
    radius = catchment_radius(5817, 520)
    assert np.pi * radius**2 * 520 == pytest.approx(5817)
    with pytest.raises(ValueError, match="positive"):
        catchment_radius(10, 0)


# METHODS, section 10: computed from the printed figures of the 2018 report.
@pytest.mark.parametrize(
    ("total", "printed", "step", "per", "low", "high"),
    [
        (39_467, 59, 1, 1000, 663_311, 674_650),
        (25_097, 37.6, 0.1, 1000, 666_587, 668_362),
        (24_987, 3.8, 0.1, 100, 649_013, 666_320),
    ],
)
def test_elders_implied_by_the_printed_ratios(total, printed, step, per, low, high):
    assert tuple(map(round, implied_count(total, printed, step, per))) == (low, high)


def test_two_of_the_reports_ratios_cannot_both_be_right():
    institutions = implied_count(25_097, 37.6, 0.1, 1000)
    purchased = implied_count(24_987, 3.8, 0.1, 100)
    beds = implied_count(39_467, 59, 1, 1000)
    assert not intervals_overlap(institutions, purchased)
    assert intervals_overlap(beds, institutions)
    assert intervals_overlap(beds, purchased)
