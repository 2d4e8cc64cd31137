"""Workers: a new process for every piece of work, with a time limit, and none of them left behind."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from functools import cached_property
from multiprocessing import forkserver, util
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import RLock
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from pebble import ProcessExpired, ProcessPool

from eldercare.inputs.problems import _
from eldercare.inputs.project import ROOT_VARIABLE
from eldercare.publish.runner import Outcome, Task, ended

__all__ = ["ProcessExpired", "Workers", "fetch", "outcomes"]

# Exit status told of a process whose work ended it with status 0.
LEFT = 70
# The file that is there while a process works.
MARK = "{}.works"
# Bytes of a folder's name that leave room for a socket's in it.
LONGEST = 70
PRELOADED = "eldercare.publish.preloaded"
# One thread each: they work side by side, and threads of several would only wait for each other.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR")}
ONE_THREAD["VECLIB_MAXIMUM_THREADS"] = "1"


def start_method() -> str:
    """Return how processes begin: forked from a server where that is safe, which it is not with macOS' libraries."""
    forks = sys.platform != "darwin" and "forkserver" in multiprocessing.get_all_start_methods()
    return "forkserver" if forks else "spawn"


class _Process:
    """A process; one that ended while it worked did not end well, and the pool must not wait for its result."""

    def __init__(self, process: BaseProcess, folder: Path):
        self._process, self._folder = process, folder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._process, name)

    @property
    def exitcode(self) -> int | None:
        status = self._process.exitcode
        return LEFT if status == 0 and (self._folder / MARK.format(self.pid)).exists() else status


class _Context:
    """A way to begin processes, whose locks live as long as it: one that begins while the pool ends asks for them."""

    def __init__(self, method: str, folder: Path):
        self._context = multiprocessing.get_context(method)
        self._locks: list[RLock] = []
        self.Process = lambda **about: _Process(self._context.Process(**about), folder)  # type: ignore[attr-defined]
        self.Pipe = self._context.Pipe
        self.get_start_method = self._context.get_start_method

    def RLock(self) -> RLock:
        self._locks.append(self._context.RLock())
        return self._locks[-1]


class Workers:
    """A number of processes that work at the same time, each for one piece of work only; begun when there is some.

    ``root`` is the folder of the project, ``folder`` one for results on their way and for temporary files of the work.
    """

    def __init__(self, root: Path, folder: Path, number: int):
        self.number = number
        self.folder = folder
        # A backend that the user has set for windows of his own, or one that is not there, is not loaded.
        self._variables = {ROOT_VARIABLE: str(root), "MPLBACKEND": "agg"} | ONE_THREAD

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *exception: object) -> None:
        if "_pool" in vars(self):
            self._pool.stop()
            self._pool.join()

    @cached_property
    def _pool(self) -> ProcessPool:
        self.folder.mkdir(parents=True, exist_ok=True)
        if start_method() == "forkserver":
            start_server(self._variables)
        # One more waits, ready, to take the place of one that ends.
        about = (self._variables, str(self.folder))
        return ProcessPool(self.number + 1, 1, _begin, about, _Context(start_method(), self.folder))

    def submit(self, work: Callable[..., Any] | str, *arguments: object, limit: float | None = None) -> Future[Path]:
        """Give a piece of work to the workers; :func:`fetch` returns its result.

        Work that is named, ``module:function``, is loaded only there: a run that finds everything up to date needs
        neither the model nor figures. The result comes back in a file: a worker that is killed while it sends a large
        one through the pipe that all share would leave the others waiting for the rest of it for ever.
        """
        try:
            return self._pool.schedule(_keep, (self.folder, work, arguments), timeout=limit)
        except RuntimeError as error:  # the pool has ended, as when the workers that wait for work were killed
            raise ProcessExpired(str(error)) from error


def fetch(job: Future[Path]) -> Any:
    """Return the result of a piece of work, and remove its file.

    It raises what the work raised; TimeoutError, or pebble's ProcessExpired when its process was killed.
    """
    file = job.result()
    result = pickle.loads(file.read_bytes())
    file.unlink()
    return result


def outcomes(job: Future[Path], tasks: Sequence[Task], limit: float) -> list[Outcome | None]:
    """Return how tasks of :func:`eldercare.publish.runner.execute_all` ended, also when their process was ended.

    None for those that the process was not at then: they are to be begun anew.
    """
    try:
        return fetch(job)
    except CancelledError as error:
        raise ProcessExpired(str(error)) from error
    except TimeoutError:
        return ended(tasks, _("took longer than {limit:g} seconds and was stopped", limit=limit))
    except ProcessExpired as error:
        if error.exitcode == LEFT:
            return ended(tasks, _("ended its own process"))
        return ended(tasks, _("its process was killed (exit status {status})", status=error.exitcode))


def start_server(variables: dict[str, str]) -> None:
    """Start the fork server, which loads the libraries while this process goes on; it ends with this process."""
    before, place = dict(os.environ), tempfile.gettempdir()
    os.environ.update(variables)
    # The address of a socket is short, whatever TMPDIR says; its folder is this user's alone.
    tempfile.tempdir = place if len(os.fsencode(place)) < LONGEST else "/tmp"
    try:
        util.get_temp_dir()
        forkserver.set_forkserver_preload([PRELOADED])
        forkserver.ensure_running()
    finally:
        tempfile.tempdir = place
        os.environ.clear()
        os.environ.update(before)


def _begin(variables: dict[str, str], folder: str) -> None:
    """Prepare a worker: its variables, other random numbers than its brothers, and an end together with its parent."""
    os.environ.update(variables)
    tempfile.tempdir = folder
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _keep(folder: Path, work: Callable[..., Any] | str, arguments: tuple) -> Path:
    do = resolve_name(work) if isinstance(work, str) else work
    handle, name = tempfile.mkstemp(dir=folder)
    (mark := folder / MARK.format(os.getpid())).touch()
    try:
        with os.fdopen(handle, "wb") as stream:
            pickle.dump(do(*arguments), stream)
    finally:
        mark.unlink()
    return Path(name)
