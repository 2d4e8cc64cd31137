"""Results of costly calculations in PROJECT/.cache, each with the record of what was read on the way to it."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TypeVar

from eldercare.inputs import Project, Settings
from eldercare.inputs.city import FILE as CITY_FILE
from eldercare.inputs.guards import read_json
from eldercare.inputs.reads import Reads

FOLDER = Path(".cache", "results")
# What every result depends on, whatever it reads, beside the city, its counties and the description of the tables.
CODE = ("inputs", "population", "care", "model")
PACKAGES = ("numpy", "scipy", "pandas", "SALib", "statsmodels")
# Bytes that may be kept; a county's projection takes about 25 MB. The results that were not asked for longest go first.
LIMIT = 2 * 1024**3
# Bytes above which arrays stay on disk and come as they are used; smaller results are frames, free to be changed.
MAPPED = 2**20
# End of the name of a file that is being written.
ASIDE = ".part"

T = TypeVar("T")


def remembered(
    project: Project,
    name: str,
    identity: object,
    scenarios: Sequence[str],
    settings_of: Callable[[str, str], Settings],
    compute: Callable[[Project], T],
) -> T:
    """Return a result from the cache if everything that was read when it was made is as it was, else make it.

    What is computed then takes the same way and reads the same, so nobody has to list what it depends on. Where the
    folder cannot be written the result is made all the same; one that is damaged, or another's, is made again.

    Parameters
    ----------
    project : what was read is added to its record, whether the result is made or not
    name, identity : what tells the result from others, beside what is read; the second one as JSON has it
    scenarios : those whose parameters are read; others that give the same values in the same places serve each other
    settings_of : present settings of a scenario and an area
    compute : makes the result from a project with a record of its own; must read nothing but what that gives
    """
    # Slow to import, and not needed by those who ask for no result.
    import joblib
    from filelock import FileLock

    counties = [[county, about.code] for county, about in project.counties.items()]
    files = [_content(project.root / file) for file in (CITY_FILE, "data/raw/datapackage.json")]
    base = [code(), counties, sorted(project.tables), files]
    folder = project.root / FOLDER / f"{name}-{_digest([base, identity])}"
    settings_of = cache(settings_of)

    def key(reads: Reads) -> str:
        parameters = []
        for scenario, area, parameter in sorted(reads.parameters):
            setting = settings_of(scenario, area).all[parameter]
            about = setting.parameter
            place = scenarios.index(scenario)
            parameters.append([place, area, parameter, setting.value, setting.interval, about.value, about.bounds])
            parameters[-1].append(setting.trail[-1].opens)
        tables = [[table, _content(project.root / "data" / "raw" / f"{table}.csv")] for table in sorted(reads.tables)]
        return _digest([parameters, tables])

    def records() -> Iterator[tuple[Reads, str]]:
        """Yield what was read for each result that is kept, and the key that its present values have."""
        for file in sorted(folder.glob("*.json")):
            # Damaged in whatever way, removed by a run beside this one, or of a parameter or an area that is no more.
            with suppress(Exception):
                given = Reads.of(read_json(file, file.name))
                reads = Reads({(scenarios[int(s)], area, name) for s, area, name in given.parameters}, given.tables)
                yield reads, key(reads)

    def found() -> tuple[T] | None:
        for reads, name_of_result in records():
            for file in folder.glob(f"{name_of_result}-*.pkl"):
                with suppress(Exception):  # removed meanwhile, or damaged in whatever way
                    if file.is_file() and file.name == _sealed(file, name_of_result):
                        os.utime(file)
                        result = joblib.load(file, mmap_mode="r" if file.stat().st_size > MAPPED else None)
                        project.reads.update(reads)
                        return (result,)
        return None

    def made() -> T:
        apart = project.apart()
        result = compute(apart)
        placed = Reads({(str(scenarios.index(s)), area, name) for s, area, name in apart.reads.parameters})
        record = json.dumps({**placed.record(), "tables": sorted(apart.reads.tables)})
        with suppress(OSError):
            own = key(apart.reads)
            _write(folder / f"{own}.pkl", lambda file: joblib.dump(result, file), lambda file: _sealed(file, own))
            _write(folder / f"{_digest(record)}.json", lambda file: file.write_text(record, encoding="utf-8"))
            _prune(folder.parent)
        project.reads.update(apart.reads)
        return result

    before = found()
    if before is None:
        # Processes that want the same wait for the first one; without a lock, at worst something is made twice.
        wanted = next((name_of_result for _, name_of_result in records()), "first")
        lock = folder / f"{wanted}.lock"
        with ExitStack() as held:
            with suppress(OSError, NotImplementedError):
                folder.mkdir(parents=True, exist_ok=True)
                held.enter_context(FileLock(lock))
            before = found() or (made(),)
        with suppress(OSError):
            lock.unlink(missing_ok=True)
    return before[0]


@cache
def code() -> list[str]:
    """Return what tells the code of a calculation from others: its files' digests, the versions of what it uses."""
    package = Path(__file__).parents[1]
    files = sorted(file for part in CODE for file in (package / part).glob("*.py"))
    return [*(f"{file.name}:{_content(file)}" for file in files), *(metadata.version(name) for name in PACKAGES)]


def _content(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:32]


def _sealed(file: Path, key: str) -> str:
    """Return the name of a result: its key, and a digest of this and the content, so that no other serves for it."""
    with file.open("rb") as stream:
        return f"{key}-{hashlib.file_digest(stream, lambda: hashlib.sha256(key.encode())).hexdigest()[:32]}.pkl"


def _write(file: Path, write: Callable[[Path], object], name: Callable[[Path], str] | None = None) -> None:
    """Put a file into place at once, under a name that follows from its content where one is asked for."""
    aside = file.with_suffix(f"{ASIDE}{os.getpid()}")
    try:
        write(aside)
        aside.replace(file.with_name(name(aside)) if name else file)
    finally:
        aside.unlink(missing_ok=True)


def _prune(home: Path) -> None:
    """Remove the results that were not asked for longest, until the others fit, and folders without any."""
    results = sorted(((file.stat(), file) for file in home.glob("*/*.pkl")), key=lambda pair: -pair[0].st_mtime)
    size = 0
    for state, file in results:
        size += state.st_size
        if size > LIMIT:
            file.unlink(missing_ok=True)
    for folder in {file.parent for _, file in results}:
        if not any(folder.glob("*.pkl")):
            shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove what killed processes left half written; who writes there now computes without keeping."""
    for aside in (root / FOLDER).glob(f"*/*{ASIDE}*"):
        aside.unlink(missing_ok=True)
