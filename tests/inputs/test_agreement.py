"""What rows owe one another: sums hold exactly when the parts add, and exactly the missing rows are named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eldercare.inputs.agreement import disagreements, gaps
from eldercare.inputs.description import Column, Schema


def schema(**rules: object) -> Schema:
    columns = [Column(name=name, type="string", description="x") for name in ("area", "year", "value")]
    return Schema(fields=columns, primaryKey=["area"], **rules)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=6), st.integers(-3, 3))
def test_a_sum_holds_exactly_when_the_parts_add(parts, off):
    names = [f"part{i}" for i in range(len(parts))]
    values = [*zip(names, parts, strict=True), ("whole", sum(parts) + off)]
    rows = {i + 2: {"area": name, "value": value} for i, (name, value) in enumerate(values)}
    rule = {"column": "value", "parts": {"area": names}, "total": "whole", "per": []}
    found = list(disagreements("x.csv", schema(sums=[rule]), rows))
    small = abs(off) <= 1e-9 * (sum(parts) + off)
    assert bool(found) == (off != 0 and not small)
    assert not list(disagreements("x.csv", schema(sums=[rule | {"step": 2}]), rows))
    assert not list(disagreements("x.csv", schema(sums=[rule]), {n: row for n, row in rows.items() if n > 2}))


@given(st.sets(st.tuples(st.sampled_from("abc"), st.integers(1, 4))))
def test_exactly_the_missing_rows_are_named(there):
    rows = {i: {"area": area, "year": year} for i, (area, year) in enumerate(there)}
    rule = {"area": ["a", "b", "c"], "year": [1, 2, 3, 4]}
    by_area = gaps(schema(complete=[rule]), rows)
    missing = {a: ", ".join(str(y) for y in range(1, 5) if (a, y) not in there) for a in "abc"}
    assert by_area == {area: f"year {years}" for area, years in missing.items() if years}


def test_a_cell_at_fault_may_be_the_one_that_is_missing():
    rule = {"area": ["a", "b"], "year": [1]}
    rows = {2: {"area": "a", "year": 1}, 3: {"area": "b", "year": None}}
    assert gaps(schema(complete=[rule]), rows) == {}
    assert gaps(schema(complete=[rule]), {2: rows[2]}) == {"b": "year 1"}
