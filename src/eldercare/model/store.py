"""Projections and costly frames kept in data/processed under a key of all they depend on, so that pages share them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import eldercare
from eldercare.inputs import Settings
from eldercare.model.demography import BASES, EVENTS, CountyProjection, Demography
from eldercare.model.launch import CENSUS_TABLE, Launch

if TYPE_CHECKING:
    from eldercare.model.run import Run

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
# A projection takes about 100 MB: those of the shipped scenarios that change the population, and some of one's own.
KEPT = 8
FRAME_CODE = ("inputs", "population", "care", "model")
FRAME_PACKAGES = ("numpy", "scipy", "pandas", "SALib")
KEPT_FRAMES = 60


def projection_key(root: Path, settings: Mapping[str, Settings]) -> str:
    """Return the sha256 of all that a projection depends on: parameters, data tables, code, numpy version."""
    files = [root / "data" / "raw" / f"{name}.csv" for name in TABLES]
    files += [file for file in [root / "data" / "raw" / f"{CENSUS_TABLE}.csv"] if file.exists()]
    values = {
        county: {key: [one[key].value, one[key].interval] for key in sorted(one) if key.startswith(READS)}
        for county, one in settings.items()
    }
    return _key([*files, *_code(CODE)], [np.__version__, values])


def frame_key(runs: Sequence[Run], keys: Sequence[str], *extra: object) -> str:
    """Return the sha256 of what a frame of runs depends on: data, code, versions, parameters of every county."""
    values = [
        {
            county: {key: [one[key].value, one[key].interval] for key in keys}
            for county, one in run.county_settings.items()
        }
        for run in runs
    ]
    versions = [metadata.version(name) for name in FRAME_PACKAGES]
    files = sorted((runs[0].project.root / "data" / "raw").glob("*.csv"))
    return _key([*files, *_code(FRAME_CODE)], [versions, values, *extra])


def _code(parts: Sequence[str]) -> list[Path]:
    package = Path(eldercare.__file__).parent
    paths = [package / part for part in parts]
    return [file for path in paths for file in (sorted(path.glob("*.py")) if path.is_dir() else [path])]


def _key(files: Sequence[Path], values: object) -> str:
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def kept_frame(root: Path, name: str, key: str, compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Return a frame of numbers and words, read from data/processed or computed and kept there (see :func:`stored`)."""
    file = root / "data" / "processed" / f"{name}-{key}.csv"
    if file.is_file():
        os.utime(file)
        return pd.read_csv(file)
    frame = compute()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=f".{name}-", dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            frame.to_csv(stream, index=False, lineterminator="\n")
        Path(aside).replace(file)
    except OSError:
        return frame
    _prune(file.parent, f"{name}-*.csv", KEPT_FRAMES)
    return frame


def stored(root: Path, settings: Mapping[str, Settings], compute: Callable[[], Demography]) -> Demography:
    """Return the projection of these settings, read from data/processed or computed and kept there.

    The files are written aside and moved into place at once, so that runs side by side do not disturb each
    other. Where the folder cannot be written the computed projection is returned all the same.
    """
    folder = root / "data" / "processed" / f"projection-{projection_key(root, settings)}"
    if folder.is_dir():
        os.utime(folder)
        return _read(folder, tuple(settings))
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
    _prune(folder.parent, "projection-*", KEPT)
    return demography


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


def _prune(folder: Path, pattern: str, kept: int) -> None:
    found = sorted(folder.glob(pattern), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in found[kept:]:
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.unlink(missing_ok=True)
