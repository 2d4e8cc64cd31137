"""Properties of the readers of tables: for any values and any bytes."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from eldercare.inputs import InputError
from eldercare.inputs.agreement import Record, disagreements
from eldercare.inputs.cells import PLAIN, read_cell
from eldercare.inputs.encodings import table_records
from eldercare.inputs.messages import in_chinese


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
