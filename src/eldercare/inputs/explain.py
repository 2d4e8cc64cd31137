"""What settings are and where they come from, as text for the terminal."""

import unicodedata
from collections.abc import Mapping, Sequence

from eldercare.inputs.layers import Settings
from eldercare.inputs.models import DENOMINATORS, EVIDENCE, UNITS
from eldercare.inputs.parameters import unknown_parameter
from eldercare.inputs.problems import InputError, Problem
from eldercare.inputs.project import Project


def explain(project: Project, settings: Settings, key: str) -> str:
    """Return a parameter's meaning and value, and what each layer did to it; InputError if there is no such one."""
    if key not in settings.all:
        fault = unknown_parameter(key, settings.all)
        raise InputError(Problem("explain", "", key, fault.message, fault.hint))
    setting = settings.read(key)
    parameter = setting.parameter
    rows = [
        ("", _both(parameter.label)),
        ("meaning", parameter.meaning["en"]),
        ("", parameter.meaning["zh"]),
        ("value", _value(setting.value)),
        ("unit", _both(UNITS[parameter.unit])),
        ("denominator", _both(DENOMINATORS[parameter.denominator])),
        ("allowed", parameter.span + (", or none (not reported)" if parameter.optional else "")),
        ("80% interval", _interval(setting.interval)),
    ]
    lines = [key, *(f"  {name:<13}{text}" for name, text in rows)]
    for step in setting.trail:
        change = "" if step.operation in ("default", "set") else f"{step.operation} {_value(step.operand)} = "
        source = project.sources.get(step.source_id)
        rows = [
            ("interval", _interval(step.interval)),
            ("evidence", _both(EVIDENCE[step.evidence])),
            ("source", f"{source.title} [{step.source_id}]" if source else "none"),
            ("locator", step.locator),
            *([("why", _both(step.why))] if step.why else []),
        ]
        held = ", held at the bound" if step.held else ""
        lines += ["", f"  {step.layer}: {change}{_value(step.value)}{held}   ({step.where})"]
        lines += [f"    {name:<11}{text}" for name, text in rows]
    return "\n".join(lines)


def parameter_rows(settings: Settings) -> list[tuple[str, ...]]:
    """Return a row of words for each parameter, the first with the names of the columns."""
    rows: list[tuple[str, ...]] = [("key", "value", "unit", "allowed", "80% interval", "evidence", "source")]
    for key, setting in settings.all.items():
        last = setting.trail[-1]
        words = (_value(setting.value), setting.parameter.unit, setting.parameter.span, _interval(setting.interval))
        rows.append((key, *words, last.evidence, last.source_id))
    return rows


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of words as a table with straight columns.

    Examples
    --------
    >>> print(aligned([("name", "value"), ("县", "1")]))
    name  value
    县    1
    """
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    padded = [[word + " " * (width - width_of(word)) for word, width in zip(row, widths, strict=True)] for row in rows]
    return "\n".join("  ".join(row).rstrip() for row in padded)


def width_of(text: str) -> int:
    """Return the columns that a text takes, two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _value(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _interval(interval: tuple[float, float] | None) -> str:
    return "fixed" if interval is None else f"{interval[0]:g} to {interval[1]:g}"


def _both(versions: Mapping[str, str]) -> str:
    return f"{versions['en']} · {versions['zh']}"
