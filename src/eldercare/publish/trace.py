"""Trace: one published number with its meaning, the parameters and tables that it was made from, sources and run."""

import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from eldercare.inputs import InputError, Problem, Project, did_you_mean
from eldercare.inputs.guards import read_bytes, read_json
from eldercare.inputs.layers import check_names
from eldercare.inputs.models import EVIDENCE
from eldercare.inputs.problems import _, refuse
from eldercare.inputs.reads import Reads
from eldercare.model import Results
from eldercare.publish.dictionary import Table, tables
from eldercare.publish.keys import file_digest
from eldercare.publish.manifest import RunId, is_sealed
from eldercare.publish.repeat import Manifest, read_manifest

# Of more values than this only the first and the last are named.
FEW = 14
Settings = Mapping[str, Mapping[str, Any]]
VERSIONS = ("eldercare", "python", "numpy", "pandas", "scipy")


def trace(project: Project, name: str, conditions: Sequence[str], scenario: str) -> str:
    """Return where a published number comes from.

    What a table is made from is not listed anywhere: its row is computed again and what is read on the way counts.
    ``conditions`` are ``KEY=VALUE`` for columns of the row's key, and names of the columns wanted; all when none is
    named. InputError if a name is not known, nothing is published, or not exactly one row fits.
    """
    refuse(check_names(project, [], [scenario]))
    if name not in tables():
        message = _("no such table; there are {names}", names=", ".join(tables()))
        raise InputError(Problem("trace", "table", name, message, did_you_mean(name, tables())))
    table = tables(years=project.city.years_ahead)[name]
    wanted, columns = _asked(table, conditions, scenario)
    row, run_id = _row(project.root / "outputs" / "tables" / scenario, table, wanted)
    file = project.root / "outputs" / "runs" / f"{run_id}.json"
    manifest = read_manifest(file)
    if not is_sealed(file.read_bytes()):
        raise InputError(Problem(str(file), message=_("was altered after the run; nothing can be traced by it")))
    own = project.apart()
    Results(row["area"], scenario, project=own).table(name)
    settings = manifest["parameters"][scenario]
    blocks = [_number(table, row, columns), _run(manifest, settings[project.city.id])]
    blocks += _parameters(project, settings, own.reads, row["area"], scenario), _raw(project, manifest, own.reads)
    return "\n\n".join(map("\n".join, blocks))


def _asked(table: Table, conditions: Iterable[str], scenario: str) -> tuple[dict[str, str], list[str]]:
    """Return what the row's key must be, and the columns asked for."""
    wanted, columns, problems = {"scenario": scenario}, [], []
    for word in conditions:
        key, equals, value = word.partition("=")
        allowed = [column.name for column in table.columns if column.key or not equals]
        if key not in allowed:
            names = {"table": table.name, "names": ", ".join(allowed)}
            no_key = _("no part of the key of {table}; there are {names}", **names)
            message = no_key if equals else _("no column of {table}; there are {names}", **names)
            problems.append(Problem("trace", value=key, message=message, hint=did_you_mean(key, allowed)))
        elif not equals:
            columns.append(key)
        elif wanted.setdefault(key, value) != value:
            problems.append(Problem("trace", key, value, _("is given twice; give it once")))
    refuse(problems)
    return wanted, columns


