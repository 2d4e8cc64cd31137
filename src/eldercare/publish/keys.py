"""Keys: digests of everything that pages and tables are made from, by kind, so that a change can be named."""

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cache, cached_property
from importlib import metadata, resources
from itertools import product
from pathlib import Path
from typing import Any

from eldercare.inputs import InputError, Project, resolve
from eldercare.inputs.reads import Reads
from eldercare.inputs.scenarios import BASELINE, Scenario
from eldercare.inputs.strays import folders
from eldercare.inputs.strict_yaml import read_own
from eldercare.publish.request import content_of, notebooks_of

# Characters of a digest that are kept where very many are.
SHORT = 16
# Which libraries and which files of the package results, pages and tables come from.
ORIGINS = read_own((resources.files("eldercare.publish") / "keys.yaml").read_text(encoding="utf-8"))
# Kinds of what is recorded when it is read.
READ = ("parameters", "tables", "files")
Parts = dict[str, str]
# Digests of files by device, inode, size and times.
_digests: dict[tuple[int, ...], str] = {}


def digest(value: object) -> str:
    """Return the sha256 of a JSON-able value; mappings are taken in the order of their keys.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def file_digest(file: Path) -> str:
    """Return the sha256 of a file's content; the same file under another name is not read again."""
    state = file.stat()
    key = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    if key not in _digests:
        with file.open("rb") as stream:
            _digests[key] = hashlib.file_digest(stream, "sha256").hexdigest()
    return _digests[key]


def is_file(file: Path, sha256: str) -> bool:
    """Say whether there is a file with this digest; a link to one is none."""
    return file.is_file() and not file.is_symlink() and file_digest(file) == sha256


def files_below(folder: Path) -> Iterator[str]:
    """Yield the files below a folder by their path from it, without following links."""
    for place, _folders, names in os.walk(folder):
        yield from (Path(place, name).relative_to(folder).as_posix() for name in names)


def damage(folder: Path, names: Iterable[str], files: Mapping[str, str]) -> list[str]:
    """Return what of some of its folders is missing, changed or too many, by the digests of what there should be."""
    found = {f"{one}/{name}" for one in names for name in files_below(folder / one)}
    return sorted(found ^ files.keys() | {name for name, value in files.items() if not is_file(folder / name, value)})


def tree_digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder by relative path, without caches and hidden files."""
    return {
        file.relative_to(folder).as_posix(): file_digest(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not any(part.startswith(".") or part == "__pycache__" for part in file.relative_to(folder).parts)
    }


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python, of this package, and of the libraries that results depend on."""
    names = ["eldercare", *ORIGINS["libraries"]]
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}


@cache
def code_digest(made: str = "") -> str:
    """Return the digest of the files of the package that results, pages or tables come from; of all without a name."""
    package, beginnings = tree_digests(Path(str(resources.files("eldercare")))), tuple(ORIGINS[made]) if made else ""
    return digest({name: value for name, value in package.items() if name.startswith(beginnings)})


def surroundings() -> dict[str, str]:
    """Return what results depend on beside the inputs: versions, and the digest of the package's own code."""
    return versions() | {"code": code_digest()}


