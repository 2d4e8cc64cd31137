"""Repeat: a run of the past made again from its manifest, or what is published from the inputs, and what differs."""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any, NotRequired

import pandas as pd
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from eldercare.inputs import InputError, Problem, Project, did_you_mean, load_project
from eldercare.inputs.guards import read_json
from eldercare.inputs.problems import _, refuse
from eldercare.inputs.strays import folders
from eldercare.publish.dictionary import tables
from eldercare.publish.keys import Keys, damage, file_digest, is_file, surroundings
from eldercare.publish.manifest import RunId, State, is_sealed, manifests
from eldercare.publish.plan import Asked, Plan
from eldercare.publish.publication import DONE, FAILED, PUBLISHED, Publication, publish
from eldercare.publish.reporter import Reporter
from eldercare.publish.request import Request, addresses, cores
from eldercare.publish.staging import unchanged
from eldercare.publish.workers import Workers

# Differing files that are named of a scenario.
MOST = 20


class Manifest(TypedDict):
    """What of a manifest must be there for a run to be repeated, verified or traced."""

    run_id: RunId
    request: Request
    inputs: dict[str, str]
    versions: dict[str, str]
    parameters: dict[str, dict[str, dict[str, Any]]]
    state: State
    clock: NotRequired[dict[str, Any]]


def newest_manifest(project: Project) -> Path:
    """Return the manifest of the last run that was published; InputError when there is none."""
    if files := manifests(project.root / "outputs"):
        return files[0]
    raise InputError(Problem("outputs/runs", message=_("no run has been published yet")))


def read_manifest(file: Path) -> Manifest:
    """Return a manifest; InputError if the file is not there, cannot be read, or is no manifest."""
    try:
        return TypeAdapter(Manifest).validate_python(read_json(file, str(file)))
    except ValidationError as error:
        names = ", ".join(dict.fromkeys(".".join(map(str, fault["loc"][:2])) for fault in error.errors()))
        wrong, none = _("no manifest of a run; missing or wrong: {names}", names=names), _("no manifest of a run")
        raise InputError(Problem(str(file), message=wrong if names else none)) from error
    except InputError as error:
        others = [] if file.exists() else [other.name for other in file.parent.glob("*.json")]
        raise InputError(replace(one, hint=did_you_mean(file.name, others)) for one in error.problems) from error


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
    refuse(differences(project, before))
    # How it is made is for the one who repeats it to say.
    request = replace(before["request"], force=True, dry_run=False, cluster="", workers=workers, quiet=quiet)
    if status := publish(project, request):
        return status
    run, was, now = before["run_id"], _results(before), _results(read_manifest(newest_manifest(project)))
    both = [name for name in now if name in was]
    other = [name for name in both if was[name] != now[name]]
    reporter.line(f"run {run} repeated: {len(both) - len(other)} results byte by byte the same, {len(other)} differ")
    for name in other:
        reporter.error(_("differs from run {run}: {name}", run=run, name=name))
    return FAILED if other else DONE


def _results(manifest: Manifest) -> dict[str, str]:
    """Return the digests of what a run made itself, not what it kept of earlier ones."""
    run, state = manifest["run_id"], manifest["state"]
    made = {page.files[1]: record.notebook_sha256 for page, record in state.pages.items() if record.run_id == run}
    own = [record.files.items() for record in state.tables.values() if record.run_id == run]
    return made | {f"tables/{name}": digest for files in own for name, digest in files if name.endswith(".csv")}


