"""Content keys: what a page or a table depends on, as one digest."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata, resources
from itertools import product
from pathlib import Path

from eldercare.inputs import Project, resolve
from eldercare.inputs.reads import Reads
from eldercare.inputs.scenarios import Scenario
from eldercare.publish.request import COMPARING, Unit, areas_of

# Distributions whose version can change a number or a picture.
DEPENDENCIES = (
    "eldercare",
    "numpy",
    "scipy",
    "pandas",
    "matplotlib",
    "statsmodels",
    "nbclient",
    "nbconvert",
    "papermill",
    "ipykernel",
    "pydantic",
    "PyYAML",
    "xlsxwriter",
    "SALib",
)
# Characters of a digest that are kept where very many are.
SHORT = 16
# Parts of the package that the results of a notebook come from; publish only wraps them.
RESULT_PARTS = ("inputs", "population", "care", "model", "report")


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
    """Return the sha256 of a file's content."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tree_digests(folder: Path, suffixes: Iterable[str] = ()) -> dict[str, str]:
    """Return the sha256 of every file below a folder by relative path, without caches and hidden files."""
    wanted = tuple(suffixes)
    return {
        file.relative_to(folder).as_posix(): file_digest(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not any(part.startswith(".") or part == "__pycache__" for part in file.relative_to(folder).parts)
        and (not wanted or file.suffix in wanted)
    }


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the dependencies that are installed."""
    found = {"python": platform.python_version()}
    for name in DEPENDENCIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@cache
def source_digests() -> dict[str, str]:
    """Return the sha256 of the package files that results come from."""
    package = Path(str(resources.files("eldercare")))
    return {f"{part}/{name}": value for part in RESULT_PARTS for name, value in tree_digests(package / part).items()}


def surroundings() -> dict[str, str]:
    """Return what results depend on beside the inputs: versions, and the digest of the package's own code."""
    package = Path(str(resources.files("eldercare")))
    return versions() | {"code": digest(tree_digests(package, (".py", ".yaml", ".j2", ".css")))}


def settings_record(project: Project, area: str, scenario: str, overrides: Mapping[str, object] | None = None) -> dict:
    """Return the resolved parameters of one area: value, interval and trail by key."""
    settings = resolve(project, area, scenario, dict(overrides or {}))
    return {
        key: {
            "value": settings[key].value,
            "interval": list(settings[key].interval) if settings[key].interval is not None else None,
            "overridden": settings[key].overridden,
            "trail": [
                {
                    "layer": step.layer,
                    "where": str(step.where),
                    "operation": step.operation,
                    "operand": step.operand,
                    "value": step.value,
                    "source": step.source_id,
                    "locator": step.locator,
                    "evidence": step.evidence,
                }
                for step in settings[key].trail
            ],
        }
        for key in project.parameters
    }


class Keys:
    """Digests of one project in one moment; what is common to many units is computed once.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project):
        self.project = project
        self.inputs = {
            **{f"config/{name}": value for name, value in tree_digests(project.root / "config").items()},
            **{f"data/raw/{name}": value for name, value in tree_digests(project.root / "data" / "raw").items()},
            **{f"notebooks/{name}": value for name, value in tree_digests(project.root / "notebooks").items()},
        }
        # README.md of data/raw is made from the tables and read by nobody here.
        data = {
            name: value
            for name, value in self.inputs.items()
            if name.startswith("data/raw/") and name.endswith((".csv", ".json"))
        }
        self.common = digest({"data": data, "source": source_digests(), "versions": versions()})
        self._settings: dict[str, dict[str, dict]] = {}
        self._scenarios: dict[str, str] = {}
        self._fingerprints: dict[tuple[str, str, str], str] = {}
        self._read: dict[str, dict[str, str]] = {}
        about = {name: value for name, value in data.items() if not name.endswith(".csv") or "/sources." in name}
        self._fixed = {
            "code": digest(source_digests())[:SHORT],
            "versions": digest(versions())[:SHORT],
            "sources": digest([about, sorted(project.tables)])[:SHORT],
        }

    def parameters(self, scenario: str) -> dict[str, dict]:
        """Return the resolved parameters of a scenario by area, without overrides."""
        if scenario not in self._settings:
            self._settings[scenario] = {
                area: settings_record(self.project, area, scenario) for area in areas_of(self.project)
            }
        return self._settings[scenario]

    def scenario(self, scenario: str) -> str:
        """Return what every result of a scenario depends on: data, code, versions, resolved parameters, labels."""
        if scenario not in self._scenarios:
            self._scenarios[scenario] = self._scenario(scenario)
        return self._scenarios[scenario]

    def _scenario(self, scenario: str) -> str:
        labels = {
            "scenario": self.project.scenarios[scenario].label,
            "counties": {name: [c.code, c.label] for name, c in self.project.counties.items()},
            "parameters": {key: [p.label, p.unit, p.denominator] for key, p in self.project.parameters.items()},
        }
        # The line of a file from which a value comes is recorded, but is nothing that a result depends on.
        settings = {
            area: {
                key: entry | {"trail": [step | {"where": ""} for step in entry["trail"]]} for key, entry in all_.items()
            }
            for area, all_ in self.parameters(scenario).items()
        }
        return digest({"common": self.common, "settings": settings, "labels": labels})

    def parameter(self, scenario: str, area: str, key: str) -> str:
        """Return the digest of one resolved parameter, with the names under which pages show it."""
        address = (scenario, area, key)
        if address not in self._fingerprints:
            entry = self.parameters(scenario)[area][key]
            about = self.project.parameters[key]
            trail = [step | {"where": ""} for step in entry["trail"]]
            shown = [entry | {"trail": trail}, about.label, about.unit, about.denominator, about.value]
            self._fingerprints[address] = digest(shown)[:SHORT]
        return self._fingerprints[address]

    def all_reads(self, unit: Unit) -> Reads:
        """Return what a unit could read at most: every parameter of its scenario, or of all, and every table."""
        scenarios = self.project.scenarios if unit.notebook in COMPARING else (unit.scenario,)
        addresses = product(scenarios, areas_of(self.project), self.project.parameters)
        return Reads(set(addresses), set(self.project.tables))

    def parts(self, unit: Unit, record: dict | None = None) -> dict[str, str]:
        """Return the digests of what the executed notebook of a unit depends on, by kind.

        Parameters
        ----------
        unit : Unit
        record : dict, optional
            What the notebook was made from; without it everything that it could read counts.
        """
        name = digest(record) if record else unit.scenario + str(unit.notebook in COMPARING)
        if name not in self._read:
            reads = Reads.of(record) if record else self.all_reads(unit)
            self._read[name] = self._digests(reads)
        scenarios = self.project.scenarios if unit.notebook in COMPARING else (unit.scenario,)
        names = {
            "counties": {name: [c.code, c.label] for name, c in self.project.counties.items()},
            "scenarios": {name: _words(self.project.scenarios[name]) for name in scenarios},
        }
        return {
            "unit": digest([unit.stem, unit.overrides])[:SHORT],
            "notebook": self.inputs[f"notebooks/{unit.notebook}.ipynb"][:SHORT],
            "names": digest(names)[:SHORT],
            **self._fixed,
            **self._read[name],
        }

    def _digests(self, reads: Reads) -> dict[str, str]:
        parameters = [
            # A parameter, area or scenario that is no more is a change as well.
            [*address, self.parameter(*address) if self._is_there(*address) else ""]
            for address in sorted(reads.parameters)
        ]
        return {
            "parameters": digest(parameters)[:SHORT],
            "tables": digest([[name, self.table(name)] for name in sorted(reads.tables)])[:SHORT],
        }

    def _is_there(self, scenario: str, area: str, key: str) -> bool:
        return scenario in self.project.scenarios and area in areas_of(self.project) and key in self.project.parameters

    def table(self, name: str) -> str:
        """Return the digest of a table of data/raw; empty when there is none of that name."""
        return self.inputs.get(f"data/raw/{name}.csv", "")[:SHORT]

    def unit(self, unit: Unit, record: dict | None = None) -> str:
        """Return the digest of all that the executed notebook of a unit depends on (see :meth:`parts`)."""
        return digest(self.parts(unit, record))

    def seen(self) -> dict[str, str]:
        """Return the digest of every parameter of every area and scenario, and of every table, by its name in words."""
        addresses = product(self.project.scenarios, areas_of(self.project), self.project.parameters)
        return {address_in_words(*address): self.parameter(*address) for address in addresses} | {
            f"data table {name}": self.table(name) for name in self.project.tables
        }


def _words(scenario: Scenario) -> list[object]:
    changes = [scenario.changes, *scenario.county_changes.values()]
    return [scenario.label, scenario.description, [{key: one.why for key, one in part.items()} for part in changes]]


def address_in_words(scenario: str, area: str, key: str) -> str:
    """Return the name of one resolved parameter for messages.

    Examples
    --------
    >>> address_in_words("baseline", "anji", "meals.uptake")
    'parameter meals.uptake of anji in baseline'
    """
    return f"parameter {key} of {area} in {scenario}"