class Keys:
    """Digests of one project in one moment; what is common to many pages is computed once.

    ``settings(scenario)`` are value, interval and history of every parameter by area, without overrides; nothing of a
    scenario that a county's file does not go with: who asks for that one is told. ``parameter(scenario, area, key)`` is
    the digest of one of them with the names under which pages show it; empty if it is gone.
    """

    def __init__(self, project: Project):
        self.project = project
        self.inputs = {
            f"{folder}/{name}": value
            for folder, path in folders(project.root).items()
            for name, value in tree_digests(path).items()
        }
        self.settings: Callable[[str], dict[str, dict[str, dict[str, Any]]]] = cache(self._settings)
        self.parameter: Callable[[str, str, str], str] = cache(self._parameter)
        self._read: Callable[..., Parts] = cache(lambda *kinds: _short(self._single(*kinds)))
        self._names: Callable[[str], Parts] = cache(self._of_names)

    def _settings(self, scenario: str) -> dict[str, dict[str, dict[str, Any]]]:
        try:
            return {
                area: {
                    key: {"value": one.value, "interval": one.interval, "trail": [vars(step) for step in one.trail]}
                    for key, one in resolve(self.project, area, scenario).all.items()
                }
                for area in self.project.areas
            }
        except InputError:
            return {}

    def _parameter(self, scenario: str, area: str, key: str) -> str:
        about, settings = self.project.parameters.get(key), self.settings(scenario)
        if about is None or area not in settings:
            return ""
        # The line of a file from which a value comes is recorded, but is nothing that a result depends on.
        trail = [step | {"where": ""} for step in settings[area][key]["trail"]]
        shown = [settings[area][key] | {"trail": trail}, about.label, about.unit, about.denominator, about.value]
        return digest(shown)[:SHORT]

    def leaves(self, scenario: str, reads: Reads) -> bool:
        """Say whether a scenario leaves everything as it is that a result of the baseline was made from."""
        return all(
            name == BASELINE and self.parameter(scenario, area, key) == self.parameter(name, area, key)
            for name, area, key in reads.parameters
        )

    def file(self, name: str) -> str:
        """Return the digest of a file of the project; empty when there is none."""
        file = self.project.root / name
        return (self.inputs.get(name) or (file_digest(file) if file.is_file() else ""))[:SHORT]

    @cached_property
    def suite(self) -> frozenset[str]:
        """The notebooks of the suite; those of one's own carry no metadata of it."""
        contents = {name: content_of(file) for name, file in notebooks_of(self.project).items()}
        return frozenset(name for name, content in contents.items() if "eldercare" in content["metadata"])

    @cached_property
    def _common(self) -> Parts:
        about = [value for name, value in self.inputs.items() if name.endswith((".json", "/sources.csv"))]
        kinds = {"code": code_digest("results"), "versions": versions()}
        return _short(kinds | {"sources": [about, sorted(self.project.tables)], "city": self.file("config/city.yaml")})

    def parts(self, scenario: str, reads: Reads, **more: object) -> Parts:
        """Return the digests of what a result depends on, by kind: of what it ``reads``, and of what is given besides.

        One that reads of several scenarios depends on which there are.
        """
        own = {name for name, _, _ in reads.parameters} <= {scenario}
        read = self._read(frozenset(reads.parameters), frozenset(reads.tables), frozenset(reads.files))
        return self._common | self._names(scenario if own else "") | read | _short(more)

    def _single(self, parameters: Set, tables: Set, files: Set) -> dict[str, dict[str, str]]:
        """Return the digests of what was read, by kind, each by its name in words."""
        return {
            "parameters": {f"parameter {k} of {a} in {s}": self.parameter(s, a, k) for s, a, k in sorted(parameters)},
            "tables": {f"data table {name}": self.file(f"data/raw/{name}.csv") for name in sorted(tables)},
            "files": {f"file {name}": self.file(name) for name in sorted(files)},
        }

    def _of_names(self, scenario: str) -> Parts:
        """Return the digest of the names of counties and of a scenario, or of all scenarios."""
        names = {
            "counties": {name: [county.code, county.label] for name, county in self.project.counties.items()},
            "scenarios": {n: _words(one) for n, one in self.project.scenarios.items() if scenario in (n, "")},
        }
        return _short({"names": names})

    def everything(self, scenario: str) -> Reads:
        """Return all that tables of a scenario could read: those of the baseline compare all scenarios."""
        names = self.project.scenarios if scenario == BASELINE else [scenario]
        return Reads(set(product(names, self.project.areas, self.project.parameters)), set(self.project.tables))

    def seen(self, reads: Reads) -> dict[str, str]:
        """Return the digests of what was read, one by one, by its name in words."""
        parameters, tables, files = self._single(reads.parameters, reads.tables, reads.files).values()
        return parameters | tables | files


def _short(kinds: Mapping[str, object]) -> Parts:
    return {kind: digest(content)[:SHORT] for kind, content in kinds.items()}


def _words(scenario: Scenario) -> list[object]:
    changes = [scenario.changes, *scenario.county_changes.values()]
    return [scenario.label, scenario.description, [{key: one.why for key, one in part.items()} for part in changes]]
