"""Operations of a layer on a parameter: the facts of a county and the changes of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import PrivateAttr

from eldercare.inputs.models import Context, Fault, Grounded, Interval, Label, Number, Value
from eldercare.inputs.parameters import Parameter, unknown_parameter
from eldercare.inputs.problems import _
from eldercare.inputs.strict_yaml import Document

KINDS = ("set", "multiply", "add")


class Operation(Grounded):
    """What one layer does to one parameter, and on what ground; ``where`` is its file and line."""

    interval: Interval = None
    _where: str = PrivateAttr("")

    @property
    def kinds(self) -> list[str]:
        """Which of set, multiply, add are given; one of them when the operation is sound."""
        return [kind for kind in KINDS if kind in self.model_fields_set]

    @property
    def kind(self) -> str:
        """What is done: set, multiply or add."""
        return self.kinds[0]

    @property
    def operand(self) -> float | str | None:
        """The value to set, or the number to multiply by or to add."""
        return getattr(self, self.kind)

    @property
    def where(self) -> str:
        """File and line."""
        return self._where

    def faults_with(self, parameter: Parameter, *path: str) -> Iterator[Fault]:
        """Yield what is wrong with the operation in itself; its result is checked when the layers are put together."""
        interval_given = "interval" in self.model_fields_set
        if self.kind == "set":
            faults = list(parameter.value_faults(self.operand, self.interval, (*path, "set")))
            if not faults and parameter.interval is not None and not interval_given:
                message = _("is missing: give the 80% interval [low, high] of the new value, or none to fix it")
                faults.append(Fault(message, path=(*path, "interval")))
            yield from faults
        elif parameter.choices:
            message = _("{operation} needs a number and a numeric parameter; use set", operation=self.kind)
            yield Fault(message, path=(*path, self.kind), value=self.operand)
        elif interval_given:
            message = _(
                "{operation} changes the interval along with the value; only set takes its own", operation=self.kind
            )
            yield Fault(message, path=(*path, "interval"))


class Fact(Operation):
    """One fact of a county."""

    set: Value
    why: ClassVar[None] = None


class Change(Operation):
    """One change of a scenario: exactly one of set, multiply, add."""

    set: Value = None
    multiply: Number | None = None
    add: Number | None = None
    why: Label

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield a fault unless exactly one thing is done, and those of the source."""
        if len(self.kinds) != 1:
            yield Fault(_("needs exactly one of set, multiply, add"))
        yield from super().faults(context)


def operation_faults(operations: Mapping[str, Operation], context: Context, *path: str) -> Iterator[Fault]:
    """Yield what is wrong with the operations of a layer, held against the parameters."""
    for key, operation in operations.items():
        parameter = context["parameters"].get(key)
        if parameter is None:
            yield unknown_parameter(key, context["parameters"], *path, key)
        else:
            yield from operation.faults_with(parameter, *path, key)


def place(operations: Mapping[str, Operation], document: Document, *path: str) -> None:
    """Note the file and line of each operation in it."""
    for key, operation in operations.items():
        operation._where = document.where(*path, key, operation.kind)
