"""Runner: one notebook executed by papermill, in a form that equal runs give equal files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from eldercare import sharing
from eldercare.inputs.problems import NOTHING, InputError, Message, _
from eldercare.inputs.reads import Reads, recording
from eldercare.publish.topics import is_stray

if TYPE_CHECKING:
    from nbformat import NotebookNode

ENGINE = "eldercare"  # its entry point in pyproject.toml
TRY = "try"  # tag of the cell that invites to try a change; it is not published, and takes a run of its own
KERNEL = "python3"  # no kernel is started; papermill asks for the name
TRACEBACK_LINES = 8
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    Attributes
    ----------
    notebook : the executed notebook; empty when it failed
    reads : what it was made from
    seconds : time that it took
    failure : what went wrong, with the cell; empty when nothing did
    unfit : whether that is a fault of the request or the inputs, which the failure tells in one line
    """

    notebook: bytes = b""
    reads: Reads = field(default_factory=Reads)
    seconds: float = 0.0
    failure: Message = NOTHING
    unfit: bool = False


@dataclass(frozen=True)
class Task:
    """One notebook to execute.

    Attributes
    ----------
    name : name in messages
    notebook : the notebook file
    parameters : python values for its parameters
    root : folder of the project, in which it works
    mark : file for the id of the cell that is being executed, for the one who waits
    """

    name: str
    notebook: Path
    parameters: Mapping[str, object]
    root: Path
    mark: Path

    def failed(self, what: Message, cell: str = "", text: str = "") -> Outcome:
        """Return the outcome of a failure in a cell, the last one begun when none is named, with the end of a text."""
        cell = cell or (self.mark.read_text(encoding="utf-8") if self.mark.exists() else "")
        lines = [line for line in COLOUR.sub("", text).splitlines() if line.strip()]
        tail = "".join(f"\n    {line}" for line in lines[-TRACEBACK_LINES:])
        told = _("{page}: cell {cell}: {what}{tail}", page=self.name, cell=cell or "(none)", what=what, tail=tail)
        return Outcome(failure=told)


def execute_all(tasks: Sequence[Task]) -> list[Outcome]:
    """Execute notebooks one after the other in this process, where what one has computed serves the next.

    Each was made from what any of them read: one that finds a result does not read for it.
    """
    with sharing():
        made = [execute(task) for task in tasks]
    reads = Reads()
    for one in made:
        reads.update(one.reads)
    return [replace(one, reads=reads) for one in made]


def ended(tasks: Sequence[Task], what: Message) -> list[Outcome | None]:
    """Return the outcomes where the process of :func:`execute_all` was ended: of the task it was at, None of others."""
    last = [task for task in tasks if task.mark.exists()][-1:] or tasks[:1]
    return [task.failed(what) if task in last else None for task in tasks]


def execute(task: Task) -> Outcome:
    """Execute one notebook in this process, which should be a new one: a notebook leaves its traces in it."""
    import nbformat
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    start = perf_counter()
    task.mark.write_text("", encoding="utf-8")
    try:
        with recording(task.root) as reads:
            notebook = nbformat.read(task.notebook, as_version=4)
            notebook.cells = [cell for cell in notebook.cells if not is_stray(cell, notebook.metadata)]
            # The only call of papermill.
            notebook = execute_notebook(
                notebook,
                None,
                parameters=task.parameters,
                engine_name=ENGINE,
                kernel_name=KERNEL,
                language="python",
                cwd=str(task.root),
                progress_bar=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                on_cell_start=lambda cell: task.mark.write_text(cell.get("id", ""), encoding="utf-8"),
                skip_tag=TRY,
            )
    except PapermillExecutionError as error:
        if error.ename == InputError.__name__:
            return replace(task.failed(Message("{fault}", fault=error.evalue)), unfit=True)
        return task.failed(_("failed"), text="\n".join(error.traceback) or f"{error.ename}: {error.evalue}")
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name == "stderr":
                return task.failed(_("wrote to stderr"), cell.get("id", ""), output.text)
    return Outcome(plain(notebook), reads, perf_counter() - start)


def plain(notebook: NotebookNode) -> bytes:
    """Return the notebook as a file without timings, paths, random cell ids and addresses in memory."""
    import nbformat

    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected-parameters"
        for output in cell.get("outputs", ()):
            if "text/plain" in output.get("data", {}):
                output.data["text/plain"] = ADDRESS.sub("", output.data["text/plain"])
    return (nbformat.writes(notebook, version=4) + "\n").encode("utf-8")