def verify(project: Project, scenarios: Sequence[str]) -> tuple[int, list[str]]:
    """Derive the tables and pages of the published site again and return the exit status with what to tell.

    Everything is computed from config, data/raw and notebooks in a folder of its own; nothing that an earlier run kept
    is read. The status is 0 when every published file is as its run made it, and every table and page of the scenarios,
    all that are published when none is named, comes out byte by byte the same; 1 when not. InputError if nothing is
    published, or nothing of a scenario, or a run is going on.
    """
    outputs = project.root / "outputs"
    with unchanged(outputs), tempfile.TemporaryDirectory(prefix="eldercare-verify-") as place:
        file = newest_manifest(project)
        manifest = read_manifest(file)
        request, state = manifest["request"], manifest["state"]
        known = list(dict.fromkeys([one.scenario for one in state.tables] + [one.scenario for one in state.pages]))
        message = _("has no published tables; there are those of {names}", names=", ".join(known))
        if unknown := [name for name in scenarios if name not in known]:
            raise InputError(Problem("--scenario", "", name, message, did_you_mean(name, known)) for name in unknown)
        lines = [str(problem) for problem in differences(project, manifest)]
        altered = [] if is_sealed(file.read_bytes()) else [f"runs/{file.name}"]
        altered += damage(outputs, PUBLISHED, state.files())
        lines += [f"outputs/{name} is missing or was altered after run {file.stem}" for name in altered]
        asked = [name for name in scenarios or known if name in project.scenarios]
        try:
            made = _again(project, replace(request, cluster=""), state, file.stem, asked, Path(place))
        except (BrokenProcessPool, CancelledError, OSError) as error:  # also where a worker was killed
            return FAILED, [*lines, f"cannot be made again: {error}"]
        parts = {name: _files(state, name) for name in scenarios or known}
        parts["front page, styles and scripts"] = [f"site/{name}" for name in state.site]
        for name, own in parts.items():
            found = [told for one in own if (told := _difference(outputs / one, made / one))]
            if name in known and name not in asked:
                found = [f"scenario {name} is no longer in config/scenarios"]
            altered += found
            lines += [f"{name}: {'differs' if found else f'the same, byte by byte ({len(own)} files)'}"]
            lines += [f"  {line}" for line in found[:MOST]]
            lines += [f"  and {len(found) - MOST} more"] if len(found) > MOST else []
    return (FAILED if altered else DONE), lines


def _files(state: State, scenario: str) -> list[str]:
    """Return what is published of a scenario, its tables first."""
    own = [f"tables/{name}" for one, made in state.tables.items() if one.scenario == scenario for name in made.files]
    return own + [name for page in state.pages if page.scenario == scenario for name in reversed(page.files)]


def _again(project: Project, request: Request, state: State, run_id: str, asked: list[str], place: Path) -> Path:
    """Make pages and tables of some scenarios a second time, and the site around them; return where they are staged."""
    root, known = place / "project", {*addresses(project, Request())}
    for name, folder in folders(project.root).items():
        shutil.copytree(folder, root / name)
    pages = {page: record for page, record in state.pages.items() if page in known}
    plan = Plan(defaultdict(Asked), again=True)
    plan.execute = {page: record.overrides for page, record in pages.items() if page.scenario in asked}
    plan.tables = {one: record.overrides for one, record in state.tables.items() if one.scenario in asked}
    copy = load_project(root)
    with Workers(root, place / "scratch", cores()) as workers:
        again = Publication(copy, request, project.root / "outputs", place, Reporter(True), Keys(copy), workers)
        again.before = state
        again.make(plan, replace(state, pages=pages, tables=dict(state.tables)), run_id)
    return again.staging.root


def _difference(published: Path, derived: Path) -> str:
    """Return how a published file differs, of a table the number of cells and the first; empty where it does not."""
    name = published.name
    if not published.is_file() or (derived.is_file() and is_file(published, file_digest(derived))):
        return ""
    if not derived.is_file():
        return f"{name} is made no more"
    if published.suffix != ".csv":
        return f"{'/'.join(published.parts[-4:]) if published.suffix != '.xlsx' else name} differs"
    try:
        before, now = (pd.read_csv(one, dtype=str, keep_default_na=False) for one in (published, derived))
    except (ValueError, OSError):
        return f"{name} is no table any more"
    if list(before) != list(now) or len(before) != len(now):
        return f"{name} has other rows or columns: {len(before)} rows published, {len(now)} derived"
    rows, columns = (before != now).to_numpy().nonzero()
    if not len(rows):
        return f"{name} differs in its form"
    row, column = rows[0], now.columns[columns[0]]
    place = " ".join(f"{key.name}={now.loc[row, key.name]}" for key in tables()[published.stem].columns if key.key)
    first = f"{place} {column}: published {before.loc[row, column]}, derived {now.loc[row, column]}"
    return f"{name}: {len(rows)} cells differ, the first {first}"
