"""Repeat: a run of the past made again from its manifest, only where its inputs and versions are still the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from eldercare.inputs import InputError, Project
from eldercare.inputs.errors import Problem, did_you_mean
from eldercare.publish.keys import Keys, surroundings
from eldercare.publish.request import Request

MAX_BYTES = 50_000_000
PARTS = ("run_id", "request", "inputs", "versions", "parameters", "state")


def read_manifest(file: Path) -> dict[str, Any]:
    """Return a manifest as plain values.

    Raises
    ------
    InputError
        If the file is not there, cannot be read, or is no manifest.
    """
    where = str(file)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise InputError(Problem(where, message=f"larger than {MAX_BYTES:,} bytes"))
        given = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        near = did_you_mean(file.name, [other.name for other in file.parent.glob("*.json")])
        raise InputError(Problem(where, message="file not found", hint=near)) from error
    except OSError as error:
        raise InputError(Problem(where, message=f"cannot be read: {error.strerror}")) from error
    except RecursionError as error:
        raise InputError(Problem(where, message="nested too deeply")) from error
    except ValueError as error:
        raise InputError(Problem(where, message=f"not readable as JSON in UTF-8: {error}")) from error
    if not isinstance(given, dict):
        raise InputError(Problem(where, message="no manifest of a run"))
    wrong = [part for part in PARTS if not isinstance(given.get(part), str if part == "run_id" else dict)]
    if wrong:
        raise InputError(Problem(where, message=f"no manifest of a run; missing: {', '.join(wrong)}"))
    return given


def differences(project: Project, manifest: Mapping[str, Any]) -> list[Problem]:
    """Return what is not as it was when the run was made: files of config, data/raw and notebooks, and versions."""
    problems = []
    # README.md of data/raw is made from the tables and read by nobody here.
    before, now = (
        {name: value for name, value in files.items() if not name.endswith(".md")}
        for files in (manifest["inputs"], Keys(project).inputs)
    )
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            what = "is new" if name not in before else "is gone" if name not in now else "has changed"
            problems.append(Problem(name, message=f"{what} since run {manifest['run_id']}"))
    before, now = manifest["versions"], surroundings()
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            was, here = (str(values.get(name, "none"))[:12] for values in (before, now))
            message = f"{was} in run {manifest['run_id']}, {here} here"
            problems.append(Problem(name, message=message, hint="take the version of the run"))
    return problems


def request_of(project: Project, file: Path) -> Request:
    """Return the request of a run, to be made again in full.

    Raises
    ------
    InputError
        If the manifest is not one, or if an input or a version is no longer the same, with every difference.
    """
    manifest = read_manifest(file)
    problems = differences(project, manifest)
    if problems:
        raise InputError(problems)
    known = {field.name: field for field in fields(Request)}
    given = {name: value for name, value in manifest["request"].items() if name in known}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    for name in ("scenarios", "areas", "notebooks"):
        if not all(isinstance(one, str) for one in values.get(name, ())):
            problems.append(Problem(str(file), f"request.{name}", message="must be a list"))
    if not isinstance(values.get("overrides", {}), dict):
        problems.append(Problem(str(file), "request.overrides", message="must be a mapping of keys to values"))
    if problems:
        raise InputError(problems)
    # How it is made is for the one who repeats it to say.
    return replace(Request(**values), force=True, quiet=False, workers=None, cluster="", dry_run=False)


def comparison(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the results that a repeated run made byte by byte the same, and those that differ.

    Parameters
    ----------
    before, after : mapping
        Manifests of the run and of its repetition. The workbook, datapackage.json and the foot of a page hold the
        number of the run; compared are the executed notebooks, which are all that stands on the pages, and the CSV
        files.
    """
    same, other = [], []
    for name, digest in _results(after).items():
        was = _results(before).get(name)
        if was is not None:
            (same if was == digest else other).append(name)
    return same, other


def _results(manifest: Mapping[str, Any]) -> dict[str, str]:
    state = manifest["state"]
    mine = {
        f"notebooks/{stem}.ipynb": page["notebook_sha256"]
        for stem, page in state["pages"].items()
        if page["run_id"] == manifest["run_id"]
    }
    return mine | {
        f"tables/{name}": value
        for table in state["tables"].values()
        if table["run_id"] == manifest["run_id"]
        for name, value in table["files"].items()
        if name.endswith(".csv")
    }
