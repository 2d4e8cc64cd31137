"""Counties and scenarios: what their files state on top of the parameters, and the template of a new scenario."""

import re
from collections.abc import Collection, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, ClassVar, Self

import yaml
from pydantic import Field, StrictInt

from eldercare.inputs import models
from eldercare.inputs.guards import write_bytes
from eldercare.inputs.models import Code, Context, Fault, Grounded, Interval, Label, Name, Number, Strict, Value
from eldercare.inputs.parameters import Parameter, unknown_parameter
from eldercare.inputs.problems import InputError, Problem, _, refuse
from eldercare.inputs.strict_yaml import Document

FOLDER, BASELINE = "config/scenarios", "baseline"
# Parameters that move people; any other leaves the projection as it is.
MOVING = ("population.", "mortality.", "fertility.", "migration.")
NAME = r"^[a-z0-9_]{1,80}$"
KINDS = ("set", "multiply", "add")


class Operation(Grounded):
    """What one layer does to one parameter, and on what ground."""

    interval: Interval = None

    @property
    def kind(self) -> str:
        """What is done: set, multiply or add."""
        return next(kind for kind in KINDS if kind in self.model_fields_set)

    @property
    def operand(self) -> float | str | None:
        """The value to set, or the number to multiply by or to add."""
        return getattr(self, self.kind)

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
            kind = {"operation": self.kind}
            message = _("{operation} changes the interval along with the value; only set takes its own", **kind)
            yield Fault(message, path=(*path, "interval"))


def plan_of(kind: str) -> str:
    """Return the parameter beside whose value units of a kind open: the plan that pages about them read."""
    return "meals.plan" if kind == "meal_points" else "supply.plan"


class Opens(Strict):
    """Whole units that a building plan opens by kind and year, below 0 closes; ``nursing`` are beds converted."""

    institution: dict[str, StrictInt] = {}
    nursing: dict[str, StrictInt] = {}
    home_care_centre: dict[str, StrictInt] = {}
    home_care: dict[str, StrictInt] = {}
    meal_points: dict[str, StrictInt] = {}

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield years before new beds open, or after the horizon."""
        first, last = (int(context["parameters"][key].value) for key in ("supply.first_year", "run.horizon"))
        message = _("must be from {low:g} to {high:g}", low=first, high=last)
        for kind, year in ((kind, year) for kind, units in self for year in units):
            if not (year.isdecimal() and first <= int(year) <= last):
                yield Fault(message, path=(kind, year), value=year)


class Fact(Operation):
    """One fact of a county, and the year of which it is."""

    set: Value
    year: StrictInt | None = None
    why: ClassVar[None] = None
    opens: ClassVar[None] = None

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield a fault of a year that no count can be of, and those of the source."""
        last = int(context["parameters"]["supply.first_year"].value) - 1
        if self.year is not None and not 1990 <= self.year <= last:
            yield Fault(_("must be from {low:g} to {high:g}", low=1990, high=last), path=("year",), value=self.year)
        yield from super().faults(context)


class Change(Operation):
    """One change of a scenario: exactly one of set, multiply, add."""

    set: Value = None
    multiply: Number | None = None
    add: Number | None = None
    why: Label
    opens: Opens | None = None
    year: ClassVar[None] = None

    def faults_with(self, parameter: Parameter, *path: str) -> Iterator[Fault]:
        """Yield units to open without the plan that opens them, and what is wrong with any operation."""
        kinds = self.opens.model_fields_set if self.opens else ()
        allowed = parameter.key == "meals.plan" or self.set == "planned"
        if kinds and ({plan_of(kind) for kind in kinds} != {parameter.key} or not allowed):
            message = _("only goes with supply.plan set to planned, and that of meal_points with meals.plan")
            yield Fault(message, path=(*path, "opens"))
        yield from super().faults_with(parameter, *path)

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield a fault unless exactly one thing is done, and those of the source."""
        if sum(kind in self.model_fields_set for kind in KINDS) != 1:
            yield Fault(_("needs exactly one of set, multiply, add"))
        yield from super().faults(context)


class Layer(Strict):
    """A file of operations that bears its name."""

    name: str

    @property
    def operations(self) -> dict[tuple[str, ...], dict[str, Fact | Change]]:
        """Facts or changes by parameter key, by their way in the file."""
        for_all = {(part,): getattr(self, part) for part in ("facts", "changes") if hasattr(self, part)}
        return for_all | {("county_changes", name): own for name, own in getattr(self, "county_changes", {}).items()}

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield faults of the name and of the operations, held against the parameters."""
        if self.name != context["name"]:
            message = _("must equal the file name {name}", name=context["name"])
            yield Fault(message, path=(str(type(self).model_fields["name"].alias),), value=self.name)
        parameters = context["parameters"]
        for path, operations in self.operations.items():
            for key, operation in operations.items():
                if key in parameters:
                    yield from operation.faults_with(parameters[key], *path, key)
                else:
                    yield unknown_parameter(key, parameters, *path, key)

    def placed(self, document: Document) -> Self:
        """Return the same, its operations with file and line."""
        for path, operations in self.operations.items():
            for key, operation in operations.items():
                operation._where = document.where(*path, key, operation.kind)
        return self


