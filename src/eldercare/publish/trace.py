"""Trace: one published number with its meaning, the parameters and tables behind it, their sources, and the run."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any

from eldercare.inputs import CITY, InputError, Project
from eldercare.inputs.errors import Problem, did_you_mean
from eldercare.inputs.vocabulary import EVIDENCE
from eldercare.model.launch import CENSUS_TABLE
from eldercare.model.run import READS
from eldercare.model.store import TABLES
from eldercare.publish.dictionary import Table, tables
from eldercare.publish.keys import file_digest
from eldercare.publish.repeat import read_manifest

# Notebook whose parameter families a table reads, and the tables of data/raw beyond those of the projection.
NOTEBOOK = {
    "population": "02_population",
    "beds": "03_beds",
    "crossing": "03_beds",
    "meals": "04_meals",
    "services": "05_services",
}
BEDS = ("report_2018", "disability_prevalence", "bed_changes")
RAW: dict[str, tuple[str, ...]] = {
    "population": (),
    "beds": BEDS,
    "crossing": BEDS,
    "meals": ("report_2018", "geography", "meal_point_sites", "meal_demand_places"),
    "services": BEDS,
}


def trace(project: Project, name: str, conditions: Sequence[str], scenario: str) -> str:
    """Return where a published number comes from.

    Parameters
    ----------
    project : Project
    name : str
        A published table.
    conditions : sequence of str
        ``KEY=VALUE`` for columns of the row's key, and the column wanted; all columns when none is named.
    scenario : str

    Raises
    ------
    InputError
        If a name is not known, nothing is published, or not exactly one row fits.
    """
    table = _table(name)
    wanted, columns = _conditions(table, conditions, scenario)
    row, run_id = _row(project, table, wanted, scenario)
    manifest = read_manifest(project.root / "outputs" / "runs" / f"{run_id}.json")
    lines = [f"{name} {' '.join(f'{c.name}={row[c.name]}' for c in table.columns if c.key)}"]
    for column in table.columns:
        if column.name in columns or (not columns and not column.key):
            unit = "" if column.unit["en"] == "none" else f" {column.unit['en']}"
            lines += [f"  {column.name} = {row[column.name] or 'empty'}{unit}", f"    {column.meaning['en']}"]
            lines += [f"    {column.meaning['zh']}"]
    if row.get("allocated") == "true":
        lines += ["  allocated: a share of the city's total, since no county figure was published"]
    lines += ["", *_run(manifest, scenario), "", *_parameters(project, manifest, name, row.get("area", CITY), scenario)]
    return "\n".join([*lines, "", *_raw(project, manifest, name)])


def _table(name: str) -> Table:
    if name not in tables():
        message = f"no such table; there are {', '.join(tables())}"
        raise InputError(Problem("trace", "table", name, message, did_you_mean(name, tables())))
    return tables()[name]


def _conditions(table: Table, given: Sequence[str], scenario: str) -> tuple[dict[str, str], list[str]]:
    names, keys = [c.name for c in table.columns], [c.name for c in table.columns if c.key]
    wanted, columns, problems = {"scenario": scenario}, [], []
    for word in given:
        key, equals, value = word.partition("=")
        allowed = keys if equals else names
        if key not in allowed:
            what = "no part of the key" if equals else "no column"
            message = f"{what} of {table.name}; there are {', '.join(allowed)}"
            problems.append(Problem("trace", value=key, message=message, hint=did_you_mean(key, allowed)))
        elif not equals:
            columns.append(key)
        elif key in wanted and wanted[key] != value:
            problems.append(Problem("trace", key, value, "is given twice; give it once"))
        else:
            wanted[key] = value
    if problems:
        raise InputError(problems)
    return wanted, columns


def _row(project: Project, table: Table, wanted: Mapping[str, str], scenario: str) -> tuple[dict[str, str], str]:
    folder = project.root / "outputs" / "tables" / scenario
    if scenario not in project.scenarios:
        message = f"unknown scenario; allowed are {', '.join(project.scenarios)}"
        raise InputError(Problem("scenario", value=scenario, message=message))
    try:
        with (folder / f"{table.name}.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        run_id = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["run_id"]
    except (OSError, ValueError, KeyError) as error:
        where = f"outputs/tables/{scenario}/{table.name}.csv"
        message = f"is not published yet; eldercare run --scenario {scenario} makes it"
        raise InputError(Problem(where, message=message)) from error
    left = rows
    for key, value in wanted.items():
        values = list(dict.fromkeys(row[key] for row in left))
        left = [row for row in left if row[key] == value or (key == "norm" and _equal(row[key], value))]
        if not left:
            shown = values if len(values) < 15 else [*values[:6], "...", values[-1]]
            message = f"no such row; allowed are {', '.join(shown)}"
            raise InputError(Problem("trace", key, value, message, did_you_mean(value, values)))
    if len(left) > 1:
        open_keys = [c.name for c in table.columns if c.key and len({row[c.name] for row in left}) > 1]
        values = list(dict.fromkeys(row[open_keys[0]] for row in left))
        shown = values if len(values) < 15 else [*values[:3], "...", values[-1]]
        message = f"{len(left)} rows fit; add {open_keys[0]}={'|'.join(shown)}"
        raise InputError(Problem("trace", message=message))
    return left[0], run_id


def _equal(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _run(manifest: Mapping[str, Any], scenario: str) -> list[str]:
    settings = _settings(manifest, CITY, scenario)
    versions = manifest["versions"]
    names = ("eldercare", "python", "numpy", "pandas", "scipy")
    return [
        f"run {manifest['run_id']}, started {manifest.get('clock', {}).get('started', 'unknown')}",
        f"  seed {settings['run.seed']['value']}, draws {settings['run.draws']['value']}, "
        + ", ".join(f"{name} {versions[name]}" for name in names if name in versions),
        f"  repeat it: eldercare run --manifest outputs/runs/{manifest['run_id']}.json",
    ]


def _settings(manifest: Mapping[str, Any], area: str, scenario: str) -> dict[str, Any]:
    # The manifest writes the city out, and of the counties what differs from it.
    areas = manifest["parameters"][scenario]
    return areas[CITY] | areas.get(area, {})


def _parameters(project: Project, manifest: Mapping[str, Any], name: str, area: str, scenario: str) -> list[str]:
    families = READS[NOTEBOOK[name]]
    settings = _settings(manifest, area, scenario)
    definition = settings["need.definition"]["value"]
    other = tuple(f"need.{one}." for one in ("survey", "administrative", "census") if one != definition)
    lines = [f"parameters that it may depend on ({area}, {scenario})"]
    for key, entry in settings.items():
        if not key.startswith(families) or key.startswith(other):
            continue
        lines.append(f"  {key} = {entry['value']}" + (f"  80% {entry['interval']}" if entry["interval"] else ""))
        for step in entry["trail"]:
            source = project.sources.get(step["source"])
            title = f"{source.title} [{step['source']}]" if source else "no source"
            what = f"{step['operand']}" if step["operation"] == "default" else f"{step['operation']} {step['operand']}"
            lines.append(
                f"    {step['layer']}: {what}  {EVIDENCE[step['evidence']]['en']}; "
                f"{title}; {step['locator']} ({step['where']})"
            )
    return lines


def _raw(project: Project, manifest: Mapping[str, Any], name: str) -> list[str]:
    lines = ["tables of data/raw that it rests on, with their sources"]
    for raw in (one for one in (*TABLES, CENSUS_TABLE, *RAW[name]) if one in project.tables):
        file = f"data/raw/{raw}.csv"
        digest = manifest["inputs"].get(file, "")
        changed = "" if file_digest(project.root / file) == digest else "  CHANGED since the run"
        lines.append(f"  {file}  sha256 {digest[:12]}{changed}")
        for source_id in dict.fromkeys(project.table(raw)["source_id"]):
            source = project.sources[source_id]
            address = f"; {source.url}" if source.url else ""
            lines.append(f"    {source_id}: {source.title}, {source.publisher} ({source.quality}){address}")
    return lines
