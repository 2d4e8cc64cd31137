"""Projections kept in data/processed under a key of everything they depend on, so that pages share them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np

import eldercare
from eldercare.inputs import Settings
from eldercare.model.demography import BASES, EVENTS, CountyProjection, Demography
from eldercare.model.launch import CENSUS_TABLE, Launch

# Parameters that a projection reads; a change of any other leaves the stored one valid.
READS = ("population.", "mortality.", "fertility.", "migration.", "run.")
TABLES = (
    "births_china",
    "census_2020_age_shares",
    "census_2020_counties",
    "census_2020_sex_pattern",
    "census_totals",
    "mortality_china",
    "registered_population",
)
CODE = ("population", "model/demography.py", "model/draws.py", "model/launch.py", "model/store.py")
KEPT = 6


def projection_key(root: Path, settings: Mapping[str, Settings]) -> str:
    """Return the sha256 of all that a projection depends on: parameters, data tables, code, numpy version."""
    digest = hashlib.sha256(np.__version__.encode())
    package = Path(eldercare.__file__).parent
    files = [root / "data" / "raw" / f"{name}.csv" for name in TABLES]
    files += [file for file in [root / "data" / "raw" / f"{CENSUS_TABLE}.csv"] if file.exists()]
    for part in CODE:
        path = package / part
        files += sorted(path.glob("*.py")) if path.is_dir() else [path]
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    values = {
        county: {key: [one[key].value, one[key].interval] for key in sorted(one) if key.startswith(READS)}
        for county, one in settings.items()
    }
    digest.update(json.dumps(values, sort_keys=True).encode())
    return digest.hexdigest()[:32]


def stored(root: Path, settings: Mapping[str, Settings], compute: Callable[[], Demography]) -> Demography:
    """Return the projection of these settings, read from data/processed or computed and kept there.

    The files are written aside and moved into place at once, so that runs side by side do not disturb each
    other. Where the folder cannot be written the computed projection is returned all the same.
    """
    folder = root / "data" / "processed" / f"projection-{projection_key(root, settings)}"
    if folder.is_dir():
        try:
            os.utime(folder)
            return _read(folder, tuple(settings))
        except (OSError, ValueError, EOFError):
            # Cut short by a full disk, or pruned by a run beside this one.
            shutil.rmtree(folder, ignore_errors=True)
    demography = compute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".projection-", dir=folder.parent))
    except OSError:
        return demography
    try:
        _write(aside, demography)
        aside.rename(folder)
    except OSError:
        # Another run was first, or the disk is full: the computed one serves.
        shutil.rmtree(aside, ignore_errors=True)
    _prune(folder.parent)
    return demography


def sweep(root: Path) -> None:
    """Remove what killed runs left of projections that were being written; who writes now computes without a store."""
    for aside in (root / "data" / "processed").glob(".projection-*"):
        shutil.rmtree(aside, ignore_errors=True)


def _write(folder: Path, demography: Demography) -> None:
    np.save(folder / "years.npy", demography.years)
    for name in ("resident", "registered", "factor"):
        np.save(folder / f"launch-{name}.npy", getattr(demography.launch, name))
    (folder / "launch-resident_from.txt").write_text(demography.launch.resident_from, encoding="utf-8")
    for county, projection in demography.counties.items():
        for name in ("e0", "e60"):
            np.save(folder / f"{county}-{name}.npy", getattr(projection, name))
        for field in fields(CountyProjection):
            value = getattr(projection, field.name)
            if isinstance(value, dict):
                for basis in BASES:
                    np.save(folder / f"{county}-{field.name}-{basis}.npy", value[basis])


def _read(folder: Path, counties: tuple[str, ...]) -> Demography:
    def load(name: str) -> np.ndarray:
        return np.load(folder / f"{name}.npy", mmap_mode="r")

    def projection(county: str) -> CountyProjection:
        by_basis = {
            name: {basis: load(f"{county}-{name}-{basis}") for basis in BASES} for name in ("population", *EVENTS)
        }
        return CountyProjection(**by_basis, e0=load(f"{county}-e0"), e60=load(f"{county}-e60"))

    arrays = (load(f"launch-{name}") for name in ("resident", "registered", "factor"))
    launch = Launch(counties, *arrays, (folder / "launch-resident_from.txt").read_text(encoding="utf-8"))
    return Demography(load("years"), launch, {county: projection(county) for county in counties})


def _prune(folder: Path) -> None:
    kept = sorted(folder.glob("projection-*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in kept[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
