"""Properties of the layers and of the readers of files: for any values and any bytes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eldercare.inputs import InputError, load_project, resolve
from eldercare.inputs.agreement import Record, disagreements
from eldercare.inputs.cells import PLAIN, read_cell
from eldercare.inputs.encodings import table_records
from eldercare.inputs.layers import _apply
from eldercare.inputs.messages import in_chinese
from eldercare.inputs.steps import Operation, Step
from eldercare.inputs.strict_yaml import read_scalar, read_yaml

KEY = "meals.uptake"  # bounds 0 to 1, with an interval


@pytest.fixture(scope="module")
def project(root):
    return load_project(root)


@pytest.fixture(scope="module")
def parameter(project):
    return project.parameters[KEY]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("yaml") / "x.yaml"


def operation(kind: str, operand: float, interval=None) -> Operation:
    return Operation(kind, operand, interval, interval is not None, "test", "none", "test", "assumption", None)


def first() -> Step:
    return Step("default", "", "default", 0.1, 0.1, (0.05, 0.2), "none", "", "assumption", None)


# ---- layers


@given(st.lists(st.tuples(st.sampled_from(["multiply", "add"]), st.floats(-0.5, 2)), max_size=3))
def test_layers_are_plain_arithmetic_in_their_order_or_an_error_that_names_the_bounds(parameter, changes):
    step, value = first(), 0.1
    low, high = parameter.bounds
    for kind, operand in changes:
        value = value * operand if kind == "multiply" else value + operand
        try:
            step = _apply(parameter, "scenario", operation(kind, operand), step)
        except InputError as error:
            # Value or interval left the bounds: the interval moves with the value.
            assert "0 to 1 is allowed" in str(error) and len(error.problems) == 1
            return
        assert step.value == value and low <= value <= high
        assert step.interval[0] <= step.value <= step.interval[1]


@given(st.floats(0.001, 1), st.floats(0, 1), st.floats(0, 1))
def test_set_forgets_what_was_before(parameter, value, low, high):
    low, high = min(low, value), max(high, value)
    for before in (first(), _apply(parameter, "county", operation("multiply", 1.5), first())):
        step = _apply(parameter, "scenario", operation("set", value, (low, high)), before)
        assert (step.value, step.interval) == (value, (low, high))


@given(st.floats(0.1, 10))
def test_multiplying_and_dividing_again_gives_the_value_back(parameter, factor):
    try:
        there = _apply(parameter, "county", operation("multiply", factor), first())
    except InputError:
        return
    back = _apply(parameter, "scenario", operation("multiply", 1 / factor), there)
    assert back.value == pytest.approx(0.1) and back.interval == pytest.approx((0.05, 0.2))


@given(st.floats(allow_nan=True, allow_infinity=True) | st.text(max_size=12) | st.none() | st.booleans())
def test_an_override_is_taken_within_the_bounds_and_refused_otherwise(project, value):
    try:
        setting = resolve(project, "deqing", "baseline", {KEY: value})[KEY]
    except InputError as error:
        assert all(problem.key == KEY for problem in error.problems)
        return
    assert 0 <= setting.value <= 1 and setting.interval is None and setting.trail[-1].layer == "set"


# ---- readers


@given(st.text())
@example("１２３")
@example("9" * 5000)
@example("\ud800")
def test_a_scalar_is_a_value_or_a_reason_and_never_code(text):
    try:
        value = read_scalar(text)
    except ValueError as error:
        assert in_chinese(str(error)) != str(error)
        return
    assert value == text or isinstance(value, bool | int | float)
    if isinstance(value, int | float) and not isinstance(value, bool):
        assert float(text) == value and text.isascii()


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_yaml_or_told_in_one_line_each(file, content):
    file.write_bytes(content)
    document = read_yaml(file, "x.yaml")
    assert document.problems or isinstance(document.data, dict)
    assert all(problem.where.startswith("x.yaml") and problem.message for problem in document.problems)


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("gb18030", "ignore")))
def test_any_bytes_are_a_table_or_told(content):
    try:
        records = table_records(content, "x.csv")
    except InputError as error:
        assert [problem.where for problem in error.problems] == ["x.csv"]
        return
    assert all(isinstance(cell, str) for record in records for cell in record)


@given(st.text("县区人口吴兴南浔德清长兴安吉,\n0123456789", min_size=1))
def test_common_chinese_text_comes_through_gb18030_and_utf8_alike(text):
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert table_records(text.encode(encoding), "x.csv") == table_records(text.encode("utf-8"), "x.csv")


@given(st.sampled_from(sorted(PLAIN)), st.text(max_size=30))
@example("integer", "٣٤")
@example("number", "1e400")
@example("date", "99999")
def test_any_cell_is_a_value_of_its_type_or_one_fault(kind, text):
    value, problems = read_cell("x row 2", text, {"name": "a", "type": kind, "constraints": {"required": True}})
    assert (value is None) == bool(problems) and len(problems) <= 1
    if problems:
        assert problems[0].message and in_chinese(problems[0].message) != problems[0].message


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=6), st.integers(-3, 3))
def test_a_sum_holds_exactly_when_the_parts_add(parts, off):
    names = [f"part{i}" for i in range(len(parts))]
    values = [*zip(names, parts, strict=True), ("whole", sum(parts) + off)]
    records = [Record(i + 2, {"area": name, "value": value}) for i, (name, value) in enumerate(values)]
    rule = {"column": "value", "parts": {"area": names}, "total": "whole", "per": []}
    found = list(disagreements("x.csv", {"sums": [rule]}, records))
    small = abs(off) <= 1e-9 * (sum(parts) + off)
    assert bool(found) == (off != 0 and not small)
    assert not list(disagreements("x.csv", {"sums": [rule | {"step": 2}]}, records))
    assert not list(disagreements("x.csv", {"sums": [rule]}, records[1:]))


@given(st.sets(st.tuples(st.sampled_from("abc"), st.integers(1, 4))))
def test_exactly_the_missing_rows_are_named(there):
    records = [Record(i, {"area": area, "year": year}) for i, (area, year) in enumerate(there)]
    rule = {"area": ["a", "b", "c"], "year": {"from": 1, "to": 4}}
    found = [problem.value for problem in disagreements("x.csv", {"complete": [rule]}, records) if problem.value]
    missing = [f"{a} / {y}" for a in "abc" for y in range(1, 5) if (a, y) not in there]
    assert found == missing[:10]
