"""A project: its folder, configuration and data, loaded strictly and at once."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eldercare.inputs.city import City, load_city
from eldercare.inputs.parameters import Parameter, load_parameters
from eldercare.inputs.problems import InputError, Problem, _
from eldercare.inputs.reads import Reads
from eldercare.inputs.register import REGISTER, register_facts
from eldercare.inputs.scenarios import County, Scenario, load_counties, load_scenarios
from eldercare.inputs.tables import Folder, Source, Tables, read_sources, state

if TYPE_CHECKING:
    import pandas as pd

ROOT_VARIABLE = "ELDERCARE_ROOT"

# Projects that were loaded ahead of use, by the state of their files: one serves for every copy of it.
_ahead: dict[str, Project] = {}


@dataclass(frozen=True)
class Project:
    """Everything that a run reads, and the record of what was read of it."""

    root: Path
    city: City
    parameters: dict[str, Parameter]
    counties: dict[str, County]
    scenarios: dict[str, Scenario]
    sources: dict[str, Source]
    tables: Tables = field(repr=False)
    reads: Reads = field(default_factory=Reads, repr=False, compare=False)
    # Settings of the parameters where no layer changes them, made when the first are resolved.
    plain: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def areas(self) -> tuple[str, ...]:
        """The city and its counties."""
        return (self.city.id, *self.counties)

    def label(self, area: str, language: str) -> str:
        """Return the name of an area in a language."""
        return (self.city if area == self.city.id else self.counties[area]).label[language]

    def table(self, name: str) -> pd.DataFrame:
        """Return one table of data/raw."""
        return self.tables[name]

    def apart(self, root: Path | None = None) -> Project:
        """Return the same project, or its copy in another folder, with a record of its own, which begins empty."""
        reads, root = Reads.opened(), root or self.root
        return replace(self, root=root, tables=Tables(self.tables.folder.at(root), reads), reads=reads)

    def has_rows(self, name: str) -> bool:
        """Say whether there is a table of data/raw of that name and it holds a row."""
        return name in self.tables and bool(self.tables.folder.rows(name))


def find_root() -> Path:
    """Return the project's folder: ELDERCARE_ROOT, or the nearest one upwards; InputError if there is none."""
    named = os.environ.get(ROOT_VARIABLE)
    here = Path(named or Path.cwd()).resolve()
    for folder in [here] if named else [here, *here.parents]:
        if (folder / "config" / "parameters").is_dir() and (folder / "data" / "raw").is_dir():
            return folder
    if named:
        message = _("must name a folder with config/parameters and data/raw")
        raise InputError(Problem(ROOT_VARIABLE, value=named, message=message))
    message = _("neither this folder nor one above it holds config/parameters and data/raw")
    how = _("begin in the project's folder (papermill: --cwd FOLDER), or name it in {variable}", variable=ROOT_VARIABLE)
    raise InputError(Problem(str(here), message=message, hint=how))


def load_project(root: Path | None = None) -> Project:
    """Load configuration and sources strictly; InputError with every problem, of scenarios when all else is sound."""
    root = Path(root).resolve() if root else find_root()
    if _ahead and (ahead := _ahead.get(state(root))):
        return ahead.apart(root)
    sources = read_sources(root)
    city, parameters = load_city(root, sources), load_parameters(root, sources)
    counties = load_counties(root, parameters, sources)
    scenarios, reads = load_scenarios(root, parameters, counties, sources), Reads.opened()
    tables = Tables(Folder(root, (city.id, *counties)), reads)
    with suppress(InputError):  # told by who checks the table
        houses = tables.folder.rows(REGISTER) if REGISTER in tables else []
        for name, county in counties.items() if houses else ():
            counties[name] = county.model_copy(update={"facts": register_facts(houses, name) | county.facts})
    return Project(root, city, parameters, counties, scenarios, sources, tables, reads)


def load_ahead(root: Path) -> None:
    """Load a project with all its tables, for any with its files in this process and those forked from it."""
    root = root.resolve()
    before = state(root)
    try:
        project = load_project(root)
        for name in project.tables:
            project.table(name)
    except (InputError, OSError):  # told to those who ask for it
        return
    _ahead[before] = project
