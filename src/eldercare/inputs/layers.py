"""Layers: default < county < scenario < --set, put together for one area with the history of every value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from eldercare.inputs.errors import InputError, Problem, did_you_mean
from eldercare.inputs.parameters import Parameter
from eldercare.inputs.project import Project
from eldercare.inputs.reads import Reads
from eldercare.inputs.scenarios import Scenario
from eldercare.inputs.steps import Operation, Step, unknown_parameter

Value = float | int | str | None
# Parameters of which the second must not be before the first.
ORDERED = (("meals.first_year", "meals.full_year"),)


@dataclass(frozen=True)
class Setting:
    """A parameter's value in force, its interval, and the steps that led to it."""

    parameter: Parameter
    value: Value
    interval: tuple[float, float] | None
    trail: tuple[Step, ...]

    @property
    def number(self) -> float:
        """The value of a parameter that is a number; TypeError if it is a word or not reported."""
        if not isinstance(self.value, int | float):
            raise TypeError(f"{self.parameter.key} = {self.value!r} is not a number")
        return self.value

    @property
    def overridden(self) -> bool:
        """Whether the request itself (--set) changed the value."""
        return self.trail[-1].layer == "set"


class Settings:
    """All parameters of one area under one scenario, and the record of which of them were read.

    `read` and what is built on it (`value`, `number`, `integer`, `choice`, `optional`) note the key in the record;
    `all` and asking for the keys do not.

    Parameters
    ----------
    settings : mapping of str to Setting
    scenario, area, city : str
        Names in the record.
    reads : Reads, optional
        The record.

    Examples
    --------
    ``settings.number("beds.norm")`` is the norm in force, ``settings.read("beds.norm").trail`` its history.
    """

    def __init__(
        self,
        settings: Mapping[str, Setting],
        scenario: str = "",
        area: str = "",
        reads: Reads | None = None,
        city: str = "",
    ):
        self.all = MappingProxyType(dict(settings))
        self._names = (scenario, area, city)
        self._reads = Reads() if reads is None else reads

    def __contains__(self, key: object) -> bool:
        return key in self.all

    def __iter__(self) -> Iterator[str]:
        return iter(self.all)

    def __getitem__(self, key: str) -> Setting:
        return self.read(key)

    def read(self, key: str) -> Setting:
        """Return a parameter's value, interval and history, and note it as read."""
        scenario, area, _ = self._names
        self._reads.parameters.add((scenario, area, key))
        return self.all[key]

    def value(self, key: str) -> Any:
        """Return the value in force, whatever its kind."""
        return self.read(key).value

    def number(self, key: str) -> float:
        """Return the value in force of a parameter that is a number.

        Raises
        ------
        TypeError
            If it is a word, or not reported.
        """
        return self.read(key).number

    def integer(self, key: str) -> int:
        """Return the value in force of a parameter that is a whole number."""
        return int(self.number(key))

    def choice(self, key: str) -> str:
        """Return the word in force of a parameter that has choices; raise TypeError if it is a number."""
        value = self.read(key).value
        if not isinstance(value, str):
            raise TypeError(f"{key} = {value!r} is not a word")
        return value

    def optional(self, key: str) -> float | None:
        """Return the value in force of a parameter that may be not reported, which is None."""
        setting = self.read(key)
        return None if setting.value is None else setting.number

    def default(self, key: str) -> float:
        """Return the number before county and scenario; no county's file can change it, so the city's is recorded."""
        scenario, _, city = self._names
        self._reads.parameters.add((scenario, city, key))
        parameter = self.all[key].parameter
        return Setting(parameter, parameter.value, None, ()).number

    def changed(self, change: Callable[[Setting], Setting]) -> Settings:
        """Return settings with every one changed, which go on in the same record."""
        scenario, area, city = self._names
        return Settings({key: change(setting) for key, setting in self.all.items()}, scenario, area, self._reads, city)


