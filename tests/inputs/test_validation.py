"""Rows against a schema: any cell is a value of its type, or one fault."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eldercare.inputs.description import Column, Schema
from eldercare.inputs.validation import PLAIN, Known, examine


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
