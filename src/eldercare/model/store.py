"""Projections and costly frames kept in data/processed under a key of all they depend on, so that pages share them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import metadata
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

import eldercare
from eldercare.inputs import InputError, Project, Settings
from eldercare.inputs.reads import Reads
from eldercare.model.demography import BASES, EVENTS, SEXES, CountyProjection
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
# Arrays of a projection by basis, and those without.
PARTS, WHOLE = ("population", *EVENTS), ("e0", "e60")
# A county's projection takes about 25 MB: those of nine scenarios that all change the population, and some more.
KEPT, KEPT_LAUNCHES = 60, 12
FRAME_CODE = ("inputs", "population", "care", "model")
FRAME_PACKAGES = ("numpy", "scipy", "pandas", "SALib")
KEPT_FRAMES = 60
# Characters of a digest in a name that has two of them.
SHORT = 16


def launch_key(root: Path, settings: Mapping[str, Settings]) -> str:
    """Return the sha256 of what every projection depends on: launch parameters, data tables, code, numpy version."""
    files = [root / "data" / "raw" / f"{name}.csv" for name in TABLES]
    files += [file for file in [root / "data" / "raw" / f"{CENSUS_TABLE}.csv"] if file.exists()]
    return _key([*files, *_code(CODE)], [np.__version__, tuple(settings), _launch_values(settings)])


def _launch_values(settings: Mapping[str, Settings]) -> list[object]:
    """Return the parameters that the launch populations of all counties depend on."""
    first = next(iter(settings.values()))
    return [first.value("population.graduation"), *(first.default(f"mortality.e0_{sex}") for sex in SEXES)]


def projection_key(common: str, county: str, stream: int, settings: Settings) -> str:
    """Return the sha256 of all that a county's projection depends on; ``common`` comes from :func:`launch_key`."""
    values = {key: [settings[key].value, settings[key].interval] for key in sorted(settings) if key.startswith(READS)}
    return _key([], [common, county, stream, values])


def frame_key(
    project: Project, settings: Mapping[str, Settings], keys: Sequence[str], counties: Sequence[str], *extra: object
) -> str:
    """Return the sha256 of what a result depends on: data, code, versions, parameters of some counties."""
    chosen = {county: settings[county] for county in counties}
    values = {county: {key: [one[key].value, one[key].interval] for key in keys} for county, one in chosen.items()}
    versions = [metadata.version(name) for name in FRAME_PACKAGES]
    files = sorted((project.root / "data" / "raw").glob("*.csv"))
    project.reads.tables.update(project.tables)
    return _key([*files, *_code(FRAME_CODE)], [versions, _launch_values(settings), values, *extra])


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
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return compute()
    with _alone(file.parent, file.stem):
        if file.is_file():
            return pd.read_csv(file)
        text = _text(compute())
        _keep(file, text)
    # As it will be read the next time, to the last digit.
    return pd.read_csv(StringIO(text))


def _text(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")


def _keep(file: Path, text: str) -> None:
    """Put a text into the store at once, and the oldest of its kind out; where that cannot be it is not kept."""
    name = file.stem.partition("-")[0]
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{name}-", dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        Path(aside).replace(file)
    except OSError:
        return
    _prune(file.parent, f"{name}-*{file.suffix}", KEPT_FRAMES)


def remembered(
    project: Project,
    name: str,
    identity: object,
    values: Callable[[Reads], object],
    compute: Callable[[Project], dict[str, pd.DataFrame]],
) -> dict[str, pd.DataFrame]:
    """Return frames by name, kept in data/processed with the record of what they were made from.

    They serve again as long as everything in the record is as it was: what is computed takes the same way then, and
    reads the same. So nobody has to list what a computation depends on.

    Parameters
    ----------
    project : Project
        What was read is added to its record, whether the frames are computed or not.
    name : str
    identity : JSON-able
        What distinguishes the frames from others of the name, beside what is read.
    values : callable
        JSON-able present values of the parameters of a record.
    compute : callable
        Makes the frames from a project with a record of its own; must read nothing but what that gives.
    """
    folder = project.root / "data" / "processed"
    versions = [metadata.version(package) for package in FRAME_PACKAGES]
    base = _key(_code(FRAME_CODE), [versions, identity])[:SHORT]

    def key(reads: Reads) -> str:
        paths = (project.root / "data" / "raw" / f"{table}.csv" for table in sorted(reads.tables))
        return _key([path for path in paths if path.is_file()], [sorted(reads.tables), values(reads)])[:SHORT]

    def found() -> dict[str, pd.DataFrame] | None:
        for file in folder.glob(f"{name}-{base}-*.json"):
            try:
                given = json.loads(file.read_text(encoding="utf-8"))
                reads = Reads.of(given["reads"])
                if file.stem.endswith(key(reads)):
                    os.utime(file)
                    project.reads.update(reads)
                    return {part: pd.read_csv(StringIO(text)) for part, text in given["frames"].items()}
            except (OSError, ValueError, LookupError, InputError):
                continue  # damaged, pruned by a run beside this one, or of a scenario or area that is no more
        return None

    def made() -> dict[str, pd.DataFrame]:
        apart = project.apart()
        frames = compute(apart)
        texts = {part: _text(frame) for part, frame in frames.items()}
        content = {"reads": apart.reads.record(), "frames": texts}
        _keep(folder / f"{name}-{base}-{key(apart.reads)}.json", json.dumps(content, ensure_ascii=False))
        project.reads.update(apart.reads)
        return {part: pd.read_csv(StringIO(text)) for part, text in texts.items()}

    before = found()
    if before is not None:
        return before
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, f"{name}-{base}"):
        return found() or made()


