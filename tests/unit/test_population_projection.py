"""The cohort-component step: a naive twin, the properties it must have, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eldercare.population import Step, iterate, project, step

FAST = settings(max_examples=20, deadline=None, database=None, derandomize=True)
GROUPS = 12
persons = arrays(float, (GROUPS, 2), elements=st.floats(0, 1e5))
migrants = arrays(float, (GROUPS, 2), elements=st.floats(-1e3, 1e3))
ratios = arrays(float, (GROUPS, 2), elements=st.floats(0, 1))
fertility = arrays(float, GROUPS, elements=st.floats(0, 0.3)).map(lambda f: np.append(0.0, f[1:]))


def naive_step(population, survival, asfr, srb, migration, width):
    """The textbook step, one person group at a time: lists in, lists out."""
    groups, sexes = len(population), len(population[0])
    after = [[0.0] * sexes for _ in range(groups)]
    deaths = [[0.0] * sexes for _ in range(groups)]
    for sex in range(sexes):
        for age in range(1, groups):
            exposed = population[age - 1][sex]
            if age == groups - 1:
                exposed += population[age][sex]
            after[age][sex] = exposed * survival[age][sex]
            deaths[age][sex] = exposed * (1 - survival[age][sex])
    children = 0.0
    for age in range(1, groups):
        children += width * asfr[age] * (population[age][0] + after[age][0]) / 2
    births = [children / (1 + srb), children * srb / (1 + srb)][:sexes]
    for sex in range(sexes):
        after[0][sex] = births[sex] * survival[0][sex]
        deaths[0][sex] = births[sex] * (1 - survival[0][sex])
    for age in range(groups):
        for sex in range(sexes):
            after[age][sex] += migration[age][sex]
    return after, births, deaths


@FAST
@given(persons, ratios, fertility, migrants, st.floats(0.9, 1.2), st.sampled_from([1.0, 5.0]))
def test_step_equals_its_naive_twin(population, survival, asfr, migration, srb, width):
    fast = step(population, survival, asfr, srb, migration, width)
    naive = naive_step(population.tolist(), survival.tolist(), asfr.tolist(), srb, migration.tolist(), width)
    for quick, slow in zip(fast, naive, strict=True):
        np.testing.assert_allclose(quick, slow, rtol=1e-12, atol=1e-9)


@FAST
@given(persons, ratios, fertility, migrants)
def test_balance_of_people_holds_to_a_millionth(population, survival, asfr, migration):
    p = project(population, survival, asfr, migration=migration, steps=4)
    for t in range(4):
        change = p.births[t] - p.deaths[t].sum(axis=0) + migration.sum(axis=0)
        difference = p.population[t + 1].sum(axis=0) - p.population[t].sum(axis=0) - change
        # A millionth of a person; of the count where fertility as drawn makes billions of people.
        assert (np.abs(difference) <= 1e-6 * np.maximum(1, p.population[t + 1].sum(axis=0) / 1e6)).all()


@FAST
@given(persons)
def test_without_births_deaths_and_migration_ages_shift_and_the_total_stays(population):
    after = step(population, np.ones((GROUPS, 2)))
    np.testing.assert_array_equal(after.population[1:-1], population[:-2])
    np.testing.assert_allclose(after.population[-1], population[-2] + population[-1])
    assert after.population.sum() == pytest.approx(population.sum())
    assert not after.deaths.any() and not after.births.any() and not after.population[0].any()


@FAST
@given(persons, ratios, fertility, migrants, st.floats(0.01, 100))
def test_scaling_people_and_migrants_scales_the_result(population, survival, asfr, migration, factor):
    once = step(population, survival, asfr, migration=migration)
    more = step(factor * population, survival, asfr, migration=factor * migration)
    for a, b in zip(once, more, strict=True):
        np.testing.assert_allclose(b, factor * a, rtol=1e-9, atol=1e-6)


@FAST
@given(persons, persons, ratios, fertility, migrants)
def test_counties_with_equal_rates_add_to_the_projected_sum(one, two, survival, asfr, migration):
    def path(base, moves):
        return project(base, survival, asfr, migration=moves, steps=3).population

    parts = path(one, migration) + path(two, 0.5 * migration)
    np.testing.assert_allclose(path(one + two, 1.5 * migration), parts, rtol=1e-9, atol=1e-6)


@FAST
@given(persons, ratios, fertility)
def test_equal_sexes_stay_equal_when_as_many_boys_as_girls_are_born(population, survival, asfr):
    equal = np.repeat(population[:, :1], 2, axis=1)
    result = project(equal, np.repeat(survival[:, :1], 2, axis=1), asfr, srb=1.0, steps=5)
    np.testing.assert_array_equal(result.population[..., 0], result.population[..., 1])


def example(draws=None):
    """A population with rates, for the tests of form."""
    rng = np.random.default_rng(7)
    trailing = () if draws is None else (draws,)
    base = rng.uniform(50, 100, (GROUPS, 2, *trailing))
    survival = rng.uniform(0.8, 1, (3, GROUPS, 2, *trailing))
    asfr = rng.uniform(0, 0.1, (3, GROUPS, *trailing))
    asfr[:, 0] = 0
    migration = rng.normal(0, 2, (3, GROUPS, 2, *trailing))
    return base, survival, asfr, migration


def test_every_draw_is_projected_as_if_alone():
    base, survival, asfr, migration = example(draws=5)
    together = project(base, survival, asfr, migration=migration)
    for d in range(5):
        alone = project(base[..., d], survival[..., d], asfr[..., d], migration=migration[..., d])
        for a, b in zip(together, alone, strict=True):
            np.testing.assert_allclose(a[..., d], b, rtol=1e-13, atol=1e-9)


def test_arrays_functions_iterators_and_streaming_give_the_same_path():
    base, survival, asfr, migration = example(draws=4)
    srb = np.array([1.05, 1.06, 1.07])
    arrays_in = project(base, survival, asfr, srb, migration)
    by_step = [a.__getitem__ for a in (survival, asfr, srb, migration)]
    functions = project(base, *by_step, steps=3)
    iterators = project(base, *map(iter, (survival, asfr, srb, migration)), steps=3)
    for other in (functions, iterators):
        for a, b in zip(arrays_in, other, strict=True):
            np.testing.assert_array_equal(a, b)
    for t, state in enumerate(iterate(base, survival, asfr, srb, migration)):
        np.testing.assert_array_equal(state.population, arrays_in.population[t + 1])
        np.testing.assert_array_equal(state.births, arrays_in.births[t])
        np.testing.assert_array_equal(state.deaths, arrays_in.deaths[t])
    assert t == 2


def test_rates_without_draws_serve_every_draw():
    base, survival, asfr, migration = example()
    many = np.repeat(base[..., None], 3, axis=2)
    single = project(base, survival, asfr, migration=migration)
    spread = project(many, survival[..., None], asfr[..., None], migration=migration[..., None])
    np.testing.assert_allclose(spread.population[..., 2], single.population)
    constant = project(many, survival[0], asfr[0], migration=migration[0], steps=2)
    np.testing.assert_allclose(constant.population[1, ..., 1], single.population[1])


def test_females_alone_with_and_without_a_sex_axis():
    base, survival, asfr, migration = example()
    both = project(base, survival, asfr, migration=migration)
    column = project(base[:, :1], survival[:, :, :1], asfr, migration=migration[:, :, :1])
    vector = project(base[:, 0], survival[:, :, 0], asfr, migration=migration[:, :, 0])
    np.testing.assert_allclose(column.population[..., 0], both.population[..., 0])
    np.testing.assert_array_equal(vector.population, column.population[..., 0])
    np.testing.assert_array_equal(vector.births, column.births[:, 0])
    np.testing.assert_array_equal(vector.deaths, column.deaths[..., 0])


def test_inputs_are_never_changed():
    base, survival, asfr, migration = example(draws=2)
    copies = [a.copy() for a in (base, survival, asfr, migration)]
    list(iterate(base, survival, asfr, migration=migration))
    step(base, survival[0], asfr[0], migration=migration[0])
    for a, b in zip((base, survival, asfr, migration), copies, strict=True):
        np.testing.assert_array_equal(a, b)


def test_streaming_keeps_two_states_however_many_steps():
    base, survival, asfr, _ = example(draws=2)
    buffers = {id(s.population) for s in iterate(base, survival[0], asfr[0], steps=50)}
    assert len(buffers) == 2


def test_step_writes_into_given_arrays():
    base, survival, asfr, migration = example()
    fresh = step(base, survival[0], asfr[0], migration=migration[0])
    out = Step(*(np.full_like(a, np.nan) for a in fresh))
    used = step(base, survival[0], asfr[0], migration=migration[0], out=out)
    assert used.population is out.population
    np.testing.assert_array_equal(used.population, fresh.population)
    with pytest.raises(ValueError, match="do not overlap"):
        step(base, survival[0], out=Step(base, out.births, out.deaths))


def test_four_byte_numbers_stay_four_byte_numbers():
    base, survival, asfr, _ = (a.astype(np.float32) for a in example(draws=2))
    assert project(base, survival, asfr).population.dtype == np.float32


def test_no_steps_give_the_base_back():
    base, survival, *_ = example()
    np.testing.assert_array_equal(project(base, survival[0], steps=0).population, base[None])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"population": np.full((GROUPS, 2), np.nan)}, "population: not a finite number"),
        ({"population": np.ones((GROUPS, 3))}, "one or two sexes"),
        ({"population": np.ones((1, 2))}, "one or two sexes"),
        ({"survival": np.full((GROUPS, 2), 1.2)}, r"survival: 1.2 at index \(0, 0\) is above 1"),
        ({"survival": np.full((GROUPS, 2), -0.1)}, "survival: -0.1"),
        ({"survival": np.full((GROUPS, 2), np.nan)}, "survival: not a finite number"),
        ({"survival": np.ones((GROUPS - 1, 2))}, "survival: .* does not fit a population"),
        ({"survival": np.ones(GROUPS)}, "survival: .* does not fit a population"),
        ({"survival": np.ones((GROUPS, 2, 4))}, "survival: .* does not fit a population"),
        ({"asfr": np.full(GROUPS, -0.1)}, "asfr: -0.1"),
        ({"asfr": np.full(GROUPS, 0.1)}, "asfr: the first age group cannot give birth"),
        ({"asfr": np.zeros(GROUPS + 1)}, "asfr: .* does not fit"),
        ({"srb": -1.0}, "srb: -1"),
        ({"srb": [1.0, 1.0]}, "srb: expected one number"),
        ({"migration": np.zeros((2, GROUPS))}, "migration: .* does not fit"),
        ({"migration": np.full((GROUPS, 2), np.inf)}, "migration: not a finite number"),
        ({"width": 0}, "width: 0"),
    ],
)
def test_step_refuses(change, message):
    arguments = {"population": np.ones((GROUPS, 2)), "survival": np.ones((GROUPS, 2))} | change
    with pytest.raises(ValueError, match=message):
        step(**arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "steps: give a number"),
        ({"survival": np.ones((3, GROUPS, 2)), "steps": 4}, "steps: the inputs have 3, 4 steps"),
        ({"survival": np.ones((3, GROUPS, 2)), "asfr": np.zeros((2, GROUPS))}, "2, 3 steps"),
        ({"survival": iter(np.ones((3, GROUPS, 2))), "steps": 4}, "the iterator ended before step 3"),
        ({"base": -np.ones((GROUPS, 2)), "steps": 1}, "base: -1"),
        ({"steps": -1}, "steps: -1 is below 0"),
        ({"width": np.nan, "steps": 1}, "width: nan"),
    ],
)
def test_project_refuses(change, message):
    arguments = {"base": np.ones((GROUPS, 2)), "survival": np.ones((GROUPS, 2))} | change
    with pytest.raises(ValueError, match=message):
        project(**arguments)
