"""Rows against a schema: any cell is a value or one fault; sums hold when parts add; exactly missing rows are named."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eldercare.inputs.description import Column, Schema
from eldercare.inputs.validation import PLAIN, Known, disagreements, examine, gaps


def schema(**field: object) -> Schema:
    return Schema(fields=[Column(name="a", description="x", **field)], primaryKey=["a"])


@settings(max_examples=60)
@given(st.sampled_from(sorted(PLAIN)), st.text(max_size=30))
@example("integer", "٣٤")
@example("integer", "1_000")
@example("integer", " 7")
@example("number", "１２")
@example("number", "1e400")
@example("number", "NaN")
@example("date", "99999")
@example("date", "2020-02-30")
def test_any_cell_is_a_value_of_its_type_or_one_fault(kind, text):
    text = text if text.strip() else ""
    rows, problems = examine("x", schema(type=kind, constraints={"required": True}), {}, [[text]])
    if text:
        assert (rows[2]["a"] is None) == bool(problems) and len(problems) <= 1
    for problem in problems:
        assert problem.message and problem.message.told("zh") != problem.message


@given(st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", fullmatch=True))
def test_a_plain_number_is_the_number_that_python_reads(text):
    rows, problems = examine("x", schema(type="number"), {}, [[text]])
    assert rows[2]["a"] == float(text) and not problems


def test_a_reference_is_told_with_the_file_and_the_nearest_value():
    known = {"a": Known("data/raw/areas.csv", ["north", "south"])}
    _, problems = examine("x.csv", schema(type="string"), known, [["nort"], [], ["east"], ["south"]])
    assert [str(problem) for problem in problems] == [
        "x.csv row 2: a = 'nort': not in data/raw/areas.csv (did you mean north?)",
        "x.csv row 4: a = 'east': not in data/raw/areas.csv (add it to data/raw/areas.csv first)",
    ]


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-x", "+x"])
def test_a_formula_is_a_text_like_any_other(text):
    rows, problems = examine("x", schema(type="string"), {}, [[text]])
    assert rows[2]["a"] == text and not problems


def ruled(**rules: object) -> Schema:
    columns = [Column(name=name, type="string", description="x") for name in ("area", "year", "value")]
    return Schema(fields=columns, primaryKey=["area"], **rules)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=6), st.integers(-3, 3))
def test_a_sum_holds_exactly_when_the_parts_add(parts, off):
    names = [f"part{i}" for i in range(len(parts))]
    values = [*zip(names, parts, strict=True), ("whole", sum(parts) + off)]
    rows = {i + 2: {"area": name, "value": value} for i, (name, value) in enumerate(values)}
    rule = {"column": "value", "parts": {"area": names}, "total": "whole", "per": []}
    found = list(disagreements("x.csv", ruled(sums=[rule]), rows))
    small = abs(off) <= 1e-9 * (sum(parts) + off)
    assert bool(found) == (off != 0 and not small)
    assert not list(disagreements("x.csv", ruled(sums=[rule | {"step": 2}]), rows))
    assert not list(disagreements("x.csv", ruled(sums=[rule]), {n: row for n, row in rows.items() if n > 2}))


@given(st.sets(st.tuples(st.sampled_from("abc"), st.integers(1, 4))))
def test_exactly_the_missing_rows_are_named(there):
    rows = {i: {"area": area, "year": year} for i, (area, year) in enumerate(there)}
    rule = {"area": ["a", "b", "c"], "year": [1, 2, 3, 4]}
    by_area = gaps(ruled(complete=[rule]), rows)
    missing = {a: ", ".join(str(y) for y in range(1, 5) if (a, y) not in there) for a in "abc"}
    assert by_area == {area: f"year {years}" for area, years in missing.items() if years}


def test_a_cell_at_fault_may_be_the_one_that_is_missing():
    rule = {"area": ["a", "b"], "year": [1]}
    rows = {2: {"area": "a", "year": 1}, 3: {"area": "b", "year": None}}
    assert gaps(ruled(complete=[rule]), rows) == {}
    assert gaps(ruled(complete=[rule]), {2: rows[2]}) == {"b": "year 1"}
