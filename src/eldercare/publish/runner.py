"""Runner: one notebook executed by papermill in its own kernel, in a form that equal runs give equal files."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from eldercare.inputs.reads import KIND

if TYPE_CHECKING:
    from nbformat import NotebookNode

KERNEL = "python3"
# papermill's names of the engines; the first is registered by this package.
ENGINES = {"warm": "eldercare-warm", "stock": "nbclient"}
TRACEBACK_LINES = 8
# One thread per kernel: notebooks run side by side, and threads of several kernels would only wait for each other.
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    ),
    "1",
)
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
    parameters : dict
        Python values for its parameters.
    root : Path
        Folder of the project, the working directory of the kernel.
    timeout : int
        Seconds that one cell may take.
    engine : {"warm", "stock"}
        Kernels forked from a server that has the libraries loaded, or started anew.
    """

    name: str
    notebook: Path
    parameters: dict[str, object]
    root: Path
    timeout: int = 600
    engine: str = "stock"


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    Attributes
    ----------
    name : str
        Name of the task.
    notebook : bytes
        The executed notebook; empty when it failed.
    seconds : float
        Time that it took.
    failure : str
        What went wrong, with the cell; empty when nothing did.
    reads : dict, optional
        Record of what the notebook was made from; None when it does not end with one.
    """

    name: str
    notebook: bytes = b""
    seconds: float = 0.0
    failure: str = ""
    reads: dict | None = None


@dataclass
class _Progress:
    """The cell that is being executed, as nbclient reports it."""

    cell: str = ""

    def start(self, cell: NotebookNode, cell_index: int) -> None:
        self.cell = cell.get("id", str(cell_index))


def environment(root: Path, scratch: Path) -> dict[str, str]:
    """Return the variables that workers and their kernels run with; writes the kernel's specification to scratch.

    The specification python3 starts this interpreter; one that a user installed under the same name could start
    another. Profiles and start-up files of the user are kept out, so that a page depends on the project only.
    """
    place = scratch / "jupyter" / "kernels" / KERNEL
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernel.json").write_text(
        json.dumps(
            {
                "argv": [
                    sys.executable,
                    "-m",
                    "ipykernel_launcher",
                    "-f",
                    "{connection_file}",
                    "--HistoryManager.enabled=False",
                    "--IPKernelApp.log_level=50",
                ],
                "display_name": "Python 3",
                "language": "python",
            }
        ),
        encoding="utf-8",
    )
    path = [str(scratch / "jupyter"), os.environ.get("JUPYTER_PATH", "")]
    return {
        **ONE_THREAD,
        "ELDERCARE_ROOT": str(root),
        "JUPYTER_PATH": os.pathsep.join(filter(None, path)),
        "IPYTHONDIR": str(scratch / "ipython"),
        # Connection files of kernels that are killed go with the scratch folder.
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
    }


def execute(task: Task) -> Outcome:
    """Execute one notebook; a kernel that does not start is tried once more."""
    start = perf_counter()
    notebook, failure = None, ""
    for _ in range(2):
        try:
            notebook, failure = _papermill(task)
            break
        except Exception as error:  # whatever keeps a kernel from starting: a taken port, memory, a broken set-up
            failure = f"{task.name}: the kernel did not start ({type(error).__name__}: {error})"
    if notebook is not None:
        failure = _complaint(task, notebook)
    content = b"" if failure or notebook is None else _plain(notebook)
    reads = _reads(notebook) if content else None
    return Outcome(task.name, content, perf_counter() - start, failure, reads)


def _papermill(task: Task) -> tuple[NotebookNode | None, str]:
    """Run papermill; return the executed notebook, or what failed in which cell."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    progress = _Progress()
    try:
        # The only call of papermill. It takes braces in a path for parameters, so they are doubled.
        return execute_notebook(
            str(task.notebook).replace("{", "{{").replace("}", "}}"),
            None,
            parameters=task.parameters,
            engine_name=ENGINES[task.engine],
            kernel_name=KERNEL,
            cwd=str(task.root),
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            execution_timeout=task.timeout,
            on_cell_start=progress.start,
        ), ""
    except PapermillExecutionError as error:
        lines = COLOUR.sub("", "\n".join(error.traceback)).splitlines() or [f"{error.ename}: {error.evalue}"]
        return None, _failure(task, progress.cell, "failed", lines)
    except CellTimeoutError:
        return None, _failure(task, progress.cell, f"took longer than {task.timeout} seconds and was stopped")
    except DeadKernelError:
        return None, _failure(task, progress.cell, "the kernel died")


def _reads(notebook: NotebookNode) -> dict | None:
    """Return the record with which a notebook ends; cells after it could have read more."""
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    return next((output.data[KIND] for output in last.outputs if KIND in output.get("data", {})), None)


def _complaint(task: Task, notebook: NotebookNode) -> str:
    """Return the first warning or message that a cell wrote to stderr, as a failure."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name == "stderr":
                lines = COLOUR.sub("", "".join(output.text)).splitlines()
                return _failure(task, cell.get("id", ""), "wrote to stderr", lines)
    return ""


def _failure(task: Task, cell: str, what: str, lines: list[str] | None = None) -> str:
    tail = [f"    {line}" for line in (lines or []) if line.strip()][-TRACEBACK_LINES:]
    return "\n".join([f"{task.name}: cell {cell or '(none)'}: {what}", *tail])


def _plain(notebook: NotebookNode) -> bytes:
    """Return the notebook as a file without timings, paths and random cell ids."""
    import nbformat

    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected-parameters"
    return (nbformat.writes(notebook, version=4) + "\n").encode("utf-8")
