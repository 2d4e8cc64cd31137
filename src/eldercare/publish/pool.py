"""Worker processes: started once, kept from the terminal's Ctrl-C, and never left behind."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path

import psutil

GRACE = 3.0
FORK, SPAWN = "forkserver", "spawn"
PRELOADED = "eldercare.publish.preloaded"


def can_fork() -> bool:
    """Say whether processes can be forked here; on macOS they could, but its libraries are not safe with it."""
    return sys.platform != "darwin" and FORK in multiprocessing.get_all_start_methods()


# The debugger that ipykernel loads would print a warning about frozen modules when loaded outside of a kernel.
QUIET = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def start_server(variables: Mapping[str, str]) -> None:
    """Start the fork server, which loads the libraries while this process goes on; it ends with this process."""
    before = dict(os.environ)
    os.environ.update(variables, **QUIET)
    try:
        forkserver.set_forkserver_preload([PRELOADED])
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _start_worker(variables: Mapping[str, str], start: str) -> None:
    """Prepare a worker: its variables, no Ctrl-C of its own, and an end together with the process that asked."""
    os.environ.update(variables)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if start == FORK:
        from eldercare.inputs.project import ROOT_VARIABLE, load_ahead
        from eldercare.publish.kernels import open_nursery

        if ROOT_VARIABLE in variables:
            load_ahead(Path(variables[ROOT_VARIABLE]))
        open_nursery()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        stop([psutil.Process()])


@contextmanager
def workers(number: int, variables: Mapping[str, str], start: str = SPAWN) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of worker processes; when the block is left by an exception, they and their kernels are ended.

    Parameters
    ----------
    number : int
    variables : mapping
        Environment of the workers.
    start : {"spawn", "forkserver"}
        Whether workers start anew, or are forked from the server and have warm kernels.
    """
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        number, mp_context=multiprocessing.get_context(start), initializer=_start_worker, initargs=(variables, start)
    )
    try:
        yield pool
    except BaseException:
        started = [child for child in multiprocessing.active_children() if child not in before]
        stop([psutil.Process(child.pid) for child in started if child.pid and psutil.pid_exists(child.pid)])
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown(cancel_futures=True)


def submit(pool: ProcessPoolExecutor, folder: Path, work: Callable, *arguments: object) -> Future:
    """Submit a piece of work whose result, which :func:`fetch` returns, comes back in a file of a folder.

    A worker that is ended while it sends a large result would leave the pool waiting for the rest of it for ever.
    """
    return pool.submit(_into_file, folder, work, arguments)


def _into_file(folder: Path, work: Callable, arguments: Sequence[object]) -> Path:
    result = work(*arguments)
    handle, name = tempfile.mkstemp(prefix="result-", dir=folder)
    with os.fdopen(handle, "wb") as stream:
        pickle.dump(result, stream)
    return Path(name)


def fetch(job: Future) -> object:
    """Return the result of a piece of work given to :func:`submit`, and remove its file.

    Raises
    ------
    Exception
        What the work raised.
    """
    file = job.result()
    with file.open("rb") as stream:
        result = pickle.load(stream)
    file.unlink()
    return result


def stop(processes: Sequence[psutil.Process]) -> None:
    """End processes and all that they started, the hard way for those that do not go in a few seconds."""
    family = {}
    for process in processes:
        try:
            family |= {p.pid: p for p in (*process.children(recursive=True), process)}
        except psutil.NoSuchProcess:
            continue
    for process in family.values():
        _quietly(process.terminate)
    _, alive = psutil.wait_procs(list(family.values()), timeout=GRACE)
    for process in alive:
        _quietly(process.kill)


def _quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except psutil.NoSuchProcess:
        return
