"""Runner: one notebook executed by papermill, in a form that equal runs give equal files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from eldercare.inputs.reads import KIND

if TYPE_CHECKING:
    from nbformat import NotebookNode

ENGINE = "eldercare"  # its entry point in pyproject.toml
TRACEBACK_LINES = 8
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Task:
    """One notebook to execute.

    Attributes
    ----------
    name : str
        Name in messages.
    notebook : Path
        The notebook file.
    parameters : mapping
        Python values for its parameters.
    root : Path
        Folder of the project, in which it works.
    cell : Path, optional
        File for the id of the cell that is being executed, for the one who waits.
    """

    name: str
    notebook: Path
    parameters: Mapping[str, object]
    root: Path
    cell: Path | None = None

    def failure(self, what: str, cell: str = "", lines: list[str] | None = None) -> str:
        """Return what went wrong as text: the name, the cell, and the end of a traceback."""
        if not cell and self.cell and self.cell.exists():
            cell = self.cell.read_text(encoding="utf-8")
        tail = [f"    {line}" for line in (lines or []) if line.strip()][-TRACEBACK_LINES:]
        return "\n".join([f"{self.name}: cell {cell or '(none)'}: {what}", *tail])


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    Attributes
    ----------
    notebook : bytes
        The executed notebook; empty when it failed.
    seconds : float
        Time that it took.
    failure : str
        What went wrong, with the cell; empty when nothing did.
    reads : dict, optional
        Record of what the notebook was made from; None when it does not end with one.
    """

    notebook: bytes = b""
    seconds: float = 0.0
    failure: str = ""
    reads: dict[str, Any] | None = field(default=None)


def execute(task: Task) -> Outcome:
    """Execute one notebook in this process, which should be a new one: a notebook leaves its traces in it."""
    from papermill import execute_notebook
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    from eldercare.publish.engine import Engine

    papermill_engines.register(ENGINE, Engine)

    start, cell = perf_counter(), [""]

    def begin(node: NotebookNode) -> None:
        cell[0] = node.get("id", "")
        if task.cell:
            task.cell.write_text(cell[0], encoding="utf-8")

    try:
        # The only call of papermill. It takes braces in a path for parameters, so they are doubled.
        notebook = execute_notebook(
            str(task.notebook).replace("{", "{{").replace("}", "}}"),
            None,
            parameters=task.parameters,
            engine_name=ENGINE,
            cwd=str(task.root),
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            on_cell_start=begin,
        )
    except PapermillExecutionError as error:
        lines = COLOUR.sub("", "\n".join(error.traceback)).splitlines() or [f"{error.ename}: {error.evalue}"]
        return Outcome(failure=task.failure("failed", cell[0], lines))
    failure = _complaint(task, notebook)
    return (
        Outcome(failure=failure)
        if failure
        else Outcome(_plain(notebook), perf_counter() - start, reads=_reads(notebook))
    )


def _reads(notebook: NotebookNode) -> dict | None:
    """Return the record with which a notebook ends; cells after it could have read more."""
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    return next((output.data[KIND] for output in last.outputs if KIND in output.get("data", {})), None)


def _complaint(task: Task, notebook: NotebookNode) -> str:
    """Return the first warning or message that a cell wrote to stderr, as a failure."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name == "stderr":
                return task.failure("wrote to stderr", cell.get("id", ""), COLOUR.sub("", output.text).splitlines())
    return ""


def _plain(notebook: NotebookNode) -> bytes:
    """Return the notebook as a file without timings, paths and random cell ids."""
    import nbformat

    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected-parameters"
    return (nbformat.writes(notebook, version=4) + "\n").encode("utf-8")
