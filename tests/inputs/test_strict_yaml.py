"""YAML read strictly, for any text and any bytes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eldercare.inputs.problems import InputError, Message
from eldercare.inputs.strict_yaml import read_scalar, read_yaml


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("yaml") / "x.yaml"


@given(st.text())
@example("１２３")
@example("9" * 5000)
@example("\ud800")
def test_a_scalar_is_a_value_or_a_reason_and_never_code(text):
    try:
        value = read_scalar(text)
    except ValueError as error:
        assert isinstance(error.args[0], Message) and error.args[0].told("zh") != error.args[0]
        return
    assert value == text or isinstance(value, bool | int | float)
    if isinstance(value, int | float) and not isinstance(value, bool):
        assert float(text) == value and text.isascii()


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_yaml_or_told_in_one_line_each(file, content):
    file.write_bytes(content)
    try:
        assert isinstance(read_yaml(file, "x.yaml").data, dict)
    except InputError as error:
        assert all(problem.where.startswith("x.yaml") and problem.message for problem in error.problems)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the same key twice, in lines 1 and 3"),
        ("a: &x 1\n", 1, "&x is not allowed"),
        ("a: *x\n", 1, "*x is not allowed"),
        ("a: !!str 1\n", 1, "tag:yaml.org,2002:str is not allowed"),
        ("<<: {a: 1}\n", 1, "merge key"),
        ("[a]: 1\n", 1, "a list or mapping as key"),
        ("yes: 1\n", 1, "not a plain true or false"),
        ("2020: 1\n", 1, "a key must be text"),
        ("'': 1\n", 1, "an empty key"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("%YAML 1.1\n---\na: 1\n", 1, "a line that starts with %"),
        ("a:\n" + "".join(" " * i + "- \n" for i in range(1, 30)), 21, "nested more than 20"),
        ("a: 1\n b: 2\n", 2, "not readable as YAML"),
        ("a: 1\nb： 2\nc: 3\n", 3, "not readable as YAML"),
        ("a: x\x07\n", 1, "a character that is not allowed: '\\x07'"),
        ("a:\t1\n", 1, "a tab"),
        ("- a\n", 1, "must hold lines of the form key: value"),
    ],
)
def test_what_people_cannot_follow_is_refused_at_its_line(file, text, line, message):
    file.write_bytes(text.encode())
    with pytest.raises(InputError) as caught:
        read_yaml(file, "x.yaml")
    (problem,) = caught.value.problems
    assert problem.where == f"x.yaml:{line}" and message in problem.message


def test_every_value_keeps_its_line(file):
    file.write_text('a:\n  b: [1, "010"]\n  c: |\n    yes\n', encoding="utf-8")
    document = read_yaml(file, "x.yaml")
    assert document.data == {"a": {"b": [1, "010"], "c": "yes\n"}}
    assert document.where("a", "b", 1) == "x.yaml:2" and document.where("a", "c", "d") == "x.yaml:3"
    assert document.where("z") == "x.yaml"