def _row(folder: Path, table: Table, wanted: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Return the one row that fits, as text, and the run that made it."""
    try:
        content = io.BytesIO(read_bytes(folder / f"{table.name}.csv", table.name))
        left = pd.read_csv(content, dtype=str, keep_default_na=False)
        run_id = TypeAdapter(RunId).validate_python(read_json(folder / "datapackage.json", table.name)["run_id"])
    except (ValueError, LookupError, TypeError) as error:
        message = _("is not published yet; {command} makes it", command=f"eldercare run --scenario {folder.name}")
        raise InputError(Problem(f"outputs/tables/{folder.name}/{table.name}.csv", message=message)) from error
    for key, value in wanted.items():
        there, numbers = list(left[key].unique()), pd.to_numeric(left[key], errors="coerce")
        left = left[(left[key] == value) | (numbers == pd.to_numeric(value, errors="coerce"))]
        if left.empty:
            message = _("no such row; allowed are {values}", values=_some(there, ", "))
            raise InputError(Problem("trace", key, value, message, did_you_mean(value, there)))
    if len(left) > 1:
        found = {column.name: list(left[column.name].unique()) for column in table.columns if column.key}
        what = " ".join(f"{key}={_some(values, '|')}" for key, values in found.items() if len(values) > 1)
        raise InputError(Problem("trace", message=_("{number} rows fit; add {what}", number=len(left), what=what)))
    return left.iloc[0].to_dict(), run_id


def _some(values: list[str], joint: str) -> str:
    return joint.join(values if len(values) <= FEW else [*values[:6], "...", values[-1]])


def _number(table: Table, row: Mapping[str, str], columns: Collection[str]) -> list[str]:
    lines = [f"{table.name} {' '.join(f'{c.name}={row[c.name]}' for c in table.columns if c.key)}"]
    for column in table.columns:
        if column.name in columns or (not columns and not column.key):
            unit = "" if column.unit["en"] == "none" else f" {column.unit['en']}"
            lines.append(f"  {column.name} = {row[column.name] or 'empty'}{unit}")
            lines += [f"    {column.meaning[language]}" for language in ("en", "zh")]
    if row.get("allocated") == "true":
        lines.append("  allocated: a share of the city's total, since no county figure was published")
    return lines


def _run(manifest: Manifest, settings: Mapping[str, Any]) -> list[str]:
    run_id, versions = manifest["run_id"], manifest["versions"]
    return [
        f"run {run_id}, started {manifest.get('clock', {}).get('started', 'unknown')}",
        f"  seed {settings['run.seed']['value']}, draws {settings['run.draws']['value']}, "
        + ", ".join(f"{name} {versions[name]}" for name in VERSIONS if name in versions),
        f"  repeat it: eldercare run --manifest outputs/runs/{run_id}.json",
    ]


def _parameters(project: Project, settings: Settings, reads: Reads, traced: str, scenario: str) -> list[str]:
    """Return the values in force in the run with their history; of counties only what differs from the city."""
    city, lines = project.city.id, [f"parameters that it was made from ({traced}, {scenario})"]
    for key in (key for key in project.parameters if key in settings[city]):
        read = [area for area in project.areas if (scenario, area, key) in reads.parameters]
        own = [area for area in read if area != city and key in settings.get(area, {})]
        shown = own if own == read else [city, *own]
        for area in shown:
            entry = settings[area][key]
            interval = f"  80% {entry['interval']}" if entry["interval"] else ""
            lines.append(f"  {key}{f' in {area}' if len(shown) > 1 else ''} = {entry['value']}{interval}")
            lines += (_step(project, **step) for step in entry["trail"])
    return lines


def _step(project: Project, layer: str, operation: str, operand: object, source_id: str, **about: Any) -> str:
    change = operand if operation == "default" else f"{operation} {operand}"
    source = project.sources.get(source_id)
    title = f"{source.title} [{source_id}]" if source else "no source"
    return f"    {layer}: {change}  {EVIDENCE[about['evidence']]['en']}; {title}; {about['locator']} ({about['where']})"


def _raw(project: Project, manifest: Manifest, reads: Reads) -> list[str]:
    lines = ["tables of data/raw that it was made from, with their sources"]
    for name in sorted(reads.tables & set(project.tables)):
        file = f"data/raw/{name}.csv"
        digest = manifest["inputs"].get(file, "")
        changed = "" if file_digest(project.root / file) == digest else "  CHANGED since the run"
        lines.append(f"  {file}  sha256 {digest[:12]}{changed}")
        for source_id in dict.fromkeys(project.table(name)["source_id"]):
            source = project.sources[source_id]
            address = f"; {source.url}" if source.url else ""
            lines.append(f"    {source_id}: {source.title}, {source.publisher} ({source.quality}){address}")
    return lines
