"""Layers: default < county < scenario < --set, each with its trail, for any values; what is read is recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.inputs import InputError, load_project, resolve
from eldercare.inputs.layers import Step, apply, overrides_of
from eldercare.inputs.scenarios import Change

DEQING = "config/counties/deqing.yaml"
FACT = """facts:
  meals.uptake:
    set: 0.12
    interval: [0.08, 0.2]
    source: SEED
    locator: "a test"
    evidence: official
"""
KEY = "meals.uptake"  # bounds 0 to 1, with an interval


@pytest.fixture(scope="module")
def project(root):
    return load_project(root)


@pytest.fixture(scope="module")
def parameter(project):
    return project.parameters[KEY]


def operation(kind: str, operand: float, interval: tuple[float, float] | None = None) -> Change:
    ground = {"why": {"en": "a", "zh": "b"}, "source": "none", "locator": "test", "evidence": "assumption"}
    ends = {} if interval is None else {"interval": list(interval)}
    return Change.model_validate({kind: operand, **ends, **ground}, context={"sources": ()})


def first() -> Step:
    return Step("default", "", "default", 0.1, 0.1, (0.05, 0.2), "none", "", "assumption", None)


@given(st.lists(st.tuples(st.sampled_from(["multiply", "add"]), st.floats(-0.5, 2)), max_size=3))
def test_layers_are_plain_arithmetic_in_their_order_or_an_error_that_names_the_bounds(parameter, changes):
    step, value = first(), 0.1
    low, high = parameter.bounds
    for kind, operand in changes:
        value = value * operand if kind == "multiply" else value + operand
        try:
            step = apply(parameter, "scenario", operation(kind, operand), step)
        except InputError as error:
            # Value or interval left the bounds: the interval moves with the value.
            assert "0 to 1 is allowed" in str(error) and len(error.problems) == 1
            return
        assert step.value == value and low <= value <= high
        assert step.interval[0] <= step.value <= step.interval[1]


@given(st.floats(0.001, 1), st.floats(0, 1), st.floats(0, 1))
def test_set_forgets_what_was_before(parameter, value, low, high):
    low, high = min(low, value), max(high, value)
    for before in (first(), apply(parameter, "county", operation("multiply", 1.5), first())):
        step = apply(parameter, "scenario", operation("set", value, (low, high)), before)
        assert (step.value, step.interval) == (value, (low, high))


@given(st.floats(0.1, 10))
def test_multiplying_and_dividing_again_gives_the_value_back(parameter, factor):
    try:
        there = apply(parameter, "county", operation("multiply", factor), first())
    except InputError:
        return
    back = apply(parameter, "scenario", operation("multiply", 1 / factor), there)
    assert back.value == pytest.approx(0.1) and back.interval == pytest.approx((0.05, 0.2))


@given(st.floats(allow_nan=True, allow_infinity=True) | st.text(max_size=12) | st.none() | st.booleans())
def test_an_override_is_taken_within_the_bounds_and_refused_otherwise(project, value):
    try:
        setting = resolve(project, "deqing", "baseline", {KEY: value}).read(KEY)
    except InputError as error:
        assert all(problem.key == KEY for problem in error.problems)
        return
    assert 0 <= setting.value <= 1 and setting.interval is None and setting.trail[-1].layer == "set"


def test_layers_go_default_county_scenario_set_and_leave_their_trail(project_copy):
    path = project_copy / DEQING
    path.write_text(path.read_text(encoding="utf-8").replace("facts: {}", FACT), encoding="utf-8")
    project = load_project(project_copy)
    plain = resolve(project, "deqing", "baseline").read("meals.uptake")
    assert (plain.value, plain.interval) == (0.12, (0.08, 0.2))
    scaled = resolve(project, "deqing", "ageing_in_place").read("meals.uptake")
    assert scaled.value == pytest.approx(0.18) and scaled.interval == pytest.approx((0.12, 0.3))
    fixed = resolve(project, "deqing", "ageing_in_place", {"meals.uptake": "0.3"}).read("meals.uptake")
    assert (fixed.value, fixed.interval) == (0.3, None)
    assert [step.layer for step in fixed.trail] == ["default", "county", "scenario", "set"]
    assert [step.source_id for step in fixed.trail] == ["none", "SEED", "none", "none"]
    other = resolve(project, "anji", "ageing_in_place").read("meals.uptake")
    assert other.value == pytest.approx(0.1875)


def test_a_value_is_asked_for_by_its_kind_and_recorded(root):
    project = load_project(root)
    settings = resolve(project, "deqing", "baseline")
    assert settings.number("beds.norm") == 50 and settings.integer("run.draws") == settings.value("run.draws")
    assert settings.choice("supply.plan") == "frozen" and settings.value("supply.meal_points") is None
    with pytest.raises(TypeError, match="supply.plan = 'frozen' is not a number"):
        settings.number("supply.plan")
    with pytest.raises(TypeError, match="is not a word"):
        settings.choice("beds.norm")
    before = set(project.reads.parameters)
    assert settings.all["need.definition"].value
    assert project.reads.parameters == before
    assert settings.number("need.survey_2021.prevalence") > 0
    assert project.reads.parameters - before == {("baseline", "deqing", "need.survey_2021.prevalence")}


@pytest.mark.parametrize("given", ["beds.norm=55", "[1, 2]", "{", ["beds.norm"], 55])
def test_overrides_that_are_no_mapping_get_one_line(given):
    with pytest.raises(InputError, match=r'^overrides: .*: a parameter with its value is wanted, such as \{"beds'):
        overrides_of(given)


def test_a_parameter_that_the_folder_lacks_is_told_with_its_nearest_spelling(project):
    settings = resolve(project, "deqing", "baseline")
    lacking = replace(settings, all={key: one for key, one in settings.all.items() if key != "beds.norm"})
    with pytest.raises(InputError, match=r"^config/parameters: beds.norm: no such parameter, .* asks for it"):
        lacking.value("beds.norm")
