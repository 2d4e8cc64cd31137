"""Frozen models of the configuration files, and their faults as one clear line each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, TypeAdapter, ValidationError

from eldercare.inputs.errors import Problem, did_you_mean
from eldercare.inputs.strict_yaml import Document
from eldercare.inputs.vocabulary import DENOMINATORS, EVIDENCE, UNITS

Number = StrictInt | StrictFloat
Word = Annotated[str, Field(min_length=1)]
Interval = tuple[Number, Number] | Literal["none"]
Unit = Literal[tuple(UNITS)]
Denominator = Literal[tuple(DENOMINATORS)]
Evidence = Literal[tuple(EVIDENCE)]


class Strict(BaseModel):
    """Unknown keys are errors, nothing can be changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(Strict):
    """A text in both languages."""

    en: Word
    zh: Word


class ParameterEntry(Strict):
    """One parameter as it stands in config/parameters."""

    label: Label
    meaning: Label
    value: Number | Word
    unit: Unit
    denominator: Denominator
    bounds: tuple[Number, Number] | None = None
    choices: list[Word] | None = None
    interval: Interval
    evidence: Evidence
    source: Word
    locator: Word
    integer: StrictBool = False
    optional: StrictBool = False


class Fact(Strict):
    """One fact of a county."""

    set: Number | Word
    interval: Interval | None = None
    source: Word
    locator: Word
    evidence: Evidence


class CountyEntry(Strict):
    """One county file."""

    # The name becomes a folder of the site.
    county: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    label: Label
    facts: dict[str, Fact]


class Change(Strict):
    """One change of a scenario: exactly one of set, multiply, add."""

    set: Number | Word | None = None
    multiply: Number | None = None
    add: Number | None = None
    interval: Interval | None = None
    why: Label
    source: Word
    locator: Word
    evidence: Evidence


class ScenarioEntry(Strict):
    """One scenario file."""

    scenario: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    label: Label
    description: Label
    changes: dict[str, Change]
    county_changes: dict[str, dict[str, Change]] = {}


def check(model: Any, document: Document, path: tuple = (), data: object = None) -> tuple[Any, list[Problem]]:
    """Return the validated model of a document (or a part of it) and its problems, one line each.

    The model is None when there are problems.
    """
    try:
        return TypeAdapter(model).validate_python(document.data if data is None else data), []
    except ValidationError as error:
        faults = [_problem(item, document, path, model) for item in error.errors(include_url=False)]
        return None, _distinct(faults)


def _distinct(faults: Iterable[Problem]) -> list[Problem]:
    # Alternatives of a union fail one by one at the same place; the first says enough.
    return list({(f.where, f.key): f for f in reversed(list(faults))}.values())[::-1]


def _problem(item: dict[str, Any], document: Document, path: tuple, model: Any) -> Problem:
    location = tuple(part for part in item["loc"] if not _is_branch(part))
    full = (*path, *location)
    while (
        document.lines  # a file whose lines are not known keeps the whole way to the value
        and full
        and full not in document.lines
        and len(full) > len(path) + 1
        and item["type"] not in ("missing", "extra_forbidden")
    ):
        full = full[:-1]
    kind, context = item["type"], item.get("ctx", {})
    key = ".".join(map(str, full))
    if kind == "missing":
        return Problem(document.where(*full[:-1]), key, message="is missing and must be given")
    if kind == "extra_forbidden":
        allowed = sorted(_fields_near(model, location[:-1]))
        return Problem(
            document.where(*full),
            key,
            message="unknown key" + (f"; allowed are {', '.join(allowed)}" if allowed else ""),
            hint=did_you_mean(str(location[-1]), allowed),
        )
    value = item["input"] if not isinstance(item["input"], dict | list) else None
    if kind == "literal_error":
        words = [w.strip(" '") for w in context["expected"].replace(" or ", ", ").split(",")]
        return Problem(
            document.where(*full), key, value, f"allowed are {', '.join(words)}", did_you_mean(str(value), words)
        )
    messages = {
        "string_type": "must be a text",
        "int_type": "must be a number",
        "float_type": "must be a number",
        "bool_type": "must be true or false",
        "bool_parsing": "must be true or false",
        "string_too_short": "must not be empty",
        "too_short": "must not be empty",
        "finite_number": "must be a finite number",
        "dict_type": "must be a mapping of keys to values",
        "model_type": "must be a mapping of keys to values",
        "list_type": "must be a list",
        "tuple_type": "must be a list of two numbers",
        "too_long": "must have exactly two entries",
        "string_pattern_mismatch": f"must have the form {context.get('pattern', '')}",
    }
    return Problem(document.where(*full), key, value, messages.get(kind, item["msg"].lower()))


def _is_branch(part: object) -> bool:
    text = str(part)
    return text in ("int", "float", "str", "none") or text.startswith(
        ("tuple[", "literal[", "constrained", "function", "int-", "str-")
    )


def _fields_near(model: Any, location: tuple) -> set[str]:
    for part in location:
        field = getattr(model, "model_fields", {}).get(str(part))
        if field is None:
            arguments = getattr(model, "__args__", ())
            model = arguments[-1] if arguments else None
        else:
            model = field.annotation
    return set(getattr(model, "model_fields", {}))