def kept_launch(root: Path, key: str, counties: tuple[str, ...], compute: Callable[[], Launch]) -> Launch:
    """Return the launch populations of a key, read from data/processed or computed and kept there."""

    def arrays() -> dict[str, np.ndarray]:
        one = compute()
        names = {name: getattr(one, name) for name in ("resident", "registered", "factor")}
        return names | {"resident_from": np.array(one.resident_from)}

    found = kept_arrays(root, f"launch-{key}", KEPT_LAUNCHES, arrays)
    return Launch(counties, found["resident"], found["registered"], found["factor"], str(found["resident_from"]))


def kept_projection(root: Path, key: str, compute: Callable[[], CountyProjection]) -> CountyProjection:
    """Return a county's projection, read from data/processed or computed and kept there."""

    def arrays() -> dict[str, np.ndarray]:
        one = compute()
        by_basis = {f"{name}-{basis}": getattr(one, name)[basis] for name in PARTS for basis in BASES}
        return by_basis | {name: getattr(one, name) for name in WHOLE}

    found = kept_arrays(root, f"projection-{key}", KEPT, arrays)
    by_basis = {name: {basis: found[f"{name}-{basis}"] for basis in BASES} for name in PARTS}
    return CountyProjection(**by_basis, **{name: found[name] for name in WHOLE})


def kept_arrays(
    root: Path, name: str, kept: int, compute: Callable[[], dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Return arrays by name from a folder of data/processed, or computed and kept there.

    Processes that want the same wait for the first one. The files are written aside and moved into place at once.
    Where the folder cannot be written the computed arrays are returned all the same.
    """
    folder = root / "data" / "processed" / name
    found = _read(folder)
    if found is not None:
        return found
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return compute()
    with _alone(folder.parent, name):
        found = _read(folder)
        if found is not None:
            return found
        arrays = compute()
        try:
            aside = Path(tempfile.mkdtemp(prefix=".projection-", dir=folder.parent))
        except OSError:
            return arrays
        try:
            for part, array in arrays.items():
                np.save(aside / f"{part}.npy", array)
            aside.rename(folder)
        except OSError:
            # The disk is full, or a process without locks was first: the computed arrays serve.
            shutil.rmtree(aside, ignore_errors=True)
    _prune(folder.parent, f"{name.split('-')[0]}-*", kept)
    return arrays


def _read(folder: Path) -> dict[str, np.ndarray] | None:
    """Return the arrays of a folder, mapped into memory; None when it is not there or damaged."""
    if not folder.is_dir():
        return None
    try:
        os.utime(folder)
        return {file.stem: np.load(file, mmap_mode="r") for file in folder.glob("*.npy")}
    except (OSError, ValueError, EOFError):
        # Cut short by a full disk, or pruned by a run beside this one.
        shutil.rmtree(folder, ignore_errors=True)
        return None


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of a name; names of a kind share sixteen files, so that few are ever left."""
    try:
        import fcntl

        stream = (folder / f".lock-{name.split('-')[0]}-{name[-1]}").open("a")
    except (ImportError, OSError):  # no such lock here; at worst something is computed twice
        yield
        return
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _prune(folder: Path, pattern: str, kept: int) -> None:
    found = sorted(folder.glob(pattern), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in found[kept:]:
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.unlink(missing_ok=True)
