"""Counties: what each county file states about its own county."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eldercare.inputs.errors import InputError, Problem
from eldercare.inputs.models import CountyEntry, check
from eldercare.inputs.parameters import Parameter, ends
from eldercare.inputs.steps import Operation, operation_problems
from eldercare.inputs.strict_yaml import read_yaml


@dataclass(frozen=True)
class County:
    """One county: identifier, six-digit code, name in both languages, and its own facts by parameter key."""

    name: str
    code: str
    label: dict[str, str]
    facts: dict[str, Operation] = field(default_factory=dict)


def load_counties(root: Path, parameters: dict[str, Parameter], sources: set[str]) -> dict[str, County]:
    """Read config/counties, ordered by code; raise InputError with every problem of every file."""
    problems: list[Problem] = []
    counties: list[County] = []
    for file in sorted((root / "config" / "counties").glob("*.yaml")):
        document = read_yaml(file, file.relative_to(root).as_posix())
        if document.problems:
            problems += document.problems
            continue
        entry, faults = check(CountyEntry, document)
        if faults:
            problems += faults
            continue
        if entry.county != file.stem:
            problems.append(
                Problem(document.where("county"), "county", entry.county, f"must equal the file name {file.stem}")
            )
        facts = {}
        for key, fact in entry.facts.items():
            path = ("facts", key)
            operation = Operation(
                "set",
                fact.set,
                ends(fact.interval),
                fact.interval is not None,
                document.where(*path, "set"),
                fact.source,
                fact.locator,
                fact.evidence,
                None,
            )
            problems += operation_problems(key, operation, document, path, parameters, sources)
            facts[key] = operation
        counties.append(County(entry.county, entry.code, entry.label.model_dump(), facts))
    codes = [county.code for county in counties]
    problems += [
        Problem(f"config/counties/{c.name}.yaml", "code", c.code, "stands in two county files")
        for c in counties
        if codes.count(c.code) > 1
    ]
    if not counties and not problems:
        problems.append(Problem("config/counties", message="holds no county file (*.yaml)"))
    if problems:
        raise InputError(problems)
    return {county.name: county for county in sorted(counties, key=lambda c: c.code)}