class County(Layer):
    """One county file: identifier, six-digit code, name in both languages, and its own facts by parameter key."""

    name: Name = Field(alias="county")
    code: Code
    label: Label
    facts: dict[str, Fact]


class Scenario(Layer):
    """One scenario: changes for all areas, and changes for single counties."""

    name: Annotated[str, Field(pattern=NAME)] = Field(alias="scenario")
    label: Label
    description: Label
    changes: dict[str, Change]
    county_changes: dict[str, dict[str, Change]] = {}

    @property
    def is_of_population(self) -> bool:
        """Whether it differs by people alone, and not by what is done for them."""
        keys = [key for operations in self.operations.values() for key in operations]
        return bool(keys) and all(key.startswith(MOVING) for key in keys)

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield faults of the name, of the changes, and of changes made twice."""
        yield from super().faults(context)
        for county, changes in self.county_changes.items():
            path = ("county_changes", county)
            if county not in context["counties"]:
                yield models.unknown_county(county, context["counties"], *path)
            twice = _(
                "stands in changes and for {county}: the same key twice in one layer; list it for each county instead",
                county=county,
            )
            yield from (Fault(twice, path=(*path, key)) for key in changes if key in self.changes)


def load_counties(root: Path, parameters: Mapping[str, Parameter], sources: Collection[str]) -> dict[str, County]:
    """Read config/counties, ordered by code; raise InputError with every problem of every file."""
    context = {"parameters": parameters, "sources": sources}
    counties, problems = dict[str, County](), list[Problem]()
    for name, (document, county) in models.load_folder(root, "config/counties", County, context).items():
        if any(county.code == other.code for other in counties.values()):
            problems.append(Problem(document.where("code"), "code", county.code, _("stands in two county files")))
        counties[name] = county.placed(document)
    refuse(problems)
    return dict(sorted(counties.items(), key=lambda item: item[1].code))


def load_scenarios(
    root: Path, parameters: Mapping[str, Parameter], counties: Mapping[str, County], sources: Collection[str]
) -> dict[str, Scenario]:
    """Read config/scenarios, baseline first; raise InputError with every problem of every file."""
    context = {"parameters": parameters, "counties": counties, "sources": sources}
    files = models.load_folder(root, FOLDER, Scenario, context)
    scenarios = {name: scenario.placed(document) for name, (document, scenario) in files.items()}
    return dict(sorted(scenarios.items(), key=lambda item: item[0] != BASELINE))


def write_scenario_template(root: Path, name: str, county: str) -> str:
    """Write config/scenarios/NAME.yaml, a commented template with a county as example, and return its name."""
    file = new_file(root, name)
    template = (resources.files("eldercare.inputs") / "scenario_template.yaml").read_text(encoding="utf-8")
    write_bytes(root / file, file, template.format(name=name, title=name.replace("_", " "), county=county).encode())
    return file


def new_file(root: Path, name: str) -> str:
    """Return the file of a new scenario, from the root; InputError if the name is not of a-z, 0-9 and _, or exists."""
    if not re.fullmatch(NAME, name):
        message = _("a name has up to 80 small letters, digits and underscores")
        raise InputError(Problem("scenario", value=name, message=message))
    file = f"{FOLDER}/{name}.yaml"
    if (root / file).exists():
        raise InputError(Problem(file, message=_("exists already; choose another name")))
    return file


def text_of(content: Mapping[str, object]) -> str:
    """Return the text of a file of config."""
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100_000)
