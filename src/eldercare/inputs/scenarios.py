"""Scenarios: named what-ifs, each change with its reason and source, and the template of a new one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import Field

from eldercare.inputs.counties import County
from eldercare.inputs.models import Context, Fault, Label, Strict, load_folder, misnamed, unknown_county
from eldercare.inputs.operations import Change, operation_faults, place
from eldercare.inputs.parameters import Parameter
from eldercare.inputs.problems import InputError, Problem, _

FOLDER, BASELINE = "config/scenarios", "baseline"
NAME = r"^[a-z0-9_]+$"


class Scenario(Strict):
    """One scenario: changes for all areas, and changes for single counties."""

    name: Annotated[str, Field(pattern=NAME)] = Field(alias="scenario")
    label: Label
    description: Label
    changes: dict[str, Change]
    county_changes: dict[str, dict[str, Change]] = {}

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield faults of the name, of the changes, and of changes made twice."""
        yield from misnamed("scenario", self.name, context)
        yield from operation_faults(self.changes, context, "changes")
        counties = context["counties"]
        for county, changes in self.county_changes.items():
            path = ("county_changes", county)
            if county not in counties:
                yield unknown_county(county, counties, *path)
            yield from operation_faults(changes, context, *path)
            twice = _(
                "stands in changes and for {county}: the same key twice in one layer; list it for each county instead",
                county=county,
            )
            yield from (Fault(twice, path=(*path, key)) for key in changes if key in self.changes)


def load_scenarios(
    root: Path, parameters: Mapping[str, Parameter], counties: Mapping[str, County], sources: Collection[str]
) -> dict[str, Scenario]:
    """Read config/scenarios, baseline first; raise InputError with every problem of every file."""
    context = {"parameters": parameters, "counties": counties, "sources": sources}
    scenarios = {}
    for name, (document, scenario) in load_folder(root, FOLDER, Scenario, context).items():
        place(scenario.changes, document, "changes")
        for county, changes in scenario.county_changes.items():
            place(changes, document, "county_changes", county)
        scenarios[name] = scenario
    return dict(sorted(scenarios.items(), key=lambda item: item[0] != BASELINE))


def write_scenario_template(root: Path, name: str, county: str) -> Path:
    """Write config/scenarios/NAME.yaml, a commented template with a county as example, and return its path.

    Raises
    ------
    InputError
        If the name is not made of small letters, digits and underscores, or the file exists.
    """
    if not re.fullmatch(NAME, name):
        message = _("a name has small letters, digits and underscores only")
        raise InputError(Problem("new-scenario", value=name, message=message))
    path = root / FOLDER / f"{name}.yaml"
    if path.exists():
        raise InputError(Problem(f"{FOLDER}/{name}.yaml", message=_("exists already; choose another name")))
    template = (resources.files("eldercare.inputs") / "scenario_template.yaml").read_text(encoding="utf-8")
    path.write_text(template.format(name=name, title=name.replace("_", " "), county=county), encoding="utf-8")
    return path
