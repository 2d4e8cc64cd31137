"""Engine: a notebook executed in the process that asks for it, by IPython's shell and without a kernel.

papermill finds it by its entry point (``papermill --engine eldercare IN OUT``), and loads it while it is itself being
imported, so nothing of papermill is imported at the top.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import TextIOBase
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Type
from traitlets.config import Config

if TYPE_CHECKING:
    from papermill.engines import NotebookExecutionManager

INLINE = "module://matplotlib_inline.backend_inline"


class _Publisher(DisplayPublisher):
    """Collects what a cell shows, in its order; an object that is shown again under its name is replaced."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.outputs: list[NotebookNode] = []
        self.named: dict[str, list[NotebookNode]] = {}

    def add(self, kind: str, data: dict, metadata: dict | None, **more: object) -> NotebookNode:
        output = new_output(kind, data=data, metadata=metadata or {}, **more)
        self.outputs.append(output)
        return output

    def publish(
        self, data: dict, metadata: dict | None = None, source: object = None, *, update: bool = False, **about: Any
    ) -> None:
        shown = self.named.setdefault((about.get("transient") or {}).get("display_id", ""), [])
        if not update:
            shown.append(self.add("display_data", data, metadata))
        for output in shown if update else ():
            output.update(data=data, metadata=metadata or {})

    def clear_output(self, wait: bool = False) -> None:
        self.outputs.clear()


class _Hook(DisplayHook):
    """Gives the value of a cell's last line to the publisher."""

    def write_output_prompt(self) -> None: ...

    def finish_displayhook(self) -> None:
        self._is_active = False

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        assert self.shell is not None
        self.shell.display_pub.add("execute_result", format_dict, md_dict, execution_count=self.prompt_count)


class _Stream(TextIOBase):
    """Gives what is written to the publisher, so that texts and displays keep their order."""

    encoding = "utf-8"

    def __init__(self, name: str, outputs: list[NotebookNode]):
        self.name, self.outputs = name, outputs

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last.output_type == "stream" and last.name == self.name:
            last.text += text
        elif text:
            self.outputs.append(new_output("stream", name=self.name, text=text))
        return len(text)


# Named as the shell of a kernel, and with one by name: so pandas and others tell a notebook from a terminal.
class ZMQInteractiveShell(InteractiveShell):
    """A shell that knows nothing of the user's profile, start-up files and history."""

    kernel = None
    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    display_pub: _Publisher
    system = InteractiveShell.system_piped
    failure: NotebookNode | None = None

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: nobody sits before a window."""

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.failure = new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)


def run_cells(manager: NotebookExecutionManager, on_cell_start: Callable[[NotebookNode], object], skip: str) -> None:
    """Execute the cells of a notebook one after the other, but those with a tag, up to the first that fails."""
    # What a kernel would find: the inline backend, and the working directory in the path, after the standard library.
    os.environ["MPLBACKEND"] = INLINE
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcParams["backend"] = INLINE
    if "" not in sys.path:
        sys.path.insert(next((at for at, place in enumerate(sys.path) if place.endswith("-packages")), 0), "")
    with TemporaryDirectory(prefix="ipython-") as folder:
        ZMQInteractiveShell.clear_instance()
        forgetful = Config({"HistoryManager": {"enabled": False}})
        shell = ZMQInteractiveShell.instance(config=forgetful, ipython_dir=folder)
        sys.modules["__main__"] = shell.user_module
        for index, cell in enumerate(manager.nb.cells):
            if cell.cell_type == "code" and cell.source.strip() and skip not in cell.metadata.get("tags", ()):
                manager.cell_start(cell, index)
                on_cell_start(cell)
                run_cell(shell, cell)
                if shell.failure:
                    manager.cell_exception(cell, index)
                    break
                manager.cell_complete(cell, index)


def run_cell(shell: ZMQInteractiveShell, cell: NotebookNode) -> None:
    """Execute one cell and keep what it shows, with the error that ended it."""
    outputs: list[NotebookNode] = []
    cell.outputs = shell.display_pub.outputs = outputs
    cell.execution_count = shell.execution_count
    with redirect_stdout(_Stream("stdout", outputs)), redirect_stderr(_Stream("stderr", outputs)):
        shell.run_cell(cell.source, store_history=True)
    if shell.failure:
        outputs.append(shell.failure)


def __getattr__(name: str) -> type:
    # The engine is made when papermill, which is then being imported itself, asks for it.
    if name != "Engine":
        raise AttributeError(name)
    from papermill.engines import Engine

    class InProcess(Engine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **asked: Any) -> None:
            run_cells(nb_man, asked.get("on_cell_start", str), asked.get("skip_tag", ""))

    return InProcess
