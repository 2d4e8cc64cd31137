"""Layers: default < county < scenario < --set, put together for one area with the history of every value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from eldercare.inputs.city import FILE
from eldercare.inputs.parameters import Parameter, unknown_parameter
from eldercare.inputs.problems import InputError, Message, Problem, _, did_you_mean, kept, refuse
from eldercare.inputs.project import Project
from eldercare.inputs.reads import Reads
from eldercare.inputs.scenarios import Change, Fact, plan_of

Value = float | int | str | None
# Parameters of which the second must not be before the first.
ORDERED = ("meals.first_year", "meals.full_year")


@dataclass(frozen=True)
class Step:
    """One step of a value's history: layer, place, operation, the value after it, and its source.

    ``held`` says that a relative change on top of a county's own value would have left the bounds, and stops there;
    ``year`` is that of a count; ``opens`` are units by kind and year that a building plan opens.
    """

    layer: str
    where: str
    operation: str
    operand: Value
    value: Value
    interval: tuple[float, float] | None
    source_id: str
    locator: str
    evidence: str
    why: dict[str, str] | None
    held: bool = False
    year: int | None = None
    opens: dict[str, dict[str, int]] | None = None


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

    def problem(self, message: Message) -> Problem:
        """Return the problem of this value, at the place that gave it."""
        return Problem(self.trail[-1].where, self.parameter.key, self.value, message)


@dataclass(frozen=True)
class Settings:
    """All parameters of one area under one scenario, and the record of which of them were read.

    ``settings.number("beds.norm")`` is the norm in force, ``settings.read("beds.norm").trail`` its history. `read` and
    what is built on it note the key in the record; looking at ``all`` does not.
    """

    all: Mapping[str, Setting]
    scenario: str = ""
    area: str = ""
    city: str = ""
    reads: Reads = field(default_factory=Reads, repr=False, compare=False)

    def read(self, key: str) -> Setting:
        """Return a parameter's value, interval and history, and note it as read; InputError where there is none."""
        if key not in self.all:
            message = _("no such parameter, and what is computed asks for it")
            raise InputError(Problem("config/parameters", key, message=message, hint=did_you_mean(key, self.all)))
        self.reads.parameters.add((self.scenario, self.area, key))
        return self.all[key]

    def value(self, key: str) -> Any:
        """Return the value in force, whatever its kind."""
        return self.read(key).value

    def number(self, key: str) -> float:
        """Return the value in force of a parameter that is a number; TypeError if it is a word or not reported."""
        return self.read(key).number

    def integer(self, key: str) -> int:
        """Return the value in force of a parameter that is a whole number."""
        return int(self.number(key))

    def choice(self, key: str) -> str:
        """Return the word in force of a parameter that has choices; TypeError if it is a number."""
        if not isinstance(value := self.value(key), str):
            raise TypeError(f"{key} = {value!r} is not a word")
        return value

    def opens(self, kind: str) -> dict[str, int]:
        """Return the units of a kind by year that the scenario's plan in force opens, see ``Opens``."""
        return (self.read(plan_of(kind)).trail[-1].opens or {}).get(kind, {})

    def default(self, key: str) -> float:
        """Return the number before county and scenario; no county's file can change it, so the city's is recorded."""
        self.reads.parameters.add((self.scenario, self.city, key))
        return replace(self.all[key], value=self.all[key].parameter.value).number


def overrides_of(given: object) -> dict[str, object]:
    """Return overrides as a mapping, also those that papermill hands on as text; InputError if they are none.

    Examples
    --------
    >>> overrides_of('{"beds.norm": 55}'), overrides_of("beds.norm: 55"), overrides_of(None)
    ({'beds.norm': 55}, {'beds.norm': 55}, {})
    """
    try:
        found = (yaml.safe_load(given) if isinstance(given, str) else given) or {}
    except yaml.YAMLError:
        found = None
    if not isinstance(found, Mapping):
        message = _("a parameter with its value is wanted, such as {example}", example='{"beds.norm": 55}')
        raise InputError(Problem("overrides", "", given, message))
    return dict(found)


