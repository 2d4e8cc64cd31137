"""What is asked for: the request and its checks, and the addresses of pages and tables."""

import ast
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from eldercare.inputs import InputError, Problem, Project, did_you_mean, resolve
from eldercare.inputs.checks import BED_CHANGES, input_problems
from eldercare.inputs.guards import read_json
from eldercare.inputs.joint import split_problems
from eldercare.inputs.problems import LANGUAGES, _, kept, refuse
from eldercare.inputs.strays import folders, notebooks_in

__all__ = ["LANGUAGES", "PageAddress", "Request", "TableFolder", "addresses", "check", "cores", "notebooks_of"]

# The name becomes a file of the site.
Name = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,80}$")]
PARAMETERS = ("area", "scenario", "overrides", "language")


@dataclass(frozen=True, order=True)
class PageAddress:
    """Which page: a notebook for one area, scenario and language.

    Examples
    --------
    >>> PageAddress("en", "baseline", "north", "03_beds").stem
    'en/baseline/north/03_beds'
    """

    language: Name
    scenario: Name
    area: Name
    notebook: Name

    @classmethod
    def fields(cls, stem: str) -> dict[str, str]:
        """Return the fields of a page at a place; ValueError where there can be none."""
        return dict(zip(cls.__annotations__, stem.split("/"), strict=True))

    @property
    def stem(self) -> str:
        """Place below outputs/site and outputs/notebooks, without suffix."""
        return f"{self.language}/{self.scenario}/{self.area}/{self.notebook}"

    @property
    def files(self) -> tuple[str, str]:
        """The page and its executed notebook below outputs."""
        return f"site/{self.stem}.html", f"notebooks/{self.stem}.ipynb"


@dataclass(frozen=True, order=True)
class TableFolder:
    """Which tables: those of a scenario, or those of its areas with changed values beside them."""

    scenario: Name
    is_changed: bool = False

    @classmethod
    def fields(cls, name: str) -> dict[str, object]:
        """Return the fields of a folder of that name."""
        return {"scenario": name.removesuffix("-set"), "is_changed": name.endswith("-set")}

    @property
    def name(self) -> str:
        """Folder below outputs/tables and site/data."""
        return self.scenario + ("-set" if self.is_changed else "")


@dataclass(frozen=True)
class Request:
    """What to publish; an empty tuple means all there are.

    Attributes
    ----------
    scenarios, areas, notebooks : tuple of str
        Names as in config/scenarios, of the city and in config/counties, and file stems in notebooks/.
    overrides : parameter key to value or its text, as given by ``--set``
    language : {"en", "zh", "both"}
    workers : notebooks run at the same time; as many as there are cores when not given
    force : run also what has not changed
    quiet : print nothing but errors
    timeout : seconds that one notebook may take
    dry_run : only say what would be executed, and why
    cluster : address of a Dask scheduler that the notebooks are sent to; empty for workers of this machine
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


def notebooks_of(project: Project) -> dict[str, Path]:
    """Return the project's notebooks by name, in order."""
    return {file.stem: file for file in notebooks_in(project.root)}


def addresses(project: Project, request: Request) -> list[PageAddress]:
    """Return the addresses of the pages that are asked for, in the order in which they are made."""
    return [
        PageAddress(language, scenario, area, notebook)
        for scenario in project.scenarios
        if scenario in (request.scenarios or project.scenarios)
        for area in project.areas
        if area in (request.areas or project.areas)
        for notebook in notebooks_of(project)
        if notebook in (request.notebooks or (notebook,))
        for language in request.languages
    ]


def cores() -> int:
    """Return the cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def check(project: Project, request: Request) -> None:
    """Check every name and value of a request.

    InputError with every problem: inputs at fault, unknown names with the nearest one, values out of bounds, notebooks
    without parameters.
    """
    notebooks = notebooks_of(project)
    problems = [
        *input_problems(project),
        *_unknown("--scenario", request.scenarios, project.scenarios),
        *_unknown("--area", request.areas, project.areas),
        *_unknown("--notebook", request.notebooks, notebooks),
        *_unknown("--language", [request.language], (*LANGUAGES, "both")),
    ]
    for option, number in {"--workers": request.workers, "timeout": request.timeout}.items():
        if number is not None and number < 1:
            problems.append(Problem(option, "", number, _("a whole number from {least} is allowed", least=1)))
    if not notebooks:
        problems.append(Problem("notebooks", message=_("no notebook (.ipynb) found")))
    home = folders(project.root)["notebooks"].resolve()
    outside = _("lies outside notebooks/; only notebooks of this folder are executed")
    strays = [file for file in notebooks.values() if file.resolve().parent != home or not file.is_file()]
    problems += [Problem(f"notebooks/{file.name}", message=outside) for file in strays]
    areas = request.areas or project.areas if request.overrides else (project.city.id,)
    places = list(product(request.scenarios or project.scenarios, areas))
    if not problems:
        problems = [fault for name in request.notebooks or notebooks for fault in _without_parameters(notebooks[name])]
        for scenario, area in places if request.overrides else ():
            with kept(problems):
                resolve(project, area, scenario, request.overrides)
    if not problems:
        problems = [fault for place in places for fault in split_problems(project, *place, request.overrides)]
    if not problems and project.has_rows(BED_CHANGES):
        from eldercare.model import Run

        runs = [Run(None, scenario, request.overrides, project) for scenario in request.scenarios or project.scenarios]
        problems = [problem for run in runs for problem in run.supply_problems()]
    # A value may be allowed in one scenario and not in another; the same problem is told once.
    refuse(dict.fromkeys(problems))


def _unknown(option: str, asked: Iterable[str], known: Iterable[str]) -> list[Problem]:
    known = list(known)
    message = _("unknown; allowed are {names}", names=", ".join(known))
    return [Problem(option, name, None, message, did_you_mean(name, known)) for name in asked if name not in known]


def content_of(notebook: Path) -> dict[str, Any]:
    """Return a notebook's file as plain values."""
    return read_json(notebook, f"notebooks/{notebook.name}")


def _without_parameters(notebook: Path) -> list[Problem]:
    # papermill only warns about a parameter that a notebook does not know, and runs it with the default.
    where = f"notebooks/{notebook.name}"
    try:
        cells = content_of(notebook)["cells"]
        tagged = [cell["source"] for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
        words = [node for source in tagged for node in ast.walk(ast.parse("".join(source)))]
        given = {node.id for node in words if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    except InputError as error:
        return error.problems
    except (ValueError, LookupError, TypeError, AttributeError, SyntaxError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        return [Problem(where, message=_("cannot be read as a notebook ({reason})", reason=reason))]
    names = {"names": ", ".join(PARAMETERS), "missing": ", ".join(name for name in PARAMETERS if name not in given)}
    message = _("the cell tagged parameters must set {names}; missing: {missing}", **names)
    return [Problem(where, message=message)] if names["missing"] else []
