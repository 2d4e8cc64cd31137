"""Verify: the published tables derived again from the inputs, and what differs from what stands in the site."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pandas as pd

from eldercare.inputs import InputError, Problem, Project, did_you_mean
from eldercare.inputs.problems import _
from eldercare.publish.dictionary import tables
from eldercare.publish.manifest import State, TableRecord
from eldercare.publish.repeat import differences, newest_manifest
from eldercare.publish.tables import table_files

SAME, DIFFERENT = 0, 1


def verify(project: Project, scenarios: Sequence[str]) -> tuple[int, list[str]]:
    """Derive the tables of the published site again and return the exit status with what to tell.

    Everything is computed from config and data/raw in a folder of its own; nothing that an earlier run kept is read.
    The status is 0 when every file of the scenarios, all that are published when none is named, is byte by byte the
    same, and 1 when not. InputError if nothing is published, or nothing of a scenario.
    """
    manifest = newest_manifest(project)
    made = State.of(manifest["state"]).tables
    known = list(dict.fromkeys(folder.scenario for folder in made))
    message = _("has no published tables; there are those of {names}", names=", ".join(known))
    problems = [
        Problem("--scenario", value=name, message=message, hint=did_you_mean(name, known))
        for name in scenarios
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    lines, status = [str(problem) for problem in differences(project, manifest)], SAME
    with tempfile.TemporaryDirectory(prefix="eldercare-verify-") as place:
        root = Path(place) / "project"
        for name in ("config", "data/raw"):
            shutil.copytree(project.root / name, root / name)
        for folder, record in made.items():
            scenario = folder.scenario
            if scenarios and scenario not in scenarios:
                continue
            published, found = _published(project.root / "outputs", record)
            if scenario not in project.scenarios:
                found.append(f"scenario {scenario} is no longer in config/scenarios")
            else:
                derived = table_files(root, scenario, record.run_id, record.overrides)
                found += [line for file in published for line in _difference(file, published[file], derived.get(file))]
            status = DIFFERENT if found else status
            same = f"the same, byte by byte ({len(record.files)} files)"
            lines += [f"{folder.name}: {'differs' if found else same}", *(f"  {line}" for line in found)]
    return status, lines


def _published(outputs: Path, record: TableRecord) -> tuple[dict[str, bytes], list[str]]:
    """Return the published files of a scenario, and what is missing or no longer what the run made."""
    files, found = {}, []
    for file, digest in record.files.items():
        for place in ("tables", "site/data"):
            path = outputs / place / file
            if not path.is_file():
                found.append(f"outputs/{place}/{file} is missing")
                continue
            content = path.read_bytes()
            if sha256(content).hexdigest() != digest:
                found.append(f"outputs/{place}/{file} was altered after run {record.run_id}")
            if place == "tables":
                files[file] = content
    return files, found


def _difference(file: str, published: bytes, derived: bytes | None) -> list[str]:
    """Return how a file differs: of a table the number of cells and the first of them."""
    if published == derived:
        return []
    if derived is None:
        return [f"{file} is made no more"]
    table = tables().get(Path(file).stem)
    if not file.endswith(".csv") or table is None:
        return [f"{file} differs"]
    try:
        before = pd.read_csv(io.BytesIO(published), dtype=str, keep_default_na=False)
    except ValueError:
        return [f"{file} is no table any more"]
    now = pd.read_csv(io.BytesIO(derived), dtype=str, keep_default_na=False)
    if list(before) != list(now) or len(before) != len(now):
        return [f"{file} has other rows or columns: {len(before)} rows published, {len(now)} derived"]
    rows, columns = (before != now).to_numpy().nonzero()
    if not len(rows):
        return [f"{file} differs in its form"]
    row, column = rows[0], now.columns[columns[0]]
    keys = " ".join(f"{key.name}={now.loc[row, key.name]}" for key in table.columns if key.key)
    first = f"{keys} {column}: published {before.loc[row, column]}, derived {now.loc[row, column]}"
    return [f"{file}: {len(rows)} cells differ, the first {first}"]
