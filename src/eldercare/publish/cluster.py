"""Work beyond one machine: the same pieces go to Dask distributed, and results come back as bytes.

Workers of the cluster need this package, in the same version, and no file of the project: inputs travel with the work.
"""

from __future__ import annotations

import io
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from eldercare.inputs import InputError, Problem
from eldercare.inputs.problems import _
from eldercare.inputs.project import ROOT_VARIABLE
from eldercare.inputs.strays import folders
from eldercare.publish.keys import code_digest, tree_digests
from eldercare.publish.runner import Outcome, Task, ended, execute_all
from eldercare.publish.workers import ONE_THREAD

if TYPE_CHECKING:
    from distributed import Client

WAIT = 20


class Cluster:
    """The workers of a cluster; ``alone`` is the time since when it has none."""

    def __init__(self, client: Client, address: str, executor: Executor):
        self.submit, self.address, self._client, self.alone = executor.submit, address, client, time.monotonic()

    def check(self) -> None:
        """InputError when there has been no worker for so long that none will come."""
        if self._client.nthreads():
            self.alone = time.monotonic()
        elif time.monotonic() - self.alone > WAIT:
            message = _("no worker at this address for {seconds} seconds", seconds=WAIT)
            raise InputError(Problem("--cluster", value=self.address, message=message))


@contextmanager
def cluster(address: str) -> Iterator[Cluster]:
    """Give the workers of a cluster; InputError without Dask, or when no scheduler answers."""
    try:
        from distributed import Client
    except ImportError as error:
        message = _("needs the optional extra cluster: {command}", command="pip install 'eldercare[cluster]'")
        raise InputError(Problem("--cluster", message=message)) from error
    try:
        client = Client(address, timeout=WAIT, set_as_default=False)
    except (OSError, ValueError) as error:
        about = {"seconds": WAIT, "example": "tcp://10.0.0.5:8786"}
        message = _("no Dask scheduler answers within {seconds} seconds; an address looks like {example}", **about)
        raise InputError(Problem("--cluster", value=address, message=message)) from error
    with client, client.get_executor(pure=False) as executor:
        try:
            yield Cluster(client, address, executor)
        finally:
            executor.shutdown(wait=False)  # after a fault it would wait for what nobody does any more
            with suppress(Exception):  # a worker that is gone leaves nothing to remove
                client.run(forget)


def pack(root: Path) -> bytes:
    """Return configuration, data and notebooks of a project as one archive; equal inputs give equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for folder, path in folders(root).items():
            for name in tree_digests(path):
                content = (path / name).read_bytes()
                archive.writestr(zipfile.ZipInfo(f"{folder}/{name}"), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


class Unpacked:
    """A folder with the content of an archive, which is this process's own and goes when nothing works in it.

    It lies in that of the worker, which Dask clears away when the worker has been killed.
    """

    def __init__(self, archive: bytes):
        from distributed import get_worker

        self.root = Path(tempfile.mkdtemp(prefix="eldercare-", dir=get_worker().local_directory))
        weakref.finalize(self, shutil.rmtree, self.root, ignore_errors=True)
        with zipfile.ZipFile(io.BytesIO(archive)) as stream:
            stream.extractall(self.root)


unpack = lru_cache(maxsize=1)(Unpacked)


def forget() -> None:
    """Remove the folder of this process."""
    unpack.cache_clear()


def execute_far(archive: bytes, code_wanted: str, limit: float, tasks: Sequence[Task]) -> list[Outcome | None]:
    """Execute notebooks on a worker of a cluster, in a new process, as :func:`eldercare.publish.workers.outcomes`."""
    if code_digest("results") != code_wanted:
        return [task.failed(_("a worker of the cluster has another version of this package")) for task in tasks]
    unpacked = unpack(archive)  # stays as long as it is named here
    root = unpacked.root
    with tempfile.TemporaryDirectory(prefix="eldercare-", dir=root.parent) as folder:
        result, notebooks = Path(folder, "result"), root / "notebooks"
        here = [
            replace(task, root=root, notebook=notebooks / task.notebook.name, mark=Path(folder, task.mark.name))
            for task in tasks
        ]
        # Workers of a cluster are daemons, which may start no processes of multiprocessing.
        command = [sys.executable, "-m", __name__, str(result)]
        variables, given = os.environ | ONE_THREAD | {ROOT_VARIABLE: str(root), "TMPDIR": folder}, pickle.dumps(here)
        try:
            done = subprocess.run(command, env=variables, input=given, timeout=limit * len(here), check=False)
        except subprocess.TimeoutExpired:
            return ended(here, _("took longer than {limit:g} seconds and was stopped", limit=limit))
        if not result.exists():
            return ended(here, _("its process was killed (exit status {status})", status=done.returncode))
        return pickle.loads(result.read_bytes())


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    Path(sys.argv[1]).write_bytes(pickle.dumps(execute_all(pickle.load(sys.stdin.buffer))))
