"""Operations of a layer on a parameter, the steps that they leave behind, and their checks."""

from __future__ import annotations

from dataclasses import dataclass

from eldercare.inputs.errors import Problem, did_you_mean
from eldercare.inputs.parameters import Parameter, source_problem
from eldercare.inputs.strict_yaml import Document


@dataclass(frozen=True)
class Operation:
    """What one layer does to one parameter, and on what ground.

    ``kind`` is set, multiply or add; ``interval_given`` tells an interval of none from one left out.
    """

    kind: str
    operand: float | int | str | None
    interval: tuple[float, float] | None
    interval_given: bool
    where: str
    source: str
    locator: str
    evidence: str
    why: dict[str, str] | None


@dataclass(frozen=True)
class Step:
    """One step of a value's history: layer, place, operation, the value after it, and its source."""

    layer: str
    where: str
    operation: str
    operand: object
    value: object
    interval: tuple[float, float] | None
    source_id: str
    locator: str
    evidence: str
    why: dict[str, str] | None


def unknown_parameter(where: str, key: str, parameters: dict[str, Parameter]) -> Problem:
    """Return the problem of a key that is no parameter, with the nearest spelling."""
    return Problem(
        where, key, message="unknown parameter; eldercare parameters lists them", hint=did_you_mean(key, parameters)
    )


def operation_problems(
    key: str, operation: Operation, document: Document, path: tuple, parameters: dict[str, Parameter], sources: set[str]
) -> list[Problem]:
    """Return what is wrong with an operation in itself; its result is checked when the layers are put together."""
    if key not in parameters:
        return [unknown_parameter(document.where(*path), key, parameters)]
    parameter = parameters[key]
    faults: list[Problem | None] = [
        source_problem(document.where(*path, "source"), key, operation.source, operation.evidence, sources)
    ]
    if operation.kind == "set":
        operand = None if operation.operand == "none" and parameter.optional else operation.operand
        faults.append(parameter.problem(operation.where, operand))
        if faults[-1] is None:
            if parameter.interval is not None and not operation.interval_given:
                faults.append(
                    Problem(
                        document.where(*path),
                        f"{key}.interval",
                        message="is missing: give the 80% interval [low, high] of the new value, or none to fix it",
                    )
                )
            faults.append(parameter.interval_problem(document.where(*path, "interval"), operand, operation.interval))
    elif parameter.choices or isinstance(operation.operand, str):
        faults.append(
            Problem(
                operation.where,
                key,
                operation.operand,
                f"{operation.kind} needs a number and a numeric parameter; use set",
            )
        )
    elif operation.interval_given:
        faults.append(
            Problem(
                document.where(*path, "interval"),
                f"{key}.interval",
                message=f"{operation.kind} changes the interval along with the value; only set takes its own",
            )
        )
    return [fault for fault in faults if fault]
