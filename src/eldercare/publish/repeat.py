"""Repeat: a run of the past made again from its manifest, only where its inputs and versions are still the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NotRequired

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from eldercare.inputs import InputError, Problem, Project, did_you_mean
from eldercare.inputs.problems import NOTHING, Message, _, reason
from eldercare.publish.keys import Keys, surroundings
from eldercare.publish.manifest import State
from eldercare.publish.publication import DONE, FAILED, publish
from eldercare.publish.reporter import Reporter
from eldercare.publish.request import Request


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
    # README.md of data/raw is made from the tables and read by nobody here.
    for name, was, here in _changed(manifest["inputs"], Keys(project).inputs):
        if not name.endswith(".md"):
            new, gone = _("is new since run {run}", run=run), _("is gone since run {run}", run=run)
            changed = _("has changed since run {run}", run=run)
            problems.append(Problem(name, message=new if was is None else gone if here is None else changed))
    for name, was, here in _changed(manifest["versions"], surroundings()):
        versions = {"was": (was or "none")[:12], "here": (here or "none")[:12]}
        message = _("{was} in run {run}, {here} here", run=run, **versions)
        problems.append(Problem(name, message=message, hint=_("take the version of the run")))
    return problems


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str | None, str | None]]:
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield name, before.get(name), now.get(name)


def request_of(project: Project, file: Path) -> Request:
    """Return the request of a run, to be made again in full; InputError with every input that is no longer the same."""
    manifest = read_manifest(file)
    problems = differences(project, manifest)
    if problems:
        raise InputError(problems)
    try:
        request = TypeAdapter(Request).validate_python(manifest["request"])
    except ValidationError as error:
        raise InputError(Problem(str(file), "request", message=_fault(error))) from error
    # How it is made is for the one who repeats it to say.
    return replace(request, force=True, quiet=False, workers=None, cluster="", dry_run=False)


def repeat(project: Project, file: Path, workers: int | None = None, quiet: bool = False) -> int:
    """Make the run of a manifest again and say which results are byte by byte the same; exit status as `publish`.

    InputError if the manifest is not one, or an input or a version is no longer the same.
    """
    before, reporter = read_manifest(file), Reporter(quiet)
    status, run = publish(project, replace(request_of(project, file), workers=workers, quiet=quiet)), before["run_id"]
    if status == DONE:
        same, other = comparison(before, newest_manifest(project))
        reporter.line(f"run {run} repeated: {len(same)} results byte by byte the same, {len(other)} differ")
        for name in other:
            reporter.error(_("differs from run {run}: {name}", run=run, name=name))
        status = FAILED if other else DONE
    return status


def comparison(before: Manifest, after: Manifest) -> tuple[list[str], list[str]]:
    """Return the results that a repeated run made byte by byte the same, and those that differ.

    The workbook, datapackage.json and the foot of a page hold the number of the run; compared are the executed
    notebooks, which are all that stands on the pages, and the CSV files.
    """
    was, now = _results(before), _results(after)
    both = [name for name in now if name in was]
    return [name for name in both if was[name] == now[name]], [name for name in both if was[name] != now[name]]


def _results(manifest: Manifest) -> dict[str, str]:
    """Return the digests of what a run made itself, not what it kept of earlier ones."""
    state, run = State.of(manifest["state"]), manifest["run_id"]
    made = {page.files[1]: record.notebook_sha256 for page, record in state.pages.items() if record.run_id == run}
    own = [record.files.items() for record in state.tables.values() if record.run_id == run]
    return made | {f"tables/{name}": digest for files in own for name, digest in files if name.endswith(".csv")}
