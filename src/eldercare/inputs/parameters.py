"""Parameters: definition, default and metadata of every number that a planner can change."""

import math
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import PrivateAttr, StrictBool

from eldercare.inputs import models
from eldercare.inputs.models import DENOMINATORS, UNITS, Context, Fault, Interval, Label, Pair, Value, Word, one_of
from eldercare.inputs.problems import NOTHING, Message, Problem, _, did_you_mean, listed, refuse
from eldercare.inputs.strict_yaml import scalar


class Parameter(models.Grounded):
    """One parameter as it stands in config/parameters."""

    label: Label
    meaning: Label
    # The default; None means not reported, only where `optional`.
    value: Value
    unit: Annotated[str, one_of(UNITS)]
    denominator: Annotated[str, one_of(DENOMINATORS)]
    # The allowed range of a number, or the allowed words.
    bounds: Pair = (-math.inf, math.inf)
    choices: tuple[Word, ...] = ()
    # The 80% interval that drives the draws; None for a fixed value.
    interval: Interval
    integer: StrictBool = False
    optional: StrictBool = False
    _key: str = PrivateAttr("")

    @property
    def key(self) -> str:
        """Name of the parameter."""
        return self._key

    @property
    def span(self) -> str:
        """What a value may be, without a sentence: choices, or the bounds."""
        return ", ".join(self.choices) or f"{self.bounds[0]:g} to {self.bounds[1]:g}"

    @property
    def allowed(self) -> Message:
        """What a value may be, in words."""
        low, high = self.bounds
        if self.choices:
            return listed(self.choices)
        if self.integer and self.optional:
            return _("a whole number from {low:g} to {high:g} is allowed, or none (not reported)", low=low, high=high)
        if self.optional:
            return _("a number from {low:g} to {high:g} is allowed, or none (not reported)", low=low, high=high)
        if self.integer:
            return _("a whole number from {low:g} to {high:g} is allowed", low=low, high=high)
        return _("a number from {low:g} to {high:g} is allowed", low=low, high=high)

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield what does not go together: unit and choices, bounds, value, interval, source."""
        if (self.unit == "choice") != bool(self.choices):
            yield Fault(_("unit choice and a list of choices go together"))
        elif not self.choices and "bounds" not in self.model_fields_set:
            yield Fault(_("is missing and must be given"), path=("bounds",))
        elif not self.bounds[0] < self.bounds[1]:
            yield Fault(_("the lower bound must be below the upper one"), path=("bounds",))
        else:
            # A value can be judged only against sound bounds.
            yield from self.value_faults(self.value, self.interval)
        yield from super().faults(context)

    def value_faults(
        self, value: Any, interval: tuple[float, float] | None, path: tuple[str, ...] = ("value",)
    ) -> Iterator[Fault]:
        """Yield what is wrong with a value of this parameter, or else with an 80% interval around it."""
        least, most = self.bounds
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        message = near = NOTHING
        if self.choices and value not in self.choices:
            message, near = self.allowed, did_you_mean(str(value), self.choices)
        elif not self.choices and not (value is None and self.optional):
            if not is_number or (self.integer and value % 1 != 0):
                message = self.allowed
            elif not least <= value <= most:
                message = _("out of bounds; {allowed}", allowed=self.allowed)
        if message:
            yield Fault(message, near, path, "none" if value is None else value)
        elif interval is not None:
            low, high = interval
            if not is_number:
                message = _("only a number has an interval; write interval: none")
            elif not (least <= low and high <= most):
                message = _("the interval leaves the bounds; {allowed}", allowed=self.allowed)
            elif not low <= value <= high:
                message = _("the interval must contain the value {value:g}", value=value)
            if message:
                yield Fault(message, path=(*path[:-1], "interval"), value=f"[{low:g}, {high:g}]")

    def parse(self, text: object) -> object:
        """Return the value that a text of the command line means; it is checked elsewhere."""
        if not isinstance(text, str) or self.choices:
            return text
        # What stays a text is told as a value that is not allowed, with what is.
        return None if text == "none" else scalar(text)


def unknown_parameter(key: str, known: Collection[str], *path: str) -> Fault:
    """Return the fault of a key that is no parameter, with the nearest spelling."""
    return Fault(_("unknown parameter; eldercare parameters lists them"), did_you_mean(key, known), path)


def load_parameters(root: Path, sources: Collection[str]) -> dict[str, Parameter]:
    """Read config/parameters; raise InputError with every problem of every file."""
    parameters, problems = dict[str, Parameter](), list[Problem]()
    files = models.load_folder(root, "config/parameters", dict[str, Parameter], {"sources": sources})
    for document, entries in files.values():
        for key, parameter in entries.items():
            if key in parameters:
                message = _("is defined twice, first in {place}; keep one", place=parameters[key].where)
                problems.append(Problem(document.where(key), key, message=message))
            parameter._key, parameter._where = key, document.where(key, "value")
            parameters[key] = parameter
    refuse(problems)
    return parameters
