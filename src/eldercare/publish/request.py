"""What is asked for: the request, its checks, and the units of work that it comes down to."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eldercare.inputs import CITY, InputError, Project, bed_changes, resolve
from eldercare.inputs.checks import input_problems
from eldercare.inputs.errors import Problem, did_you_mean

LANGUAGES = ("en", "zh")
# The name becomes a file of the site.
NOTEBOOK = re.compile(r"[a-z0-9][a-z0-9_]*")
# Notebooks that show every scenario, whichever they are made for.
COMPARING = ("06_scenarios",)
PARAMETERS = ("area", "scenario", "overrides", "language")


@dataclass(frozen=True)
class Request:
    """What to publish; an empty tuple means all there are.

    Attributes
    ----------
    scenarios, areas, notebooks : tuple of str
        Names as in config/scenarios, huzhou and config/counties, and file stems in notebooks/.
    overrides : dict
        Parameter key to value or its text, as given by ``--set``.
    language : {"en", "zh", "both"}
    workers : int, optional
        Notebooks run at the same time; as many as there are cores when not given.
    force : bool
        Run also what has not changed.
    quiet : bool
        Print nothing but errors.
    timeout : int
        Seconds that one notebook may take.
    dry_run : bool
        Only say what would be executed, and why.
    cluster : str
        Address of a Dask scheduler that the notebooks are sent to; empty for workers of this machine.
    """

    scenarios: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    notebooks: tuple[str, ...] = ()
    overrides: dict[str, object] = field(default_factory=dict)
    language: str = "both"
    workers: int | None = None
    force: bool = False
    quiet: bool = False
    timeout: int = 600
    dry_run: bool = False
    cluster: str = ""

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages asked for."""
        return LANGUAGES if self.language == "both" else (self.language,)


@dataclass(frozen=True, order=True)
class Unit:
    """One page to make: a notebook for one scenario, area and language, with the changed values it reads."""

    language: str
    scenario: str
    area: str
    notebook: str
    overrides: tuple[tuple[str, object], ...] = ()

    @property
    def stem(self) -> str:
        """Place of the page below outputs/site and of the notebook below outputs/notebooks, without suffix."""
        return f"{self.language}/{self.scenario}/{self.area}/{self.notebook}"


def notebooks_of(project: Project) -> dict[str, Path]:
    """Return the project's notebooks by name, in order."""
    return {file.stem: file for file in sorted((project.root / "notebooks").glob("*.ipynb"))}


def areas_of(project: Project) -> tuple[str, ...]:
    """Return the city, then its counties."""
    return (CITY, *project.counties)


def cores() -> int:
    """Return the cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def check(project: Project, request: Request) -> None:
    """Check every name and value of a request.

    Raises
    ------
    InputError
        With every problem: inputs at fault, unknown names with the nearest one, values out of bounds, notebooks
        without parameters.
    """
    notebooks = notebooks_of(project)
    problems = [
        *input_problems(project),
        *_unknown("--scenario", request.scenarios, project.scenarios),
        *_unknown("--area", request.areas, areas_of(project)),
        *_unknown("--notebook", request.notebooks, notebooks),
        *_unknown("--language", [request.language], (*LANGUAGES, "both")),
    ]
    if request.workers is not None and request.workers < 1:
        problems.append(Problem("--workers", "", request.workers, "must be a whole number of at least 1"))
    if not notebooks:
        problems.append(Problem("notebooks", message="no notebook (.ipynb) found"))
    if problems:
        raise InputError(problems)
    home = project.root.resolve() / "notebooks"
    for name, file in notebooks.items():
        where = f"notebooks/{file.name}"
        if not NOTEBOOK.fullmatch(name):
            message = "a notebook's name has small letters, digits and underscores only"
            problems.append(Problem(where, message=message))
        if file.resolve().parent != home or not file.is_file():
            message = "lies outside notebooks/; only notebooks of this folder are executed"
            problems.append(Problem(where, message=message))
    if problems:
        raise InputError(problems)
    for name in request.notebooks or notebooks:
        problems.extend(_without_parameters(name, notebooks[name]))
    if request.overrides:
        problems.extend(_bad_overrides(project, request))
    if problems:
        raise InputError(problems)
    if project.has_rows(bed_changes.TABLE):
        from eldercare.model import Run

        runs = [Run(None, scenario, request.overrides, project) for scenario in request.scenarios or project.scenarios]
        if problems := list(dict.fromkeys(problem for run in runs for problem in run.supply_problems())):
            raise InputError(problems)


def _unknown(option: str, asked: Iterable[str], known: Iterable[str]) -> list[Problem]:
    known = list(known)
    return [
        Problem(option, name, None, f"unknown; allowed are {', '.join(known)}", did_you_mean(name, known))
        for name in asked
        if name not in known
    ]


def _bad_overrides(project: Project, request: Request) -> list[Problem]:
    # A value may be allowed in one scenario and not in another; the same problem is told once.
    problems: dict[str, Problem] = {}
    for scenario in request.scenarios or project.scenarios:
        for area in request.areas or areas_of(project):
            try:
                resolve(project, area, scenario, request.overrides)
            except InputError as error:
                problems.update((str(problem), problem) for problem in error.problems)
    return list(problems.values())


def _without_parameters(name: str, file: Path) -> list[Problem]:
    # papermill only warns about a parameter that a notebook does not know, and runs it with the default.
    where = f"notebooks/{name}.ipynb"
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
        given = {
            target.id
            for source in sources
            for node in ast.parse(source).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SyntaxError, RecursionError) as error:
        return [Problem(where, message=f"cannot be read as a notebook ({type(error).__name__}: {error})")]
    missing = [parameter for parameter in PARAMETERS if parameter not in given]
    if not missing:
        return []
    return [
        Problem(
            where, message=f"the cell tagged parameters must set {', '.join(PARAMETERS)}; missing: {', '.join(missing)}"
        )
    ]


def typed_overrides(project: Project, request: Request, scenario: str, area: str) -> dict[str, object]:
    """Return the overrides as Python values of their parameters' types."""
    settings = resolve(project, area, scenario, request.overrides)
    return {key: settings[key].value for key in request.overrides}


def plan_units(project: Project, request: Request) -> list[Unit]:
    """Return the units of a checked request; each carries only those overrides that its notebook reads.

    A notebook that reads none of the changed values gets a unit without overrides: its page is the plain one.
    """
    notebooks = [name for name in notebooks_of(project) if name in (request.notebooks or (name,))]
    units = []
    for scenario in [name for name in project.scenarios if name in (request.scenarios or (name,))]:
        for area in [name for name in areas_of(project) if name in (request.areas or (name,))]:
            read = _overrides_read(project, request, scenario, area, notebooks)
            units.extend(
                Unit(language, scenario, area, notebook, read[notebook])
                for notebook in notebooks
                for language in request.languages
            )
    return units


def _overrides_read(
    project: Project, request: Request, scenario: str, area: str, notebooks: Iterable[str]
) -> Mapping[str, tuple[tuple[str, object], ...]]:
    if not request.overrides:
        return dict.fromkeys(notebooks, ())
    from eldercare.model import Run

    values = typed_overrides(project, request, scenario, area)
    run = Run(area, scenario, values, project)
    return {
        notebook: tuple(sorted((key, values[key]) for key in set(run.settings_used(notebook)) & set(values)))
        for notebook in notebooks
    }