def resolve(project: Project, area: str, scenario: str, overrides: Mapping[str, object] | None = None) -> Settings:
    """Put the layers together for a county, or for the city, which has no county layer.

    ``overrides`` are by parameter key a value, or its text as typed; one set this way is fixed, not drawn.

    InputError with unknown area, scenario or key; a value that is not allowed after any layer; a year before the one
    that it follows.
    """
    given = dict(overrides or {})
    problems = check_names(project, [area], [scenario])
    unknown = [(key, unknown_parameter(key, project.parameters)) for key in given if key not in project.parameters]
    problems += [Problem("--set", key, None, fault.message, fault.hint) for key, fault in unknown]
    refuse(problems)
    what_if = project.scenarios[scenario]
    facts = project.counties[area].facts if area in project.counties else {}
    changes = {**what_if.changes, **what_if.county_changes.get(area, {})}
    if not project.plain:
        # Of parameters that no layer changes.
        for key, default in project.parameters.items():
            value, ground = default.value, (default.source, default.locator, default.evidence, None)
            step = Step("default", default.where, "default", value, value, default.interval, *ground)
            project.plain[key] = Setting(default, value, default.interval, (step,))
    settings = dict(project.plain)
    for key in (key for key in settings if key in facts or key in changes or key in given):
        parameter, trail = project.parameters[key], [*settings[key].trail]
        with kept(problems):
            for layer, operation in (("county", facts.get(key)), ("scenario", changes.get(key))):
                if operation is not None:
                    trail.append(apply(parameter, layer, operation, trail[-1]))
            if key in given:
                set_to = _allowed(parameter, "--set", parameter.parse(given[key]), None)
                ground = ("none", "given with this request; fixed, not drawn", "assumption", None)
                trail.append(Step("set", "--set", "set", set_to, set_to, None, *ground))
            settings[key] = Setting(parameter, trail[-1].value, trail[-1].interval, tuple(trail))
    refuse(problems or _joint_problems(settings, project.city.last_year))
    return Settings(settings, scenario, area, project.city.id, project.reads)


def check_names(project: Project, areas: Sequence[str], scenarios: Sequence[str]) -> list[Problem]:
    """Return the problems of names of areas and scenarios, with the nearest spelling."""
    of_area = _("unknown area; allowed are {names}", names=", ".join(project.areas))
    of_scenario = _("unknown scenario; allowed are {names}", names=", ".join(project.scenarios))
    kinds = ("area", areas, project.areas, of_area), ("scenario", scenarios, project.scenarios, of_scenario)
    problems = list[Problem]()
    for kind, names, known, message in kinds:
        problems += [Problem(kind, "", name, message, did_you_mean(name, known)) for name in names if name not in known]
    return problems


def _joint_problems(settings: Mapping[str, Setting], last: int) -> Iterator[Problem]:
    """Yield years out of their order, and a horizon before the last year that is shown."""
    horizon, start, end = (settings[key] for key in ("run.horizon", *ORDERED))
    if horizon.number < last:
        fields: dict[str, object] = {"key": "milestones", "value": last, "where": FILE}
        yield horizon.problem(_("must not be before {key} = {value:g} of {where}", **fields))
    if end.number < start.number:
        fields = {"key": start.parameter.key, "value": start.number, "where": start.trail[-1].where}
        yield end.problem(_("must not be before {key} = {value:g} of {where}", **fields))


def apply(parameter: Parameter, layer: str, operation: Fact | Change, before: Step) -> Step:
    """Return the step of a layer after the one before; InputError when its value or interval is not allowed."""
    value, interval, kind, operand = before.value, before.interval, operation.kind, operation.operand
    held = False
    if kind == "set":
        value, interval = operand, operation.interval
    elif not isinstance(value, int | float) or not isinstance(operand, int | float):
        message = _("cannot {operation} a value that is not reported", operation=kind)
        raise InputError(Problem(operation.where, parameter.key, operand, message))
    else:
        factor, summand = (operand, 0) if kind == "multiply" else (1, operand)
        figures = [one * factor + summand for one in (value, *(interval or ()))]
        if before.layer == "county":
            # The scenario was written without knowing the county's value, and the county without knowing the scenario.
            least, most = parameter.bounds
            bounded = [min(max(one, least), most) for one in figures]
            held, figures = bounded != figures, bounded
        value, *ends = figures
        interval = (min(ends), max(ends)) if ends else None
    ground = (operation.source, operation.locator, operation.evidence, operation.why)
    opens = operation.opens.model_dump() if operation.opens else None
    _allowed(parameter, operation.where, value, interval)
    return Step(layer, operation.where, kind, operand, value, interval, *ground, held, operation.year, opens)


def _allowed(parameter: Parameter, where: str, value: Any, interval: tuple[float, float] | None) -> Any:
    """Return the value; InputError when it or its interval is not allowed."""
    faults = parameter.value_faults(value, interval)
    refuse([Problem(where, parameter.key, fault.value, fault.message, fault.hint) for fault in faults])
    return value
