"""Repeat: a run of the past made again from its manifest, or its tables from the inputs, and what differs."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NotRequired

import pandas as pd
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from eldercare.inputs import InputError, Problem, Project, did_you_mean
from eldercare.inputs.problems import NOTHING, Message, _, reason
from eldercare.publish.dictionary import tables
from eldercare.publish.keys import Keys, file_digest, surroundings
from eldercare.publish.manifest import State, TableRecord
from eldercare.publish.publication import DONE, FAILED, publish
from eldercare.publish.reporter import Reporter
from eldercare.publish.request import Request
from eldercare.publish.tables import table_files


class Manifest(TypedDict):
    """What of a manifest must be there for a run to be repeated, verified or traced."""

    run_id: str
    request: dict[str, Any]
    inputs: dict[str, str]
    versions: dict[str, str]
    parameters: dict[str, dict[str, dict[str, Any]]]
    state: dict[str, Any]
    clock: NotRequired[dict[str, Any]]


def newest_manifest(project: Project) -> Manifest:
    """Return the manifest of the last run that was published; InputError when there is none."""
    files = sorted((project.root / "outputs" / "runs").glob("*.json"))
    if not files:
        raise InputError(Problem("outputs/runs", message=_("no run has been published yet")))
    return read_manifest(files[-1])


def read_manifest(file: Path) -> Manifest:
    """Return a manifest; InputError if the file is not there, cannot be read, or is no manifest."""
    hint = NOTHING
    try:
        return TypeAdapter(Manifest).validate_json(file.read_bytes())
    except FileNotFoundError:
        fault, hint = _("file not found"), did_you_mean(file.name, [other.name for other in file.parent.glob("*.json")])
    except OSError as error:
        fault = _("cannot be read: {reason}", reason=reason(error))
    except ValidationError as error:
        fault = _fault(error)
    raise InputError(Problem(str(file), message=fault, hint=hint))


def _fault(error: ValidationError) -> Message:
    first, *_others = faults = error.errors()
    if first["type"] == "json_invalid":
        return _("not readable as JSON in UTF-8: {reason}", reason=first["ctx"]["error"])
    names = dict.fromkeys(".".join(map(str, fault["loc"][:2])) for fault in faults if fault["loc"])
    if not names:
        return _("no manifest of a run")
    return _("no manifest of a run; missing or wrong: {names}", names=", ".join(names))


def differences(project: Project, manifest: Manifest) -> list[Problem]:
    """Return what is not as it was when the run was made: files of config, data/raw and notebooks, and versions."""
    run, problems = manifest["run_id"], []
    was, here = manifest["inputs"], Keys(project).inputs
    for name in _changed(was, here):
        new, gone = _("is new since run {run}", run=run), _("is gone since run {run}", run=run)
        message = new if name not in was else gone if name not in here else _("has changed since run {run}", run=run)
        # README.md of data/raw is made from the tables and read by nobody here.
        if not name.endswith(".md"):
            problems.append(Problem(name, message=message))
    was, here = manifest["versions"], surroundings()
    for name in _changed(was, here):
        versions = {"was": was.get(name, "none")[:12], "here": here.get(name, "none")[:12]}
        message = _("{was} in run {run}, {here} here", run=run, **versions)
        problems.append(Problem(name, message=message, hint=_("take the version of the run")))
    return problems


def _changed(was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted({name for name, _value in was.items() ^ now.items()})


def repeat(project: Project, file: Path, workers: int | None, quiet: bool) -> int:
    """Make the run of a manifest again in full and say which results are byte by byte the same.

    The workbook, datapackage.json and the foot of a page hold the number of the run; compared are the executed
    notebooks, which are all that stands on the pages, and the CSV files. The exit status is that of `publish`.
    InputError if the manifest is not one, or with every input and version that is no longer the same.
    """
    before, reporter = read_manifest(file), Reporter(quiet)
    if problems := differences(project, before):
        raise InputError(problems)
    try:
        request = TypeAdapter(Request).validate_python(before["request"])
    except ValidationError as error:
        raise InputError(Problem(str(file), "request", message=_fault(error))) from error
    # How it is made is for the one who repeats it to say.
    request = replace(request, force=True, dry_run=False, cluster="", workers=workers, quiet=quiet)
    if status := publish(project, request):
        return status
    run, was, now = before["run_id"], _results(before), _results(newest_manifest(project))
    both = [name for name in now if name in was]
    other = [name for name in both if was[name] != now[name]]
    reporter.line(f"run {run} repeated: {len(both) - len(other)} results byte by byte the same, {len(other)} differ")
    for name in other:
        reporter.error(_("differs from run {run}: {name}", run=run, name=name))
    return FAILED if other else DONE


def _results(manifest: Manifest) -> dict[str, str]:
    """Return the digests of what a run made itself, not what it kept of earlier ones."""
    state, run = State.of(manifest["state"]), manifest["run_id"]
    made = {page.files[1]: record.notebook_sha256 for page, record in state.pages.items() if record.run_id == run}
    own = [record.files.items() for record in state.tables.values() if record.run_id == run]
    return made | {f"tables/{name}": digest for files in own for name, digest in files if name.endswith(".csv")}


def verify(project: Project, scenarios: Sequence[str]) -> tuple[int, list[str]]:
    """Derive the tables of the published site again and return the exit status with what to tell.

    Everything is computed from config and data/raw in a folder of its own; nothing that an earlier run kept is read.
    The status is 0 when every file of the scenarios, all that are published when none is named, is byte by byte the
    same, and 1 when not. InputError if nothing is published, or nothing of a scenario.
    """
    manifest, outputs = newest_manifest(project), project.root / "outputs"
    made = State.of(manifest["state"]).tables
    known = list(dict.fromkeys(folder.scenario for folder in made))
    message = _("has no published tables; there are those of {names}", names=", ".join(known))
    if unknown := [name for name in scenarios if name not in known]:
        raise InputError(Problem("--scenario", "", name, message, did_you_mean(name, known)) for name in unknown)
    lines, status = [str(problem) for problem in differences(project, manifest)], DONE
    with tempfile.TemporaryDirectory(prefix="eldercare-verify-") as place:
        root = Path(place) / "project"
        for name in ("config", "data/raw"):
            shutil.copytree(project.root / name, root / name)
        for folder, record in made.items():
            if folder.scenario not in (scenarios or known):
                continue
            found = [*_altered(outputs, record)]
            if folder.scenario in project.scenarios:
                derived = table_files(root, folder.scenario, record.run_id, record.overrides)
                found += filter(None, (_difference(outputs, file, derived.get(file)) for file in record.files))
            else:
                found.append(f"scenario {folder.scenario} is no longer in config/scenarios")
            status = FAILED if found else status
            verdict = "differs" if found else f"the same, byte by byte ({len(record.files)} files)"
            lines += [f"{folder.name}: {verdict}", *(f"  {line}" for line in found)]
    return status, lines


def _altered(outputs: Path, record: TableRecord) -> Iterator[str]:
    """Yield which published files of a scenario are missing or no longer what the run made."""
    for file, digest in record.files.items():
        for place in ("tables", "site/data"):
            path = outputs / place / file
            if not path.is_file():
                yield f"outputs/{place}/{file} is missing"
            elif file_digest(path) != digest:
                yield f"outputs/{place}/{file} was altered after run {record.run_id}"


def _difference(outputs: Path, file: str, derived: bytes | None) -> str:
    """Return how a published file differs, of a table the number of cells and the first; empty where it does not."""
    path = outputs / "tables" / file
    if not path.is_file() or (published := path.read_bytes()) == derived:
        return ""
    if derived is None:
        return f"{file} is made no more"
    if not file.endswith(".csv"):
        return f"{file} differs"
    try:
        before, now = (pd.read_csv(io.BytesIO(one), dtype=str, keep_default_na=False) for one in (published, derived))
    except ValueError:
        return f"{file} is no table any more"
    if list(before) != list(now) or len(before) != len(now):
        return f"{file} has other rows or columns: {len(before)} rows published, {len(now)} derived"
    rows, columns = (before != now).to_numpy().nonzero()
    if not len(rows):
        return f"{file} differs in its form"
    row, column = rows[0], now.columns[columns[0]]
    keys = [key.name for key in tables()[Path(file).stem].columns if key.key]
    place = " ".join(f"{key}={now.loc[row, key]}" for key in keys)
    first = f"{place} {column}: published {before.loc[row, column]}, derived {now.loc[row, column]}"
    return f"{file}: {len(rows)} cells differ, the first {first}"
