"""Scenarios: named what-ifs, each change with its reason and source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from eldercare.inputs.counties import County
from eldercare.inputs.errors import InputError, Problem, did_you_mean
from eldercare.inputs.models import Change, ScenarioEntry, check
from eldercare.inputs.parameters import Parameter, ends
from eldercare.inputs.steps import Operation, operation_problems
from eldercare.inputs.strict_yaml import Document, read_yaml

NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True)
class Scenario:
    """One scenario: changes for all areas, and changes for single counties."""

    name: str
    label: dict[str, str]
    description: dict[str, str]
    changes: dict[str, Operation]
    county_changes: dict[str, dict[str, Operation]]


def load_scenarios(
    root: Path, parameters: dict[str, Parameter], counties: dict[str, County], sources: set[str]
) -> dict[str, Scenario]:
    """Read config/scenarios, baseline first; raise InputError with every problem of every file."""
    problems: list[Problem] = []
    scenarios: dict[str, Scenario] = {}
    for file in sorted((root / "config" / "scenarios").glob("*.yaml"), key=lambda f: (f.stem != "baseline", f.stem)):
        document = read_yaml(file, file.relative_to(root).as_posix())
        if document.problems:
            problems += document.problems
            continue
        entry, faults = check(ScenarioEntry, document)
        if faults:
            problems += faults
            continue
        if entry.scenario != file.stem:
            problems.append(
                Problem(document.where("scenario"), "scenario", entry.scenario, f"must equal the file name {file.stem}")
            )
        general, faults = _operations(entry.changes, document, ("changes",), parameters, sources)
        problems += faults
        by_county = {}
        for county, changes in entry.county_changes.items():
            path = ("county_changes", county)
            if county not in counties:
                problems.append(
                    Problem(
                        document.where(*path),
                        county,
                        message=f"unknown county; allowed are {', '.join(counties)}",
                        hint=did_you_mean(county, counties),
                    )
                )
            by_county[county], faults = _operations(changes, document, path, parameters, sources)
            problems += faults
            problems += [
                Problem(
                    document.where(*path, key),
                    key,
                    message=f"stands in changes (line {document.lines[('changes', key)]}) and for {county}: "
                    "the same key twice in one layer; list it for each county instead",
                )
                for key in changes
                if key in entry.changes
            ]
        scenarios[file.stem] = Scenario(
            file.stem, entry.label.model_dump(), entry.description.model_dump(), general, by_county
        )
    if not scenarios and not problems:
        problems.append(Problem("config/scenarios", message="holds no scenario file (*.yaml)"))
    if problems:
        raise InputError(problems)
    return scenarios


def _operations(
    changes: dict[str, Change], document: Document, path: tuple, parameters: dict[str, Parameter], sources: set[str]
) -> tuple[dict[str, Operation], list[Problem]]:
    operations, problems = {}, []
    for key, change in changes.items():
        at = (*path, key)
        kinds = [kind for kind in ("set", "multiply", "add") if getattr(change, kind) is not None]
        if len(kinds) != 1:
            problems.append(Problem(document.where(*at), key, message="needs exactly one of set, multiply, add"))
            continue
        kind = kinds[0]
        operation = Operation(
            kind,
            getattr(change, kind),
            ends(change.interval),
            change.interval is not None,
            document.where(*at, kind),
            change.source,
            change.locator,
            change.evidence,
            change.why.model_dump(),
        )
        problems += operation_problems(key, operation, document, at, parameters, sources)
        operations[key] = operation
    return operations, problems
