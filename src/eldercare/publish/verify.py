"""Verify: the published tables derived again from the inputs, and what differs from what stands in the site."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from eldercare.inputs import InputError, Project
from eldercare.inputs.errors import Problem, did_you_mean
from eldercare.publish.dictionary import tables
from eldercare.publish.repeat import differences, read_manifest
from eldercare.publish.tables import table_files

SAME, DIFFERENT = 0, 1
FOLDERS = ("config", "data/raw", "notebooks")


def newest_manifest(project: Project) -> dict[str, Any]:
    """Return the manifest of the last run that was published; InputError when there is none."""
    files = sorted((project.root / "outputs" / "runs").glob("*.json"))
    if not files:
        raise InputError(Problem("outputs/runs", message="no run has been published yet"))
    return read_manifest(files[-1])


def verify(project: Project, scenarios: Sequence[str]) -> tuple[int, list[str]]:
    """Derive the tables of the published site again and return the exit status with what to tell.

    Everything is computed from config and data/raw in a folder of its own; nothing that an earlier run kept is read.

    Parameters
    ----------
    project : Project
    scenarios : sequence of str
        Only these; all that are published when empty.

    Returns
    -------
    (int, list of str)
        0 when every file is byte by byte the same and 1 when not; one line for each table and each difference.

    Raises
    ------
    InputError
        If nothing is published, or nothing of a scenario.
    """
    manifest = newest_manifest(project)
    made = manifest["state"].get("tables", {})
    known = list(dict.fromkeys(folder.partition("+")[0] for folder in made))
    problems = [
        Problem(
            "--scenario",
            value=name,
            message=f"has no published tables; there are those of {', '.join(known)}",
            hint=did_you_mean(name, known),
        )
        for name in scenarios
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    lines = [f"{problem}" for problem in differences(project, manifest)]
    status = SAME
    with tempfile.TemporaryDirectory(prefix="eldercare-verify-") as folder:
        root = Path(folder) / "project"
        for name in FOLDERS:
            shutil.copytree(project.root / name, root / name)
        for name, record in made.items():
            if name.partition("+")[0] not in (scenarios or known):
                continue
            found = _verify_one(project, root, name, record, manifest)
            status = DIFFERENT if found else status
            same = f"the same, byte by byte ({len(record['files'])} files)"
            lines += [f"{name}: {'differs' if found else same}", *found]
    return status, lines


def _verify_one(
    project: Project, root: Path, name: str, record: Mapping[str, Any], manifest: Mapping[str, Any]
) -> list[str]:
    scenario, _, changed = name.partition("+")
    found = []
    published: dict[str, bytes] = {}
    for file, digest in record["files"].items():
        for place in ("tables", "site/data"):
            path = project.root / "outputs" / place / file
            content = path.read_bytes() if path.is_file() else None
            if content is None:
                found.append(f"  outputs/{place}/{file} is missing")
            elif sha256(content).hexdigest() != digest:
                found.append(f"  outputs/{place}/{file} was altered after run {record['run_id']}")
            if place == "tables" and content is not None:
                published[file] = content
    if scenario not in project.scenarios:
        return [*found, f"  scenario {scenario} is no longer in config/scenarios"]
    overrides = manifest["state"].get("changed", {}).get(scenario) if changed else None
    derived = table_files(root, scenario, record["run_id"], overrides)
    for file, content in published.items():
        again = derived.get(file)
        if again is None:
            found.append(f"  {file} is made no more")
        elif again != content:
            found += _difference(file, content, again)
    return found


def _difference(file: str, published: bytes, derived: bytes) -> list[str]:
    """Return the number of cells that differ and the first of them; of other files only that they differ."""
    table = tables().get(Path(file).stem)
    if not file.endswith(".csv") or table is None:
        return [f"  {file} differs"]
    before, now = (
        list(csv.reader(io.StringIO(text.decode("utf-8", "replace"), newline=""))) for text in (published, derived)
    )
    if before[:1] != now[:1] or len(before) != len(now):
        return [f"  {file} has other rows or columns: {len(before) - 1} rows published, {len(now) - 1} derived"]
    keys = [now[0].index(column.name) for column in table.columns if column.key]
    cells = [
        f"{' '.join(f'{now[0][k]}={b[k]}' for k in keys)} {now[0][i]}: published {old}, derived {new}"
        for a, b in zip(before[1:], now[1:], strict=True)
        for i, (old, new) in enumerate(zip(a, b, strict=False))
        if old != new
    ]
    return [f"  {file}: {len(cells)} cells differ, the first {cells[0]}" if cells else f"  {file} differs in its form"]
