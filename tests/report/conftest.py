"""What the tests of pages share: the code of a notebook run here, with what every cell shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest

from eldercare.inputs import Project, load_project
from eldercare.report.chart import Chart


class Shown(dict[str, Any]):
    """What the cells of a notebook show, by cell id; the charts they make, by name; the names they leave behind."""

    def __init__(self) -> None:
        super().__init__()
        self.charts: dict[str, Chart] = {}
        self.names: dict[str, Any] = {}
        self.cells: dict[str, str] = {}

    def again(self, *cells: str, **changed: object) -> Any:
        """Return what the last of some cells shows where names stand for something else; the names here stay."""
        names = self.names | changed
        return [_result(self.cells[cell], cell, names) for cell in cells][-1]


@pytest.fixture(scope="session")
def words() -> Callable[[object], str]:
    """Return a function that gives what a reader sees of an output, without tags."""
    return lambda shown: re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", str(shown)))).strip()


@pytest.fixture(scope="session")
def project(root: Path) -> Project:
    """Return the project as it is kept."""
    return load_project(root)


@pytest.fixture(scope="session")
def run_notebook(root: Path) -> Callable[..., Shown]:
    """Return a function that runs a notebook's code, but the last try, with few draws; equal requests run once."""
    kept: dict[object, Shown] = {}

    def run(name: str, area: str, language: str, folder: Path = root, **changed: object) -> Shown:
        key = (name, area, language, folder, *sorted(changed.items()))
        if key not in kept:
            overrides = {"run.draws": 40} | {name.replace("__", "."): value for name, value in changed.items()}
            given = {"area": area, "scenario": "baseline", "language": language, "overrides": overrides}
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("ELDERCARE_ROOT", str(folder))
                kept[key] = _run(folder / "notebooks" / f"{name}.ipynb", given)
        return kept[key]

    return run


def _result(source: str, name: str, names: dict[str, Any]) -> Any:
    """Run the code of a cell and return its last expression, None without one."""
    body = ast.parse(source).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), name, "exec"), names)
    return eval(compile(ast.Expression(last.value), name, "eval"), names) if isinstance(last, ast.Expr) else None


def _run(notebook: Path, given: dict[str, object]) -> Shown:
    shown = Shown()
    for cell in nbformat.read(notebook, 4).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or "try" in tags:
            continue
        if "parameters" in tags:
            shown.names |= given
            continue
        shown.cells[cell.id] = cell.source
        shown[cell.id] = _result(cell.source, cell.id, shown.names)
        if isinstance(chart := shown.names.get("chart"), Chart):
            shown.charts[chart.name] = chart
    return shown
