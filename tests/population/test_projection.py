"""The cohort-component step: its naive twin, and the properties it must have."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eldercare.population.projection import Step, advance
from tests.oracle import twin

FAST = settings(max_examples=20)
GROUPS = 12
NOBODY = np.zeros((1, 1))
persons = arrays(float, (GROUPS, 2), elements=st.floats(0, 1e5))
migrants = arrays(float, (GROUPS, 2), elements=st.floats(-1e3, 1e3))
ratios = arrays(float, (GROUPS, 2), elements=st.floats(0, 1))
patterns = arrays(float, GROUPS, elements=st.floats(0.01, 0.3)).map(lambda f: np.append(0.0, f[1:]))
children = st.floats(0, 3)


def step(population, survival, fertility, tfr, srb=1.05, moved=NOBODY, width=1.0):
    after = Step.like(population)
    advance(population, survival, fertility, tfr, srb, moved, after, width)
    return after


@FAST
@given(persons, ratios, patterns, children, migrants, st.floats(0.9, 1.2), st.sampled_from([1.0, 5.0]))
def test_the_step_equals_its_naive_twin(population, survival, fertility, tfr, moved, srb, width):
    fast = step(population, survival, fertility, tfr, srb, moved, width)
    naive = twin.step(population, survival, tfr * fertility, srb, moved, width)
    for quick, slow in zip(fast, naive, strict=True):
        np.testing.assert_allclose(quick, slow, rtol=1e-12, atol=1e-9)


@FAST
@given(persons, ratios, patterns, children, migrants)
def test_balance_of_people_holds_to_a_millionth(population, survival, fertility, tfr, moved):
    for _ in range(4):
        after = step(population, survival, fertility, tfr, moved=moved)
        change = after.births - after.deaths.sum(axis=0) + moved.sum(axis=0)
        difference = after.population.sum(axis=0) - population.sum(axis=0) - change
        # A millionth of a person; of the count where fertility as drawn makes billions of people.
        assert (np.abs(difference) <= 1e-6 * np.maximum(1, after.population.sum(axis=0) / 1e6)).all()
        population = after.population


@FAST
@given(persons, patterns)
def test_without_births_deaths_and_migration_ages_shift_and_the_total_stays(population, fertility):
    after = step(population, np.ones((GROUPS, 2)), fertility, 0.0)
    np.testing.assert_array_equal(after.population[1:-1], population[:-2])
    np.testing.assert_allclose(after.population[-1], population[-2] + population[-1])
    np.testing.assert_allclose(after.population.sum(), population.sum())
    assert not after.deaths.any() and not after.births.any() and not after.population[0].any()


@FAST
@given(persons, ratios, patterns, children, migrants, st.floats(0.01, 100))
def test_scaling_people_and_migrants_scales_the_result(population, survival, fertility, tfr, moved, factor):
    once = step(population, survival, fertility, tfr, moved=moved)
    more = step(factor * population, survival, fertility, tfr, moved=factor * moved)
    for a, b in zip(once, more, strict=True):
        np.testing.assert_allclose(b, factor * a, rtol=1e-9, atol=1e-6)


@FAST
@given(persons, persons, ratios, patterns, children, migrants)
def test_counties_with_equal_rates_add_to_the_projected_sum(north, south, survival, fertility, tfr, moved):
    whole = step(north + south, survival, fertility, tfr, moved=1.5 * moved)
    parts = (step(north, survival, fertility, tfr, moved=moved), step(south, survival, fertility, tfr, moved=moved / 2))
    for a, b, c in zip(whole, *parts, strict=True):
        np.testing.assert_allclose(a, b + c, rtol=1e-9, atol=1e-6)


@FAST
@given(persons, ratios, patterns, children)
def test_equal_sexes_stay_equal_when_as_many_boys_as_girls_are_born(population, survival, fertility, tfr):
    equal = np.repeat(population[:, :1], 2, axis=1)
    after = step(equal, np.repeat(survival[:, :1], 2, axis=1), fertility, tfr, srb=1.0)
    np.testing.assert_array_equal(after.population[:, 0], after.population[:, 1])


def draws():
    """Return five draws of everything that may differ by draw, and a pattern of births."""
    rng = np.random.default_rng(7)
    population = rng.uniform(50, 100, (GROUPS, 2, 5))
    survival = rng.uniform(0.8, 1, population.shape)
    return population, survival, rng.uniform(0, 2, 5), rng.normal(0, 2, population.shape), np.eye(GROUPS)[3]


def test_every_draw_is_projected_as_if_alone():
    population, survival, tfr, moved, fertility = draws()
    together = step(population, survival, fertility, tfr, moved=moved)
    for d in range(5):
        alone = step(population[..., d], survival[..., d], fertility, tfr[d], moved=moved[..., d])
        for a, b in zip(together, alone, strict=True):
            np.testing.assert_allclose(a[..., d], b, rtol=1e-13, atol=1e-9)


def test_females_alone_are_the_female_part_of_both_sexes():
    population, survival, tfr, moved, fertility = draws()
    both = step(population, survival, fertility, tfr, moved=moved)
    women = step(population[:, :1], survival[:, :1], fertility, tfr, moved=moved[:, :1])
    for a, b in ((women.population, both.population), (women.deaths, both.deaths)):
        np.testing.assert_array_equal(a[:, 0], b[:, 0])
    np.testing.assert_array_equal(women.births[0], both.births[0])


def test_inputs_are_never_changed_and_four_byte_numbers_stay_four_byte_numbers():
    given_ = [a.astype(np.float32) for a in draws()]
    population, survival, tfr, moved, fertility = (a.copy() for a in given_)
    after = step(population, survival, fertility, tfr, moved=moved)
    for a, b in zip((population, survival, tfr, moved, fertility), given_, strict=True):
        np.testing.assert_array_equal(a, b)
    assert {a.dtype for a in after} == {np.dtype(np.float32)}