def resolve(project: Project, area: str, scenario: str, overrides: Mapping[str, object] | None = None) -> Settings:
    """Put the layers together.

    Parameters
    ----------
    project : Project
    area : str
        A county, or the city, which has no county layer.
    scenario : str
    overrides : mapping, optional
        Parameter key to value, or to its text as typed; a value set this way is fixed, not drawn.

    Raises
    ------
    InputError
        Unknown area, scenario or key; a value that is not allowed after any layer; a year before the one
        that it follows.
    """
    given = dict(overrides or {})
    problems = check_names(project, [area], [scenario])
    problems += [unknown_parameter("--set", key, project.parameters) for key in given if key not in project.parameters]
    if problems:
        raise InputError(problems)
    what_if = project.scenarios[scenario]
    facts = project.counties[area].facts if area != project.city.id else {}
    settings = {}
    for key, parameter in project.parameters.items():
        try:
            settings[key] = _resolve_one(parameter, facts.get(key), _changes(what_if, area, key), given, scenario)
        except InputError as error:
            problems += error.problems
    if not problems:
        problems = together_problems(settings)
        problems += [problem for first, last in ORDERED if (problem := _order(settings[first], settings[last]))]
    if problems:
        raise InputError(problems)
    return Settings(settings, scenario, area, project.reads, project.city.id)


def together_problems(settings: Mapping[str, Setting]) -> list[Problem]:
    """Return the faults of values that must fit together: shares by setting leave somebody or nobody at home."""
    problems = []
    for key in settings:
        other = key.replace("institution_share", "home_care_centre_share")
        if not key.startswith("need.") or other == key or other not in settings:
            continue
        first, second = settings[key], settings[other]
        if first.number + second.number > 1 + 1e-9:
            later = max((first, second), key=lambda one: len(one.trail))
            message = (
                f"together with {other if later is first else key} it is {first.number + second.number:g}; "
                "the two may add to 1 at most, the rest is care at home"
            )
            problems.append(Problem(later.trail[-1].where, later.parameter.key, later.value, message))
    return problems


def _order(first: Setting, last: Setting) -> Problem | None:
    if last.number >= first.number:
        return None
    message = f"must not be before {first.parameter.key} = {first.number:g}"
    later = max((first, last), key=lambda one: len(one.trail))
    return Problem(later.trail[-1].where, last.parameter.key, last.value, message)


def check_names(project: Project, areas: list[str], scenarios: list[str]) -> list[Problem]:
    """Return the problems of names of areas and scenarios, with the nearest spelling."""
    known = {"area": list(project.areas), "scenario": list(project.scenarios)}
    return [
        Problem(
            what,
            value=name,
            message=f"unknown {what}; allowed are {', '.join(known[what])}",
            hint=did_you_mean(name, known[what]),
        )
        for what, names in (("area", areas), ("scenario", scenarios))
        for name in names
        if name not in known[what]
    ]


def _changes(scenario: Scenario, area: str, key: str) -> Operation | None:
    return scenario.county_changes.get(area, {}).get(key) or scenario.changes.get(key)


def _resolve_one(
    parameter: Parameter,
    fact: Operation | None,
    change: Operation | None,
    overrides: Mapping[str, object],
    scenario: str,
) -> Setting:
    trail = [
        Step(
            "default",
            parameter.where,
            "default",
            parameter.value,
            parameter.value,
            parameter.interval,
            parameter.source,
            parameter.locator,
            parameter.evidence,
            None,
        )
    ]
    for layer, operation in (("county", fact), ("scenario", change)):
        if operation is not None:
            trail.append(_apply(parameter, layer, operation, trail[-1]))
    if parameter.key in overrides:
        value = parameter.parse(overrides[parameter.key])
        problem = parameter.problem("--set", value)
        if problem:
            raise InputError(problem)
        trail.append(
            Step(
                "set",
                "--set",
                "set",
                value,
                value,
                None,
                "none",
                "given with this request; fixed, not drawn",
                "assumption",
                None,
            )
        )
    return Setting(parameter, trail[-1].value, trail[-1].interval, tuple(trail))


def _apply(parameter: Parameter, layer: str, operation: Operation, before: Step) -> Step:
    value, interval = before.value, before.interval
    if operation.kind == "set":
        value = None if operation.operand == "none" and not parameter.choices else operation.operand
        interval = operation.interval
    elif value is None:
        raise InputError(
            Problem(
                operation.where,
                parameter.key,
                operation.operand,
                f"cannot {operation.kind} a value that is not reported",
            )
        )
    elif operation.kind == "multiply":
        value = value * operation.operand
        interval = interval and tuple(sorted(end * operation.operand for end in interval))
    else:
        value = value + operation.operand
        interval = interval and tuple(end + operation.operand for end in interval)
    problem = parameter.problem(operation.where, value) or parameter.interval_problem(operation.where, value, interval)
    if problem:
        raise InputError(problem)
    return Step(
        layer,
        operation.where,
        operation.kind,
        operation.operand,
        value,
        interval,
        operation.source,
        operation.locator,
        operation.evidence,
        operation.why,
    )
